package inbox_test

import (
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/inbox"
)

func TestErrorsAreJudged(t *testing.T) {
	t.Parallel()
	awstest.Judged(t, "sqs", map[string]string{
		"QueueDoesNotExist":                       "V3005 pause",
		"AWS.SimpleQueueService.NonExistentQueue": "V3005 pause",
		"QueueDeletedRecently":                    "V3005 pause",
		"InvalidAddress":                          "V3005 pause",
		"ResourceNotFoundException":               "V3005 pause",
		"KmsAccessDenied":                         "V3002 pause",
		"KMS.AccessDeniedException":               "V3002 pause",
		"KmsDisabled":                             "V3002 pause",
		"KmsInvalidKeyUsage":                      "V3002 pause",
		"KmsInvalidState":                         "V3002 pause",
		"KmsNotFound":                             "V3002 pause",
		"KmsOptInRequired":                        "V3002 pause",
		"InvalidSecurity":                         "V3002 pause",
		"KmsThrottled":                            "wait",
		"OverLimit":                               "wait",
		"PurgeQueueInProgress":                    "wait",
		"RequestThrottled":                        "wait",
		"ReceiptHandleIsInvalid":                  "again", // the message comes again, with another handle
		"MessageNotInflight":                      "again",
		"BatchEntryIdsNotDistinct":                "again", // the rest speaks of what this client does not ask for
		"BatchRequestTooLong":                     "again",
		"EmptyBatchRequest":                       "again",
		"InvalidAttributeName":                    "again",
		"InvalidAttributeValue":                   "again",
		"InvalidBatchEntryId":                     "again",
		"InvalidIdFormat":                         "again",
		"InvalidMessageContents":                  "again",
		"QueueNameExists":                         "again",
		"TooManyEntriesInBatchRequest":            "again",
		"UnsupportedOperation":                    "again",
		"AccessDenied":                            "V3002 pause",
		"ThrottlingException":                     "wait",
		"InternalError":                           "again",
		"ExpiredToken":                            "again",
		"SomethingNew":                            "again",
	}, func(t *testing.T, transport *awstest.Transport) error {
		c := inbox.New(awstest.Config(transport), "https://sqs.us-east-1.amazonaws.com/111111111111/vend")
		m := inbox.Message{ID: "m", Receipt: "r"}
		_, err := c.Receive(t.Context(), 10, time.Second)
		if a, b := awstest.Verdict(err), awstest.Verdict(c.Delete(t.Context(), []inbox.Message{m})); a != b {
			t.Errorf("receiving is judged %q, and deleting %q", a, b)
		}
		if a, b := awstest.Verdict(err), awstest.Verdict(c.Extend(t.Context(), m, time.Minute)); a != b {
			t.Errorf("receiving is judged %q, and extending %q", a, b)
		}
		if _, dead := c.Dead(t.Context()); awstest.Verdict(err) != awstest.Verdict(dead) {
			t.Errorf("receiving is judged %q, and the look for dead letters %q", awstest.Verdict(err), awstest.Verdict(dead))
		}
		return err
	})
}
