package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// happen does what the plan says, at its time.
func (s *simulation) happen(h happening) {
	time.Sleep(h.at)
	m := s.machines[h.n%len(s.machines)]
	r := s.plan.rows[h.n%len(s.plan.rows)]
	s.strike(h.what)
	switch h.what {
	case "kill":
		m.end([]mode{"", effectCrash, answerCrash}[h.m%3], h.long)
	case "freeze":
		m.freeze(h.long)
	case "the late group appears":
		s.sandbox.World().Do(func() {
			ic := s.sandbox.World().IdentityCenter
			ic.AddGroup(&world.Group{Name: lateGroup})
		})
	case "foreign operation":
		s.foreignOperation(h)
	case "foreign account":
		s.foreignAccount(r)
	case "resume":
		s.operate(func(ctx context.Context, e *engine.Engine) error { return resumeFailed(ctx, e, false) })
	case "two resumes":
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				s.operate(func(ctx context.Context, e *engine.Engine) error { return resumeFailed(ctx, e, h.m%2 == 0) })
			})
		}
		both.Wait()
	case "cancel":
		s.operate(func(ctx context.Context, e *engine.Engine) error {
			s.mu.Lock()
			s.cancelled[account.ID(r.email)] = true
			s.mu.Unlock()
			_, err := e.Cancel(ctx, []string{account.ID(r.email)})
			return err
		})
	case "pause":
		s.operate(func(ctx context.Context, e *engine.Engine) error { return e.Pause(ctx, "an operator") })
		time.Sleep(h.long)
		s.operate(func(ctx context.Context, e *engine.Engine) error {
			_, err := e.Resume(ctx, engine.ResumeOptions{Paused: true})
			return err
		})
	case "corrected upload":
		s.put("accounts.csv", s.corrected(h))
	case "same upload":
		s.mu.Lock()
		rows := s.latest["accounts.csv"]
		s.mu.Unlock()
		s.put([]string{"accounts.csv", "again.csv"}[h.m%2], rows)
	}
}

func resumeFailed(ctx context.Context, e *engine.Engine, recover bool) error {
	_, err := e.Resume(ctx, engine.ResumeOptions{Failed: true, Recover: recover})
	return err
}

// operate runs an operator's command. That it is refused, or that its calls fail, is no broken promise.
func (s *simulation) operate(c command) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	e, err := s.engineAt(ctx, s.sandbox.RoundTripper(), time.Now)
	if err == nil {
		err = c(ctx, e)
	}
	var refused account.Refused
	if err != nil && !errors.As(err, &refused) && !errors.Is(err, queue.ErrNotFound) && !errors.Is(err, account.ErrStale) {
		s.violated("an operator's command ended with: %v", err)
	}
}

// put uploads a list, and notes what it asks for.
func (s *simulation) put(name string, rows []simRow) {
	s.mu.Lock()
	for _, r := range rows {
		email := strings.ToLower(r.email)
		s.access[email] = append(s.access[email], r.assignments...)
	}
	s.latest[name] = rows
	s.mu.Unlock()
	s.operate(func(ctx context.Context, e *engine.Engine) error {
		b, err := e.UploadAtRoot(ctx, name, []byte(csv(rows)))
		s.mu.Lock()
		s.batches[name] = b.ID
		s.mu.Unlock()
		return err
	})
}

// corrected is the list with one row asking for another unit and for more access.
func (s *simulation) corrected(h happening) []simRow {
	s.mu.Lock()
	rows := slices.Clone(s.latest["accounts.csv"])
	s.mu.Unlock()
	r := &rows[h.m%len(rows)]
	r.unit, r.bad = simUnits[h.n%len(simUnits)], r.bad && r.unit != "Nowhere"
	if a := simAccess[h.n%len(simAccess)]; !slices.Contains(r.assignments, a) {
		r.assignments = append(slices.Clone(r.assignments), a)
	}
	return rows
}

// foreignOperation lets somebody else order an account by hand.
func (s *simulation) foreignOperation(h happening) {
	w := s.sandbox.World()
	w.Do(func() {
		name := fmt.Sprintf("theirs-%d-%d", h.n, h.m)
		f := w.AccountFactory
		_, err := w.Provision(world.Order{
			Name: name, Token: name, Artifact: f.Artifacts[len(f.Artifacts)-1],
			Parameters: map[string]string{
				"AccountName": name, "AccountEmail": name + "@example.com", "ManagedOrganizationalUnit": w.Eligible()[0],
				"SSOUserEmail": "owner@example.com", "SSOUserFirstName": "Olivia", "SSOUserLastName": "Owner",
			},
		})
		if err != nil {
			s.violated("a foreign order: %v", err)
		}
	})
}

// foreignAccount lets somebody make the account of a row by hand.
func (s *simulation) foreignAccount(r simRow) {
	w := s.sandbox.World()
	w.Do(func() {
		if r.bad || r.account != "" || w.AccountByEmail(r.email) != nil {
			return
		}
		if _, err := w.CreateAccount(r.email, "theirs", "AWSControlTowerExecution", nil); err == nil {
			s.mu.Lock()
			s.stolen[account.ID(r.email)] = true
			s.mu.Unlock()
		}
	})
}

// mend is the fair operator, after all faults have ended: whatever failed is resumed, with the execution role given to
// accounts that need it, until there is nothing left to mend.
func (s *simulation) mend() {
	s.operate(func(ctx context.Context, e *engine.Engine) error {
		_, err := e.Resume(ctx, engine.ResumeOptions{Paused: true})
		return err
	})
	time.Sleep(11 * time.Minute) // until a sweep has found the uploads that no event told of
	for round := 0; ; round++ {
		if !s.rest() {
			return
		}
		failed := s.ofStage(account.Failed)
		failed = slices.DeleteFunc(failed, func(r account.Request) bool { return s.stolen[r.ID] && r.Failure.Code == "V2003" })
		if len(failed) == 0 {
			return
		}
		if round == 6 {
			for _, r := range failed {
				s.violated("request %s (%s) of %s can't be mended: failed in %s, %+v", r.ID, r.Kind, r.Email, r.FailedStage, r.Failure)
			}
			return
		}
		// A failure that clearing away would not mend is a plain resume.
		s.operate(func(ctx context.Context, e *engine.Engine) error { return resumeFailed(ctx, e, round > 0) })
	}
}

// unread says whether a list waits that nobody has begun to read.
func (s *simulation) unread() bool {
	o, err := s.mustEngine().Outlook(s.t.Context(), queue.Filter{})
	if err != nil {
		s.violated("look where everything stands: %v", err)
	}
	return slices.ContainsFunc(o.Batches, func(b account.Batch) bool { return b.State.Unread() })
}

// rest waits until nothing is open, nothing in flight and every list read: a machine that is down reads none. It is false
// when that never comes.
func (s *simulation) rest() bool {
	q := s.mustEngine().Queue
	var open account.Open
	for end := time.Now().Add(12 * time.Hour); time.Now().Before(end); time.Sleep(2 * time.Minute) {
		var err error
		if open, err = q.Open(s.t.Context()); err != nil {
			s.violated("look at the counters: %v", err)
			return false
		}
		left := open.InFlight + len(open.Batches)
		for stage, n := range open.Counts {
			if stage.Open() {
				left += n
			}
		}
		if left == 0 && !s.unread() {
			return true
		}
		if open.Paused != nil {
			s.operate(func(ctx context.Context, e *engine.Engine) error {
				_, err := e.Resume(ctx, engine.ResumeOptions{Paused: true})
				return err
			})
		}
	}
	s.violated("there is no rest: %v, %d in flight, open batches %v", open.Counts, open.InFlight, open.Batches)
	for _, r := range s.requests() {
		if r.Stage.Open() || r.Slot {
			s.violated("  %s is %s, slot %t, generation %d: %s %+v", r.Email, r.Stage, r.Slot, r.Generation, r.Waiting, r.Failure)
		}
	}
	return false
}
