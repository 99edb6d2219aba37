package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/directory"
)

// prepare looks whether the account that is to be enrolled is there and fit, and takes its name and e-mail from
// Organizations: Account Factory would make a new account for an e-mail that matches no member. Where the execution role
// is missing it is put into place, and what only that role may see is looked at then; a landing zone that enrolls by itself
// needs no role. An account that Control Tower governs already, in the unit that is asked for, needs nothing but its
// access.
func (p *Pipeline) prepare(ctx context.Context, r account.Request, now time.Time) (account.Request, error) {
	r, there, err := p.existing(ctx, r)
	if err != nil {
		return r, err
	}
	enrolled, err := p.enrolled(ctx, r, there)
	if err != nil {
		return r, err
	}
	if enrolled {
		r.Stage, r.Attempts = account.Assigning, 0
		return r, nil
	}
	if r.Planting.Operation != "" {
		return p.role(ctx, r, there, now)
	}
	if err := p.fit(ctx, r, there); err != nil {
		return r, err
	}
	automatic, err := p.Factory.AutoEnrolls(ctx)
	if err != nil {
		return r, err
	}
	parent, err := p.parent(ctx, there)
	if err != nil {
		return r, err
	}
	if automatic {
		r.Move.From = parent
		r.Stage, r.Attempts = account.Provisioning, 0
		return r, nil
	}
	if r.User.Email == "" {
		return r, account.Refused{
			Code: account.CodeNoUser, Reason: "Account Factory needs an Identity Center user for an enrollment, and the request names none",
			Hint: "set enrollment.ssoUser and upload the row again, or run vend enroll for it",
		}
	}
	if err := agreed(r, parent); err != nil {
		return r, err
	}
	assumable, err := p.Prechecks.Assumable(ctx, r.AccountID)
	if err != nil {
		return r, err
	}
	if !assumable {
		return p.planting(ctx, r, parent)
	}
	r.Stage, r.Attempts = account.Provisioning, 0
	return r, nil
}

// agreed refuses an account in the root unless somebody agreed to it: the stack set has to name the root as its target. An
// account that this pipeline itself has brought there, by clearing away its product, needs no word more.
func agreed(r account.Request, parent string) error {
	if r.AtRoot || r.Generation > 1 || !strings.HasPrefix(parent, "r-") {
		return nil
	}
	return account.Refused{
		Code: account.CodeInRoot, Reason: fmt.Sprintf("account %s is in the root (%s), and nobody agreed to the stack set naming the root as its target", r.AccountID, parent),
		Hint: "move it into an organizational unit and run vend resume, or run vend enroll --account " + r.AccountID + " --create-role-at-root --to-ou '" + r.Unit.String() + "'",
	}
}

// role goes on with an operation that puts the execution role into place, and looks at the account through it.
func (p *Pipeline) role(ctx context.Context, r account.Request, there directory.Account, now time.Time) (account.Request, error) {
	if r.Planting.EndedAt.IsZero() {
		return p.plant(ctx, r, there, now)
	}
	r, err := p.verify(ctx, r, now)
	if err != nil {
		return r, err
	}
	if err := p.fit(ctx, r, there); err != nil {
		return r, err
	}
	r.Stage, r.Attempts = account.Provisioning, 0
	return r, nil
}

// lookTries is how often an account is looked at of which something could not be seen.
const lookTries = 5

// fit refuses an account that Control Tower would refuse, or leave half enrolled.
func (p *Pipeline) fit(ctx context.Context, r account.Request, there directory.Account) error {
	found, err := p.Prechecks.Fit(ctx, there, r.Unit)
	if err != nil {
		return err
	}
	if n := len(found.Failed); n > 0 {
		said := make([]string, n)
		var remedies []string
		for i, f := range found.Failed {
			said[i] = f.Message
			if f.Region != "" {
				said[i] = f.Region + ": " + f.Message
			}
			if f.Remedy != "" {
				remedies = append(remedies, f.Remedy)
			}
		}
		return account.Refused{
			Code: account.CodeUnfit, Reason: fmt.Sprintf("account %s is not fit to be enrolled: %s", there.ID, strings.Join(said, "; ")),
			Hint: strings.Join(append(remedies, "then run vend resume"), "; "),
		}
	}
	if n := len(found.Unseen); n > 0 {
		first := found.Unseen[0]
		why := fmt.Sprintf("look at account %s: %s: %s (and %d more)", there.ID, first.Region, first.Message, n-1)
		if r.Attempts+1 < lookTries {
			return errors.New(why)
		}
		return account.Refused{Code: account.CodeUnseen, Reason: why, Hint: "wait until AWS answers there again, then run vend resume"}
	}
	return nil
}

// parent is the unit, or the root, that the account is in now.
func (p *Pipeline) parent(ctx context.Context, there directory.Account) (string, error) {
	if there.ParentID != "" {
		return there.ParentID, nil
	}
	return p.Organization.Parent(ctx, there.ID)
}

// enrolled says whether the account needs no enrollment. What this pipeline has ordered itself is not asked: its own
// record tells how that ended.
func (p *Pipeline) enrolled(ctx context.Context, r account.Request, there directory.Account) (bool, error) {
	if r.Generation > 1 || r.Order.Token != "" {
		return false, nil
	}
	enrolled, err := p.Factory.Enrolled(ctx, there.ARN)
	if err != nil || !enrolled {
		return false, err
	}
	parent, err := p.parent(ctx, there)
	if err != nil {
		return false, err
	}
	if parent != r.Unit.ID {
		return false, account.Refused{
			Code: "V2017", Reason: fmt.Sprintf("account %s is enrolled already, in %s and not in %s", there.ID, parent, r.Unit),
			Hint: "move it in Control Tower (Account Factory, update account), or name the unit that it is in",
		}
	}
	return true, nil
}

// existing reads the account that the request is about, and refuses what must not be enrolled.
func (p *Pipeline) existing(ctx context.Context, r account.Request) (account.Request, directory.Account, error) {
	there, found, err := p.Organization.Account(ctx, r.AccountID)
	if err != nil {
		return r, there, err
	}
	switch {
	case !found:
		return r, there, account.Refused{Code: "V2013", Reason: fmt.Sprintf("account %s is not a member of the organization", r.AccountID), Hint: "check the AccountId of the row"}
	case !there.Active():
		return r, there, account.Refused{Code: "V2010", Reason: fmt.Sprintf("account %s is %s", there.ID, there.State), Hint: "reopen it, or take the row out"}
	case !strings.EqualFold(strings.TrimSpace(there.Email), strings.TrimSpace(r.Email)) && r.Email != "":
		return r, there, account.Refused{
			Code: "V2009", Reason: fmt.Sprintf("account %s has another e-mail than the request", there.ID),
			Hint: "correct the row's AccountEmail or AccountId: a wrong e-mail would make a new account",
		}
	}
	r.Name, r.Email = there.Name, there.Email
	return r, there, nil
}

func asWait(err error) (account.Wait, bool) {
	var wait account.Wait
	ok := errors.As(err, &wait)
	return wait, ok
}

func isRefused(err error) bool {
	var refused account.Refused
	return errors.As(err, &refused)
}
