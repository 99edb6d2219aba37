package engine_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/worker"
)

// frozen is the network of a process that stands still before a call of one operation until it is thawed. Contexts that
// end meanwhile do not keep its calls from leaving.
type frozen struct {
	next     http.RoundTripper
	at       string // the operation
	since    chan struct{}
	thaw     chan struct{}
	freezing sync.Once
}

func freeze(box *sandbox.Sandbox, at string) *frozen {
	return &frozen{next: box.RoundTripper(), at: at, since: make(chan struct{}), thaw: make(chan struct{})}
}

// RoundTrip sends a call.
func (f *frozen) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(operation(r), f.at) {
		f.freezing.Do(func() { close(f.since) })
	}
	select {
	case <-f.since:
		<-f.thaw
	default:
	}
	return f.next.RoundTrip(r.WithContext(context.WithoutCancel(r.Context())))
}

// late is a network that loses the answer of the first order, and lets the order itself arrive only later.
type late struct {
	next http.RoundTripper
	by   time.Duration
	once sync.Once
	sent sync.WaitGroup
}

// RoundTrip sends a call.
func (l *late) RoundTrip(r *http.Request) (*http.Response, error) {
	held := false
	if strings.HasSuffix(operation(r), ".ProvisionProduct") {
		l.once.Do(func() {
			held = true
			body, err := io.ReadAll(r.Body)
			if err != nil {
				panic(err) // it is in memory
			}
			order := r.Clone(context.WithoutCancel(r.Context()))
			order.Body = io.NopCloser(bytes.NewReader(body))
			l.sent.Go(func() {
				time.Sleep(l.by)
				if response, err := l.next.RoundTrip(order); err == nil {
					_ = response.Body.Close() // nobody waits for it any longer
				}
			})
		})
	}
	if held {
		return nil, errDead
	}
	return l.next.RoundTrip(r)
}

// p freezes before its order of g1; q orders g1, it fails empty, q clears it, g2 is done; p thaws, and must send nothing.
// The machine of p sleeps: every clock on the wall goes on, but no timer of p ends the step that it has in hand.
func TestAFrozenProcessOrdersNothing(t *testing.T) {
	t.Parallel()
	t.Run("tokens are remembered", func(t *testing.T) {
		t.Parallel()
		frozenScene(t, testWorld(t))
	})
	t.Run("tokens end with their product", func(t *testing.T) {
		t.Parallel()
		frozenScene(t, testWorld(t, "token-remembered"))
	})
}

func frozenScene(t *testing.T, file []byte) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var slept atomic.Int64
		wall := func() time.Time { return time.Now().Add(time.Duration(slept.Load())) }
		box, err := sandbox.New(sandbox.Options{World: file, Now: wall})
		if err != nil {
			t.Fatal(err)
		}
		h := &house{t: t, sandbox: box, log: slog.New(slog.DiscardHandler)}
		c := config.Config{Bucket: "lists", Prefix: "incoming/", Table: "vend", Region: "us-east-1"}
		c.Settings.Lease, c.Settings.OrderGrace = account.Duration(time.Hour), account.Duration(time.Minute)
		if h.config, err = engine.CreateResources(t.Context(), c, h.options(box.RoundTripper())); err != nil {
			t.Fatal(err)
		}
		h.plant(failsOnce)
		h.upload("accounts.csv", list(threeRows[0]))
		network := freeze(box, ".ListProvisioningArtifacts")
		stop := h.startAt(network, wall, worker.Options{})
		thaw := sync.OnceFunc(func() { close(network.thaw) })
		t.Cleanup(thaw)
		<-network.since
		slept.Store(int64(2 * time.Hour))
		other := h.startAt(nil, wall, worker.Options{})
		h.until(one, account.Done, 30*time.Minute)
		want := []string{"PROVISION_PRODUCT FAILED g1", "TERMINATE_PROVISIONED_PRODUCT SUCCEEDED g1", "PROVISION_PRODUCT SUCCEEDED g2"}
		h.expect("orders before the thaw", h.orders(), want...)
		thaw()
		time.Sleep(10 * time.Minute)
		for _, stop := range []func() error{stop, other} {
			if err := stop(); err != nil {
				t.Error(err)
			}
		}
		h.expect("orders", h.orders(), want...)
		h.expect("products", h.products(), "AVAILABLE g2")
	})
}

// An order whose answer was lost arrives minutes later. The name that it speaks of must be held until then.
func TestALateOrderFindsItsNameTaken(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		h.watch(1)
		h.plant(failsOnce)
		h.upload("accounts.csv", list(threeRows[0]))
		network := &late{next: h.sandbox.RoundTripper(), by: 4 * time.Minute}
		stop := h.start(network, 0, worker.Options{})
		h.until(one, account.Done, time.Hour)
		network.sent.Wait()
		time.Sleep(10 * time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		h.expect("orders", h.orders(), "PROVISION_PRODUCT FAILED g1", "TERMINATE_PROVISIONED_PRODUCT SUCCEEDED g1", "PROVISION_PRODUCT SUCCEEDED g2")
		h.expect("products", h.products(), "AVAILABLE g2")
	})
}

// Clocks of workers are a day wrong, each on its own and against each other, and one of two is killed.
func TestClocksADayApart(t *testing.T) {
	t.Parallel()
	for name, skews := range map[string][]time.Duration{
		"one ahead":       {24 * time.Hour},
		"one behind":      {-24 * time.Hour},
		"two, both ways":  {24 * time.Hour, -24 * time.Hour},
		"three, one true": {24 * time.Hour, 0, -24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scene(t, func(t *testing.T, h *house) {
				h.watch(1)
				h.upload("accounts.csv", list(threeRows...))
				var stops []func() error
				for i, skew := range skews {
					stops = append(stops, h.start(newProcess(h.sandbox, uint64(i), nil), skew, worker.Options{}))
				}
				for _, r := range asked(threeRows) {
					h.until(r.Email, account.Done, 20*time.Minute)
				}
				for _, stop := range stops {
					if err := stop(); err != nil {
						t.Error(err)
					}
				}
				h.work() // until the results are written
				h.settled(asked(threeRows))
			})
		})
	}
}

// A process dies right after its order was taken, and nobody works for two hours: the account exists, and is ours.
func TestAnOrderWithoutAnAnswerIsAdoptedHoursLater(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		h.watch(1)
		h.upload("accounts.csv", list(threeRows[0]))
		p := newProcess(h.sandbox, 1, nil)
		h.sandbox.Intercept(func(r sandbox.Request) sandbox.Verdict {
			if r.Operation == "servicecatalog.ProvisionProduct" && r.Done {
				p.kill()
				return sandbox.Verdict{Drop: true}
			}
			return sandbox.Verdict{}
		})
		h.runUntilDead(p)
		h.sandbox.Intercept(nil)
		time.Sleep(2 * time.Hour)
		h.work()
		h.settled(asked(threeRows[:1]))
	})
}
