package engine_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/sandbox/world"
	"github.com/vend-cli/vend/internal/worker"
	"github.com/vend-cli/vend/samples"
)

var (
	crashSeed  = flag.Uint64("crash.seed", 1, "seed of the crash suite")
	crashOnly  = flag.String("crash.only", "", "one point of the crash suite: mode/call, like effect-crash/17")
	crashEvery = flag.Int("crash.every", everyCall, "only every nth call of the crash suite")
	crashAll   = flag.Bool("crash.all", false, "every call in each of the four ways, also where one way a call is enough for make test")
)

var threeRows = []string{
	"crash-one,crash-one@example.com,Workloads/Dev,AWSReadOnlyAccess/Auditors; AdministratorAccess/Platform Team",
	"crash-two,crash-two@example.com,Workloads/Prod,AWSReadOnlyAccess/Auditors",
	"crash-three,crash-three@example.com,Sandbox,AdministratorAccess/Platform Team",
}

// testWorld is the default landing zone, faster, with some assumptions switched.
func testWorld(t testing.TB, otherwise ...string) []byte {
	t.Helper()
	var file map[string]any
	if err := json.Unmarshal(samples.LandingZone, &file); err != nil {
		t.Fatal(err)
	}
	timing := file["timing"].(map[string]any)
	timing["provision"], timing["assignment"] = "45s", "1s"
	switched := map[string]bool{}
	for _, name := range otherwise {
		switched[name] = true
	}
	file["assumptions"] = switched
	out, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// asked is what rows ask for, as far as the end is held against it.
func asked(rows []string) []account.Request {
	out := make([]account.Request, len(rows))
	for i, row := range rows {
		out[i].Email = strings.Split(row, ",")[1]
	}
	return out
}

// outcome is one run of the suite.
type outcome struct {
	calls      int
	struck     string // the call that the fault struck
	took       time.Duration
	names      []string       // of the calls, where the suite asks
	effects    map[string]int // of operations that were answered well, likewise
	violations []string
}

// handedIn is a list that is handed in, and what it has to come to.
type handedIn struct {
	upload  func(h *house)
	settled func(h *house)
}

// crashRun lets a worker vend the rows while its calls go wrong as faults say, then a second one until nothing is left,
// and holds the promises against both.
func crashRun(t *testing.T, file []byte, rows []string, seed uint64, faults map[int]mode) outcome {
	t.Helper()
	return disturbed(t, file, handedIn{
		upload:  func(h *house) { h.upload("accounts.csv", list(rows...)) },
		settled: func(h *house) { h.settled(asked(rows)) },
	}, seed, faults)
}

func disturbed(t *testing.T, file []byte, list handedIn, seed uint64, faults map[int]mode) (o outcome) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, file)
		began := time.Now()
		h.watch(1)
		list.upload(h)
		first := newProcess(h.sandbox, seed, faults)
		h.runUntilDead(first)
		for k := range faults {
			o.struck = first.call(k)
		}
		o.names = first.names()
		h.runUntilDead(newProcess(h.sandbox, seed+1, nil))
		list.settled(h)
		h.sandbox.Intercept(nil)
		o.calls, o.took, o.violations = first.count(), time.Since(began), h.violations
	})
	return o
}

// runUntilDead runs one worker in a process of its own until nothing is left to do, or until the process dies.
func (h *house) runUntilDead(p *process) {
	ctx, cancel := context.WithTimeout(context.Background(), 24*time.Hour)
	defer cancel()
	p.die = cancel
	e, err := h.engine(ctx, p)
	if err == nil {
		err = e.Work(ctx, worker.Options{UntilIdle: true})
	}
	if err != nil && !p.dead {
		h.violated("a worker ended with: %v", err)
	}
	if ctx.Err() != nil && !p.dead {
		h.violated("a worker did not end within a day")
	}
}

// TestEveryCallOfABatchMayFail lets every single call of a three-row batch go wrong in four ways, each in a run of its
// own, restarts, and holds promises 1 to 5 against the world after every call and at the end. A new step or service is
// covered as soon as the batch needs it: the calls are counted, not listed.
func TestEveryCallOfABatchMayFail(t *testing.T) {
	t.Parallel()
	everyCallMayFail(t, true, func(t *testing.T, faults map[int]mode) outcome {
		return crashRun(t, testWorld(t), threeRows, *crashSeed, faults)
	})
}

// spared says whether a call is left to -crash.all, where one way a call is enough for make test: of those that change
// nothing two in three are. TestEveryCallOfABatchMayFail takes each of its calls in each way.
func spared(operation string, k int) bool {
	return !*crashAll && *crashOnly == "" && !changes(operation) && k%3 != 0
}

// everyCallMayFail runs a list undisturbed, then with each of its calls going wrong: in each of the four ways, or in one of
// them that changes from call to call.
func everyCallMayFail(t *testing.T, eachWay bool, run func(*testing.T, map[int]mode) outcome) {
	t.Helper()
	undisturbed := run(t, nil)
	report(t, "undisturbed", 0, undisturbed)
	var runs, virtual atomic.Int64
	t.Run("points", func(t *testing.T) {
		for i, m := range modes {
			t.Run(string(m), func(t *testing.T) {
				t.Parallel()
				for k := 1; k <= undisturbed.calls; k += *crashEvery {
					passed := !eachWay && (k / *crashEvery % len(modes) != i || spared(undisturbed.names[k-1], k))
					if *crashOnly == "" && passed || *crashOnly != "" && *crashOnly != fmt.Sprintf("%s/%d", m, k) {
						continue
					}
					o := run(t, map[int]mode{k: m})
					runs.Add(1)
					virtual.Add(int64(o.took))
					report(t, m, k, o)
				}
			})
		}
	})
	t.Logf("%d calls, %d modes: %d runs, %.0f virtual hours, 0 violations unless told above",
		undisturbed.calls, len(modes), runs.Load(), time.Duration(virtual.Load()).Hours())
}

// TestEveryAssumptionMayBeWrong runs the batch with each behaviour of AWS that nobody has verified switched to what else
// it could be, one at a time: undisturbed, and with a call going wrong in each of the four ways.
func TestEveryAssumptionMayBeWrong(t *testing.T) {
	t.Parallel()
	var runs atomic.Int64
	t.Run("assumptions", func(t *testing.T) {
		for i, a := range world.Assumptions {
			if everyCall > 1 && i%13 != 0 {
				continue // under the race detector some are enough
			}
			t.Run(a.Name, func(t *testing.T) {
				t.Parallel()
				file := testWorld(t, a.Name)
				undisturbed := crashRun(t, file, threeRows, *crashSeed, nil)
				report(t, "undisturbed", 0, undisturbed)
				for j, m := range modes {
					if everyCall > 1 && j != i%len(modes) {
						continue // under the race detector one of the four ways is enough
					}
					k := 1 + (i*len(modes)+j)*37%undisturbed.calls
					report(t, m, k, crashRun(t, file, threeRows, *crashSeed, map[int]mode{k: m}))
					runs.Add(1)
				}
			})
		}
	})
	t.Logf("%d assumptions, %d runs with a fault", len(world.Assumptions), runs.Load())
}

// report tells of broken promises, with the one line that repeats the run.
func report(t *testing.T, m mode, k int, o outcome) {
	t.Helper()
	if len(o.violations) == 0 {
		return
	}
	t.Errorf("%s at call %d (%s), seed %d, commit %s:\n  %s\n  again: go test ./internal/engine -run '%s' -crash.seed=%d -crash.only=%s/%d",
		m, k, o.struck, *crashSeed, commit(), strings.Join(o.violations, "\n  "), t.Name(), *crashSeed, m, k)
}

func commit() string {
	out, err := exec.Command("git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}
