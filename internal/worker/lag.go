package worker

import (
	"slices"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

// longestLag is how long an item is left alone at most that the index goes on showing as due.
const longestLag = 4 * time.Second

// lag is for how long an item is left alone that could not be taken: twice as long each time.
type lag struct {
	until time.Time
	wait  time.Duration
}

// leave leaves an item alone for a while if it could not be taken: most likely the index shows what is no longer true.
func (w *Worker) leave(id string, taken bool) {
	w.mu.Lock()
	if taken {
		delete(w.behind, id)
		w.mu.Unlock()
		return
	}
	wait := min(max(indexLag, 2*w.behind[id].wait), longestLag)
	w.behind[id] = lag{until: w.Now().Add(wait), wait: wait}
	w.mu.Unlock()
	w.look(wait)
}

// lagging forgets the items that the index does not show as due any more, and asks for a look at those that it does when
// their time has come.
func (w *Worker) lagging(due []account.Due) {
	w.mu.Lock()
	now, next := w.Now(), time.Time{}
	for id, l := range w.behind {
		shown := slices.ContainsFunc(due, func(d account.Due) bool { return d.ID == id })
		switch {
		case !now.Before(l.until):
			if !shown {
				delete(w.behind, id)
			}
		case shown && (next.IsZero() || l.until.Before(next)):
			next = l.until
		}
	}
	w.mu.Unlock()
	if !next.IsZero() {
		w.plan(next, false)
	}
}
