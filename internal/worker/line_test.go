package worker_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/worker"
)

// crossing is a desk that is asked for its slots while one is being given back, and answers what was true before.
type crossing struct {
	*desk
	once         sync.Once
	asked, given chan struct{}
}

func (c *crossing) Slots(ctx context.Context) (account.Slots, error) {
	slots, err := c.desk.Slots(ctx)
	c.once.Do(func() {
		close(c.asked)
		<-c.given
		time.Sleep(time.Second) // whoever gave it back has asked for a look by now
	})
	return slots, err
}

func (c *crossing) Save(ctx context.Context, claim account.Claim, next account.Request, rel account.Release, events ...account.Event) (account.Claim, error) {
	saved, err := c.desk.Save(ctx, claim, next, rel, events...)
	if claim.Request.Slot && !next.Slot && claim.Request.ID == "r-1" {
		close(c.given)
	}
	return saved, err
}

// A line whose slots are all taken is looked at again after five poll intervals, but at once when one was given back while
// it was being looked at.
func TestASlotThatComesBackDuringALookIsFilled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &crossing{desk: newDesk(provisioning("r-1"), queued("r-2")), asked: make(chan struct{}), given: make(chan struct{})}
		d.slots.InFlight = 1
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		events := &post{brings: []func() ([]string, error){func() ([]string, error) { <-d.asked; return []string{"r-1"}, nil }}}
		w := worker.New(worker.Ports{
			Claims: d, Line: d, Desk: d, Events: &patient{post: events}, Uploads: silence{},
			Pipeline: pipe{func(_ context.Context, r account.Request) (account.Request, error) {
				if r.ID == "r-1" {
					return done(r), nil
				}
				return r, account.Wait{For: time.Hour, Why: "AWS"}
			}},
		}, worker.Options{Poll: time.Minute, Now: time.Now, Log: slog.New(slog.DiscardHandler), Owner: "test"})
		if err := w.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if r := d.request("r-2"); r.Stage != account.Provisioning || !r.Slot {
			t.Errorf("a minute later the next request is %s, with a slot: %t", r.Stage, r.Slot)
		}
	})
}

// patient is an inbox that waits when it has nothing more to bring.
type patient struct{ *post }

func (p *patient) Next(ctx context.Context, wait time.Duration) (account.Heard, error) {
	if len(p.brings) == 0 {
		return silence{}.Next(ctx, wait)
	}
	return p.post.Next(ctx, wait)
}
