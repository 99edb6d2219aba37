package engine_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/worker"
)

// scene plays f in a house of the test world with some assumptions switched, and holds the promises that broke against it.
func scene(t *testing.T, f func(t *testing.T, h *house), otherwise ...string) {
	t.Helper()
	file := testWorld(t, otherwise...)
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, file)
		f(t, h)
		for _, v := range h.violations {
			t.Error(v)
		}
	})
}

// plant adds fault rules, as the sandbox's door takes them.
func (h *house) plant(rules string) {
	h.t.Helper()
	answer := httptest.NewRecorder()
	h.sandbox.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/_sandbox/faults", strings.NewReader(rules)))
	if answer.Code != http.StatusNoContent {
		h.t.Fatalf("plant %s: %s", rules, answer.Body)
	}
}

// unplant takes all faults away.
func (h *house) unplant() {
	h.sandbox.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodDelete, "/_sandbox/faults", nil))
}

// start runs a worker beside the test, until stop is called or nothing is left to do; its local clock is off by skew. Its
// calls go through transport, nil for the sandbox itself.
func (h *house) start(transport http.RoundTripper, skew time.Duration, o worker.Options) (stop func() error) {
	h.t.Helper()
	return h.startAt(transport, func() time.Time { return time.Now().Add(skew) }, o)
}

func (h *house) startAt(transport http.RoundTripper, clock func() time.Time, o worker.Options) (stop func() error) {
	h.t.Helper()
	if transport == nil {
		transport = h.sandbox.RoundTripper()
	}
	options := h.options(transport)
	options.Now = clock
	e, err := engine.Open(h.t.Context(), h.config, options)
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Work(ctx, o) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	h.t.Cleanup(func() { _ = stop() }) // of a test that ends early; whoever asked has the error
	return stop
}

// until lets time pass until the request of that e-mail has come to the stage, or for the longest time given.
func (h *house) until(email string, stage account.Stage, longest time.Duration) account.Request {
	h.t.Helper()
	end := time.Now().Add(longest)
	for {
		if r := h.request(email); r.Stage == stage {
			return r
		} else if time.Now().After(end) {
			h.t.Fatalf("%s is %s after %s, not %s: %s %+v", email, r.Stage, longest, stage, r.Waiting, r.Failure)
		}
		time.Sleep(min(time.Minute, max(time.Second, longest/600)))
	}
}

func (h *house) request(email string) account.Request {
	h.t.Helper()
	found, err := h.mustEngine().Queue.Requests(h.t.Context(), []string{account.ID(email)})
	if err != nil {
		h.t.Fatal(err)
	}
	return found[account.ID(email)].Request
}

// orders are the operations of Account Factory so far, as "type status name-of-the-product".
func (h *house) orders() (all []string) {
	w := h.sandbox.World()
	w.Do(func() {
		for _, r := range w.AccountFactory.Records {
			all = append(all, fmt.Sprintf("%s %s %s", r.Type, r.Status, r.ProductName[strings.LastIndex(r.ProductName, "-")+1:]))
		}
	})
	return all
}

// products are the provisioned products that there are, as "status generation".
func (h *house) products() (all []string) {
	w := h.sandbox.World()
	w.Do(func() {
		for _, p := range w.AccountFactory.Products {
			if account.OwnsProduct(p.Name) {
				all = append(all, p.Status+" "+p.Name[strings.LastIndex(p.Name, "-")+1:])
			}
		}
	})
	return all
}

func (h *house) expect(what string, got []string, want ...string) {
	h.t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		h.t.Errorf("%s are %q, want %q", what, got, want)
	}
}

const (
	one       = "crash-one@example.com"
	two       = "crash-two@example.com"
	failsOnce = `[{"operation":"servicecatalog.ProvisionProduct","kind":"fail-record","code":"ResourceInUseException","message":"AWS Control Tower is busy."}]`
)
