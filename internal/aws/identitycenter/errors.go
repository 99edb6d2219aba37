package identitycenter

import (
	"errors"
	"slices"
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

// changesSets are the operations that make, change, provision or delete a permission set.
var changesSets = []string{
	"sso.CreatePermissionSet", "sso.UpdatePermissionSet", "sso.DeletePermissionSet", "sso.ProvisionPermissionSet",
	"sso.AttachManagedPolicyToPermissionSet", "sso.DetachManagedPolicyFromPermissionSet",
	"sso.AttachCustomerManagedPolicyReferenceToPermissionSet", "sso.DetachCustomerManagedPolicyReferenceFromPermissionSet",
	"sso.PutInlinePolicyToPermissionSet", "sso.DeleteInlinePolicyFromPermissionSet",
	"sso.PutPermissionsBoundaryToPermissionSet", "sso.DeletePermissionsBoundaryFromPermissionSet",
	"sso.TagResource", "sso.UntagResource",
}

// judge turns what Identity Center or the identity store answered into a verdict. What is not named here may pass, as
// does a call without an answer. Which code AWS sends for one assignment too many is not documented: Throttling, Conflict
// and ServiceQuotaExceeded are all reported, so all three mean to wait.
func judge(operation string, err error) error {
	answer, ok := account.AnswerOf(operation, err)
	if !ok {
		return err
	}
	assigning := operation == createAssignment || operation == deleteAssignment || operation == "sso.ListAccountAssignments"
	changing := slices.Contains(changesSets, operation)
	switch answer.Code {
	case "ConflictException":
		return account.Wait{For: throttled, Why: "Identity Center is working on another assignment", Answer: answer}
	case "ServiceQuotaExceededException":
		if changing {
			return account.Refused{Code: account.CodePermissionSetRefused, Reason: "Identity Center takes no more of it", Answer: answer}
		}
		return account.Wait{For: atQuota, Why: "Identity Center is at its limit", Answer: answer}
	case notFound, "ValidationException":
		if assigning {
			return account.Refused{Code: "V2022", Reason: "Identity Center does not know the account, the permission set or the principal", Answer: answer}
		}
		if changing {
			return account.Refused{
				Code: account.CodePermissionSetRefused, Reason: "Identity Center does not take it", Answer: answer,
				Hint: "Look at the policies: some of AWS's have a path in their name, as job-function/Billing. Then run the command again.",
			}
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
		if changing && strings.Contains(answer.Message, "management account privileges") {
			return account.Refused{
				Code: account.CodePermissionSetRefused, Reason: "only the management account may change this permission set", Answer: answer,
			}
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
