package engine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/sandbox/world"
	"github.com/vend-cli/vend/internal/worker"
)

func TestAFailedEmptyProductIsClearedAndOrderedAgain(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		h.watch(1)
		h.plant(failsOnce)
		h.upload("accounts.csv", list(threeRows[0]))
		stop := h.start(nil, 0, worker.Options{})
		h.until(one, account.Done, time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}
		h.expect("orders", h.orders(), "PROVISION_PRODUCT FAILED g1", "TERMINATE_PROVISIONED_PRODUCT SUCCEEDED g1", "PROVISION_PRODUCT SUCCEEDED g2")
		h.expect("products", h.products(), "AVAILABLE g2")
	})
}

// resume sends a failed request on, as vend resume does.
func (h *house) resume(o engine.ResumeOptions) {
	h.t.Helper()
	if _, err := h.mustEngine().Resume(h.t.Context(), o); err != nil {
		h.t.Fatal(err)
	}
}

func fails(kind, message, made string) string {
	return `[{"operation":"servicecatalog.ProvisionProduct","kind":"fail-record","code":"` + kind + `","message":"` + message + `","account":"` + made + `"}]`
}

// Past the deadline the request is failed and keeps its slot; a cancellation is refused, another upload not applied, and
// the late success is taken, also where somebody wanted to recover it: a healthy product is never terminated.
func TestALateSuccessIsTakenAndNeverTerminated(t *testing.T) {
	withoutRacing(t)
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		h.watch(1)
		h.config.Settings.Deadline = account.Duration(10 * time.Minute)
		h.upload("accounts.csv", list(threeRows[:2]...))
		w := h.sandbox.World()
		w.Do(func() { w.Timing.Provision = 2 * time.Hour })
		stop := h.start(nil, 0, worker.Options{})
		r := h.until(one, account.Failed, time.Hour)
		if !r.Slot || r.Failure.Code != "V2005" {
			t.Errorf("past the deadline: slot %t, %+v", r.Slot, r.Failure)
		}
		if _, err := h.mustEngine().Cancel(t.Context(), []string{r.ID}); err == nil {
			t.Error("it was cancelled while AWS is at work on it")
		}
		h.upload("other.csv", list("crash-one,crash-one@example.com,Sandbox,AWSReadOnlyAccess/Auditors"))
		time.Sleep(time.Minute)
		h.resume(engine.ResumeOptions{Requests: []string{r.ID}, Recover: true})
		h.until(one, account.Done, 3*time.Hour)
		h.until(two, account.Done, 4*time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}
		h.expect("orders", h.orders(), "PROVISION_PRODUCT SUCCEEDED g1", "PROVISION_PRODUCT SUCCEEDED g1")
		h.work() // until the results are written
		h.settled(asked(threeRows[:2]))
	})
}

// A dead product that holds an account is cleared away only when somebody says so, and the same account is enrolled again.
func TestADeadProductIsRecoveredWithItsAccount(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		h.watch(1)
		h.plant(fails("", "AWS Control Tower failed to deploy one of the stack sets.", "created"))
		h.upload("accounts.csv", list(threeRows[:2]...))
		stop := h.start(nil, 0, worker.Options{})
		r := h.until(one, account.Failed, time.Hour)
		h.until(two, account.Done, time.Hour)
		h.expect("products before the operator's word", h.products(), "ERROR g1", "AVAILABLE g1")
		made := r.AccountID
		if made == "" {
			t.Fatal("the account that was made is not known")
		}
		w := h.sandbox.World()
		h.sandbox.Intercept(func(r sandbox.Request) sandbox.Verdict {
			if r.Operation == "servicecatalog.TerminateProvisionedProduct" && r.Done {
				return sandbox.Verdict{Drop: true}
			}
			if r.Operation == "servicecatalog.ProvisionProduct" && !r.Done {
				w.Do(func() { w.Account(made).AddRole("AWSControlTowerExecution") }) // what a human does between
			}
			return sandbox.Verdict{}
		})
		h.resume(engine.ResumeOptions{Requests: []string{r.ID}, Recover: true})
		r = h.until(one, account.Done, 2*time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if r.AccountID != made || r.Generation != 2 {
			t.Errorf("account %s in generation %d, want %s in 2", r.AccountID, r.Generation, made)
		}
		h.expect("products", h.products(), "AVAILABLE g1", "AVAILABLE g2")
	})
}

// g1 failed for ever and was cleared by hand, or not at all; a corrected upload takes over and must not begin again at g1.
func TestACorrectedUploadGoesOnWithTheNextGeneration(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		h.watch(1)
		h.plant(failsOnce[:len(failsOnce)-1] + "," + `{"operation":"servicecatalog.ProvisionProduct","nth":2,"kind":"fail-record","code":"","message":"It did not work."}]`)
		h.upload("accounts.csv", list(threeRows[0]))
		stop := h.start(nil, 0, worker.Options{})
		if r := h.until(one, account.Failed, time.Hour); r.Generation != 2 || r.Slot {
			t.Errorf("it failed in generation %d, slot %t", r.Generation, r.Slot)
		}
		h.upload("accounts.csv", list("crash-one,crash-one@example.com,Sandbox,AWSReadOnlyAccess/Auditors"))
		h.until(one, account.Done, time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}
		h.expect("products", h.products(), "AVAILABLE g3")
	})
}

// The leftover is terminated by hand while the request rests; resume must not get the old record back for ever.
func TestResumeAfterTheLeftoverIsGone(t *testing.T) {
	t.Parallel()
	for _, otherwise := range [][]string{nil, {"token-remembered"}} {
		t.Run(fmt.Sprint(otherwise), func(t *testing.T) {
			t.Parallel()
			scene(t, func(t *testing.T, h *house) {
				h.watch(1)
				h.plant(fails("", "It did not work.", "none"))
				h.upload("accounts.csv", list(threeRows[0]))
				stop := h.start(nil, 0, worker.Options{})
				r := h.until(one, account.Failed, time.Hour)
				w := h.sandbox.World()
				w.Do(func() {
					if _, err := w.Terminate(w.AccountFactory.Product("", r.ProductName()), "by hand", world.Caller{}); err != nil {
						t.Error(err)
					}
				})
				time.Sleep(10 * time.Minute)
				h.resume(engine.ResumeOptions{Requests: []string{r.ID}})
				if r = h.until(one, account.Done, time.Hour); r.Generation != 2 {
					t.Errorf("done in generation %d", r.Generation)
				}
				if err := stop(); err != nil {
					t.Error(err)
				}
				h.expect("products", h.products(), "AVAILABLE g2")
			})
		})
	}
}

// Assigning fails for a group that nobody has; the corrected list names it rightly, and another unit too: the assignments
// are applied, the unit is reported.
func TestACorrectedAssignmentGoesOn(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		h.watch(1)
		h.upload("accounts.csv", list("crash-one,crash-one@example.com,Workloads/Dev,AWSReadOnlyAccess/Nobody"))
		stop := h.start(nil, 0, worker.Options{})
		h.until(one, account.Failed, 2*time.Hour)
		b := h.upload("accounts.csv", list("crash-one,crash-one@example.com,Sandbox,AWSReadOnlyAccess/Auditors"))
		h.until(one, account.Done, time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}
		rows, err := h.mustEngine().Queue.Rows(t.Context(), b.ID)
		if err != nil || len(rows) != 1 || rows[0].Failure == nil || rows[0].Failure.Code != "V2032" {
			t.Errorf("the corrected list's rows are %+v, %v", rows, err)
		}
		h.work() // until the results are written
		h.settled(asked(threeRows[:1]))
	})
}

// AWS ends the termination of a dead product FAILED, since Control Tower is busy: the next try must not be answered with
// the record of the first one for ever.
func TestATerminationThatFailedIsTriedAnew(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]string{"for a while": "ResourceInUseException", "until somebody resumes": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scene(t, func(t *testing.T, h *house) {
				h.watch(1)
				h.plant(fails("ResourceInUseException", "AWS Control Tower is busy.", "none"))
				h.plant(`[{"operation":"servicecatalog.TerminateProvisionedProduct","kind":"fail-record","code":"` + code + `","message":"It did not work."}]`)
				h.upload("accounts.csv", list(threeRows[0]))
				stop := h.start(nil, 0, worker.Options{})
				if code == "" {
					r := h.until(one, account.Failed, time.Hour)
					h.resume(engine.ResumeOptions{Requests: []string{r.ID}})
				}
				h.until(one, account.Done, time.Hour)
				if err := stop(); err != nil {
					t.Error(err)
				}
				h.expect("orders", h.orders(), "PROVISION_PRODUCT FAILED g1", "TERMINATE_PROVISIONED_PRODUCT FAILED g1",
					"TERMINATE_PROVISIONED_PRODUCT SUCCEEDED g1", "PROVISION_PRODUCT SUCCEEDED g2")
			})
		})
	}
}

// Tags that are refused hold up no assignment, and are put on the account in the next attempt.
func TestTagsThatWereRefusedAreTriedAgain(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		h.watch(1)
		h.plant(`[{"operation":"organizations.TagResource","kind":"error","code":"ConstraintViolationException"}]`)
		h.upload("accounts.csv", "AccountName,SSOUserEmail,AccountEmail,SSOUserFirstName,SSOUserLastName,OrgUnit,Assignments,Tags\n"+
			"crash-one,owner@example.com,"+one+",Olivia,Owner,Sandbox,AWSReadOnlyAccess/Auditors,Team=Payments\n")
		stop := h.start(nil, 0, worker.Options{})
		h.until(one, account.Done, 2*time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}
		w := h.sandbox.World()
		w.Do(func() {
			if tags := w.AccountByEmail(one).Tags; tags["Team"] != "Payments" {
				t.Errorf("it is done with the tags %v", tags)
			}
		})
	})
}
