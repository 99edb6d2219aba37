package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/vend-cli/vend/internal/access"
	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/identitycenter"
	"github.com/vend-cli/vend/internal/directory"
	"github.com/vend-cli/vend/internal/retry"
)

const (
	changeTries    = 8           // of one change that met errors or ended FAILED
	changePoll     = time.Second // between two looks at a change that is under way
	changePatience = 30 * time.Minute
)

// Outcome is one change of a plan, and what came of it.
type Outcome struct {
	access.Entry
	Delete bool
	Pruned bool  // deleted because vend made it, and the file does not name it
	Err    error // nil: it is as the plan wants it
}

// CarryOut brings a plan about: one change after the other within an account, for Identity Center changes one role of an
// account at a time, and so many accounts at once as assignments may be under way. What AWS lets wait is waited for; what
// has no answer, or ended FAILED, is looked at before it is tried again. One failure stops nothing else, but a refusal that
// all would meet. tell hears of every outcome, one at a time. All outcomes are returned, in the order of the plan.
func (a *Access) CarryOut(ctx context.Context, p access.Plan, tell func(Outcome)) []Outcome {
	var all []Outcome
	for _, e := range p.Delete {
		all = append(all, Outcome{Entry: e, Delete: true})
	}
	for _, e := range p.Pruned {
		all = append(all, Outcome{Entry: e, Delete: true, Pruned: true})
	}
	for _, e := range p.Create {
		all = append(all, Outcome{Entry: e})
	}
	byAccount := map[string][]int{}
	var accounts []string
	for i, o := range all {
		if byAccount[o.AccountID] == nil {
			accounts = append(accounts, o.AccountID)
		}
		byAccount[o.AccountID] = append(byAccount[o.AccountID], i)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var (
		wait sync.WaitGroup
		mu   sync.Mutex
		line = make(chan string)
	)
	for range min(a.outstanding, len(accounts)) {
		wait.Go(func() {
			for id := range line {
				for _, i := range byAccount[id] {
					err := a.change(ctx, all[i])
					if refused := (account.Refused{}); errors.As(err, &refused) && refused.Pause {
						stop(err)
					}
					mu.Lock()
					all[i].Err = err
					tell(all[i])
					mu.Unlock()
				}
			}
		})
	}
	for _, id := range accounts {
		line <- id
	}
	close(line)
	wait.Wait()
	return all
}

// change brings one change about. Each attempt looks first: what is there need not be made.
func (a *Access) change(ctx context.Context, o Outcome) error {
	ctx, cancel := context.WithTimeoutCause(ctx, changePatience, fmt.Errorf("AWS has not done it within %s", changePatience))
	defer cancel()
	tries := 0
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		settled, err := a.attempt(ctx, o)
		if settled && o.Delete {
			return a.note(ctx, o.Grant, false)
		} else if settled {
			return nil
		}
		var refused account.Refused
		var wait account.Wait
		pause := time.Duration(0)
		switch {
		case errors.As(err, &refused):
			a.unmade(ctx, o)
			return err
		case errors.As(err, &wait):
			pause = wait.For
		default:
			if tries++; tries >= changeTries {
				a.unmade(ctx, o)
				return err
			}
			pause = retry.Delay(tries)
		}
		select {
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		case <-time.After(pause):
		}
	}
}

// attempt looks whether a change has come about, and if not asks for it and follows it to its end. What is made is noted
// before it is asked for, so that a crash leaves no assignment behind that nobody knows of.
func (a *Access) attempt(ctx context.Context, o Outcome) (settled bool, err error) {
	identity := a.view.identity
	has, err := a.has(ctx, o.Grant)
	switch {
	case err != nil:
		return false, err
	case has != o.Delete:
		return true, nil
	case !o.Delete:
		if err := a.note(ctx, o.Grant, true); err != nil {
			return false, err
		}
	}
	reason, change, status := "", identity.Assign, identity.Status
	if o.Delete {
		change, status = identity.Unassign, identity.Unassigned
	}
	id, state, err := change(ctx, o.AccountID, account.Assignment{
		PermissionSet: cmp.Or(o.PermissionSet, o.PermissionSetARN), PermissionSetARN: o.PermissionSetARN,
		PrincipalType: o.PrincipalType, PrincipalID: o.PrincipalID,
	})
	for err == nil && state == account.AssignmentCreating {
		select {
		case <-ctx.Done():
			return false, context.Cause(ctx)
		case <-time.After(min(changePoll, a.poll)):
		}
		state, reason, err = status(ctx, id)
		if wait := (account.Wait{}); errors.As(err, &wait) {
			state, err = account.AssignmentCreating, nil
		}
	}
	switch {
	case err != nil:
		return false, err
	case state == account.AssignmentDone:
		return true, nil
	case state == account.AssignmentFailed:
		return false, identitycenter.JudgeFailure(reason)
	}
	return false, errors.New("follow change: Identity Center does not know of it any more")
}

func (a *Access) has(ctx context.Context, g directory.Grant) (bool, error) {
	there, err := a.view.identity.Assigned(ctx, g.AccountID, g.PermissionSetARN)
	return slices.ContainsFunc(there, func(b account.Assignment) bool {
		return b.PrincipalType == g.PrincipalType && b.PrincipalID == g.PrincipalID
	}), err
}

// note notes in the table, if there is one, that an assignment is made here, or is taken away.
func (a *Access) note(ctx context.Context, g directory.Grant, made bool) error {
	if a.notes == nil {
		return nil
	}
	return a.notes.NoteAccess(ctx, g, made)
}

// unmade takes the note back of an assignment that could not be made, where it is sure that it is not there. Where it can't,
// the note stays, and says of an assignment that is not there that it was made here.
func (a *Access) unmade(ctx context.Context, o Outcome) {
	if o.Delete || a.notes == nil {
		return
	}
	if has, err := a.has(ctx, o.Grant); err == nil && !has {
		_ = a.note(ctx, o.Grant, false)
	}
}
