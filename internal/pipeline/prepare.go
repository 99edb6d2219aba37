package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

// prepare looks whether the account that is to be enrolled is there and fit, and takes its name and e-mail from
// Organizations: Account Factory would make a new account for an e-mail that matches no member.
func (p *Pipeline) prepare(ctx context.Context, r account.Request, _ time.Time) (account.Request, error) {
	r, err := p.existing(ctx, r)
	if err != nil {
		return r, err
	}
	r.Stage, r.Attempts = account.Provisioning, 0
	return r, nil
}

// existing reads the account that the request is about, and refuses what must not be enrolled.
func (p *Pipeline) existing(ctx context.Context, r account.Request) (account.Request, error) {
	there, found, err := p.Organization.Account(ctx, r.AccountID)
	if err != nil {
		return r, err
	}
	switch {
	case !found:
		return r, account.Refused{Code: "V2013", Reason: fmt.Sprintf("account %s is not a member of the organization", r.AccountID), Hint: "check the AccountId of the row"}
	case !there.Active():
		return r, account.Refused{Code: "V2010", Reason: fmt.Sprintf("account %s is %s", there.ID, there.State), Hint: "reopen it, or take the row out"}
	case !strings.EqualFold(strings.TrimSpace(there.Email), strings.TrimSpace(r.Email)) && r.Email != "":
		return r, account.Refused{
			Code: "V2009", Reason: fmt.Sprintf("account %s has another e-mail than the request", there.ID),
			Hint: "correct the row's AccountEmail or AccountId: a wrong e-mail would make a new account",
		}
	}
	r.Name, r.Email = there.Name, there.Email
	return r, nil
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
