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
	slot := slotMove(claim.Request.Slot, next.Slot)
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
		if next.Stage == account.Failed && it["queue"] == nil {
			it["queue"], it["due"] = text(failedQueue), text(next.Turn)
		}
		actions := []types.TransactWriteItem{w.put(it)}
		if slot != 0 {
			actions = append(actions, c.slotAction(slot))
		}
		actions = append(actions, c.countActions(moves(&claim.Request, &next))...)
		actions = append(actions, c.tookActions(claim.Request, next)...)
		if len(events) > 0 {
			history, err := eventItem(next.ID, events, lease.Version)
			if err != nil {
				return err
			}
			actions = append(actions, types.TransactWriteItem{Put: &types.Put{TableName: &c.Table, Item: history}})
		}
		arrived, date, err := w.commit(ctx, actions, slot)
		switch {
		case errors.Is(err, errWoken):
			return attempt()
		case errors.Is(err, errNoneTaken):
			slot = 0
			return attempt()
		case err != nil:
			return err
		}
		if arrived != nil {
			if next, err = dataOf[account.Request](arrived, "request"); err != nil {
				return err
			}
		}
		saved = account.Claim{Lease: held(lease, arrived, date), Request: next}
		return nil
	}
	if err := retry.Do(ctx, attempt, hopeless); err != nil {
		return claim, fmt.Errorf("save request %s: %w", next.ID, err)
	}
	return saved, nil
}

var (
	// errWoken means that a wake was counted since the claim: the same write goes out again, with the item due now.
	errWoken = errors.New("woken meanwhile")
	// errNoneTaken means that a slot was to be given back where none is taken: the same write goes out again without.
	errNoneTaken = errors.New("no slot is taken")
)

// slotMove is what a save does to the number of slots taken.
func slotMove(before, after bool) int {
	switch {
	case after && !before:
		return 1
	case before && !after:
		return -1
	}
	return 0
}

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
	woken := w.woken || w.old.Woken
	it := w.key.item()
	it["version"], it["owner"], it["wakes"] = number(lease.Version), text(lease.Owner), number(lease.Wakes)
	at := now
	switch {
	case rel.Keep:
		lease.Until, lease.Woken = w.client.leaseEnd(now), woken
		at = lease.Until
		it["claimed"] = boolean(true)
	case rel.Rest && !woken:
		it["dueAt"] = moment(time.UnixMilli(0))
		return lease, it
	case rel.Slot:
		it["queue"], it["due"], it["dueAt"] = text(slotQueue), text(turn), moment(time.UnixMilli(0))
		return lease, it
	case !woken:
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

// commit sends the actions: first the item's put, then the slot's where slot is not 0. After an error it looks at the
// item: what it finds there may be what an earlier attempt of this write has left, and is returned then. The Date is that
// of the answer which told that the write is there.
func (w *write) commit(ctx context.Context, actions []types.TransactWriteItem, slot int) (arrived item, date time.Time, err error) {
	dated, at := withDate(ctx)
	reasons, err := w.client.transact(dated, actions)
	switch {
	case err == nil:
		return nil, *at, nil
	case len(reasons) > 0 && reasons[0] == notMet:
		dated, at = withDate(ctx)
		arrived, err = w.look(dated)
		return arrived, *at, err
	case slot > 0 && len(reasons) > 1 && reasons[1] == notMet:
		return nil, *at, account.ErrNoSlot
	case slot < 0 && len(reasons) > 1 && reasons[1] == notMet:
		return nil, *at, errNoneTaken
	}
	return nil, *at, err
}

// look finds out why the item was not as it had been claimed: an attempt of this write had arrived, somebody has woken it,
// or somebody else has it.
func (w *write) look(ctx context.Context) (item, error) {
	it, err := w.client.lookUp(ctx, w.key)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, account.ErrStale
	case err != nil:
		return nil, err
	case textOf(it, "owner") == w.owner:
		return it, nil
	case w.old.Owner != "" && textOf(it, "owner") == w.old.Owner && numberOf(it, "version") == w.old.Version:
		w.old.Wakes, w.woken = numberOf(it, "wakes"), true
		return nil, errWoken
	}
	return nil, account.ErrStale
}

// held completes the lease of a write that is there. Where an earlier attempt had arrived, the lease ends when that one
// said, however much later this one was made.
func held(lease account.Lease, arrived item, date time.Time) account.Lease {
	if arrived != nil && arrived["claimed"] != nil {
		lease.Until = momentOf(arrived, "dueAt")
	}
	lease.For = trust(lease.Until, date)
	return lease
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

func eventItem(id string, events []account.Event, version int64) (item, error) {
	data, err := encode(events)
	if err != nil {
		return nil, fmt.Errorf("write history of %s: %w", id, err)
	}
	it := eventKey(id, events[0].At, version).item()
	it["data"] = data
	return it, nil
}

// slotAction takes a slot, or gives one back. The pipeline's own concurrency stands in the table; where it does not, the
// client's holds.
func (c *Client) slotAction(by int) types.TransactWriteItem {
	if by < 0 {
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
