package stacksets

import (
	"errors"
	"time"

	"github.com/aws/smithy-go"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/retry"
)

// Codes of answers that are no trouble. In the query protocol CloudFormation leaves "Exception" out of some of its codes
// (AWS CloudFormation API Reference, "Errors" of each operation; the SDK's own deserializers).
const (
	noStackSet     = "StackSetNotFoundException"
	noOperation    = "OperationNotFoundException"
	nameTaken      = "NameAlreadyExistsException"
	madeAndUsed    = "CreatedButModifiedException" // by the same request token
	operationTaken = "OperationIdAlreadyExistsException"
)

// judge turns what CloudFormation answered into a verdict. What is not named here may pass, as does a call without an
// answer. Only what keeps all accounts from being enrolled pauses the pipeline, and of that there is nothing here: new
// accounts are made without stack sets.
func judge(operation string, err error) error {
	answer, ok := account.AnswerOf(operation, err)
	if !ok {
		return err
	}
	switch code(err) {
	case "OperationInProgressException":
		return account.Wait{For: busy, Why: "the stack set is at work on another account", Answer: answer}
	case "StaleRequestException", noStackSet, noOperation:
		return account.Wait{For: briefly, Why: "the stack set has changed meanwhile", Answer: answer}
	case "LimitExceededException":
		return account.Wait{For: time.Minute, Why: "CloudFormation is at its limit", Answer: answer}
	case "InvalidOperationException", madeAndUsed, nameTaken, "StackSetNotEmptyException", "ValidationError":
		return account.Refused{
			Code: "V2053", Reason: "CloudFormation refuses what vend asks of its stack set", Answer: answer,
			Hint: "mend the cause that AWS names, then run vend resume",
		}
	case "InsufficientCapabilitiesException":
		return account.Refused{Code: "V2053", Reason: "CloudFormation may not make roles here", Answer: answer}
	}
	switch retry.CauseOf(answer.Code) {
	case retry.Throttled:
		return account.Wait{For: throttled, Why: "CloudFormation takes no more calls just now", Answer: answer}
	case retry.Denied:
		return account.Refused{Code: "V3002", Reason: "no permission for " + operation, Answer: answer}
	}
	return err
}

const (
	busy      = 20 * time.Second
	throttled = 10 * time.Second
	briefly   = time.Second // until the caller has looked again
)

// code is the code of AWS's answer, in the spelling of the API Reference; empty when there is none.
func code(err error) string {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return ""
	}
	switch short := api.ErrorCode(); short {
	case "StackSetNotFound", "OperationNotFound", "NameAlreadyExists", "OperationIdAlreadyExists", "OperationInProgress",
		"StaleRequest", "InvalidOperation", "StackSetNotEmpty", "CreatedButModified", "LimitExceeded", "InsufficientCapabilities":
		return short + "Exception"
	default:
		return short
	}
}
