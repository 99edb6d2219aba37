package engine_test

import (
	"flag"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var (
	pairsAll  = flag.Bool("pairs.all", false, "every pair of mutating calls in all sixteen combinations of ways to go wrong")
	pairsOnly = flag.String("pairs.only", "", "one pair: mode/call,mode/call, like effect-crash/3,error-before/7")
)

// pairsRacing is how many first calls are passed over under the race detector.
const pairsRacing = 72

// mutating says whether a call changes something. Messages that are received come again.
func mutating(operation string) bool {
	if method, _, ok := strings.Cut(operation, " "); ok {
		return method != "GET" && method != "HEAD"
	}
	name := operation[strings.LastIndex(operation, ".")+1:]
	for _, looks := range []string{"Get", "BatchGet", "Describe", "List", "Query", "Search", "Receive"} {
		if strings.HasPrefix(name, looks) {
			return false
		}
	}
	return true
}

// pairRun lets a worker vend one row while its mutating calls go wrong as faults say, and starts it again when it dies.
// Calls are counted over all its lives.
func pairRun(t *testing.T, file []byte, faults map[int]mode) (o outcome) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, file)
		began := time.Now()
		h.watch(1)
		h.upload("accounts.csv", list(threeRows[0]))
		p := newProcess(h.sandbox, *crashSeed, faults)
		p.counts = mutating
		for h.runUntilDead(p); p.dead; h.runUntilDead(p) {
			p = p.reborn()
		}
		var struck []string
		for k := range p.count() {
			if m := faults[k+1]; m != "" {
				struck = append(struck, fmt.Sprintf("%s at %s", m, p.call(k+1)))
			}
		}
		h.settled(asked(threeRows[:1]))
		h.sandbox.Intercept(nil)
		o.calls, o.struck, o.took, o.violations = p.count(), strings.Join(struck, ", "), time.Since(began), h.violations
	})
	return o
}

// TestEveryPairOfMutatingCallsMayFail lets each mutating call of a one-row batch go wrong, and each one that the run then
// makes after it, in whatever process: what mends the first fault meets the second. Each pair of calls is run once, in one
// of the sixteen combinations of modes, which moves on from pair to pair; with -pairs.all it is run in all of them.
func TestEveryPairOfMutatingCallsMayFail(t *testing.T) {
	t.Parallel()
	file := testWorld(t)
	if *pairsOnly != "" {
		faults := map[int]mode{}
		for one := range strings.SplitSeq(*pairsOnly, ",") {
			var k int
			m, number, _ := strings.Cut(one, "/")
			if _, err := fmt.Sscan(number, &k); err != nil {
				t.Fatalf("-pairs.only %q: %v", one, err)
			}
			faults[k] = mode(m)
		}
		reportPair(t, *pairsOnly, pairRun(t, file, faults))
		return
	}
	undisturbed := pairRun(t, file, nil)
	reportPair(t, "", undisturbed)
	var runs, virtual atomic.Int64
	began := time.Now()
	t.Run("pairs", func(t *testing.T) {
		for i, first := range modes {
			t.Run(string(first), func(t *testing.T) {
				t.Parallel()
				for k := 1; k <= undisturbed.calls; k++ {
					if everyCall > 1 && k%pairsRacing != i {
						continue // under the race detector some are enough
					}
					after := pairRun(t, file, map[int]mode{k: first}).calls
					for l := k + 1; l <= after; l++ {
						for j, second := range modes {
							if !*pairsAll && (k+l)%(len(modes)*len(modes)) != i*len(modes)+j {
								continue
							}
							o := pairRun(t, file, map[int]mode{k: first, l: second})
							runs.Add(1)
							virtual.Add(int64(o.took))
							reportPair(t, fmt.Sprintf("%s/%d,%s/%d", first, k, second, l), o)
						}
					}
				}
			})
		}
	})
	t.Logf("%d mutating calls: %d pairs, %.0f virtual hours, 0 violations unless told above, %.0f s",
		undisturbed.calls, runs.Load(), time.Duration(virtual.Load()).Hours(), time.Since(began).Seconds())
}

// reportPair tells of broken promises, with the one line that repeats the run.
func reportPair(t *testing.T, pair string, o outcome) {
	t.Helper()
	if len(o.violations) > 0 {
		t.Errorf("%s (%s), commit %s:\n  %s\n  again: go test ./internal/engine -run TestEveryPairOfMutatingCallsMayFail -crash.seed=%d -pairs.only=%s",
			pair, o.struck, commit(), strings.Join(o.violations, "\n  "), *crashSeed, pair)
	}
}
