// Package caller says who asks, by the answer of AWS STS.
//
// It imports account and retry.
package caller

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/retry"
)

// Identity is the principal whose credentials are used.
type Identity struct {
	AccountID string
	ARN       string
	Date      time.Time // of the answer, in whole seconds; zero where it had none
	Local     time.Time // by the clock of this machine, when the answer was there
}

// Ask asks who the credentials belong to. AWS answers whatever the principal may do; what it refuses are the credentials
// (AWS STS API Reference, GetCallerIdentity).
func Ask(ctx context.Context, cfg aws.Config, now func() time.Time) (Identity, error) {
	out, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Identity{}, fmt.Errorf("ask who calls: %w", judge("sts.GetCallerIdentity", err))
	}
	id := Identity{AccountID: aws.ToString(out.Account), ARN: aws.ToString(out.Arn), Local: now()}
	if date, ok := awsmiddleware.GetServerTime(out.ResultMetadata); ok {
		id.Date = date
	}
	return id, nil
}

// judge turns what STS answered into a verdict.
func judge(operation string, err error) error {
	answer, ok := account.AnswerOf(operation, err)
	if !ok {
		return err
	}
	switch answer.Code {
	case "ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "SignatureDoesNotMatch", "IncompleteSignature",
		"MissingAuthenticationToken", "UnrecognizedClientException":
		return account.Refused{Code: "V3001", Reason: "AWS takes the credentials no longer", Answer: answer}
	}
	switch retry.CauseOf(answer.Code) {
	case retry.Throttled:
		return account.Wait{For: throttled, Why: "STS takes no more calls just now", Answer: answer}
	case retry.Denied:
		return account.Refused{Code: "V3002", Reason: "no permission for " + operation, Answer: answer}
	}
	return err
}

// throttled is how long a call waits that STS refused for the number of calls.
const throttled = 5 * time.Second
