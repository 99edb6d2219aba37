package queue

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/vend-cli/vend/internal/account"
)

const (
	tookPrefix = "took#"
	stepPrefix = "step"
	// remembered is for how many months, beside the present one, durations count: Control Tower changes.
	remembered = 2
)

func tookKey(at time.Time) key { return key{"pipeline", tookPrefix + at.UTC().Format("2006-01")} }

// tookActions counts how long the account operation took that ends with this save, if one does. It is part of the save's
// transaction, so each operation is counted once.
func (c *Client) tookActions(before, after account.Request) []types.TransactWriteItem {
	began, ended := after.Order.At, after.Order.EndedAt
	if !before.Order.EndedAt.IsZero() || ended.IsZero() || began.IsZero() || !ended.After(began) {
		return nil
	}
	return []types.TransactWriteItem{{Update: &types.Update{
		TableName: &c.Table, Key: tookKey(ended).item(), UpdateExpression: ptr("ADD #s :one"),
		ExpressionAttributeNames:  map[string]string{"#s": stepPrefix + strconv.Itoa(account.DurationStep(ended.Sub(began)))},
		ExpressionAttributeValues: item{":one": number(1)},
	}}}
}

// Durations is how long account operations took in this month and the two before.
func (c *Client) Durations(ctx context.Context) (account.Durations, error) {
	month := c.Now().UTC()
	first := time.Date(month.Year(), month.Month()-remembered, 1, 0, 0, 0, 0, time.UTC)
	all := account.Durations{}
	err := c.query(ctx, c.under("pipeline", tookPrefix), func(it item) bool {
		if textOf(it, "sk") < tookKey(first).sk {
			return true
		}
		for name := range it {
			step, ok := strings.CutPrefix(name, stepPrefix)
			if n, err := strconv.Atoi(step); ok && err == nil {
				all[n] += int(numberOf(it, name))
			}
		}
		return true
	})
	if err != nil {
		return nil, fmt.Errorf("read durations: %w", err)
	}
	return all, nil
}
