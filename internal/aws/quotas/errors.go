package quotas

import (
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas/types"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/retry"
)

// judge turns what Service Quotas answered into a verdict. None of them pauses the pipeline: accounts are made whether or
// not anybody may look at the quota.
func judge(operation string, err error) error {
	answer, ok := account.AnswerOf(operation, err)
	if !ok {
		return err
	}
	switch answer.Code {
	case "DependencyAccessDeniedException":
		return account.Refused{Code: "V3002", Reason: "Service Quotas has no permission to ask Organizations", Answer: answer}
	case "NoAvailableOrganizationException":
		return account.Refused{Code: "V3010", Reason: "the account is in no organization", Answer: answer}
	}
	switch retry.CauseOf(answer.Code) {
	case retry.Throttled:
		return account.Wait{For: throttled, Why: "Service Quotas takes no more calls just now", Answer: answer}
	case retry.Denied:
		return account.Refused{Code: "V3002", Reason: "no permission for " + operation, Answer: answer}
	}
	return err
}

// unavailable judges why a quota was listed without a value (Service Quotas API Reference, ErrorReason).
func unavailable(reason *types.ErrorReason) error {
	if reason == nil {
		return errors.New("it has no value")
	}
	answer := account.Answer{
		Operation: "servicequotas.ListServiceQuotas", Code: string(reason.ErrorCode), Message: aws.ToString(reason.ErrorMessage),
	}
	switch reason.ErrorCode {
	case types.ErrorCodeDependencyAccessDeniedError:
		return account.Refused{Code: "V3002", Reason: "no permission to see the quotas of Organizations", Answer: answer}
	case types.ErrorCodeDependencyThrottlingError:
		return account.Wait{For: throttled, Why: "Organizations takes no more calls of Service Quotas just now", Answer: answer}
	}
	return errors.New(answer.Code + ": " + answer.Message)
}

// throttled is how long to wait for a service that lets itself be asked five times a second.
const throttled = 5 * time.Second
