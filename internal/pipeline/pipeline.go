// Package pipeline says how a request moves: one step from what it is to what it is next.
//
// A step looks what is there, acts only if the effect is missing, and judges what AWS answers. It takes a request and
// returns the next one; it saves nothing. Names and tokens are on the request before a step uses them: the worker calls
// [Pipeline.Begin] and saves what it returns before a step that may order or terminate.
//
//	Queued        Begin gives it a slot and its tokens           -> Provisioning
//	Preparing     the account is looked at (prepare.go), and
//	              gets its execution role (plant.go)             -> Provisioning, Assigning
//	Provisioning  ordered, watched, settled (provision.go);
//	              a dead, empty product is cleared (recover.go);
//	              or moved, where that enrolls (move.go)         -> Assigning
//	Recovering    a dead product is terminated (recover.go)      -> Preparing, Provisioning
//	Assigning     tags and permission sets (assign.go), then
//	              Account Factory's user goes (leave.go)         -> Done
//
// The verdict of a step is its error: nil (it moved), account.Wait, account.Refused, or anything else, which means that
// the step is tried again.
//
// It imports account, access and directory, and declares the ports that it needs.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/directory"
)

// AccountFactory makes accounts. Nothing here assumes which engine does.
type AccountFactory interface {
	// Product finds a product by its name; false when there is none.
	Product(ctx context.Context, name string) (account.Product, bool, error)
	// Record reads an operation; false when it is not known (any longer).
	Record(ctx context.Context, id string) (account.Record, bool, error)
	// Order asks for an account, or for the enrollment of the account that has this name and e-mail.
	Order(ctx context.Context, order account.OrderInput) (account.Record, error)
	// Terminate takes a product away: the account, if there is one, leaves Control Tower and stays.
	Terminate(ctx context.Context, productID, token string) (account.Record, error)
	// Busy counts account operations of other people that are under way; inFlight is how many of ours there are.
	Busy(ctx context.Context, inFlight int) (foreign int, what []string, err error)
	// Enrolled says whether Control Tower governs the account with that ARN already.
	Enrolled(ctx context.Context, accountARN string) (bool, error)
	// Enrollment says how far Control Tower is with the account of that ARN.
	Enrollment(ctx context.Context, accountARN string) (account.EnrollmentState, error)
	// AutoEnrolls says whether the landing zone enrolls accounts that are moved into a registered unit.
	AutoEnrolls(ctx context.Context) (bool, error)
	// JudgeRecord says what a FAILED record means.
	JudgeRecord(record account.Record) error
}

// Organization is what a step asks AWS Organizations.
type Organization interface {
	// AccountByEmail finds a member of the organization, in a listing that is not older than notBefore.
	AccountByEmail(ctx context.Context, email string, notBefore time.Time) (directory.Account, bool, error)
	// Account describes a member as it is now; false when it is none.
	Account(ctx context.Context, id string) (directory.Account, bool, error)
	// Parent finds the unit, or the root, that an account is in now.
	Parent(ctx context.Context, accountID string) (string, error)
	// Move moves an account to another unit; it succeeds where the account is there already.
	Move(ctx context.Context, accountID, from, to string) error
	// Tag puts tags on an account.
	Tag(ctx context.Context, accountID string, tags []account.Tag) error
}

// IdentityCenter gives access to accounts.
type IdentityCenter interface {
	// Resolve fills in ids; the error is a *directory.UnknownPermissionSet or *directory.UnknownPrincipal for unknown names.
	Resolve(ctx context.Context, a account.Assignment) (account.Assignment, error)
	// Assigned lists who has the permission set in the account.
	Assigned(ctx context.Context, accountID, permissionSetARN string) ([]account.Assignment, error)
	// Assign begins to create an assignment; its end is to be asked for with Status.
	Assign(ctx context.Context, accountID string, a account.Assignment) (requestID string, state account.AssignmentState, err error)
	// Status says how far a creation is, and why it failed.
	Status(ctx context.Context, requestID string) (state account.AssignmentState, reason string, err error)
	// Unassign begins to delete an assignment; its end is to be asked for with Unassigned.
	Unassign(ctx context.Context, accountID string, a account.Assignment) (requestID string, state account.AssignmentState, err error)
	// Unassigned says how far a deletion is, and why it failed.
	Unassigned(ctx context.Context, requestID string) (state account.AssignmentState, reason string, err error)
	// UserWithEmail finds the user who has that e-mail address; false when nobody has.
	UserWithEmail(ctx context.Context, email string) (id string, found bool, err error)
}

// Prechecks looks at accounts before they are enrolled.
type Prechecks interface {
	// Fit looks at an account that is to go into the unit. What nobody may look at yet is no finding.
	Fit(ctx context.Context, there directory.Account, unit account.OrganizationalUnit) (account.Fitness, error)
	// Assumable says whether Control Tower's execution role lets itself be assumed in the account.
	Assumable(ctx context.Context, accountID string) (bool, error)
}

// StackSets puts the execution role into single accounts.
type StackSets interface {
	// Ready makes the stack set if there is none.
	Ready(ctx context.Context) error
	// Plant begins to deploy the role to one account of the unit, or the root; with an operation that is known already
	// nothing is begun.
	Plant(ctx context.Context, operation, accountID, parentID string) error
	// Release begins to take an account's instance out of the stack set, and leaves the role where it is. The parents are
	// the unit that the instance was deployed through, and the one that the account is in now.
	Release(ctx context.Context, operation, accountID string, parentIDs ...string) error
	// Operation says how far an operation is for the account.
	Operation(ctx context.Context, operation, accountID string) (account.StackOperation, error)
	// Instance finds what the stack set has in the account; false when it has nothing there.
	Instance(ctx context.Context, accountID string) (account.StackInstance, bool, error)
}

// Slots says how many account operations there may be, and are.
type Slots interface {
	Slots(ctx context.Context) (account.Slots, error)
}

// Ports is everybody a step talks to.
type Ports struct {
	Factory      AccountFactory
	Organization Organization
	Identity     IdentityCenter
	Slots        Slots
	Prechecks    Prechecks
	StackSets    StackSets
}

// Pipeline advances requests. It holds no state and is safe for concurrent use.
type Pipeline struct {
	Ports
	settings account.Settings
}

// New makes a pipeline that behaves as the settings say.
func New(ports Ports, settings account.Settings) *Pipeline {
	return &Pipeline{Ports: ports, settings: settings}
}

// step is one stage's way forward; now is the table's clock.
type step func(p *Pipeline, ctx context.Context, r account.Request, now time.Time) (account.Request, error)

// steps is the table of the pipeline: what is done with a request in each stage.
var steps = map[account.Stage]step{
	account.Queued:       (*Pipeline).admit,
	account.Preparing:    (*Pipeline).prepare,
	account.Provisioning: (*Pipeline).provision,
	account.Recovering:   (*Pipeline).recover,
	account.Assigning:    (*Pipeline).assign,
	account.Failed:       (*Pipeline).overdue,
}

// Advance takes the request one step further; now is the table's clock. The request that comes back is to be saved
// whatever the verdict is.
func (p *Pipeline) Advance(ctx context.Context, r account.Request, now time.Time) (account.Request, error) {
	step, ok := steps[r.Stage]
	if !ok {
		return r, nil
	}
	next, err := step(p, ctx, r, now)
	var refused account.Refused
	if errors.As(err, &refused) {
		if wait, late := p.lateOrder(r, now); late {
			return r, wait // judged again when no order can arrive any longer
		}
	}
	return next, err
}

// Begin prepares a step that may order or terminate: the request gets its slot and its tokens, which are to be saved
// before [Pipeline.Advance].
func (p *Pipeline) Begin(r account.Request, now time.Time) account.Request {
	r.Slot = true
	switch {
	case r.Stage == account.Queued:
		r.Stage = account.Provisioning
		r.Attempts = 0
		fallthrough
	case r.Stage == account.Provisioning && !r.Order.Failed:
		r.Generation = max(1, r.Generation)
		r.Order.Token = r.OrderToken()
		if r.Order.At.IsZero() {
			r.Order.At = now
		}
		if r.StartedAt.IsZero() {
			r.StartedAt = now
		}
		if r.Since.IsZero() {
			r.Since = now
		}
	default:
		r.Clearing.Token = r.ClearToken()
		if r.Clearing.At.IsZero() {
			r.Clearing.At = now
		}
	}
	return r
}

// admit is the first step of an enrollment; new accounts are admitted by Begin.
func (p *Pipeline) admit(_ context.Context, r account.Request, _ time.Time) (account.Request, error) {
	if r.Kind == account.Enroll {
		r.Stage, r.Attempts = account.Preparing, 0
	}
	return r, nil
}

// lateOrder says how long an order may still arrive that a frozen process had in its hand. Until then nothing may free the
// name of the product or the slot.
func (p *Pipeline) lateOrder(r account.Request, now time.Time) (account.Wait, bool) {
	if r.OrderUntil.IsZero() || !r.Slot {
		return account.Wait{}, false
	}
	end := r.OrderUntil.Add(p.settings.OrderGrace.Std())
	if !now.Before(end) {
		return account.Wait{}, false
	}
	return account.Wait{For: end.Sub(now), Why: fmt.Sprintf("an order whose answer was lost may still arrive until %s", end.Format(time.RFC3339))}, true
}

// poll is when to look next at an operation that began at that time and of whose end no event tells: after one interval,
// then as long as it has been running, at most five intervals.
func (p *Pipeline) poll(began, now time.Time) time.Duration {
	interval := p.settings.PollInterval.Std()
	return min(5*interval, max(interval, now.Sub(began)))
}

// pollOrder is when to look next at an order that AWS took at that time: after one interval, which is when those end that
// Account Factory refuses, then every five. An event tells of all others as they end, and where events are lost no account
// is settled later for it.
func (p *Pipeline) pollOrder(began, now time.Time) time.Duration {
	interval := p.settings.PollInterval.Std()
	if now.Sub(began) < interval {
		return interval
	}
	return 5 * interval
}
