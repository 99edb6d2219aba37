package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/samples"
)

func TestThreeRowsBecomeThreeAccountsWithTheirAccess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		began := time.Now()
		h.upload("accounts.csv", string(samples.Accounts))
		h.work()
		view := h.overview(queue.Filter{})
		if len(view.Requests) != 3 {
			t.Fatalf("%d requests, want 3", len(view.Requests))
		}
		for _, r := range view.Requests {
			if r.Stage != account.Done || r.AccountID == "" || r.Slot {
				t.Errorf("request %s of row %d is %s with account %q: %s %+v", r.ID, r.Row, r.Stage, r.AccountID, r.Waiting, r.Failure)
			}
			for _, a := range r.Assignments {
				if a.State != account.AssignmentDone {
					t.Errorf("assignment %s of row %d is %s: %+v", a, r.Row, a.State, a.Failure)
				}
			}
		}
		calls, unknown := h.sandbox.Calls()
		if len(unknown) > 0 || calls["dynamodb.Scan"] > 0 {
			t.Errorf("unknown calls %v, scans %d", unknown, calls["dynamodb.Scan"])
		}
		t.Logf("%s of the world's time; calls %v", time.Since(began), calls)
	})
}
