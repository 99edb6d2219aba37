// Package inbox takes the messages that S3 and Control Tower leave in an SQS queue.
//
// SQS delivers each message at least once and in no order. Whoever has done what a message asks for deletes it; one that
// is not deleted comes again.
//
// It imports account and retry.
package inbox

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/vend-cli/vend/internal/account"
)

// Client is one queue.
type Client struct {
	sqs  calls
	url  string
	dead deadLetters
}

// Message is one delivery of a message.
type Message = account.Message

// Limits of one call (Amazon SQS API Reference, ReceiveMessage, DeleteMessageBatch, ChangeMessageVisibility).
const (
	maxBatch      = 10
	maxWait       = 20 * time.Second
	maxVisibility = 12 * time.Hour
)

// New makes a client of the queue with that URL.
func New(cfg aws.Config, queueURL string) *Client {
	return &Client{sqs: callsOf(sqs.NewFromConfig(cfg)), url: queueURL}
}

// Receive takes at most max messages, ten at most, waiting up to wait (in whole seconds, twenty at most) for the first.
// None is no error. Other receivers do not see them until the queue's visibility timeout has passed (Amazon SQS API
// Reference, ReceiveMessage).
func (c *Client) Receive(ctx context.Context, max int, wait time.Duration) ([]Message, error) {
	out, err := c.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl:            &c.url,
		MaxNumberOfMessages: int32(min(maxBatch, max)),
		WaitTimeSeconds:     seconds(wait, maxWait),
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{
			types.MessageSystemAttributeNameApproximateReceiveCount, types.MessageSystemAttributeNameSentTimestamp,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("receive messages: %w", judge("sqs.ReceiveMessage", err))
	}
	messages := make([]Message, len(out.Messages))
	for i, m := range out.Messages {
		receives, _ := strconv.Atoi(m.Attributes["ApproximateReceiveCount"]) // 0 where it is not given
		messages[i] = Message{
			ID: aws.ToString(m.MessageId), Body: aws.ToString(m.Body), Receipt: aws.ToString(m.ReceiptHandle), Receives: receives,
		}
		if sent, err := strconv.ParseInt(m.Attributes["SentTimestamp"], 10, 64); err == nil {
			messages[i].SentAt = time.UnixMilli(sent)
		}
	}
	return messages, nil
}

// Delete deletes messages, in batches. It tries all of them; the error names each that was not deleted. Those come again.
func (c *Client) Delete(ctx context.Context, messages []Message) error {
	var problems []error
	for len(messages) > 0 {
		n := min(maxBatch, len(messages))
		problems = append(problems, c.delete(ctx, messages[:n])...)
		messages = messages[n:]
	}
	return errors.Join(problems...)
}

func (c *Client) delete(ctx context.Context, messages []Message) (problems []error) {
	entries := make([]types.DeleteMessageBatchRequestEntry, len(messages))
	for i, m := range messages {
		entries[i] = types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: aws.String(m.Receipt)}
	}
	out, err := c.sqs.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &c.url, Entries: entries}, once)
	if err != nil {
		return []error{fmt.Errorf("delete %d messages: %w", len(messages), judge("sqs.DeleteMessageBatch", err))}
	}
	for _, f := range out.Failed {
		id := aws.ToString(f.Id)
		if i, err := strconv.Atoi(id); err == nil && i >= 0 && i < len(messages) {
			id = messages[i].ID
		}
		problems = append(problems, fmt.Errorf("delete message %s: %s: %s", id, aws.ToString(f.Code), aws.ToString(f.Message)))
	}
	return problems
}

// Extend keeps a message from other receivers for d from now, twelve hours at most since it was received; zero lets it
// come again at once (Amazon SQS API Reference, ChangeMessageVisibility).
func (c *Client) Extend(ctx context.Context, m Message, d time.Duration) error {
	_, err := c.sqs.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: &c.url, ReceiptHandle: &m.Receipt, VisibilityTimeout: seconds(d, maxVisibility),
	}, once)
	if err != nil {
		return fmt.Errorf("extend message %s: %w", m.ID, judge("sqs.ChangeMessageVisibility", err))
	}
	return nil
}

// once makes a call a single attempt: whoever asked looks before it asks again.
func once(o *sqs.Options) { o.Retryer = aws.NopRetryer{} }

// seconds rounds up, so that a short wait is not none.
func seconds(d, most time.Duration) int32 {
	return int32((max(0, min(d, most)) + time.Second - 1) / time.Second)
}
