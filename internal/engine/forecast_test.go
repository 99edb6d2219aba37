package engine_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/engine"
)

// Whoever asks where everything stands is told of a list that nobody has begun to read: nothing else shows that it is on its
// way, and that all is done would be untrue.
func TestAnOutlookShowsWhatNobodyHasRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		e := h.mustEngine()
		states := func(f queue.Filter) (states []account.BatchState) {
			t.Helper()
			o, err := e.Outlook(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range o.Batches {
				states = append(states, b.State)
			}
			return states
		}
		expect := func(when string, got []account.BatchState, want ...account.BatchState) {
			t.Helper()
			if len(got) != len(want) || len(want) > 0 && got[0] != want[0] {
				t.Errorf("%s, the batches are %q, want %q", when, got, want)
			}
		}
		expect("before anything was uploaded", states(queue.Filter{}))
		b := h.upload("accounts.csv", list(threeRows...))
		expect("as nobody has read the list", states(queue.Filter{}), account.BatchUploaded)
		expect("as it is asked for", states(queue.Filter{Batch: b.ID}), account.BatchUploaded)
		if _, err := e.Outlook(t.Context(), queue.Filter{Batch: "b-0123456789ab"}); err == nil {
			t.Error("a batch that nobody has uploaded is shown")
		}
		h.work()
		time.Sleep(time.Second)
		expect("when all of it is done", states(queue.Filter{}), account.BatchFinished)
		expect("when it is asked for then", states(queue.Filter{Batch: b.ID}), account.BatchFinished)

		h.upload("accounts.csv", list(threeRows[:1]...))
		expect("as its next version waits", states(queue.Filter{}), account.BatchUploaded, account.BatchFinished)
	})
}

// blind is a network in which S3 does not list the bucket: it refuses, or does not answer.
type blind struct {
	next  http.RoundTripper
	fault string
}

func (b blind) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet || !strings.Contains(r.URL.RawQuery, "versions") {
		return b.next.RoundTrip(r)
	}
	if b.fault == string(unanswered) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	r = r.Clone(r.Context())
	r.Header.Set(faultHeader, b.fault)
	return b.next.RoundTrip(r)
}

// Who can't list the bucket sees all the rest, soon, and is told once that something may be missing.
func TestAnOutlookWithoutTheBucket(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{refusedFault, string(errorBefore), throttledFault, droppedFault, expiredFault, string(unanswered)} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, nil)
				h.upload("accounts.csv", list(threeRows...))
				h.work()
				h.upload("accounts.csv", list(threeRows[:1]...))
				h.watch(1)
				var said strings.Builder
				options := h.options(blind{h.sandbox.RoundTripper(), fault})
				options.Log = slog.New(slog.NewTextHandler(&said, nil))
				e, err := engine.Open(t.Context(), h.config, options)
				if err != nil {
					t.Fatal(err)
				}
				for range 3 {
					began := time.Now()
					o, err := e.Outlook(t.Context(), queue.Filter{})
					if err != nil || len(o.Batches) != 1 || o.Batches[0].State != account.BatchFinished {
						t.Errorf("the outlook is %+v, %v", o.Batches, err)
					}
					if took := time.Since(began); took > 15*time.Second {
						t.Errorf("it took %v", took)
					}
				}
				if n := strings.Count(said.String(), "whether lists wait to be read could not be seen"); n != 1 {
					t.Errorf("it is told %d times:\n%s", n, said.String())
				}
			})
		})
	}
}
