package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/vend-cli/vend/internal/account"
)

// move is one request coming to a stage of a batch, or leaving it.
type move struct {
	batch string
	stage account.Stage
	by    int64
}

// moves is what the counters have to learn when a request becomes another one; before is nil for a new one.
func moves(before, after *account.Request) []move {
	if before != nil && before.Stage == after.Stage && before.Batch == after.Batch {
		return nil
	}
	out := []move{{after.Batch, after.Stage, 1}}
	if before != nil {
		out = append(out, move{before.Batch, before.Stage, -1})
	}
	return out
}

// countActions adds moves to the counters of their batches and to those of the whole pipeline, one action an item.
func (c *Client) countActions(all []move) []types.TransactWriteItem {
	sums := map[key]map[account.Stage]int64{}
	add := func(k key, m move) {
		if sums[k] == nil {
			sums[k] = map[account.Stage]int64{}
		}
		sums[k][m.stage] += m.by
	}
	for _, m := range all {
		add(tallyKey(m.batch), m)
		add(countsKey, m)
	}
	keys := make([]key, 0, len(sums))
	for k := range sums {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int { return strings.Compare(a.String(), b.String()) })
	actions := make([]types.TransactWriteItem, 0, len(keys))
	for _, k := range keys {
		adds := []string{"changes :one"}
		names, values := map[string]string{}, item{":one": number(1)}
		for _, stage := range slices.Concat(account.Stages, []account.Stage{account.Rejected}) {
			if by := sums[k][stage]; by != 0 {
				n := len(names)
				adds = append(adds, fmt.Sprintf("#s%d :n%d", n, n))
				names[fmt.Sprintf("#s%d", n)], values[fmt.Sprintf(":n%d", n)] = string(stage), number(by)
			}
		}
		u := &types.Update{
			TableName: &c.Table, Key: k.item(), UpdateExpression: ptr("ADD " + strings.Join(adds, ", ")),
			ExpressionAttributeValues: values,
		}
		if len(names) > 0 {
			u.ExpressionAttributeNames = names
		}
		actions = append(actions, types.TransactWriteItem{Update: u})
	}
	return actions
}

// Tally is a batch's requests by stage, and how often that has changed.
func (c *Client) Tally(ctx context.Context, batch string) (map[account.Stage]int, int64, error) {
	it, err := c.lookUp(ctx, tallyKey(batch))
	if errors.Is(err, ErrNotFound) {
		return map[account.Stage]int{}, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	return tally(it), numberOf(it, "changes"), nil
}

func tally(it item) map[account.Stage]int {
	counts := map[account.Stage]int{}
	for _, stage := range slices.Concat(account.Stages, []account.Stage{account.Rejected}) {
		if n := numberOf(it, string(stage)); n != 0 {
			counts[stage] = int(n)
		}
	}
	return counts
}
