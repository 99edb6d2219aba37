package pipeline

import (
	"context"
	"fmt"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

// clear ends a generation whose record is FAILED: it terminates the empty product that holds the name, waits until it is
// gone, and counts the generation up. It never touches a product that holds an account; that needs a human's word.
func (p *Pipeline) clear(ctx context.Context, r account.Request, now time.Time) (account.Request, error) {
	if r.Clearing.RecordID != "" {
		return p.watchClearing(ctx, r, now)
	}
	product, found, err := p.Factory.Product(ctx, r.ProductName())
	if err != nil {
		return r, err
	}
	if !found {
		if r.AccountID == "" {
			return p.nextGeneration(r, now)
		}
		return r, account.Refused{
			Code: "V2015", Reason: fmt.Sprintf("account %s exists, but its provisioned product is gone", r.AccountID),
			Hint: "run vend resume --recover: it orders a new product for the same account",
		}
	}
	if product.Status == account.ProductUnderChange || product.Status == account.ProductPlanning {
		return r, account.Wait{For: p.poll(r.Clearing.At, now), Why: "an operation on provisioned product " + product.ID}
	}
	if product.Status == account.ProductAvailable {
		// Somebody has mended it.
		r.Order = account.Operation{Token: r.Order.Token, RecordID: product.LastSuccessfulRecordID, ProductID: product.ID, At: r.Order.At}
		r.Clearing = account.Operation{Tries: r.Clearing.Tries}
		return p.watch(ctx, r, now)
	}
	holds, err := p.holdsAccount(ctx, &r, now)
	if err != nil {
		return r, err
	}
	if holds || product.AccountID != "" || product.LastSuccessfulRecordID != "" {
		r.Slot = false
		return r, p.holdsVerdict(r, nil)
	}
	return p.terminate(ctx, r, product, now)
}

// recover clears away a dead product that holds an account, as somebody has agreed to. A product that is well or at work
// is left alone, and the request goes back to provisioning with its record.
func (p *Pipeline) recover(ctx context.Context, r account.Request, now time.Time) (account.Request, error) {
	if r.Clearing.RecordID != "" {
		return p.watchClearing(ctx, r, now)
	}
	product, found, err := p.Factory.Product(ctx, r.ProductName())
	if err != nil {
		return r, err
	}
	dead := product.Status == account.ProductError || product.Status == account.ProductTainted
	if found && product.Status == account.ProductUnderChange {
		record, known, err := p.Factory.Record(ctx, product.LastRecordID)
		if err != nil {
			return r, err
		}
		if known && record.Type == account.RecordTerminate {
			// It is being taken away: by an order of ours whose answer was lost, or by somebody else.
			r.Clearing.RecordID, r.Clearing.ProductID = record.ID, product.ID
			return p.watchClearing(ctx, r, now)
		}
	}
	if !found || dead {
		if _, err := p.holdsAccount(ctx, &r, now); err != nil {
			return r, err
		}
	}
	switch {
	case !found:
		return p.nextGeneration(r, now)
	case dead:
		return p.terminate(ctx, r, product, now)
	}
	r.Stage = account.Provisioning
	r.Clearing = account.Operation{Tries: r.Clearing.Tries}
	r.Order = account.Operation{Token: r.Order.Token, RecordID: product.LastRecordID, ProductID: product.ID, At: r.Order.At}
	return r, nil
}

// terminate asks for the product's end. Its name is free afterwards, so it waits for orders that may still arrive.
func (p *Pipeline) terminate(ctx context.Context, r account.Request, product account.Product, now time.Time) (account.Request, error) {
	if wait, late := p.lateOrder(r, now); late {
		return r, wait
	}
	if r.Clearing.Token == "" {
		// The token is not saved yet: the worker begins the step anew.
		if r.Stage == account.Failed {
			r.Stage = account.Provisioning
		}
		return r, nil
	}
	record, err := p.Factory.Terminate(ctx, product.ID, r.Clearing.Token)
	if err != nil {
		return r, err
	}
	r.Clearing.RecordID, r.Clearing.ProductID = record.ID, product.ID
	return r, account.Wait{For: p.settings.PollInterval.Std(), Why: "the end of provisioned product " + product.ID}
}

// watchClearing waits until the product is gone; the record tells why it is not.
func (p *Pipeline) watchClearing(ctx context.Context, r account.Request, now time.Time) (account.Request, error) {
	product, found, err := p.Factory.Product(ctx, r.ProductName())
	if err != nil {
		return r, err
	}
	if !found {
		return p.nextGeneration(r, now)
	}
	record, known, err := p.Factory.Record(ctx, r.Clearing.RecordID)
	if err != nil {
		return r, err
	}
	if known && record.Status == account.RecordFailed {
		verdict := p.Factory.JudgeRecord(record)
		r.Clearing = account.Operation{Tries: r.Clearing.Tries + 1}
		if !isRefused(verdict) {
			return r, verdict
		}
		r.Slot = false
		return r, verdict
	}
	if !now.Before(r.Clearing.At.Add(p.settings.Deadline.Std())) && r.Stage != account.Failed {
		r.FailedStage, r.Stage = r.Stage, account.Failed
		r.Failure = &account.Failure{
			Code: "V2005", Class: account.ClassWait, Message: "AWS is still terminating provisioned product " + product.ID,
			Hint: "the request goes on by itself when AWS ends",
		}
	}
	return r, account.Wait{For: p.poll(r.Clearing.At, now), Why: "the end of provisioned product " + product.ID}
}

// nextGeneration gives the request a fresh product name and fresh tokens. An account that exists is looked at again first.
func (p *Pipeline) nextGeneration(r account.Request, now time.Time) (account.Request, error) {
	if wait, late := p.lateOrder(r, now); late {
		return r, wait
	}
	r.Generation++
	r.Order, r.Clearing = account.Operation{}, account.Operation{}
	r.Planting, r.Move = r.Planting.Again(), account.Move{}
	r.OrderUntil = time.Time{}
	r.Recover, r.Attempts = false, 0
	r.StartedAt, r.Since = time.Time{}, time.Time{}
	r.Stage = account.Provisioning
	if r.AccountID != "" {
		r.Stage, r.Slot = account.Preparing, false
	}
	return r, nil
}

// holdsAccount says whether there is an account behind the request's dead product, and notes which. It asks for a fresh
// listing of the organization.
func (p *Pipeline) holdsAccount(ctx context.Context, r *account.Request, now time.Time) (bool, error) {
	if r.AccountID != "" {
		return true, nil
	}
	product, found, err := p.Factory.Product(ctx, r.ProductName())
	if err != nil {
		return false, err
	}
	if found && product.AccountID != "" {
		r.AccountID = product.AccountID
		return true, nil
	}
	there, found, err := p.Organization.AccountByEmail(ctx, r.Email, now)
	if err != nil || !found {
		return false, err
	}
	if there.JoinedAt.Before(r.Order.At) {
		return false, nil // somebody else's: the failure speaks for itself
	}
	r.AccountID = there.ID
	return true, nil
}

// holdsVerdict refuses to go on with a dead product that holds an account.
func (p *Pipeline) holdsVerdict(r account.Request, cause error) error {
	refused := account.Refused{
		Code: "V2004", Reason: fmt.Sprintf("the dead product %s holds account %s", r.ProductName(), r.AccountID),
		Hint: "vend resume --recover terminates the product (the account moves to the root and loses its execution role) and starts over with the same account",
	}
	if wait, ok := asWait(cause); ok {
		refused.Answer = wait.Answer
	}
	return refused
}
