package topic_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/topic"
	"github.com/vend-cli/vend/internal/sandbox"
)

const arn = "arn:aws:sns:eu-west-1:111111111111:vend"

func TestErrorsAreJudged(t *testing.T) {
	t.Parallel()
	table := map[string]string{
		"NotFound": "V3011", "ResourceNotFound": "V3011", "EndpointDisabled": "V3011", "PlatformApplicationDisabled": "V3011",
		"InvalidParameter": "V3011", "ParameterValueInvalid": "V3011", "ValidationException": "V3011",
		"AuthorizationError": "V3002", "AccessDenied": "V3002", "InvalidSecurity": "V3002",
		"KMSAccessDenied": "V3002", "KMSDisabled": "V3002", "KMSInvalidState": "V3002", "KMSNotFound": "V3002", "KMSOptInRequired": "V3002",
		"Throttled": "wait", "ThrottlingException": "wait", "KMSThrottling": "wait", "ConcurrentAccess": "wait",
		"InternalError": "again", "ExpiredToken": "again",
	}
	for _, other := range []string{ // of operations that this client does not call
		"BatchEntryIdsNotDistinct", "BatchRequestTooLong", "EmptyBatchRequest", "FilterPolicyLimitExceeded", "InvalidBatchEntryId",
		"InvalidState", "OptedOut", "ReplayLimitExceeded", "StaleTag", "SubscriptionLimitExceeded", "TagLimitExceeded", "TagPolicy",
		"TooManyEntriesInBatchRequest", "TopicLimitExceeded", "UserError", "VerificationException",
	} {
		table[other] = "again"
	}
	awstest.Judged(t, "sns", table, func(t *testing.T, transport *awstest.Transport) error {
		return topic.New(awstest.Config(transport), arn).Publish(t.Context(), "subject", "text")
	})
}

// post is a transport that keeps what was posted.
type post struct {
	form   url.Values
	signed string
}

func (p *post) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	p.signed = r.Header.Get("Authorization")
	if p.form, err = url.ParseQuery(string(body)); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Request: r, Header: http.Header{"Content-Type": {"text/xml"}}, Body: io.NopCloser(strings.NewReader(
		`<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>`))}, nil
}

func TestPublish(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ subject, text, wantSubject, wantText string }{
		"as it is":                      {"vend: 3 accounts are done", "Batch b-1\nall fine", "vend: 3 accounts are done", "Batch b-1\nall fine"},
		"a subject of several lines":    {"vend:\r\n failed\tonce", "x", "vend: failed once", "x"},
		"a subject that is not ASCII":   {"Müller ist fertig", "ü", "M?ller ist fertig", "ü"},
		"a long subject":                {strings.Repeat("x", 100), "x", strings.Repeat("x", 96) + "...", "x"},
		"no subject":                    {" ", "x", "", "x"},
		"no text":                       {"x", "", "x", "(no text)"},
		"a text that is not UTF-8":      {"x", "a\xffb", "x", "a\uFFFDb"},
		"a text of the greatest length": {"x", strings.Repeat("x", 1<<18), "x", strings.Repeat("x", 1<<18)},
		"a text that is too long":       {"x", strings.Repeat("ü", 1<<17) + "x", "x", strings.Repeat("ü", 1<<17-2) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var p post
			if err := topic.New(awstest.Config(&p), arn).Publish(t.Context(), test.subject, test.text); err != nil {
				t.Fatal(err)
			}
			if got := p.form.Get("Subject"); got != test.wantSubject {
				t.Errorf("subject %q, want %q", got, test.wantSubject)
			}
			if got := p.form.Get("Message"); got != test.wantText {
				t.Errorf("text of %d bytes, want %d: %.40q", len(got), len(test.wantText), got)
			}
			if p.form.Get("TopicArn") != arn || !strings.Contains(p.signed, "/eu-west-1/sns/") {
				t.Errorf("published to %s, signed %s; want the topic, in its Region", p.form.Get("TopicArn"), p.signed)
			}
		})
	}
}

func TestPublishBoth(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a short text": "Batch b-1\nü", "a text that JSON writes longer": strings.Repeat("<\n\"", 100_000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var p post
			if err := topic.New(awstest.Config(&p), arn).PublishBoth(t.Context(), "subject", text, `{"version":"1.0"}`); err != nil {
				t.Fatal(err)
			}
			var forms map[string]string
			if err := json.Unmarshal([]byte(p.form.Get("Message")), &forms); err != nil {
				t.Fatal(err)
			}
			if p.form.Get("MessageStructure") != "json" || forms["https"] != `{"version":"1.0"}` || !strings.HasPrefix(text, strings.TrimSuffix(forms["default"], "…")) {
				t.Errorf("posted %.200s", p.form.Get("Message"))
			}
			if n := len(p.form.Get("Message")); n > 1<<18 {
				t.Errorf("a message of %d bytes", n)
			}
		})
	}
}

func TestPublishToATopic(t *testing.T) {
	t.Parallel()
	s, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cfg := awstest.Config(s.RoundTripper())
	made, err := sns.NewFromConfig(cfg).CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String("vend")})
	if err != nil {
		t.Fatal(err)
	}
	if err := topic.New(cfg, aws.ToString(made.TopicArn)).Publish(t.Context(), "2 accounts are done", "Batch b-1: ü"); err != nil {
		t.Fatal(err)
	}
	sent := s.Published()
	if len(sent) != 1 || sent[0].Subject != "2 accounts are done" || sent[0].Message != "Batch b-1: ü" {
		t.Errorf("published %+v", sent)
	}
	nobody := topic.New(cfg, aws.ToString(made.TopicArn)+"-2")
	if err := nobody.Publish(t.Context(), "x", "y"); awstest.Verdict(err) != "V3011" {
		t.Errorf("to a topic that is not there: %v", err)
	}
}
