package engine_test

import (
	"maps"
	"path"
	"strings"
	"testing"

	"github.com/vend-cli/vend/internal/account"
)

// enrollments is a list of accounts that exist, with a new one among them: one to be enrolled, one that is enrolled
// already and gets its access alone, and tags. The users that Account Factory lets in leave in the end.
const enrollments = `AccountName,SSOUserEmail,AccountEmail,SSOUserFirstName,SSOUserLastName,OrgUnit,AccountId,Assignments,Tags
,owner@example.com,,Olivia,Owner,Sandbox,222222222204,AWSReadOnlyAccess/Auditors,CostCenter=1234; Owner=Platform
,,,,,Workloads/Dev,222222222112,AdministratorAccess/Auditors,
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
	{"crash-new@example.com", "", "Sandbox", 1, map[string]string{"CostCenter": "5678"}},
}

// TestEveryCallOfAnEnrollmentMayFail is the crash suite over the road of accounts that exist. The list is handed in with
// its plan, so the reading of that is part of it.
func TestEveryCallOfAnEnrollmentMayFail(t *testing.T) {
	t.Parallel()
	everyCallMayFail(t, *crashAll, func(t *testing.T, faults map[int]mode) outcome {
		accounts := 0
		return disturbed(t, testWorld(t), handedIn{
			upload: func(h *house) {
				h.sandbox.World().Do(func() { accounts = len(h.sandbox.World().Accounts()) })
				h.config.Settings.RemoveUser = true
				e := h.mustEngine()
				plan, _, err := e.Plan(h.t.Context(), "accounts.csv", []byte(enrollments))
				if err != nil {
					h.t.Fatal(err)
				}
				if _, err := e.UploadPlanned(h.t.Context(), "accounts.csv", []byte(enrollments), plan); err != nil {
					h.t.Fatal(err)
				}
			},
			settled: func(h *house) { h.enrolled(accounts + 1) },
		}, *crashSeed, faults)
	})
}

// enrolled holds the end of the list against what it asks for; accounts is how many there may be.
func (h *house) enrolled(accounts int) {
	ids := make([]string, len(enrolledInTheEnd))
	for i, want := range enrolledInTheEnd {
		ids[i] = account.ID(want.email)
	}
	found, err := h.mustEngine().Queue.Requests(h.t.Context(), ids)
	if err != nil {
		h.t.Fatal(err)
	}
	for i, want := range enrolledInTheEnd {
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
