//go:build bench

package bench_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/engine/enginetest"
	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/worker"
)

// What an account takes in the landing zones of this package, from its order to the event that tells of it.
const (
	provision  = 25 * time.Minute
	eventDelay = 2 * time.Second
)

// callsPerAccount counts what one account costs in a large organization, beside what an idle worker calls in that time.
func callsPerAccount(t *testing.T) []figure {
	const accounts = 50
	var calls, waiting map[string]int
	synctest.Test(t, func(t *testing.T) {
		z := enginetest.New(t, enginetest.Options{World: landingZone(t, 1000)})
		upload(t, z, accounts)
		takeIn(t, z, z.Sandbox.RoundTripper())
		time.Sleep(2 * time.Minute)
		counted := &tally{next: z.Sandbox.RoundTripper(), latency: 20 * time.Millisecond}
		began := time.Now()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		e := open(t, z, counted)
		go func() { ended <- e.Work(ctx, worker.Options{}) }()
		time.Sleep((accounts + 1) * (provision + time.Minute)) // how far it is costs no calls of its own then
		took := time.Since(began)
		calls, _ = counted.take()
		stop()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		finished(t, z, accounts)
		waiting = idleFor(t, z, took)
	})
	total := 0.0
	shown := map[string]int{}
	for name := range calls {
		beside := float64(calls[name]-waiting[name]) / accounts
		total += beside
		if n := int(beside + 0.5); n > 0 {
			shown[name] = n
		}
	}
	return []figure{
		atMost("calls for an account with two assignments", total, 45, "calls").of(shown).
			noting("beside the %d of an idle worker in that time", sum(waiting)/accounts),
	}
}

// finished fails unless so many requests are done; it returns when the last of them was.
func finished(t testing.TB, z *enginetest.Zone, accounts int) time.Time {
	t.Helper()
	view, err := open(t, z, z.Sandbox.RoundTripper()).Overview(t.Context(), queue.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	var last time.Time
	done := 0
	for _, r := range view.Requests {
		if r.Stage != account.Done {
			t.Errorf("request %s is %s: %s %+v", r.ID, r.Stage, r.Waiting, r.Failure)
			continue
		}
		done++
		if r.FinishedAt.After(last) {
			last = r.FinishedAt
		}
	}
	if done != accounts {
		t.Fatalf("%d requests of %d are done", done, accounts)
	}
	return last
}

// makespan is how long a batch takes from the start of the worker to its last assignment, held against what AWS itself
// takes: accounts, and the events that tell of them.
func makespan(t *testing.T) []figure {
	const accounts = 100
	var figures []figure
	for concurrency, most := range map[int]float64{1: 1.001, 5: 1.002} {
		var took time.Duration
		synctest.Test(t, func(t *testing.T) {
			c := enginetest.Pipeline()
			c.Settings.Concurrency = concurrency
			z := enginetest.New(t, enginetest.Options{World: landingZone(t, 0), Config: c})
			upload(t, z, accounts)
			began := time.Now()
			work(t, z, &tally{next: z.Sandbox.RoundTripper(), latency: 50 * time.Millisecond}, worker.Options{UntilIdle: true})
			took = finished(t, z, accounts).Sub(began)
		})
		ideal := accounts / time.Duration(concurrency) * (provision + eventDelay)
		f := times(fmt.Sprintf("100 accounts, %d at once", concurrency), took.Seconds(), "s", "AWS's own time", ideal.Seconds(), most)
		figures = append(figures, f.noting("%s a round beyond AWS's own time, with 50 ms of latency each call",
			((took-ideal)/(accounts/time.Duration(concurrency))).Round(time.Millisecond)))
	}
	if strings.Contains(figures[0].Name, "5 at once") {
		figures[0], figures[1] = figures[1], figures[0]
	}
	return figures
}

// witnessed is what the landing zone sees of a worker.
type witnessed struct {
	mu     sync.Mutex
	events []time.Time // an account's event reached the queue
	orders []time.Time // an order arrived
	enough chan struct{}
}

// gaps are the times from an event to the order that follows it.
func (w *witnessed) gaps() []time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	var gaps []time.Duration
	next := 0
	for _, event := range w.events {
		for next < len(w.orders) && w.orders[next].Before(event) {
			next++
		}
		if next < len(w.orders) {
			gaps = append(gaps, w.orders[next].Sub(event))
		}
	}
	return gaps
}

// watch lets the witness see the events of accounts at the moment in which they reach the queue: a rule sends them to it as
// well.
func (w *witnessed) watch(t testing.TB, z *enginetest.Zone, orders int) {
	t.Helper()
	witness := "arn:aws:sns:" + enginetest.Region + ":111111111111:witness"
	z.Sandbox.World().AddTarget(func(arn string, _ []byte) bool {
		if arn != witness {
			return false
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.events = append(w.events, time.Now())
		return true
	})
	client := eventbridge.NewFromConfig(*z.AWS(nil))
	pattern, err := json.Marshal(map[string]any{"source": []string{"aws.controltower"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: aws.String("witness"), EventPattern: aws.String(string(pattern))}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.PutTargets(t.Context(), &eventbridge.PutTargetsInput{
		Rule: aws.String("witness"), Targets: []types.Target{{Id: aws.String("witness"), Arn: &witness}},
	}); err != nil {
		t.Fatal(err)
	}
	z.Sandbox.Intercept(func(r sandbox.Request) sandbox.Verdict {
		if r.Operation == "servicecatalog.ProvisionProduct" && !r.Done {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.orders = append(w.orders, time.Now()); len(w.orders) == orders {
				close(w.enough)
			}
		}
		return sandbox.Verdict{}
	})
}

// eventToOrder lets the real command work on a queue, in a landing zone that is so fast that an account takes a quarter of
// a second, and looks how soon the next one is ordered.
func eventToOrder(t *testing.T) []figure {
	const accounts, speed = 130, 6000
	z := enginetest.New(t, enginetest.Options{World: landingZone(t, 0), Speed: speed, Loopback: true})
	upload(t, z, accounts)
	w := &witnessed{enough: make(chan struct{})}
	w.watch(t, z, accounts-10)
	cmd := exec.CommandContext(t.Context(), program(t, "vend"), "work")
	cmd.Env = append(environ(z), "HOME="+t.TempDir())
	cmd.Dir = t.TempDir()
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	patience := time.After(2 * time.Minute)
	select {
	case <-w.enough:
	case <-patience:
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // how it ends is not what is measured
	gaps := w.gaps()
	if len(gaps) < 100 {
		t.Fatalf("only %d orders within two minutes:\n%s", len(gaps), said.String())
	}
	return []figure{
		atMost("event to next order: median", milliseconds(quantile(gaps, 0.5)), 15, "ms").noting("of %d orders", len(gaps)),
		atMost("event to next order: p99", milliseconds(quantile(gaps, 0.99)), 50, "ms"),
	}
}
