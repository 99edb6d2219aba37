package queue

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/retry"
)

// Save writes the next state of a claimed request, and what follows from it in the same transaction: counters when its
// stage changes, its slot when it takes or gives one back, its history. The claim is released as rel says, or kept for
// another lease.
//
// It returns [account.ErrStale] when the claim had ended and somebody else has the request, [account.ErrNoSlot] when a
// slot was asked for and none is free. It may be called again after any other error.
func (c *Client) Save(ctx context.Context, claim account.Claim, next account.Request, rel account.Release, events ...account.Event) (account.Claim, error) {
	if !account.Reachable(claim.Request.Stage, next.Stage) {
		return claim, fmt.Errorf("save request %s: no way from %s to %s", next.ID, claim.Request.Stage, next.Stage)
	}
	var saved account.Claim
	w := &write{client: c, key: requestKey(next.ID), old: claim.Lease, owner: newOwner()}
	var attempt func() error
	attempt = func() error {
		next := next
		lease, due := w.stamp(rel, next.Turn)
		if rel.Order && lease.Until.After(next.OrderUntil) {
			next.OrderUntil = lease.Until
		}
		it, err := requestItem(next)
		if err != nil {
			return err
		}
		maps.Copy(it, due)
		actions := []types.TransactWriteItem{w.put(it)}
		if claim.Request.Slot != next.Slot {
			actions = append(actions, c.slotAction(next.Slot))
		}
		actions = append(actions, c.countActions(moves(&claim.Request, &next))...)
		for i, e := range events {
			history, err := eventItem(next.ID, e, lease.Version, i)
			if err != nil {
				return err
			}
			actions = append(actions, types.TransactWriteItem{Put: &types.Put{TableName: &c.Table, Item: history}})
		}
		date, err := w.commit(ctx, actions, claim.Request.Slot != next.Slot && next.Slot)
		if errors.Is(err, errWoken) {
			return attempt()
		}
		if err != nil {
			return err
		}
		lease.For = trust(lease.Until, date)
		saved = account.Claim{Lease: lease, Request: next}
		return nil
	}
	if err := retry.Do(ctx, attempt, hopeless); err != nil {
		return claim, fmt.Errorf("save request %s: %w", next.ID, err)
	}
	return saved, nil
}

// errWoken means that a wake was counted since the claim: the same write goes out again, with the item due now.
var errWoken = errors.New("woken meanwhile")

// write is one save of a claimed item, tried until it is known whether it arrived.
type write struct {
	client *Client
	key    key
	old    account.Lease
	owner  string
	woken  bool // a wake was counted since the claim
}

// stamp makes the attributes that say where the item is, who has it and when it is due, and the lease that they give.
func (w *write) stamp(rel account.Release, turn string) (account.Lease, item) {
	now := w.client.Now()
	lease := account.Lease{Version: w.old.Version + 1, Owner: w.owner, Wakes: w.old.Wakes, Sent: w.client.Options.Now(), Now: now}
	it := w.key.item()
	it["version"], it["owner"], it["wakes"] = number(lease.Version), text(lease.Owner), number(lease.Wakes)
	at := now
	switch {
	case rel.Keep:
		lease.Until = now.Add(w.client.Lease)
		at = lease.Until
		it["claimed"] = boolean(true)
	case rel.Rest:
		it["dueAt"] = moment(time.UnixMilli(0))
		return lease, it
	case rel.Slot:
		it["queue"], it["due"], it["dueAt"] = text(slotQueue), text(turn), moment(time.UnixMilli(0))
		return lease, it
	case !w.woken:
		at = now.Add(rel.In)
	}
	it["queue"], it["due"], it["dueAt"] = text(timerQueue), text(dueText(at)), moment(at)
	return lease, it
}

// put replaces the item if nobody has changed it since the claim, nor woken it.
func (w *write) put(it item) types.TransactWriteItem {
	return types.TransactWriteItem{Put: &types.Put{
		TableName: &w.client.Table, Item: it,
		ConditionExpression:      ptr("#v = :v AND #o = :o AND wakes = :w"),
		ExpressionAttributeNames: map[string]string{"#v": "version", "#o": "owner"},
		ExpressionAttributeValues: item{
			":v": number(w.old.Version), ":o": text(w.old.Owner), ":w": number(w.old.Wakes),
		},
	}}
}

// commit sends the actions, the first of which is the item's put. After an error it looks at the item: what it finds
// there may be its own write. It returns the Date of the answer.
func (w *write) commit(ctx context.Context, actions []types.TransactWriteItem, takesSlot bool) (time.Time, error) {
	dated, date := withDate(ctx)
	reasons, err := w.client.transact(dated, actions)
	if err == nil {
		return *date, nil
	}
	if len(reasons) > 0 && reasons[0] == notMet {
		dated, date = withDate(ctx)
		it, lookErr := w.client.lookUp(dated, w.key)
		switch {
		case errors.Is(lookErr, ErrNotFound):
			return time.Time{}, account.ErrStale
		case lookErr != nil:
			return time.Time{}, lookErr
		case textOf(it, "owner") == w.owner:
			return *date, nil
		case textOf(it, "owner") == w.old.Owner && numberOf(it, "version") == w.old.Version:
			w.old.Wakes, w.woken = numberOf(it, "wakes"), true
			return time.Time{}, errWoken
		default:
			return time.Time{}, account.ErrStale
		}
	}
	if takesSlot && len(reasons) > 1 && reasons[1] == notMet {
		return time.Time{}, account.ErrNoSlot
	}
	return time.Time{}, err
}

// transact writes all actions or none, in a single attempt; one action alone is a plain write. The reasons are those of
// a cancelled transaction.
func (c *Client) transact(ctx context.Context, actions []types.TransactWriteItem) ([]string, error) {
	if put := actions[0].Put; len(actions) == 1 && put != nil {
		_, err := c.ddb.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: put.TableName, Item: put.Item, ConditionExpression: put.ConditionExpression,
			ExpressionAttributeNames: put.ExpressionAttributeNames, ExpressionAttributeValues: put.ExpressionAttributeValues,
		}, once)
		if conditionFailed(err) {
			return []string{notMet}, err
		}
		return nil, judgeIf("dynamodb.PutItem", "write the table", err)
	}
	_, err := c.ddb.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: actions}, once)
	if reasons, ok := cancelled(err); ok {
		return reasons, err
	}
	return nil, judgeIf("dynamodb.TransactWriteItems", "write the table", err)
}

// requestItem is a request without its claim.
func requestItem(r account.Request) (item, error) {
	data, err := encode(r)
	if err != nil {
		return nil, fmt.Errorf("write request %s: %w", r.ID, err)
	}
	it := item{"data": data, "name": text(r.Name)}
	if r.Name == "" {
		delete(it, "name")
	}
	if r.Slot {
		it["slot"] = boolean(true)
	}
	return it, nil
}

func eventItem(id string, e account.Event, version int64, n int) (item, error) {
	data, err := encode(e)
	if err != nil {
		return nil, fmt.Errorf("write history of %s: %w", id, err)
	}
	it := eventKey(id, e.At, version, n).item()
	it["data"] = data
	return it, nil
}

// slotAction takes a slot, or gives one back. The pipeline's own concurrency stands in the table; where it does not, the
// client's holds.
func (c *Client) slotAction(take bool) types.TransactWriteItem {
	if !take {
		return types.TransactWriteItem{Update: &types.Update{
			TableName: &c.Table, Key: slotsKey.item(), UpdateExpression: ptr("ADD inFlight :minus"),
			ConditionExpression:       ptr("inFlight > :zero"),
			ExpressionAttributeValues: item{":minus": number(-1), ":zero": number(0)},
		}}
	}
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &c.Table, Key: slotsKey.item(), UpdateExpression: ptr("ADD inFlight :one"),
		ConditionExpression: ptr("attribute_not_exists(paused) AND (attribute_not_exists(inFlight)" +
			" OR (attribute_exists(concurrency) AND inFlight < concurrency)" +
			" OR (attribute_not_exists(concurrency) AND inFlight < :most))"),
		ExpressionAttributeValues: item{":one": number(1), ":most": number(int64(c.Concurrency))},
	}}
}
