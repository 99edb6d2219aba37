package worker_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/worker"
)

// stale is a desk whose index goes on showing an item as due that is not, until a moment: then it is.
type stale struct {
	*desk
	until time.Time
	tries []time.Time
}

func (s *stale) Due(context.Context, int) (due, ahead []account.Due, err error) {
	if _, taken := s.taken(); taken {
		return nil, nil, nil
	}
	return []account.Due{{ID: "r-1", At: time.Now()}}, nil, nil
}

func (s *stale) taken() (account.Request, bool) {
	r := s.request("r-1")
	return r, r.Stage == account.Done
}

func (s *stale) Claim(ctx context.Context, id string) (account.Claim, error) {
	s.mu.Lock()
	s.tries = append(s.tries, time.Now())
	s.mu.Unlock()
	if time.Now().Before(s.until) {
		return account.Claim{}, account.ErrStale
	}
	return s.desk.Claim(ctx, id)
}

// What the index shows and the table does not is tried less and less often, and is taken four seconds after it has become
// true at the latest. Each try is a look at the index, a claim that is refused and a look at the item.
func TestWhatTheIndexGoesOnShowingIsTriedLessOften(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &stale{desk: newDesk(provisioning("r-1")), until: time.Now().Add(35 * time.Second)}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		w := worker.New(worker.Ports{
			Claims: s, Line: s, Desk: s, Events: silence{}, Uploads: silence{},
			Pipeline: pipe{func(_ context.Context, r account.Request) (account.Request, error) {
				r.Slot, r.Stage = false, account.Done
				return r, nil
			}},
		}, worker.Options{Poll: time.Minute, Now: time.Now, Log: slog.New(slog.DiscardHandler), Owner: "test"})
		if err := w.Run(ctx); err != nil {
			t.Fatal(err)
		}
		r, taken := s.taken()
		if !taken {
			t.Fatalf("it was never taken: %+v", r)
		}
		if len(s.tries) > 12 {
			t.Errorf("it was tried %d times in 35 seconds", len(s.tries))
		}
		if late := slices.MaxFunc(s.tries, time.Time.Compare).Sub(s.until); late > 4*time.Second {
			t.Errorf("it was taken %v after it had come due", late)
		}
	})
}
