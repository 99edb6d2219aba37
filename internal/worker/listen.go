package worker

import (
	"context"
	"time"
)

// listen handles what the inbox brings until ctx ends. An inbox that can't be used from the beginning ends the work: a
// human has to mend it.
func (w *Worker) listen(ctx, hands context.Context) {
	wait := 20 * time.Second
	if w.UntilIdle {
		wait = min(wait, max(time.Second, w.Poll)) // it must not outlast the end by much
	}
	for answered := false; ctx.Err() == nil; {
		heard, err := w.Events.Next(ctx, wait)
		w.rouse(ctx, hands, heard.Woken)
		if heard.Uploads > 0 {
			w.alarm()
		}
		if !answered && refused(err) {
			w.mu.Lock()
			w.deaf = err
			w.mu.Unlock()
			w.look(0)
			return
		}
		answered = answered || err == nil
		if err != nil && ctx.Err() == nil {
			w.Log.Warn("the inbox did not answer", "error", err)
			select {
			case <-ctx.Done():
			case <-w.after(ctx, time.Second):
			}
		}
	}
}
