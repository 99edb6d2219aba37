package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/directory"
)

// factorySet is the permission set that Account Factory gives its user in each account (AWS Control Tower User Guide,
// "Provision accounts with AWS Service Catalog Account Factory").
const factorySet = "AWSAdministratorAccess"

// leave takes away the direct assignment of the user that Account Factory has made or found for the account, where the
// settings ask for it: once all that the row asks for exists, and never when that is nothing, for nobody could enter the
// account then. What the row itself asks for stays. Like an assignment it is looked for first, deleted if it is there, and
// asked about to its end.
func (p *Pipeline) leave(ctx context.Context, r account.Request, look lookFunc) (account.Request, error) {
	settled := func(a account.Assignment) bool { return a.State == account.AssignmentDone }
	ordered := r.Order.RecordID != "" // an account that was enrolled by somebody else has no user of ours
	if !p.settings.RemoveUser || !ordered || settled(r.Leaving) || len(r.Assignments) == 0 ||
		slices.ContainsFunc(r.Assignments, func(a account.Assignment) bool { return !settled(a) }) {
		return r, nil
	}
	if r.Leaving.PrincipalID == "" {
		found, err := p.factoryUser(ctx, r.User.Email)
		if err != nil {
			return r, err
		}
		r.Leaving = found
		if found.PrincipalID == "" || slices.ContainsFunc(r.Assignments, found.Same) {
			r.Leaving.State = account.AssignmentDone // nobody is there, or the row wants them to stay
			return r, nil
		}
	}
	return p.unassign(ctx, r, look)
}

// factoryUser is the assignment that Account Factory makes; without a principal where there is no such user or set.
func (p *Pipeline) factoryUser(ctx context.Context, email string) (account.Assignment, error) {
	a := account.Assignment{PermissionSet: factorySet, PrincipalType: account.UserPrincipal, Principal: email}
	found, err := p.Identity.Resolve(ctx, a)
	var noSet *directory.UnknownPermissionSet
	var nobody *directory.UnknownPrincipal
	switch {
	case errors.As(err, &noSet):
		return a, nil
	case !errors.As(err, &nobody):
		return found, err
	}
	id, known, err := p.Identity.UserWithEmail(ctx, email) // who may have another user name
	if err != nil || !known {
		return a, err
	}
	a.Principal, a.PrincipalByID = id, true
	return p.Identity.Resolve(ctx, a)
}

// unassign takes the deletion as far as it goes now.
func (p *Pipeline) unassign(ctx context.Context, r account.Request, look lookFunc) (account.Request, error) {
	a := &r.Leaving
	if a.State == account.AssignmentCreating {
		state, reason, err := p.Identity.Unassigned(ctx, a.RequestID)
		if err != nil {
			return r, err
		}
		if err := p.judgeLeaving(a, state, reason); err != nil || a.State == account.AssignmentDone {
			return r, err
		}
	}
	there, err := look(a.PermissionSetARN)
	if err != nil {
		return r, err
	}
	if !slices.ContainsFunc(there, func(b account.Assignment) bool {
		return b.PrincipalType == account.UserPrincipal && b.PrincipalID == a.PrincipalID
	}) {
		a.State, a.RequestID = account.AssignmentDone, ""
		return r, nil
	}
	id, state, err := p.Identity.Unassign(ctx, r.AccountID, *a)
	if err != nil {
		return r, err
	}
	a.RequestID = id
	return r, p.judgeLeaving(a, state, "")
}

// judgeLeaving takes over what AWS says of a deletion, as judgeAssignment does of a creation.
func (p *Pipeline) judgeLeaving(a *account.Assignment, state account.AssignmentState, reason string) error {
	switch state {
	case account.AssignmentDone:
		a.State, a.RequestID = account.AssignmentDone, ""
		return nil
	case account.AssignmentPending: // AWS does not know the request: the look tells
		a.State, a.RequestID = account.AssignmentPending, ""
		return nil
	case account.AssignmentFailed:
		a.Attempts++
		a.State, a.RequestID = account.AssignmentPending, ""
		answer := account.Answer{Operation: "sso.DeleteAccountAssignment", Code: "FAILED", Message: reason}
		if a.Attempts%assignmentTries != 0 {
			return account.Wait{For: p.assignmentPoll(), Why: "another try to take away the access of Account Factory's user", Answer: answer}
		}
		return account.Refused{
			Code: "V2026", Reason: fmt.Sprintf("Identity Center could not take %s away from Account Factory's user", a.PermissionSet),
			Hint: "mend the cause that AWS names, then run vend resume", Answer: answer,
		}
	}
	a.State = account.AssignmentCreating
	return account.Wait{For: p.assignmentPoll(), Why: "the access of Account Factory's user is taken away"}
}
