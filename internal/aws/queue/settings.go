package queue

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/retry"
)

// Settings reads the pipeline's own settings, strongly; the zero value when none were pushed.
func (c *Client) Settings(ctx context.Context) (account.Settings, error) {
	it, err := c.lookUp(ctx, settingsKey)
	if errors.Is(err, ErrNotFound) {
		return account.Settings{}, nil
	}
	if err != nil {
		return account.Settings{}, err
	}
	return dataOf[account.Settings](it, "settings")
}

// Push replaces the pipeline's own settings as a whole, and what they say of concurrency with them, in one transaction.
// The revision of s is the one that it was made from, 0 where there was none; the settings that are there now are
// returned, with the next one. It returns [account.ErrStale] when somebody else has pushed since that revision, and may be
// called again after any other error.
func (c *Client) Push(ctx context.Context, s account.Settings) (account.Settings, error) {
	was, owner := s.Revision, newOwner()
	s.Revision++
	data, err := encode(s)
	if err != nil {
		return s, fmt.Errorf("push settings: %w", err)
	}
	it := settingsKey.item()
	it["data"], it["revision"], it["owner"] = data, number(int64(s.Revision)), text(owner)
	put := &types.Put{TableName: &c.Table, Item: it, ConditionExpression: ptr("attribute_not_exists(pk)")}
	if was > 0 {
		put.ConditionExpression = ptr("revision = :was")
		put.ExpressionAttributeValues = item{":was": number(int64(was))}
	}
	slots := &types.Update{TableName: &c.Table, Key: slotsKey.item(), UpdateExpression: ptr("REMOVE concurrency")}
	if s.Concurrency > 0 {
		slots.UpdateExpression, slots.ExpressionAttributeValues = ptr("SET concurrency = :n"), item{":n": number(int64(s.Concurrency))}
	}
	err = retry.Do(ctx, func() error {
		reasons, err := c.transact(ctx, []types.TransactWriteItem{{Put: put}, {Update: slots}})
		if len(reasons) == 0 || reasons[0] != notMet {
			return err
		}
		there, err := c.lookUp(ctx, settingsKey)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if textOf(there, "owner") == owner {
			return nil // an earlier attempt had arrived
		}
		return account.ErrStale
	}, hopeless)
	if err != nil {
		return s, fmt.Errorf("push settings: %w", err)
	}
	return s, nil
}
