package worker_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/worker"
)

// desk is a queue of requests in memory, as far as a worker sees it.
type desk struct {
	mu       sync.Mutex
	requests map[string]account.Request
	due      map[string]time.Time
	waiting  []string
	slots    account.Slots
	versions map[string]int64
	saves    []account.Release
	events   []account.Event
	failSave error
	woken    map[string]int
	news     []time.Duration // within which batches were woken
	putOff   []time.Duration // for how long requests were put off
	claims   int
	looks    int // at the index

	wakeInHand string // is due at once when it is let go
}

func newDesk(requests ...account.Request) *desk {
	d := &desk{
		requests: map[string]account.Request{}, due: map[string]time.Time{}, versions: map[string]int64{},
		slots: account.Slots{Concurrency: 1}, woken: map[string]int{},
	}
	for _, r := range requests {
		d.requests[r.ID] = r
		if r.Orders() && !r.Slot {
			d.waiting = append(d.waiting, r.ID)
		} else {
			d.due[r.ID] = time.Now()
		}
	}
	return d
}

func (d *desk) Now() time.Time { return time.Now() }

func (d *desk) Claim(_ context.Context, id string) (account.Claim, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if at, ok := d.due[id]; ok && at.After(time.Now()) {
		return account.Claim{}, account.ErrStale
	}
	d.waiting = without(d.waiting, id)
	d.claims++
	return d.claimed(id), nil
}

func (d *desk) claimed(id string) account.Claim {
	d.versions[id]++
	d.due[id] = time.Now().Add(time.Minute)
	return account.Claim{
		Request: d.requests[id],
		Lease:   account.Lease{Version: d.versions[id], Sent: time.Now(), For: time.Minute, Now: time.Now(), Until: time.Now().Add(time.Minute)},
	}
}

func without(ids []string, id string) []string {
	var out []string
	for _, other := range ids {
		if other != id {
			out = append(out, other)
		}
	}
	return out
}

func (d *desk) Save(ctx context.Context, claim account.Claim, next account.Request, rel account.Release, events ...account.Event) (account.Claim, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if ctx.Err() != nil {
		return claim, ctx.Err()
	}
	if d.failSave != nil {
		return claim, d.failSave
	}
	if claim.Version != d.versions[next.ID] {
		return claim, account.ErrStale
	}
	if next.Slot && !claim.Request.Slot {
		if d.slots.Free() == 0 {
			return claim, account.ErrNoSlot
		}
		d.slots.InFlight++
	}
	if !next.Slot && claim.Request.Slot {
		d.slots.InFlight--
	}
	d.requests[next.ID] = next
	d.saves = append(d.saves, rel)
	d.events = append(d.events, events...)
	delete(d.due, next.ID)
	switch {
	case rel.Keep:
		return d.claimed(next.ID), nil
	case rel.Rest:
	case rel.Slot:
		d.waiting = append(d.waiting, next.ID)
	case d.wakeInHand == next.ID:
		d.due[next.ID], d.wakeInHand = time.Now(), ""
	default:
		d.due[next.ID] = time.Now().Add(rel.In)
	}
	d.versions[next.ID]++
	claim.Version, claim.Request = d.versions[next.ID], next
	return claim, nil
}

func (d *desk) Wake(_ context.Context, id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.woken[id]++
	return nil
}

func (d *desk) WakeWithin(ctx context.Context, id string, within time.Duration) error {
	d.mu.Lock()
	d.news = append(d.news, within)
	d.mu.Unlock()
	return d.Wake(ctx, id)
}

func (d *desk) PutOff(_ context.Context, id string, saved account.Lease, in time.Duration) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.versions[id] != saved.Version || d.woken[id] > 0 {
		return account.ErrStale
	}
	d.putOff = append(d.putOff, in)
	d.due[id] = time.Now().Add(in)
	return nil
}

func (d *desk) Due(_ context.Context, _ int) (due, ahead []account.Due, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.looks++
	for id, at := range d.due {
		if at.After(time.Now()) {
			ahead = append(ahead, account.Due{ID: id, At: at})
		} else {
			due = append(due, account.Due{ID: id, At: at})
		}
	}
	slices.SortFunc(ahead, func(a, b account.Due) int { return a.At.Compare(b.At) })
	return due, ahead, nil
}

func (d *desk) Waiting(context.Context, int) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.waiting...), nil
}

func (d *desk) Slots(context.Context) (account.Slots, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.slots, nil
}

func (d *desk) Open(context.Context) (account.Open, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	open := account.Open{Counts: map[account.Stage]int{}, Slots: d.slots}
	for _, r := range d.requests {
		open.Counts[r.Stage]++
	}
	return open, nil
}

func (d *desk) Pause(_ context.Context, p account.Pause) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.slots.Paused = &p
	return nil
}

func (d *desk) Seen(context.Context, account.Worker) error { return nil }
func (d *desk) Gone(context.Context, string) error         { return nil }

func (d *desk) request(id string) account.Request {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.requests[id]
}

// silence is an inbox and a bucket in which nothing happens.
type silence struct{}

func (silence) Next(ctx context.Context, wait time.Duration) (account.Heard, error) {
	select {
	case <-ctx.Done():
	case <-time.After(wait):
	}
	return account.Heard{}, nil
}

func (silence) Dead(context.Context) (int, error)  { return 0, nil }
func (silence) Sweep(context.Context) (int, error) { return 0, nil }
func (silence) Continue(context.Context, string) (account.Release, error) {
	return account.Release{Rest: true}, nil
}

// pipe is a pipeline whose step is the test's.
type pipe struct {
	advance func(ctx context.Context, r account.Request) (account.Request, error)
}

func (pipe) Begin(r account.Request, _ time.Time) account.Request {
	r.Slot, r.Stage = true, account.Provisioning
	return r
}

func (p pipe) Advance(ctx context.Context, r account.Request, _ time.Time) (account.Request, error) {
	return p.advance(ctx, r)
}

func newWorker(d *desk, o worker.Options, advance func(context.Context, account.Request) (account.Request, error)) *worker.Worker {
	o.Poll, o.Now, o.Log, o.Owner = time.Minute, time.Now, slog.New(slog.DiscardHandler), "test"
	return worker.New(worker.Ports{Claims: d, Line: d, Desk: d, Pipeline: pipe{advance}, Events: silence{}, Uploads: silence{}}, o)
}

func queued(id string) account.Request {
	return account.Request{ID: id, Batch: "b-1", Kind: account.Create, Stage: account.Queued, Generation: 1}
}

func done(r account.Request) account.Request {
	r.Slot, r.Stage = false, account.Assigning
	return r
}

func TestAVerdictDecidesWhatBecomesOfARequest(t *testing.T) {
	t.Parallel()
	quota := account.Refused{Code: "V3007", Reason: "the quota is reached", Pause: true}
	tests := map[string]struct {
		verdict error
		change  func(*account.Request)
		stage   account.Stage
		slot    bool
		code    string
		paused  bool
	}{
		"to wait leaves it where it is":                      {verdict: account.Wait{For: time.Hour, Why: "AWS"}, stage: account.Provisioning, slot: true},
		"an unknown error leaves it where it is, and counts": {verdict: errors.New("no answer"), stage: account.Provisioning, slot: true},
		"a refusal fails it and gives its slot back":         {verdict: account.Refused{Code: "V2012"}, stage: account.Failed, code: "V2012"},
		"a refusal while AWS is at work keeps the slot": {
			verdict: account.Refused{Code: "V3002"}, change: func(r *account.Request) { r.Order.RecordID = "rec-1" },
			stage: account.Failed, slot: true, code: "V3002",
		},
		"a refusal for the whole organization pauses the pipeline": {verdict: quota, stage: account.Failed, code: "V3007", paused: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(queued("r-1"))
				w := newWorker(d, worker.Options{}, func(_ context.Context, r account.Request) (account.Request, error) {
					if tt.change != nil {
						tt.change(&r)
					}
					return r, tt.verdict
				})
				ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
				defer cancel()
				if err := w.Run(ctx); err != nil {
					t.Fatal(err)
				}
				got := d.request("r-1")
				if got.Stage != tt.stage || got.Slot != tt.slot || (d.slots.Paused != nil) != tt.paused {
					t.Errorf("it is %s with slot %t, paused %v", got.Stage, got.Slot, d.slots.Paused)
				}
				if tt.code != "" && (got.Failure == nil || got.Failure.Code != tt.code || got.FailedStage != account.Provisioning) {
					t.Errorf("it failed in %s with %+v", got.FailedStage, got.Failure)
				}
			})
		})
	}
}

func TestUntilIdleEndsWhenNothingIsLeft(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		prepare func(*desk)
		options worker.Options
		want    error
	}{
		"all done":                     {prepare: func(*desk) {}},
		"paused with a request queued": {prepare: func(d *desk) { d.slots.Paused = &account.Pause{Code: "V3013"} }, want: worker.ErrPending},
		"outside its window":           {prepare: func(*desk) {}, options: worker.Options{Window: func(time.Time) bool { return false }}, want: worker.ErrPending},
		"only what is past its deadline in flight": {
			prepare: func(d *desk) {
				r := queued("r-1")
				r.Stage, r.Slot = account.Failed, true
				d.requests["r-1"], d.waiting, d.slots.InFlight = r, nil, 1
				d.due["r-1"] = time.Now().Add(10 * time.Minute)
			},
			want: worker.ErrPending,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(queued("r-1"))
				tt.prepare(d)
				tt.options.UntilIdle = true
				w := newWorker(d, tt.options, func(_ context.Context, r account.Request) (account.Request, error) {
					if r.Stage == account.Assigning {
						r.Stage = account.Done
						return r, nil
					}
					return done(r), nil
				})
				ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
				defer cancel()
				if err := w.Run(ctx); !errors.Is(err, tt.want) || ctx.Err() != nil {
					t.Errorf("it ended with %v after %v, want %v", err, ctx.Err(), tt.want)
				}
			})
		})
	}
}

// A batch hears at once of a request that has ended, and within a while of one that goes on.
func TestABatchHearsOfItsRequests(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end  account.Stage
		want []time.Duration
	}{
		"one that is done": {account.Done, []time.Duration{30 * time.Second, 30 * time.Second, 0}},
		"one that fails":   {account.Failed, []time.Duration{30 * time.Second, 30 * time.Second, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(queued("r-1"))
				w := newWorker(d, worker.Options{UntilIdle: true, News: 30 * time.Second}, func(_ context.Context, r account.Request) (account.Request, error) {
					switch {
					case r.Stage != account.Assigning:
						return done(r), nil
					case test.end == account.Failed:
						return r, account.Refused{Code: "V2022", Reason: "no"}
					}
					r.Stage = account.Done
					return r, nil
				})
				if err := w.Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(d.news, test.want) {
					t.Errorf("the batch is woken within %v, want %v", d.news, test.want)
				}
			})
		})
	}
}

// lateWake is uploads of which a finished batch is woken at the very end, which the index shows only now.
type lateWake struct {
	silence
	desk      *desk
	continued int
	once      sync.Once
}

func (l *lateWake) Sweep(context.Context) (int, error) {
	l.desk.mu.Lock()
	defer l.desk.mu.Unlock()
	if l.desk.requests["r-1"].Stage == account.Done {
		l.once.Do(func() { l.desk.due["b-1"] = time.Now() })
	}
	return 0, nil
}

func (l *lateWake) Continue(context.Context, string) (account.Release, error) {
	l.desk.mu.Lock()
	defer l.desk.mu.Unlock()
	if _, due := l.desk.due["b-1"]; !due {
		return account.Release{}, account.ErrStale
	}
	l.continued++
	delete(l.desk.due, "b-1")
	return account.Release{Rest: true}, nil
}

// A finished batch that was woken is counted nowhere. What broke: the results of the newest list stayed unwritten when an
// older one of the same name was written last, and the index was behind.
func TestUntilIdleGoesOnWithABatchThatIsWokenAtTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(queued("r-1"))
		uploads := &lateWake{desk: d}
		w := newWorker(d, worker.Options{UntilIdle: true}, func(_ context.Context, r account.Request) (account.Request, error) {
			if r.Stage == account.Assigning {
				r.Stage = account.Done
				return r, nil
			}
			return done(r), nil
		})
		w.Uploads = uploads
		ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
		defer cancel()
		if err := w.Run(ctx); err != nil || ctx.Err() != nil {
			t.Errorf("it ended with %v after %v", err, ctx.Err())
		}
		if uploads.continued != 1 {
			t.Errorf("the batch was gone on with %d times", uploads.continued)
		}
	})
}

func TestAWorkerThatIsToldToStopGivesItsStepsASecond(t *testing.T) {
	t.Parallel()
	for name, takes := range map[string]time.Duration{"a step that answers in time": 500 * time.Millisecond, "a step that does not": time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(queued("r-1"))
				w := newWorker(d, worker.Options{}, func(ctx context.Context, r account.Request) (account.Request, error) {
					select {
					case <-ctx.Done():
						return r, ctx.Err()
					case <-time.After(takes):
						return done(r), nil
					}
				})
				ctx, cancel := context.WithCancel(t.Context())
				began := time.Now()
				time.AfterFunc(100*time.Millisecond, cancel)
				if err := w.Run(ctx); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took > 2*time.Second {
					t.Errorf("it took %s to stop", took)
				}
				got := d.request("r-1")
				if answered := takes < time.Second; (got.Stage == account.Assigning) != answered {
					t.Errorf("the request is %s", got.Stage)
				}
				if at := d.due["r-1"]; at.After(time.Now()) {
					t.Errorf("the claim was not released: it comes due in %s", time.Until(at))
				}
			})
		})
	}
}
