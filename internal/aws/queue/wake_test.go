package queue_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

func TestWake(t *testing.T) {
	t.Parallel()
	hour := account.Release{In: time.Hour}
	for name, test := range map[string]struct {
		before  account.Release   // how the request was left when it was claimed next; Rest and Slot: it is not claimed
		claimed []account.Release // what is done with the claim, after a wake while it is held
		due     time.Duration     // from the last save, or from the wake; -1: it is not in the queue of timers
	}{
		"of what waits makes it due":                              {hour, nil, 0},
		"of what waits for a slot leaves it in the line":          {account.Release{Slot: true}, nil, -1},
		"of what rests does nothing":                              {account.Release{Rest: true}, nil, -1},
		"while it is claimed makes it due when it is released":    {hour, []account.Release{hour}, 0},
		"while it is claimed survives that the claim is kept":     {hour, []account.Release{{Keep: true}, hour}, 0},
		"and that it is kept again":                               {hour, []account.Release{{Keep: true}, {Keep: true}, hour}, 0},
		"while it is claimed makes due what would rest":           {hour, []account.Release{{Rest: true}}, 0},
		"while it is claimed leaves in the line what waits there": {hour, []account.Release{{Slot: true}}, -1},
		"while it is claimed leaves the claim to its holder":      {hour, []account.Release{{Keep: true}}, lease},
		"between two claims is seen once":                         {hour, []account.Release{hour, hour}, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tab := newTable(t)
				r := tab.add(batchOf(1), 1)[0]
				c := tab.client()
				claim := tab.claim(c, r.ID)
				if test.claimed == nil {
					tab.save(c, claim, r, test.before)
				}
				time.Sleep(2 * time.Second)
				if err := tab.client().Wake(t.Context(), r.ID); err != nil {
					t.Fatal(err)
				}
				for i, rel := range test.claimed {
					if i > 0 && !test.claimed[i-1].Keep {
						time.Sleep(2 * time.Second)
						claim = tab.claim(c, r.ID)
					}
					version := claim.Version
					if claim = tab.save(c, claim, r, rel); claim.Version != version+1 {
						t.Errorf("version %d after %d: a wake must leave it alone", claim.Version, version)
					}
				}
				now := time.Now()
				due, found := tab.timer(r.ID)
				if found != (test.due >= 0) {
					t.Fatalf("in the queue of timers: %t, %+v", found, due)
				}
				if off := due.At.Sub(now) - test.due; found && (off > time.Second || off < -3*time.Second) {
					t.Errorf("due in %v, want %v", due.At.Sub(now), test.due)
				}
				tab.consistent()
			})
		})
	}
}

// A wake that comes between a dead owner's claim and the next one is not lost on the way.
func TestWakeOfWhatADeadOwnerHeld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(t)
		r := tab.add(batchOf(1), 1)[0]
		dead := tab.client()
		old := tab.claim(dead, r.ID)
		time.Sleep(lease / 2)
		if err := tab.client().Wake(t.Context(), r.ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(lease)
		if err := tab.client().Wake(t.Context(), r.ID); err != nil {
			t.Fatal(err)
		}
		c := tab.client()
		claim := tab.claim(c, r.ID)
		tab.save(c, claim, r, account.Release{In: time.Hour})
		if due, found := tab.timer(r.ID); !found || time.Until(due.At) < 50*time.Minute {
			t.Errorf("due in %v: the wakes came before the claim, which has looked", time.Until(due.At))
		}
		if _, err := dead.Save(t.Context(), old, r, account.Release{}); err == nil {
			t.Error("the dead owner saves")
		}
	})
}

func TestWakeOfWhatIsNotThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(t)
		for _, id := range []string{"r-none", "b-none"} {
			if err := tab.client().Wake(t.Context(), id); err != nil {
				t.Errorf("Wake(%s): %v", id, err)
			}
		}
		if items := tab.items(); len(items) != 0 {
			t.Errorf("waking nothing makes %v", items)
		}
	})
}

func TestWakeOfABatch(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		state account.BatchState
		rel   account.Release
		held  bool // it is claimed again when the wake comes, and then released in the same way
	}{
		"that is open":                              {account.BatchOpen, account.Release{In: time.Hour}, false},
		"that is open and in somebody's hand":       {account.BatchOpen, account.Release{In: time.Hour}, true},
		"that is finished brings it back":           {account.BatchFinished, account.Release{Rest: true}, false},
		"that is being finished brings it back too": {account.BatchFinished, account.Release{Rest: true}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tab := newTable(t)
				c := tab.client()
				claim, err := c.Begin(t.Context(), batchOf(1))
				if err != nil {
					t.Fatal(err)
				}
				next := claim.Batch
				next.State = test.state
				if !test.held {
					if claim, err = c.SaveBatch(t.Context(), claim, next, claim.Results, test.rel); err != nil {
						t.Fatal(err)
					}
				}
				if err := tab.client().Wake(t.Context(), next.ID); err != nil {
					t.Fatal(err)
				}
				if test.held {
					if _, err := c.SaveBatch(t.Context(), claim, next, claim.Results, test.rel); err != nil {
						t.Fatal(err)
					}
				}
				if due, found := tab.timer(next.ID); !found || due.At.After(time.Now()) {
					t.Fatalf("it is not due: %t, %+v", found, due)
				}
				again, err := tab.client().ClaimBatch(t.Context(), next.ID)
				if err != nil || again.Batch.State != test.state {
					t.Errorf("it comes back as %+v, %v", again.Batch, err)
				}
			})
		})
	}
}

// News that can wait makes an item due within a while, and never later than it is.
func TestWakeWithin(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		state account.BatchState
		rel   account.Release // how the batch was left; Keep: it is in somebody's hand, who leaves it for an hour afterwards
		after time.Duration   // of the wake
		due   time.Duration   // from the wake, or from the end of the claim
	}{
		"of what comes due later":               {account.BatchOpen, account.Release{In: time.Hour}, time.Second, 30 * time.Second},
		"of what comes due sooner":              {account.BatchOpen, account.Release{In: 10 * time.Second}, time.Second, 9 * time.Second},
		"of what is due":                        {account.BatchOpen, account.Release{}, time.Minute, -time.Minute},
		"of what is finished":                   {account.BatchFinished, account.Release{Rest: true}, time.Second, 30 * time.Second},
		"of what somebody has in his hand":      {account.BatchOpen, account.Release{Keep: true}, time.Second, 0},
		"of what a dead owner had":              {account.BatchOpen, account.Release{Keep: true}, lease + time.Minute, -time.Minute},
		"of what is finished, held by somebody": {account.BatchFinished, account.Release{Keep: true}, time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tab := newTable(t)
				c := tab.client()
				claim, err := c.Begin(t.Context(), batchOf(1))
				if err != nil {
					t.Fatal(err)
				}
				next := claim.Batch
				next.State = test.state
				if claim, err = c.SaveBatch(t.Context(), claim, next, claim.Results, test.rel); err != nil {
					t.Fatal(err)
				}
				time.Sleep(test.after)
				woken := time.Now()
				for range 2 { // who comes second changes nothing
					if err := tab.client().WakeWithin(t.Context(), next.ID, 30*time.Second); err != nil {
						t.Fatal(err)
					}
				}
				if test.rel.Keep && test.after < lease {
					if _, err = c.SaveBatch(t.Context(), claim, next, claim.Results, account.Release{In: time.Hour}); err != nil {
						t.Fatal(err)
					}
				}
				due, found := tab.timer(next.ID)
				if off := due.At.Sub(woken) - test.due; !found || off > 3*time.Second || off < -3*time.Second {
					t.Errorf("it is in the queue: %t, due in %v, want %v", found, due.At.Sub(woken), test.due)
				}
			})
		})
	}
}

// A wake is sent until it has arrived; one that arrives twice does no harm.
func TestWakeWhoseAnswerGoesWrong(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tab := newTable(t)
				r := tab.add(batchOf(1), 1)[0]
				c := tab.client()
				claim := tab.save(c, tab.claim(c, r.ID), r, account.Release{In: time.Hour})
				if err := tab.struck(f, 1).Wake(t.Context(), r.ID); err != nil {
					t.Fatal(err)
				}
				time.Sleep(5 * time.Second)
				if again := tab.claim(c, r.ID); again.Version != claim.Version+1 {
					t.Errorf("version %d after %d", again.Version, claim.Version)
				}
			})
		})
	}
}

// What was saved and let go is put off only if nobody has touched it since.
func TestPutOff(t *testing.T) {
	t.Parallel()
	touches := map[string]struct {
		touch func(tab *table, id string)
		stale bool
	}{
		"what nobody has touched": {func(*table, string) {}, false},
		"what was woken": {func(tab *table, id string) {
			if err := tab.client().Wake(tab.t.Context(), id); err != nil {
				tab.t.Fatal(err)
			}
		}, true},
		"what somebody has claimed":      {func(tab *table, id string) { tab.claim(tab.client(), id) }, true},
		"what somebody has claimed once": {func(tab *table, id string) { tab.claim(tab.client(), id); time.Sleep(time.Hour) }, true},
		"what an operator has let go of": {func(tab *table, id string) {
			claim, err := tab.client().Take(tab.t.Context(), id)
			if err != nil {
				tab.t.Fatal(err)
			}
			tab.save(tab.client(), claim, claim.Request, account.Release{In: time.Minute})
		}, true},
	}
	for name, test := range touches {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tab := newTable(t)
				r := tab.add(batchOf(1), 1)[0]
				c := tab.client()
				saved := tab.save(c, tab.claim(c, r.ID), r, account.Release{In: time.Minute})
				time.Sleep(61 * time.Second)
				test.touch(tab, r.ID)
				before, _ := tab.timer(r.ID)
				err := c.PutOff(t.Context(), r.ID, saved.Lease, time.Hour)
				after, found := tab.timer(r.ID)
				switch {
				case errors.Is(err, account.ErrStale) != test.stale || err != nil && !test.stale:
					t.Errorf("it answers %v", err)
				case test.stale && !after.At.Equal(before.At):
					t.Errorf("it was due at %s, and is at %s", before.At, after.At)
				case !test.stale && (!found || time.Until(after.At) < 59*time.Minute || time.Until(after.At) > time.Hour):
					t.Errorf("it comes due in %s", time.Until(after.At))
				}
			})
		})
	}
}

// Whether the answer is lost or the call: what was put off, or was not, is claimed when it is due, and an answer that is lost
// is an error.
func TestPutOffWhoseAnswerGoesWrong(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tab := newTable(t)
				r := tab.add(batchOf(1), 1)[0]
				c := tab.client()
				saved := tab.save(c, tab.claim(c, r.ID), r, account.Release{In: time.Minute})
				err := tab.struck(f, 1).PutOff(t.Context(), r.ID, saved.Lease, time.Hour)
				if (err == nil) != (f == fine) || errors.Is(err, account.ErrStale) {
					t.Errorf("it answers %v", err)
				}
				if err := c.PutOff(t.Context(), r.ID, saved.Lease, time.Hour); err != nil {
					t.Errorf("a second time it answers %v", err)
				}
				time.Sleep(2 * time.Hour)
				if again := tab.claim(c, r.ID); again.Version != saved.Version+1 {
					t.Errorf("version %d after %d", again.Version, saved.Version)
				}
			})
		})
	}
}
