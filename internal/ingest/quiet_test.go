package ingest_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/vend-cli/vend/internal/account"
)

// An open batch looks every quarter of an hour whether it has changed although nobody said so. Where one process looks all
// the time, it claims the batch only when there is something to do.
func TestABatchThatHasNotChangedIsPutOff(t *testing.T) {
	t.Parallel()
	const check = 15 * time.Minute
	untold := func(h *house) { // its request ends, and whoever has ended it dies
		claim, err := h.queue.Take(h.t.Context(), account.ID("one@example.com"))
		if err != nil {
			h.t.Fatal(err)
		}
		next := claim.Request
		next.Stage = account.Failed
		if _, err := h.queue.Save(h.t.Context(), claim, next, account.Release{Rest: true}); err != nil {
			h.t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		meanwhile func(h *house, batch string)
		after     time.Duration
		want      account.BatchState
		claims    int64
		in        time.Duration
		err       error
	}{
		"nothing has happened":       {func(*house, string) {}, check, account.BatchOpen, 0, check, nil},
		"a request has ended untold": {func(h *house, _ string) { untold(h) }, check, account.BatchFinished, 2, 0, nil},
		"somebody has woken it": {func(h *house, batch string) {
			if err := h.queue.Wake(h.t.Context(), batch); err != nil {
				h.t.Fatal(err)
			}
		}, time.Second, account.BatchOpen, 2, check, nil},
		"somebody has woken it at that time": {func(h *house, batch string) {
			time.Sleep(check)
			if err := h.queue.Wake(h.t.Context(), batch); err != nil {
				h.t.Fatal(err)
			}
		}, time.Second, account.BatchOpen, 2, check, nil},
		"somebody else has it in hand": {func(h *house, batch string) {
			time.Sleep(check)
			if _, err := h.queue.ClaimBatch(h.t.Context(), batch); err != nil {
				h.t.Fatal(err)
			}
		}, time.Second, account.BatchOpen, 1, 0, account.ErrStale},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				id := h.upload("incoming/x.csv", list("one,one@example.com,Sandbox"))
				g := h.reader()
				if rel, err := g.Continue(t.Context(), id); err != nil || rel.In != check {
					t.Fatalf("it is let go as %+v, %v", rel, err)
				}
				before := h.version(id)
				test.meanwhile(h, id)
				time.Sleep(test.after)
				rel, err := g.Continue(t.Context(), id)
				if !errors.Is(err, test.err) || rel.In != test.in {
					t.Errorf("it is let go as %+v, %v", rel, err)
				}
				if b, n := h.batch(id), h.version(id)-before; b.State != test.want || n != test.claims {
					t.Errorf("the batch is %s, %d versions later", b.State, n)
				}
				if test.want != account.BatchOpen || test.err != nil {
					return
				}
				time.Sleep(2 * time.Second) // until the index shows it
				timers, err := h.queue.Timers(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range timers {
					if in := time.Until(d.At); d.ID == id && (in < check-4*time.Second || in > check) {
						t.Errorf("it comes due in %s", in)
					}
				}
			})
		})
	}
}

// A list is fetched once by a process that writes its results again and again, but each time from a bucket without versions,
// whose object may have been replaced.
func TestAListIsFetchedOnceForItsResults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		house func(testing.TB) *house
		reads int
	}{"a version": {newHouse, 1}, "no version": {unversioned, 3}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := test.house(t)
				id := h.upload("incoming/x.csv", list("one,one@example.com,Sandbox", "two,two@example.com,Sandbox", "three,three@example.com,Sandbox"))
				g := h.reader()
				known, _ := h.box.Calls()
				before := known["s3.GetObject"]
				for i, email := range []string{"one@example.com", "two@example.com", "three@example.com"} {
					h.move(email, func(r *account.Request) { r.Stage = account.Failed })
					time.Sleep(time.Minute)
					if _, err := g.Continue(t.Context(), id); err != nil {
						t.Fatal(err)
					}
					if outcome, _ := h.results("results/x.csv"); outcome[i] != "failed" {
						t.Errorf("row %d is %q", i+2, outcome[i])
					}
				}
				known, _ = h.box.Calls()
				if n := known["s3.GetObject"] - before - 3; n != test.reads { // three are the test's own
					t.Errorf("the list was fetched %d times", n)
				}
			})
		})
	}
}

// version is how often a batch was claimed and saved.
func (h *house) version(id string) (n int64) {
	h.t.Helper()
	out, err := dynamodb.NewFromConfig(*h.aws).GetItem(h.t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String("vend"), ConsistentRead: aws.Bool(true), Key: map[string]ddbtypes.AttributeValue{
			"pk": &ddbtypes.AttributeValueMemberS{Value: "batch#" + id}, "sk": &ddbtypes.AttributeValueMemberS{Value: "batch"},
		},
	})
	if err != nil {
		h.t.Fatal(err)
	}
	if err := attributevalue.Unmarshal(out.Item["version"], &n); err != nil {
		h.t.Fatal(err)
	}
	return n
}
