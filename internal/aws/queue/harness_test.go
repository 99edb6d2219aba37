package queue_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/sandbox"
)

const lease = time.Minute

// table is a table in a sandbox. It is made inside the bubble of a test, whose time it follows.
type table struct {
	t   testing.TB
	box *sandbox.Sandbox
}

func newTable(t testing.TB) *table {
	t.Helper()
	box, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	tab := &table{t, box}
	if err := tab.client().CreateTable(t.Context()); err != nil {
		t.Fatal(err)
	}
	return tab
}

// client is a process with a right clock and a good network.
func (tab *table) client() *queue.Client { return tab.clientWith(tab.box.RoundTripper(), time.Now) }

func (tab *table) clientWith(transport http.RoundTripper, now func() time.Time) *queue.Client {
	cfg := config.Fixed("us-east-1", "http://127.0.0.1", "AKIDEXAMPLE", "secret", transport)
	return queue.New(*cfg, queue.Options{Table: "vend", Lease: lease, Concurrency: 2, Now: now})
}

// writes are the calls that a fault can strike.
func write(operation string) bool {
	switch operation {
	case "dynamodb.PutItem", "dynamodb.UpdateItem", "dynamodb.TransactWriteItems", "dynamodb.DeleteItem":
		return true
	}
	return false
}

// fault is a way for the next write to go wrong.
type fault string

const (
	fine        fault = "nothing goes wrong"
	throttled   fault = "it is throttled"
	broken      fault = "it is answered 500 before its effect"
	brokenAfter fault = "it is answered 500 after its effect"
	dropped     fault = "its answer is lost"
	late        fault = "it arrives two seconds after its sender has given it up"
)

var faults = []fault{fine, throttled, broken, brokenAfter, dropped, late}

// struck is a client whose nth write (from 1) goes wrong.
func (tab *table) struck(f fault, nth int) *queue.Client {
	return tab.clientWith(&striker{next: tab.box.RoundTripper(), fault: f, nth: nth}, time.Now)
}

type striker struct {
	next  http.RoundTripper
	fault fault

	mu  sync.Mutex
	nth int
}

func (s *striker) RoundTrip(r *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	s.mu.Lock()
	f := fine
	if write("dynamodb." + operation) {
		if s.nth--; s.nth == 0 {
			f = s.fault
		}
	}
	s.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer := func(status int, code string) *http.Response {
		return &http.Response{
			StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
			Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}, "Date": {time.Now().UTC().Format(http.TimeFormat)}},
			Body:   io.NopCloser(strings.NewReader(`{"__type":"com.amazonaws.dynamodb.v20120810#` + code + `","message":"planted"}`)),
		}
	}
	switch f {
	case throttled:
		return answer(http.StatusBadRequest, "ThrottlingException"), nil
	case broken:
		return answer(http.StatusInternalServerError, "InternalServerError"), nil
	case late:
		r = r.Clone(context.WithoutCancel(r.Context()))
		r.Body = io.NopCloser(bytes.NewReader(body))
		go func() {
			time.Sleep(2 * time.Second)
			if response, err := s.next.RoundTrip(r); err == nil {
				_ = response.Body.Close()
			}
		}()
		return nil, errors.New("connection reset by peer")
	}
	response, err := s.next.RoundTrip(r)
	switch {
	case err != nil || f == fine:
		return response, err
	case f == dropped:
		return nil, io.ErrUnexpectedEOF
	}
	return answer(http.StatusInternalServerError, "InternalServerError"), nil
}

// batchOf is the nth upload of a test.
func batchOf(n int) account.Batch {
	key := fmt.Sprintf("incoming/%d.csv", n)
	return account.Batch{
		ID: account.BatchID("lists", key, "v1"), Bucket: "lists", Key: key, Version: "v1",
		Sequence: fmt.Sprintf("2026-01-01T00:00:%02dZ#%032d#v1", n, n), SubmittedAt: time.Date(2026, 1, 1, 0, 0, n, 0, time.UTC),
	}
}

// requestOf is what a row of a batch asks for.
func requestOf(b account.Batch, line int) account.Request {
	email := fmt.Sprintf("account-%d@example.com", line)
	return account.Request{
		ID: account.ID(email), Kind: account.Create, Batch: b.ID, Row: line, Sequence: b.Sequence, Generation: 1,
		Turn: b.Turn(line), Name: fmt.Sprintf("account-%d", line), Email: email,
		Unit: account.OrganizationalUnit{ID: "ou-ab12-11111111", Name: "Prod", Path: "Workloads/Prod"}, Stage: account.Queued,
	}
}

func entryOf(r account.Request) account.Entry {
	return account.Entry{Request: &r, Row: account.Row{Batch: r.Batch, Line: r.Row, RequestID: r.ID, Disposition: account.Added}}
}

// add puts n new requests of a batch into the queue.
func (tab *table) add(b account.Batch, n int) []account.Request {
	tab.t.Helper()
	requests := make([]account.Request, n)
	entries := make([]account.Entry, n)
	for i := range requests {
		requests[i] = requestOf(b, i+2)
		entries[i] = entryOf(requests[i])
	}
	if written, err := tab.client().Add(tab.t.Context(), entries); err != nil || written != n {
		tab.t.Fatalf("Add = %d, %v", written, err)
	}
	return requests
}

// claim claims what is there to be claimed.
func (tab *table) claim(c *queue.Client, id string) account.Claim {
	tab.t.Helper()
	claim, err := c.Claim(tab.t.Context(), id)
	if err != nil {
		tab.t.Fatal(err)
	}
	return claim
}

// save saves what nobody keeps from being saved.
func (tab *table) save(c *queue.Client, claim account.Claim, next account.Request, rel account.Release, events ...account.Event) account.Claim {
	tab.t.Helper()
	saved, err := c.Save(tab.t.Context(), claim, next, rel, events...)
	if err != nil {
		tab.t.Fatal(err)
	}
	return saved
}

// timer is when the item comes due by the index, and whether it is there at all.
func (tab *table) timer(id string) (account.Due, bool) {
	tab.t.Helper()
	time.Sleep(time.Second) // the index lags
	timers, err := tab.client().Timers(tab.t.Context())
	if err != nil {
		tab.t.Fatal(err)
	}
	for _, d := range timers {
		if d.ID == id {
			return d, true
		}
	}
	return account.Due{}, false
}

// items are all items of the table, by "pk sk". Only a test scans.
func (tab *table) items() map[string]map[string]types.AttributeValue {
	tab.t.Helper()
	cfg := config.Fixed("us-east-1", "http://127.0.0.1", "AKIDEXAMPLE", "secret", tab.box.RoundTripper())
	pages := dynamodb.NewScanPaginator(dynamodb.NewFromConfig(*cfg), &dynamodb.ScanInput{TableName: aws.String("vend"), ConsistentRead: aws.Bool(true)})
	all := map[string]map[string]types.AttributeValue{}
	for pages.HasMorePages() {
		page, err := pages.NextPage(tab.t.Context())
		if err != nil {
			tab.t.Fatal(err)
		}
		for _, it := range page.Items {
			all[value[string](tab.t, it, "pk")+" "+value[string](tab.t, it, "sk")] = it
		}
	}
	return all
}

func value[T any](t testing.TB, it map[string]types.AttributeValue, name string) (v T) {
	t.Helper()
	if err := attributevalue.UnmarshalWithOptions(it[name], &v, func(o *attributevalue.DecoderOptions) {
		o.TagKey, o.UseEncodingUnmarshalers = "json", true
	}); err != nil {
		t.Fatalf("read %s of %v: %v", name, it["pk"], err)
	}
	return v
}

// consistent holds the counters and the slots against the requests and rows themselves.
func (tab *table) consistent() {
	tab.t.Helper()
	counted, want := map[string]map[string]int{}, map[string]map[string]int{"pipeline": {}}
	taken, slots, most := 0, 0, 0
	note := func(batch, stage string) {
		if want[batch] == nil {
			want[batch] = map[string]int{}
		}
		want[batch][stage]++
		want["pipeline"][stage]++
	}
	for at, it := range tab.items() {
		pk, sk, _ := strings.Cut(at, " ")
		switch {
		case sk == "request":
			r := value[account.Request](tab.t, it, "data")
			note(r.Batch, string(r.Stage))
			if r.Slot {
				taken++
			}
			if r.Slot != (it["slot"] != nil) {
				tab.t.Errorf("request %s holds a slot: %t, and its item says otherwise", r.ID, r.Slot)
			}
		case strings.HasPrefix(sk, "row#"):
			if row := value[account.Row](tab.t, it, "data"); row.Disposition == account.RowRefused {
				note(row.Batch, string(account.Rejected))
			}
		case sk == "slots":
			slots = value[int](tab.t, it, "inFlight")
			most = value[int](tab.t, it, "concurrency")
		case sk == "counts":
			counts := map[string]int{}
			for name := range maps.Keys(it) {
				if name == "pk" || name == "sk" || name == "changes" {
					continue
				}
				n := value[int](tab.t, it, name)
				if n < 0 {
					tab.t.Errorf("the counter of %s %s is %d", pk, name, n)
				}
				if n != 0 {
					counts[name] = n
				}
			}
			if len(counts) > 0 {
				counted[strings.TrimPrefix(pk, "batch#")] = counts
			}
		}
	}
	if len(want["pipeline"]) == 0 {
		delete(want, "pipeline")
	}
	if diff := cmp.Diff(want, counted); diff != "" {
		tab.t.Errorf("the counters do not say what there is, -there +counted:\n%s", diff)
	}
	if most == 0 {
		most = 2
	}
	if slots != taken || slots > most {
		tab.t.Errorf("%d requests hold a slot, %d are counted, %d are allowed", taken, slots, most)
	}
}

// skewed is a local clock that is wrong by d, with or without a monotonic reading.
func skewed(d time.Duration, monotonic bool) func() time.Time {
	return func() time.Time {
		now := time.Now().Add(d)
		if !monotonic {
			now = now.Round(0)
		}
		return now
	}
}

// put sets attributes of an item behind the queue's back.
func (tab *table) put(pk, sk string, attributes map[string]int) {
	tab.t.Helper()
	it := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk}}
	for name, n := range attributes {
		it[name] = &types.AttributeValueMemberN{Value: fmt.Sprint(n)}
	}
	cfg := config.Fixed("us-east-1", "http://127.0.0.1", "AKIDEXAMPLE", "secret", tab.box.RoundTripper())
	if _, err := dynamodb.NewFromConfig(*cfg).PutItem(tab.t.Context(), &dynamodb.PutItemInput{TableName: aws.String("vend"), Item: it}); err != nil {
		tab.t.Fatal(err)
	}
}

// unindex takes a request out of the index behind the queue's back.
func (tab *table) unindex(id string) {
	tab.t.Helper()
	cfg := config.Fixed("us-east-1", "http://127.0.0.1", "AKIDEXAMPLE", "secret", tab.box.RoundTripper())
	if _, err := dynamodb.NewFromConfig(*cfg).UpdateItem(tab.t.Context(), &dynamodb.UpdateItemInput{
		TableName: aws.String("vend"), UpdateExpression: aws.String("REMOVE #q, due"), ExpressionAttributeNames: map[string]string{"#q": "queue"},
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "request#" + id}, "sk": &types.AttributeValueMemberS{Value: "request"},
		},
	}); err != nil {
		tab.t.Fatal(err)
	}
}

// newOutage loses every answer, and every call after the first, while the network is down.
func newOutage(tab *table, down *atomic.Bool) func(*http.Request) (*http.Response, error) {
	sent := false
	return func(r *http.Request) (*http.Response, error) {
		if !down.Load() {
			return tab.box.RoundTripper().RoundTrip(r)
		}
		if !sent {
			sent = true
			if response, err := tab.box.RoundTripper().RoundTrip(r); err == nil {
				_ = response.Body.Close()
			}
		}
		return nil, errors.New("no route to host")
	}
}

// takeOver claims what somebody has just claimed, as soon as that is possible and not before.
func takeOver(t testing.TB, claim func() error) {
	t.Helper()
	if err := claim(); !errors.Is(err, account.ErrStale) {
		t.Errorf("it can be claimed at once: %v", err)
	}
	time.Sleep(lease - 25*time.Second)
	for {
		err := claim()
		if err == nil {
			return
		}
		if !errors.Is(err, account.ErrStale) {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}
