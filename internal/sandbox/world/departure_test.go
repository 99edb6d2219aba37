package world_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox/world"
	"github.com/vend-cli/vend/samples"
)

const invited, theirs = "222222222205", "legacy-5@example.com"

// leave lets an account leave, and says why it cannot: code and reason.
func leave(w *world.World, id string) (why string) {
	w.Do(func() {
		var refusal *world.Refusal
		if err := w.Leave(w.Account(id)); errors.As(err, &refusal) {
			why = strings.TrimSpace(refusal.Code + " " + refusal.Reason)
		} else if err != nil {
			why = err.Error()
		}
	})
	return why
}

// changed is the default world with texts of its file replaced.
func changed(changes ...string) []byte {
	return []byte(strings.NewReplacer(changes...).Replace(string(samples.LandingZone)))
}

func assuming(name string) []string {
	return []string{`"assumptions": {}`, `"assumptions": {"` + name + `": true}`}
}

func TestWhoMayLeave(t *testing.T) {
	t.Parallel()
	young := []string{`"legacy-1@example.com",`, `"legacy-1@example.com", "joined": "` + time.Now().Add(-95*time.Hour).UTC().Format(time.RFC3339) + `",`}
	closed := []string{`"joinedMethod": "INVITED"`, `"joinedMethod": "INVITED", "state": "SUSPENDED"`}
	for name, test := range map[string]struct {
		id, want string
		changes  []string
	}{
		"an account that was invited":    {invited, "", nil},
		"one that was created long ago":  {"222222222201", "ConstraintViolationException MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED", nil},
		"one that was created just now":  {"222222222201", "ConstraintViolationException WAIT_PERIOD_ACTIVE", young},
		"the same, payment first":        {"222222222201", "ConstraintViolationException MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED", append(assuming("leave-wait-or-payment"), young...)},
		"the management account":         {"111111111111", "MasterCannotLeaveOrganizationException", nil},
		"the same, by the other code":    {"111111111111", "ConstraintViolationException ACCOUNT_CANNOT_LEAVE_ORGANIZATION", assuming("remove-management-account-code")},
		"one that administers":           {invited, "ConstraintViolationException CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG", []string{`"identityCenter": {`, `"identityCenter": {"delegatedAdministrator": "` + invited + `",`}},
		"one that is closed":             {invited, "", closed},
		"one that is closed and refused": {invited, "ConstraintViolationException ACCOUNT_CREATION_NOT_COMPLETE", append(assuming("leave-closed-account"), closed...)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t, changed(test.changes...))
			if got := leave(w, test.id); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if there := w.Account(test.id) != nil; there != (test.want != "") {
				t.Errorf("the account is in the organization: %v", there)
			}
		})
	}
}

func TestAnAccountThatHasLeftIsNowhere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := start(t, nil)
		ic := w.IdentityCenter
		set := ic.AddPermissionSet(w, &world.PermissionSet{Name: "Visiting"})
		assignment := world.Assignment{Account: invited, PermissionSet: set.ARN, PrincipalType: "GROUP", Principal: ic.GroupNamed("Auditors").ID}
		request := func() (r *world.AssignmentRequest) {
			w.Do(func() {
				var err error
				if r, err = w.Request(world.CreatesAssignment, assignment); err != nil {
					t.Fatal(err)
				}
			})
			return r
		}
		request()
		time.Sleep(time.Minute)
		w.Do(func() { ic.Change(set) })
		under, before := request(), len(w.Accounts())
		if why := leave(w, invited); why != "" {
			t.Fatal(why)
		}
		time.Sleep(time.Minute)
		var left []string
		w.Do(func() {
			for u := range w.Root.All() {
				for _, a := range u.Accounts {
					if a.ID == invited {
						left = append(left, u.Name)
					}
				}
			}
			if err := ic.DeletePermissionSet(set); err != nil {
				t.Errorf("nobody has the permission set any more, but: %v", err)
			}
		})
		got := []any{len(w.Accounts()), w.CountedAccounts(), w.AccountByEmail(theirs) == nil, left, set.Outdated, under.Status}
		if diff := cmp.Diff([]any{before - 1, before - 1, true, []string(nil), []string{}, "FAILED"}, got); diff != "" {
			t.Errorf("what is left of it (-want +got):\n%s", diff)
		}

		w = start(t, []byte(state(t, w)))
		var s *world.CreateAccountStatus
		w.Do(func() {
			var err error
			if s, err = w.CreateAccount("Legacy-5@example.com", "again", "Role", nil); err != nil {
				t.Fatal(err)
			}
		})
		time.Sleep(time.Hour)
		w.Do(func() {})
		if s.FailureReason != "EMAIL_ALREADY_EXISTS" {
			t.Errorf("its address is given to another account: %+v", s)
		}
	})
}

// TestLeavingAProduct lets an account leave at every moment of its life with Account Factory.
func TestLeavingAProduct(t *testing.T) {
	t.Parallel()
	for _, minutes := range []int{0, 1, 3, 10, 22, 26} {
		t.Run(fmt.Sprintf("after %d minutes", minutes), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := start(t, changed(`"joinedMethod": "INVITED", "roles": []`, `"joinedMethod": "INVITED", "roles": ["AWSControlTowerExecution"]`))
				r := provision(t, w, order(w, "legacy-5", theirs, dev))
				time.Sleep(time.Duration(minutes) * time.Minute)
				if why := leave(w, invited); why != "" {
					t.Fatal(why)
				}
				again := start(t, []byte(state(t, w)))
				time.Sleep(time.Hour)
				again.Do(func() {})
				w.Do(func() {})
				p := w.AccountFactory.Product(r.ProductID, "")
				want := []string{"FAILED", "ERROR"}
				if minutes > 25 {
					want = []string{"SUCCEEDED", "TAINTED"}
				}
				restored := again.AccountFactory.Product(r.ProductID, "")
				for _, p := range []*world.Product{p, restored} {
					if diff := cmp.Diff(want, []string{again.AccountFactory.Record(r.ID).Status, p.Status}); diff != "" || p.StatusMessage == "" {
						t.Errorf("record and product (-want +got):\n%s%+v", diff, p)
					}
				}
				if r.Status != want[0] || w.Account(invited) != nil || len(w.Unit("ou-ab12-11111113").Accounts) != len(again.Unit("ou-ab12-11111113").Accounts) {
					t.Errorf("the record is %s, or the account came back", r.Status)
				}
				if minutes > 25 {
					var update *world.Record
					w.Do(func() {
						var err error
						if update, err = w.Update(p, order(w, "legacy-5", theirs, dev)); err != nil {
							t.Fatal(err)
						}
					})
					time.Sleep(time.Hour)
					w.Do(func() {})
					if update.Status != "FAILED" {
						t.Errorf("an update of it is %s", update.Status)
					}
				}
				w.Do(func() {
					if _, err := w.Terminate(p, "end", w.Caller("")); err != nil {
						t.Fatal(err)
					}
				})
				time.Sleep(time.Hour)
				w.Do(func() {})
				if w.AccountFactory.Product(p.ID, "") != nil || w.Account(invited) != nil {
					t.Error("terminating the product does not clear it away")
				}
			})
		})
	}
}

func TestLeavingWhileControlTowerEnrolls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := start(t, changed(`"autoEnroll": false`, `"autoEnroll": true`))
		var events []string
		w.Do(func() { w.OnEvent(func(e world.Event) { events = append(events, string(e.Detail)) }) })
		w.Do(func() {
			if err := w.Move(w.Account(invited), w.Account(invited).Parent, w.Unit("ou-ab12-11111113")); err != nil {
				t.Fatal(err)
			}
		})
		time.Sleep(time.Minute)
		if why := leave(w, invited); why != "" {
			t.Fatal(why)
		}
		time.Sleep(time.Hour)
		w.Do(func() {})
		if len(events) > 0 {
			t.Errorf("an account that is not there was enrolled: %v", events)
		}
	})
}

func TestWithoutASharedAccountTheLandingZoneHasDrifted(t *testing.T) {
	t.Parallel()
	w := start(t, changed(`"name": "legacy-5"`, `"name": "Audit"`, `"name": "Audit"`, `"name": "Another"`))
	if why := leave(w, invited); why != "" {
		t.Fatal(why)
	}
	if w.LandingZone.Drift != "DRIFTED" {
		t.Error("the landing zone is as it was")
	}
	start(t, []byte(state(t, w)))
}
