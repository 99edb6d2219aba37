package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/retry"
)

const (
	// free is an item that nobody has a claim on, whether it is due or not.
	free = "attribute_exists(pk) AND (attribute_not_exists(claimed) OR dueAt <= :now)"
	// due is an item of the queue that has come due: nobody has a claim on it, or its owner died.
	dueNow = "attribute_exists(pk) AND #q IN (:timer, :slot) AND dueAt <= :now"
)

// Claim takes a request that has come due. It returns [account.ErrStale] when the request is in somebody else's hand,
// not due, or no longer in the queue.
func (c *Client) Claim(ctx context.Context, id string) (account.Claim, error) {
	return c.claimRequest(ctx, id, dueNow)
}

// Take takes a request in whatever stage it is, for an operator's command. It returns [account.ErrStale] while it is in
// somebody else's hand, and [ErrNotFound] when there is no such request.
func (c *Client) Take(ctx context.Context, id string) (account.Claim, error) {
	return c.claimRequest(ctx, id, free)
}

func (c *Client) claimRequest(ctx context.Context, id, condition string) (account.Claim, error) {
	it, lease, err := c.claim(ctx, requestKey(id), condition)
	if err != nil {
		return account.Claim{}, fmt.Errorf("claim request %s: %w", id, err)
	}
	r, err := dataOf[account.Request](it, "request")
	return account.Claim{Lease: lease, Request: r}, err
}

// ClaimBatch takes a batch that has come due: it is half read, or its results are.
func (c *Client) ClaimBatch(ctx context.Context, id string) (account.BatchClaim, error) {
	it, lease, err := c.claim(ctx, batchKey(id), dueNow)
	if err != nil {
		return account.BatchClaim{}, fmt.Errorf("claim batch %s: %w", id, err)
	}
	return batchClaim(it, lease)
}

func batchClaim(it item, lease account.Lease) (account.BatchClaim, error) {
	b, err := dataOf[account.Batch](it, "batch")
	if err != nil {
		return account.BatchClaim{}, err
	}
	var results account.ResultsState
	if it["results"] != nil {
		if err := decode(it["results"], &results); err != nil {
			return account.BatchClaim{}, fmt.Errorf("read results of batch %s: %w", b.ID, err)
		}
	}
	return account.BatchClaim{Lease: lease, Batch: b, Results: results}, nil
}

// claim makes the item ours for one lease. It is asked once: when the answer is lost, the item itself tells.
func (c *Client) claim(ctx context.Context, k key, condition string) (item, account.Lease, error) {
	now, err := c.tableTime(ctx)
	if err != nil {
		return nil, account.Lease{}, err
	}
	lease := account.Lease{Owner: newOwner(), Sent: c.Options.Now(), Now: now, Until: c.leaseEnd(now)}
	values := item{
		":now": moment(now), ":until": moment(lease.Until), ":due": text(dueText(lease.Until)), ":timer": text(timerQueue),
		":owner": text(lease.Owner), ":yes": boolean(true), ":zero": number(0), ":one": number(1),
	}
	if condition == dueNow {
		values[":slot"] = text(slotQueue)
	}
	dated, date := withDate(ctx)
	out, err := c.ddb.UpdateItem(dated, &dynamodb.UpdateItemInput{
		TableName: &c.Table, Key: k.item(),
		UpdateExpression: ptr("SET #v = if_not_exists(#v, :zero) + :one, #o = :owner, claimed = :yes, dueAt = :until, #q = :timer, due = :due, " +
			"wakes = if_not_exists(wakes, :zero)"),
		ConditionExpression:      &condition,
		ExpressionAttributeNames: map[string]string{"#v": "version", "#o": "owner", "#q": "queue"}, ExpressionAttributeValues: values,
		ReturnValues: types.ReturnValueAllNew, ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}, once)
	var it item
	if err == nil {
		it = out.Attributes
	} else if it, err = c.afterLostClaim(ctx, k, lease.Owner, err, date); err != nil {
		return nil, account.Lease{}, err
	}
	lease.Version, lease.Wakes = numberOf(it, "version"), numberOf(it, "wakes")
	lease.For = trust(lease.Until, *date)
	return it, lease, nil
}

// afterLostClaim finds out whether a claim that was answered with an error, or not at all, is there nevertheless.
func (c *Client) afterLostClaim(ctx context.Context, k key, owner string, cause error, date *time.Time) (item, error) {
	dated, read := withDate(ctx)
	it, err := c.found(dated, k, cause)
	switch {
	case err == nil && textOf(it, "owner") == owner:
		if !read.IsZero() {
			*date = *read
		}
		return it, nil
	case err != nil && !conditionFailed(cause):
		return nil, judge("dynamodb.UpdateItem", "claim "+k.String(), cause)
	case err != nil:
		return nil, err
	case conditionFailed(cause):
		return nil, account.ErrStale
	default:
		return nil, judge("dynamodb.UpdateItem", "claim "+k.String(), cause)
	}
}

// found is the item as a write with a condition found it, if its error tells; else it is read.
func (c *Client) found(ctx context.Context, k key, cause error) (item, error) {
	var failed *types.ConditionalCheckFailedException
	if errors.As(cause, &failed) && len(failed.Item) > 0 {
		return failed.Item, nil
	}
	return c.lookUp(ctx, k)
}

// leaseEnd is when a claim made now ends, as exact as the table is.
func (c *Client) leaseEnd(now time.Time) time.Time {
	return now.Add(c.Lease).Truncate(time.Millisecond)
}

// trust is how long a claim may be relied upon, counted from when it was sent: the table's clock was then no later than
// the end of the second that the answer's Date names.
func trust(until, date time.Time) time.Duration {
	if until.IsZero() || date.IsZero() {
		return 0
	}
	return until.Sub(date.Add(time.Second))
}

// Wake makes a request or batch come due now, for an event that speaks of it. What somebody has a claim on is only
// counted: the save that releases the claim then makes it due. Waking what is not in the queue does nothing.
func (c *Client) Wake(ctx context.Context, id string) error { return c.WakeWithin(ctx, id, 0) }

// WakeWithin is [Client.Wake] for news that can wait: the item comes due within that time, or sooner if it does so anyway.
func (c *Client) WakeWithin(ctx context.Context, id string, within time.Duration) error {
	return retry.Do(ctx, func() error {
		for range 3 {
			woken, err := c.wake(ctx, id, within)
			if err != nil || woken {
				return err
			}
		}
		return nil // it changes hands so fast that somebody looks at it anyway
	}, hopeless)
}

func (c *Client) wake(ctx context.Context, id string, within time.Duration) (bool, error) {
	now, err := c.tableTime(ctx)
	if err != nil {
		return false, err
	}
	k, at := itemKey(id), now.Add(within)
	condition := "#q = :timer AND (attribute_not_exists(claimed) OR dueAt <= :now)"
	if k == batchKey(id) {
		condition = free // a finished batch comes back into the queue: its requests have changed
	}
	values := item{":now": moment(now), ":at": moment(at), ":due": text(dueText(at)), ":one": number(1), ":timer": text(timerQueue)}
	if within > 0 {
		condition = "(" + condition + ") AND (attribute_not_exists(#q) OR dueAt > :at)"
	}
	_, err = c.ddb.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &c.Table, Key: k.item(), ExpressionAttributeNames: map[string]string{"#q": "queue"},
		UpdateExpression:    ptr("SET dueAt = :at, due = :due, #q = :timer ADD wakes :one"),
		ConditionExpression: &condition, ExpressionAttributeValues: values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}, once)
	if err == nil || !conditionFailed(err) {
		return true, judgeIf("dynamodb.UpdateItem", "wake "+id, err)
	}
	it, err := c.found(ctx, k, err)
	switch {
	case errors.Is(err, ErrNotFound):
		return true, nil
	case err != nil:
		return false, err
	case it["claimed"] == nil || !momentOf(it, "dueAt").After(now):
		return textOf(it, "queue") != timerQueue || !momentOf(it, "dueAt").After(at), nil
	}
	_, err = c.ddb.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &c.Table, Key: k.item(),
		UpdateExpression:          ptr("ADD wakes :one"),
		ConditionExpression:       ptr("attribute_exists(claimed) AND dueAt > :now"),
		ExpressionAttributeValues: item{":one": number(1), ":now": moment(now)},
	}, once)
	if conditionFailed(err) {
		return false, nil
	}
	return err == nil, judgeIf("dynamodb.UpdateItem", "wake "+id, err)
}

// PutOff makes a request or batch that was saved and released come due after that time, if nobody has claimed, changed or
// woken it since; else it returns [account.ErrStale]. It is asked once. Where its answer is lost, the item has been put off or
// comes due: both are right. One that arrives late changes nothing but a time, and so does a clock that was not asked lately.
func (c *Client) PutOff(ctx context.Context, id string, saved account.Lease, in time.Duration) error {
	at := c.Now().Add(in)
	_, err := c.ddb.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &c.Table, Key: itemKey(id).item(),
		UpdateExpression:         ptr("SET dueAt = :at, due = :due"),
		ConditionExpression:      ptr("#v = :v AND #o = :o AND wakes = :w AND #q = :timer AND attribute_not_exists(claimed)"),
		ExpressionAttributeNames: map[string]string{"#v": "version", "#o": "owner", "#q": "queue"},
		ExpressionAttributeValues: item{
			":v": number(saved.Version), ":o": text(saved.Owner), ":w": number(saved.Wakes),
			":at": moment(at), ":due": text(dueText(at)), ":timer": text(timerQueue),
		},
	}, once)
	if conditionFailed(err) {
		return fmt.Errorf("put off %s: %w", id, account.ErrStale)
	}
	return judgeIf("dynamodb.UpdateItem", "put off "+id, err)
}

// Due lists what has come due in the order of time, at most limit, and what will next, as far as it was read beside. It may
// be behind: what it lists is claimed only if it is still true.
func (c *Client) Due(ctx context.Context, limit int) (due, ahead []account.Due, err error) {
	err = c.query(ctx, c.partition(timerQueue, limit+1), func(it item) bool {
		d := dueOf(it)
		if d.At.After(c.Now()) || len(due) == limit {
			ahead = append(ahead, d)
		} else {
			due = append(due, d)
		}
		return len(due)+len(ahead) <= limit
	})
	return due, ahead, err
}

// Timers lists all that waits for a time, due or not: what is in flight, what is being assigned, batches. It does not
// list what waits for a slot.
func (c *Client) Timers(ctx context.Context) ([]account.Due, error) {
	var all []account.Due
	err := c.query(ctx, c.partition(timerQueue, 0), func(it item) bool {
		all = append(all, dueOf(it))
		return true
	})
	return all, err
}

// Waiting lists who may start an account operation next, in the order of batches and rows.
func (c *Client) Waiting(ctx context.Context, limit int) ([]string, error) {
	var ids []string
	err := c.query(ctx, c.partition(slotQueue, limit), func(it item) bool {
		ids = append(ids, idOf(it))
		return len(ids) < limit
	})
	return ids, err
}

func (c *Client) partition(name string, limit int) *dynamodb.QueryInput {
	in := &dynamodb.QueryInput{
		IndexName:                 ptr(indexName),
		KeyConditionExpression:    ptr("#q = :q"),
		ExpressionAttributeNames:  map[string]string{"#q": "queue"},
		ExpressionAttributeValues: item{":q": text(name)},
	}
	if limit > 0 {
		in.Limit = ptr(int32(min(limit, 1000)))
	}
	return in
}

func dueOf(it item) account.Due {
	var ms int64
	_, _ = fmt.Sscanf(textOf(it, "due"), "%d", &ms)
	return account.Due{ID: idOf(it), At: time.UnixMilli(ms).UTC(), Name: textOf(it, "name"), InUse: it["slot"] != nil}
}

func ptr[T any](v T) *T { return &v }
