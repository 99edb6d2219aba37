package engine_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
)

var (
	simSeed  = flag.Uint64("sim.seed", 0, "one seed of the simulation")
	simSeeds = flag.Int("sim.seeds", simulated, "how many seeds of the simulation")
	simFirst = flag.Uint64("sim.first", 1, "the first of them")
	simFor   = flag.Duration("sim.for", 0, "end the simulation after that time; 0: after all seeds")
)

// simulation is one run: a pipeline, its workers, its operators, and all that goes wrong.
type simulation struct {
	*house
	seed     uint64
	plan     plan
	machines []*machine
	began    time.Time
	took     time.Duration
	known    struct{ records, products int } // when the orders were last looked at

	struck    map[string]int      // faults by kind; with those below guarded by house.mu
	calm      bool                // nothing goes wrong any more
	access    map[string][]string // by e-mail: what lists ask for
	latest    map[string][]simRow // by name: the newest list
	batches   map[string]string   // by name: the batch of the newest list
	cancelled map[string]bool     // requests that somebody wanted cancelled
	stolen    map[string]bool     // requests whose account somebody else made
}

// simulate runs one seed to its end.
func simulate(t *testing.T, seed uint64) (s *simulation) {
	t.Helper()
	p := draw(seed)
	file := testWorld(t, p.otherwise...)
	synctest.Test(t, func(t *testing.T) {
		s = &simulation{
			house: newHouse(t, file), seed: seed, plan: p, began: time.Now(), struck: map[string]int{}, access: map[string][]string{},
			latest: map[string][]simRow{}, batches: map[string]string{}, cancelled: map[string]bool{}, stolen: map[string]bool{},
		}
		w := s.sandbox.World()
		w.Do(func() { w.Timing.Provision, w.Timing.IndexLag = p.provision, p.indexLag })
		s.config.Settings.Concurrency, s.config.Settings.Deadline = p.concurrency, account.Duration(p.deadline)
		s.hold()
		s.plant("[" + strings.Join(p.rules, ",") + "]")
		s.put("accounts.csv", p.rows)

		ctx, stop := context.WithCancel(context.Background())
		var workers, people sync.WaitGroup
		for i, skew := range p.skews {
			m := &machine{s: s, n: i, skew: skew, seen: map[string]uint64{}}
			s.machines = append(s.machines, m)
			workers.Go(func() { m.run(ctx) })
		}
		for _, h := range p.happenings {
			people.Go(func() { s.happen(h) })
		}
		people.Wait()
		time.Sleep(max(0, trouble-time.Since(s.began)))
		s.mu.Lock()
		s.calm = true
		s.mu.Unlock()
		w.Do(func() { w.Timing.IndexLag = 200 * time.Millisecond })
		s.mend()
		stop()
		workers.Wait()
		s.runUntilDead(newProcess(s.sandbox, seed, nil)) // until the results are written
		s.ended()
		s.took = time.Since(s.began)
		s.sandbox.Intercept(nil)
	})
	return s
}

// troubled says whether things still go wrong.
func (s *simulation) troubled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.calm
}

// strike counts a fault.
func (s *simulation) strike(kind string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.struck[kind]++
}

func (s *simulation) overviewOfAll() account.Overview { return s.overview(queue.Filter{All: true}) }

// TestSimulation lets whole batches go through whatever can go wrong, one seed a run: rows good and bad, workers on clocks
// hours apart, faults, kills, freezes, storms, lost events, failing records, other people, and operators at the worst
// moments. The promises are held against the world after every call, and at the end, after a fair operator has mended what
// failed.
func TestSimulation(t *testing.T) {
	t.Parallel()
	if *simSeed != 0 {
		s := simulate(t, *simSeed)
		s.report(t)
		t.Logf("%+v\nstruck %v", s.plan, s.struck)
		return
	}
	began := time.Now()
	var mu sync.Mutex
	struck := map[string]int{}
	runs, broken := 0, 0
	virtual := time.Duration(0)
	t.Run("seeds", func(t *testing.T) {
		seeds := seedsOfOld(t)
		for i := range *simSeeds {
			seeds = append(seeds, *simFirst+uint64(i))
		}
		var next atomic.Int64
		for lane := range runtime.GOMAXPROCS(0) {
			t.Run(fmt.Sprint("lane ", lane+1), func(t *testing.T) {
				t.Parallel()
				for *simFor == 0 || time.Since(began) < *simFor {
					i := int(next.Add(1)) - 1
					if i >= len(seeds) {
						break
					}
					s := simulate(t, seeds[i])
					s.report(t)
					mu.Lock()
					runs++
					broken += min(1, len(s.violations))
					virtual += s.took
					for kind, n := range s.struck {
						struck[kind] += n
					}
					mu.Unlock()
				}
			})
		}
	})
	t.Logf("%d runs, %d with violations, %.0f virtual hours, %.0f s", runs, broken, virtual.Hours(), time.Since(began).Seconds())
	for _, kind := range slices.Sorted(maps.Keys(struck)) {
		t.Logf("  %6d %s", struck[kind], kind)
	}
}

// report tells of broken promises, with the one line that repeats the run.
func (s *simulation) report(t *testing.T) {
	t.Helper()
	if len(s.violations) > 0 {
		t.Errorf("seed %d, commit %s:\n  %s\n  again: go test ./internal/engine -run TestSimulation -sim.seed=%d",
			s.seed, commit(), strings.Join(s.violations[:min(10, len(s.violations))], "\n  "), s.seed)
	}
}

// seedsOfOld are the seeds that once failed, one a line, with what broke behind it.
func seedsOfOld(t *testing.T) (seeds []uint64) {
	t.Helper()
	file, err := os.Open("testdata/seeds")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }() // it was only read
	for lines := bufio.NewScanner(file); lines.Scan(); {
		number, _, _ := strings.Cut(lines.Text(), " ")
		seed, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			t.Fatalf("testdata/seeds: %v", err)
		}
		seeds = append(seeds, seed)
	}
	return seeds
}
