package queue_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
)

// Each account operation that ends well is counted once, in the transaction that says so, and forgotten after some months.
func TestDurations(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(t)
		c := tab.client()
		end := func(r account.Request, took time.Duration) {
			t.Helper()
			next := r
			next.Stage, next.Slot, next.Order.At = account.Provisioning, true, time.Now()
			claim := tab.save(c, tab.claim(c, r.ID), next, account.Release{Keep: true})
			time.Sleep(took)
			claim = tab.save(c, claim, claim.Request, account.Release{})
			next = claim.Request
			next.Stage, next.Slot, next.Order.EndedAt = account.Assigning, false, time.Now()
			claim = tab.save(c, tab.claim(c, r.ID), next, account.Release{Keep: true})
			next.Stage = account.Done
			tab.save(c, claim, next, account.Release{Rest: true})
		}
		seen := func(want account.Durations) {
			t.Helper()
			got, err := c.Durations(t.Context())
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("error %v, -want +got:\n%s", err, diff)
			}
			tab.consistent()
		}
		seen(account.Durations{})
		rs := tab.add(batchOf(1), 3)
		end(rs[0], 20*time.Minute)
		end(rs[1], 20*time.Minute)
		end(rs[2], 45*time.Minute)
		want := account.Durations{account.DurationStep(20 * time.Minute): 2, account.DurationStep(45 * time.Minute): 1}
		seen(want)
		time.Sleep(31 * 24 * time.Hour)
		seen(want)
		time.Sleep(100 * 24 * time.Hour)
		seen(account.Durations{})
	})
}
