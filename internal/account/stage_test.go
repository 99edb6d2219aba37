package account_test

import (
	"slices"
	"testing"

	"github.com/vend-cli/vend/internal/account"
)

func TestTheTableOfStages(t *testing.T) {
	t.Parallel()
	seen := map[[2]account.Stage]bool{}
	for _, a := range account.Transitions {
		for _, s := range []account.Stage{a.From, a.To} {
			if !slices.Contains(account.Stages, s) {
				t.Errorf("%s is in the table and not in the list of stages", s)
			}
		}
		if arrow := [2]account.Stage{a.From, a.To}; seen[arrow] || a.From == a.To {
			t.Errorf("the arrow %v stands twice, or goes nowhere", arrow)
		} else {
			seen[arrow] = true
		}
		if a.By == "" {
			t.Errorf("nobody moves a request from %s to %s", a.From, a.To)
		}
		if !account.Reachable(a.From, a.To) {
			t.Errorf("%s to %s is in the table and not allowed", a.From, a.To)
		}
	}
	for _, s := range account.Stages {
		if !account.Reachable(s, s) {
			t.Errorf("a request may not stay %s", s)
		}
		if s.Open() && !reaches(s, account.Done, nil) {
			t.Errorf("from %s no way leads to the end", s)
		}
		if s.Open() && !account.Reachable(s, account.Failed) {
			t.Errorf("what is %s can't fail", s)
		}
	}
	if account.Reachable(account.Done, account.Failed) || account.Reachable(account.Provisioning, account.Cancelled) || account.Reachable(account.Queued, account.Done) {
		t.Error("a request may be moved where nothing leads")
	}
	if slices.Contains(account.Stages, account.Rejected) {
		t.Error("rejected is a row, never a request")
	}
}

func reaches(from, to account.Stage, past []account.Stage) bool {
	if from == to {
		return true
	}
	for _, a := range account.Transitions {
		if a.From == from && !slices.Contains(past, a.To) && reaches(a.To, to, append(slices.Clip(past), from)) {
			return true
		}
	}
	return false
}

func TestOpenStages(t *testing.T) {
	t.Parallel()
	open := map[account.Stage]bool{
		account.Queued: true, account.Preparing: true, account.Provisioning: true, account.Recovering: true, account.Assigning: true,
		account.Done: false, account.Failed: false, account.Cancelled: false, account.Rejected: false, "": false,
	}
	for s, want := range open {
		if s.Open() != want {
			t.Errorf("%q.Open() = %t", s, s.Open())
		}
	}
}
