package bucket

import (
	"fmt"
	"io/fs"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/retry"
)

// judge turns what S3 answered into a verdict, into [fs.ErrNotExist] or [fs.ErrExist]. What is not named here may pass,
// as does a call without an answer.
func judge(operation string, err error) error {
	answer, ok := account.AnswerOf(operation, err)
	if !ok {
		return err
	}
	switch answer.Code {
	case "NoSuchKey", "NoSuchVersion", "NotFound", "MethodNotAllowed": // the last one: that version is a delete marker
		return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	case "PreconditionFailed":
		return fmt.Errorf("%w: %w", fs.ErrExist, err)
	case "NoSuchBucket", "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "InvalidBucketName":
		return account.Refused{Code: "V3003", Reason: "the bucket is not there", Pause: true, Answer: answer}
	case "AllAccessDisabled", "AccountProblem",
		"KMS.AccessDeniedException", "KMS.DisabledException", "KMS.InvalidStateException", "KMS.NotFoundException":
		return account.Refused{Code: "V3002", Reason: "no permission for " + operation, Pause: true, Answer: answer}
	}
	switch retry.CauseOf(answer.Code) {
	case retry.Throttled:
		return account.Wait{For: throttled, Why: "S3 takes no more calls just now", Answer: answer}
	case retry.Denied:
		return account.Refused{Code: "V3002", Reason: "no permission for " + operation, Pause: true, Answer: answer}
	}
	return err
}

// throttled is how long a call waits that S3 refused for the number of calls.
const throttled = 5 * time.Second
