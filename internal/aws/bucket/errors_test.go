package bucket_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/bucket"
)

func TestErrorsAreJudged(t *testing.T) {
	t.Parallel()
	table := map[string]string{
		"NoSuchKey": "not there", "NoSuchVersion": "not there", "NotFound": "not there", "MethodNotAllowed": "not there",
		"PreconditionFailed": "there already",
		"NoSuchBucket":       "V3003 pause", "PermanentRedirect": "V3003 pause", "AuthorizationHeaderMalformed": "V3003 pause",
		"InvalidBucketName": "V3003 pause",
		"AccessDenied":      "V3002 pause", "AllAccessDisabled": "V3002 pause", "KMS.DisabledException": "V3002 pause",
		"SlowDown": "wait", "InternalError": "again", "ServiceUnavailable": "again", "ExpiredToken": "again",
		"ConditionalRequestConflict": "again", // somebody writes the same key at this moment
		"InvalidObjectState":         "again", // archived; the reading of this one object fails
	}
	for _, other := range []string{ // of operations that this client does not call
		"AnnotationLimitExceeded", "AnnotationNameTooLong", "BucketAlreadyExists", "BucketAlreadyOwnedByYou", "EncryptionTypeMismatch",
		"IdempotencyParameterMismatch", "InvalidAnnotationName", "InvalidPrefix", "InvalidRequest", "InvalidWriteOffset",
		"NoSuchAnnotation", "NoSuchUpload", "ObjectAlreadyInActiveTierError", "ObjectNotInActiveTierError", "TooManyParts",
		"UnsupportedMediaType",
	} {
		table[other] = "again"
	}
	// The adapter has two answers more than a verdict.
	verdicts := map[string]string{}
	for code, want := range table {
		if verdicts[code] = want; want == "not there" || want == "there already" {
			verdicts[code] = "again"
		}
	}
	awstest.Judged(t, "s3", verdicts, func(t *testing.T, transport *awstest.Transport) error {
		c := bucket.New(awstest.Config(transport), "lists")
		_, _, open := c.Open(t.Context(), "incoming/a.csv", "")
		_, put := c.Put(t.Context(), "incoming/a.csv", strings.NewReader("a"), true)
		var list error
		for _, err := range c.List(t.Context(), "incoming/") {
			list = err
		}
		if fmt.Sprint(awstest.Verdict(put), awstest.Verdict(list)) != fmt.Sprint(awstest.Verdict(open), awstest.Verdict(open)) {
			t.Errorf("judged differently: open %v, put %v, list %v", open, put, list)
		}
		return open
	})
	for code, want := range table {
		_, _, err := bucket.New(awstest.Config(awstest.Always(&awstest.Error{Code: code})), "lists").Open(t.Context(), "a.csv", "")
		if errors.Is(err, fs.ErrNotExist) != (want == "not there") || errors.Is(err, fs.ErrExist) != (want == "there already") {
			t.Errorf("%s is judged %v, want %s", code, err, want)
		}
	}
}
