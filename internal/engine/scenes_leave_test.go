package engine_test

import (
	"slices"
	"testing"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/ingest"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// With removeAccountFactoryUser the user whom Account Factory lets into an account is let out again when others have come
// in; never when nobody has, nor when the row itself wants them there.
func TestTheUserOfAccountFactoryLeaves(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		h.config.Settings.RemoveUser = true
		w := h.sandbox.World()
		w.Do(func() { // somebody of another user name has the address
			w.IdentityCenter.AddUser(&world.User{UserName: "olivia", Email: "owner@example.com"})
		})
		rows := []string{
			"leave-one,leave-one@example.com,Sandbox,AWSReadOnlyAccess/Auditors",
			"leave-none,leave-none@example.com,Sandbox,",
			"leave-stays,leave-stays@example.com,Sandbox,AWSReadOnlyAccess/Auditors; AWSAdministratorAccess/user:owner@example.com",
		}
		content := list(rows...)
		plan, _, err := h.mustEngine().Plan(t.Context(), ingest.Draft{Name: "accounts.csv", Content: []byte(content)})
		if err != nil {
			t.Fatal(err)
		}
		if !plan.Actions[0].RemovesUser || plan.Actions[1].RemovesUser || !plan.Actions[2].RemovesUser {
			t.Errorf("the plan says %+v", plan.Actions)
		}
		h.upload("accounts.csv", content)
		h.work()
		h.settled(asked(rows))
		for email, stays := range map[string]bool{"leave-one@example.com": false, "leave-none@example.com": true, "leave-stays@example.com": true} {
			r := h.request(email)
			id := r.AccountID
			if left := r.Leaving.State == account.AssignmentDone; left != (email != "leave-none@example.com") {
				t.Errorf("the request of %s says %+v", email, r.Leaving)
			}
			w.Do(func() {
				there := slices.ContainsFunc(w.IdentityCenter.Assignments, func(a world.Assignment) bool { return a.Account == id && a.PrincipalType == "USER" })
				if there != stays {
					t.Errorf("in the account of %s the user is there: %v, want %v", email, there, stays)
				}
			})
		}
	})
}

// A deletion that ends FAILED is tried again, and told when it fails for good; the rest is done, and resume goes on.
func TestTheUserOfAccountFactoryCanNotLeave(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		h.config.Settings.RemoveUser = true
		h.plant(`[{"operation":"sso.DeleteAccountAssignment","kind":"error","code":"ValidationException","status":400,"times":1}]`)
		h.upload("accounts.csv", list(threeRows[0]))
		h.work()
		if r := h.request(one); r.Stage != account.Failed || r.Failure.Code != "V2022" || r.FailedStage != account.Assigning {
			t.Errorf("the request is %s, %+v", r.Stage, r.Failure)
		}
		h.unplant()
		h.resume(engine.ResumeOptions{Failed: true})
		h.work()
		h.settled(asked(threeRows[:1]))
	})
}
