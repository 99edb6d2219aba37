package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox"
)

const endpoint = "http://sandbox.test"

func start(t *testing.T) (*sandbox.Sandbox, *sqs.Client) {
	t.Helper()
	s, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s, sqs.New(sqs.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(endpoint), Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		HTTPClient:  &http.Client{Transport: s.RoundTripper()},
	})
}

func create(t *testing.T, c *sqs.Client, name string, attributes map[string]string) *string {
	t.Helper()
	out, err := c.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	return out.QueueUrl
}

func send(t *testing.T, c *sqs.Client, queue *string, body string) {
	t.Helper()
	if _, err := c.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: queue, MessageBody: &body}); err != nil {
		t.Fatal(err)
	}
}

func receive(t *testing.T, c *sqs.Client, in sqs.ReceiveMessageInput) []types.Message {
	t.Helper()
	out, err := c.ReceiveMessage(t.Context(), &in)
	if err != nil {
		t.Fatal(err)
	}
	return out.Messages
}

func bodies(messages []types.Message) []string {
	var out []string
	for _, m := range messages {
		out = append(out, *m.Body)
	}
	return out
}

// refused checks an error's code: the query code, as the SDK reports it.
func refused(t *testing.T, err error, code string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestAMessageGoesThroughAQueue(t *testing.T) {
	t.Parallel()
	_, c := start(t)
	queue := create(t, c, "jobs", map[string]string{"VisibilityTimeout": "60"})
	if want := endpoint + "/111111111111/jobs"; *queue != want {
		t.Errorf("QueueUrl is %s, want %s", *queue, want)
	}
	sent, err := c.SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: queue, MessageBody: aws.String("hello"),
		MessageAttributes: map[string]types.MessageAttributeValue{
			"kind": {DataType: aws.String("String"), StringValue: aws.String("greeting")},
			"data": {DataType: aws.String("Binary"), BinaryValue: []byte{1, 2}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := receive(t, c, sqs.ReceiveMessageInput{
		QueueUrl: queue, MessageAttributeNames: []string{"ki.*", "kind"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{"ApproximateReceiveCount"},
	})
	if len(got) != 1 || *got[0].MessageId != *sent.MessageId || *got[0].Body != "hello" {
		t.Fatalf("got %+v", got)
	}
	if diff := cmp.Diff(map[string]string{"ApproximateReceiveCount": "1"}, got[0].Attributes); diff != "" {
		t.Errorf("attributes (-want +got)\n%s", diff)
	}
	if len(got[0].MessageAttributes) != 1 || *got[0].MessageAttributes["kind"].StringValue != "greeting" {
		t.Errorf("message attributes: %v", got[0].MessageAttributes)
	}
	if again := receive(t, c, sqs.ReceiveMessageInput{QueueUrl: queue}); len(again) != 0 {
		t.Errorf("a message in flight was received: %v", bodies(again))
	}
	if _, err := c.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: queue, ReceiptHandle: got[0].ReceiptHandle}); err != nil {
		t.Error(err)
	}
	out, err := c.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: queue, AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0",
		"QueueArn": "arn:aws:sqs:us-east-1:111111111111:jobs", "VisibilityTimeout": "60",
	}
	for name, value := range want {
		if out.Attributes[name] != value {
			t.Errorf("%s is %q, want %q", name, out.Attributes[name], value)
		}
	}
}

func TestVisibility(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, c := start(t)
		queue := create(t, c, "jobs", nil)
		send(t, c, queue, "m")
		first := receive(t, c, sqs.ReceiveMessageInput{QueueUrl: queue, VisibilityTimeout: 10})[0]

		begun := time.Now()
		second := receive(t, c, sqs.ReceiveMessageInput{QueueUrl: queue, WaitTimeSeconds: 20, VisibilityTimeout: 10})
		if waited := time.Since(begun); len(second) != 1 || waited != 10*time.Second {
			t.Fatalf("got %v after %v, want the message the moment it is visible again", bodies(second), waited)
		}
		if *second[0].ReceiptHandle == *first.ReceiptHandle {
			t.Error("the receipt handle did not change")
		}
		change := func(handle *string, seconds int32) error {
			_, err := c.ChangeMessageVisibility(t.Context(), &sqs.ChangeMessageVisibilityInput{
				QueueUrl: queue, ReceiptHandle: handle, VisibilityTimeout: seconds,
			})
			return err
		}
		refused(t, change(first.ReceiptHandle, 5), "InvalidParameterValue")
		refused(t, change(aws.String("nonsense"), 5), "ReceiptHandleIsInvalid")
		if _, err := c.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: queue, ReceiptHandle: first.ReceiptHandle}); err != nil {
			t.Errorf("deleting with an old handle: %v", err)
		}
		if err := change(second[0].ReceiptHandle, 100); err != nil {
			t.Error(err)
		}
		time.Sleep(99 * time.Second)
		if got := receive(t, c, sqs.ReceiveMessageInput{QueueUrl: queue}); len(got) != 0 {
			t.Error("it was visible before its time")
		}
		if err := change(second[0].ReceiptHandle, 0); err != nil {
			t.Error(err)
		}
		refused(t, change(second[0].ReceiptHandle, 0), "AWS.SimpleQueueService.MessageNotInflight")
		if got := receive(t, c, sqs.ReceiveMessageInput{QueueUrl: queue}); len(got) != 1 {
			t.Error("it was not released")
		}
	})
}

func TestLongPoll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, c := start(t)
		queue := create(t, c, "jobs", map[string]string{"ReceiveMessageWaitTimeSeconds": "20"})

		begun := time.Now()
		if got := receive(t, c, sqs.ReceiveMessageInput{QueueUrl: queue}); len(got) != 0 || time.Since(begun) != 20*time.Second {
			t.Errorf("an empty queue: %v after %v", bodies(got), time.Since(begun))
		}
		var sent sync.WaitGroup
		defer sent.Wait()
		sent.Go(func() {
			time.Sleep(3 * time.Second)
			send(t, c, queue, "late")
		})
		begun = time.Now()
		if got := receive(t, c, sqs.ReceiveMessageInput{QueueUrl: queue}); len(got) != 1 || time.Since(begun) != 3*time.Second {
			t.Errorf("a message that comes meanwhile: %v after %v", bodies(got), time.Since(begun))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: queue}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a context that ends: %v", err)
		}
	})
}

func TestDelayAndRetention(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, c := start(t)
		queue := create(t, c, "jobs", map[string]string{"DelaySeconds": "5", "MessageRetentionPeriod": "60"})
		send(t, c, queue, "m")
		if got := receive(t, c, sqs.ReceiveMessageInput{QueueUrl: queue, VisibilityTimeout: 1}); len(got) != 0 {
			t.Error("a delayed message was received")
		}
		time.Sleep(5 * time.Second)
		if got := receive(t, c, sqs.ReceiveMessageInput{QueueUrl: queue, VisibilityTimeout: 1}); len(got) != 1 {
			t.Error("the message did not come")
		}
		time.Sleep(55 * time.Second)
		if got := receive(t, c, sqs.ReceiveMessageInput{QueueUrl: queue}); len(got) != 0 {
			t.Error("a message outlived its retention")
		}
	})
}

func TestDeadLetters(t *testing.T) {
	t.Parallel()
	_, c := start(t)
	dead := create(t, c, "dead", nil)
	queue := create(t, c, "jobs", map[string]string{
		"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111111111111:dead","maxReceiveCount":"2"}`, "VisibilityTimeout": "0",
	})
	send(t, c, queue, "poison")
	for range 2 {
		if got := receive(t, c, sqs.ReceiveMessageInput{QueueUrl: queue}); len(got) != 1 {
			t.Fatal("the message is gone too early")
		}
	}
	if got := receive(t, c, sqs.ReceiveMessageInput{QueueUrl: queue}); len(got) != 0 {
		t.Errorf("received a third time: %v", bodies(got))
	}
	got := receive(t, c, sqs.ReceiveMessageInput{
		QueueUrl: dead, MessageSystemAttributeNames: []types.MessageSystemAttributeName{"DeadLetterQueueSourceArn"},
	})
	if len(got) != 1 || got[0].Attributes["DeadLetterQueueSourceArn"] != "arn:aws:sqs:us-east-1:111111111111:jobs" {
		t.Errorf("in the dead-letter queue: %+v", got)
	}
	sources, err := c.ListDeadLetterSourceQueues(t.Context(), &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: dead})
	if err != nil || len(sources.QueueUrls) != 1 || sources.QueueUrls[0] != *queue {
		t.Errorf("sources: %v, %v", sources, err)
	}
}

func TestBatches(t *testing.T) {
	t.Parallel()
	_, c := start(t)
	queue := create(t, c, "jobs", nil)
	entry := func(id, body string) types.SendMessageBatchRequestEntry {
		return types.SendMessageBatchRequestEntry{Id: &id, MessageBody: &body}
	}
	batch := func(entries ...types.SendMessageBatchRequestEntry) (*sqs.SendMessageBatchOutput, error) {
		return c.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: queue, Entries: entries})
	}
	out, err := batch(entry("a", "one"), entry("b", "bad \x01"), entry("c", "three"))
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Successful) != 2 || len(out.Failed) != 1 || *out.Failed[0].Code != "InvalidMessageContents" {
		t.Errorf("got %+v", out)
	}
	_, err = batch(entry("a", "x"), entry("a", "y"))
	refused(t, err, "AWS.SimpleQueueService.BatchEntryIdsNotDistinct")
	_, err = batch(entry("a!", "x"))
	refused(t, err, "AWS.SimpleQueueService.InvalidBatchEntryId")
	_, err = batch(entry("a", strings.Repeat("x", 600_000)), entry("b", strings.Repeat("x", 600_000)))
	refused(t, err, "AWS.SimpleQueueService.BatchRequestTooLong")
	var many []types.SendMessageBatchRequestEntry
	for i := range 11 {
		many = append(many, entry(fmt.Sprint(i), "x"))
	}
	_, err = batch(many...)
	refused(t, err, "AWS.SimpleQueueService.TooManyEntriesInBatchRequest")

	got := receive(t, c, sqs.ReceiveMessageInput{QueueUrl: queue, MaxNumberOfMessages: 10})
	if diff := cmp.Diff([]string{"one", "three"}, bodies(got)); diff != "" {
		t.Fatalf("(-want +got)\n%s", diff)
	}
	changed, err := c.ChangeMessageVisibilityBatch(t.Context(), &sqs.ChangeMessageVisibilityBatchInput{
		QueueUrl: queue, Entries: []types.ChangeMessageVisibilityBatchRequestEntry{{Id: aws.String("a"), ReceiptHandle: got[0].ReceiptHandle, VisibilityTimeout: 0}},
	})
	if err != nil || len(changed.Successful) != 1 {
		t.Errorf("change: %+v, %v", changed, err)
	}
	deleted, err := c.DeleteMessageBatch(t.Context(), &sqs.DeleteMessageBatchInput{QueueUrl: queue, Entries: []types.DeleteMessageBatchRequestEntry{
		{Id: aws.String("a"), ReceiptHandle: got[1].ReceiptHandle}, {Id: aws.String("b"), ReceiptHandle: aws.String("nonsense")},
	}})
	if err != nil || len(deleted.Successful) != 1 || len(deleted.Failed) != 1 || *deleted.Failed[0].Code != "ReceiptHandleIsInvalid" {
		t.Errorf("delete: %+v, %v", deleted, err)
	}
	if left := receive(t, c, sqs.ReceiveMessageInput{QueueUrl: queue}); len(left) != 1 || *left[0].Body != "one" {
		t.Errorf("left: %v", bodies(left))
	}
}

func TestQueues(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, c := start(t)
		jobs := create(t, c, "jobs", map[string]string{"VisibilityTimeout": "60"})
		create(t, c, "jobs", map[string]string{"VisibilityTimeout": "60"})
		create(t, c, "jobs", nil)
		_, err := c.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("jobs"), Attributes: map[string]string{"VisibilityTimeout": "61"}})
		refused(t, err, "QueueAlreadyExists")
		for range 2 {
			create(t, c, "more", nil)
		}
		page, err := c.ListQueues(t.Context(), &sqs.ListQueuesInput{MaxResults: aws.Int32(1)})
		if err != nil || len(page.QueueUrls) != 1 || page.NextToken == nil {
			t.Fatalf("first page: %+v, %v", page, err)
		}
		page, err = c.ListQueues(t.Context(), &sqs.ListQueuesInput{MaxResults: aws.Int32(1), NextToken: page.NextToken})
		if err != nil || len(page.QueueUrls) != 1 || page.NextToken != nil {
			t.Errorf("second page: %+v, %v", page, err)
		}
		found, err := c.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("jobs")})
		if err != nil || *found.QueueUrl != *jobs {
			t.Errorf("GetQueueUrl: %v, %v", found, err)
		}
		_, err = c.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("none")})
		refused(t, err, "AWS.SimpleQueueService.NonExistentQueue")
		if missing := new(types.QueueDoesNotExist); !errors.As(err, &missing) {
			t.Errorf("%T is not typed", err)
		}
		if _, err := c.TagQueue(t.Context(), &sqs.TagQueueInput{QueueUrl: jobs, Tags: map[string]string{"a": "1", "b": "2"}}); err != nil {
			t.Error(err)
		}
		if _, err := c.UntagQueue(t.Context(), &sqs.UntagQueueInput{QueueUrl: jobs, TagKeys: []string{"a"}}); err != nil {
			t.Error(err)
		}
		tags, err := c.ListQueueTags(t.Context(), &sqs.ListQueueTagsInput{QueueUrl: jobs})
		if err != nil || !cmp.Equal(tags.Tags, map[string]string{"b": "2"}) {
			t.Errorf("tags: %v, %v", tags, err)
		}
		send(t, c, jobs, "m")
		if _, err := c.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: jobs}); err != nil {
			t.Error(err)
		}
		_, err = c.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: jobs})
		refused(t, err, "AWS.SimpleQueueService.PurgeQueueInProgress")
		if _, err := c.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: jobs}); err != nil {
			t.Error(err)
		}
		_, err = c.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("jobs")})
		refused(t, err, "AWS.SimpleQueueService.QueueDeletedRecently")
		time.Sleep(time.Minute)
		create(t, c, "jobs", nil)
	})
}
