package queue

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/retry"
)

// judge turns an error of DynamoDB into the product's own: what concerns the whole pipeline is refused, everything else
// (throttling, credentials that are being renewed, trouble on the way) is worth another try.
func judge(operation, doing string, err error) error {
	answer, ok := account.AnswerOf(operation, err)
	if !ok {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if answer.Code == "ResourceNotFoundException" {
		return account.Refused{Code: "V3004", Reason: "the table does not exist", Hint: "check table (VEND_TABLE) and the Region", Pause: true, Answer: answer}
	}
	switch retry.CauseOf(answer.Code) {
	case retry.Denied:
		return account.Refused{Code: "V3002", Reason: "DynamoDB refuses access to the table", Hint: "use a role that may read and write the table", Pause: true, Answer: answer}
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// conditionFailed says whether a single write's condition did not hold.
func conditionFailed(err error) bool {
	var failed *types.ConditionalCheckFailedException
	return errors.As(err, &failed)
}

// cancelled gives the reasons of a cancelled transaction, by position, "None" for innocent items.
func cancelled(err error) ([]string, bool) {
	var c *types.TransactionCanceledException
	if !errors.As(err, &c) {
		return nil, false
	}
	reasons := make([]string, len(c.CancellationReasons))
	for i, r := range c.CancellationReasons {
		if r.Code != nil {
			reasons[i] = *r.Code
		}
	}
	return reasons, true
}

const notMet = "ConditionalCheckFailed"

// hopeless says that another attempt at a write can't succeed.
func hopeless(err error) bool {
	var refused account.Refused
	return errors.As(err, &refused) || errors.Is(err, account.ErrStale) || errors.Is(err, account.ErrNoSlot) || invalid(err)
}

// invalid says that DynamoDB will never take the write as it is: it is too large, for instance.
func invalid(err error) bool {
	if reasons, ok := cancelled(err); ok {
		return slices.ContainsFunc(reasons, func(r string) bool {
			return r == "ValidationError" || r == "ItemCollectionSizeLimitExceeded" || r == "AccessDenied"
		})
	}
	answer, ok := account.AnswerOf("", err)
	return ok && retry.CauseOf(answer.Code) == retry.Invalid
}

func judgeIf(operation, doing string, err error) error {
	if err == nil {
		return nil
	}
	return judge(operation, doing, err)
}
