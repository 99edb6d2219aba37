package queue

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/retry"
)

// What one transaction may write: 100 items, of 4 MB together (DynamoDB API Reference, TransactWriteItems). The sum is
// taken low: it counts contents and names, and not what DynamoDB adds.
const (
	maxActions = 100
	maxBytes   = 3 << 20
)

// Add writes rows of a batch and what they do to the requests. A row, its request and the counters are one transaction;
// as many rows as fit share one. It returns how many entries were written, from the first on, and [account.ErrStale] when
// the next ones were decided on what is no longer true, or are written already: look again and decide again.
func (c *Client) Add(ctx context.Context, entries []account.Entry) (written int, err error) {
	if _, err := c.tableTime(ctx); err != nil {
		return 0, fmt.Errorf("add rows: %w", err)
	}
	for written < len(entries) {
		owner := newOwner()
		n, actions, err := c.fill(entries[written:], owner)
		if err != nil {
			return written, err
		}
		err = retry.Do(ctx, func() error { return c.addSome(ctx, entries[written], actions, owner) }, hopeless)
		if errors.Is(err, account.ErrStale) && n > 1 {
			// One of them is stale: written one by one, all before it arrive.
			m, err := c.addEach(ctx, entries[written:written+n])
			return written + m, err
		}
		if err != nil {
			return written, fmt.Errorf("add rows: %w", err)
		}
		written += n
	}
	return written, nil
}

func (c *Client) addEach(ctx context.Context, entries []account.Entry) (int, error) {
	for i := range entries {
		if _, err := c.Add(ctx, entries[i:i+1]); err != nil {
			return i, err
		}
	}
	return len(entries), nil
}

// addSome sends one transaction of rows, the first of which is named. When a condition of it has failed, it looks whether
// an earlier attempt had arrived: its rows bear the owner.
func (c *Client) addSome(ctx context.Context, first account.Entry, actions []types.TransactWriteItem, owner string) error {
	reasons, err := c.transact(ctx, actions)
	if !slices.Contains(reasons, notMet) {
		return err
	}
	there, err := c.lookUp(ctx, rowKey(first.Row.Batch, first.Row.Line))
	switch {
	case errors.Is(err, ErrNotFound):
		return account.ErrStale
	case err != nil:
		return err
	case textOf(there, "owner") != owner:
		return account.ErrStale
	}
	return nil
}

// fill takes as many entries from the front as one transaction holds.
func (c *Client) fill(entries []account.Entry, owner string) (int, []types.TransactWriteItem, error) {
	var actions, counts []types.TransactWriteItem
	var all []move
	bytes := 0
	for i, e := range entries {
		own, err := c.entryActions(e, owner)
		if err != nil {
			return 0, nil, err
		}
		for _, a := range own {
			bytes += sizeOf(&types.AttributeValueMemberM{Value: a.Put.Item})
		}
		more := append(all[:len(all):len(all)], entryMoves(e)...)
		tallies := c.countActions(more)
		if i > 0 && (len(actions)+len(own)+len(tallies) > maxActions || bytes > maxBytes) {
			return i, append(actions, counts...), nil
		}
		actions, counts, all = append(actions, own...), tallies, more
	}
	return len(entries), append(actions, counts...), nil
}

// sizeOf is about what an attribute counts for (DynamoDB Developer Guide, item sizes and formats).
func sizeOf(v types.AttributeValue) int {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return len(v.Value)
	case *types.AttributeValueMemberL:
		n := 3
		for _, e := range v.Value {
			n += 1 + sizeOf(e)
		}
		return n
	case *types.AttributeValueMemberM:
		n := 3
		for name, e := range v.Value {
			n += 1 + len(name) + sizeOf(e)
		}
		return n
	}
	return 1
}

func entryMoves(e account.Entry) []move {
	switch {
	case e.Row.Disposition == account.RowRefused:
		return []move{{e.Row.Batch, account.Rejected, 1}}
	case e.Request == nil:
		return nil
	case e.Seen == nil:
		return moves(nil, e.Request)
	default:
		return moves(&e.Seen.Request, e.Request)
	}
}

func (c *Client) entryActions(e account.Entry, owner string) ([]types.TransactWriteItem, error) {
	if e.Seen != nil && e.Request != nil && !account.Reachable(e.Seen.Request.Stage, e.Request.Stage) {
		return nil, fmt.Errorf("add row %d: no way from %s to %s", e.Row.Line, e.Seen.Request.Stage, e.Request.Stage)
	}
	data, err := encode(e.Row)
	if err != nil {
		return nil, fmt.Errorf("write row %d: %w", e.Row.Line, err)
	}
	row := rowKey(e.Row.Batch, e.Row.Line).item()
	row["data"], row["owner"] = data, text(owner)
	actions := []types.TransactWriteItem{{Put: &types.Put{TableName: &c.Table, Item: row, ConditionExpression: ptr("attribute_not_exists(pk)")}}}
	if e.Request == nil {
		return actions, nil
	}
	put, err := c.entryPut(e)
	if err != nil {
		return nil, err
	}
	actions = append(actions, put)
	if e.Request.Kind == account.Enroll {
		guard := guardKey(e.Request.AccountID).item()
		guard["request"] = text(e.Request.ID)
		actions = append(actions, types.TransactWriteItem{Put: &types.Put{
			TableName: &c.Table, Item: guard,
			ConditionExpression:       ptr("attribute_not_exists(pk) OR #r = :r"),
			ExpressionAttributeNames:  map[string]string{"#r": "request"},
			ExpressionAttributeValues: item{":r": text(e.Request.ID)},
		}})
	}
	return actions, nil
}

// entryPut puts the request into the line for a slot, or makes it due now, if it is as it was seen and in nobody's hand.
func (c *Client) entryPut(e account.Entry) (types.TransactWriteItem, error) {
	it, err := requestItem(*e.Request)
	if err != nil {
		return types.TransactWriteItem{}, err
	}
	w := &write{client: c, key: requestKey(e.Request.ID), owner: newOwner()}
	put := &types.Put{TableName: &c.Table, ConditionExpression: ptr("attribute_not_exists(pk)")}
	if e.Seen != nil {
		w.old = e.Seen.Lease
		put.ConditionExpression = ptr("#v = :v AND #o = :o AND (attribute_not_exists(claimed) OR dueAt <= :now)")
		put.ExpressionAttributeNames = map[string]string{"#v": "version", "#o": "owner"}
		put.ExpressionAttributeValues = item{":v": number(w.old.Version), ":o": text(w.old.Owner), ":now": moment(c.Now())}
	}
	rel := account.Release{Slot: e.Request.Orders() && !e.Request.Slot, Rest: !e.Request.Stage.Open()}
	_, due := w.stamp(rel, e.Request.Turn)
	maps.Copy(it, due)
	put.Item = it
	return types.TransactWriteItem{Put: put}, nil
}

// Requests gives the requests with these ids that are in the table, as they are now, by id.
func (c *Client) Requests(ctx context.Context, ids []string) (map[string]account.Claim, error) {
	keys := make([]key, 0, len(ids))
	seen := map[string]bool{}
	for _, id := range ids {
		if id != "" && !seen[id] {
			seen[id] = true
			keys = append(keys, requestKey(id))
		}
	}
	items, err := c.lookUpAll(ctx, keys)
	if err != nil {
		return nil, err
	}
	found := make(map[string]account.Claim, len(items))
	for _, it := range items {
		r, err := dataOf[account.Request](it, "request")
		if err != nil {
			return nil, err
		}
		lease := account.Lease{Version: numberOf(it, "version"), Owner: textOf(it, "owner"), Wakes: numberOf(it, "wakes")}
		if it["claimed"] != nil {
			lease.Until = momentOf(it, "dueAt")
		}
		found[r.ID] = account.Claim{Lease: lease, Request: r}
	}
	return found, nil
}

// Enrolling gives the request ids that enroll the accounts with these ids, by account id.
func (c *Client) Enrolling(ctx context.Context, accounts []string) (map[string]string, error) {
	keys := make([]key, len(accounts))
	for i, id := range accounts {
		keys[i] = guardKey(id)
	}
	items, err := c.lookUpAll(ctx, keys)
	found := map[string]string{}
	for _, it := range items {
		found[textOf(it, "pk")[len("account#"):]] = textOf(it, "request")
	}
	return found, err
}
