package worker_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/worker"
)

// lagging is an index that shows nothing of what a sweep has brought for a while.
type lagging struct {
	silence
	*desk
	swept time.Time
}

func (l *lagging) Sweep(context.Context) (int, error) {
	l.desk.mu.Lock()
	defer l.desk.mu.Unlock()
	l.swept = time.Now()
	l.desk.requests["r-1"] = queued("r-1")
	l.desk.waiting = []string{"r-1"}
	return 1, nil
}

func (l *lagging) Waiting(ctx context.Context, n int) ([]string, error) {
	if time.Since(l.swept) < 400*time.Millisecond {
		return nil, nil
	}
	return l.desk.Waiting(ctx, n)
}

// What broke: vend work --once read a list, saw nothing of it in the index yet, and ended.
func TestOnceBeginsWhatItHasReadItself(t *testing.T) {
	t.Parallel()
	for name, slow := range map[string]time.Duration{"at once": 0, "after a sweep that took long": time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk()
				w := newWorker(d, worker.Options{Once: true}, func(_ context.Context, r account.Request) (account.Request, error) {
					r.Order.RecordID = "rec-1"
					return r, account.Wait{For: time.Minute, Why: "Control Tower"}
				})
				l := &lagging{desk: d}
				w.Line, w.Uploads = l, after{slow, l}
				if err := w.Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := d.request("r-1"); got.Stage != account.Provisioning || !got.Slot {
					t.Errorf("the request is %s", got.Stage)
				}
			})
		})
	}
}

// after is uploads that take long to be read.
type after struct {
	time.Duration
	worker.Uploads
}

func (a after) Sweep(ctx context.Context) (int, error) {
	time.Sleep(a.Duration)
	return a.Uploads.Sweep(ctx)
}

func TestHistorySaysWhyAProductIsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := queued("r-1")
		r.Stage, r.Slot, r.Order = account.Provisioning, true, account.Operation{RecordID: "rec-1"}
		d := newDesk(r)
		w := newWorker(d, worker.Options{Once: true}, func(_ context.Context, r account.Request) (account.Request, error) {
			if !r.Order.Failed {
				r.Order.Failed = true
				return r, account.Wait{For: time.Second, Why: "the end of another operation"}
			}
			r.Generation, r.Order = r.Generation+1, account.Operation{RecordID: "rec-2"}
			return r, account.Wait{For: time.Minute, Why: "Control Tower"}
		})
		if err := w.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, e := range d.events {
			said = append(said, e.What)
		}
		want := []string{
			"AWS ended the order of vend-r-1-g1 with FAILED (the end of another operation)",
			"begins again as vend-r-1-g2; vend-r-1-g1 is over (the end of another operation)", "ordered vend-r-1-g2",
		}
		if !slices.Equal(said, want) {
			t.Errorf("got  %q\nwant %q", said, want)
		}
	})
}
