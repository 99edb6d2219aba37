package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/directory"
)

const (
	// principalPatience is how long a group or user that does not exist is waited for: directories synchronise.
	principalPatience = 15 * time.Minute
	// assignmentTries is how often a creation that ended FAILED is tried again by itself.
	assignmentTries = 3
)

// assign gives the account its tags and its assignments: it looks which exist, and creates what is missing one after the
// other, since Identity Center changes one role of an account at a time. One that fails hides and stops none of the others.
func (p *Pipeline) assign(ctx context.Context, r account.Request, now time.Time) (account.Request, error) {
	if r.AssigningSince.IsZero() {
		r.AssigningSince = now
	}
	tagged := p.tag(ctx, &r)
	if tagged != nil && !isRefused(tagged) {
		return r, tagged
	}
	r.Assignments = slices.Clone(r.Assignments)
	look := p.lookOnce(ctx, r.AccountID)
	var later error
	for i := range r.Assignments {
		a := &r.Assignments[i]
		err := p.bringAbout(ctx, r, a, look, now)
		var refused account.Refused
		wait, waits := asWait(err)
		switch {
		case err == nil:
		case errors.As(err, &refused) && !refused.Pause:
			a.State, a.RequestID, a.Failure = account.AssignmentFailed, "", refused.Failure()
		case waits && a.State != account.AssignmentCreating && wait.Answer.Code == "":
			later = err // for somebody who does not exist yet; the others go on
		default:
			return r, err
		}
	}
	if later != nil {
		return r, later
	}
	if tagged == nil {
		var err error
		if r, err = p.leave(ctx, r, look); err != nil {
			return r, err
		}
	}
	return p.conclude(r, tagged, now)
}

// bringAbout takes one assignment as far as it goes now. A nil error means that it is settled, done or failed.
func (p *Pipeline) bringAbout(ctx context.Context, r account.Request, a *account.Assignment, look lookFunc, now time.Time) error {
	if a.State == account.AssignmentDone || a.State == account.AssignmentFailed {
		return nil
	}
	if err := p.resolve(ctx, r, a, now); err != nil {
		return err
	}
	if a.State == account.AssignmentCreating {
		state, reason, err := p.Identity.Status(ctx, a.RequestID)
		if err != nil {
			return err
		}
		if err := p.judgeAssignment(a, state, reason); err != nil || a.State != account.AssignmentPending {
			return err
		}
	}
	there, err := look(a.PermissionSetARN)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(there, func(b account.Assignment) bool {
		return b.PrincipalType == a.PrincipalType && b.PrincipalID == a.PrincipalID
	}) {
		a.State, a.Failure = account.AssignmentDone, nil
		return nil
	}
	id, state, err := p.Identity.Assign(ctx, r.AccountID, *a)
	if err != nil {
		_, waits := asWait(err)
		a.Made = a.Made || !waits && !isRefused(err) // without an answer it may be under way
		return err
	}
	a.RequestID, a.Made = id, true
	return p.judgeAssignment(a, state, "")
}

// judgeAssignment takes over what AWS says of a creation. It waits while the creation goes on, and after a failure that
// may pass.
func (p *Pipeline) judgeAssignment(a *account.Assignment, state account.AssignmentState, reason string) error {
	switch state {
	case account.AssignmentDone:
		a.State, a.RequestID, a.Failure = account.AssignmentDone, "", nil
		return nil
	case account.AssignmentFailed:
		a.Attempts++
		a.State, a.RequestID, a.Made = account.AssignmentPending, "", false
		answer := account.Answer{Operation: "sso.CreateAccountAssignment", Code: "FAILED", Message: reason}
		if a.Attempts < assignmentTries {
			return account.Wait{For: time.Duration(a.Attempts) * p.assignmentPoll(), Why: "another try of " + a.String(), Answer: answer}
		}
		return account.Refused{
			Code: "V2022", Reason: fmt.Sprintf("Identity Center could not assign %s", a), Hint: "mend the cause that AWS names, then run vend resume",
			Answer: answer,
		}
	}
	a.State = account.AssignmentCreating
	return account.Wait{For: p.assignmentPoll(), Why: "the assignment of " + a.String()}
}

// resolve finds the ids of a permission set and a principal. Who does not exist yet is waited for.
func (p *Pipeline) resolve(ctx context.Context, r account.Request, a *account.Assignment, now time.Time) error {
	if a.PermissionSetARN != "" && a.PrincipalID != "" {
		return nil
	}
	found, err := p.Identity.Resolve(ctx, *a)
	var noSet *directory.UnknownPermissionSet
	var nobody *directory.UnknownPrincipal
	switch {
	case errors.As(err, &noSet):
		return account.Refused{Code: "V2020", Reason: noSet.Error(), Hint: "create it or correct the row, then run vend resume"}
	case errors.As(err, &nobody):
		if began := r.AssigningSince; !began.IsZero() && now.Sub(began) < principalPatience {
			return account.Wait{For: p.settings.PollInterval.Std(), Why: nobody.Error()}
		}
		return account.Refused{Code: "V2021", Reason: nobody.Error(), Hint: "create it, or wait for the directory, then run vend resume"}
	case err != nil:
		return err
	}
	a.PermissionSetARN, a.PrincipalID = found.PermissionSetARN, found.PrincipalID
	return nil
}

// tag puts the row's tags on the account, once.
func (p *Pipeline) tag(ctx context.Context, r *account.Request) error {
	if r.Tagged || len(r.Tags) == 0 {
		return nil
	}
	if err := p.Organization.Tag(ctx, r.AccountID, r.Tags); err != nil {
		return err
	}
	r.Tagged = true
	return nil
}

// conclude ends the stage when every assignment is settled. tagged is why the tags are not on the account, nil if they are.
func (p *Pipeline) conclude(r account.Request, tagged error, now time.Time) (account.Request, error) {
	var failed []account.Assignment
	for _, a := range r.Assignments {
		if a.State == account.AssignmentFailed {
			failed = append(failed, a)
		}
	}
	switch len(failed) {
	case 0:
		if tagged != nil {
			return r, tagged
		}
		r.AssigningSince = time.Time{}
		r.Stage, r.Attempts, r.Failure, r.FinishedAt = account.Done, 0, nil, now
		return r, nil
	case 1:
		f := failed[0].Failure
		return r, account.Refused{
			Code: f.Code, Class: f.Class, Reason: f.Message, Hint: f.Hint,
			Answer: account.Answer{Code: f.AWSCode, Message: f.AWSMessage, RequestID: f.AWSRequestID},
		}
	}
	return r, account.Refused{
		Code: "V2023", Reason: fmt.Sprintf("%d of %d assignments failed, the first: %s: %s", len(failed), len(r.Assignments), failed[0], failed[0].Failure.Message),
		Hint: "vend history shows each; mend the causes, then run vend resume",
	}
}

type lookFunc func(permissionSetARN string) ([]account.Assignment, error)

// lookOnce lists the assignments of each permission set at most once in a step.
func (p *Pipeline) lookOnce(ctx context.Context, accountID string) lookFunc {
	seen := map[string][]account.Assignment{}
	return func(arn string) ([]account.Assignment, error) {
		if there, ok := seen[arn]; ok {
			return there, nil
		}
		there, err := p.Identity.Assigned(ctx, accountID, arn)
		if err == nil {
			seen[arn] = there
		}
		return there, err
	}
}

// assignmentPoll is when to look at a creation next: they take seconds where accounts take minutes.
func (p *Pipeline) assignmentPoll() time.Duration {
	return max(p.settings.PollInterval.Std()/12, 50*time.Millisecond)
}
