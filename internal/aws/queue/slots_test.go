package queue_test

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
)

func TestSlots(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(t)
		rs := tab.add(batchOf(1), 3)
		c := tab.client()
		slots := func(want account.Slots) {
			t.Helper()
			got, err := c.Slots(t.Context())
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("error %v, -want +got:\n%s", err, diff)
			}
			tab.consistent()
		}
		slots(account.Slots{Concurrency: 2})
		start := func(r account.Request) (account.Claim, error) {
			claim := tab.claim(c, r.ID)
			next := r
			next.Stage, next.Slot = account.Provisioning, true
			saved, err := c.Save(t.Context(), claim, next, account.Release{Keep: true})
			if err != nil { // back into the line
				tab.save(c, claim, r, account.Release{Slot: true})
			}
			return saved, err
		}
		first, err := start(rs[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := start(rs[1]); err != nil {
			t.Fatal(err)
		}
		if _, err := start(rs[2]); !errors.Is(err, account.ErrNoSlot) {
			t.Errorf("a third of two: %v", err)
		}
		slots(account.Slots{InFlight: 2, Concurrency: 2})

		if err := c.Pause(t.Context(), account.Pause{Code: "V3007", Reason: "the quota"}); err != nil {
			t.Fatal(err)
		}
		if err := c.Pause(t.Context(), account.Pause{Code: "V3013", Reason: "somebody"}); err != nil {
			t.Fatal(err)
		}
		next := first.Request
		next.Stage, next.Slot = account.Assigning, false
		first = tab.save(c, first, next, account.Release{Keep: true}) // what is in flight goes on
		if _, err := start(rs[2]); !errors.Is(err, account.ErrNoSlot) {
			t.Errorf("a slot while the pipeline is paused: %v", err)
		}
		paused, err := c.Slots(t.Context())
		if err != nil || paused.Paused == nil || paused.Paused.Code != "V3007" || paused.Free() != 0 {
			t.Errorf("paused: %+v, %v; want the first reason", paused, err)
		}
		for range 2 {
			if err := c.Unpause(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := start(rs[2]); err != nil {
			t.Errorf("a slot when the pause is over: %v", err)
		}
		slots(account.Slots{InFlight: 2, Concurrency: 2})
		next.Stage = account.Done
		tab.save(c, first, next, account.Release{Rest: true})
		slots(account.Slots{InFlight: 2, Concurrency: 2})
	})
}

// However many savers there are, no more slots are taken than there are places, and none is lost.
func TestFiftySaversAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(t)
		rs := tab.add(batchOf(1), 50)
		var mu sync.Mutex
		holding, most, turns := 0, 0, 0
		var all sync.WaitGroup
		for i, r := range rs {
			c := tab.clientWith(tab.box.RoundTripper(), skewed(time.Duration(i-25)*time.Hour, i%3 == 0))
			all.Go(func() {
				for {
					claim, err := c.Claim(t.Context(), r.ID)
					if err != nil {
						t.Errorf("claim %s: %v", r.ID, err)
						return
					}
					next := claim.Request
					next.Stage, next.Slot = account.Provisioning, true
					saved, err := c.Save(t.Context(), claim, next, account.Release{Keep: true})
					if errors.Is(err, account.ErrNoSlot) {
						tab.save(c, claim, claim.Request, account.Release{Slot: true})
						time.Sleep(time.Duration(2000+40*i) * time.Millisecond)
						continue
					}
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					holding, turns = holding+1, turns+1
					most = max(most, holding)
					mu.Unlock()
					time.Sleep(time.Second)
					mu.Lock()
					holding--
					mu.Unlock()
					next.Stage, next.Slot = account.Failed, false
					tab.save(c, saved, next, account.Release{Rest: true})
					return
				}
			})
		}
		all.Wait()
		tab.consistent()
		if most != 2 || turns != 50 {
			t.Errorf("%d held a slot at once, %d had one; want 2 and 50", most, turns)
		}
		open, err := tab.client().Open(t.Context())
		want := account.Open{Counts: map[account.Stage]int{account.Failed: 50}, Slots: account.Slots{Concurrency: 2}}
		if diff := cmp.Diff(want, open); err != nil || diff != "" {
			t.Errorf("error %v, -want +got:\n%s", err, diff)
		}
	})
}

// A count of slots that somebody has tampered with keeps nobody from giving one back, and does not go below zero.
func TestGivingBackASlotThatIsNotCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(t)
		r := tab.add(batchOf(1), 1)[0]
		c := tab.client()
		next := r
		next.Stage, next.Slot = account.Provisioning, true
		claim := tab.save(c, tab.claim(c, r.ID), next, account.Release{Keep: true})
		tab.put("pipeline", "slots", map[string]int{"inFlight": 0})
		next.Stage, next.Slot = account.Assigning, false
		began := time.Now()
		tab.save(c, claim, next, account.Release{})
		if took := time.Since(began); took > 0 {
			t.Errorf("it took %v", took)
		}
		tab.consistent()
	})
}
