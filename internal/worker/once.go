package worker

import (
	"context"
	"errors"
	"time"
)

// once drains the inbox and advances what is due, and what falls due within five seconds, for at most fifty. What it has
// put into the queue itself, as the requests of a list that it has read, is due, too. An inbox that can't be used keeps
// nothing back, and is told at the end.
func (w *Worker) once(ctx, hands context.Context) error {
	end := w.Now().Add(onceAtMost)
	var deaf error
	for ctx.Err() == nil && w.Now().Before(end) {
		heard, err := w.Events.Next(ctx, 0)
		if err != nil && ctx.Err() == nil {
			w.Log.Warn("the inbox did not answer", "error", err)
			if heard.Messages == 0 {
				deaf = err
			}
		}
		w.rouse(ctx, hands, heard.Woken)
		if heard.Messages == 0 {
			break
		}
		w.act()
	}
	for ctx.Err() == nil && w.Now().Before(end) {
		found, next, err := w.round(ctx, hands)
		if err != nil && ctx.Err() == nil {
			return errors.Join(err, deaf)
		}
		if !found && w.idleHands() {
			ahead := next.Sub(w.Claims.Now())
			switch {
			case !next.IsZero() && ahead <= onceAhead:
			case w.settled():
				return deaf
			default:
				w.lookAtLine(0)
				ahead = 0
			}
			select {
			case <-ctx.Done():
			case <-w.after(ctx, max(ahead, indexLag/10)):
			}
			continue
		}
		w.plan(w.Now().Add(time.Second), true)
		w.rest(ctx)
	}
	return deaf
}

// farAway is when something comes that nobody waits for.
const farAway = 24 * time.Hour

// brought handles the messages that Events has, and takes the requests that they wake, and those that got into the line or
// that a slot became free for, as far as they can be taken: until they have to wait for longer than five seconds. What else
// is due is no concern of it. Nothing that it leaves undone is lost: messages come again, and requests come due.
func (w *Worker) brought(ctx, hands context.Context) {
	w.lineAt = w.Now().Add(farAway) // nobody has come yet
	for ctx.Err() == nil {
		heard, err := w.Events.Next(ctx, 0)
		if err != nil && ctx.Err() == nil {
			w.Log.Warn("a message could not be handled", "error", err)
		}
		w.rouse(ctx, hands, heard.Woken)
		if heard.Messages == 0 {
			break
		}
		if heard.Uploads > 0 {
			w.alarm()
		}
	}
	for ctx.Err() == nil {
		now := w.Now()
		w.plan(now.Add(onceAhead), true) // a step that ends from here on may ask for an earlier look
		w.goOn(ctx, hands, now)
		if w.lineHasCome(now) && w.Window(w.Claims.Now()) {
			if _, err := w.fill(ctx, hands); err != nil && ctx.Err() == nil {
				w.Log.Warn("the line could not be looked at", "error", err)
			}
		}
		idle := w.idleHands() // before it is asked what they have left behind
		if idle && w.nothingWithin(now.Add(onceAhead)) {
			return
		}
		w.rest(ctx)
	}
}

// nothingWithin says whether nothing that was let go comes due until then, nor the line is to be looked at.
func (w *Worker) nothingWithin(end time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	next := w.comesNext()
	return (next.IsZero() || next.After(end)) && w.lineAt.After(end)
}

// lineHasCome says whether somebody has come into the line, or a slot has become free. For a while the index may not show it.
func (w *Worker) lineHasCome(now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if now.Before(w.lineAt) {
		return false
	}
	w.lineAt = now.Add(farAway)
	if now.Before(w.alert) {
		w.lineAt = now.Add(indexLag)
	}
	return true
}
