package engine

import (
	"context"
	"errors"

	"github.com/vend-cli/vend/internal/access"
	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/directory"
)

// Wishes finds what the rules of a file mean: every account, permission set, group and user by its id. What nobody knows is
// a problem with its place; all are found, and wishes are only to be used when there is none.
func (a *Access) Wishes(ctx context.Context, rules []access.Rule) ([]access.Wish, []access.Problem, error) {
	o, err := a.view.organization.Organization(ctx)
	if err != nil {
		return nil, nil, err
	}
	w := &wisher{identity: a.view.identity, names: access.Names{
		Organization: o, PermissionSets: map[string]string{}, Holders: map[directory.Holder]string{},
	}}
	for _, rule := range rules {
		if err := w.rule(ctx, rule); err != nil {
			return nil, nil, err
		}
	}
	return w.wishes, w.problems, nil
}

type wisher struct {
	identity directory.Identity
	names    access.Names
	wishes   []access.Wish
	problems []access.Problem
}

func (w *wisher) rule(ctx context.Context, rule access.Rule) error {
	var accounts, sets []string
	var holders []directory.Holder
	for _, text := range rule.Accounts {
		accounts = append(accounts, w.accounts(text, rule.Recursive)...)
	}
	for _, text := range rule.PermissionSets {
		arn, err := w.identity.PermissionSet(ctx, text.Text)
		if unknown := (*directory.UnknownPermissionSet)(nil); errors.As(err, &unknown) {
			w.problem(text, err, "Correct the name, or create the permission set first.")
			continue
		} else if err != nil {
			return err
		}
		w.names.PermissionSets[arn] = text.Text
		sets = append(sets, arn)
	}
	for kind, texts := range map[account.PrincipalType][]access.Text{account.GroupPrincipal: rule.Groups, account.UserPrincipal: rule.Users} {
		for _, text := range texts {
			id, err := findHolder(ctx, w.identity, kind, text.Text)
			if unknown := (*directory.UnknownPrincipal)(nil); errors.As(err, &unknown) {
				w.problem(text, err, "Correct the name, or wait until the directory has it.")
				continue
			} else if err != nil {
				return err
			}
			h := directory.Holder{Type: kind, ID: id}
			w.names.Holders[h] = text.Text
			holders = append(holders, h)
		}
	}
	for _, id := range accounts {
		for _, arn := range sets {
			for _, h := range holders {
				w.wishes = append(w.wishes, access.Wish{Absent: rule.Absent, Entry: w.names.Entry(directory.Grant{
					AccountID: id, PermissionSetARN: arn, PrincipalType: h.Type, PrincipalID: h.ID,
				})})
			}
		}
	}
	return nil
}

// accounts are the one account that a text means, or the ACTIVE ones of the unit that it means.
func (w *wisher) accounts(text access.Text, recursive bool) (ids []string) {
	o := w.names.Organization
	found, noAccount := o.Account(text.Text)
	if noAccount == nil {
		return []string{found.ID}
	}
	if several := (*directory.UnknownAccount)(nil); errors.As(noAccount, &several) && len(several.Candidates) > 0 {
		w.problem(text, noAccount, "Give the account's id.")
		return nil
	}
	unit, err := o.Unit(text.Text)
	if ambiguous := (*directory.AmbiguousUnit)(nil); errors.As(err, &ambiguous) {
		w.problem(text, err, "Give the unit's path or id.")
		return nil
	} else if err != nil {
		w.problem(text, errors.Join(noAccount, err), "Give an account's id, e-mail or name, or a unit's path or id.")
		return nil
	}
	in := o.In(unit.ID)
	if recursive {
		in = o.Below(unit.ID)
	}
	for _, a := range in {
		if a.Active() {
			ids = append(ids, a.ID)
		}
	}
	return ids
}

func (w *wisher) problem(at access.Text, err error, hint string) {
	w.problems = append(w.problems, access.Problem{Line: at.Line, Column: at.Column, Message: err.Error(), Hint: hint})
}
