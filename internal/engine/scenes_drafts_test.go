package engine_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/worker"
)

// p freezes with its order in its hand; q takes over, its own order is refused, and the operator wants to cancel or uploads
// other data; another row waits for the slot; p thaws. What broke: the refusal gave back the slot and let the request be
// cancelled, and then p's order arrived, for an account that nobody asked for any more, as a second one in flight.
func TestARefusalWaitsForTheOrderOfAFrozenProcess(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		thaw time.Duration // after the freeze
		want []string
	}{
		"it arrives": {4 * time.Minute, []string{"PROVISION_PRODUCT SUCCEEDED g1", "PROVISION_PRODUCT SUCCEEDED g1"}},
		"too late":   {time.Hour, []string{"PROVISION_PRODUCT SUCCEEDED g1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scene(t, func(t *testing.T, h *house) {
				h.sandbox.Intercept(func(r sandbox.Request) sandbox.Verdict {
					if n := h.inFlight(); n > 1 {
						h.violated("%d account operations in flight", n)
					}
					return strike(r)
				})
				h.upload("accounts.csv", list(threeRows[:2]...))
				network := freeze(h.sandbox, ".ProvisionProduct")
				frozen := h.start(network, 0, worker.Options{})
				thaw := sync.OnceFunc(func() { close(network.thaw) })
				t.Cleanup(thaw)
				<-network.since
				began := time.Now()
				other := h.start(through(func(r *http.Request) (*http.Response, error) {
					if strings.HasSuffix(operation(r), ".ProvisionProduct") && h.request(two).Stage == account.Queued {
						r = r.Clone(r.Context())
						r.Header.Set(faultHeader, refusedFault)
					}
					return h.sandbox.RoundTripper().RoundTrip(r)
				}), 0, worker.Options{})
				time.Sleep(3 * time.Minute)
				r := h.request(one)
				if !r.Slot || r.Stage == account.Failed {
					t.Errorf("three minutes later it is %s, slot %t: %+v", r.Stage, r.Slot, r.Failure)
				}
				if _, err := h.mustEngine().Cancel(t.Context(), []string{r.ID}); err == nil {
					t.Error("it was cancelled while an order may be on its way")
				}
				h.upload("other.csv", list("crash-one,crash-one@example.com,Sandbox,AWSReadOnlyAccess/Auditors"))
				time.Sleep(c.thaw - time.Since(began))
				if c.thaw > 30*time.Minute {
					if r := h.until(one, account.Failed, time.Hour); r.Slot {
						t.Error("it failed with a slot")
					}
					if _, err := h.mustEngine().Cancel(t.Context(), []string{r.ID}); err != nil {
						t.Error(err)
					}
				}
				thaw()
				h.until(two, account.Done, 2*time.Hour)
				time.Sleep(time.Hour)
				for _, stop := range []func() error{frozen, other} {
					if err := stop(); err != nil {
						t.Error(err)
					}
				}
				h.expect("orders", h.orders(), c.want...)
				if want := map[bool]account.Stage{true: account.Done, false: account.Cancelled}[len(c.want) == 2]; h.request(one).Stage != want {
					t.Errorf("it ends %s, not %s: %+v", h.request(one).Stage, want, h.request(one).Failure)
				}
			})
		})
	}
}

// r fails without an account and waits for a human, s starts, and r is resumed: clearing its leftover away is an account
// operation, too. What broke: it took no slot, so two were in flight.
func TestClearingALeftoverTakesASlot(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]string{"by itself": failsOnce, "after resume": fails("", "It did not work.", "none")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scene(t, func(t *testing.T, h *house) {
				h.watch(1)
				h.plant(kind)
				h.upload("accounts.csv", list(threeRows[:2]...))
				stop := h.start(nil, 0, worker.Options{})
				if name == "after resume" {
					r := h.until(one, account.Failed, time.Hour)
					h.until(two, account.Provisioning, time.Hour)
					h.resume(engine.ResumeOptions{Requests: []string{r.ID}})
					time.Sleep(10 * time.Second)
					if r := h.request(one); r.Slot || r.Clearing.RecordID != "" {
						t.Errorf("it goes on beside the other one: slot %t, %+v", r.Slot, r.Clearing)
					}
				}
				h.until(one, account.Done, time.Hour)
				h.until(two, account.Done, time.Hour)
				if err := stop(); err != nil {
					t.Error(err)
				}
				h.expect("products", h.products(), map[string][]string{
					"by itself": {"AVAILABLE g2", "AVAILABLE g1"}, "after resume": {"AVAILABLE g1", "AVAILABLE g2"},
				}[name]...)
			})
		})
	}
}

// g1 failed without an account and was cleared, g2 failed with one, and a corrected list takes over. What broke: the
// request began again at g1, whose token AWS knows, or ordered an account that exists already.
func TestAnUploadOverADeadProductWithAnAccountWaitsForRecovery(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		h.watch(1)
		h.plant(failsOnce[:len(failsOnce)-1] + "," +
			`{"operation":"servicecatalog.ProvisionProduct","nth":2,"kind":"fail-record","code":"","message":"It did not work.","account":"created"}]`)
		h.upload("accounts.csv", list(threeRows[0]))
		stop := h.start(nil, 0, worker.Options{})
		r := h.until(one, account.Failed, time.Hour)
		if r.Generation != 2 || r.AccountID == "" {
			t.Errorf("it failed in generation %d with account %q", r.Generation, r.AccountID)
		}
		h.upload("accounts.csv", list("crash-one,crash-one@example.com,Sandbox,AWSReadOnlyAccess/Auditors"))
		time.Sleep(time.Hour)
		h.expect("products before the operator's word", h.products(), "ERROR g2")
		w := h.sandbox.World()
		h.sandbox.Intercept(func(c sandbox.Request) sandbox.Verdict {
			if c.Operation == "servicecatalog.ProvisionProduct" && !c.Done {
				w.Do(func() { w.Account(r.AccountID).AddRole("AWSControlTowerExecution") }) // what a human does between
			}
			return sandbox.Verdict{}
		})
		h.resume(engine.ResumeOptions{Requests: []string{r.ID}, Recover: true})
		if done := h.until(one, account.Done, time.Hour); done.AccountID != r.AccountID || done.Generation != 3 {
			t.Errorf("account %s in generation %d, want %s in 3", done.AccountID, done.Generation, r.AccountID)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		h.expect("products", h.products(), "AVAILABLE g3")
	})
}

// A process dies right after it made a batch known, before it read a row of it; another one works until nothing is left.
// What broke: that one saw no open request and called itself idle, and the list was lost.
func TestABatchThatWasOnlyBegunIsWork(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		h.watch(1)
		b := h.upload("accounts.csv", list(threeRows...))
		p := newProcess(h.sandbox, 1, nil)
		network := p.next
		p.next = through(func(r *http.Request) (*http.Response, error) {
			response, err := network.RoundTrip(r)
			if strings.HasSuffix(operation(r), ".TransactWriteItems") {
				p.kill()
				return nil, errDead
			}
			return response, err
		})
		h.runUntilDead(p)
		rows, err := h.mustEngine().Queue.Rows(t.Context(), b.ID)
		open, unread := h.mustEngine().Queue.Open(t.Context())
		if err != nil || unread != nil || len(rows) != 0 || len(open.Counts) != 0 || len(open.Batches) != 1 {
			t.Fatalf("it left %d rows, %+v: %v %v", len(rows), open, err, unread)
		}
		h.runUntilDead(newProcess(h.sandbox, 2, nil))
		h.settled(asked(threeRows))
	})
}

// A worker that works until nothing is left meets a request that is past its deadline and keeps its slot. What broke: it
// waited for ever, or said that all was done.
func TestUntilIdleWithASlotPastTheDeadlineIsPending(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		h.watch(1)
		h.config.Settings.Deadline = account.Duration(10 * time.Minute)
		w := h.sandbox.World()
		w.Do(func() { w.Timing.Provision = 5 * time.Hour })
		h.upload("accounts.csv", list(threeRows[0]))
		began := time.Now()
		if err := h.mustEngine().Work(t.Context(), worker.Options{UntilIdle: true}); !errors.Is(err, worker.ErrPending) {
			t.Errorf("it ended with %v", err)
		}
		if took := time.Since(began); took > 2*time.Hour {
			t.Errorf("it ended after %s", took)
		}
		if r := h.request(one); r.Stage != account.Failed || !r.Slot {
			t.Errorf("it left the request %s, slot %t", r.Stage, r.Slot)
		}
		time.Sleep(5 * time.Hour)
		h.work()
		h.settled(asked(threeRows[:1]))
	})
}

// Two lists ask for one account, and two workers read them at the same time. What broke: both lists counted it.
func TestTwoListsWithOneAccountCountItOnce(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		h.watch(1)
		first := h.upload("accounts.csv", list(threeRows[:2]...))
		second := h.upload("others.csv", list(threeRows[0], threeRows[2]))
		stops := []func() error{
			h.start(newProcess(h.sandbox, 1, nil), 0, worker.Options{}), h.start(newProcess(h.sandbox, 2, nil), 0, worker.Options{}),
		}
		for _, r := range asked(threeRows) {
			h.until(r.Email, account.Done, time.Hour)
		}
		for _, stop := range stops {
			if err := stop(); err != nil {
				t.Error(err)
			}
		}
		h.work() // until the results are written
		q := h.mustEngine().Queue
		sum := 0
		for _, b := range []account.Batch{first, second} {
			counts, _, err := q.Tally(t.Context(), b.ID)
			rows, unread := q.Rows(t.Context(), b.ID)
			if err != nil || unread != nil || len(rows) != 2 {
				t.Errorf("%d rows of %s: %v %v", len(rows), b.ID, err, unread)
			}
			for stage, n := range counts {
				if sum += n; stage != account.Done || n < 0 {
					t.Errorf("batch %s counts %d %s", b.ID, n, stage)
				}
			}
		}
		open, err := q.Open(t.Context())
		if err != nil || sum != 3 || open.Counts[account.Done] != 3 || open.InFlight != 0 {
			t.Errorf("the lists count %d, the pipeline %v with %d in flight: %v", sum, open.Counts, open.InFlight, err)
		}
	})
}

// One worker's step outlives its claim, the item is woken, and a second step of the same worker claims it. What broke: both
// steps had the worker's name, so the first could save over the second; and a wake from before the second claim, which saw
// all that it spoke of, made the item due for ever.
func TestAWakeBetweenTwoClaimsOfOneWorker(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		q := h.mustEngine().Queue
		r := h.added(q)
		first, err := q.Claim(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := q.Wake(t.Context(), r.ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		second, err := q.Claim(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if first.Owner == second.Owner {
			t.Errorf("both steps are called %s", first.Owner)
		}
		if _, err := q.Save(t.Context(), first, first.Request, account.Release{}); !errors.Is(err, account.ErrStale) {
			t.Errorf("the first step's save gives %v", err)
		}
		if _, err := q.Save(t.Context(), second, second.Request, account.Release{In: time.Hour}); err != nil {
			t.Fatal(err)
		}
		if _, err := q.Claim(t.Context(), r.ID); !errors.Is(err, account.ErrStale) {
			t.Errorf("it is due an hour early: %v", err)
		}
		time.Sleep(time.Hour)
		if _, err := q.Claim(t.Context(), r.ID); err != nil {
			t.Errorf("it is not due after an hour: %v", err)
		}
	})
}
