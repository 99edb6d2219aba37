package sqs

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// longestHold is how long a message may stay invisible after a receive (Amazon SQS API Reference,
// ChangeMessageVisibility).
const longestHold = 12 * time.Hour

type receiveMessageInput struct {
	QueueURL              string   `json:"QueueUrl"`
	AttributeNames        []string `json:"AttributeNames" query:"AttributeName,flat"`
	SystemAttributeNames  []string `json:"MessageSystemAttributeNames" query:"MessageSystemAttributeName,flat"`
	MessageAttributeNames []string `json:"MessageAttributeNames" query:"MessageAttributeName,flat"`
	MaxNumberOfMessages   *int     `json:"MaxNumberOfMessages"`
	VisibilityTimeout     *int     `json:"VisibilityTimeout"`
	WaitTimeSeconds       *int     `json:"WaitTimeSeconds"`
}

type receiveMessageOutput struct {
	Messages []received `json:"Messages,omitempty" query:"Message,flat"`
}

type received struct {
	MessageID         string               `json:"MessageId"`
	ReceiptHandle     string               `json:"ReceiptHandle"`
	MD5OfBody         string               `json:"MD5OfBody"`
	Body              string               `json:"Body"`
	Attributes        map[string]string    `json:"Attributes,omitempty" query:"Attribute,flat,key=Name,value=Value"`
	MD5OfAttributes   string               `json:"MD5OfMessageAttributes,omitempty"`
	MessageAttributes map[string]attribute `json:"MessageAttributes,omitempty" query:"MessageAttribute,flat,key=Name,value=Value"`
}

// receiveMessage waits outside of the world, so that messages can come in meanwhile.
func (s *service) receiveMessage(c *wire.Call, in *receiveMessageInput) (*receiveMessageOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	var until time.Time
	for {
		var out *receiveMessageOutput
		var err error
		var changed <-chan struct{}
		var pause time.Duration
		s.world.Do(func() {
			var q *queue
			if q, err = s.queue(c, in.QueueURL); err != nil {
				return
			}
			if until.IsZero() {
				until = s.world.Now().Add(in.wait(q))
			}
			if out, err = s.take(q, in); err != nil || len(out.Messages) > 0 {
				return
			}
			pause = until.Sub(s.world.Now())
			if next := q.nextVisible(); !next.IsZero() {
				pause = min(pause, next.Sub(s.world.Now()))
			}
			event, due, scheduled := s.world.Changed()
			changed = event
			if scheduled {
				pause = min(pause, due)
			}
		})
		if err != nil || len(out.Messages) > 0 || !until.After(s.world.Now()) {
			return out, err
		}
		if err := sleep(c.Request.Context(), changed, pause); err != nil {
			return nil, err
		}
	}
}

// sleep returns when something has changed, or d has passed.
func sleep(ctx context.Context, changed <-chan struct{}, d time.Duration) error {
	timer := time.NewTimer(max(d, time.Millisecond))
	defer timer.Stop()
	select {
	case <-changed:
		return nil
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("receive message: %w", ctx.Err())
	}
}

func (in *receiveMessageInput) check() error {
	for _, bound := range []struct {
		name            string
		value           *int
		lowest, highest int
	}{
		{"MaxNumberOfMessages", in.MaxNumberOfMessages, 1, 10},
		{"VisibilityTimeout", in.VisibilityTimeout, 0, 43_200},
		{"WaitTimeSeconds", in.WaitTimeSeconds, 0, 20},
	} {
		if bound.value != nil && (*bound.value < bound.lowest || *bound.value > bound.highest) {
			return outOfRange(bound.name, *bound.value, bound.lowest, bound.highest)
		}
	}
	return nil
}

func (in *receiveMessageInput) wait(q *queue) time.Duration {
	if in.WaitTimeSeconds != nil {
		return time.Duration(*in.WaitTimeSeconds) * time.Second
	}
	return q.seconds("ReceiveMessageWaitTimeSeconds")
}

func (s *service) take(q *queue, in *receiveMessageInput) (*receiveMessageOutput, error) {
	if _, inFlight, _ := q.counts(s.world.Now()); inFlight >= maxInFlight {
		return nil, failure("OverLimit", fmt.Sprintf("Too many messages in flight: the limit is %d.", maxInFlight))
	}
	n, hidden := 1, q.seconds("VisibilityTimeout")
	if in.MaxNumberOfMessages != nil {
		n = *in.MaxNumberOfMessages
	}
	if in.VisibilityTimeout != nil {
		hidden = time.Duration(*in.VisibilityTimeout) * time.Second
	}
	names := slices.Concat(in.AttributeNames, in.SystemAttributeNames)
	out := &receiveMessageOutput{}
	for _, m := range s.receive(q, n, hidden) {
		attributes := messageAttributes(m, in.MessageAttributeNames)
		out.Messages = append(out.Messages, received{
			MessageID: m.id, ReceiptHandle: q.handle(m), MD5OfBody: digest(m.body), Body: m.body,
			Attributes:      systemAttributes(m, names),
			MD5OfAttributes: attributesDigest(attributes), MessageAttributes: attributes,
		})
	}
	return out, nil
}

type deleteMessageInput struct {
	QueueURL      string `json:"QueueUrl"`
	ReceiptHandle string `json:"ReceiptHandle"`
}

func (s *service) deleteMessage(c *wire.Call, in *deleteMessageInput) (*struct{}, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	return nil, q.delete(in.ReceiptHandle)
}

// delete succeeds for a handle that is not the last one, too, but then the message stays (Amazon SQS API Reference,
// DeleteMessage).
func (q *queue) delete(handle string) error {
	if handle == "" {
		return missing("ReceiptHandle")
	}
	m, last, ok := q.open(handle)
	if !ok {
		return failure("ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
	}
	if last {
		q.remove(m)
	}
	return nil
}

type deleteEntry struct {
	ID            string `json:"Id"`
	ReceiptHandle string `json:"ReceiptHandle"`
}

type deleteMessageBatchInput struct {
	QueueURL string        `json:"QueueUrl"`
	Entries  []deleteEntry `json:"Entries" query:"DeleteMessageBatchRequestEntry,flat"`
}

type deleteMessageBatchOutput struct {
	Successful []succeeded `json:"Successful" query:"DeleteMessageBatchResultEntry,flat"`
	Failed     []failed    `json:"Failed,omitempty" query:"BatchResultErrorEntry,flat"`
}

func (s *service) deleteMessageBatch(c *wire.Call, in *deleteMessageBatchInput) (*deleteMessageBatchOutput, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	if err := checkBatch(in.Entries, func(e deleteEntry) string { return e.ID }); err != nil {
		return nil, err
	}
	out := &deleteMessageBatchOutput{Successful: []succeeded{}}
	for _, e := range in.Entries {
		if err := q.delete(e.ReceiptHandle); err != nil {
			out.Failed = append(out.Failed, failedEntry(e.ID, err))
			continue
		}
		out.Successful = append(out.Successful, succeeded{e.ID})
	}
	return out, nil
}
