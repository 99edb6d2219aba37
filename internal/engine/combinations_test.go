package engine_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/vend-cli/vend/internal/sandbox/world"
)

var (
	combinations = flag.Uint64("combinations", 24, "random combinations of assumptions that the batch runs in")
	combination  = flag.Uint64("combination", 0, "the first one's seed")
)

// TestEveryCombinationOfAssumptionsMayBeWrong runs the batch, or the enrollments, in worlds that are wrong in many ways at once: of each seed,
// every assumption is switched by a toss of the same coin, which is fair in one world and loaded in the next, and one call
// goes wrong in one of the four ways. Make test takes a sample, make soak many.
func TestEveryCombinationOfAssumptionsMayBeWrong(t *testing.T) {
	t.Parallel()
	count := *combinations
	if everyCall > 1 {
		count = min(count, 2) // under the race detector
	}
	for seed := *combination; seed < *combination+count; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(seed, 0))
			share := rng.Float64()
			var otherwise []string
			for _, a := range world.Assumptions {
				if rng.Float64() < share {
					otherwise = append(otherwise, a.Name)
				}
			}
			var o outcome
			k, m := 1+rng.IntN(150), modes[rng.IntN(len(modes))]
			if seed%3 == 0 { // it takes longer
				o = enrollRun(t, enrollingWorld(t, false, otherwise...), seed, map[int]mode{k: m})
			} else {
				o = crashRun(t, testWorld(t, otherwise...), threeRows, seed, map[int]mode{k: m})
			}
			if len(o.violations) > 0 {
				t.Errorf("%s at call %d (%s), commit %s, with %s:\n  %s\n  again: go test ./internal/engine -run '%s' -combination=%d -combinations=1",
					m, k, o.struck, commit(), strings.Join(otherwise, " "), strings.Join(o.violations, "\n  "),
					"TestEveryCombinationOfAssumptionsMayBeWrong", seed)
			}
		})
	}
}
