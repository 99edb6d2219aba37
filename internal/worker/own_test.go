package worker_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/worker"
)

// blind is a desk whose index shows nothing of requests.
type blind struct{ *desk }

func (b blind) Due(ctx context.Context, limit int) (due, ahead []account.Due, err error) {
	_, _, err = b.desk.Due(ctx, limit)
	return nil, nil, err
}

// watched is a request whose order AWS works on.
func watched(id string) account.Request {
	r := provisioning(id)
	r.Order.RecordID = "rec-" + id
	return r
}

// atWork runs a worker that knows the requests by an event each, for a while.
func atWork(t *testing.T, line worker.Line, d *desk, lasts time.Duration, advance func(context.Context, account.Request) (account.Request, error)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), lasts)
	defer cancel()
	events := &post{brings: []func() ([]string, error){func() ([]string, error) { return []string{"r-1"}, nil }}}
	w := worker.New(worker.Ports{
		Claims: d, Line: line, Desk: d, Pipeline: pipe{advance}, Events: &patient{post: events}, Uploads: silence{},
	}, worker.Options{Poll: time.Minute, Now: time.Now, Log: slog.New(slog.DiscardHandler), Owner: "test"})
	if err := w.Run(ctx); err != nil {
		t.Fatal(err)
	}
}

// A worker claims a request once, looks at its order every five minutes, and writes every other time when it comes due.
func TestAnOrderIsWatchedWithoutAClaim(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(watched("r-1"))
		looks := 0
		atWork(t, blind{d}, d, 62*time.Minute, func(_ context.Context, r account.Request) (account.Request, error) {
			looks++
			return r, account.Wait{For: 5 * time.Minute, Why: "Control Tower"}
		})
		if d.claims != 1 || looks != 13 || len(d.saves) != 1 {
			t.Errorf("in an hour it was claimed %d times, looked at %d times, and saved as %+v", d.claims, looks, d.saves)
		}
		if len(d.putOff) != 6 || slices.Min(d.putOff) < 10*time.Minute || slices.Max(d.putOff) > 11*time.Minute {
			t.Errorf("it was put off by %v", d.putOff)
		}
	})
}

// What a look finds is saved, if nobody has touched the request since.
func TestWhatAWatchedOrderHasComeToIsSaved(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		second func(ctx context.Context, r account.Request) (account.Request, error)
		claims int
		want   account.Request
	}{
		"another answer": {
			func(_ context.Context, r account.Request) (account.Request, error) {
				return r, account.Wait{For: time.Hour, Why: "the end of the world"}
			}, 1, account.Request{Stage: account.Provisioning, Slot: true, Waiting: "the end of the world"},
		},
		"its end": {
			func(_ context.Context, r account.Request) (account.Request, error) {
				if r.Stage == account.Assigning {
					return r, account.Wait{For: time.Hour, Why: "an assignment"}
				}
				return done(r), nil
			}, 1, account.Request{Stage: account.Assigning, Waiting: "an assignment"},
		},
		"an end that leads to something else": {
			func(ctx context.Context, r account.Request) (account.Request, error) {
				if err := account.FenceOf(ctx).Leave(); err != nil {
					return r, err
				}
				return r, account.Refused{Code: "V2022", Reason: "no"}
			}, 2, account.Request{Stage: account.Failed, Slot: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(watched("r-1"))
				looks, claimed := 0, 0
				atWork(t, blind{d}, d, 10*time.Minute, func(ctx context.Context, r account.Request) (account.Request, error) {
					if looks++; looks > 1 {
						if account.FenceOf(ctx).Leave() == nil {
							claimed++
						}
						return test.second(ctx, r)
					}
					return r, account.Wait{For: time.Minute, Why: "Control Tower"}
				})
				r := d.request("r-1")
				if r.Stage != test.want.Stage || r.Slot != test.want.Slot || r.Waiting != test.want.Waiting || d.claims != test.claims {
					t.Errorf("it is %s, slot %t, waiting for %q, after %d claims", r.Stage, r.Slot, r.Waiting, d.claims)
				}
				if claimed > 1 || claimed == looks-1 {
					t.Errorf("%d looks of %d could have caused something", claimed, looks-1)
				}
			})
		})
	}
}

// A look that finds the request touched meanwhile changes nothing; whoever has touched it goes on with it.
func TestAWatchedOrderThatSomebodyHasTouchedIsClaimed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(watched("r-1"))
		looks := 0
		atWork(t, blind{d}, d, 110*time.Second, func(_ context.Context, r account.Request) (account.Request, error) {
			if looks++; looks == 2 { // while somebody else takes it
				d.mu.Lock()
				d.claimed(r.ID)
				d.mu.Unlock()
			}
			return r, account.Wait{For: time.Minute, Why: "Control Tower"}
		})
		if looks != 2 || len(d.putOff) != 0 || len(d.saves) != 1 {
			t.Errorf("%d looks, put off by %v, saved as %+v", looks, d.putOff, d.saves)
		}
	})
}

// A request that waits a few seconds for an assignment stays in hand, and is let go at once when the worker is told to stop.
func TestAnAssignmentIsWaitedForWithTheRequestInHand(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lasts time.Duration
		steps int
	}{"to its end": {time.Minute, 4}, "until the worker is told to stop": {7 * time.Second, 2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(done(watched("r-1")))
				steps := 0
				began := time.Now()
				atWork(t, blind{d}, d, test.lasts, func(_ context.Context, r account.Request) (account.Request, error) {
					if steps++; steps > 3 {
						return r, account.Refused{Code: "V2022", Reason: "no"}
					}
					return r, account.Wait{For: 5 * time.Second, Why: "an assignment"}
				})
				if d.claims != 1 || steps != test.steps {
					t.Errorf("%d claims, %d steps", d.claims, steps)
				}
				if last := d.saves[len(d.saves)-1]; last.Keep || last.In > 0 || time.Since(began) > test.lasts+2*time.Second {
					t.Errorf("after %s it is let go as %+v", time.Since(began), last)
				}
			})
		})
	}
}

// What a worker has let go itself it goes on with in time, whatever the index says, and asks the index no more often for it.
func TestWhatIsLetGoIsGoneOnWithWithoutTheIndex(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(provisioning("r-1"))
		var times []time.Duration
		began := time.Now()
		atWork(t, blind{d}, d, 30*time.Minute, func(_ context.Context, r account.Request) (account.Request, error) {
			times = append(times, time.Since(began).Round(time.Second))
			return r, account.Wait{For: time.Duration(len(times)) * time.Minute, Why: "AWS"}
		})
		want := []time.Duration{0, time.Minute, 3 * time.Minute, 6 * time.Minute, 10 * time.Minute, 15 * time.Minute, 21 * time.Minute, 28 * time.Minute}
		if !slices.Equal(times, want) {
			t.Errorf("steps at %v, want %v", times, want)
		}
		if d.looks > 20 { // one in two minutes, and some when it begins
			t.Errorf("in half an hour the index was asked %d times", d.looks)
		}
	})
}

// A wake of what is in hand is not lost: the request is tried again right after.
func TestAWakeOfWhatIsInHandIsTriedRightAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(provisioning("r-1"))
		inHand := make(chan struct{})
		events := &post{brings: []func() ([]string, error){
			func() ([]string, error) { return []string{"r-1"}, nil },
			func() ([]string, error) {
				<-inHand
				d.mu.Lock()
				d.wakeInHand = "r-1"
				d.mu.Unlock()
				return []string{"r-1"}, nil
			},
		}}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		steps := 0
		w := worker.New(worker.Ports{
			Claims: d, Line: blind{d}, Desk: d, Events: &patient{post: events}, Uploads: silence{},
			Pipeline: pipe{func(ctx context.Context, r account.Request) (account.Request, error) {
				if steps++; steps == 1 {
					close(inHand)
					select {
					case <-time.After(3 * time.Second):
					case <-ctx.Done():
						return r, errors.New("interrupted")
					}
				}
				return r, account.Wait{For: time.Hour, Why: "AWS"}
			}},
		}, worker.Options{Poll: time.Minute, Now: time.Now, Log: slog.New(slog.DiscardHandler), Owner: "test"})
		if err := w.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if steps != 2 {
			t.Errorf("%d steps, want one more after the one in hand", steps)
		}
	})
}

// A slot that was just given back is taken without asking whether it is free. Where it is not, the line is looked at as often
// as ever.
func TestASlotThatIsNotFreeAfterAllIsLookedForAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(watched("r-1"), queued("r-2"))
		d.slots.InFlight = 1
		pause := func(p *account.Pause) { d.mu.Lock(); d.slots.Paused = p; d.mu.Unlock() }
		time.AfterFunc(7*time.Minute, func() { pause(nil) })
		steps := 0
		atWork(t, d, d, 13*time.Minute, func(_ context.Context, r account.Request) (account.Request, error) {
			if r.ID == "r-2" || r.Stage == account.Assigning {
				return r, account.Wait{For: time.Hour, Why: "AWS"}
			}
			if steps++; steps == 1 {
				return r, account.Wait{For: time.Minute, Why: "Control Tower"}
			}
			pause(&account.Pause{Code: "V3007"}) // by somebody, right now
			return done(r), nil
		})
		if r := d.request("r-2"); r.Stage != account.Provisioning || !r.Slot {
			t.Errorf("six minutes after the pause the next request is %s, with a slot: %t", r.Stage, r.Slot)
		}
	})
}

// Slots that others have given back while nobody was waiting are taken as soon as somebody comes.
func TestWhoComesAfterAWhileTakesAllSlotsThatAreFree(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(watched("r-0"), watched("r-1"))
		d.slots = account.Slots{InFlight: 3, Concurrency: 3}
		began := time.Now()
		time.AfterFunc(20*time.Minute, func() {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.slots.InFlight = 0 // the others' are back, too
			for _, id := range []string{"r-2", "r-3", "r-4"} {
				d.requests[id], d.waiting = queued(id), append(d.waiting, id)
			}
		})
		atWork(t, d, d, 23*time.Minute, func(_ context.Context, r account.Request) (account.Request, error) {
			switch after := time.Since(began); {
			case r.ID == "r-0" && r.Slot && after > 4*time.Minute, r.ID == "r-1" && r.Slot && after > 9*time.Minute:
				return done(r), nil // one after the other
			}
			return r, account.Wait{For: 5 * time.Minute, Why: "AWS"}
		})
		for _, id := range []string{"r-2", "r-3", "r-4"} {
			if r := d.request(id); !r.Slot {
				t.Errorf("three minutes after it came %s is %s", id, r.Stage)
			}
		}
	})
}

// An event that comes before its time costs a look, and the request is put off again: nobody else is to find it due.
func TestAWatchedOrderThatWasWokenInVainIsPutOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(watched("r-1"))
		events := &post{brings: []func() ([]string, error){
			func() ([]string, error) { return []string{"r-1"}, nil },
			func() ([]string, error) { time.Sleep(7 * time.Minute); return []string{"r-1"}, nil },
		}}
		ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
		defer cancel()
		w := worker.New(worker.Ports{
			Claims: d, Line: blind{d}, Desk: d, Events: &patient{post: events}, Uploads: silence{},
			Pipeline: pipe{func(_ context.Context, r account.Request) (account.Request, error) {
				return r, account.Wait{For: 5 * time.Minute, Why: "Control Tower"}
			}},
		}, worker.Options{Poll: time.Minute, Now: time.Now, Log: slog.New(slog.DiscardHandler), Owner: "test"})
		if err := w.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if due := time.Until(d.due["r-1"]); d.claims != 1 || len(d.putOff) != 2 || due < 9*time.Minute {
			t.Errorf("after %d claims it was put off by %v, and comes due in %s", d.claims, d.putOff, due)
		}
	})
}
