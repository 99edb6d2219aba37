package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/accountfactory"
	"github.com/vend-cli/vend/internal/directory"
	"github.com/vend-cli/vend/internal/precheck"
)

// registrationPatience is how long a command follows the registration of a unit: two minutes an account, says AWS.
const registrationPatience = 12 * time.Hour

// Register registers a unit with Control Tower, which enrolls the accounts in it, and follows that to its end. tell hears
// what it waits for.
func (e *Engine) Register(ctx context.Context, n *Enrollment, unit directory.Unit, tell func(string)) error {
	arn, err := unitARN(n.org, unit.ID)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, registrationPatience, fmt.Errorf("the registration has not ended within %s", registrationPatience))
	defer cancel()
	var r accountfactory.Registration
	told := ""
	return e.follow(ctx, func() (ended bool, err error) {
		if r.Operation == "" {
			r, err = n.view.factory.Register(ctx, arn)
		} else {
			r, err = n.view.factory.Registered(ctx, r.Operation)
		}
		if err == nil && r.Failed {
			return false, account.Refused{
				Code: account.CodeRegistrationFailed, Reason: fmt.Sprintf("Control Tower could not register %s (%s)", unit.Path, unit.ID),
				Answer: account.Answer{Operation: "controltower.EnableBaseline", Code: "FAILED", Message: r.Message},
				Hint:   "mend the cause that AWS names; vend enroll --check shows what is wrong in the accounts",
			}
		}
		if why := fmt.Sprintf("Control Tower registers %s (%s): operation %s", unit.Path, unit.ID, r.Operation); err == nil && !r.Ended && why != told {
			told = why
			tell(why)
		}
		return r.Ended, err
	}, tell)
}

// follow asks until something has ended; what AWS lets wait is waited for, and what may pass is tried again.
func (e *Engine) follow(ctx context.Context, ask func() (ended bool, err error), tell func(string)) error {
	every := max(e.Config.Settings.PollInterval.Std()/6, 50*time.Millisecond)
	tries := 0
	for {
		ended, err := ask()
		if ended && err == nil {
			return nil
		}
		pause := every
		var refused account.Refused
		var wait account.Wait
		switch {
		case errors.As(err, &refused):
			return err
		case errors.As(err, &wait):
			pause = min(wait.For, 10*every)
			tell(wait.Why)
		case err != nil:
			if tries++; tries >= changeTries {
				return err
			}
		default:
			tries = 0
		}
		select {
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		case <-time.After(pause):
		}
	}
}

// MakeUnit makes the target where it is missing, unit by unit from above, and registers what is not registered.
func (e *Engine) MakeUnit(ctx context.Context, n *Enrollment, tell func(string)) error {
	parent, path := n.org.RootID, ""
	for name := range strings.SplitSeq(strings.Trim(n.Unit.Path, "/"), "/") {
		path = strings.TrimPrefix(path+"/"+name, "/")
		unit, err := n.org.Unit("/" + path)
		if err != nil {
			if unit, err = e.makeUnit(ctx, n, parent, path, tell); err != nil {
				return err
			}
		}
		if !unit.Registered {
			if err := e.Register(ctx, n, unit, tell); err != nil {
				return err
			}
		}
		parent, n.Unit = unit.ID, unit
	}
	for i := range n.subjects {
		if n.subjects[i].WillMake {
			n.subjects[i].Unit = n.Unit
		}
	}
	return nil
}

// makeUnit makes one unit below another, or below the root, and looks at the organization until the unit is there: who was
// faster may have made it, and Organizations may be late to show it.
func (e *Engine) makeUnit(ctx context.Context, n *Enrollment, parent, path string, tell func(string)) (unit directory.Unit, err error) {
	made := false
	err = e.follow(ctx, func() (bool, error) {
		if !made {
			if err := n.view.organization.CreateUnit(ctx, parent, path[strings.LastIndex(path, "/")+1:]); err != nil {
				return false, err
			}
			made = true
			tell("made the organizational unit " + path)
		}
		org, err := n.view.organization.Fresh(ctx, e.options.Now())
		if err != nil {
			return false, err
		}
		n.org = org
		if unit, err = org.Unit("/" + path); err != nil {
			return false, fmt.Errorf("look at the new unit %s: %w", path, err)
		}
		return true, nil
	}, tell)
	return unit, err
}

// Registered looks which of the accounts of a unit that was registered in place are enrolled now, and reports the others
// as blocked.
func (e *Engine) Registered(ctx context.Context, n *Enrollment) error {
	governed, err := n.view.factory.Governed(ctx)
	if err != nil {
		return err
	}
	for i := range n.Reports {
		r := &n.Reports[i]
		switch {
		case r.Verdict == precheck.Skipped:
		case governed.Accounts[r.Account.ID]:
			r.Verdict = precheck.Enrolled
		default:
			r.Verdict = precheck.Blocked
			r.Checks = append(r.Checks, precheck.Check{
				Name: "enrollment", Result: precheck.Fail, Message: "the unit is registered, and Control Tower does not govern the account",
				Remedy: "look at the account in Control Tower, then run vend enroll --ou " + n.Unit.ID + " --register again",
			})
		}
	}
	return nil
}

// arnOfUnit makes the ARN of a unit from that of an account of the same organization.
func arnOfUnit(accountARN, unitID string) (string, bool) {
	organization, rest, ok := strings.Cut(accountARN, ":account/")
	id, _, whole := strings.Cut(rest, "/")
	return organization + ":ou/" + id + "/" + unitID, ok && whole
}
