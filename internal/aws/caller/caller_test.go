package caller_test

import (
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/caller"
	"github.com/vend-cli/vend/internal/sandbox"
)

func TestAsk(t *testing.T) {
	t.Parallel()
	box, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	id, err := caller.Ask(t.Context(), awstest.Config(box.RoundTripper()), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if off := id.Local.Sub(id.Date).Abs(); id.AccountID != "111111111111" || id.ARN == "" || off > time.Minute {
		t.Errorf("identity %+v", id)
	}
}

func TestErrorsAreJudged(t *testing.T) {
	t.Parallel()
	table := map[string]string{
		"ExpiredToken": "V3001", "ExpiredTokenException": "V3001", "InvalidClientTokenId": "V3001", "SignatureDoesNotMatch": "V3001",
		"AccessDenied": "V3002", "Throttling": "wait", "InternalFailure": "again",
	}
	for _, other := range []string{ // of operations that this package does not call
		"ExpiredTradeInTokenException", "IDPCommunicationError", "IDPRejectedClaim", "InvalidAuthorizationMessageException",
		"InvalidIdentityToken", "MalformedPolicyDocument", "PackedPolicyTooLarge", "RegionDisabledException",
		"JWTPayloadSizeExceededException", "OutboundWebIdentityFederationDisabledException", "SessionDurationEscalationException",
	} {
		table[other] = "again"
	}
	awstest.Judged(t, "sts", table, func(t *testing.T, transport *awstest.Transport) error {
		_, err := caller.Ask(t.Context(), awstest.Config(transport), time.Now)
		return err
	})
}
