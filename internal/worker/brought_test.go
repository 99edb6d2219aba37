package worker_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/worker"
)

// post is an inbox that brings what it is told to, one delivery after the other.
type post struct {
	silence
	brings []func() (woken []string, err error)
}

func (p *post) Next(context.Context, time.Duration) (account.Heard, error) {
	if len(p.brings) == 0 {
		return account.Heard{}, nil
	}
	next := p.brings[0]
	p.brings = p.brings[1:]
	woken, err := next()
	return account.Heard{Messages: 1, Woken: woken}, err
}

// looking is everything that is asked when somebody looks around.
type looking struct {
	*desk
	silence
	looked int
}

func (l *looking) Seen(context.Context, account.Worker) error { l.looked++; return nil }
func (l *looking) Sweep(context.Context) (int, error)         { l.looked++; return 0, nil }
func (l *looking) Due(ctx context.Context, n int) (due, ahead []account.Due, err error) {
	l.looked++
	return l.desk.Due(ctx, n)
}

func provisioning(id string) account.Request {
	r := queued(id)
	r.Stage, r.Slot = account.Provisioning, true
	return r
}

// What broke: each batch of messages paid for a look around, and took on whatever was due.
func TestBroughtMessagesAreHandledWithWhatTheyWake(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(provisioning("r-1"), provisioning("r-2"), queued("r-3"))
		d.waiting = []string{"r-3"}
		steps := 0
		w := newWorker(d, worker.Options{Brought: true}, func(_ context.Context, r account.Request) (account.Request, error) {
			switch {
			case r.ID == "r-2":
				t.Error("a step was made that no message has woken")
			case r.ID == "r-3":
				return r, account.Wait{For: time.Minute, Why: "Control Tower"}
			case r.Stage == account.Provisioning:
				return done(r), nil // its slot is free for r-3
			}
			if steps++; steps < 4 {
				return r, account.Wait{For: 3 * time.Second, Why: "Identity Center"}
			}
			r.Stage = account.Done
			return r, nil
		})
		l := &looking{desk: d}
		w.Line, w.Desk, w.Uploads = l, l, l
		w.Events = &post{brings: []func() ([]string, error){func() ([]string, error) { return []string{"r-1"}, nil }}}
		began := time.Now()
		if err := w.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if one, three := d.request("r-1"), d.request("r-3"); one.Stage != account.Done || three.Stage != account.Provisioning {
			t.Errorf("the request that was woken is %s, the next one in the line %s", one.Stage, three.Stage)
		}
		if l.looked > 0 {
			t.Errorf("it has looked around %d times", l.looked)
		}
		if took := time.Since(began); took > 15*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

func TestMessagesThatWakeNobodyAreDoneAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorker(newDesk(), worker.Options{Brought: true}, nil)
		w.Events = &post{brings: []func() ([]string, error){func() ([]string, error) { return nil, errors.New("no answer") }}}
		began := time.Now()
		if err := w.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("it took %s", took)
		}
	})
}

// What broke: a message that can't be handled kept everything from being done that was due.
func TestOnceIsNotKeptBackByTheInbox(t *testing.T) {
	t.Parallel()
	for name, brings := range map[string]bool{"a message that can't be handled": true, "an inbox that does not answer": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(provisioning("r-1"))
				w := newWorker(d, worker.Options{Once: true}, func(_ context.Context, r account.Request) (account.Request, error) {
					r.Stage, r.Slot = account.Done, false
					return r, nil
				})
				w.Events = deaf{}
				if brings {
					w.Events = &post{brings: []func() ([]string, error){func() ([]string, error) { return nil, errors.New("no") }}}
				}
				err := w.Run(t.Context())
				if (err == nil) != brings {
					t.Errorf("error %v", err)
				}
				if got := d.request("r-1"); got.Stage != account.Done {
					t.Errorf("the request is %s", got.Stage)
				}
			})
		})
	}
}

type deaf struct{ silence }

func (deaf) Next(context.Context, time.Duration) (account.Heard, error) {
	return account.Heard{}, errors.New("the queue does not exist")
}

// What broke: an invocation took on work until right before its end, and cut off what was in hand.
func TestNothingIsBegunAfterItsTime(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]time.Duration{"there is time to end the step": time.Minute, "there is none": 15 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				d := newDesk(provisioning("r-1"))
				cut := 0
				w := newWorker(d, worker.Options{Once: true, AtMost: 10 * time.Second, Kind: "lambda"}, func(ctx context.Context, r account.Request) (account.Request, error) {
					select {
					case <-ctx.Done():
						cut++
						return r, ctx.Err()
					case <-time.After(8 * time.Second):
						return r, account.Wait{For: time.Second, Why: "Control Tower"}
					}
				})
				began := time.Now()
				if err := w.Run(ctx); err != nil {
					t.Fatal(err)
				}
				took := time.Since(began).Round(time.Second)
				if want := min(17*time.Second, limit+time.Second); took != want || (cut > 0) != (limit < 17*time.Second) {
					t.Errorf("it took %s, want %s, and %d steps were cut off", took, want, cut)
				}
				if at := d.due["r-1"]; at.After(time.Now().Add(2 * time.Second)) {
					t.Errorf("the claim was not released: it comes due in %s", time.Until(at))
				}
			})
		})
	}
}
