package queue_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
)

func TestOverview(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(t)
		c := tab.client()
		one, two := batchOf(1), batchOf(2)
		for _, b := range []account.Batch{one, two} {
			if _, err := c.Begin(t.Context(), b); err != nil {
				t.Fatal(err)
			}
		}
		rs := tab.add(one, 3)
		failed := rs[1]
		failed.Stage, failed.Failure = account.Failed, &account.Failure{Code: "V2001", Message: "in use"}
		tab.save(c, tab.claim(c, failed.ID), failed, account.Release{Rest: true})
		taken, have := rs[2], tab.seen(rs[2].ID) // the second batch takes this one over
		taken.Batch, taken.Row, taken.Turn = two.ID, 2, two.Turn(2)
		rejected := account.Row{Batch: one.ID, Line: 9, Disposition: account.RowRefused, Failure: &account.Failure{Code: "V1203", Message: "bad"}}
		if _, err := c.Add(t.Context(), []account.Entry{
			{Row: rejected},
			{Row: account.Row{Batch: one.ID, Line: 10, Disposition: account.Unchanged, RequestID: rs[0].ID}},
			{Row: account.Row{Batch: two.ID, Line: 2, Disposition: account.Changed, RequestID: taken.ID}, Request: &taken, Seen: &have},
		}); err != nil {
			t.Fatal(err)
		}
		tab.consistent()
		for _, w := range []account.Worker{{Owner: "gone-1", Kind: "cli"}, {Owner: "host-1", Kind: "worker"}, {Owner: "old-1", Kind: "lambda"}} {
			if err := c.Seen(t.Context(), w); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(3 * time.Minute)
		if err := c.Seen(t.Context(), account.Worker{Owner: "host-1", Kind: "worker"}); err != nil {
			t.Fatal(err)
		}
		if err := c.Seen(t.Context(), account.Worker{Owner: "gone-1", Kind: "cli"}); err != nil {
			t.Fatal(err)
		}
		if err := c.Gone(t.Context(), "gone-1"); err != nil {
			t.Fatal(err)
		}
		if err := c.Pause(t.Context(), account.Pause{Code: "V3007", Reason: "the quota"}); err != nil {
			t.Fatal(err)
		}

		type shown struct {
			Requests, Rejected []string
			Summaries          []map[account.Stage]int
			Omitted            int
		}
		sum1 := map[account.Stage]int{account.Queued: 1, account.Failed: 1, account.Rejected: 1}
		sum2 := map[account.Stage]int{account.Queued: 1}
		for name, test := range map[string]struct {
			filter queue.Filter
			want   shown
		}{
			"everything":  {queue.Filter{}, shown{[]string{taken.ID, rs[0].ID, failed.ID}, []string{"V1203"}, []map[account.Stage]int{sum2, sum1}, 0}},
			"what failed": {queue.Filter{Failed: true}, shown{[]string{failed.ID}, []string{"V1203"}, []map[account.Stage]int{sum2, sum1}, 0}},
			"a batch":     {queue.Filter{Batch: two.ID}, shown{[]string{taken.ID}, nil, []map[account.Stage]int{sum2}, 0}},
			"a request":   {queue.Filter{Request: taken.ID}, shown{[]string{taken.ID}, nil, []map[account.Stage]int{sum2}, 0}},

			"the worst":           {queue.Filter{Most: 1}, shown{[]string{failed.ID}, nil, []map[account.Stage]int{sum2, sum1}, 3}},
			"the two worst":       {queue.Filter{Most: 2}, shown{[]string{failed.ID}, []string{"V1203"}, []map[account.Stage]int{sum2, sum1}, 2}},
			"more than there are": {queue.Filter{Most: 9}, shown{[]string{failed.ID, taken.ID, rs[0].ID}, []string{"V1203"}, []map[account.Stage]int{sum2, sum1}, 0}},
		} {
			view, err := c.Overview(t.Context(), test.filter)
			if err != nil {
				t.Fatal(err)
			}
			got := shown{Omitted: view.Omitted}
			for _, r := range view.Requests {
				got.Requests = append(got.Requests, r.ID)
			}
			for _, r := range view.Rejected {
				got.Rejected = append(got.Rejected, r.Failure.Code)
			}
			for _, b := range view.Batches {
				got.Summaries = append(got.Summaries, b.Summary)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s, -want +got:\n%s", name, diff)
			}
			if len(view.Workers) != 1 || view.Workers[0].Owner != "host-1" {
				t.Errorf("%s: workers %+v", name, view.Workers)
			}
			if view.Paused == nil || view.Paused.Code != "V3007" || view.Paused.Since.IsZero() {
				t.Errorf("%s: paused %+v", name, view.Paused)
			}
		}
		for _, f := range []queue.Filter{{Batch: "b-none"}, {Request: "r-none"}} {
			if _, err := c.Overview(t.Context(), f); !errors.Is(err, queue.ErrNotFound) {
				t.Errorf("%+v: %v", f, err)
			}
		}
		if _, _, err := c.History(t.Context(), "r-none"); !errors.Is(err, queue.ErrNotFound) {
			t.Errorf("the history of nothing: %v", err)
		}
	})
}

// A request that an older release has put to rest as failed is not in the index.
func TestAFailureOfAnOlderReleaseIsShown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(t)
		c, b := tab.client(), batchOf(1)
		if _, err := c.Begin(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		failed := tab.add(b, 3)[1]
		failed.Stage, failed.Failure = account.Failed, &account.Failure{Code: "V2001", Message: "in use"}
		tab.save(c, tab.claim(c, failed.ID), failed, account.Release{Rest: true})
		tab.unindex(failed.ID)
		time.Sleep(time.Minute)
		view, err := c.Overview(t.Context(), queue.Filter{Most: 1})
		if err != nil || len(view.Requests) != 1 || view.Requests[0].ID != failed.ID || view.Omitted != 2 {
			t.Errorf("%+v are shown, %d left out, %v", view.Requests, view.Omitted, err)
		}
		if _, err := c.Claim(t.Context(), failed.ID); !errors.Is(err, account.ErrStale) {
			t.Errorf("a worker takes what has failed: %v", err)
		}
	})
}

func TestAnEmptyTable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newTable(t).client()
		view, err := c.Overview(t.Context(), queue.Filter{All: true})
		if diff := cmp.Diff(account.Overview{}, view); err != nil || diff != "" {
			t.Errorf("error %v, -want +got:\n%s", err, diff)
		}
		open, err := c.Open(t.Context())
		if diff := cmp.Diff(account.Open{Counts: map[account.Stage]int{}, Slots: account.Slots{Concurrency: 2}}, open); err != nil || diff != "" {
			t.Errorf("error %v, -want +got:\n%s", err, diff)
		}
		settings, err := c.Settings(t.Context())
		if diff := cmp.Diff(account.Settings{}, settings); err != nil || diff != "" {
			t.Errorf("error %v, -want +got:\n%s", err, diff)
		}
		if found, err := c.Requests(t.Context(), nil); err != nil || len(found) != 0 {
			t.Errorf("no requests: %v, %v", found, err)
		}
	})
}

// Finding work costs the same however many requests are done: nothing scans, and nothing reads what rests.
func TestTheCostOfAStepDoesNotGrow(t *testing.T) {
	t.Parallel()
	cost := func(done int) (calls map[string]int) {
		synctest.Test(t, func(t *testing.T) {
			tab := newTable(t)
			var all []account.Entry
			for i := range done {
				r := requestOf(batchOf(1), i+100)
				r.Stage = account.Done
				all = append(all, entryOf(r))
			}
			c := tab.client()
			if _, err := c.Add(t.Context(), all); err != nil {
				t.Fatal(err)
			}
			r := tab.add(batchOf(2), 1)[0]
			time.Sleep(time.Second)
			before, _ := tab.box.Calls()
			if _, _, err := c.Due(t.Context(), 10); err != nil {
				t.Fatal(err)
			}
			if ids, err := c.Waiting(t.Context(), 10); err != nil || len(ids) != 1 {
				t.Fatal(ids, err)
			}
			next := r
			next.Stage, next.Slot = account.Provisioning, true
			tab.save(c, tab.claim(c, r.ID), next, account.Release{})
			if _, err := c.Open(t.Context()); err != nil {
				t.Fatal(err)
			}
			calls, _ = tab.box.Calls()
			for operation, n := range before {
				if calls[operation] -= n; calls[operation] == 0 {
					delete(calls, operation)
				}
			}
		})
		return calls
	}
	if diff := cmp.Diff(cost(0), cost(500)); diff != "" {
		t.Errorf("with 500 done requests, -without +with:\n%s", diff)
	}
	if n := cost(0)["dynamodb.Scan"]; n != 0 {
		t.Errorf("%d scans", n)
	}
}
