package engine_test

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/worker"
)

// Nine calls of ten are throttled for a day: nothing fails, and each order is tried once at a time.
func TestThrottledForADay(t *testing.T) {
	withoutRacing(t)
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		h.watch(1)
		h.upload("accounts.csv", list(threeRows...))
		rng := rand.New(rand.NewPCG(7, 7))
		var mu sync.Mutex
		orders := map[time.Time]int{}
		end := time.Now().Add(24 * time.Hour)
		inner := h.sandbox.RoundTripper()
		throttled := process{next: inner, rng: rand.New(rand.NewPCG(8, 8)), die: func() {}}
		stop := h.start(through(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			hit := time.Now().Before(end) && rng.IntN(10) > 0
			if strings.HasSuffix(operation(r), ".ProvisionProduct") {
				orders[time.Now().Truncate(time.Second)]++
			}
			mu.Unlock()
			if hit {
				r = r.Clone(r.Context())
				r.Header.Set(faultHeader, string(errorBefore)+"-dropped")
			}
			return throttled.RoundTrip(r)
		}), 0, worker.Options{})
		for _, r := range asked(threeRows) {
			h.until(r.Email, account.Done, 36*time.Hour)
		}
		t.Logf("done after %s", time.Since(end)+24*time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}
		for at, n := range orders {
			if n > 1 {
				t.Errorf("%d orders within the second of %s", n, at)
			}
		}
		h.work() // until the results are written
		h.settled(asked(threeRows))
	})
}

// through is a network made of a function.
type through func(*http.Request) (*http.Response, error)

// RoundTrip sends a call.
func (f through) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
