//go:build bench

package bench_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/engine/enginetest"
	"github.com/vend-cli/vend/internal/worker"
)

// stepCost counts what a worker asks of the table to take one request out of a queue of any length, up to its order.
func stepCost(t *testing.T) []figure {
	count := func(rows int) (calls map[string]int, bytes int64) {
		synctest.Test(t, func(t *testing.T) {
			c := enginetest.Pipeline()
			c.Settings.ResultsInterval = account.Duration(10 * time.Minute) // results are not a step's
			z := enginetest.New(t, enginetest.Options{World: landingZone(t, 0), Config: c})
			upload(t, z, rows)
			takeIn(t, z, z.Sandbox.RoundTripper())
			e := open(t, z, nil)
			if err := e.Pause(t.Context(), "the first results are to be written"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Minute) // longer than the claim that was broken off
			work(t, z, nil, worker.Options{Once: true})
			if _, err := e.Resume(t.Context(), engine.ResumeOptions{Paused: true}); err != nil {
				t.Fatal(err)
			}
			counted := &tally{next: z.Sandbox.RoundTripper()}
			work(t, z, counted, worker.Options{Once: true})
			if all, _ := z.Sandbox.Calls(); all["servicecatalog.ProvisionProduct"] != 1 {
				t.Fatalf("%d orders in one step", all["servicecatalog.ProvisionProduct"])
			}
			calls, bytes = counted.take()
		})
		return of(calls, "dynamodb"), bytes
	}
	least, leastBytes := count(100)
	figures := []figure{}
	for _, rows := range []int{1000, manyRows, 10 * manyRows} {
		calls, bytes := count(rows)
		name := fmt.Sprintf("step with %d queued: ", rows)
		figures = append(figures,
			flat(name+"DynamoDB calls", float64(sum(calls)), "calls", "100 queued", float64(sum(least))).of(calls),
			flat(name+"read from DynamoDB", float64(bytes), "bytes", "100 queued", float64(leastBytes)))
	}
	return figures
}

// flat is a figure that is not to grow.
func flat(name string, value float64, unit, with string, base float64) figure {
	f := times(name, value, unit, with, base, 1.1)
	f.Goal, f.Met = "±10 %", f.Ratio >= 0.9 && f.Ratio <= 1.1
	return f
}

// idle counts what a worker calls that has nothing to do.
func idle(t *testing.T) []figure {
	const hours = 10
	var calls map[string]int
	synctest.Test(t, func(t *testing.T) {
		z := enginetest.New(t, enginetest.Options{World: landingZone(t, 0)})
		upload(t, z, 3)
		work(t, z, nil, worker.Options{UntilIdle: true})
		calls = idleFor(t, z, hours*time.Hour)
	})
	perHour := float64(sum(calls)) / hours
	for name := range calls {
		calls[name] = (calls[name] + hours/2) / hours
	}
	return append([]figure{atMost("idle worker: API calls an hour", perHour, 300, "calls").of(calls)}, idleProcess(t)...)
}

// idleProcess looks at the real command at work on nothing: the memory that it holds, and how much of a processor it takes
// beyond its start. Where the system does not say, both are 0.
func idleProcess(t *testing.T) []figure {
	const settled, watched = 10 * time.Second, 50 * time.Second // in which its inbox answers twice
	z := enginetest.New(t, enginetest.Options{World: landingZone(t, 0), Loopback: true})
	cmd := exec.CommandContext(t.Context(), program(t, "vend"), "work")
	cmd.Env = append(environ(z), "HOME="+t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	}()
	time.Sleep(settled)
	before, began := onProcessor(cmd.Process.Pid), time.Now()
	time.Sleep(watched)
	ran, took := onProcessor(cmd.Process.Pid)-before, time.Since(began)
	if calls, _ := z.Sandbox.Calls(); calls["sqs.ReceiveMessage"] < 2 {
		t.Fatalf("it is not at work: %v", calls)
	}
	return []figure{
		atMost("idle worker: memory", float64(residentOf(cmd.Process.Pid, "VmRSS:"))/(1<<20), 40, "MiB"),
		atMost("idle worker: processor", 100*float64(ran)/float64(took), 0.1, "%").noting("%s in %s", ran, took.Round(time.Second)),
	}
}

// onProcessor is for how long the threads of a process have run; 0 where the system does not say.
func onProcessor(pid int) (all time.Duration) {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid)) // the pattern is right
	for _, file := range threads {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		ran, _, _ := strings.Cut(string(text), " ")
		ns, err := strconv.ParseInt(ran, 10, 64)
		if err == nil {
			all += time.Duration(ns)
		}
	}
	return all
}

// idleFor counts the calls of a worker in so much time, an hour after its start. Nothing may be left to do.
func idleFor(t testing.TB, z *enginetest.Zone, d time.Duration) map[string]int {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	counted := &tally{next: z.Sandbox.RoundTripper()}
	e := open(t, z, counted)
	done := make(chan error, 1)
	go func() { done <- e.Work(ctx, worker.Options{}) }()
	time.Sleep(time.Hour)
	counted.take()
	time.Sleep(d)
	calls, _ := counted.take()
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return calls
}

// status asks the real command where ten thousand requests stand.
func status(t *testing.T) []figure {
	c := enginetest.Pipeline()
	c.Settings.IdentityCenter = account.IdentityCenter{CallsPerSecond: 1000}
	z := enginetest.New(t, enginetest.Options{World: landingZone(t, 0), Config: c, Loopback: true})
	upload(t, z, manyRows)
	takeIn(t, z, z.Sandbox.RoundTripper())
	const rounds = 3
	var runs []run
	before, _ := z.Sandbox.Calls()
	for range rounds {
		runs = append(runs, process(t, environ(z), "vend", "status"))
	}
	calls, _ := z.Sandbox.Calls()
	for name := range calls {
		calls[name] = (calls[name] - before[name]) / rounds
		if calls[name] == 0 {
			delete(calls, name)
		}
	}
	return []figure{
		atMost("vend status with 10,000 requests", milliseconds(median(runs)), 100, "ms").of(calls),
		statusUnits(t, z),
	}
}
