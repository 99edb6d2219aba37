package engine_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/worker"
)

// added puts a request into the table, queued.
func (h *house) added(q *queue.Client) account.Request {
	h.t.Helper()
	r := account.Request{
		ID: account.ID(one), Kind: account.Enroll, Batch: "b-1", Row: 2, Turn: "1", Name: "crash-one", Email: one, AccountID: "222222222299",
		Stage: account.Queued, Generation: 1,
	}
	if _, err := q.Add(h.t.Context(), []account.Entry{{Row: account.Row{Batch: "b-1", Line: 2, RequestID: r.ID, Disposition: account.Added}, Request: &r}}); err != nil {
		h.t.Fatal(err)
	}
	return r
}

// A claim or a save whose answer was lost, or was an error of AWS's own, is there nevertheless: nobody else has it.
func TestALostAnswerIsNoConflict(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]string{
		"no answer":       `"kind":"drop-after-effect"`,
		"AWS's own error": `"kind":"error-after-effect","code":"InternalServerError","status":500`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scene(t, func(t *testing.T, h *house) {
				q := h.mustEngine().Queue
				r := h.added(q)
				h.plant(`[{"operation":"dynamodb.UpdateItem",` + kind + `},{"operation":"dynamodb.PutItem",` + kind + `},{"operation":"dynamodb.TransactWriteItems",` + kind + `}]`)
				claim, err := q.Claim(t.Context(), r.ID)
				if err != nil {
					t.Fatalf("the claim: %v", err)
				}
				next := claim.Request
				next.Waiting = "a plain write"
				if claim, err = q.Save(t.Context(), claim, next, account.Release{Keep: true}); err != nil {
					t.Fatalf("the first save: %v", err)
				}
				next.Stage = account.Preparing
				if claim, err = q.Save(t.Context(), claim, next, account.Release{Keep: true}); err != nil {
					t.Fatalf("the second save: %v", err)
				}
				if _, err = q.Save(t.Context(), claim, next, account.Release{}); err != nil {
					t.Fatalf("the last save: %v", err)
				}
			})
		})
	}
}

// What a former owner saves after another has taken over changes nothing.
func TestAFormerOwnerSavesNothing(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		q := h.mustEngine().Queue
		r := h.added(q)
		former, err := q.Claim(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := q.Claim(t.Context(), r.ID); !errors.Is(err, account.ErrStale) {
			t.Errorf("a second claim gives %v", err)
		}
		time.Sleep(2 * time.Minute)
		if left := former.Left(time.Now()); left > 0 {
			t.Errorf("the former owner trusts its claim for another %s", left)
		}
		present, err := q.Claim(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		next := former.Request
		next.Waiting = "from the grave"
		if _, err := q.Save(t.Context(), former, next, account.Release{}); !errors.Is(err, account.ErrStale) {
			t.Errorf("a save of the former owner gives %v", err)
		}
		if got := h.request(one).Waiting; got != "" {
			t.Errorf("it was saved: %s", got)
		}
		if _, err := q.Save(t.Context(), present, present.Request, account.Release{}); err != nil {
			t.Errorf("the present owner can't save: %v", err)
		}
	})
}

// An event comes while the request is in somebody's hand: it is due as soon as it is let go.
func TestAWakeInHandIsKept(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		q := h.mustEngine().Queue
		r := h.added(q)
		claim, err := q.Claim(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := q.Wake(t.Context(), r.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := q.Save(t.Context(), claim, claim.Request, account.Release{In: time.Hour}); err != nil {
			t.Fatal(err)
		}
		if _, err := q.Claim(t.Context(), r.ID); err != nil {
			t.Errorf("it is not due: %v", err)
		}
	})
}

// Two lists with one e-mail are read at the same time: both readers saw that nobody had asked for the account.
func TestTwoReadersAddOneRequest(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		q := h.mustEngine().Queue
		r := h.added(q)
		other := r
		other.Batch, other.Name = "b-2", "another"
		entry := account.Entry{Row: account.Row{Batch: "b-2", Line: 2, RequestID: r.ID, Disposition: account.Added}, Request: &other}
		if _, err := q.Add(t.Context(), []account.Entry{entry}); !errors.Is(err, account.ErrStale) {
			t.Errorf("the second Add gives %v", err)
		}
		open, err := q.Open(t.Context())
		if err != nil || open.Counts[account.Queued] != 1 {
			t.Errorf("the counters are %v, %v", open.Counts, err)
		}
		if name := h.request(one).Name; name != "crash-one" {
			t.Errorf("the request is now that of %s", name)
		}
	})
}

// A list has more rows than one answer of DynamoDB holds; each of them is counted, and shown.
func TestALongListIsReadToItsEnd(t *testing.T) {
	withoutRacing(t)
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		const n = 4000
		rows := make([]string, n)
		for i := range rows {
			rows[i] = fmt.Sprintf("account-%d,account-%d@example.com,%s,AWSReadOnlyAccess/Auditors", i, i, strings.Repeat("Nowhere", 20))
		}
		h.upload("accounts.csv", list(rows...))
		h.work()
		if view := h.overview(queue.Filter{All: true}); len(view.Rejected) != n {
			t.Errorf("%d of %d rows are shown", len(view.Rejected), n)
		}
	})
}

// A process dies right after each of its transactions: what belongs together was written together.
func TestEveryTransactionMayBeTheLast(t *testing.T) {
	t.Parallel()
	for n, reached := 1, true; reached; n++ {
		scene(t, func(t *testing.T, h *house) {
			h.watch(1)
			h.upload("accounts.csv", list(threeRows[:1]...))
			p := newProcess(h.sandbox, 1, nil)
			network, seen := p.next, 0
			p.next = through(func(r *http.Request) (*http.Response, error) {
				response, err := network.RoundTrip(r)
				if strings.HasSuffix(operation(r), ".TransactWriteItems") {
					if seen++; seen == n {
						p.kill()
						return nil, errDead
					}
				}
				return response, err
			})
			h.runUntilDead(p)
			reached = p.dead
			h.runUntilDead(newProcess(h.sandbox, 2, nil))
			h.settled(asked(threeRows[:1]))
			if len(h.violations) > 0 {
				t.Errorf("it died after transaction %d", n)
				reached = false
			}
		})
	}
}

// The index shows new requests half a second late; whoever looks only once orders the first of them all the same.
func TestOneLookReadsAListAndOrders(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		h.upload("accounts.csv", list(threeRows...))
		if err := h.mustEngine().Work(t.Context(), worker.Options{Once: true}); err != nil {
			t.Fatal(err)
		}
		if r := h.request(one); r.Stage != account.Provisioning {
			t.Errorf("after one look it is %s", r.Stage)
		}
		began := time.Now()
		if err := h.mustEngine().Work(t.Context(), worker.Options{Once: true}); err != nil || time.Since(began) > time.Second {
			t.Errorf("with nothing to do one look takes %s: %v", time.Since(began), err)
		}
	})
}
