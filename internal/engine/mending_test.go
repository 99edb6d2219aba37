package engine_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/sandbox/world"
	"github.com/vend-cli/vend/internal/worker"
)

// command is what one process does.
type command func(ctx context.Context, e *engine.Engine) error

// mending is a batch of one row that goes wrong, and what is done about it.
type mending struct {
	name     string
	disturb  func(w *world.World) // before the first order
	between  func(w *world.World) // before the last command: what a human mends outside
	commands []command
	orders   int           // that AWS takes for the account in all
	ends     account.Stage // of the request
}

var oneRow = []string{"mend-one,mend-one@example.com,Workloads/Dev,AWSReadOnlyAccess/Auditors"}

var mendings = []mending{
	{
		name: "a busy Control Tower: the worker clears the empty product and orders again",
		disturb: func(w *world.World) {
			w.FailRecord(world.RecordFault{Code: "ResourceInUseException", Account: "none", Message: "Account Factory cannot complete an operation on this account, because another AWS Control Tower operation is in progress. Try again later."})
		},
		commands: []command{work}, orders: 2, ends: account.Done,
	},
	{
		name: "a cause for a human without an account: resume clears and orders again",
		disturb: func(w *world.World) {
			w.FailRecord(world.RecordFault{Code: "InternalFailure", Message: "AWS Control Tower could not do it.", Account: "none"})
		},
		commands: []command{work, resume, work}, orders: 2, ends: account.Done,
	},
	{
		name: "a dead product with an account: only resume --recover goes on, with the same account",
		disturb: func(w *world.World) {
			w.FailRecord(world.RecordFault{Code: "InternalFailure", Message: "AWS Control Tower could not do it.", Account: "created"})
		},
		between: func(w *world.World) {
			if a := w.AccountByEmail("mend-one@example.com"); a != nil {
				a.AddRole("AWSControlTowerExecution")
			}
		},
		commands: []command{work, resume, work, recovered, work}, orders: 2, ends: account.Done,
	},
	{
		name: "paused, cancelled, and the pause ended: nothing was ordered",
		commands: []command{
			func(ctx context.Context, e *engine.Engine) error { return e.Pause(ctx, "a test") },
			pending,
			func(ctx context.Context, e *engine.Engine) error {
				_, err := e.Cancel(ctx, []string{account.ID("mend-one@example.com")})
				return err
			},
			func(ctx context.Context, e *engine.Engine) error {
				_, err := e.Resume(ctx, engine.ResumeOptions{Paused: true})
				return err
			},
			work,
		},
		orders: 0, ends: account.Cancelled,
	},
}

func work(ctx context.Context, e *engine.Engine) error {
	return e.Work(ctx, worker.Options{UntilIdle: true})
}

// pending works on a pipeline that is paused.
func pending(ctx context.Context, e *engine.Engine) error {
	if err := work(ctx, e); !errors.Is(err, worker.ErrPending) {
		return fmt.Errorf("work on a paused pipeline ended with %w", err)
	}
	return nil
}

func resume(ctx context.Context, e *engine.Engine) error {
	_, err := e.Resume(ctx, engine.ResumeOptions{Failed: true})
	return err
}

func recovered(ctx context.Context, e *engine.Engine) error {
	_, err := e.Resume(ctx, engine.ResumeOptions{Failed: true, Recover: true})
	return err
}

// mendRun runs the commands of a mending, each as a process of its own that is started again when it dies.
func mendRun(t *testing.T, m mending, seed uint64, faults map[int]mode) (o outcome) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, testWorld(t))
		began := time.Now()
		h.watch(1)
		h.upload("accounts.csv", list(oneRow...))
		if m.disturb != nil {
			h.sandbox.World().Do(func() { m.disturb(h.sandbox.World()) })
		}
		p := newProcess(h.sandbox, seed, faults)
		for i, c := range m.commands {
			if m.between != nil && i == len(m.commands)-1 {
				h.keepRole(m.between)
			}
			for try := 0; ; try++ {
				err := h.run(p, c)
				if !p.dead {
					if err != nil {
						h.violated("command %d ended with: %v", i+1, err)
					}
					break
				}
				p = p.reborn()
			}
		}
		for k := range faults {
			o.struck = p.call(k)
		}
		h.mended(m)
		h.sandbox.Intercept(nil)
		o.calls, o.names, o.took, o.violations = p.count(), p.names(), time.Since(began), h.violations
	})
	return o
}

// keepRole lets a human mend the account whenever Control Tower has let go of it.
func (h *house) keepRole(mend func(w *world.World)) {
	w := h.sandbox.World()
	w.Do(func() {
		var again func()
		again = func() { mend(w); w.After(time.Second, again) }
		again()
	})
}

// run does one command in a process.
func (h *house) run(p *process, c command) error {
	ctx, cancel := context.WithTimeout(context.Background(), 24*time.Hour)
	defer cancel()
	p.die = cancel
	e, err := h.engine(ctx, p)
	if err != nil {
		return err
	}
	err = c(ctx, e)
	if ctx.Err() != nil && !p.dead {
		return errors.New("it did not end within a day")
	}
	return err
}

// reborn is the next process after one that died; the calls are counted on.
func (p *process) reborn() *process {
	p.mu.Lock()
	defer p.mu.Unlock()
	return &process{next: p.next, faults: p.faults, counts: p.counts, rng: p.rng, calls: p.calls, die: func() {}}
}

// mended holds the end of a mending against what it promises.
func (h *house) mended(m mending) {
	q := h.mustEngine().Queue
	id := account.ID("mend-one@example.com")
	found, err := q.Requests(h.t.Context(), []string{id})
	if err != nil {
		h.t.Fatal(err)
	}
	r := found[id].Request
	if r.Stage != m.ends || r.Slot {
		h.violated("the request ends %s, slot %t (%s) %+v", r.Stage, r.Slot, r.Waiting, r.Failure)
	}
	orders, accounts, products := 0, 0, 0
	w := h.sandbox.World()
	w.Do(func() {
		for _, rec := range w.AccountFactory.Records {
			if rec.Type == "PROVISION_PRODUCT" {
				orders++
			}
		}
		for _, a := range w.Accounts() {
			if a.Email == "mend-one@example.com" {
				accounts++
			}
		}
		products = len(w.AccountFactory.Products)
	})
	made := 0
	if m.ends == account.Done {
		made = 1
		h.assigned(r)
	}
	if orders != m.orders || accounts != made || products != made {
		h.violated("%d orders, %d accounts and %d products; want %d, %d and %d", orders, accounts, products, m.orders, made, made)
	}
	open, err := q.Open(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	if open.Counts[m.ends] != 1 || len(open.Counts) != 1 || open.InFlight != 0 || len(open.Batches) != 0 {
		h.violated("the counters end as %+v", open)
	}
}

// TestEveryCallOfAMendingMayFail lets every call of the ways to mend a request go wrong in four ways, those of the
// operator's commands among them.
func TestEveryCallOfAMendingMayFail(t *testing.T) {
	t.Parallel()
	var runs atomic.Int64
	t.Run("mendings", func(t *testing.T) {
		for _, m := range mendings {
			t.Run(m.name, func(t *testing.T) {
				t.Parallel()
				undisturbed := mendRun(t, m, *crashSeed, nil)
				report(t, "undisturbed", 0, undisturbed)
				if t.Failed() {
					return
				}
				for k := 1; k <= undisturbed.calls; k += 4 * *crashEvery {
					for j, way := range modes {
						if k+j > undisturbed.calls || spared(undisturbed.names[k+j-1], k+j) {
							continue
						}
						if *crashOnly == "" || *crashOnly == fmt.Sprintf("%s/%d", way, k+j) {
							report(t, way, k+j, mendRun(t, m, *crashSeed, map[int]mode{k + j: way}))
							runs.Add(1)
						}
					}
				}
			})
		}
	})
	t.Logf("%d mendings, %d runs with a fault", len(mendings), runs.Load())
}
