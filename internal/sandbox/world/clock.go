package world

import (
	"container/heap"
	"time"
)

// Do runs f while nobody else looks at the world, after everything that has fallen due by now has happened. All reading
// and changing of the world goes through Do; what f schedules with [World.After] runs inside a later Do.
func (w *World) Do(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settle(w.now())
	f()
	w.settle(w.now())
}

// Now is the real time: reported timestamps, SQS timers and Date headers follow it. Only [World.After] is scaled.
func (w *World) Now() time.Time { return w.now() }

// After lets f happen when d of the world's own time (timing.*) has passed, d divided by the speed in real time. It must
// be called within [World.Do]; f runs within one, too. A d of zero or less happens at the end of the current Do.
func (w *World) After(d time.Duration, f func()) {
	at := w.moment()
	if d > 0 {
		at = at.Add(time.Duration(float64(d) / w.speed))
	}
	w.seq++
	heap.Push(&w.due, effect{at: at, seq: w.seq, do: f})
	w.bump()
}

// Advance lets everything happen now that would have happened within d of the world's own time, and lets the rest happen
// that much earlier: two hours in two steps are two hours.
func (w *World) Advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settle(w.now())
	by := time.Duration(float64(max(0, d)) / w.speed)
	w.settle(w.now().Add(by))
	for i := range w.due {
		w.due[i].at = w.due[i].at.Add(-by)
	}
	w.settle(w.now())
}

// Changed returns a channel that is closed when something happens next, and the time until the next scheduled effect
// (false when nothing is scheduled). Long polls wait on both; call it within [World.Do].
func (w *World) Changed() (<-chan struct{}, time.Duration, bool) {
	if len(w.due) == 0 {
		return w.changed, 0, false
	}
	return w.changed, max(0, w.due[0].at.Sub(w.now())), true
}

// Notify wakes whoever waits on [World.Changed]; call it within [World.Do] when a change may end somebody's wait.
func (w *World) Notify() { w.bump() }

func (w *World) bump() {
	close(w.changed)
	w.changed = make(chan struct{})
}

func (w *World) settle(until time.Time) {
	for len(w.due) > 0 && !w.due[0].at.After(until) {
		next := heap.Pop(&w.due).(effect)
		w.happening = next.at
		next.do()
		w.bump()
	}
	w.happening = time.Time{}
}

// moment is when what happens now happens: in an effect the time at which it was due, however late somebody looks, so
// that what follows from it is not late, too.
func (w *World) moment() time.Time {
	if w.happening.IsZero() {
		return w.now()
	}
	return w.happening
}

// Stamp is the time that is written down for what happens now: in an effect when it was due, and never ahead. Call it within
// [World.Do].
func (w *World) Stamp() time.Time { return w.stamp() }

// stamp is the time that is written down for what happens now. It never lies ahead, not even in [World.Advance].
func (w *World) stamp() time.Time {
	now := w.now()
	if at := w.moment(); at.Before(now) {
		return at
	}
	return now
}

// effect is something that will happen. Effects of the same instant happen in the order in which they were scheduled.
type effect struct {
	at  time.Time
	seq uint64
	do  func()
}

type effects []effect

func (e effects) Len() int { return len(e) }

func (e effects) Less(i, j int) bool {
	if e[i].at.Equal(e[j].at) {
		return e[i].seq < e[j].seq
	}
	return e[i].at.Before(e[j].at)
}

func (e effects) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

// Push and Pop are what [heap.Interface] asks for.
func (e *effects) Push(x any) { *e = append(*e, x.(effect)) }

// Pop takes the last one off.
func (e *effects) Pop() any {
	last := (*e)[len(*e)-1]
	(*e)[len(*e)-1] = effect{}
	*e = (*e)[:len(*e)-1]
	return last
}
