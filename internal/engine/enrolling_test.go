package engine_test

import (
	"encoding/json"
	"maps"
	"path"
	"strings"
	"testing"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/ingest"
)

// enrollments is a list of accounts that exist, with a new one among them: one to be enrolled, one that is enrolled
// already and gets its access alone, one that nobody may enter before its role is in place, and tags. The users that Account Factory lets in leave in the end.
const enrollments = `AccountName,SSOUserEmail,AccountEmail,SSOUserFirstName,SSOUserLastName,OrgUnit,AccountId,Assignments,Tags
,owner@example.com,,Olivia,Owner,Sandbox,222222222204,AWSReadOnlyAccess/Auditors,CostCenter=1234; Owner=Platform
,,,,,Workloads/Dev,222222222112,AdministratorAccess/Auditors,
,owner@example.com,,Olivia,Owner,Sandbox,222222222205,AWSReadOnlyAccess/Auditors,
crash-new,owner@example.com,crash-new@example.com,Olivia,Owner,Sandbox,,AdministratorAccess/Auditors,CostCenter=5678
`

// wanted is how an account of the list has to end.
type wanted struct {
	email, account, unit string
	orders               int
	tags                 map[string]string
}

var enrolledInTheEnd = []wanted{
	{"legacy-4@example.com", "222222222204", "Sandbox", 1, map[string]string{"CostCenter": "1234", "Owner": "Platform"}},
	{"shop-dev@example.com", "222222222112", "Workloads/Dev", 0, nil},
	{"legacy-5@example.com", "222222222205", "Sandbox", 1, nil},
	{"crash-new@example.com", "", "Sandbox", 1, map[string]string{"CostCenter": "5678"}},
}

// TestEveryCallOfAnEnrollmentMayFail is the crash suite over the road of accounts that exist. The list is handed in with
// its plan, so the reading of that is part of it.
func TestEveryCallOfAnEnrollmentMayFail(t *testing.T) {
	t.Parallel()
	everyCallMayFail(t, *crashAll, func(t *testing.T, faults map[int]mode) outcome {
		return enrollRun(t, enrollingWorld(t, false), *crashSeed, faults)
	})
}

// enrollRun is [crashRun] for the enrollments.
func enrollRun(t *testing.T, file []byte, seed uint64, faults map[int]mode) outcome {
	t.Helper()
	accounts := 0
	return disturbed(t, file, handedIn{
		upload: func(h *house) {
			h.sandbox.World().Do(func() { accounts = len(h.sandbox.World().Accounts()) })
			h.config.Settings.RemoveUser = true
			e := h.mustEngine()
			plan, _, err := e.Plan(h.t.Context(), ingest.Draft{Name: "accounts.csv", Content: []byte(enrollments)})
			if err != nil {
				h.t.Fatal(err)
			}
			if _, err := e.UploadPlanned(h.t.Context(), "accounts.csv", []byte(enrollments), plan); err != nil {
				h.t.Fatal(err)
			}
		},
		settled: func(h *house) { h.enrolled(accounts + 1) },
	}, seed, faults)
}

// enrolled holds the end of the list against what it asks for; accounts is how many there may be.
func (h *house) enrolled(accounts int) { h.enrolledAs(accounts, enrolledInTheEnd) }

func (h *house) enrolledAs(accounts int, all []wanted) {
	ids := make([]string, len(all))
	for i, want := range all {
		ids[i] = account.ID(want.email)
	}
	found, err := h.mustEngine().Queue.Requests(h.t.Context(), ids)
	if err != nil {
		h.t.Fatal(err)
	}
	for i, want := range all {
		r := found[ids[i]].Request
		if r.Stage != account.Done || want.account != "" && r.AccountID != want.account {
			h.violated("%s ends %s as account %s (%s) %+v", want.email, r.Stage, r.AccountID, r.Waiting, r.Failure)
			continue
		}
		h.assigned(r)
		h.reported(r)
		h.stands(r, want)
	}
	w := h.sandbox.World()
	w.Do(func() {
		if n := len(w.Accounts()); n != accounts {
			h.violated("the organization has %d accounts, want %d", n, accounts)
		}
		for _, id := range []string{"222222222201", "222222222202", "222222222203", "222222222299"} {
			if w.Account(id).HasRole("AWSControlTowerExecution") {
				h.violated("account %s has the execution role, and nobody asked for it", id)
			}
		}
	})
}

// stands holds an account as it is in the world against what was wanted.
func (h *house) stands(r account.Request, want wanted) {
	w := h.sandbox.World()
	w.Do(func() {
		there := w.Account(r.AccountID)
		if there.Parent.Name != path.Base(want.unit) || there.Baseline == nil {
			h.violated("account %s is in %q, baseline %v", there.ID, there.Parent.Name, there.Baseline)
		}
		if !maps.Equal(there.Tags, want.tags) && len(there.Tags)+len(want.tags) > 0 {
			h.violated("account %s has the tags %v, want %v", there.ID, there.Tags, want.tags)
		}
		for _, a := range w.IdentityCenter.Assignments {
			if a.Account == there.ID && a.PrincipalType == "USER" {
				h.violated("account %s still has the user %s in it", there.ID, a.Principal)
			}
		}
		orders := 0
		for _, rec := range w.AccountFactory.Records {
			if rec.Type == "PROVISION_PRODUCT" && strings.EqualFold(rec.Parameters["AccountEmail"], want.email) {
				orders++
			}
		}
		if orders != want.orders {
			h.violated("account %s was ordered %d times, want %d", there.ID, orders, want.orders)
		}
	})
}

// moved is an account that is enrolled by being moved, in a landing zone that enrolls by itself.
const moved = `AccountName,SSOUserEmail,AccountEmail,SSOUserFirstName,SSOUserLastName,OrgUnit,AccountId,Assignments,Tags
,owner@example.com,,Olivia,Owner,Sandbox,222222222205,AWSReadOnlyAccess/Auditors,CostCenter=1234
`

// TestEveryCallOfAMoveMayFail is the crash suite over enrollments without a provisioned product.
func TestEveryCallOfAMoveMayFail(t *testing.T) {
	withoutRacing(t)
	t.Parallel()
	everyCallMayFail(t, *crashAll, func(t *testing.T, faults map[int]mode) outcome {
		accounts := 0
		return disturbed(t, enrollingWorld(t, true), handedIn{
			upload: func(h *house) {
				h.sandbox.World().Do(func() { accounts = len(h.sandbox.World().Accounts()) })
				h.upload("accounts.csv", moved)
			},
			settled: func(h *house) {
				h.enrolledAs(accounts, []wanted{{"legacy-5@example.com", "222222222205", "Sandbox", 0, map[string]string{"CostCenter": "1234"}}})
				if calls, _ := h.sandbox.Calls(); calls["cloudformation.CreateStackInstances"] > 0 {
					h.violated("the role was planted %d times, and is not needed", calls["cloudformation.CreateStackInstances"])
				}
			},
		}, *crashSeed, faults)
	})
}

// enrollingWorld is the landing zone of tests with one governed Region: what is looked for in one is looked for in each.
// With automatic it enrolls by itself.
func enrollingWorld(t testing.TB, automatic bool, otherwise ...string) []byte {
	t.Helper()
	var file map[string]any
	if err := json.Unmarshal(testWorld(t, otherwise...), &file); err != nil {
		t.Fatal(err)
	}
	zone := file["landingZone"].(map[string]any)
	zone["autoEnroll"], zone["governedRegions"] = automatic, []string{"us-east-1"}
	out, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
