package engine

import (
	"context"
	"slices"

	"github.com/vend-cli/vend/internal/access"
	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/identitycenter"
	"github.com/vend-cli/vend/internal/directory"
)

// PlanOptions are what a plan may do beyond what is wished.
type PlanOptions struct {
	AllowManagement bool // change the management account as well
	Prune           bool // delete what vend made and nobody wishes for any more; it needs the table
}

// Plan compares wishes with what there is. Pruning without a table is an [account.Refused] with the code V3012.
func (a *Access) Plan(ctx context.Context, wishes []access.Wish, opts PlanOptions) (access.Plan, error) {
	if opts.Prune && a.noTable != nil {
		return access.Plan{}, a.noTable
	}
	o, err := a.view.organization.Organization(ctx)
	if err != nil {
		return access.Plan{}, err
	}
	wanted := make([]directory.Grant, len(wishes))
	for i, w := range wishes {
		wanted[i] = w.Grant
	}
	actual, err := a.around(ctx, wanted)
	if err != nil {
		return access.Plan{}, err
	}
	guard, err := a.guard(ctx, o)
	if err != nil {
		return access.Plan{}, err
	}
	guard.AllowManagement = opts.AllowManagement
	plan := access.Diff(wishes, actual, guard)
	if opts.Prune {
		made, err := a.made(ctx, o)
		if err != nil {
			return access.Plan{}, err
		}
		plan.Prune(made, wishes, guard)
	}
	return plan, nil
}

// guard finds out on whose behalf the caller acts, and what follows from that.
func (a *Access) guard(ctx context.Context, o *directory.Organization) (access.Guard, error) {
	g := access.Guard{Organization: o}
	who, err := a.who(ctx)
	if g.Delegated = err == nil && who.AccountID != o.ManagementAccountID; err != nil || !g.Delegated {
		return g, err
	}
	sets, err := a.view.identity.ProvisionedTo(ctx, o.ManagementAccountID)
	if err != nil {
		return g, err
	}
	g.Managements = map[string]bool{}
	for _, arn := range sets {
		g.Managements[arn] = true
	}
	return g, nil
}

// around lists what there is in the accounts and of the permission sets of some grants.
func (a *Access) around(ctx context.Context, grants []directory.Grant) ([]directory.Grant, error) {
	if len(grants) == 0 {
		return nil, nil
	}
	var scope identitycenter.Scope
	for _, g := range grants {
		scope.Accounts, scope.PermissionSets = append(scope.Accounts, g.AccountID), append(scope.PermissionSets, g.PermissionSetARN)
	}
	for _, ids := range []*[]string{&scope.Accounts, &scope.PermissionSets} {
		slices.Sort(*ids)
		*ids = slices.Compact(*ids)
	}
	found, _, err := a.view.identity.Grants(ctx, scope)
	return found, err
}

// made lists the assignments that vend made and that are there: by the notes of `vend access`, and by the requests of the
// accounts, as long as none of theirs is under way.
func (a *Access) made(ctx context.Context, o *directory.Organization) ([]access.Entry, error) {
	notes, err := a.notes.AccessNotes(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(o.Accounts))
	for i, one := range o.Accounts {
		ids[i] = account.ID(one.Email)
	}
	requests, err := a.notes.Requests(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, claim := range requests {
		r := claim.Request
		if r.Stage != account.Done && r.Stage != account.Failed {
			continue
		}
		for _, b := range r.Assignments {
			g := directory.Grant{AccountID: r.AccountID, PermissionSetARN: b.PermissionSetARN, PrincipalType: b.PrincipalType, PrincipalID: b.PrincipalID}
			if _, noted := notes[g]; b.Made && !noted {
				notes[g] = true
			}
		}
	}
	var made []directory.Grant
	for g, here := range notes {
		if _, member := o.ByID(g.AccountID); here && member {
			made = append(made, g)
		}
	}
	there, err := a.around(ctx, made)
	if err != nil {
		return nil, err
	}
	return a.named(ctx, o, slices.DeleteFunc(there, func(g directory.Grant) bool { return !notes[g] }))
}
