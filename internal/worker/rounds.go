package worker

import (
	"context"
	"errors"
	"time"
)

// rounds goes round until there is nothing left to do, or ctx ends. A round begins when something falls due that the last
// one saw, when a step says so, after an event, and once in two poll intervals: others may have put something into the
// queue.
func (w *Worker) rounds(ctx, hands context.Context) error {
	for ctx.Err() == nil {
		if err := w.unheard(); err != nil {
			return err
		}
		now := w.Now()
		w.plan(now.Add(w.pause(now)), true)
		found, next, err := w.round(ctx, hands)
		if err != nil && ctx.Err() == nil {
			w.Log.Warn("a round did not end", "error", err)
		}
		if !next.IsZero() {
			w.look(max(0, next.Sub(w.Claims.Now())))
		}
		if w.UntilIdle && !found && err == nil && w.idleHands() {
			if done, err := w.idle(ctx, !next.IsZero()); done || err != nil {
				return err
			}
		}
		w.rest(ctx)
	}
	return nil
}

func (w *Worker) unheard() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.deaf
}

// pause is how long nothing is looked at when nothing is known to fall due.
func (w *Worker) pause(now time.Time) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if now.Before(w.alert) {
		return min(indexLag, w.Poll)
	}
	return 2 * w.Poll
}

// look asks for a round after d at the latest.
func (w *Worker) look(d time.Duration) { w.plan(w.Now().Add(d), false) }

func (w *Worker) plan(at time.Time, anew bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !anew && !at.Before(w.lookAt) {
		return
	}
	w.lookAt = at
	select {
	case w.kick <- struct{}{}:
	default:
	}
}

// rest waits until it is time for the next round.
func (w *Worker) rest(ctx context.Context) {
	for ctx.Err() == nil {
		w.mu.Lock()
		wait := w.lookAt.Sub(w.Now())
		w.mu.Unlock()
		if wait <= 0 {
			return
		}
		select {
		case <-w.kick:
		case <-w.after(ctx, wait):
		}
	}
}

// alarm expects new items in the index for a while.
func (w *Worker) alarm() {
	w.mu.Lock()
	w.alert = w.Now().Add(4 * indexLag)
	w.mu.Unlock()
	w.lookAtLine(0)
}

// round starts a step for each item that may take a slot, which somebody has been waiting for, and for each that is due. It
// does not wait for them.
func (w *Worker) round(ctx, hands context.Context) (found bool, next time.Time, err error) {
	if w.lineIsDue() && w.Window(w.Claims.Now()) {
		found, err = w.fill(ctx, hands)
	}
	due, next, unread := w.Line.Due(ctx, 2*cap(w.places))
	if unread == nil {
		w.lagging(due)
	}
	for _, d := range due {
		found = w.start(ctx, hands, d.ID) || found
	}
	return found, next, errors.Join(err, unread)
}

// fill starts a step for each request that may take a slot now.
func (w *Worker) fill(ctx, hands context.Context) (started bool, err error) {
	if w.nobody { // most likely nobody has come since, and then it does not matter what is free
		if ids, err := w.Line.Waiting(ctx, 1); err != nil || len(ids) == 0 {
			return false, err
		}
	}
	slots, err := w.Line.Slots(ctx)
	if err != nil {
		return false, err
	}
	if slots.Free() == 0 {
		w.lookAtFull()
		return false, nil
	}
	// Some at the head may be in somebody's hand already.
	ids, err := w.Line.Waiting(ctx, slots.Free()+slots.Concurrency)
	n := 0
	for _, id := range ids {
		if n < slots.Free() && w.start(ctx, hands, id) {
			n++
		}
	}
	if n < min(len(ids), slots.Free()) {
		w.lookAtLine(indexLag)
	}
	w.nobody = err == nil && len(ids) == 0
	return n > 0, err
}

// lookAtLine asks for a round that looks at the line for slots, after d at the latest.
func (w *Worker) lookAtLine(d time.Duration) {
	at := w.Now().Add(d)
	w.mu.Lock()
	if at.Before(w.lineAt) {
		w.lineAt = at
	}
	w.mu.Unlock()
	w.plan(at, false)
}

// lookAtFull asks for the next look at the line when all slots are taken: who gives one back looks at once, so that only
// one that a dead worker or an operator gave back is found by looking. Who has asked for an earlier look since this one
// began gets it.
func (w *Worker) lookAtFull() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lineAt.Equal(w.lineNext) {
		w.lineAt = w.Now().Add(5 * w.Poll)
	}
}

// lineIsDue says whether the line for slots is to be looked at now: a slot has become free, something new may have come,
// or others may have done so since two poll intervals ago.
func (w *Worker) lineIsDue() bool {
	now := w.Now()
	pause := w.pause(now)
	w.mu.Lock()
	defer w.mu.Unlock()
	if now.Before(w.lineAt) {
		return false
	}
	w.lineAt = now.Add(pause)
	w.lineNext = w.lineAt
	return true
}
