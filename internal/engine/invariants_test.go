package engine_test

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/bucket"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// watch holds the promises against the world after every call, and lets the faults strike.
func (h *house) watch(concurrency int) {
	observer := h.mustEngine().Queue
	var most atomic.Int64 // accepted rows seen so far
	h.sandbox.Intercept(func(r sandbox.Request) sandbox.Verdict {
		verdict := strike(r)
		switch {
		case r.Operation == "servicecatalog.ProvisionProduct" && !r.Done && verdict == (sandbox.Verdict{}):
			h.tokenIsSaved(observer, r)
		case r.Operation == "dynamodb.TransactWriteItems" && r.Done && r.HTTP.Header.Get("X-Observer") == "":
			h.noRowIsLost(observer, &most)
		}
		if n := h.inFlight(); n > concurrency {
			h.violated("%d account operations in flight after %s, concurrency is %d", n, r.Operation, concurrency)
		}
		return verdict
	})
}

// violated fails the test with what breaks a promise.
func (h *house) violated(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.violations = append(h.violations, fmt.Sprintf(format, args...))
}

// tokenIsSaved: no order leaves whose token is not on its item yet.
func (h *house) tokenIsSaved(q *queue.Client, r sandbox.Request) {
	var in struct{ ProvisionedProductName, ProvisionToken string }
	if err := json.Unmarshal(r.Body, &in); err != nil {
		h.violated("an order that can't be read: %v", err)
		return
	}
	id, _, _ := strings.Cut(strings.TrimPrefix(in.ProvisionedProductName, "vend-"), "-g")
	found, err := q.Requests(h.t.Context(), []string{id})
	if err != nil {
		h.violated("look at request %s: %v", id, err)
		return
	}
	if saved := found[id].Request.Order.Token; saved != in.ProvisionToken || saved == "" {
		h.violated("an order for %s left with token %q, saved is %q", id, in.ProvisionToken, saved)
	}
	if !found[id].Request.Slot {
		h.violated("an order for %s left without a slot", id)
	}
}

// noRowIsLost: the accepted rows equal the sum over stages, at every instant, and never get fewer.
func (h *house) noRowIsLost(q *queue.Client, most *atomic.Int64) {
	floor := int(most.Load()) // before the counters are read: others may be here, too
	open, err := q.Open(h.t.Context())
	if err != nil {
		h.violated("look at the counters: %v", err)
		return
	}
	sum := 0
	for stage, n := range open.Counts {
		if n < 0 {
			h.violated("the counter of %s is %d", stage, n)
		}
		sum += n
	}
	if sum < floor {
		h.violated("%d rows were accepted, %d are left", floor, sum)
	}
	if open.InFlight < 0 {
		h.violated("%d slots are taken", open.InFlight)
	}
	most.Store(int64(max(floor, sum)))
}

// inFlight counts the account operations that AWS is working on.
func (h *house) inFlight() (n int) {
	h.sandbox.World().Do(func() {
		for _, r := range h.sandbox.World().AccountFactory.Records {
			if !r.Ended() {
				n++
			}
		}
	})
	return n
}

// settled holds the end against what was asked for: each row's account exists exactly once, made by exactly one order,
// with exactly its assignments; counters and slots agree.
func (h *house) settled(want []account.Request) {
	q := h.mustEngine().Queue
	ids := make([]string, len(want))
	for i, r := range want {
		ids[i] = account.ID(r.Email)
	}
	found, err := q.Requests(h.t.Context(), ids)
	if err != nil {
		h.t.Fatal(err)
	}
	for i, id := range ids {
		r := found[id].Request
		if r.Stage != account.Done {
			h.violated("row %d ends %s (%s) %+v", i+2, r.Stage, r.Waiting, r.Failure)
			continue
		}
		h.madeOnce(r)
		h.assigned(r)
		h.reported(r)
	}
	open, err := q.Open(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	if open.Counts[account.Done] != len(want) || len(open.Counts) != 1 || open.InFlight != 0 {
		h.violated("the counters end as %v with %d in flight", open.Counts, open.InFlight)
	}
	h.told()
}

// told holds against what was published that people know of each batch that it was finished, were not told over and over,
// and read no address.
func (h *house) told() {
	h.t.Helper()
	finished, sent := map[string]int{}, map[string]int{}
	for _, m := range h.sandbox.Published() {
		id := batchID.FindString(m.Message)
		sent[id]++
		if strings.Contains(m.Message, "is finished") {
			finished[id]++
		}
		if strings.Contains(m.Subject+m.Message, "@example") {
			h.violated("people are told an address: %s", m.Message)
		}
	}
	for _, b := range h.overview(queue.Filter{All: true}).Batches {
		if b.State != account.BatchFinished || b.Failure != nil {
			continue
		}
		if finished[b.ID] == 0 {
			h.violated("nobody was told that batch %s is finished", b.ID)
		}
		const again = 3 // for a crash between a message and its note, and for a batch that was opened again
		digests := 1 + int(b.FinishedAt.Sub(b.SubmittedAt)/(10*h.config.Settings.ResultsInterval.Std()))
		if finished[b.ID] > again || sent[b.ID] > digests+2*again {
			h.violated("%d messages for batch %s, %d of them that it is finished", sent[b.ID], b.ID, finished[b.ID])
		}
	}
}

var batchID = regexp.MustCompile(`b-[0-9a-f]{12}`)

func (h *house) madeOnce(r account.Request) {
	w := h.sandbox.World()
	w.Do(func() {
		var accounts, orders []string
		for _, a := range w.Accounts() {
			if strings.EqualFold(a.Email, r.Email) {
				accounts = append(accounts, a.ID)
			}
		}
		for _, rec := range w.AccountFactory.Records {
			if rec.Type == "PROVISION_PRODUCT" && strings.EqualFold(rec.Parameters["AccountEmail"], r.Email) {
				orders = append(orders, rec.ID+" "+rec.Status)
			}
		}
		if !slices.Equal(accounts, []string{r.AccountID}) {
			h.violated("accounts of %s are %v, the request says %s", r.ID, accounts, r.AccountID)
		}
		if len(orders) != 1 {
			h.violated("request %s was ordered %d times: %v", r.ID, len(orders), orders)
		}
	})
}

func (h *house) assigned(r account.Request) {
	w := h.sandbox.World()
	w.Do(func() {
		for _, a := range r.Assignments {
			if a.State != account.AssignmentDone {
				h.violated("assignment %s of %s is %s", a, r.ID, a.State)
			}
			n := 0
			for _, there := range w.IdentityCenter.Assignments {
				if there == (world.Assignment{Account: r.AccountID, PermissionSet: a.PermissionSetARN, PrincipalType: string(a.PrincipalType), Principal: a.PrincipalID}) {
					n++
				}
			}
			if n != 1 {
				h.violated("assignment %s of %s exists %d times", a, r.ID, n)
			}
		}
	})
}

// reported: the results beside the upload say what came of the request.
func (h *house) reported(r account.Request) {
	body, _, err := bucket.New(*h.options(h.sandbox.RoundTripper()).AWS, h.config.Bucket).Open(h.t.Context(), "results/accounts.csv", "")
	if err != nil {
		h.violated("the results: %v", err)
		return
	}
	defer func() { _ = body.Close() }()
	content, err := io.ReadAll(body)
	if err != nil {
		h.t.Fatal(err)
	}
	for line := range strings.Lines(string(content)) {
		mine := strings.Contains(line, r.Email) || r.Kind == account.Enroll // whose row may name nothing but the account
		if mine && strings.Contains(line, ","+r.AccountID) && strings.Contains(line, string(account.Done)) {
			return
		}
	}
	h.violated("the results do not say that %s is done with account %s:\n%s", r.ID, r.AccountID, content)
}
