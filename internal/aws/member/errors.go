package member

import (
	"errors"
	"fmt"

	"github.com/aws/smithy-go"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/precheck"
	"github.com/vend-cli/vend/internal/retry"
)

// judge tells what lasts from what may pass. None of it pauses the pipeline: it is one account's own.
func judge(operation string, err error) error {
	answer, ok := account.AnswerOf(operation, err)
	if !ok {
		return err
	}
	switch answer.Code {
	case "RegionDisabledException":
		return fmt.Errorf("%w (%w)", precheck.ErrRegionDisabled, err)
	case "OptInRequired", "SubscriptionRequiredException":
		return account.Refused{
			Code: "V3002", Reason: "the account has not subscribed to the service", Answer: answer,
			Hint: "sign in to the account once, or wait until AWS has verified it",
		}
	}
	if retry.CauseOf(answer.Code) == retry.Denied {
		return account.Refused{
			Code: "V3002", Reason: "no permission for " + operation + " in the account", Answer: answer,
			Hint: "let the role do it, or enter through another one (enrollment.inspectRoles)",
		}
	}
	return err
}

// code is the code of AWS's answer; empty when there is none.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}
