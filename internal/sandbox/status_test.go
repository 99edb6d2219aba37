package sandbox_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/samples"
)

func TestTheStatusOfAnErrorMayBeThatOfItsKind(t *testing.T) {
	t.Parallel()
	for assumption, want := range map[string]map[string]int{
		"":                  {"AccountNotFoundException": 400, "InvalidInputException": 400, "AWS.SimpleQueueService.NonExistentQueue": 400},
		"json-error-status": {"AccountNotFoundException": 404, "InvalidInputException": 400, "AWS.SimpleQueueService.NonExistentQueue": 400},
	} {
		o := sandbox.Options{World: samples.LandingZone}
		if assumption != "" {
			o.World = bytes.Replace(o.World, []byte(`"assumptions": {}`), []byte(`"assumptions": {"`+assumption+`": true}`), 1)
		}
		_, config := start(t, o)
		describe := func(ctx context.Context, id string) error {
			_, err := organizations.NewFromConfig(config).DescribeAccount(ctx, &organizations.DescribeAccountInput{AccountId: &id})
			return err
		}
		_, noQueue := sqs.NewFromConfig(config).GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("none")})
		for code, err := range map[string]error{
			"AccountNotFoundException": describe(t.Context(), "999999999999"), "InvalidInputException": describe(t.Context(), "x"),
			"AWS.SimpleQueueService.NonExistentQueue": noQueue,
		} {
			refused(t, err, code)
			var answer *awshttp.ResponseError
			if !errors.As(err, &answer) || answer.HTTPStatusCode() != want[code] {
				t.Errorf("%q: %s has the status %v, want %d %s", assumption, code, err, want[code], http.StatusText(want[code]))
			}
		}
	}
}
