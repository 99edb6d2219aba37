package inbox

import (
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/retry"
)

// judge turns what SQS answered into a verdict. What is not named here may pass, as does a call without an answer: the
// message comes again. SQS gives some errors two names, the second one in the x-amzn-query-error header.
func judge(operation string, err error) error {
	answer, ok := account.AnswerOf(operation, err)
	if !ok {
		return err
	}
	switch answer.Code {
	case "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", "QueueDeletedRecently", "AWS.SimpleQueueService.QueueDeletedRecently",
		"InvalidAddress", "ResourceNotFoundException":
		return account.Refused{Code: "V3005", Reason: "the queue is not there", Pause: true, Answer: answer}
	case "KmsAccessDenied", "KmsDisabled", "KmsInvalidKeyUsage", "KmsInvalidState", "KmsNotFound", "KmsOptInRequired", "InvalidSecurity",
		"KMS.AccessDeniedException", "KMS.DisabledException", "KMS.InvalidKeyUsageException", "KMS.InvalidStateException",
		"KMS.NotFoundException", "KMS.OptInRequired":
		return account.Refused{Code: "V3002", Reason: "the key of the queue can't be used", Pause: true, Answer: answer}
	case "OverLimit", "KmsThrottled", "KMS.ThrottlingException", "PurgeQueueInProgress",
		"AWS.SimpleQueueService.PurgeQueueInProgress":
		return account.Wait{For: throttled, Why: "SQS takes no more calls just now", Answer: answer}
	}
	switch retry.CauseOf(answer.Code) {
	case retry.Throttled:
		return account.Wait{For: throttled, Why: "SQS takes no more calls just now", Answer: answer}
	case retry.Denied:
		return account.Refused{Code: "V3002", Reason: "no permission for " + operation, Pause: true, Answer: answer}
	}
	return err
}

// throttled is how long a call waits that SQS refused for the number of calls.
const throttled = 5 * time.Second
