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
// Organizations: Account Factory would make a new account for an e-mail that matches no member. An account that Control
// Tower governs already, in the unit that is asked for, needs nothing but its access.
func (p *Pipeline) prepare(ctx context.Context, r account.Request, _ time.Time) (account.Request, error) {
	r, there, err := p.existing(ctx, r)
	if err != nil {
		return r, err
	}
	enrolled, err := p.enrolled(ctx, r, there)
	if err != nil {
		return r, err
	}
	r.Stage, r.Attempts = account.Provisioning, 0
	if enrolled {
		r.Stage = account.Assigning
	}
	return r, nil
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
	parent := there.ParentID
	if parent == "" {
		if parent, err = p.Organization.Parent(ctx, there.ID); err != nil {
			return false, err
		}
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
