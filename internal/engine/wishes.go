package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/vend-cli/vend/internal/access"
	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/identitycenter"
	"github.com/vend-cli/vend/internal/directory"
)

// Wishes finds what the rules of a file mean: every account, permission set, group and user by its id. What nobody knows is
// a problem with its place; all are found, and wishes are only to be used when there is none. A group or user that was
// deleted can still be named by its id where it is to have nothing.
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
	identity *identitycenter.Client
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
		arn, err := w.permissionSet(ctx, text)
		if err != nil {
			return err
		}
		if arn != "" {
			sets = append(sets, arn)
		}
	}
	for _, who := range []struct {
		kind  account.PrincipalType
		texts []access.Text
	}{{account.GroupPrincipal, rule.Groups}, {account.UserPrincipal, rule.Users}} {
		for _, text := range who.texts {
			id, err := w.holder(ctx, who.kind, text, rule.Absent)
			if err != nil {
				return err
			}
			if id != "" {
				holders = append(holders, directory.Holder{Type: who.kind, ID: id})
			}
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

// permissionSet is the ARN of the permission set that a text means; empty when it means none.
func (w *wisher) permissionSet(ctx context.Context, text access.Text) (string, error) {
	arn, err := w.identity.PermissionSet(ctx, text.Text)
	if unknown := (*directory.UnknownPermissionSet)(nil); errors.As(err, &unknown) {
		w.problem(text, account.CodePermissionSetUnknown, err, "Correct the name, or create the permission set first.")
		return "", nil
	} else if err != nil {
		return "", err
	}
	name := text.Text
	if text.Name != "" {
		named, err := w.identity.PermissionSet(ctx, text.Name)
		if unknown := (*directory.UnknownPermissionSet)(nil); err != nil && !errors.As(err, &unknown) {
			return "", err
		}
		if named != arn {
			w.differs(text, account.CodePermissionSetUnknown, "permission set")
			return "", nil
		}
		name = text.Name
	}
	w.names.PermissionSets[arn] = name
	return arn, nil
}

// holder is the id of the group or user that a text means; empty when it means none. Who is to have nothing may be gone.
func (w *wisher) holder(ctx context.Context, kind account.PrincipalType, text access.Text, absent bool) (string, error) {
	id, err := findHolder(ctx, w.identity, kind, text.Text)
	unknown := (*directory.UnknownPrincipal)(nil)
	switch {
	case errors.As(err, &unknown) && absent && directory.IsPrincipalID(text.Text) && text.Name == "":
		return text.Text, nil
	case errors.As(err, &unknown):
		if unknown.Suggestions, err = w.identity.Similar(ctx, kind, text.Text); err != nil {
			return "", err
		}
		w.problem(text, account.CodePrincipalUnknown, unknown, "Correct the name, or wait until the directory has it.")
		return "", nil
	case err != nil:
		return "", err
	}
	name := text.Text
	if text.Name != "" {
		named, err := findHolder(ctx, w.identity, kind, text.Name)
		if err != nil && !errors.As(err, &unknown) {
			return "", err
		}
		if named != id {
			w.differs(text, account.CodePrincipalUnknown, strings.ToLower(string(kind)))
			return "", nil
		}
		name = text.Name
	}
	if name != id {
		w.names.Holders[directory.Holder{Type: kind, ID: id}] = name
	}
	return id, nil
}

// accounts are the one account that a text means, or the ACTIVE ones of the unit that it means.
func (w *wisher) accounts(text access.Text, recursive bool) (ids []string) {
	o := w.names.Organization
	found, noAccount := o.Account(text.Text)
	switch {
	case noAccount == nil && text.Name != "" && found.Name != text.Name:
		w.differs(text, account.CodeNameDiffers, "account")
		return nil
	case noAccount == nil:
		return []string{found.ID}
	}
	if several := (*directory.UnknownAccount)(nil); errors.As(noAccount, &several) && len(several.Candidates) > 0 {
		w.problem(text, account.CodeNotMember, noAccount, "Give the account's id.")
		return nil
	}
	unit, err := o.Unit(text.Text)
	if ambiguous := (*directory.AmbiguousUnit)(nil); errors.As(err, &ambiguous) {
		w.problem(text, account.CodeUnitAmbiguous, err, "Give the unit's path or id.")
		return nil
	} else if err != nil {
		w.problem(text, account.CodeNotMember, noWhere(noAccount, err), "Give an account's id, e-mail or name, or a unit's path or id.")
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

// noWhere says on one line that a text is neither an account nor a unit.
func noWhere(noAccount, noUnit error) error { return fmt.Errorf("%w; %w", noAccount, noUnit) }

func (w *wisher) differs(at access.Text, code, what string) {
	w.problem(at, code, fmt.Errorf("%q is not the %s with the name %q", at.Text, what, at.Name), "Correct the one, or leave the other out.")
}

func (w *wisher) problem(at access.Text, code string, err error, hint string) {
	w.problems = append(w.problems, access.Problem{Line: at.Line, Column: at.Column, Code: code, Message: err.Error(), Hint: hint})
}
