package account_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
)

func TestForesee(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	in := func(d time.Duration) time.Time { return now.Add(d) }
	flying := func(id string, since time.Duration) account.Request {
		return account.Request{ID: id, Stage: account.Provisioning, Slot: true, Order: account.Operation{At: now.Add(-since)}}
	}
	dead := flying("dead", time.Minute)
	dead.Order.Failed = true
	failed := flying("failed", time.Hour)
	failed.Stage = account.Failed
	for what, test := range map[string]struct {
		line        []string
		underWay    []account.Request
		held        int
		concurrency int
		paused      bool
		want        map[string]account.Forecast
	}{
		"nothing to do": {want: map[string]account.Forecast{}},
		"an empty pipeline begins with the first at once": {line: []string{"a", "b"}, concurrency: 1, want: map[string]account.Forecast{
			"a": {Position: 1, Earliest: in(15 * time.Minute), Latest: in(30 * time.Minute)},
			"b": {Position: 2, Earliest: in(30 * time.Minute), Latest: in(time.Hour)},
		}},
		"whoever is under way may end at once, or last": {line: []string{"a"}, underWay: []account.Request{flying("x", 10*time.Minute)}, held: 1, concurrency: 1, want: map[string]account.Forecast{
			"x": {Earliest: in(5 * time.Minute), Latest: in(20 * time.Minute)},
			"a": {Position: 1, Earliest: in(15 * time.Minute), Latest: in(time.Hour)},
		}},
		"several at once": {line: []string{"a", "b", "c"}, concurrency: 2, want: map[string]account.Forecast{
			"a": {Position: 1, Earliest: in(15 * time.Minute), Latest: in(30 * time.Minute)},
			"b": {Position: 2, Earliest: in(15 * time.Minute), Latest: in(30 * time.Minute)},
			"c": {Position: 3, Earliest: in(30 * time.Minute), Latest: in(time.Hour)},
		}},
		"longer than most is any moment": {underWay: []account.Request{flying("x", time.Hour)}, held: 1, concurrency: 1, want: map[string]account.Forecast{
			"x": {Earliest: now, Latest: now},
		}},
		"what is cleared away or failed has no end":  {underWay: []account.Request{dead, failed}, held: 2, concurrency: 2, want: map[string]account.Forecast{}},
		"while nothing is begun the places are told": {line: []string{"a"}, paused: true, concurrency: 1, want: map[string]account.Forecast{"a": {Position: 1}}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			got := account.Durations(nil).Foresee(test.line, test.underWay, test.held, test.concurrency, !test.paused, now)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
