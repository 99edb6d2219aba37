package worker

import (
	"context"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

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
	heard, err := w.Events.Next(ctx, time.Second)
	if err != nil || heard.Messages > 0 {
		return false, nil //nolint:nilerr // the next round asks again, and tells
	}
	n, err := w.Uploads.Sweep(ctx)
	if err != nil || n > 0 {
		return false, err
	}
	// A batch that was finished may have been woken since: its results are not written then, and only the index tells.
	due, ahead, err := w.Line.Due(ctx, 1)
	if err != nil || len(due)+len(ahead) > 0 {
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
