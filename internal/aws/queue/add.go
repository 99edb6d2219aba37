package queue

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/retry"
)

// maxActions is how many items one transaction may write (DynamoDB API Reference, TransactWriteItems).
const maxActions = 100

// Add writes rows of a batch and what they do to the requests. A row, its request and the counters are one transaction;
// as many rows as fit share one. It returns how many entries were written, from the first on, and [account.ErrStale] when
// the next ones were decided on what is no longer true, or are written already: look again and decide again.
func (c *Client) Add(ctx context.Context, entries []account.Entry) (written int, err error) {
	for written < len(entries) {
		n, actions, err := c.fill(entries[written:])
		if err != nil {
			return written, err
		}
		err = retry.Do(ctx, func() error {
			reasons, err := c.transact(ctx, actions)
			for _, r := range reasons {
				if r == notMet {
					return account.ErrStale
				}
			}
			return err
		}, hopeless)
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

// fill takes as many entries from the front as one transaction holds.
func (c *Client) fill(entries []account.Entry) (int, []types.TransactWriteItem, error) {
	var actions, counts []types.TransactWriteItem
	var all []move
	for i, e := range entries {
		own, err := c.entryActions(e)
		if err != nil {
			return 0, nil, err
		}
		more := append(all[:len(all):len(all)], entryMoves(e)...)
		tallies := c.countActions(more)
		if i > 0 && len(actions)+len(own)+len(tallies) > maxActions {
			return i, append(actions, counts...), nil
		}
		actions, counts, all = append(actions, own...), tallies, more
	}
	return len(entries), append(actions, counts...), nil
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

func (c *Client) entryActions(e account.Entry) ([]types.TransactWriteItem, error) {
	data, err := encode(e.Row)
	if err != nil {
		return nil, fmt.Errorf("write row %d: %w", e.Row.Line, err)
	}
	row := rowKey(e.Row.Batch, e.Row.Line).item()
	row["data"] = data
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
