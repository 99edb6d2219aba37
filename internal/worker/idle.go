package worker

import (
	"context"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

// once drains the inbox and advances what is due, and what falls due within five seconds, for at most fifty. What it has
// just read, or moved, is among that: it does not end before the index had time to show it.
func (w *Worker) once(ctx, hands context.Context) error {
	end := w.Now().Add(onceAtMost)
	for ctx.Err() == nil && w.Now().Before(end) {
		n, woken, err := w.Events.Next(ctx, 0)
		if err != nil {
			return err
		}
		w.rouse(ctx, hands, woken)
		if n == 0 {
			break
		}
		w.wrote()
	}
	for ctx.Err() == nil && w.Now().Before(end) {
		shown := w.shown() // before it looks: what ends meanwhile is not in what it sees
		found, next, err := w.round(ctx, hands)
		if err != nil {
			return err
		}
		if !found && shown {
			ahead := next.Sub(w.Claims.Now())
			if next.IsZero() || ahead > onceAhead {
				return nil
			}
			select {
			case <-ctx.Done():
			case <-w.after(ctx, max(ahead, indexLag/10)):
			}
			continue
		}
		w.plan(w.Now().Add(time.Second), true)
		if !shown && w.idleHands() {
			w.look(indexLag)
		}
		w.rest(ctx)
	}
	return nil
}

// wrote notes that this worker has just put something into the queue, or moved it there; the index shows it in a while.
func (w *Worker) wrote() {
	w.mu.Lock()
	w.written = w.Now()
	w.mu.Unlock()
	w.lookAtLine(indexLag)
}

// shown says whether the index shows all that this worker has done: nothing is in hand, and nothing was written just now.
func (w *Worker) shown() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.inHand) == 0 && (w.written.IsZero() || w.Now().Sub(w.written) >= indexLag)
}

// idle looks whether nothing is left: nothing is open by the counters, no slot is taken, all results are written, the
// inbox is empty for a second and the sweep finds nothing. What is left and can't be worked on now is ErrPending.
//
// While something waits for its time, which pending says, it is not asked more often than once in a poll interval.
func (w *Worker) idle(ctx context.Context, pending bool) (bool, error) {
	now := w.Now()
	if pending && now.Before(w.asked.Add(w.Poll)) {
		return false, nil
	}
	w.asked = now
	open, err := w.Line.Open(ctx)
	if err != nil {
		return false, nil //nolint:nilerr // the next round asks again, and tells
	}
	left, waiting := 0, 0 // of those left, who may be waiting for a slot
	for stage, n := range open.Counts {
		if stage.Open() {
			left += n
		}
	}
	if open.Paused != nil || !w.Window(w.Claims.Now()) {
		waiting = open.Counts[account.Queued] + open.Counts[account.Provisioning] + open.Counts[account.Recovering]
	}
	switch {
	case left == 0 && open.InFlight > 0 && len(open.Batches) == 0:
		return true, ErrPending // only what is past its deadline
	case left > 0 && left == waiting && open.InFlight == 0:
		return true, ErrPending
	case left == 0 && open.InFlight == 0 && len(open.Batches) > 0:
		w.stir(ctx, open.Batches)
		return false, nil
	case left > 0 || len(open.Batches) > 0 || open.InFlight > 0:
		return false, nil
	}
	n, _, err := w.Events.Next(ctx, time.Second)
	if err != nil || n > 0 {
		return false, nil //nolint:nilerr // the next round asks again, and tells
	}
	n, err = w.Uploads.Sweep(ctx)
	if err != nil || n > 0 {
		return false, err
	}
	// A batch that was finished may have been woken since: its results are not written then, and only the index tells.
	due, next, err := w.Line.Due(ctx, 1)
	if err != nil || len(due) > 0 || !next.IsZero() {
		w.look(indexLag)
		return false, nil //nolint:nilerr // the next round asks again, and tells
	}
	return true, nil
}

// stir makes batches due of which nothing is open any more: whoever moved their last request may have died before it
// could tell them.
func (w *Worker) stir(ctx context.Context, batches []string) {
	for _, id := range batches {
		if err := w.Claims.Wake(ctx, id); err != nil && ctx.Err() == nil {
			w.Log.Warn("a batch could not be told", "batch", id, "error", err)
		}
	}
	w.look(indexLag)
}
