package stack

import (
	"errors"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/retry"
)

// Codes of answers that are no trouble, or that say what the trouble is (AWS CloudFormation API Reference, "Errors" of each
// operation; in the query protocol some lose their "Exception").
const (
	nameTaken   = "AlreadyExistsException"
	noChangeSet = "ChangeSetNotFoundException"
	wrongState  = "InvalidChangeSetStatusException"
)

// judge turns what CloudFormation answered into a verdict; what is not named here is told as it is.
func judge(operation string, err error) error {
	answer, ok := account.AnswerOf(operation, err)
	if !ok {
		return err
	}
	switch code(err) {
	case "InsufficientCapabilitiesException", wrongState, nameTaken, "LimitExceededException", "ValidationError":
		return account.Refused{Code: account.CodeStackFailed, Reason: "CloudFormation refuses the change", Answer: answer, Hint: "Mend what it names, then run the same command again."}
	case noChangeSet:
		return account.Refused{
			Code: account.CodeStackFailed, Reason: "somebody has changed the stack meanwhile", Answer: answer,
			Hint: "Run the same command again: it shows what is left to do.",
		}
	case "TokenAlreadyExistsException", "OperationInProgressException":
		return account.Refused{
			Code: account.CodeStackFailed, Reason: "CloudFormation is at work on the stack already", Answer: answer,
			Hint: "Run the same command again: it follows what goes on first.",
		}
	}
	switch retry.CauseOf(answer.Code) {
	case retry.Denied:
		return account.Refused{
			Code: "V3002", Reason: "no permission for " + operation, Answer: answer,
			Hint: "Whoever deploys needs CloudFormation and all that the template makes: use an administrator of the management account.",
		}
	case retry.Expired:
		return account.Refused{
			Code: "V3001", Reason: "the credentials have ended", Answer: answer,
			Hint: "Run `aws sso login`, or set AWS_PROFILE; then run the same command again: CloudFormation goes on meanwhile, and it is followed.",
		}
	}
	return err
}

// code is the code of AWS's answer, in the spelling of the API Reference; empty when there is none.
func code(err error) string {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return ""
	}
	switch short := api.ErrorCode(); short {
	case "ChangeSetNotFound", "InvalidChangeSetStatus", "InsufficientCapabilities", "LimitExceeded", "TokenAlreadyExists", "AlreadyExists":
		return short + "Exception"
	default:
		return short
	}
}

// notThere says that there is no such stack. CloudFormation has no code of its own for it: it answers ValidationError with
// the words "Stack with id NAME does not exist", or "Stack [NAME] does not exist".
func notThere(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == "ValidationError" && strings.HasPrefix(api.ErrorMessage(), "Stack") &&
		strings.HasSuffix(api.ErrorMessage(), "does not exist")
}

// changesNothing says that a change set has failed for there is nothing to change; AWS has words for it, and no code.
func changesNothing(reason string) bool {
	return strings.Contains(reason, "didn't contain changes") || strings.Contains(reason, "No updates are to be performed")
}

func throttled(err error) bool {
	answer, ok := account.AnswerOf("", err)
	return ok && retry.CauseOf(answer.Code) == retry.Throttled
}
