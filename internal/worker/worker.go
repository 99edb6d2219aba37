// Package worker moves requests: claim, advance, save, again.
//
// A worker takes what has come due, lets the pipeline take it one step further, and saves what comes out, for as long as
// it is told to. Everything it knows is in the queue: any number of workers share one, and one that dies leaves nothing
// but claims that come due again.
//
//	   ┌──────────── rounds: what is due, who may start ───────────┐
//	   ▼                                                           │
//	Claim ─▶ Begin, Save (slot, tokens) ─▶ Advance ─▶ Save ─▶ again, or released until its time
//	             only before an order                     │
//	                                                      └─▶ the batch's results come due
//
// What a worker has let go itself it goes on with in time without asking what is due. An order under way it looks at without
// a claim: such a look causes nothing, and what it finds is saved only if the request is as it was. That is a memory for
// speed alone; without it the same is done by claims.
//
// A step's context ends with its claim. When the worker is told to stop, it claims nothing more, gives the steps in hand
// a second, then ends their contexts, and releases what it holds.
//
// It imports account and retry, and declares the ports that it needs.
package worker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

// ErrPending means that work is left which this worker can't end now: the pipeline is paused, it is outside its window,
// or AWS is past the deadline of what is in flight.
var ErrPending = errors.New("work is left that has to wait")

// Claims is where requests are taken from and saved to.
type Claims interface {
	Claim(ctx context.Context, id string) (account.Claim, error)
	Save(ctx context.Context, claim account.Claim, next account.Request, rel account.Release, events ...account.Event) (account.Claim, error)
	Wake(ctx context.Context, id string) error
	WakeWithin(ctx context.Context, id string, within time.Duration) error
	// PutOff makes an item that was saved and released come due later, unless somebody has touched it since.
	PutOff(ctx context.Context, id string, saved account.Lease, in time.Duration) error
	Now() time.Time
}

// Line says what is to be done, and how much is left.
type Line interface {
	// Due lists what has come due, at most limit, and what will next, in the order of time.
	Due(ctx context.Context, limit int) (due, ahead []account.Due, err error)
	Waiting(ctx context.Context, limit int) ([]string, error)
	Slots(ctx context.Context) (account.Slots, error)
	Open(ctx context.Context) (account.Open, error)
}

// Desk is what a worker tells the others.
type Desk interface {
	Pause(ctx context.Context, p account.Pause) error
	Seen(ctx context.Context, w account.Worker) error
	Gone(ctx context.Context, owner string) error
}

// Pipeline is what is done with a request.
type Pipeline interface {
	Begin(r account.Request, now time.Time) account.Request
	Advance(ctx context.Context, r account.Request, now time.Time) (account.Request, error)
}

// Events takes messages from the inbox and does what they ask for.
type Events interface {
	// Next handles what arrives within wait, and says what came of it, also beside an error.
	Next(ctx context.Context, wait time.Duration) (account.Heard, error)
	// Dead says how many messages nobody could handle, so that they were put aside.
	Dead(ctx context.Context) (int, error)
}

// Uploads is what is done with uploaded files.
type Uploads interface {
	// Sweep takes uploads that no event told of, and says how many there were.
	Sweep(ctx context.Context) (int, error)
	// Continue goes on with a batch that has come due: it is half read, or its results are to be written. It says how the
	// batch was let go.
	Continue(ctx context.Context, batch string) (account.Release, error)
}

// Ports is everybody a worker talks to.
type Ports struct {
	Claims   Claims
	Line     Line
	Desk     Desk
	Pipeline Pipeline
	Events   Events
	Uploads  Uploads
}

// Options say how long a worker works, and how.
type Options struct {
	Owner     string // who it says it is: "host-1234"
	Kind      string // worker, lambda or cli
	Once      bool   // sweep, drain the inbox, advance what is due, stop
	Brought   bool   // handle the messages that Events has and what they wake, look at nothing else, stop
	UntilIdle bool   // stop when nothing is left to do
	// AtMost is how long anything is begun; what is in hand then is seen to its end, or to that of the context. 0: Once takes
	// fifty seconds, and what is in hand then gets one more.
	AtMost time.Duration
	Steps  int // steps at once; 0 is 16
	Poll   time.Duration
	News   time.Duration            // within which a batch hears that a request of its goes on; of one that has ended it hears at once
	Window func(now time.Time) bool // whether accounts may be started; nil: always
	Now    func() time.Time         // the local clock
	Log    *slog.Logger
}

const (
	sweepEvery = 10 * time.Minute
	seenEvery  = 105 * time.Second      // who was not seen for two minutes is taken for gone
	lastGrace  = time.Second            // what steps in hand get when the worker is told to stop
	holdAtMost = 5 * time.Second        // for how long a request stays in hand that waits
	onceAhead  = 5 * time.Second        // --once also takes what falls due within
	onceAtMost = 50 * time.Second       // --once takes no longer
	indexLag   = 500 * time.Millisecond // how long the index may show what is no longer true
)

// Worker is one process at work. Run it once.
type Worker struct {
	Ports
	Options

	kick   chan struct{} // the time to look has changed
	places chan struct{} // one for each step at work

	mu       sync.Mutex
	lookAt   time.Time // when it is to be looked next what is due
	lineAt   time.Time // when the line for slots is to be looked at next
	lineNext time.Time // what that was when the last look began, unless somebody asks for an earlier one
	alert    time.Time // until then new items may appear in the index
	acted    time.Time // when something was last put into the table by this worker; zero: not yet
	inHand   map[string]bool
	behind   map[string]lag // items that the index shows as due and the table does not
	again    map[string]own // what it has let go itself and will come due
	given    int            // slots that it has given back since it looked at the line
	steps    sync.WaitGroup
	stop     atomic.Bool // it was told to stop: no step begins any more
	asked    time.Time   // when it was last asked whether all is done
	deaf     error       // why the inbox can't be used
	dead     int         // messages that nobody could handle

	// Of the goroutine that goes round:
	nobody bool          // was waiting for a slot the last time
	slots  account.Slots // when they were asked for last
}

// New makes a worker.
func New(ports Ports, options Options) *Worker {
	if options.Steps == 0 {
		options.Steps = 16
	}
	if options.Window == nil {
		options.Window = func(time.Time) bool { return true }
	}
	return &Worker{
		Ports: ports, Options: options,
		kick: make(chan struct{}, 1), places: make(chan struct{}, options.Steps), inHand: map[string]bool{}, behind: map[string]lag{}, again: map[string]own{},
	}
}

// Run works until ctx ends, or until the options say that it is done. It returns nil then, [ErrPending] when what is left
// has to wait, and the error of a queue or inbox that can't be used at all.
func (w *Worker) Run(ctx context.Context) error {
	work, stop := context.WithCancel(ctx)
	if w.AtMost > 0 {
		work, stop = context.WithTimeout(ctx, w.AtMost)
	}
	defer stop()
	defer context.AfterFunc(work, func() { w.stop.Store(true) })()
	// Steps outlive the order to stop by a second: an answer that is on its way is worth waiting for.
	hands, drop := context.WithCancel(context.WithoutCancel(ctx))
	defer drop()

	if w.Brought {
		w.brought(work, hands)
		stop()
		w.letGo(ctx, hands, drop)
		return nil
	}
	if err := w.arrive(work); err != nil {
		return err
	}
	var helpers sync.WaitGroup
	if !w.Once {
		helpers.Go(func() { w.listen(work, hands) })
	}
	helpers.Go(func() {
		w.every(work, sweepEvery, "sweep the bucket", func() error {
			n, err := w.Uploads.Sweep(work)
			if n > 0 {
				w.alarm()
			}
			return errors.Join(err, w.autopsy(work))
		})
	})
	helpers.Go(func() {
		w.every(work, seenEvery, "say that the worker is there", func() error { return w.Desk.Seen(work, w.self()) })
	})

	var err error
	if w.Once {
		err = w.once(work, hands)
	} else {
		err = w.rounds(work, hands)
	}
	stop()
	helpers.Wait()
	w.letGo(ctx, hands, drop)
	if w.Kind != "lambda" { // whose next invocation goes on under the same name
		_ = w.Desk.Gone(context.WithoutCancel(ctx), w.Owner) // it will not be seen any longer anyway
	}
	return err
}

// arrive says that the worker is there, and takes what was uploaded while nobody was. It fails only for what a human has to
// mend: no credentials, no table, no bucket.
func (w *Worker) arrive(ctx context.Context) error {
	if err := w.autopsy(ctx); err != nil {
		w.undone(ctx, "look for dead letters", err)
	}
	if err := w.Desk.Seen(ctx, w.self()); err != nil {
		if refused(err) {
			return err
		}
		w.undone(ctx, "say that the worker is there", err)
	}
	w.alarm()
	n, err := w.Uploads.Sweep(ctx)
	if n > 0 {
		w.act()
	}
	if err != nil {
		if refused(err) {
			return err
		}
		w.undone(ctx, "sweep the bucket", err)
	}
	return nil
}

// undone tells of a duty that was not done, unless it is time to stop.
func (w *Worker) undone(ctx context.Context, duty string, err error) {
	if ctx.Err() == nil {
		w.Log.Warn("a duty was not done", "duty", duty, "error", err)
	}
}

// autopsy looks whether messages were put aside that nobody could handle, and has those who ask told of them. What they
// spoke of is found by polls and by the sweep all the same.
func (w *Worker) autopsy(ctx context.Context) error {
	n, err := w.Events.Dead(ctx)
	if err != nil {
		return err
	}
	w.mu.Lock()
	more := n > w.dead
	w.dead = n
	w.mu.Unlock()
	if more {
		w.Log.Error("messages could not be handled and were put aside", "code", "V3016", "deadLetters", n)
	}
	return nil
}

// letGo waits for the steps in hand: a second as they are, then with their contexts ended. Where there was only so much time
// to begin something, they go on until ctx ends first.
func (w *Worker) letGo(ctx, hands context.Context, drop context.CancelFunc) {
	done := make(chan struct{})
	go func() { w.steps.Wait(); close(done) }()
	if w.AtMost > 0 {
		select {
		case <-done:
			return
		case <-ctx.Done():
		}
	}
	select {
	case <-done:
		return
	case <-w.after(hands, lastGrace):
	}
	drop()
	<-done
}

// act notes that the index may not show yet what was just put into the table.
func (w *Worker) act() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.acted = w.Now()
}

// settled says whether the index shows all that this worker has put into the table.
func (w *Worker) settled() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.acted.IsZero() || !w.Now().Before(w.acted.Add(indexLag))
}

// every repeats f until ctx ends.
func (w *Worker) every(ctx context.Context, d time.Duration, what string, f func() error) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.after(ctx, d):
		}
		if err := f(); err != nil {
			w.undone(ctx, what, err)
		}
	}
}

// after is a channel that closes after d, or with ctx, and leaves no timer behind.
func (w *Worker) after(ctx context.Context, d time.Duration) <-chan struct{} {
	waited, cancel := context.WithTimeout(ctx, d)
	context.AfterFunc(waited, cancel)
	return waited.Done()
}

func (w *Worker) self() account.Worker {
	w.mu.Lock()
	defer w.mu.Unlock()
	return account.Worker{Owner: w.Owner, Kind: w.Kind, DeadLetters: w.dead}
}

// refused says that a human has to act before anything works.
func refused(err error) bool {
	var r account.Refused
	return errors.As(err, &r)
}
