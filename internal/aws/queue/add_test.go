package queue_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/sandbox"
)

func entries(b account.Batch, n int) []account.Entry {
	all := make([]account.Entry, n)
	for i := range all {
		all[i] = entryOf(requestOf(b, i+2))
	}
	return all
}

func TestRowsShareTransactions(t *testing.T) {
	t.Parallel()
	b := batchOf(1)
	enrollments := entries(b, 64)
	for i := range enrollments {
		enrollments[i].Request.Kind, enrollments[i].Request.AccountID = account.Enroll, fmt.Sprintf("%012d", i)
	}
	refusals := make([]account.Entry, 150)
	for i := range refusals {
		refusals[i] = account.Entry{Row: account.Row{Batch: b.ID, Line: i + 2, Disposition: account.RowRefused}}
	}
	large := entries(b, 30)
	for i := range large {
		for range 300 {
			large[i].Request.Assignments = append(large[i].Request.Assignments, account.Assignment{
				PermissionSet: strings.Repeat("p", 32), PermissionSetARN: strings.Repeat("a", 80), Principal: strings.Repeat("g", 200),
			})
		}
	}
	for name, test := range map[string]struct {
		entries []account.Entry
		want    int // transactions
	}{
		"49 new accounts":               {entries(b, 49), 1},
		"98":                            {entries(b, 98), 2},
		"100":                           {entries(b, 100), 3},
		"enrollments have a guard each": {enrollments, 2},
		"rows without a request":        {refusals, 2},
		"no more than 4 MB at once":     {large, 2},
		"none":                          {nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tab := newTable(t)
				written, err := tab.client().Add(t.Context(), test.entries)
				if err != nil || written != len(test.entries) {
					t.Fatalf("Add = %d, %v", written, err)
				}
				calls, _ := tab.box.Calls()
				if n := calls["dynamodb.TransactWriteItems"]; n != test.want {
					t.Errorf("%d transactions, want %d", n, test.want)
				}
				tab.consistent()
				rows, err := tab.client().Rows(t.Context(), b.ID)
				if err != nil || len(rows) != len(test.entries) {
					t.Errorf("%d rows, %v", len(rows), err)
				}
				for i, row := range rows {
					if diff := cmp.Diff(test.entries[i].Row, row); diff != "" {
						t.Errorf("row %d, -want +got:\n%s", i, diff)
					}
				}
			})
		})
	}
}

func TestAddWhoseAnswerGoesWrong(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		for nth := 1; nth <= 2; nth++ {
			t.Run(fmt.Sprintf("%s, transaction %d", f, nth), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					tab := newTable(t)
					all := entries(batchOf(1), 60)
					if written, err := tab.struck(f, nth).Add(t.Context(), all); err != nil || written != len(all) {
						t.Errorf("Add = %d, %v: its own lost answer is no reason to decide again", written, err)
					}
					time.Sleep(5 * time.Second)
					tab.consistent()
				})
			})
		}
	}
}

func TestAddOfWhatIsThere(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		stale, want int
	}{
		"the first": {0, 0}, "one in the middle": {20, 20}, "the last of a transaction": {48, 48},
		"one of the second transaction": {60, 60}, "the last": {99, 99},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tab := newTable(t)
				all := entries(batchOf(2), 100)
				other := requestOf(batchOf(1), all[test.stale].Request.Row) // somebody asks for the same account meanwhile
				if _, err := tab.client().Add(t.Context(), []account.Entry{entryOf(other)}); err != nil {
					t.Fatal(err)
				}
				written, err := tab.client().Add(t.Context(), all)
				if !errors.Is(err, account.ErrStale) || written != test.want {
					t.Errorf("Add = %d, %v; want %d and ErrStale", written, err, test.want)
				}
				tab.consistent()
				// Decided again, the rest arrives.
				all[test.stale] = account.Entry{Row: account.Row{Batch: batchOf(2).ID, Line: all[test.stale].Row.Line, Disposition: account.Unchanged}}
				if written, err = tab.client().Add(t.Context(), all[written:]); err != nil || written != 100-test.want {
					t.Errorf("the rest: %d, %v", written, err)
				}
				tab.consistent()
				rows, err := tab.client().Rows(t.Context(), batchOf(2).ID)
				if err != nil || len(rows) != 100 {
					t.Errorf("%d rows, %v", len(rows), err)
				}
			})
		})
	}
}

// seen is a request as an upload finds it.
func (tab *table) seen(id string) account.Claim {
	tab.t.Helper()
	found, err := tab.client().Requests(tab.t.Context(), []string{id, id, "", "r-none"})
	if err != nil || len(found) != 1 {
		tab.t.Fatalf("requests %v, %v", found, err)
	}
	return found[id]
}

func TestATakeOverMovesTheCounters(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		from, to account.Stage
		line     bool // it waits for a slot afterwards; else it is due
	}{
		"queued":                   {account.Queued, account.Queued, true},
		"failed":                   {account.Failed, account.Queued, true},
		"cancelled":                {account.Cancelled, account.Queued, true},
		"done":                     {account.Done, account.Assigning, false},
		"failed in assigning":      {account.Failed, account.Assigning, false},
		"cancelled from assigning": {account.Cancelled, account.Assigning, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tab := newTable(t)
				one, two := batchOf(1), batchOf(2)
				r := requestOf(one, 2)
				r.Stage = test.from
				if _, err := tab.client().Add(t.Context(), []account.Entry{entryOf(r)}); err != nil {
					t.Fatal(err)
				}
				have := tab.seen(r.ID)
				next := r
				next.Batch, next.Row, next.Stage, next.Name = two.ID, 9, test.to, "another name"
				entry := account.Entry{Row: account.Row{Batch: two.ID, Line: 9, RequestID: r.ID, Disposition: account.Changed}, Request: &next, Seen: &have}
				if _, err := tab.client().Add(t.Context(), []account.Entry{entry}); err != nil {
					t.Fatal(err)
				}
				tab.consistent()
				counts, changes, err := tab.client().Tally(t.Context(), one.ID)
				if err != nil || len(counts) != 0 || changes != 2 {
					t.Errorf("the old batch counts %v after %d changes, %v", counts, changes, err)
				}
				time.Sleep(time.Second)
				waiting, err := tab.client().Waiting(t.Context(), 10)
				if err != nil || (len(waiting) == 1) != test.line {
					t.Errorf("waiting for a slot: %v, %v", waiting, err)
				}
				if due, found := tab.timer(r.ID); found == test.line || found && due.At.After(time.Now()) {
					t.Errorf("in the queue of timers: %t, %+v", found, due)
				}
				c := tab.client()
				if claim := tab.claim(c, r.ID); claim.Request.Name != "another name" {
					t.Errorf("claimed as %+v", claim.Request)
				}
				entry.Row.Line = 10
				if _, err := tab.client().Add(t.Context(), []account.Entry{entry}); !errors.Is(err, account.ErrStale) {
					t.Errorf("a second time on the same look: %v", err)
				}
			})
		})
	}
}

func TestATakeOverNeedsWhatWasSeen(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		meanwhile func(tab *table, r account.Request)
		want      error
	}{
		"nothing has happened": {func(*table, account.Request) {}, nil},
		"somebody has claimed it": {func(tab *table, r account.Request) {
			tab.claim(tab.client(), r.ID)
		}, account.ErrStale},
		"somebody has claimed it and died": {func(tab *table, r account.Request) {
			tab.claim(tab.client(), r.ID)
			time.Sleep(2 * lease)
		}, account.ErrStale},
		"somebody has saved it": {func(tab *table, r account.Request) {
			c := tab.client()
			tab.save(c, tab.claim(c, r.ID), r, account.Release{Slot: true})
		}, account.ErrStale},
		"somebody has woken it": {func(tab *table, r account.Request) {
			if err := tab.client().Wake(tab.t.Context(), r.ID); err != nil {
				tab.t.Fatal(err)
			}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tab := newTable(t)
				r := tab.add(batchOf(1), 1)[0]
				have := tab.seen(r.ID)
				test.meanwhile(tab, r)
				next := r
				next.Batch = batchOf(2).ID
				entry := account.Entry{Row: account.Row{Batch: next.Batch, Line: 2, RequestID: r.ID, Disposition: account.Changed}, Request: &next, Seen: &have}
				if _, err := tab.client().Add(t.Context(), []account.Entry{entry}); !errors.Is(err, test.want) {
					t.Errorf("Add: %v, want %v", err, test.want)
				}
				tab.consistent()
			})
		})
	}
}

// What an upload sees in somebody's hand it leaves there; a claim that has ended is nobody's.
func TestRequestsTellWhoHoldsThem(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(t)
		r := tab.add(batchOf(1), 1)[0]
		if have := tab.seen(r.ID); !have.Until.IsZero() {
			t.Errorf("nobody's claim ends at %v", have.Until)
		}
		c := tab.client()
		claim := tab.claim(c, r.ID)
		if have := tab.seen(r.ID); !have.Until.Equal(claim.Until) || have.Version != claim.Version || have.Owner != claim.Owner {
			t.Errorf("seen as %+v, claimed as %+v", have.Lease, claim.Lease)
		}
		time.Sleep(2 * lease)
		have, now := tab.seen(r.ID), c.Now()
		next := r
		next.Name = "of a newer upload"
		entry := account.Entry{Row: account.Row{Batch: batchOf(2).ID, Line: 2, Disposition: account.Changed}, Request: &next, Seen: &have}
		if _, err := tab.client().Add(t.Context(), []account.Entry{entry}); err != nil {
			t.Errorf("take over what a dead owner held until %v, at %v: %v", have.Until, now, err)
		}
		if _, err := c.Save(t.Context(), claim, r, account.Release{}); !errors.Is(err, account.ErrStale) {
			t.Errorf("the dead owner saves: %v", err)
		}
	})
}

func TestGuardsOfEnrollments(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(t)
		c := tab.client()
		enroll := func(line int, id string) account.Entry {
			r := requestOf(batchOf(1), line)
			r.Kind, r.AccountID = account.Enroll, id
			return entryOf(r)
		}
		first := enroll(2, "111122223333")
		if _, err := c.Add(t.Context(), []account.Entry{first}); err != nil {
			t.Fatal(err)
		}
		if n, err := c.Add(t.Context(), []account.Entry{enroll(3, "444455556666"), enroll(4, "111122223333")}); !errors.Is(err, account.ErrStale) || n != 1 {
			t.Errorf("another request for the same account: %d, %v", n, err)
		}
		tab.consistent()
		guards, err := c.Enrolling(t.Context(), []string{"111122223333", "444455556666", "111122223333", "777788889999"})
		want := map[string]string{"111122223333": first.Request.ID, "444455556666": requestOf(batchOf(1), 3).ID}
		if diff := cmp.Diff(want, guards); err != nil || diff != "" {
			t.Errorf("error %v, -want +got:\n%s", err, diff)
		}
		have := tab.seen(first.Request.ID)
		again := first
		again.Row.Batch, again.Seen = batchOf(2).ID, &have
		if _, err := c.Add(t.Context(), []account.Entry{again}); err != nil {
			t.Errorf("the same request again: %v", err)
		}
	})
}

// An upload moves requests only along the table of stages.
func TestAddMovesAlongTheTableOfStages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(t)
		r := tab.add(batchOf(1), 1)[0]
		have := tab.seen(r.ID)
		r.Stage = account.Done
		entry := account.Entry{Row: account.Row{Batch: r.Batch, Line: 3}, Request: &r, Seen: &have}
		if _, err := tab.client().Add(t.Context(), []account.Entry{entry}); err == nil {
			t.Error("an upload ends a request")
		}
		tab.consistent()
	})
}

// DynamoDB may leave keys out; what is read is complete all the same, and nothing spins.
func TestReadingWhatDynamoDBHasNoRoomFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(t)
		rs := tab.add(batchOf(1), 120)
		ids := make([]string, len(rs))
		for i, r := range rs {
			ids[i] = r.ID
		}
		refusals := 0
		tab.box.Intercept(func(r sandbox.Request) sandbox.Verdict {
			if r.Operation == "dynamodb.BatchGetItem" && !r.Done && refusals < 3 {
				refusals++
				return sandbox.Verdict{Code: "ProvisionedThroughputExceededException"}
			}
			return sandbox.Verdict{}
		})
		found, err := tab.client().Requests(t.Context(), ids)
		if err != nil || len(found) != len(ids) {
			t.Errorf("%d of %d, %v", len(found), len(ids), err)
		}
	})
}
