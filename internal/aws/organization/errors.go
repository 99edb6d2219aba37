package organization

import (
	"errors"
	"strings"
	"time"

	"github.com/aws/smithy-go"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/retry"
)

// judge turns what Organizations answered into a verdict. What is not named here may pass, as does a call without an
// answer.
func judge(operation string, err error) error {
	answer, ok := account.AnswerOf(operation, err)
	if !ok {
		return err
	}
	switch answer.Code {
	case "AccountNotFoundException", "ChildNotFoundException", "TargetNotFoundException":
		return account.Refused{Code: "V2013", Reason: "the account is not in the organization", Answer: answer}
	case "ConstraintViolationException":
		if operation == "organizations.MoveAccount" || operation == "organizations.CreateOrganizationalUnit" {
			return account.Refused{Code: account.CodeRegistrationFailed, Reason: "Organizations refuses the change", Answer: answer}
		}
		return account.Refused{Code: "V2025", Reason: "Organizations refuses the tags", Answer: answer}
	case "InvalidInputException":
		if operation == "organizations.TagResource" {
			return account.Refused{Code: "V2025", Reason: "Organizations refuses the tags", Answer: answer}
		}
	case "AWSOrganizationsNotInUseException":
		return account.Refused{Code: "V3010", Reason: "this account is in no organization", Pause: true, Answer: answer}
	case "AccessDeniedException":
		// The same code says that the account may not ask, and that the caller may not. Only a denial by IAM names the action:
		// "User: arn:aws:iam::… is not authorized to perform: organizations:ListAccounts on resource: *".
		if !strings.Contains(answer.Message, "not authorized to perform") {
			return account.Refused{
				Code: "V3010", Reason: "Organizations answers neither this account nor a delegation to it", Pause: true, Answer: answer,
			}
		}
	case "AccessDeniedForDependencyException":
		return account.Refused{Code: "V3002", Reason: "no permission for " + operation, Pause: true, Answer: answer}
	case "SourceParentNotFoundException":
		return account.Wait{For: briefly, Why: "the account has been moved meanwhile", Answer: answer}
	case "DestinationParentNotFoundException":
		return account.Refused{Code: "V2002", Reason: "the organizational unit is not there any more", Answer: answer}
	case "ConcurrentModificationException", "PolicyChangesInProgressException":
		return account.Wait{For: throttled, Why: "the organization is being changed by somebody else", Answer: answer}
	case "FinalizingOrganizationException":
		return account.Wait{For: finalizing, Why: "AWS is still setting the organization up", Answer: answer}
	}
	switch retry.CauseOf(answer.Code) {
	case retry.Throttled:
		return account.Wait{For: throttled, Why: "Organizations takes no more calls just now", Answer: answer}
	case retry.Denied:
		return account.Refused{Code: "V3002", Reason: "no permission for " + operation, Pause: true, Answer: answer}
	}
	return err
}

const (
	briefly    = time.Second // until the caller has looked again
	throttled  = 10 * time.Second
	finalizing = 10 * time.Minute // of the hour that AWS asks for at most
)

// code is the code of AWS's answer; empty when there is none.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}
