package engine_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/worker"
)

// An upload that nobody hears of is found by the sweep, and accounts are settled within five poll intervals of the truth.
func TestEventsMayBeLostDoubledOrLate(t *testing.T) {
	t.Parallel()
	const takes = 22 * time.Minute // several looks
	for name, rules := range map[string]string{
		"all lost":      `[{"operation":"events","kind":"lose-event","times":1000000}]`,
		"all doubled":   `[{"operation":"events","kind":"duplicate-event","times":1000000}]`,
		"two days late": `[{"operation":"events","kind":"delay-event","ms":172800000,"times":1000000}]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scene(t, func(t *testing.T, h *house) {
				h.plant(rules)
				w := h.sandbox.World()
				w.Do(func() { w.Timing.Provision = takes })
				stop := h.start(nil, 0, worker.Options{})
				time.Sleep(time.Minute) // the first sweep is over
				h.upload("accounts.csv", list(threeRows[0]))
				began := time.Now()
				h.until(one, account.Done, 10*time.Minute+takes+6*time.Minute)
				t.Logf("done after %s", time.Since(began))
				time.Sleep(time.Hour)
				if err := stop(); err != nil {
					t.Error(err)
				}
				if strings.HasSuffix(name, "late") {
					time.Sleep(48 * time.Hour)
				}
				h.work() // until the results are written, and late events are heard
				h.settled(asked(threeRows[:1]))
			})
		})
	}
}

// A message that can't be handled for long enough is put aside by SQS: whoever asks is told, and the upload that it spoke of
// is found by the sweep.
func TestAMessageThatIsPutAsideIsNoticed(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		stop := h.start(nil, 0, worker.Options{})
		time.Sleep(time.Minute)
		h.plant(`[{"operation":"s3.GetObject","kind":"error","code":"AccessDenied","status":403,"times":1000000}]`)
		h.upload("accounts.csv", list(threeRows[0]))
		noticed := func() (n int) {
			for _, w := range h.overview(queue.Filter{}).Workers {
				n += w.DeadLetters
			}
			return n
		}
		for began := time.Now(); noticed() == 0; time.Sleep(time.Minute) {
			if time.Since(began) > time.Hour {
				t.Fatal("a dead letter was not noticed within an hour")
			}
		}
		h.unplant()
		h.until(one, account.Done, 20*time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		h.work() // until the results are written
		h.settled(asked(threeRows[:1]))
	})
}

// Somebody's account of the same name is made meanwhile: its event says so, and is no news of ours.
func TestAnEventIsNeverBelieved(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		stop := h.start(nil, 0, worker.Options{})
		h.upload("accounts.csv", list(threeRows[0]))
		h.until(one, account.Provisioning, time.Minute)
		for _, state := range []string{"SUCCEEDED", "FAILED", "SUCCEEDED"} {
			w := h.sandbox.World()
			w.Do(func() {
				w.Publish("aws.controltower", "AWS Service Event via CloudTrail", nil, map[string]any{
					"eventName": "CreateManagedAccount",
					"serviceEventDetails": map[string]any{"createManagedAccountStatus": map[string]any{
						"state": state, "account": map[string]string{"accountName": "crash-one", "accountId": "222222222111"},
					}},
				})
			})
			time.Sleep(5 * time.Second)
		}
		h.until(one, account.Done, 10*time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		h.work() // until the results are written
		h.settled(asked(threeRows[:1]))
	})
}

// While the list lies there, the account's e-mail is changed: the order makes another account, which is not taken.
func TestAnEnrollmentThatMakesAnotherAccountFails(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		const id = "222222222204"
		w := h.sandbox.World()
		w.Do(func() { w.Account(id).AddRole("AWSControlTowerExecution") })
		h.sandbox.Intercept(func(r sandbox.Request) sandbox.Verdict {
			if r.Operation == "servicecatalog.ProvisionProduct" && !r.Done {
				w.Do(func() { w.Account(id).Email = "moved@example.com" })
			}
			return sandbox.Verdict{}
		})
		h.upload("enroll.csv", "AccountId,SSOUserEmail,SSOUserFirstName,SSOUserLastName,OrgUnit\n"+id+",owner@example.com,Olivia,Owner,Sandbox\n")
		h.work()
		r := h.request("legacy-4@example.com")
		if r.Stage != account.Failed || r.Failure == nil || r.Failure.Code != "V2009" || r.AccountID != id {
			t.Errorf("it ends %s for account %s: %+v", r.Stage, r.AccountID, r.Failure)
		}
	})
}

// Somebody makes the account by hand between the look at the organization and the order.
func TestAnAccountMadeByHandMeanwhileIsNotTaken(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		w := h.sandbox.World()
		var byHand sync.Once
		h.sandbox.Intercept(func(r sandbox.Request) sandbox.Verdict {
			if r.Operation == "servicecatalog.ProvisionProduct" && r.Done {
				byHand.Do(func() {
					w.Do(func() {
						if _, err := w.CreateAccount(two, "theirs", "AWSControlTowerExecution", nil); err != nil {
							h.violated("%v", err)
						}
					})
				})
			}
			return sandbox.Verdict{}
		})
		h.upload("accounts.csv", list(threeRows[:2]...))
		h.work()
		if r := h.request(two); r.Stage != account.Failed || r.Failure == nil || r.Failure.Code != "V2003" {
			t.Errorf("it ends %s with %+v", r.Stage, r.Failure)
		}
	})
}

// The announcement of an older version comes an hour after that of the newer one.
func TestAnOlderVersionNeverReplacesANewer(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		if err := h.mustEngine().Pause(t.Context(), "the rows shall stay queued"); err != nil {
			t.Fatal(err)
		}
		h.plant(`[{"operation":"events.aws.s3","kind":"delay-event","ms":3600000}]`)
		stop := h.start(nil, 0, worker.Options{})
		time.Sleep(time.Minute)
		older := h.upload("accounts.csv", list("crash-one,crash-one@example.com,Workloads/Dev,AWSReadOnlyAccess/Auditors"))
		time.Sleep(2 * time.Second)
		h.upload("accounts.csv", list("crash-one,crash-one@example.com,Sandbox,AWSReadOnlyAccess/Auditors"))
		time.Sleep(2 * time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if unit := h.request(one).Unit.Path; unit != "Sandbox" {
			t.Errorf("the unit is %s, not that of the newer list", unit)
		}
		rows, err := h.mustEngine().Queue.Rows(t.Context(), older.ID)
		if err != nil || len(rows) != 1 || rows[0].Disposition != account.NotApplied {
			t.Errorf("the older list's rows are %+v, %v", rows, err)
		}
	})
}
