package engine_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/inbox"
	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/sandbox/world"
	"github.com/vend-cli/vend/internal/worker"
)

// function is the pipeline as AWS Lambda runs it: an event source mapping brings the messages of the inbox, and a rule ticks
// once a minute. Its processes share the faults of the test.
type function struct {
	h      *house
	limit  time.Duration // of an invocation
	source *inbox.Client // of the event source mapping

	mu          sync.Mutex
	process     *process
	alive       context.Context
	invocations int
	longest     time.Duration // of an invocation
}

func newFunction(h *house, p *process) *function {
	source := inbox.New(*h.options(h.sandbox.RoundTripper()).AWS, h.config.QueueURL)
	return &function{h: h, limit: 2 * time.Minute, source: source, process: p}
}

// environment is a process that lives. One that has died is followed by the next.
func (f *function) environment(ctx context.Context) (*process, context.Context) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.process.mu.Lock()
	dead := f.process.dead
	f.process.mu.Unlock()
	if dead {
		f.process = f.process.reborn()
	}
	if dead || f.alive == nil {
		f.alive, f.process.die = context.WithCancel(ctx)
	}
	f.invocations++
	return f.process, f.alive
}

// invoke is one invocation; see limits in the command. No messages are a tick.
func (f *function) invoke(ctx context.Context, messages []account.Message) (unhandled []account.Message, err error) {
	p, alive := f.environment(ctx)
	began := time.Now()
	within, cancel := context.WithTimeout(alive, f.limit*3/4)
	defer cancel()
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.longest = max(f.longest, time.Since(began))
	}()
	e, err := f.h.engine(within, p)
	switch {
	case err != nil:
		return messages, err
	case len(messages) == 0:
		return nil, e.Tick(within, min(50*time.Second, f.limit/2))
	}
	unhandled, err = e.Handle(within, messages, min(50*time.Second, f.limit/2))
	if alive.Err() != nil { // nobody has heard the answer of a process that died
		return messages, alive.Err()
	}
	return unhandled, err
}

// poll is the event source mapping: it deletes what was handled.
func (f *function) poll(ctx context.Context) {
	for ctx.Err() == nil {
		messages, err := f.source.Receive(ctx, 10, 20*time.Second)
		if err != nil || len(messages) == 0 {
			continue
		}
		unhandled, err := f.invoke(ctx, messages)
		if err != nil {
			continue
		}
		handled := slices.DeleteFunc(messages, func(m account.Message) bool {
			return slices.ContainsFunc(unhandled, func(u account.Message) bool { return u.ID == m.ID })
		})
		_ = f.source.Delete(ctx, handled) // those that are not come again
	}
}

// tick is the rule. An invocation that is at work does not keep the next one back.
func (f *function) tick(ctx context.Context) {
	var invocations sync.WaitGroup
	defer invocations.Wait()
	for ctx.Err() == nil {
		invocations.Go(func() { _, _ = f.invoke(ctx, nil) }) // the next one mends what this one could not do
		select {
		case <-ctx.Done():
		case <-time.After(time.Minute):
		}
	}
}

// untilDone runs what works until all rows are done and told of, then lets it end.
func (h *house) untilDone(rows int, working ...func(ctx context.Context)) {
	ctx, cancel := context.WithTimeout(context.Background(), 24*time.Hour)
	defer cancel()
	var all sync.WaitGroup
	for _, f := range working {
		all.Go(func() { f(ctx) })
	}
	q := h.mustEngine().Queue
	for ctx.Err() == nil {
		time.Sleep(time.Minute)
		open, err := q.Open(h.t.Context())
		if err == nil && open.Counts[account.Done] == rows && open.InFlight == 0 && len(open.Batches) == 0 {
			cancel()
			all.Wait()
			return
		}
	}
	all.Wait()
	h.violated("the rows were not done within a day")
}

// The whole road by Lambda alone: a list is dropped, S3's event brings it in, Control Tower's events and ticks move it.
func TestLambdaAloneVendsAList(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]bool{"with events": false, "with ticks alone": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, testWorld(t))
				h.watch(1)
				h.upload("accounts.csv", list(threeRows...))
				f := newFunction(h, newProcess(h.sandbox, 1, nil))
				began := time.Now()
				working := []func(context.Context){f.tick, f.poll}
				if lost {
					working = working[:1]
				}
				h.untilDone(len(threeRows), working...)
				h.settled(asked(threeRows))
				h.sandbox.Intercept(nil)
				for _, v := range h.violations {
					t.Error(v)
				}
				if f.longest > f.limit/2+5*time.Second {
					t.Errorf("an invocation took %s of %s", f.longest, f.limit)
				}
				t.Logf("%d invocations in %s, the longest %s", f.invocations, time.Since(began), f.longest)
			})
		})
	}
}

// What broke: all messages of a batch were handled, whatever the time.
func TestMessagesThatThereIsNoTimeForAreGivenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		var messages []account.Message
		for i := range 10 {
			name := fmt.Sprintf("list-%d.csv", i)
			b := h.upload(name, list(fmt.Sprintf("late-%d,late-%d@example.com,Sandbox,", i, i)))
			messages = append(messages, account.Message{ID: fmt.Sprintf("m-%d", i), Body: fmt.Sprintf(
				`{"source":"aws.s3","detail-type":"Object Created","detail":{"bucket":{"name":%q},"object":{"key":%q,"version-id":%q}}}`,
				h.config.Bucket, "incoming/"+name, b.Version)})
		}
		h.sandbox.Intercept(func(r sandbox.Request) sandbox.Verdict {
			if r.Operation == "s3.GetObject" && !r.Done {
				time.Sleep(6 * time.Second)
			}
			return sandbox.Verdict{}
		})
		f := newFunction(h, newProcess(h.sandbox, 1, nil))
		unhandled, err := f.invoke(t.Context(), messages)
		if err != nil {
			t.Fatal(err)
		}
		h.sandbox.Intercept(nil)
		if f.longest > f.limit/2 {
			t.Errorf("the invocation took %s of %s", f.longest, f.limit)
		}
		handled := len(messages) - len(unhandled)
		if handled == 0 || !slices.Equal(unhandled, messages[handled:]) {
			t.Errorf("given back are %v", unhandled)
		}
		open, err := h.mustEngine().Queue.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n := open.Counts[account.Queued] + open.Counts[account.Provisioning]; n < handled || n > handled+1 {
			t.Errorf("%d rows were taken in out of %d messages", n, handled)
		}
	})
}

// What broke: each batch of messages paid for a sweep of the bucket, and for saying that a worker is there.
func TestAMessageThatSpeaksOfNothingIsCheap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		f := newFunction(h, newProcess(h.sandbox, 1, nil))
		if _, err := f.invoke(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		before, _ := h.sandbox.Calls()
		unhandled, err := f.invoke(t.Context(), []account.Message{
			{ID: "m-1", Body: "no event at all"}, {ID: "m-2", Body: `{"Event":"s3:TestEvent"}`},
		})
		if err != nil || len(unhandled) > 0 {
			t.Errorf("given back: %v, %v", unhandled, err)
		}
		after, _ := h.sandbox.Calls()
		var made []string
		for name, n := range after {
			if n > before[name] {
				made = append(made, fmt.Sprint(name, " ", n-before[name]))
			}
		}
		if want := []string{"dynamodb.GetItem 1"}; !slices.Equal(made, want) { // the pipeline's settings
			t.Errorf("calls %v, want %v", made, want)
		}
	})
}

// TestEveryCallOfALambdaMayFail lets the function, a worker and an operator who resumes what has failed be at work at once,
// on a list of which one order fails for good, while one call of the function goes wrong in one of the four ways. Some of
// the calls are enough for make test; -crash.all takes each of them in each way.
func TestEveryCallOfALambdaMayFail(t *testing.T) {
	t.Parallel()
	const some = 61 // calls from one that goes wrong to the next
	undisturbed := lambdaRun(t, nil)
	report(t, "undisturbed", 0, undisturbed)
	var runs, virtual atomic.Int64
	t.Run("points", func(t *testing.T) {
		for i, m := range modes {
			t.Run(string(m), func(t *testing.T) {
				t.Parallel()
				step := some
				if *crashAll || *crashOnly != "" {
					step = 1
				}
				for k := 1 + i*some/len(modes)%step; k <= undisturbed.calls; k += step {
					if *crashOnly != "" && *crashOnly != fmt.Sprintf("%s/%d", m, k) || everyCall > 1 && k > some {
						continue
					}
					o := lambdaRun(t, map[int]mode{k: m})
					runs.Add(1)
					virtual.Add(int64(o.took))
					report(t, m, k, o)
				}
			})
		}
	})
	t.Logf("%d calls of the function: %d runs, %.0f virtual hours, 0 violations unless told above",
		undisturbed.calls, runs.Load(), time.Duration(virtual.Load()).Hours())
}

func lambdaRun(t *testing.T, faults map[int]mode) (o outcome) {
	t.Helper()
	rows := threeRows[:2]
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, testWorld(t))
		began := time.Now()
		h.watch(1)
		w := h.sandbox.World()
		w.Do(func() {
			w.FailRecord(world.RecordFault{Code: "InternalFailure", Message: "AWS Control Tower could not do it.", Account: "none"})
		})
		h.upload("accounts.csv", list(rows...))
		f := newFunction(h, newProcess(h.sandbox, *crashSeed, faults))
		h.untilDone(len(rows), f.tick, f.poll,
			func(ctx context.Context) {
				if e, err := h.engine(ctx, newProcess(h.sandbox, *crashSeed+1, nil)); err == nil {
					err = e.Work(ctx, worker.Options{})
					if err != nil {
						h.violated("the worker ended with: %v", err)
					}
				}
			},
			func(ctx context.Context) {
				p := newProcess(h.sandbox, *crashSeed+2, nil)
				for ctx.Err() == nil {
					if e, err := h.engine(ctx, p); err == nil {
						if err := resume(ctx, e); err != nil && ctx.Err() == nil {
							h.violated("resume ended with: %v", err)
						}
					}
					select {
					case <-ctx.Done():
					case <-time.After(17 * time.Second):
					}
				}
			})
		for k := range faults {
			o.struck = f.process.call(k)
		}
		h.resumed(asked(rows))
		h.sandbox.Intercept(nil)
		if f.longest > f.limit*3/4+2*time.Second {
			h.violated("an invocation took %s of %s", f.longest, f.limit)
		}
		o.calls, o.took, o.violations = f.process.count(), time.Since(began), h.violations
	})
	return o
}

// resumed holds the end of a list of which one order has failed: each account once, one order more than there are rows.
func (h *house) resumed(want []account.Request) {
	q := h.mustEngine().Queue
	orders := map[string]int{}
	w := h.sandbox.World()
	w.Do(func() {
		for _, rec := range w.AccountFactory.Records {
			if rec.Type == "PROVISION_PRODUCT" {
				orders[strings.ToLower(rec.Parameters["AccountEmail"])]++
			}
		}
	})
	all := 0
	for _, n := range slices.Collect(maps.Values(orders)) {
		all += n
	}
	if all != len(want)+1 {
		h.violated("%d orders for %d rows of which one has failed once: %v", all, len(want), orders)
	}
	for i, r := range want {
		found, err := q.Requests(h.t.Context(), []string{account.ID(r.Email)})
		if err != nil {
			h.t.Fatal(err)
		}
		got := found[account.ID(r.Email)].Request
		if got.Stage != account.Done {
			h.violated("row %d ends %s (%s) %+v", i+2, got.Stage, got.Waiting, got.Failure)
			continue
		}
		n := 0
		w.Do(func() {
			for _, a := range w.Accounts() {
				if strings.EqualFold(a.Email, r.Email) {
					n++
				}
			}
		})
		if n != 1 {
			h.violated("row %d has %d accounts", i+2, n)
		}
		h.assigned(got)
		h.reported(got)
	}
	h.told()
}
