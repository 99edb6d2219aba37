package ingest_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/accountfactory"
	"github.com/vend-cli/vend/internal/aws/bucket"
	"github.com/vend-cli/vend/internal/aws/identitycenter"
	"github.com/vend-cli/vend/internal/aws/organization"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/ingest"
	"github.com/vend-cli/vend/internal/sandbox"
)

const lease = time.Minute

// house is a bucket and a table in a landing zone, inside the bubble of a test.
type house struct {
	t        testing.TB
	box      *sandbox.Sandbox
	settings account.Settings

	aws    *aws.Config
	bucket *bucket.Client
	queue  *queue.Client
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := unversioned(t)
	h.keepVersions()
	return h
}

// unversioned is a house whose bucket keeps no versions.
func unversioned(t testing.TB) *house {
	t.Helper()
	box, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, box: box, settings: account.DefaultSettings(), aws: fixed(box.RoundTripper())}
	h.settings.Enrollment.User = account.User{Email: "platform@example.com", FirstName: "Platform", LastName: "Team"}
	h.bucket, h.queue = bucket.New(*h.aws, "lists"), newQueue(h.aws)
	if err := h.queue.CreateTable(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := h.s3().CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("lists")}); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) keepVersions() {
	h.t.Helper()
	if _, err := h.s3().PutBucketVersioning(h.t.Context(), &s3.PutBucketVersioningInput{
		Bucket:                  aws.String("lists"),
		VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled},
	}); err != nil {
		h.t.Fatal(err)
	}
}

func fixed(transport http.RoundTripper) *aws.Config {
	return config.Fixed("us-east-1", "http://127.0.0.1", "AKIDEXAMPLE", "secret", transport)
}

func newQueue(cfg *aws.Config) *queue.Client {
	return queue.New(*cfg, queue.Options{Table: "vend", Lease: lease, Concurrency: 1, Now: time.Now})
}

func (h *house) s3() *s3.Client {
	return s3.NewFromConfig(*h.aws, func(o *s3.Options) { o.UsePathStyle = true })
}

// reader is the ingester of one process, with the settings of the house.
func (h *house) reader() *ingest.Ingester { return h.readerOver(h.box.RoundTripper()) }

// readerOver is one whose calls go through transport.
func (h *house) readerOver(transport http.RoundTripper) *ingest.Ingester {
	cfg := fixed(transport)
	q := newQueue(cfg)
	factory := accountfactory.New(*cfg, accountfactory.Options{Now: time.Now})
	return ingest.New(
		ingest.Ports{
			Bucket: bucket.New(*cfg, "lists"), Batches: q, Requests: q,
			Organization: organization.New(*cfg, organization.Options{Governed: factory.Governed, Now: q.Now}),
			LandingZone:  factory,
			Identity:     identitycenter.New(*cfg, identitycenter.Options{CallsPerSecond: 20, Outstanding: 10, Now: time.Now}),
		},
		ingest.Options{Bucket: "lists", Prefix: "incoming/", Settings: h.settings, Now: time.Now, Log: slog.New(slog.DiscardHandler)},
	)
}

// list is an account list of such rows: name, e-mail, unit, assignments, tags, account id; what is missing is empty.
func list(rows ...string) string {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	write := func(cells ...string) { _ = w.Write(cells) } // a buffer takes everything
	write("AccountName", "SSOUserEmail", "AccountEmail", "SSOUserFirstName", "SSOUserLastName", "OrgUnit", "Assignments", "Tags", "AccountId")
	for _, row := range rows {
		cells := append(strings.Split(row, ","), "", "", "", "", "", "")
		user := []string{"owner@example.com", "Olivia", "Owner"}
		if cells[5] != "" {
			user = []string{"", "", ""}
		}
		write(cells[0], user[0], cells[1], user[1], user[2], cells[2], cells[3], cells[4], cells[5])
	}
	w.Flush()
	return out.String()
}

// put uploads a file, and says what an event would say of it.
func (h *house) put(key, content string) account.Upload {
	h.t.Helper()
	out, err := h.s3().PutObject(h.t.Context(), &s3.PutObjectInput{Bucket: aws.String("lists"), Key: &key, Body: strings.NewReader(content)})
	if err != nil {
		h.t.Fatal(err)
	}
	return account.Upload{
		Bucket: "lists", Key: key, Version: aws.ToString(out.VersionId), ETag: strings.Trim(aws.ToString(out.ETag), `"`), Size: int64(len(content)),
		Sequencer: fmt.Sprintf("%016X", time.Now().UnixNano()+int64(len(aws.ToString(out.VersionId)))),
	}
}

func batchOf(u account.Upload) string {
	return account.BatchID(u.Bucket, u.Key, ingest.Identity(account.Object{Version: u.Version, ETag: u.ETag}))
}

func (h *house) announce(u account.Upload) {
	h.t.Helper()
	if err := h.reader().Announce(h.t.Context(), u); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) sweep() int {
	h.t.Helper()
	n, err := h.reader().Sweep(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// upload uploads a list and has it read; it returns the batch.
func (h *house) upload(key, content string) string {
	h.t.Helper()
	time.Sleep(2 * time.Second) // later than any other, also by S3's clock
	u := h.put(key, content)
	h.announce(u)
	return batchOf(u)
}

// settle goes on with the batch whenever it is due, until it rests.
func (h *house) settle(id string) {
	h.t.Helper()
	for range 50 {
		time.Sleep(time.Second)
		timers, err := h.queue.Timers(h.t.Context())
		if err != nil {
			h.t.Fatal(err)
		}
		next := time.Duration(-1)
		for _, d := range timers {
			if d.ID == id {
				next = max(0, time.Until(d.At))
			}
		}
		if next < 0 {
			return
		}
		time.Sleep(next)
		if _, err := h.reader().Continue(h.t.Context(), id); err != nil {
			h.t.Fatal(err)
		}
	}
	h.t.Fatalf("batch %s does not come to rest", id)
}

// rest goes on with the batch once.
func (h *house) proceed(id string) {
	h.t.Helper()
	time.Sleep(2 * time.Second)
	if _, err := h.reader().Continue(h.t.Context(), id); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) batch(id string) account.Batch {
	h.t.Helper()
	view, err := h.queue.Overview(h.t.Context(), queue.Filter{Batch: id})
	if err != nil {
		h.t.Fatal(err)
	}
	return view.Batches[0]
}

func (h *house) rows(batch string) []account.Row {
	h.t.Helper()
	rows, err := h.queue.Rows(h.t.Context(), batch)
	if err != nil {
		h.t.Fatal(err)
	}
	return rows
}

// request is the request for the account with an e-mail, the zero value when there is none.
func (h *house) request(email string) account.Request {
	h.t.Helper()
	id := account.ID(email)
	found, err := h.queue.Requests(h.t.Context(), []string{id})
	if err != nil {
		h.t.Fatal(err)
	}
	return found[id].Request
}

// tamper changes a request behind everybody's back, as if it had been a long way.
func (h *house) tamper(email string, change func(*account.Request)) {
	h.t.Helper()
	r := h.request(email)
	change(&r)
	data, err := attributevalue.MarshalWithOptions(r, func(o *attributevalue.EncoderOptions) {
		o.TagKey, o.OmitEmptyTime, o.UseEncodingMarshalers = "json", true, true
	})
	if err != nil {
		h.t.Fatal(err)
	}
	key := map[string]ddbtypes.AttributeValue{
		"pk": &ddbtypes.AttributeValueMemberS{Value: "request#" + r.ID}, "sk": &ddbtypes.AttributeValueMemberS{Value: "request"},
	}
	if _, err := dynamodb.NewFromConfig(*h.aws).UpdateItem(h.t.Context(), &dynamodb.UpdateItemInput{
		TableName: aws.String("vend"), Key: key, UpdateExpression: aws.String("SET #d = :d"),
		ExpressionAttributeNames: map[string]string{"#d": "data"}, ExpressionAttributeValues: map[string]ddbtypes.AttributeValue{":d": data},
	}); err != nil {
		h.t.Fatal(err)
	}
}

// content is what an object says, empty where there is none.
func (h *house) content(key string) string {
	h.t.Helper()
	body, _, err := h.bucket.Open(h.t.Context(), key, "")
	if err != nil {
		return ""
	}
	defer func() { _ = body.Close() }() // it is read
	text, err := io.ReadAll(body)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(text)
}

// versions is how often an object was written.
func (h *house) versions(key string) int {
	h.t.Helper()
	out, err := h.s3().ListObjectVersions(h.t.Context(), &s3.ListObjectVersionsInput{Bucket: aws.String("lists"), Prefix: &key})
	if err != nil {
		h.t.Fatal(err)
	}
	return len(out.Versions)
}

// move saves another stage of a request, as a worker does, and tells its batch.
func (h *house) move(email string, change func(*account.Request)) {
	h.t.Helper()
	claim, err := h.queue.Take(h.t.Context(), account.ID(email))
	if err != nil {
		h.t.Fatal(err)
	}
	next := claim.Request
	change(&next)
	if _, err := h.queue.Save(h.t.Context(), claim, next, account.Release{Rest: !next.Stage.Open()}); err != nil {
		h.t.Fatal(err)
	}
	if err := h.queue.Wake(h.t.Context(), next.Batch); err != nil {
		h.t.Fatal(err)
	}
}

// dispositions are what became of the rows of a batch, with the code of the reason.
func (h *house) dispositions(batch string) (all []string) {
	h.t.Helper()
	for _, r := range h.rows(batch) {
		text := fmt.Sprintf("%d %s", r.Line, r.Disposition)
		if r.Failure != nil {
			text += " " + r.Failure.Code
		}
		all = append(all, text)
	}
	return all
}

// exists makes an account in the organization, and returns its id.
func (h *house) exists(name, email string) string {
	h.t.Helper()
	client := organizations.NewFromConfig(*h.aws)
	made, err := client.CreateAccount(h.t.Context(), &organizations.CreateAccountInput{AccountName: &name, Email: &email})
	if err != nil {
		h.t.Fatal(err)
	}
	time.Sleep(time.Hour)
	status, err := client.DescribeCreateAccountStatus(h.t.Context(), &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: made.CreateAccountStatus.Id})
	if err != nil || aws.ToString(status.CreateAccountStatus.AccountId) == "" {
		h.t.Fatalf("make account %s: %+v, %v", name, status, err)
	}
	return *status.CreateAccountStatus.AccountId
}
