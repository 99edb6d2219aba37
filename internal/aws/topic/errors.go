package topic

import (
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/retry"
)

// judge turns what SNS answered into a verdict. None of them pauses the pipeline: a notification that fails never delays
// a request.
func judge(operation string, err error) error {
	answer, ok := account.AnswerOf(operation, err)
	if !ok {
		return err
	}
	switch answer.Code {
	case "NotFound", "ResourceNotFound", "EndpointDisabled", "PlatformApplicationDisabled":
		return account.Refused{Code: "V3011", Reason: "the topic is not there", Answer: answer}
	case "InvalidParameter", "ParameterValueInvalid", "ValidationException":
		return account.Refused{Code: "V3011", Reason: "SNS can't publish this to the topic", Answer: answer}
	case "KMSAccessDenied", "KMSDisabled", "KMSInvalidState", "KMSNotFound", "KMSOptInRequired", "InvalidSecurity":
		return account.Refused{Code: "V3002", Reason: "the key of the topic can't be used", Answer: answer}
	case "Throttled", "KMSThrottling", "ConcurrentAccess":
		return account.Wait{For: throttled, Why: "SNS takes no more calls just now", Answer: answer}
	}
	switch retry.CauseOf(answer.Code) {
	case retry.Throttled:
		return account.Wait{For: throttled, Why: "SNS takes no more calls just now", Answer: answer}
	case retry.Denied:
		return account.Refused{Code: "V3002", Reason: "no permission for " + operation, Answer: answer}
	}
	return err
}

// throttled is how long a notification waits that SNS refused for the number of calls.
const throttled = 30 * time.Second
