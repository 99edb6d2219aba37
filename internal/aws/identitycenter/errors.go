package identitycenter

import (
	"errors"
	"strings"
	"time"

	"github.com/aws/smithy-go"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/retry"
)

const (
	createAssignment = "sso.CreateAccountAssignment"
	notFound         = "ResourceNotFoundException"
	denied           = "AccessDeniedException"
)

// judge turns what Identity Center or the identity store answered into a verdict. What is not named here may pass, as
// does a call without an answer. Which code AWS sends for one assignment too many is not documented: Throttling, Conflict
// and ServiceQuotaExceeded are all reported, so all three mean to wait.
func judge(operation string, err error) error {
	answer, ok := account.AnswerOf(operation, err)
	if !ok {
		return err
	}
	assigning := operation == createAssignment || operation == deleteAssignment || operation == "sso.ListAccountAssignments"
	switch answer.Code {
	case "ConflictException":
		return account.Wait{For: throttled, Why: "Identity Center is working on another assignment", Answer: answer}
	case "ServiceQuotaExceededException":
		return account.Wait{For: atQuota, Why: "Identity Center is at its limit", Answer: answer}
	case notFound, "ValidationException":
		if assigning {
			return account.Refused{Code: "V2022", Reason: "Identity Center does not know the account, the permission set or the principal", Answer: answer}
		}
		if operation == "sso.ListPermissionSets" {
			return account.Refused{Code: "V3009", Reason: "Identity Center does not know its instance", Pause: true, Answer: answer}
		}
	case denied:
		// A delegated administrator has no say about permission sets that are used in the management account: "The operation
		// can only be successfully performed by someone who has management account privileges". That is this row's trouble.
		if assigning && strings.Contains(answer.Message, "management account privileges") {
			return account.Refused{Code: "V2022", Reason: "only the management account may assign this permission set", Answer: answer}
		}
	}
	switch retry.CauseOf(answer.Code) {
	case retry.Throttled:
		return account.Wait{For: throttled, Why: "Identity Center takes no more calls just now", Answer: answer}
	case retry.Denied:
		return account.Refused{Code: "V3002", Reason: "no permission for " + operation, Pause: true, Answer: answer}
	}
	return err
}

const (
	throttled = 5 * time.Second
	atQuota   = 30 * time.Second
	crowded   = 2 * time.Second // until one of our own creations may have ended
)

// code is the code of AWS's answer; empty when there is none.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// refusedWith is the code of AWS's answer that a refusal follows from; empty when there is none.
func refusedWith(err error) string {
	var refused account.Refused
	if errors.As(err, &refused) {
		return refused.Answer.Code
	}
	return ""
}
