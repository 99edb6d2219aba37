package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/retry"
)

// ResumeOptions say which requests are resumed, and how.
type ResumeOptions struct {
	Requests []string // these
	Failed   bool     // all that failed
	Batch    string   // all of this batch that failed
	Paused   bool     // end the pause of the pipeline, and resume what failed of its cause
	Recover  bool     // clear away dead products that hold an account
}

// Resume sends failed requests back to the stage they failed in, or into recovering. Those that are not failed are left as
// they are, so that resuming twice is resuming once. It returns what it changed, and the joined reasons of what it could
// not change.
func (e *Engine) Resume(ctx context.Context, o ResumeOptions) ([]account.Request, error) {
	ids := slices.Clone(o.Requests)
	if o.Failed || o.Batch != "" || o.Paused {
		more, err := e.failed(ctx, o)
		if err != nil {
			return nil, err
		}
		ids = append(ids, more...)
	}
	if o.Paused {
		if err := e.Queue.Unpause(ctx); err != nil {
			return nil, err
		}
	}
	slices.Sort(ids)
	var resumed []account.Request
	var problems []error
	for _, id := range slices.Compact(ids) {
		r, changed, err := e.change(ctx, id, "resumed", func(r account.Request) (account.Request, error) { return resume(r, o.Recover) })
		if err != nil {
			problems = append(problems, err)
		} else if changed {
			resumed = append(resumed, r)
		}
	}
	return resumed, errors.Join(problems...)
}

// failed finds the failed requests that the options speak of.
func (e *Engine) failed(ctx context.Context, o ResumeOptions) ([]string, error) {
	view, err := e.Queue.Overview(ctx, queue.Filter{All: o.Batch == "", Failed: true, Batch: o.Batch})
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, r := range view.Requests {
		cause := view.Paused != nil && r.Failure != nil && r.Failure.Code == view.Paused.Code
		if o.Failed || o.Batch != "" || o.Paused && cause {
			ids = append(ids, r.ID)
		}
	}
	return ids, nil
}

// resume is the request as it goes on. One that AWS is still working on is only asked about at once.
func resume(r account.Request, recover bool) (account.Request, error) {
	if r.Stage != account.Failed {
		return r, errUnchanged
	}
	to := r.FailedStage
	if to == "" {
		to = account.Queued
	}
	if recover && (to == account.Provisioning || to == account.Recovering) && !underWay(r) {
		to, r.Recover = account.Recovering, true
		r.Clearing = account.Operation{Tries: r.Clearing.Tries}
	}
	if to == account.Assigning {
		r.AssigningSince = time.Time{}
		for i, a := range r.Assignments {
			if a.State != account.AssignmentDone {
				r.Assignments[i].State, r.Assignments[i].Attempts = account.AssignmentPending, 0
				r.Assignments[i].Failure, r.Assignments[i].RequestID = nil, ""
			}
		}
	}
	r.Stage, r.FailedStage, r.Failure, r.Attempts, r.Waiting = to, "", nil, 0, ""
	r.Since, r.Planting.At = time.Time{}, time.Time{} // deadlines count anew
	return r, nil
}

// underWay says that AWS has not said its last word on the request's operation.
func underWay(r account.Request) bool {
	return r.Slot && r.UnderWay()
}

// Cancel gives up requests that are queued or failed. One that AWS may be working on is refused.
func (e *Engine) Cancel(ctx context.Context, ids []string) ([]account.Request, error) {
	var cancelled []account.Request
	var problems []error
	for _, id := range ids {
		r, changed, err := e.change(ctx, id, "cancelled", cancel)
		if err != nil {
			problems = append(problems, err)
		} else if changed {
			cancelled = append(cancelled, r)
		}
	}
	return cancelled, errors.Join(problems...)
}

func cancel(r account.Request) (account.Request, error) {
	switch {
	case r.Stage == account.Cancelled:
		return r, errUnchanged
	case r.Stage == account.Done:
		return r, account.Refused{
			Code: "V2034", Class: account.ClassTerminal, Reason: fmt.Sprintf("request %s is done: account %s exists", r.ID, r.AccountID),
			Hint: "there is nothing to cancel",
		}
	case r.Slot || r.Stage != account.Queued && r.Stage != account.Failed:
		return r, account.Refused{
			Code: "V2030", Reason: fmt.Sprintf("request %s is %s: AWS may be working on it", r.ID, r.Stage),
			Hint: "wait until AWS has said its last word, then cancel",
		}
	}
	r.Stage, r.Waiting = account.Cancelled, ""
	return r, nil
}

// Pause lets no request take a slot. What is in flight goes on.
func (e *Engine) Pause(ctx context.Context, reason string) error {
	return e.Queue.Pause(ctx, account.Pause{Code: "V3013", Reason: reason})
}

// errUnchanged means that a request is left as it is.
var errUnchanged = errors.New("unchanged")

// change takes a request, changes it and saves it.
func (e *Engine) change(ctx context.Context, id, what string, f func(account.Request) (account.Request, error)) (account.Request, bool, error) {
	claim, err := e.take(ctx, id)
	if err != nil {
		return account.Request{}, false, err
	}
	next, err := f(claim.Request)
	if err != nil {
		back := release(claim.Request)
		if _, saveErr := e.Queue.Save(ctx, claim, claim.Request, back); saveErr != nil {
			return claim.Request, false, saveErr
		}
		if errors.Is(err, errUnchanged) {
			return claim.Request, false, nil
		}
		return claim.Request, false, err
	}
	event := account.Event{At: e.Queue.Now(), Stage: next.Stage, What: what}
	if _, err := e.Queue.Save(ctx, claim, next, release(next), event); err != nil {
		return claim.Request, false, err
	}
	return next, true, e.Queue.Wake(ctx, next.Batch)
}

// take takes a request. One in somebody's hand is waited for: a step takes seconds, and the claim of a worker that died
// ends with its lease.
func (e *Engine) take(ctx context.Context, id string) (account.Claim, error) {
	var claim account.Claim
	patient, end := context.WithTimeout(ctx, 2*e.Config.Settings.Lease.Std())
	defer end()
	err := retry.Do(patient, func() (err error) {
		claim, err = e.Queue.Take(patient, id)
		return err
	}, func(err error) bool {
		var refused account.Refused
		return errors.Is(err, queue.ErrNotFound) || errors.As(err, &refused)
	})
	if errors.Is(err, account.ErrStale) && ctx.Err() == nil {
		return claim, account.Refused{Code: "V2030", Reason: fmt.Sprintf("request %s is in a worker's hand", id), Hint: "try again in a moment"}
	}
	return claim, err
}

// release puts a request where its stage wants it.
func release(r account.Request) account.Release {
	switch {
	case !r.Stage.Open() && !r.Slot:
		return account.Release{Rest: true}
	case r.Orders() && !r.Slot:
		return account.Release{Slot: true}
	}
	return account.Release{}
}
