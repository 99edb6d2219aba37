package sns_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox"
)

func start(t *testing.T) (*sandbox.Sandbox, *sns.Client, *sqs.Client) {
	t.Helper()
	s, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	config := aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://sandbox.test"), Retryer: func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		HTTPClient:  &http.Client{Transport: s.RoundTripper()},
	}
	return s, sns.NewFromConfig(config), sqs.NewFromConfig(config)
}

func topic(t *testing.T, c *sns.Client) *string {
	t.Helper()
	out, err := c.CreateTopic(t.Context(), &sns.CreateTopicInput{
		Name: aws.String("news"), Attributes: map[string]string{"DisplayName": "News"}, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.TopicArn
}

func refused(t *testing.T, err error, code string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestTopics(t *testing.T) {
	t.Parallel()
	_, c, _ := start(t)
	ctx := t.Context()
	arn := topic(t, c)
	if again := topic(t, c); *again != *arn || *arn != "arn:aws:sns:us-east-1:111111111111:news" {
		t.Errorf("%s, then %s", *arn, *again)
	}
	if _, err := c.SetTopicAttributes(ctx, &sns.SetTopicAttributesInput{TopicArn: arn, AttributeName: aws.String("DisplayName"), AttributeValue: aws.String("Old")}); err != nil {
		t.Error(err)
	}
	got, err := c.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: arn})
	if err != nil || got.Attributes["DisplayName"] != "Old" || got.Attributes["SubscriptionsConfirmed"] != "0" {
		t.Errorf("attributes: %v, %v", got, err)
	}
	_, err = c.CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String("news"), Attributes: map[string]string{"DisplayName": "Other"}})
	refused(t, err, "InvalidParameter")
	if _, err := c.TagResource(ctx, &sns.TagResourceInput{ResourceArn: arn, Tags: []types.Tag{{Key: aws.String("b"), Value: aws.String("2")}}}); err != nil {
		t.Error(err)
	}
	if _, err := c.UntagResource(ctx, &sns.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"a"}}); err != nil {
		t.Error(err)
	}
	tags, err := c.ListTagsForResource(ctx, &sns.ListTagsForResourceInput{ResourceArn: arn})
	if err != nil || len(tags.Tags) != 1 || *tags.Tags[0].Key != "b" {
		t.Errorf("tags: %v, %v", tags, err)
	}
	all, err := c.ListTopics(ctx, nil)
	if err != nil || len(all.Topics) != 1 || *all.Topics[0].TopicArn != *arn {
		t.Errorf("topics: %v, %v", all, err)
	}
	for range 2 {
		if _, err := c.DeleteTopic(ctx, &sns.DeleteTopicInput{TopicArn: arn}); err != nil {
			t.Error(err)
		}
	}
	_, err = c.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: arn})
	refused(t, err, "NotFound")
	if missing := new(types.NotFoundException); !errors.As(err, &missing) {
		t.Errorf("%T is not typed", err)
	}
}

func TestAnEmailSubscriptionStaysPending(t *testing.T) {
	t.Parallel()
	s, c, _ := start(t)
	ctx := t.Context()
	arn := topic(t, c)
	sub, err := c.Subscribe(ctx, &sns.SubscribeInput{TopicArn: arn, Protocol: aws.String("email"), Endpoint: aws.String("ops@example.com")})
	if err != nil || *sub.SubscriptionArn != "pending confirmation" {
		t.Fatalf("%v, %v", sub, err)
	}
	list, err := c.ListSubscriptionsByTopic(ctx, &sns.ListSubscriptionsByTopicInput{TopicArn: arn})
	if err != nil || len(list.Subscriptions) != 1 || *list.Subscriptions[0].SubscriptionArn != "PendingConfirmation" {
		t.Errorf("%v, %v", list, err)
	}
	out, err := c.Publish(ctx, &sns.PublishInput{TopicArn: arn, Subject: aws.String("Account ready"), Message: aws.String("team-a <done> & more")})
	if err != nil {
		t.Fatal(err)
	}
	got := s.Published()
	if len(got) != 1 || got[0].ID != *out.MessageId || got[0].Subject != "Account ready" || got[0].Message != "team-a <done> & more" {
		t.Errorf("published: %+v", got)
	}
	_, err = c.Subscribe(ctx, &sns.SubscribeInput{TopicArn: arn, Protocol: aws.String("email"), Endpoint: aws.String("nobody")})
	refused(t, err, "InvalidParameter")
	_, err = c.Subscribe(ctx, &sns.SubscribeInput{TopicArn: arn, Protocol: aws.String("https"), Endpoint: aws.String("https://example.com")})
	refused(t, err, "NotImplemented")
}

func TestAQueueGetsMessages(t *testing.T) {
	t.Parallel()
	_, c, queues := start(t)
	ctx := t.Context()
	arn := topic(t, c)
	for name, attributes := range map[string]map[string]string{"wrapped": nil, "raw": {"RawMessageDelivery": "true"}} {
		if _, err := queues.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name}); err != nil {
			t.Fatal(err)
		}
		sub, err := c.Subscribe(ctx, &sns.SubscribeInput{
			TopicArn: arn, Protocol: aws.String("sqs"), Endpoint: aws.String("arn:aws:sqs:us-east-1:111111111111:" + name), Attributes: attributes,
		})
		if err != nil || !strings.HasPrefix(*sub.SubscriptionArn, *arn+":") {
			t.Fatalf("%v, %v", sub, err)
		}
	}
	_, err := c.Publish(ctx, &sns.PublishInput{
		TopicArn: arn, MessageStructure: aws.String("json"), Message: aws.String(`{"default":"d","sqs":"for queues"}`), Subject: aws.String("S"),
		MessageAttributes: map[string]types.MessageAttributeValue{"k": {DataType: aws.String("String"), StringValue: aws.String("v")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	take := func(name string) string {
		out, err := queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String("http://x/111111111111/" + name)})
		if err != nil || len(out.Messages) != 1 {
			t.Fatalf("%s: %v, %v", name, out, err)
		}
		return *out.Messages[0].Body
	}
	if got := take("raw"); got != "for queues" {
		t.Errorf("raw: %s", got)
	}
	var envelope map[string]any
	if err := json.Unmarshal([]byte(take("wrapped")), &envelope); err != nil {
		t.Fatal(err)
	}
	for _, member := range []string{"Signature", "SigningCertURL", "UnsubscribeURL", "Timestamp", "MessageId"} {
		if envelope[member] == nil {
			t.Errorf("%s is missing", member)
		}
		delete(envelope, member)
	}
	want := map[string]any{
		"Type": "Notification", "TopicArn": *arn, "Subject": "S", "Message": "for queues", "SignatureVersion": "1",
		"MessageAttributes": map[string]any{"k": map[string]any{"Type": "String", "Value": "v"}},
	}
	if diff := cmp.Diff(want, envelope); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	all, err := c.ListSubscriptions(ctx, nil)
	if err != nil || len(all.Subscriptions) != 2 {
		t.Fatalf("%v, %v", all, err)
	}
	for _, sub := range all.Subscriptions {
		if _, err := c.Unsubscribe(ctx, &sns.UnsubscribeInput{SubscriptionArn: sub.SubscriptionArn}); err != nil {
			t.Error(err)
		}
	}
	_, err = c.Unsubscribe(ctx, &sns.UnsubscribeInput{SubscriptionArn: all.Subscriptions[0].SubscriptionArn})
	refused(t, err, "NotFound")
}

func TestPublishRefuses(t *testing.T) {
	t.Parallel()
	s, c, _ := start(t)
	arn := topic(t, c)
	for name, test := range map[string]struct {
		in   sns.PublishInput
		code string
	}{
		"an empty message":                {sns.PublishInput{TopicArn: arn, Message: aws.String("")}, "InvalidParameter"},
		"a message of more than 256 KiB":  {sns.PublishInput{TopicArn: arn, Message: aws.String(strings.Repeat("x", 262_145))}, "InvalidParameter"},
		"a subject with a line break":     {sns.PublishInput{TopicArn: arn, Message: aws.String("m"), Subject: aws.String("a\nb")}, "InvalidParameter"},
		"a subject of 101 characters":     {sns.PublishInput{TopicArn: arn, Message: aws.String("m"), Subject: aws.String(strings.Repeat("x", 101))}, "InvalidParameter"},
		"JSON without a default":          {sns.PublishInput{TopicArn: arn, Message: aws.String(`{"sqs":"m"}`), MessageStructure: aws.String("json")}, "InvalidParameter"},
		"a structure that is no JSON":     {sns.PublishInput{TopicArn: arn, Message: aws.String(`m`), MessageStructure: aws.String("json")}, "InvalidParameter"},
		"a topic that is absent":          {sns.PublishInput{TopicArn: aws.String("arn:aws:sns:us-east-1:111111111111:none"), Message: aws.String("m")}, "NotFound"},
		"a topic of somebody else":        {sns.PublishInput{TopicArn: aws.String("arn:aws:sns:us-east-1:999999999999:news"), Message: aws.String("m")}, "AuthorizationError"},
		"a text message to a phone":       {sns.PublishInput{PhoneNumber: aws.String("+15550100"), Message: aws.String("m")}, "NotImplemented"},
		"an attribute that has no value ": {sns.PublishInput{TopicArn: arn, Message: aws.String("m"), MessageAttributes: map[string]types.MessageAttributeValue{"k": {DataType: aws.String("String")}}}, "ParameterValueInvalid"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.Publish(t.Context(), &test.in)
			refused(t, err, test.code)
		})
	}
	if got := s.Published(); len(got) != 0 {
		t.Errorf("published: %v", got)
	}
	out, err := c.PublishBatch(t.Context(), &sns.PublishBatchInput{TopicArn: arn, PublishBatchRequestEntries: []types.PublishBatchRequestEntry{
		{Id: aws.String("a"), Message: aws.String("m")}, {Id: aws.String("b"), Message: aws.String("")},
	}})
	if err != nil || len(out.Successful) != 1 || len(out.Failed) != 1 || *out.Failed[0].Id != "b" || len(s.Published()) != 1 {
		t.Errorf("batch: %+v, %v", out, err)
	}
}
