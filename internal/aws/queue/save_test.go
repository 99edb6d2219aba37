package queue_test

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
)

// full is a request that has something in every field.
func full(b account.Batch) account.Request {
	at := func(s int) time.Time { return time.Date(2026, 3, 4, 5, 6, s, 789_000_000, time.UTC) }
	r := requestOf(b, 2)
	r.User = account.User{Email: "owner@example.com", FirstName: "Olivia", LastName: "Owner"}
	r.Assignments = []account.Assignment{
		{PermissionSet: "Admin", PermissionSetARN: "arn:set", PrincipalType: account.GroupPrincipal, Principal: "Platform", PrincipalID: "g-1", State: account.AssignmentDone},
		{
			PermissionSet: "Read", PrincipalType: account.UserPrincipal, Principal: "u-1", PrincipalByID: true, State: account.AssignmentFailed,
			RequestID: "q-1", Attempts: 3, Failure: &account.Failure{Code: "V2022", Class: account.ClassOperator, Message: "no"},
		},
	}
	r.Tags = []account.Tag{{Key: "CostCenter", Value: ""}, {Key: "Owner", Value: "Platform"}}
	r.FailedStage = account.Assigning
	r.Failure = &account.Failure{Code: "V2023", Class: account.ClassOperator, Message: "m", AWSCode: "c", AWSMessage: "a", AWSRequestID: "i", Hint: "h"}
	r.Attempts, r.Waiting, r.AccountID, r.Generation = 4, "for AWS", "111122223333", 7
	r.Order = account.Operation{Token: "t", RecordID: "rec-1", ProductID: "pp-1", At: at(1), Failed: true}
	r.Clearing = account.Operation{Token: "c", RecordID: "rec-2", ProductID: "pp-1", At: at(2)}
	r.OrderUntil, r.Recover, r.AssigningSince, r.Tagged, r.Since = at(3), true, at(4), true, at(5)
	r.QueuedAt, r.StartedAt, r.FinishedAt = at(6), at(7), at(8)
	return r
}

func TestWhatIsSavedIsWhatIsRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(t)
		r := full(batchOf(1))
		if _, err := tab.client().Add(t.Context(), []account.Entry{entryOf(r)}); err != nil {
			t.Fatal(err)
		}
		c := tab.client()
		claim := tab.claim(c, r.ID)
		if diff := cmp.Diff(r, claim.Request); diff != "" {
			t.Errorf("added and claimed, -want +got:\n%s", diff)
		}
		r.Slot, r.Stage = true, account.Provisioning
		events := []account.Event{
			{At: time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC), Stage: account.Provisioning, What: "ordered", RecordID: "rec-1", AWSRequestID: "i"},
			{At: time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC), Stage: account.Provisioning, What: "moved", Failure: r.Failure},
		}
		saved := tab.save(c, claim, r, account.Release{Keep: true}, events...)
		second := account.Event{At: time.Date(2026, 3, 4, 0, 0, 1, 0, time.UTC), What: "and more"}
		tab.save(c, saved, r, account.Release{}, second)
		got, history, err := tab.client().History(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r, got); diff != "" {
			t.Errorf("saved and read, -want +got:\n%s", diff)
		}
		if diff := cmp.Diff(append(events, second), history); diff != "" {
			t.Errorf("history, -want +got:\n%s", diff)
		}
		tab.consistent()
	})
}

// One step may have more to tell than one transaction has room for.
func TestALongHistoryOfOneStep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(t)
		r := tab.add(batchOf(1), 1)[0]
		c := tab.client()
		var events []account.Event
		for i := range 400 {
			events = append(events, account.Event{At: time.Now().UTC(), What: fmt.Sprintf("assignment %d", i)})
		}
		tab.save(c, tab.claim(c, r.ID), r, account.Release{}, events...)
		_, history, err := c.History(t.Context(), r.ID)
		if diff := cmp.Diff(events, history); err != nil || diff != "" {
			t.Errorf("error %v, -want +got:\n%s", err, diff)
		}
	})
}

func TestSaveMovesAlongTheTableOfStages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(t)
		c := tab.client()
		for i, from := range account.Stages {
			for j, to := range account.Stages {
				r := requestOf(batchOf(1), 100*i+j+2)
				r.Stage = from
				if _, err := c.Add(t.Context(), []account.Entry{entryOf(r)}); err != nil {
					t.Fatal(err)
				}
				claim, err := c.Take(t.Context(), r.ID)
				if err != nil {
					t.Fatal(err)
				}
				r.Stage = to
				_, err = c.Save(t.Context(), claim, r, account.Release{Rest: true})
				if allowed := account.Reachable(from, to); (err == nil) != allowed {
					t.Errorf("from %s to %s: %v; the table allows it: %t", from, to, err, allowed)
				}
			}
		}
		tab.consistent()
	})
}

func TestSaveNeedsTheClaim(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(t)
		r := tab.add(batchOf(1), 1)[0]
		frozen, c := tab.client(), tab.client()
		old := tab.claim(frozen, r.ID)
		time.Sleep(lease + 2*time.Second)

		// Its claim has ended, but nobody else was there: nothing has changed, and the save may go.
		next := r
		next.Waiting = "first"
		old = tab.save(frozen, old, next, account.Release{Keep: true})

		time.Sleep(lease + 2*time.Second)
		claim := tab.claim(c, r.ID)
		next.Stage, next.Slot = account.Provisioning, true
		if _, err := frozen.Save(t.Context(), old, next, account.Release{}); !errors.Is(err, account.ErrStale) {
			t.Errorf("a save with a claim that somebody has taken over: %v", err)
		}
		tab.consistent()
		tab.save(c, claim, next, account.Release{In: time.Hour})
		if _, err := c.Save(t.Context(), claim, next, account.Release{}); !errors.Is(err, account.ErrStale) {
			t.Errorf("a second save with the same claim: %v", err)
		}
		tab.consistent()
	})
}

func TestSaveWhoseAnswerGoesWrong(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		for name, rel := range map[string]account.Release{"released": {In: time.Hour}, "kept": {Keep: true, Order: true}, "at rest": {Rest: true}} {
			t.Run(string(f)+", "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					tab := newTable(t)
					r := tab.add(batchOf(1), 1)[0]
					c := tab.struck(f, 2) // the first one is the claim
					claim := tab.claim(c, r.ID)
					next := r
					next.Stage, next.Slot, next.Attempts = account.Provisioning, true, 3
					if rel.Rest {
						next.Stage, next.Slot = account.Failed, false
					}
					event := account.Event{At: time.Now().UTC(), What: "moved"}
					saved := tab.save(c, claim, next, rel, event)
					if saved.Version != claim.Version+1 {
						t.Errorf("version %d after %d", saved.Version, claim.Version)
					}
					time.Sleep(5 * time.Second) // what is late arrives, and must not count
					tab.consistent()
					got, history, err := c.History(t.Context(), r.ID)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(saved.Request, got); diff != "" {
						t.Errorf("what Save returns is not what is there, -returned +there:\n%s", diff)
					}
					if len(history) != 1 {
						t.Errorf("history %+v", history)
					}
					if !rel.Keep {
						return
					}
					if got.OrderUntil.Before(time.Now().Add(lease / 2)) {
						t.Errorf("an order may leave until %v, at %v", got.OrderUntil, time.Now())
					}
					thief := tab.client()
					takeOver(t, func() error { _, err := thief.Claim(t.Context(), r.ID); return err })
					if left := saved.Left(time.Now()); left > 0 {
						t.Errorf("somebody else has the claim, and it is trusted for another %v", left)
					}
				})
			})
		}
	}
}

// The answers to a whole minute of attempts are lost: what the first one has written counts, not when the last was made.
func TestAKeptClaimWhoseFirstAttemptArrivedLongAgo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(t)
		r := tab.add(batchOf(1), 1)[0]
		var down atomic.Bool
		c := tab.clientWith(roundTrip(newOutage(tab, &down)), time.Now)
		claim := tab.claim(c, r.ID)
		down.Store(true)
		go func() {
			time.Sleep(30 * time.Second)
			down.Store(false)
		}()
		saved := tab.save(c, claim, r, account.Release{Keep: true})
		thief := tab.client()
		takeOver(t, func() error { _, err := thief.Claim(t.Context(), r.ID); return err })
		if left := saved.Left(time.Now()); left > 0 {
			t.Errorf("somebody else has the claim, and it is trusted for another %v", left)
		}
	})
}

func TestTheLineIsInOrderOfBatchesAndRows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(t)
		second := batchOf(2)
		var want []string
		for _, r := range tab.add(batchOf(1), 12) {
			want = append(want, r.ID)
		}
		for i := range 3 {
			r := requestOf(second, 50+i)
			if _, err := tab.client().Add(t.Context(), []account.Entry{entryOf(r)}); err != nil {
				t.Fatal(err)
			}
			want = append(want, r.ID)
		}
		time.Sleep(time.Second)
		c := tab.client()
		got, err := c.Waiting(t.Context(), 100)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("error %v, -want +got:\n%s", err, diff)
		}
		if got, err := c.Waiting(t.Context(), 5); err != nil || !slices.Equal(got, want[:5]) {
			t.Errorf("the first five are %v, %v", got, err)
		}
	})
}

func TestDue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(t)
		rs := tab.add(batchOf(1), 6)
		c := tab.client()
		for i, r := range rs {
			claim := tab.claim(c, r.ID)
			tab.save(c, claim, r, account.Release{In: time.Duration(len(rs)-i) * time.Hour})
		}
		time.Sleep(2*time.Hour + 2*time.Second)
		for name, client := range map[string]*queue.Client{
			"": c, "a day behind": tab.clientWith(tab.box.RoundTripper(), skewed(-24*time.Hour, true)),
			"a day ahead": tab.clientWith(tab.box.RoundTripper(), skewed(24*time.Hour, true)),
		} {
			due, ahead, err := client.Due(t.Context(), 10)
			if err != nil || len(due) != 2 || due[0].ID != rs[5].ID || due[1].ID != rs[4].ID {
				t.Errorf("%s: due %+v, %v", name, due, err)
			}
			if len(ahead) == 0 || time.Until(ahead[0].At) < 50*time.Minute || time.Until(ahead[0].At) > time.Hour {
				t.Errorf("%s: the next ones are %+v", name, ahead)
			}
			due, ahead, err = client.Due(t.Context(), 1)
			if err != nil || len(due) != 1 || due[0].ID != rs[5].ID || len(ahead) != 1 || ahead[0].ID != rs[4].ID {
				t.Errorf("%s: the first one is %+v, next %+v, %v", name, due, ahead, err)
			}
		}
	})
}
