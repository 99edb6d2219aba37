//go:build unix

package main

import (
	"flag"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox"
)

var killEvery = flag.Int("kill.every", 17, "only every nth point of the runs that kill processes")

const (
	killLease = 2 * time.Second  // the shortest there is
	longLease = 70 * time.Second // nobody can wait for its end
	patience  = 40 * time.Second
)

// TestWorkerProcesses lets processes of the real command be killed, told to stop and frozen in the middle of a batch, and
// holds what comes of it against what an undisturbed worker leaves. The processes mostly wait, so many of them run at once.
func TestWorkerProcesses(t *testing.T) {
	withoutRacing(t)
	t.Parallel()
	vend := buildVend(t)
	var groups sync.WaitGroup
	defer groups.Wait()
	groups.Go(func() { t.Run("frozen", func(t *testing.T) { freezes(t, vend) }) })

	z := newZone(t, vend, killLease)
	z.watch(func(call) sandbox.Verdict { return sandbox.Verdict{} })
	p := z.start("alone", "work", "--until-idle")
	if code := z.exit(p, patience); code != 0 {
		t.Fatalf("an undisturbed worker exits %d:\n%s", code, p.tail())
	}
	z.same(p)
	calls := len(p.calls)
	groups.Go(func() { t.Run("killed", func(t *testing.T) { kills(t, vend, calls) }) })
	groups.Go(func() { t.Run("stopped", func(t *testing.T) { stops(t, vend, calls) }) })
}

// withoutRacing leaves a test of processes to the run without the race detector.
func withoutRacing(t *testing.T) {
	t.Helper()
	if racing {
		t.Skip("its processes are built without the race detector; make test runs it without it, too")
	}
}

// each runs f for all cases, so many at once.
func each[C any](t *testing.T, atOnce int, cases []C, f func(t *testing.T, c C)) {
	var runs sync.WaitGroup
	places := make(chan struct{}, atOnce)
	for _, c := range cases {
		places <- struct{}{}
		runs.Go(func() {
			defer func() { <-places }()
			t.Run(strings.ReplaceAll(fmt.Sprint(c), " ", "_"), func(t *testing.T) { f(t, c) })
		})
	}
	runs.Wait()
}

// point is a moment in the life of a process: its nth call, before or after the call's effect.
type point struct {
	n      int
	done   bool
	signal syscall.Signal
}

func (p point) String() string {
	when := "before"
	if p.done {
		when = "after"
	}
	return fmt.Sprintf("%s %d %s", when, p.n, strings.ReplaceAll(p.signal.String(), " ", "_"))
}

// pointsOf are all moments of a run at which each of the signals may come, thinned out.
func pointsOf(calls, every int, signals ...syscall.Signal) (points []point) {
	for n := 1; n <= calls; n++ {
		for _, signal := range signals {
			points = append(points, point{n, false, signal}, point{n, true, signal})
		}
	}
	thinned := points[:0]
	for i := 0; i < len(points); i += every {
		thinned = append(thinned, points[i])
	}
	return thinned
}

// kills: kill -9 at any request, then vend work: the same end as that of an undisturbed run.
func kills(t *testing.T, vend string, calls int) {
	began, killed := time.Now(), atomic.Int64{}
	points := pointsOf(calls, *killEvery, syscall.SIGKILL)
	each(t, 8, points, func(t *testing.T, at point) {
		z := newZone(t, vend, killLease)
		struck := z.strike(at)
		p := z.start("first", "work", "--until-idle")
		code := z.exit(p, patience)
		select {
		case s := <-struck:
			killed.Add(1)
			defer z.tell(at, s.operation)
		default:
			if code != 0 {
				t.Errorf("a worker that was not killed exits %d:\n%s", code, p.tail())
			}
		}
		z.same(z.goOn(patience))
	})
	t.Logf("%d requests, %d kills, took %s; 0 violations unless told above", calls, killed.Load(), time.Since(began).Round(time.Millisecond))
}

// stops: told to stop at any request, a worker ends within two seconds and lets go of what it holds: another one goes on
// at once.
func stops(t *testing.T, vend string, calls int) {
	began, told := time.Now(), atomic.Int64{}
	points := pointsOf(calls, 3**killEvery, syscall.SIGTERM, syscall.SIGINT)
	each(t, 4, points, func(t *testing.T, at point) {
		z := newZone(t, vend, longLease)
		struck := z.strike(at)
		p := z.start("first", "work")
		var s strike
		select {
		case s = <-struck:
		case <-p.ended:
			t.Fatalf("it ended by itself:\n%s", p.tail())
		case <-time.After(patience):
			return // the call has no effect, so there is no moment after it
		}
		told.Add(1)
		defer z.tell(at, s.operation)
		late := lateness()
		code := z.exit(p, patience)
		took := time.Since(s.at)
		if late := late(); took > 2*time.Second+late {
			t.Errorf("it ended %s after %s, and the machine was late by %s:\n%s", took, at.signal, late, p.tail())
		}
		want := map[syscall.Signal]int{syscall.SIGTERM: 0, syscall.SIGINT: 130}[at.signal]
		if code != want {
			t.Errorf("exit code %d after %s, want %d:\n%s", code, at.signal, want, p.tail())
		}
		if said := p.output.String(); at.signal == syscall.SIGINT && !(strings.Contains(said, "V9005 interrupted") && strings.Contains(said, "vend work")) {
			t.Errorf("it does not say how to go on:\n%s", p.tail())
		}
		next := z.goOn(longLease - patience)
		z.same(next)
	})
	t.Logf("%d requests, %d signals, took %s; 0 violations unless told above", calls, told.Load(), time.Since(began).Round(time.Millisecond))
}

// lateness measures from now on how much time a busy machine takes from its processes: by how much it wakes a sleeper too
// late, in all. What it gives tells, and ends the measuring.
func lateness() (told func() time.Duration) {
	const nap = 10 * time.Millisecond
	done, sum := make(chan struct{}), make(chan time.Duration)
	go func() {
		late := time.Duration(0)
		for {
			began := time.Now()
			select {
			case <-done:
				sum <- late
				return
			case <-time.After(nap):
			}
			if over := time.Since(began) - nap; over > nap {
				late += over
			}
		}
	}()
	return func() time.Duration {
		close(done)
		return <-sum
	}
}

// strike is a signal that was sent at a call.
type strike struct {
	operation string
	at        time.Time
}

// strike sends the signal to the process called first at the point. The call is not answered any more; only of a process
// that is to let go of what it holds the table goes on to answer.
func (z *zone) strike(at point) <-chan strike {
	struck := make(chan strike, 1)
	z.watch(func(c call) sandbox.Verdict {
		if c.from.name != "first" || c.n != at.n || c.Done != at.done {
			return sandbox.Verdict{}
		}
		struck <- strike{c.Operation, time.Now()}
		c.from.signal(at.signal)
		if at.signal != syscall.SIGKILL && strings.HasPrefix(c.Operation, "dynamodb.") {
			return sandbox.Verdict{}
		}
		<-c.from.ended
		return sandbox.Verdict{Drop: true}
	})
	return struck
}

// goOn lets another worker end what is left.
func (z *zone) goOn(patience time.Duration) *running {
	z.t.Helper()
	p := z.start("second", "work", "--until-idle")
	if code := z.exit(p, patience); code != 0 {
		z.t.Errorf("the next worker exits %d:\n%s", code, p.tail())
	}
	return p
}

// same holds the end against what an undisturbed worker leaves; last is who worked last.
func (z *zone) same(last *running) {
	z.t.Helper()
	if diff := cmp.Diff(wanted, z.end()); diff != "" {
		z.t.Errorf("it does not end like an undisturbed run (-wanted +got):\n%s\nthe last worker said:\n%s", diff, last.tail())
	}
}

// tell adds to a failure what it was about, and the line that repeats it.
func (z *zone) tell(at any, operation string) {
	if z.t.Failed() {
		z.t.Logf("%v, %s\n  again: go test ./cmd/vend -timeout 5m -kill.every=1 -run '%s$'", at, operation, z.t.Name())
	}
}

// freeze is a moment at which the first process that gets there is frozen.
type freeze struct {
	name      string
	operation string
	done      bool   // the effect has happened; else it happens only after the thaw
	since     string // an operation that the process has asked for before
}

func (f freeze) String() string { return f.name }

// freezes: of two workers one is frozen for ten lease times; the other ends the work, and what the frozen one does after
// its thaw changes nothing.
func freezes(t *testing.T, vend string) {
	began := time.Now()
	points := []freeze{
		{name: "while it reads the list", operation: "s3.GetObject", done: true},
		{name: "right before its order", operation: "servicecatalog.ListProvisioningArtifacts", done: true},
		{name: "with its order on the way", operation: "servicecatalog.ProvisionProduct"},
		{name: "before it learns that it has ordered", operation: "servicecatalog.ProvisionProduct", done: true},
		{name: "with the save of its order on the way", operation: "dynamodb.TransactWriteItems", since: "servicecatalog.ProvisionProduct"},
		{name: "with an assignment on the way", operation: "sso.CreateAccountAssignment"},
	}
	each(t, len(points), points, func(t *testing.T, at freeze) {
		z := newZone(t, vend, killLease)
		var once sync.Once
		frozen, thawed := make(chan *running, 1), make(chan struct{})
		z.watch(func(c call) sandbox.Verdict {
			if c.Operation != at.operation || c.Done != at.done || at.since != "" && !c.from.has(at.since) {
				return sandbox.Verdict{}
			}
			mine := false
			once.Do(func() { mine = true })
			if mine {
				c.from.signal(syscall.SIGSTOP)
				time.Sleep(100 * time.Millisecond) // the signal needs a moment
				frozen <- c.from
			}
			if mine && !at.done {
				<-thawed
			}
			return sandbox.Verdict{}
		})
		workers := []*running{z.start("first", "work", "--until-idle"), z.start("second", "work", "--until-idle")}
		var sleeper, other *running
		select {
		case sleeper = <-frozen:
		case <-time.After(patience):
			t.Fatalf("nobody has asked for %s", at.operation)
		}
		thaw := time.After(10 * killLease)
		other = workers[0]
		if other == sleeper {
			other = workers[1]
		}
		code := z.exit(other, 9*killLease)
		if code != 0 {
			t.Errorf("the other worker exits %d:\n%s", code, other.tail())
		}
		z.same(other)
		<-thaw
		sleeper.signal(syscall.SIGCONT)
		close(thawed)
		if code := z.exit(sleeper, patience); code != 0 {
			t.Errorf("the worker that was frozen exits %d:\n%s", code, sleeper.tail())
		}
		z.same(sleeper)
		if t.Failed() {
			t.Logf("again: go test ./cmd/vend -timeout 5m -run '%s$'", t.Name())
		}
	})
	t.Logf("%d freezes of %s, took %s; 0 violations unless told above", len(points), 10*killLease, time.Since(began).Round(time.Millisecond))
}
