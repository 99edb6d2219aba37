package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

// listingAge is how old a listing of the organization may be for the look at e-mails before a first order: long enough
// that a large organization is not listed anew for each account. What people have made by hand since is seen all the same;
// what is missed is found when the account is settled: an account older than its order is refused.
const listingAge = 12 * time.Hour

// provision orders the account and watches the order to its end. The record is asked once its id is known; before that
// the product is looked for by name, so an order whose answer was lost is adopted.
func (p *Pipeline) provision(ctx context.Context, r account.Request, now time.Time) (account.Request, error) {
	if r.Move.From != "" {
		return p.move(ctx, r, now)
	}
	if r.Order.Failed {
		return p.clear(ctx, r, now)
	}
	if r.Order.RecordID != "" {
		return p.watch(ctx, r, now)
	}
	return p.adoptOrOrder(ctx, r, now)
}

// adoptOrOrder looks whether the product is there already, and orders it if it is not. What an order has to know besides is
// asked at the same time: each order waits for these answers, and the line waits with it.
func (p *Pipeline) adoptOrOrder(ctx context.Context, r account.Request, now time.Time) (account.Request, error) {
	looked := r
	var unfit, full error
	var asked sync.WaitGroup
	asked.Go(func() { looked, unfit = p.lastLook(ctx, r, now) })
	asked.Go(func() { full = p.room(ctx) })
	product, found, err := p.Factory.Product(ctx, r.ProductName())
	asked.Wait()
	switch {
	case err != nil:
		return r, err
	case found:
		r.Order.RecordID, r.Order.ProductID = product.LastRecordID, product.ID
		return p.watch(ctx, r, now)
	case unfit != nil:
		return looked, unfit
	case full != nil:
		return looked, full
	}
	return p.order(ctx, looked, now)
}

// order asks Account Factory for the account.
func (p *Pipeline) order(ctx context.Context, r account.Request, now time.Time) (account.Request, error) {
	record, err := p.Factory.Order(ctx, account.OrderInput{
		Product: r.ProductName(), Token: r.Order.Token, Name: r.Name, Email: r.Email, Unit: r.Unit, User: r.User,
	})
	if err != nil {
		return r, err
	}
	r.Order.RecordID, r.Order.ProductID = record.ID, record.ProductID
	r.Attempts = 0
	return r, account.Wait{For: p.pollOrder(now, now), Why: "Account Factory"}
}

// room waits while other people's account operations leave no place for another one.
func (p *Pipeline) room(ctx context.Context) error {
	slots, err := p.Slots.Slots(ctx)
	if err != nil {
		return err
	}
	foreign, what, err := p.Factory.Busy(ctx, slots.InFlight)
	if err != nil {
		return err
	}
	if slots.InFlight+foreign > slots.Concurrency {
		return account.Wait{
			For: p.settings.PollInterval.Std(),
			Why: fmt.Sprintf("%d account operations of others are under way: %s", foreign, strings.Join(what, ", ")),
		}
	}
	return nil
}

// lastLook makes sure that the order will make exactly the account that is meant: a new one for a creation, the existing
// one, by the name and e-mail that Organizations knows, for an enrollment or a creation that is recovered.
func (p *Pipeline) lastLook(ctx context.Context, r account.Request, now time.Time) (account.Request, error) {
	if r.AccountID != "" {
		r, _, err := p.existing(ctx, r)
		return r, err
	}
	notBefore := now.Add(-listingAge)
	if r.Generation > 1 {
		notBefore = now
	}
	there, found, err := p.Organization.AccountByEmail(ctx, r.Email, notBefore)
	if err != nil || !found {
		return r, err
	}
	return r, account.Refused{
		Code: "V2003", Reason: fmt.Sprintf("account %s has this e-mail and was not made by this pipeline", there.ID),
		Hint: "to enroll that account, upload a row with its AccountId; else choose another e-mail",
	}
}

// watch judges the record of the order.
func (p *Pipeline) watch(ctx context.Context, r account.Request, now time.Time) (account.Request, error) {
	record, found, err := p.Factory.Record(ctx, r.Order.RecordID)
	if err != nil {
		return r, err
	}
	if !found {
		return r, account.Refused{
			Code: "V2015", Reason: fmt.Sprintf("Service Catalog does not know record %s any longer", r.Order.RecordID),
			Hint: "look at the account in Control Tower, then run vend resume --recover",
		}
	}
	if r.Order.ProductID == "" {
		r.Order.ProductID = record.ProductID
	}
	if record.Type == account.RecordTerminate {
		// Somebody is taking the product away, or has tried to: what is left of it decides.
		r.Order.Failed = true
		return p.clear(ctx, r, now)
	}
	if !record.CreatedAt.IsZero() {
		r.Order.At = record.CreatedAt // when AWS took the order, whoever sent it
	}
	switch record.Status {
	case account.RecordSucceeded:
		return p.settle(ctx, r, record)
	case account.RecordFailed:
		return p.fail(ctx, r, record, now)
	default:
		return p.pending(r, now)
	}
}

// pending waits for a record that is not final. Past the deadline the request is failed so that people see it, but it
// keeps its slot and is still asked about.
func (p *Pipeline) pending(r account.Request, now time.Time) (account.Request, error) {
	if r.Since.IsZero() {
		r.Since = now
	}
	if r.Stage != account.Failed && now.Before(r.Since.Add(p.settings.Deadline.Std())) {
		return r, account.Wait{For: p.pollOrder(r.Order.At, now), Why: "Control Tower"}
	}
	if r.Stage != account.Failed {
		r.Stage, r.FailedStage = account.Failed, account.Provisioning
		r.Failure = &account.Failure{
			Code: "V2005", Class: account.ClassWait,
			Message: fmt.Sprintf("AWS is still working on %s after %s", operation(r), p.settings.Deadline.Std()),
			Hint:    "the request goes on by itself when AWS ends; it is asked from time to time, and at once by vend resume",
		}
	}
	return r, account.Wait{For: 10 * p.settings.PollInterval.Std(), Why: "AWS is still working"}
}

// operation names what AWS is asked to do for the request.
func operation(r account.Request) string {
	if r.Order.RecordID == "" {
		return "the enrollment of account " + r.AccountID
	}
	return "record " + r.Order.RecordID
}

// settle takes the account that a successful record made, if it is the right one.
func (p *Pipeline) settle(ctx context.Context, r account.Request, record account.Record) (account.Request, error) {
	if record.AccountID == "" {
		return r, fmt.Errorf("settle record %s: it succeeded, but names no account", record.ID)
	}
	if r.AccountID != "" && r.AccountID != record.AccountID {
		r.Slot = false
		return r, account.Refused{
			Code: "V2009", Class: account.ClassTerminal,
			Reason: fmt.Sprintf("account %s was to be enrolled, account %s came out", r.AccountID, record.AccountID),
			Hint:   "use neither account before somebody has looked at both",
		}
	}
	if r.AccountID == "" {
		made, found, err := p.Organization.Account(ctx, record.AccountID)
		if err != nil {
			return r, err
		}
		if found && !made.JoinedAt.IsZero() && made.JoinedAt.Before(r.Order.At) {
			r.Slot, r.AccountID = false, record.AccountID
			return r, account.Refused{
				Code: "V2003", Class: account.ClassTerminal,
				Reason: fmt.Sprintf("account %s has been there since %s, before it was ordered: somebody else made it", made.ID, made.JoinedAt.Format(time.RFC3339)),
				Hint:   "Control Tower has enrolled it; find out whose it is before it is used",
			}
		}
	}
	r.AccountID, r.Order.EndedAt = record.AccountID, record.UpdatedAt
	r.Slot, r.Recover, r.Failure = false, false, nil
	r.Stage, r.Attempts = account.Assigning, 0
	return r, nil
}

// fail judges a record whose last word is FAILED. A cause that passes by itself leads through clearing to the next
// generation; every other cause needs a human, and so does every product that holds an account.
func (p *Pipeline) fail(ctx context.Context, r account.Request, record account.Record, now time.Time) (account.Request, error) {
	verdict := p.Factory.JudgeRecord(record)
	left, err := p.hasLeft(ctx, r, verdict)
	if err != nil {
		return r, err
	}
	r.Order.Failed = true
	if left != nil {
		r.Slot = false
		return r, *left
	}
	holds, err := p.holdsAccount(ctx, &r, now)
	if err != nil {
		return r, err
	}
	var refused account.Refused
	if errors.As(verdict, &refused) {
		if holds && !refused.Pause {
			refused.Hint = strings.TrimPrefix(refused.Hint+"; vend resume --recover clears the dead product away", "; ")
		}
		r.Slot = false
		return r, refused
	}
	if holds {
		r.Slot = false
		return r, p.holdsVerdict(r, verdict)
	}
	r.Stage = account.Provisioning // also of one that was past its deadline
	if wait, ok := asWait(verdict); ok {
		wait.For = p.settings.PollInterval.Std() // others are asked after as often as we are
		verdict = wait
	}
	return r, verdict
}

// hasLeft says that an account which was to be enrolled has left the organization meanwhile: then that is the cause, whatever
// AWS says of it. It is nil for one that has not.
func (p *Pipeline) hasLeft(ctx context.Context, r account.Request, verdict error) (*account.Refused, error) {
	if r.AccountID == "" {
		return nil, nil
	}
	_, member, err := p.Organization.Account(ctx, r.AccountID)
	if err != nil || member {
		return nil, err
	}
	var refused account.Refused
	errors.As(verdict, &refused)
	return &account.Refused{
		Code: "V2013", Reason: fmt.Sprintf("account %s has left the organization while it was enrolled", r.AccountID), Answer: refused.Answer,
		Hint: "invite it again, then run vend resume --recover, which clears the dead product away",
	}, nil
}

// overdue looks at a request that is failed but holds a slot: AWS has not said its last word on it.
func (p *Pipeline) overdue(ctx context.Context, r account.Request, now time.Time) (account.Request, error) {
	if !r.Slot {
		return r, nil
	}
	switch {
	case r.Clearing.RecordID != "":
		return p.watchClearing(ctx, r, now)
	case r.Move.From != "":
		return p.move(ctx, r, now)
	}
	return p.watch(ctx, r, now)
}
