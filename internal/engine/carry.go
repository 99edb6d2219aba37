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
	changeTries    = 8               // of one change that met errors or ended FAILED
	changePoll     = 2 * time.Second // between two looks at a change that is under way
	changePatience = 30 * time.Minute
)

// Outcome is one change of a plan, and what came of it.
type Outcome struct {
	access.Entry
	Delete bool
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

// change brings one change about.
func (a *Access) change(ctx context.Context, o Outcome) error {
	ctx, cancel := context.WithTimeoutCause(ctx, changePatience, fmt.Errorf("AWS has not done it within %s", changePatience))
	defer cancel()
	tries, look := 0, false
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		settled, err := a.attempt(ctx, o, look)
		if settled {
			return nil
		}
		var refused account.Refused
		var wait account.Wait
		pause := time.Duration(0)
		switch {
		case errors.As(err, &refused):
			return err
		case errors.As(err, &wait):
			pause = wait.For
		default:
			if tries++; tries >= changeTries {
				return err
			}
			pause = retry.Delay(tries)
		}
		look = true
		select {
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		case <-time.After(pause):
		}
	}
}

// attempt asks for a change and follows it to its end. With look it asks first whether it has come about.
func (a *Access) attempt(ctx context.Context, o Outcome, look bool) (settled bool, err error) {
	identity := a.view.identity
	if look {
		there, err := identity.Assigned(ctx, o.AccountID, o.PermissionSetARN)
		if err != nil {
			return false, err
		}
		has := slices.ContainsFunc(there, func(b account.Assignment) bool {
			return b.PrincipalType == o.PrincipalType && b.PrincipalID == o.PrincipalID
		})
		if has != o.Delete {
			return true, nil
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

// Plan compares wishes with what there is.
func (a *Access) Plan(ctx context.Context, wishes []access.Wish, allowManagement bool) (access.Plan, error) {
	o, err := a.view.organization.Organization(ctx)
	if err != nil {
		return access.Plan{}, err
	}
	scope := identitycenter.Scope{Accounts: []string{}, PermissionSets: []string{}}
	for _, w := range wishes {
		scope.Accounts, scope.PermissionSets = append(scope.Accounts, w.AccountID), append(scope.PermissionSets, w.PermissionSetARN)
	}
	for _, ids := range []*[]string{&scope.Accounts, &scope.PermissionSets} {
		slices.Sort(*ids)
		*ids = slices.Compact(*ids)
	}
	var actual []directory.Grant
	if len(wishes) > 0 {
		if actual, _, err = a.view.identity.Grants(ctx, scope); err != nil {
			return access.Plan{}, err
		}
	}
	return access.Diff(wishes, actual, access.Guard{Organization: o, AllowManagement: allowManagement}), nil
}
