package queue_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/queue"
)

func TestABatchBeginsOnce(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tab := newTable(t)
				b := batchOf(1)
				claim, err := tab.struck(f, 1).Begin(t.Context(), b)
				if err != nil {
					t.Fatal(err)
				}
				b.State = account.BatchReading
				if diff := cmp.Diff(b, claim.Batch); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
				time.Sleep(5 * time.Second)
				for range 3 {
					if again, err := tab.client().Begin(t.Context(), b); !errors.Is(err, account.ErrStale) {
						t.Errorf("begun again as %+v, %v", again, err)
					}
				}
				known, err := tab.client().Known(t.Context(), []string{b.ID, b.ID, batchOf(2).ID})
				if diff := cmp.Diff(map[string]bool{b.ID: true}, known); err != nil || diff != "" {
					t.Errorf("error %v, -want +got:\n%s", err, diff)
				}
				if _, err := tab.client().ClaimBatch(t.Context(), b.ID); !errors.Is(err, account.ErrStale) {
					t.Errorf("while it is read, somebody else claims it: %v", err)
				}
				thief := tab.client()
				takeOver(t, func() error { _, err := thief.ClaimBatch(t.Context(), b.ID); return err })
				if left := claim.Left(time.Now()); left > 0 {
					t.Errorf("a reader trusts its claim for another %v, and somebody else has it", left)
				}
				if _, err := tab.client().SaveBatch(t.Context(), claim, claim.Batch, claim.Results, account.Release{}); !errors.Is(err, account.ErrStale) {
					t.Errorf("the first reader saves: %v", err)
				}
			})
		})
	}
}

func TestSaveBatchWhoseAnswerGoesWrong(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		for name, state := range map[string]account.BatchState{"a plain write": account.BatchReading, "a transaction": account.BatchFinished} {
			t.Run(string(f)+", "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					tab := newTable(t)
					c := tab.struck(f, 2)
					claim, err := c.Begin(t.Context(), batchOf(1))
					if err != nil {
						t.Fatal(err)
					}
					next := claim.Batch
					next.State, next.Rows, next.FinishedAt = state, 7, time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
					next.Failure = &account.Failure{Code: "V1101", Message: "not a list"}
					results := account.ResultsState{Changes: 3, At: time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC)}
					saved, err := c.SaveBatch(t.Context(), claim, next, results, account.Release{In: time.Second})
					if err != nil || saved.Version != claim.Version+1 {
						t.Fatalf("saved as %+v, %v", saved, err)
					}
					time.Sleep(5 * time.Second)
					got, err := tab.client().ClaimBatch(t.Context(), next.ID)
					if diff := cmp.Diff(account.BatchClaim{Batch: next, Results: results}, got, cmpopts.IgnoreTypes(account.Lease{})); err != nil || diff != "" {
						t.Errorf("error %v, -want +got:\n%s", err, diff)
					}
				})
			})
		}
	}
}

func TestTheListOfBatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(t)
		c := tab.client()
		all := make([]account.BatchClaim, 24)
		for i := range all {
			claim, err := c.Begin(t.Context(), batchOf(i))
			if err != nil {
				t.Fatal(err)
			}
			next := claim.Batch
			if next.State = account.BatchFinished; i >= 22 {
				next.State = account.BatchOpen
			}
			if all[i], err = c.SaveBatch(t.Context(), claim, next, claim.Results, account.Release{Keep: true}); err != nil {
				t.Fatal(err)
			}
		}
		ids := func(numbers ...int) []string {
			var ids []string
			for _, n := range numbers {
				ids = append(ids, batchOf(n).ID)
			}
			return ids
		}
		open := func() []string {
			t.Helper()
			open, err := c.Open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return open.Batches
		}
		if diff := cmp.Diff(ids(22, 23), open()); diff != "" {
			t.Errorf("open, -want +got:\n%s", diff)
		}
		shown := func(f queue.Filter) []string {
			t.Helper()
			view, err := c.Overview(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, b := range view.Batches {
				ids = append(ids, b.ID)
			}
			return ids
		}
		newestFirst := []int{23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2}
		if diff := cmp.Diff(ids(newestFirst...), shown(queue.Filter{})); diff != "" {
			t.Errorf("open ones and the last 20 finished, -want +got:\n%s", diff)
		}
		if diff := cmp.Diff(ids(append(newestFirst, 1, 0)...), shown(queue.Filter{All: true})); diff != "" {
			t.Errorf("all, -want +got:\n%s", diff)
		}
		if diff := cmp.Diff(ids(3), shown(queue.Filter{Batch: batchOf(3).ID})); diff != "" {
			t.Errorf("one, -want +got:\n%s", diff)
		}
		// A finished batch opens again, and an open one finishes.
		for i, state := range map[int]account.BatchState{0: account.BatchOpen, 23: account.BatchFinished} {
			next := all[i].Batch
			next.State = state
			if _, err := c.SaveBatch(t.Context(), all[i], next, account.ResultsState{}, account.Release{}); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(ids(0, 22), open()); diff != "" {
			t.Errorf("open, -want +got:\n%s", diff)
		}
		if got := shown(queue.Filter{}); len(got) != 22 || got[0] != batchOf(22).ID || got[1] != batchOf(0).ID || got[2] != batchOf(23).ID {
			t.Errorf("shown after a change: %v", got)
		}
	})
}

func TestTheTableIsMadeOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(t)
		r := tab.add(batchOf(1), 1)[0]
		if err := tab.client().CreateTable(t.Context()); err != nil {
			t.Errorf("a second time: %v", err)
		}
		tab.claim(tab.client(), r.ID)
	})
	denied := awstest.Always(&awstest.Error{Code: "AccessDeniedException"})
	c := queue.New(awstest.Config(denied), queue.Options{Table: "vend", Now: time.Now})
	if got := awstest.Verdict(c.CreateTable(t.Context())); got != "V3002 pause" {
		t.Errorf("no permission is judged %q", got)
	}
}
