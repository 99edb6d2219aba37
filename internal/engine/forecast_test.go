package engine_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
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

// deaf is a network in which S3 refuses to list the bucket.
type deaf struct{ next http.RoundTripper }

func (d deaf) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet && strings.Contains(r.URL.RawQuery, "versions") {
		r = r.Clone(r.Context())
		r.Header.Set(faultHeader, refusedFault)
	}
	return d.next.RoundTrip(r)
}

// Who may not list the bucket sees all the rest.
func TestAnOutlookWithoutTheBucket(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.upload("accounts.csv", list(threeRows...))
		h.work()
		h.upload("accounts.csv", list(threeRows[:1]...))
		h.watch(1)
		e, err := h.engine(t.Context(), deaf{h.sandbox.RoundTripper()})
		if err != nil {
			t.Fatal(err)
		}
		o, err := e.Outlook(t.Context(), queue.Filter{})
		if err != nil || len(o.Batches) != 1 || o.Batches[0].State != account.BatchFinished {
			t.Errorf("the outlook is %+v, %v", o.Batches, err)
		}
	})
}
