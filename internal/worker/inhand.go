package worker

import "context"

// start begins a step, unless this worker is at it already. It waits for a place.
func (w *Worker) start(ctx, hands context.Context, id string) bool {
	return w.resume(ctx, hands, id, nil)
}

// resume is start for a request of which is known how it was saved; nil: it is not.
func (w *Worker) resume(ctx, hands context.Context, id string, known *saved) bool {
	if !w.reserve(id) {
		return false
	}
	select {
	case w.places <- struct{}{}:
	case <-ctx.Done():
		w.put(id)
		return false
	}
	w.steps.Go(func() {
		taken := known != nil && w.watch(hands, *known) || w.take(hands, id)
		w.act()
		w.put(id)
		<-w.places
		w.leave(id, taken)
		if (w.UntilIdle || w.Once || w.Brought) && w.idleHands() {
			w.look(indexLag) // perhaps it was the last
		}
	})
	return true
}

// rouse begins steps for requests that were just woken, before the index shows it. What is in hand is tried again right after:
// its step may have begun before.
func (w *Worker) rouse(ctx, hands context.Context, ids []string) {
	for _, id := range ids {
		known := w.recall(id)
		if known != nil {
			woken := *known
			woken.Wakes++
			woken.until = w.Now() // the wake has made it due for everybody
			known = &woken
		}
		if !w.resume(ctx, hands, id, known) {
			w.comeAgain(id, 0, nil)
		}
	}
}

// reserve says whether the item may be tried now, and marks it as being in hand.
func (w *Worker) reserve(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.inHand[id] || w.Now().Before(w.behind[id].until) {
		return false
	}
	w.inHand[id] = true
	delete(w.again, id)
	return true
}

func (w *Worker) put(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.inHand, id)
	if _, ok := w.again[id]; ok {
		w.wakeUp()
	}
}

func (w *Worker) idleHands() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.inHand) == 0
}
