package worker

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

// watchAtMost is how long a look at an order takes at most that nobody has a claim on.
const watchAtMost = time.Minute

// errWatching keeps a look from causing anything.
var errWatching = errors.New("a look without a claim changes nothing")

// own is an item that this worker has let go itself: it knows without asking the index when to go on with it.
type own struct {
	at    time.Time
	saved *saved // nil: it has to be claimed
}

// saved is a request whose order is watched, as it was saved.
type saved struct {
	account.Claim
	until time.Time // when it comes due for everybody
}

// comeAgain notes when an item comes due that was let go, or woken. The earliest of several times holds until the item is
// taken in hand.
func (w *Worker) comeAgain(id string, in time.Duration, saved *saved) {
	if w.Once || w.Brought && strings.HasPrefix(id, "b-") { // one looks again and again anyway, the other leaves results to others
		w.look(in)
		return
	}
	at := w.Now().Add(in)
	w.mu.Lock()
	defer w.mu.Unlock()
	if known, ok := w.again[id]; ok && !at.Before(known.at) {
		return
	}
	w.again[id] = own{at: at, saved: saved}
	w.wakeUp()
}

// cameAgain are the items that are due again and in nobody's hand here, in the order of their names.
func (w *Worker) cameAgain(now time.Time) (ids []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, o := range w.again {
		if !w.inHand[id] && !now.Before(o.at) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// recall takes what is known of an item out of those that come due; nil for one that has to be claimed.
func (w *Worker) recall(id string) *saved {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.behind, id)
	o := w.again[id]
	if !w.inHand[id] {
		delete(w.again, id)
	}
	return o.saved
}

// goOn begins steps for what this worker has let go and is due again.
func (w *Worker) goOn(ctx, hands context.Context, now time.Time) (found bool) {
	for _, id := range w.cameAgain(now) {
		found = w.resume(ctx, hands, id, w.recall(id)) || found
	}
	return found
}

// comesNext is when the next item is due again that is in nobody's hand here; zero when there is none. It wants the lock.
func (w *Worker) comesNext() (next time.Time) {
	for id, o := range w.again {
		if !w.inHand[id] && (next.IsZero() || o.at.Before(next)) {
			next = o.at
		}
	}
	return next
}

// watching is how many requests it watches. It wants the lock.
func (w *Worker) watching() (n int) {
	for _, o := range w.again {
		if o.saved != nil {
			n++
		}
	}
	return n
}

// soonest is when the first of these items comes due that this worker would not go on with by itself until then; zero when
// there is none.
func (w *Worker) soonest(items []account.Due) time.Time {
	now, here := w.Claims.Now(), w.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, d := range items {
		at := here.Add(d.At.Sub(now))
		if o, known := w.again[d.ID]; !w.inHand[d.ID] && (!known || o.at.After(at.Add(indexLag))) {
			return at
		}
	}
	return time.Time{}
}

// watch looks at an order under way without a claim on its request: that is as it was saved if nobody has touched it since,
// and only then what the look has found is written. Most looks find what the last one has found; of those every other one
// writes when the request comes due for everybody, and that is all. It reports false where more is to be done, or somebody
// else has the request: both are seen by claiming it.
func (w *Worker) watch(ctx context.Context, s saved) bool {
	fence := account.NewFence(func() error { return errWatching })
	held, end := context.WithTimeout(account.WithFence(ctx, fence), watchAtMost)
	before := s.Request
	before.Waiting = ""
	next, verdict := w.Pipeline.Advance(held, before, w.Claims.Now())
	end()
	wait, waits := errors.AsType[account.Wait](verdict)
	switch {
	case waits && waitingFor(wait) == s.Request.Waiting && reflect.DeepEqual(next, before):
		if end := w.Now().Add(wait.For); s.until.Before(end) {
			in := 2*wait.For + indexLag
			if w.Claims.PutOff(ctx, next.ID, s.Lease, in) != nil {
				w.lookAtLine(0) // whoever has touched it may have given its slot back
				return false
			}
			s.until = w.Now().Add(in)
		}
		w.comeAgain(next.ID, wait.For, &s)
	case waits && next.Watched() && next.Stage == before.Stage:
		next.Waiting = waitingFor(wait)
		w.save(ctx, s.Claim, next, account.Release{In: wait.For})
	case verdict == nil && next.Stage == account.Assigning:
		next, rel := w.progress(before, next)
		claim, again := w.save(ctx, s.Claim, next, rel)
		w.work(ctx, claim, again)
	default:
		return false
	}
	return true
}

// waitingFor is what people read about a request that has to wait.
func waitingFor(wait account.Wait) string {
	if wait.Answer.Message == "" {
		return wait.Why
	}
	return wait.Why + ": " + wait.Answer.Message
}
