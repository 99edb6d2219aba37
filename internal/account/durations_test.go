package account_test

import (
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

func TestDurationsAreExpectedFromThoseSeen(t *testing.T) {
	t.Parallel()
	const minute = time.Minute
	seen := func(all ...time.Duration) account.Durations {
		d := account.Durations{}
		for _, one := range all {
			d[account.DurationStep(one)]++
		}
		return d
	}
	twenty := make([]time.Duration, 0, 20)
	for range 18 {
		twenty = append(twenty, 25*minute)
	}
	for name, test := range map[string]struct {
		seen                    account.Durations
		operations, concurrency int
		low, high               time.Duration // one, each give or take a fifth
	}{
		"nothing seen":                     {nil, 1, 1, 15 * minute, 30 * minute},
		"nothing to do":                    {nil, 0, 1, 0, 0},
		"three, one after the other":       {seen(20 * minute), 3, 1, 60 * minute, 60 * minute},
		"three, two at once, in two goes":  {seen(20 * minute), 3, 2, 40 * minute, 40 * minute},
		"without the slowest and quickest": {seen(append(twenty, time.Second, 5*time.Hour)...), 1, 1, 25 * minute, 25 * minute},
		"few, so all of them":              {seen(10*minute, 40*minute), 1, 1, 10 * minute, 40 * minute},
		"a sandbox's seconds":              {seen(2*time.Second, 3*time.Second), 1, 1, 2 * time.Second, 3 * time.Second},
		"no concurrency is one":            {seen(20 * minute), 2, 0, 40 * minute, 40 * minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := test.seen.Expect(test.operations, test.concurrency)
			near := func(got, want time.Duration) bool { return got >= want*4/5 && got <= want*5/4 }
			if !near(got.Low, test.low) || !near(got.High, test.high) || got.Low > got.High {
				t.Errorf("%v to %v, want about %v to %v", got.Low, got.High, test.low, test.high)
			}
		})
	}
}
