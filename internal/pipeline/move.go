package pipeline

import (
	"context"
	"fmt"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

// move enrolls an account without a provisioned product: it moves it into the unit and watches Control Tower enroll it.
// Where the account is decides; a move whose answer was lost has either come about or is asked for again.
func (p *Pipeline) move(ctx context.Context, r account.Request, now time.Time) (account.Request, error) {
	r, there, err := p.existing(ctx, r)
	if err != nil {
		return r, err
	}
	parent, err := p.parent(ctx, there)
	if err != nil {
		return r, err
	}
	switch {
	case parent == r.Unit.ID:
		if !r.Move.Done {
			r.Move.Done = true
			r.Order.At = now
		}
	case r.Move.Done:
		r.Slot = false
		return r, account.Refused{
			Code: "V2014", Reason: fmt.Sprintf("account %s was moved out of %s while it was enrolled", r.AccountID, r.Unit),
			Hint: "move it back, then run vend resume",
		}
	case parent != r.Move.From:
		r.Move.From = parent // not saved yet: the worker begins the step anew
		return r, nil
	default:
		if err := p.room(ctx); err != nil {
			return r, err
		}
		if err := p.Organization.Move(ctx, r.AccountID, parent, r.Unit.ID); err != nil {
			return r, err
		}
		r.Move.Done, r.Order.At = true, now
		return r, account.Wait{For: p.poll(now, now), Why: "Control Tower"}
	}
	return p.watchEnrollment(ctx, r, there.ARN, now)
}

// watchEnrollment judges what Control Tower says of an account that was moved.
func (p *Pipeline) watchEnrollment(ctx context.Context, r account.Request, accountARN string, now time.Time) (account.Request, error) {
	state, err := p.Factory.Enrollment(ctx, accountARN)
	if err != nil {
		return r, err
	}
	late := !now.Before(r.Order.At.Add(p.settings.Deadline.Std()))
	reason := ""
	switch {
	case state == account.EnrollmentSucceeded:
		r.Order.EndedAt = now
		r.Slot, r.Recover, r.Failure = false, false, nil
		r.Stage, r.Attempts = account.Assigning, 0
		return r, nil
	case state == account.EnrollmentFailed:
		reason = fmt.Sprintf("Control Tower says that the enrollment of account %s FAILED", r.AccountID)
	case state == "" && (late || r.Move.From == r.Unit.ID):
		reason = fmt.Sprintf("account %s is in %s, and Control Tower does not enroll it", r.AccountID, r.Unit)
	default:
		return p.pending(r, now)
	}
	r.Slot = false
	return r, account.Refused{
		Code: account.CodeEnrollmentFailed, Reason: reason,
		Hint: fmt.Sprintf("mend the cause that Control Tower shows, register the unit again (vend enroll --ou %s --register), then run vend resume", r.Unit.ID),
	}
}
