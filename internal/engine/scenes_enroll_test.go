package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/sandbox/world"
	"github.com/vend-cli/vend/internal/worker"
)

const (
	legacyRow  = "AccountName,SSOUserEmail,AccountEmail,SSOUserFirstName,SSOUserLastName,OrgUnit,AccountId\n,owner@example.com,,Olivia,Owner,Sandbox,222222222201\n"
	legacyMail = "legacy-1@example.com"
)

// Account Factory fails over an account whose role a stack set has put there. Recovering takes the role away; the instance is
// CURRENT all the same, and CloudFormation would not make the role again: it is released, and planted anew. By then the
// account is in another unit than the one that it was deployed through, and nobody knows by which CloudFormation finds it.
func TestARoleThatRecoveringTookAwayIsPlantedAgain(t *testing.T) {
	t.Parallel()
	for name, otherwise := range map[string][]string{
		"found through either unit":              nil,
		"found through the unit it is in by now": {"stack-set-moved-account"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scene(t, plantedAgain, otherwise...)
		})
	}
}

func plantedAgain(t *testing.T, h *house) {
	h.watch(1)
	h.plant(fails("", "AWS Control Tower failed to deploy one of the stack sets.", "created"))
	h.upload("accounts.csv", legacyRow)
	stop := h.start(nil, 0, worker.Options{})
	r := h.until(legacyMail, account.Failed, 2*time.Hour)
	if r.FailedStage != account.Provisioning || r.Planting.EndedAt.IsZero() {
		t.Fatalf("it failed in %s, planting %+v: %+v", r.FailedStage, r.Planting, r.Failure)
	}
	h.unplant()
	h.resume(engine.ResumeOptions{Requests: []string{r.ID}, Recover: true})
	r = h.until(legacyMail, account.Done, 4*time.Hour)
	if err := stop(); err != nil {
		t.Error(err)
	}
	calls, _ := h.sandbox.Calls()
	if r.Generation != 2 || r.AccountID != "222222222201" || calls["cloudformation.CreateStackInstances"] != 2 || calls["cloudformation.DeleteStackInstances"] != 1 {
		t.Errorf("account %s in generation %d; planted %d times, released %d times", r.AccountID, r.Generation,
			calls["cloudformation.CreateStackInstances"], calls["cloudformation.DeleteStackInstances"])
	}
}

// An instance that FAILED has brought nothing about; resume tries again with another operation.
func TestAnInstanceThatFailedIsNoRole(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		h.plant(`[{"operation":"cloudformation.CreateStackInstances","kind":"fail-instance","nth":1,"times":1,"message":"a policy denies iam:CreateRole"}]`)
		h.upload("accounts.csv", legacyRow)
		stop := h.start(nil, 0, worker.Options{})
		r := h.until(legacyMail, account.Failed, time.Hour)
		if r.Failure.Code != "V2016" || r.FailedStage != account.Preparing || r.Failure.AWSMessage == "" || len(h.orders()) > 0 {
			t.Errorf("it failed in %s with %+v, orders %v", r.FailedStage, r.Failure, h.orders())
		}
		h.resume(engine.ResumeOptions{Requests: []string{r.ID}})
		h.until(legacyMail, account.Done, 2*time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// What broke: a role that somebody made by hand while the stack set was at it let the instance fail, and the request with it.
func TestARoleThatSomebodyMakesMeanwhileIsTheRole(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		w := h.sandbox.World()
		h.upload("accounts.csv", legacyRow)
		h.sandbox.Intercept(func(r sandbox.Request) sandbox.Verdict {
			if r.Operation == "cloudformation.CreateStackInstances" {
				w.Do(func() { w.Account("222222222201").AddRole("AWSControlTowerExecution") })
			}
			return sandbox.Verdict{}
		})
		stop := h.start(nil, 0, worker.Options{})
		h.until(legacyMail, account.Done, 2*time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if calls, _ := h.sandbox.Calls(); calls["cloudformation.CreateStackInstances"] != 1 {
			t.Errorf("it was planted %d times", calls["cloudformation.CreateStackInstances"])
		}
	})
}

// What comes into the account between the list and its turn is seen before Account Factory is asked.
func TestAnAccountThatHasBecomeUnfitIsNotOrdered(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		w := h.sandbox.World()
		w.Do(func() { w.Account("222222222201").ConfigRecorders = []string{"eu-west-1"} })
		h.upload("accounts.csv", legacyRow)
		stop := h.start(nil, 0, worker.Options{})
		r := h.until(legacyMail, account.Failed, time.Hour)
		calls, _ := h.sandbox.Calls()
		if r.Failure.Code != account.CodeUnfit || len(h.orders()) > 0 || calls["cloudformation.CreateStackInstances"] > 0 {
			t.Errorf("it failed with %+v; orders %v, planted %d times", r.Failure, h.orders(), calls["cloudformation.CreateStackInstances"])
		}
		w.Do(func() { w.Account("222222222201").ConfigRecorders = nil })
		h.resume(engine.ResumeOptions{Requests: []string{r.ID}})
		h.until(legacyMail, account.Done, 2*time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// An account that comes into the root after its row was accepted is refused before a stack set names the root, and goes on
// once it is in a unit again.
func TestAnAccountThatCameIntoTheRootIsNotPlanted(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		w := h.sandbox.World()
		w.Do(func() { w.Account("222222222201").ConfigRecorders = []string{"eu-west-1"} })
		h.upload("accounts.csv", legacyRow)
		stop := h.start(nil, 0, worker.Options{})
		h.until(legacyMail, account.Failed, time.Hour)
		move := func(to *world.Unit) {
			a := w.Account("222222222201")
			if err := w.Move(a, a.Parent, to); err != nil {
				t.Error(err)
			}
		}
		w.Do(func() {
			w.Account("222222222201").ConfigRecorders = nil
			move(w.Account("222222222299").Parent)
		})
		h.resume(engine.ResumeOptions{Failed: true})
		r := h.until(legacyMail, account.Failed, time.Hour)
		calls, _ := h.sandbox.Calls()
		if r.Failure.Code != account.CodeInRoot || r.FailedStage != account.Preparing || calls["cloudformation.CreateStackInstances"] > 0 {
			t.Errorf("it failed in %s with %+v, planted %d times", r.FailedStage, r.Failure, calls["cloudformation.CreateStackInstances"])
		}
		w.Do(func() { move(w.Account("222222222202").Parent) })
		h.resume(engine.ResumeOptions{Requests: []string{r.ID}})
		h.until(legacyMail, account.Done, 2*time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// An account that leaves the organization while it is enrolled fails for that reason, whatever AWS says of its record.
func TestAnAccountThatLeavesWhileItIsEnrolled(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		const id, email = "222222222205", "legacy-5@example.com"
		w := h.sandbox.World()
		h.upload("accounts.csv", strings.ReplaceAll(legacyRow, "222222222201", id))
		stop := h.start(nil, 0, worker.Options{})
		for len(h.orders()) == 0 {
			time.Sleep(time.Second)
		}
		w.Do(func() {
			if err := w.Leave(w.Account(id)); err != nil {
				t.Error(err)
			}
		})
		r := h.until(email, account.Failed, time.Hour)
		if r.Failure.Code != "V2013" || !strings.Contains(r.Failure.Hint, "invite") || r.Slot {
			t.Errorf("it failed with %+v", r.Failure)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}
