package pipeline

import (
	"context"
	"fmt"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/directory"
)

const (
	executionRole = "AWSControlTowerExecution"
	// rolePatience is how long a role that was made may take until it can be assumed: IAM is eventually consistent.
	rolePatience = 5 * time.Minute
)

// planting chooses the next operation of the stack set. Its id is not saved yet: the worker begins the step anew.
func (p *Pipeline) planting(ctx context.Context, r account.Request, parent string) (account.Request, error) {
	there, found, err := p.StackSets.Instance(ctx, r.AccountID)
	if err != nil {
		return r, p.soon(err)
	}
	next := r.Planting.Again()
	next.Parent = parent
	if found && there.InPlace() {
		// Its role is gone or was changed, and CloudFormation would not notice. The account gets a new instance; what is left
		// of the old one stays.
		next.Release, next.Parent = true, there.ParentID
	}
	next.Tries++
	r.Planting = next
	r.Planting.Operation = r.PlantingOperation()
	return r, nil
}

// plant takes the operation as far as it goes now, and looks at the instance when it has ended: an operation may succeed
// without one.
func (p *Pipeline) plant(ctx context.Context, r account.Request, at directory.Account, now time.Time) (account.Request, error) {
	if r.Planting.At.IsZero() {
		r.Planting.At = now
	}
	o, err := p.StackSets.Operation(ctx, r.Planting.Operation, r.AccountID)
	if err != nil {
		return r, p.soon(err)
	}
	switch {
	case !o.Known:
		return r, p.begin(ctx, r, at)
	case !o.Ended && !now.Before(r.Planting.At.Add(p.settings.Deadline.Std())):
		return r, account.Refused{
			Code: "V2016", Reason: fmt.Sprintf("CloudFormation is still working on operation %s after %s", r.Planting.Operation, p.settings.Deadline.Std()),
			Hint: "look at the stack set in CloudFormation; vend resume asks again",
		}
	case !o.Ended:
		return r, p.planted()
	}
	there, found, err := p.StackSets.Instance(ctx, r.AccountID)
	if err != nil {
		return r, p.soon(err)
	}
	if r.Planting.Release && !found {
		parent, err := p.parent(ctx, at) // which is not the one that the old instance was deployed through
		if err != nil {
			return r, err
		}
		return p.planting(ctx, r, parent)
	}
	if !r.Planting.Release && found && there.InPlace() {
		r.Planting.EndedAt = now
		return r, nil
	}
	if !r.Planting.Release { // somebody may have put it there meanwhile, which lets an instance fail
		if assumable, err := p.Prechecks.Assumable(ctx, r.AccountID); err != nil || assumable {
			r.Planting.EndedAt = now
			return r, err
		}
	}
	return p.unplanted(r, o, there, found)
}

// begin asks CloudFormation for the operation whose id is saved.
func (p *Pipeline) begin(ctx context.Context, r account.Request, at directory.Account) error {
	if err := p.StackSets.Ready(ctx); err != nil {
		return p.soon(err)
	}
	if !r.Planting.Release {
		if err := p.StackSets.Plant(ctx, r.Planting.Operation, r.AccountID, r.Planting.Parent); err != nil {
			return p.soon(err)
		}
		return p.planted()
	}
	parent, err := p.parent(ctx, at)
	if err != nil {
		return err
	}
	if err := p.StackSets.Release(ctx, r.Planting.Operation, r.AccountID, r.Planting.Parent, parent); err != nil {
		return p.soon(err)
	}
	return p.planted()
}

// unplanted refuses an operation that has not brought the role about. The next try is another operation.
func (p *Pipeline) unplanted(r account.Request, o account.StackOperation, there account.StackInstance, found bool) (account.Request, error) {
	refused := account.Refused{
		Code: "V2016", Hint: "mend the cause that AWS names, or create " + executionRole + " by hand; then run vend resume",
		Answer: account.Answer{Operation: "cloudformation.CreateStackInstances", Code: o.Status, Message: o.Reason},
	}
	switch {
	case !found:
		refused.Reason = fmt.Sprintf("operation %s of the stack set ended %s and reached no instance in account %s", r.Planting.Operation, o.Status, r.AccountID)
	case r.Planting.Release:
		refused.Reason = fmt.Sprintf("the old instance in account %s could not be taken out of the stack set", r.AccountID)
	default:
		refused.Reason = fmt.Sprintf("the instance of the stack set in account %s is %s (%s)", r.AccountID, there.Status, there.Detail)
		if there.Reason != "" {
			refused.Answer.Message = there.Reason
		}
	}
	r.Planting = r.Planting.Again()
	return r, refused
}

// verify waits until the role that was put into place lets itself be assumed.
func (p *Pipeline) verify(ctx context.Context, r account.Request, now time.Time) (account.Request, error) {
	assumable, err := p.Prechecks.Assumable(ctx, r.AccountID)
	switch {
	case err != nil || assumable:
		return r, err
	case now.Before(r.Planting.EndedAt.Add(rolePatience)):
		return r, account.Wait{For: p.stackPoll(), Why: executionRole + " is in place and can't be assumed yet"}
	}
	r.Planting = r.Planting.Again()
	return r, account.Refused{
		Code: "V2016", Reason: fmt.Sprintf("%s was put into account %s, and can't be assumed", executionRole, r.AccountID),
		Hint: "look for a service control policy that keeps the management account out, then run vend resume",
	}
}

// planted waits for the stack set.
func (p *Pipeline) planted() error {
	return account.Wait{For: p.stackPoll(), Why: executionRole + " is put into place"}
}

// soon shortens the wait for a stack set: its operations take a minute where those on accounts take half an hour.
func (p *Pipeline) soon(err error) error {
	if wait, ok := asWait(err); ok {
		wait.For = min(wait.For, p.stackPoll())
		return wait
	}
	return err
}

// stackPoll is when to look at an operation of the stack set next.
func (p *Pipeline) stackPoll() time.Duration {
	return max(p.settings.PollInterval.Std()/6, 50*time.Millisecond)
}
