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

// Begin makes a batch known, in the state of being read, and claims it. It returns [account.ErrStale] when the batch is
// known already: the same object version was announced before.
func (c *Client) Begin(ctx context.Context, b account.Batch) (account.BatchClaim, error) {
	now, err := c.tableTime(ctx)
	if err != nil {
		return account.BatchClaim{}, fmt.Errorf("begin batch %s: %w", b.ID, err)
	}
	b.State = account.BatchReading
	if b.SubmittedAt.IsZero() {
		b.SubmittedAt = now
	}
	w := &write{client: c, key: batchKey(b.ID), owner: newOwner()}
	var begun account.BatchClaim
	err = retry.Do(ctx, func() error {
		it, err := batchItem(b, account.ResultsState{})
		if err != nil {
			return err
		}
		lease, due := w.stamp(account.Release{Keep: true}, "")
		maps.Copy(it, due)
		put := types.TransactWriteItem{Put: &types.Put{TableName: &c.Table, Item: it, ConditionExpression: ptr("attribute_not_exists(pk)")}}
		arrived, date, err := w.commit(ctx, []types.TransactWriteItem{put, c.listPut(b)}, 0)
		if err != nil {
			return err
		}
		begun = account.BatchClaim{Lease: held(lease, arrived, date), Batch: b}
		return nil
	}, hopeless)
	if err != nil {
		return account.BatchClaim{}, fmt.Errorf("begin batch %s: %w", b.ID, err)
	}
	return begun, nil
}

// SaveBatch writes the next state of a claimed batch, and what its results were last written from. Errors are those of
// [Client.Save].
func (c *Client) SaveBatch(ctx context.Context, claim account.BatchClaim, next account.Batch, results account.ResultsState, rel account.Release) (account.BatchClaim, error) {
	w := &write{client: c, key: batchKey(claim.Batch.ID), old: claim.Lease, owner: newOwner()}
	var attempt func() error
	saved := account.BatchClaim{Batch: next, Results: results}
	attempt = func() error {
		it, err := batchItem(next, results)
		if err != nil {
			return err
		}
		lease, due := w.stamp(rel, "")
		maps.Copy(it, due)
		actions := []types.TransactWriteItem{w.put(it)}
		if from, to := listKey(claim.Batch), listKey(next); from != to {
			actions = append(actions, types.TransactWriteItem{Delete: &types.Delete{TableName: &c.Table, Key: from.item()}}, c.listPut(next))
		}
		arrived, date, err := w.commit(ctx, actions, 0)
		if errors.Is(err, errWoken) {
			return attempt()
		}
		if err != nil {
			return err
		}
		saved.Lease = held(lease, arrived, date)
		return nil
	}
	if err := retry.Do(ctx, attempt, hopeless); err != nil {
		return claim, fmt.Errorf("save batch %s: %w", claim.Batch.ID, err)
	}
	return saved, nil
}

func (c *Client) listPut(b account.Batch) types.TransactWriteItem {
	it := listKey(b).item()
	it["batch"] = text(b.ID)
	return types.TransactWriteItem{Put: &types.Put{TableName: &c.Table, Item: it}}
}

func batchItem(b account.Batch, results account.ResultsState) (item, error) {
	b.Summary = nil // the counters are an item of their own
	data, err := encode(b)
	if err != nil {
		return nil, fmt.Errorf("write batch %s: %w", b.ID, err)
	}
	state, err := encode(results)
	if err != nil {
		return nil, fmt.Errorf("write batch %s: %w", b.ID, err)
	}
	return item{"data": data, "results": state}, nil
}

// Known says which of the batch ids are in the table.
func (c *Client) Known(ctx context.Context, ids []string) (map[string]bool, error) {
	keys := make([]key, len(ids))
	for i, id := range ids {
		keys[i] = batchKey(id)
	}
	items, err := c.lookUpAll(ctx, keys)
	known := make(map[string]bool, len(items))
	for _, it := range items {
		known[idOf(it)] = true
	}
	return known, err
}

// Rows gives the rows of a batch that are in the table, in the order of their lines.
func (c *Client) Rows(ctx context.Context, batch string) ([]account.Row, error) {
	var rows []account.Row
	var bad error
	err := c.query(ctx, c.under(batchPrefix+batch, rowPrefix), func(it item) bool {
		var row account.Row
		row, bad = dataOf[account.Row](it, "row")
		rows = append(rows, row)
		return bad == nil
	})
	return rows, errors.Join(err, bad)
}
