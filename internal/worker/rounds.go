package worker

import (
	"context"
	"errors"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

// rounds goes round until there is nothing left to do, or ctx ends. A round begins when something falls due that the last
// one saw, or that this worker has let go itself, when a step says so, after an event, and once in two poll intervals: others
// may have put something into the queue.
func (w *Worker) rounds(ctx, hands context.Context) error {
	for ctx.Err() == nil {
		if err := w.unheard(); err != nil {
			return err
		}
		found := w.goOn(ctx, hands, w.Now())
		started, err := w.startFromLine(ctx, hands)
		found = started || found
		if w.lookIsDue() {
			began, ahead, unread := w.startDue(ctx, hands)
			found, err = began || found, errors.Join(err, unread)
			if next := w.soonest(ahead); !next.IsZero() {
				w.plan(next, false)
			}
			if w.UntilIdle && !found && err == nil && w.idleHands() {
				if done, err := w.idle(ctx, len(ahead) > 0); done || err != nil {
					return err
				}
			}
		}
		if err != nil && ctx.Err() == nil {
			w.Log.Warn("a round did not end", "error", err)
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

// look asks for a look at what is due after d at the latest.
func (w *Worker) look(d time.Duration) { w.plan(w.Now().Add(d), false) }

func (w *Worker) plan(at time.Time, anew bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !anew && !at.Before(w.lookAt) {
		return
	}
	w.lookAt = at
	w.wakeUp()
}

// wakeUp lets the round that is rested for be reckoned anew.
func (w *Worker) wakeUp() {
	select {
	case w.kick <- struct{}{}:
	default:
	}
}

// lookIsDue says whether it is to be looked now what is due, and plans the next look.
func (w *Worker) lookIsDue() bool {
	now := w.Now()
	pause := w.pause(now)
	w.mu.Lock()
	defer w.mu.Unlock()
	if now.Before(w.lookAt) {
		return false
	}
	w.lookAt = now.Add(pause)
	return true
}

// rest waits until it is time for the next round.
func (w *Worker) rest(ctx context.Context) {
	for ctx.Err() == nil {
		w.mu.Lock()
		next := w.lookAt
		for _, at := range []time.Time{w.lineAt, w.comesNext()} {
			if !at.IsZero() && at.Before(next) {
				next = at
			}
		}
		wait := next.Sub(w.Now())
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
	w.look(0)
	w.lookAtLine(0)
}

// round starts a step for each item that may take a slot, which somebody has been waiting for, and for each that is due. It
// does not wait for them.
func (w *Worker) round(ctx, hands context.Context) (found bool, next time.Time, err error) {
	found, err = w.startFromLine(ctx, hands)
	began, ahead, unread := w.startDue(ctx, hands)
	if len(ahead) > 0 {
		next = ahead[0].At
	}
	return began || found, next, errors.Join(err, unread)
}

// startFromLine starts a step for each item that may take a slot, when it is time to look.
func (w *Worker) startFromLine(ctx, hands context.Context) (found bool, err error) {
	if w.lineIsDue() && w.Window(w.Claims.Now()) {
		return w.fill(ctx, hands)
	}
	return false, nil
}

// startDue starts a step for each item that the index shows as due, and gives those that it shows to come next.
func (w *Worker) startDue(ctx, hands context.Context) (found bool, ahead []account.Due, err error) {
	due, ahead, err := w.Line.Due(ctx, 2*cap(w.places))
	if err == nil {
		w.lagging(due)
	}
	for _, d := range due {
		found = w.start(ctx, hands, d.ID) || found
	}
	return found, ahead, err
}

// fill starts a step for each request that may take a slot now. Slots that this worker has just given back are taken for free
// without asking: who begins finds out.
func (w *Worker) fill(ctx, hands context.Context) (started bool, err error) {
	free := w.givenBack()
	if w.nobody { // most likely nobody has come since, and then it does not matter what is free
		if ids, err := w.Line.Waiting(ctx, 1); err != nil || len(ids) == 0 {
			return false, err
		}
		free = 0 // others may have given back theirs
	}
	known := free > 0
	if !known {
		if w.slots, err = w.Line.Slots(ctx); err != nil {
			return false, err
		}
		if free = w.slots.Free(); free == 0 {
			w.lookAtFull(0)
			return false, nil
		}
	}
	// Some at the head may be in somebody's hand already.
	ids, err := w.Line.Waiting(ctx, free+max(free, w.slots.Concurrency))
	n := 0
	for _, id := range ids {
		if n < free && w.start(ctx, hands, id) {
			n++
		}
	}
	switch {
	case n < min(len(ids), free):
		w.lookAtLine(indexLag)
	case known && n == free && w.slots.Free() == 0: // all were taken before, and are again
		w.lookAtFull(n)
	}
	w.nobody = err == nil && len(ids) == 0
	return n > 0, err
}

// giveBack notes that a slot was given back, and has the line looked at.
func (w *Worker) giveBack() {
	w.mu.Lock()
	w.given++
	w.mu.Unlock()
	w.lookAtLine(0)
}

// givenBack is how many slots were given back since it was asked last.
func (w *Worker) givenBack() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.given
	w.given = 0
	return n
}

// lookAtLine asks for a look at the line for slots, after d at the latest.
func (w *Worker) lookAtLine(d time.Duration) {
	at := w.Now().Add(d)
	w.mu.Lock()
	defer w.mu.Unlock()
	if at.Before(w.lineAt) {
		w.lineAt = at
		w.wakeUp()
	}
}

// lookAtFull asks for the next look at the line when all slots are taken, some of them by requests just begun here: who gives
// one back looks at once, so that only one that a dead worker or an operator gave back is found by looking. Where this worker
// watches all that have one, its looks at them find that, too. Who has asked for an earlier look since this one began gets it.
func (w *Worker) lookAtFull(begun int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	far := 5 * w.Poll
	if w.slots.Paused == nil && w.watching()+begun >= w.slots.Concurrency {
		far = 30 * w.Poll
	}
	if w.lineAt.Equal(w.lineNext) {
		w.lineAt = w.Now().Add(far)
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
