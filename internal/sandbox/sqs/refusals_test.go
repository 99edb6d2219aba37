package sqs_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func TestRefusals(t *testing.T) {
	t.Parallel()
	_, c := start(t)
	queue := create(t, c, "jobs", nil)
	ctx := t.Context()
	set := func(name, value string) error {
		_, err := c.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: queue, Attributes: map[string]string{name: value}})
		return err
	}
	for name, test := range map[string]struct {
		do   func() error
		code string
	}{
		"an attribute that nobody knows": {func() error { return set("Colour", "red") }, "InvalidAttributeName"},
		"a value out of range":           {func() error { return set("VisibilityTimeout", "43201") }, "InvalidAttributeValue"},
		"a policy that is no JSON":       {func() error { return set("Policy", "{") }, "InvalidAttributeValue"},
		"a dead-letter queue that is absent": {func() error {
			return set("RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111111111111:no","maxReceiveCount":3}`)
		}, "InvalidParameterValue"},
		"an endless maxReceiveCount": {func() error { return set("RedrivePolicy", `{"deadLetterTargetArn":"x","maxReceiveCount":1001}`) }, "InvalidParameterValue"},
		"eleven messages at once": {func() error {
			_, err := c.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: queue, MaxNumberOfMessages: 11})
			return err
		}, "InvalidParameterValue"},
		"an empty body": {func() error {
			_, err := c.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: queue, MessageBody: aws.String("")})
			return err
		}, "MissingParameter"},
		"a body of more than a mebibyte": {func() error {
			_, err := c.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: queue, MessageBody: aws.String(strings.Repeat("x", 1_048_577))})
			return err
		}, "InvalidParameterValue"},
		"a queue of somebody else": {func() error {
			_, err := c.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: aws.String(endpoint + "/999999999999/jobs")})
			return err
		}, "AccessDenied"},
		"a queue of another Region": {func() error {
			_, err := c.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: queue}, func(o *sqs.Options) { o.Region = "eu-west-1" })
			return err
		}, "AWS.SimpleQueueService.NonExistentQueue"},
		"a name with a blank": {func() error {
			_, err := c.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("a b")})
			return err
		}, "InvalidParameterValue"},
		"a FIFO queue": {func() error {
			_, err := c.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("a.fifo")})
			return err
		}, "NotImplemented"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, test.do(), test.code)
		})
	}
}

// TestTheQueryProtocol speaks as SDKs did before they spoke JSON.
func TestTheQueryProtocol(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	call := func(path string, form url.Values) string {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
		r.Header.Set("X-Amz-Date", time.Now().UTC().Format("20060102T150405Z"))
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0")
		answer, err := s.RoundTripper().RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	for _, step := range []struct {
		path string
		form url.Values
		want string
	}{
		{
			"/",
			url.Values{"Action": {"CreateQueue"}, "QueueName": {"q"}, "Attribute.1.Name": {"VisibilityTimeout"}, "Attribute.1.Value": {"7"}},
			"<CreateQueueResult><QueueUrl>http://sandbox.test/111111111111/q</QueueUrl></CreateQueueResult>",
		},
		{
			"/111111111111/q",
			url.Values{"Action": {"GetQueueAttributes"}, "AttributeName.1": {"VisibilityTimeout"}},
			"<GetQueueAttributesResult><Attribute><Name>VisibilityTimeout</Name><Value>7</Value></Attribute></GetQueueAttributesResult>",
		},
		{
			"/111111111111/q",
			url.Values{
				"Action": {"SendMessage"}, "MessageBody": {"b"}, "MessageAttribute.1.Name": {"a"},
				"MessageAttribute.1.Value.DataType": {"String"}, "MessageAttribute.1.Value.StringValue": {"v"},
			},
			"<MD5OfMessageBody>92eb5ffee6ae2fec3ad71c777531578f</MD5OfMessageBody>",
		},
		{
			"/",
			url.Values{"Action": {"ReceiveMessage"}, "QueueUrl": {endpoint + "/111111111111/q"}, "MessageAttributeName.1": {"All"}},
			"<MessageAttribute><Name>a</Name><Value><DataType>String</DataType><StringValue>v</StringValue></Value></MessageAttribute></Message>",
		},
		{
			"/111111111111/none",
			url.Values{"Action": {"PurgeQueue"}},
			"<Code>AWS.SimpleQueueService.NonExistentQueue</Code>",
		},
	} {
		if got := call(step.path, step.form); !strings.Contains(got, step.want) {
			t.Errorf("%s: got %s, want %s", step.form.Get("Action"), got, step.want)
		}
	}
}
