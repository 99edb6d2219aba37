package account

import (
	"context"
	"sync/atomic"
	"time"
)

// Lease is somebody's hold on an item of the queue. It ends at a moment of the table's clock; how long the holder may
// trust it is counted from when the claim was sent, so a holder always lets go before anybody else may take over.
type Lease struct {
	Version int64
	Owner   string // random, fresh with each write
	Wakes   int64  // counted when it was claimed
	Woken   bool   // a wake was counted since: whoever lets the item go makes it due
	Sent    time.Time
	For     time.Duration
	Now     time.Time // the table's clock at the claim, at least
	Until   time.Time // end of the lease on the table's clock
}

// Left is how long the lease may still be trusted, by the later of wall and monotonic clock: laptops sleep.
func (l Lease) Left(now time.Time) time.Duration {
	return l.For - max(now.Sub(l.Sent), now.Round(0).Sub(l.Sent.Round(0)))
}

// Claim is a request in somebody's hand.
type Claim struct {
	Lease
	Request Request
}

// BatchClaim is a batch in somebody's hand.
type BatchClaim struct {
	Lease
	Batch   Batch
	Results ResultsState
}

// ResultsState is what a batch's results were last written from, and what people were told of it.
type ResultsState struct {
	Changes int64     `json:"changes"` // of the batch's counters
	At      time.Time `json:"at,omitempty,omitzero"`
	Told    Told      `json:"told,omitzero"`
}

// Release says what becomes of a claim that is saved.
type Release struct {
	Keep  bool          // the claim goes on for another lease
	Order bool          // with Keep: until its end an order may leave, which OrderUntil then says
	Slot  bool          // wait in the line for a free slot
	In    time.Duration // come due after that time
	Rest  bool          // nothing is left to do: leave the queue
}

// Due is an item that has come due, or will.
type Due struct {
	ID    string // r-… or b-…
	At    time.Time
	Name  string // of the account, for requests
	InUse bool   // it holds a slot
}

// Slots is the item that decides who may start an account operation.
type Slots struct {
	InFlight    int
	Concurrency int
	Paused      *Pause
}

// Free is the number of operations that may be started.
func (s Slots) Free() int {
	if s.Paused != nil {
		return 0
	}
	return max(0, s.Concurrency-s.InFlight)
}

// Open is what the counters say is left to do.
type Open struct {
	Counts  map[Stage]int
	Batches []string // that are read, or whose results are not written
	Slots
}

// Operations is how many account operations are under way or wait for their turn.
func (o Open) Operations() int {
	return o.Counts[Queued] + o.Counts[Preparing] + o.Counts[Provisioning] + o.Counts[Recovering]
}

// Entry is what an uploaded row does to the queue: the row is kept, and the request, if there is one, is added or
// replaces what was seen.
type Entry struct {
	Row     Row
	Request *Request // nil: only the row is kept
	Seen    *Claim   // the request as it was seen; nil: there was none
}

// Fence guards a claim's mutating calls: whoever is about to send one asks [Fence.Leave] after the request was signed, so
// that a process that was frozen in between sends nothing that is not stale for AWS itself.
type Fence struct {
	check    func() error
	left     atomic.Int64
	answered atomic.Int64
}

// NewFence makes a fence that lets calls leave while check returns nil.
func NewFence(check func() error) *Fence { return &Fence{check: check} }

// Leave is called when a mutating call is about to leave, once an attempt.
func (f *Fence) Leave() error {
	if err := f.check(); err != nil {
		return err
	}
	f.left.Add(1)
	return nil
}

// Answered is called when AWS has answered the attempt.
func (f *Fence) Answered() { f.answered.Add(1) }

// Unknown says whether a call left whose answer never came.
func (f *Fence) Unknown() bool { return f.left.Load() > f.answered.Load() }

type fenceKey struct{}

// WithFence puts the fence into the context of a step.
func WithFence(ctx context.Context, f *Fence) context.Context {
	return context.WithValue(ctx, fenceKey{}, f)
}

// FenceOf is the fence of the step, nil outside of one.
func FenceOf(ctx context.Context) *Fence {
	f, _ := ctx.Value(fenceKey{}).(*Fence)
	return f
}

// Orders says whether the request's next step may order or terminate a product, or move an account. Such a step needs a slot, and its token
// and orderUntil saved before it begins.
func (r Request) Orders() bool {
	switch r.Stage {
	case Queued:
		return r.Kind == Create
	case Provisioning:
		if r.Move.From != "" {
			return !r.Move.Done
		}
		return r.Order.RecordID == "" || r.Order.Failed && r.Clearing.RecordID == ""
	case Recovering:
		return r.Clearing.RecordID == ""
	}
	return false
}

// Watched says whether nothing is left for the request's next step but to ask AWS how far its order is.
func (r Request) Watched() bool {
	return (r.Stage == Provisioning || r.Stage == Failed) && r.Slot && r.Order.RecordID != "" && !r.Order.Failed &&
		r.Clearing.RecordID == "" && r.Move.From == ""
}
