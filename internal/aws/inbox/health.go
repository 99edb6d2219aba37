package inbox

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/vend-cli/vend/internal/account"
)

// Health is how the queue is set up, and what lies in it.
type Health struct {
	HasDeadLetters bool // messages that come too often are put aside
	DeadLetters    int  // put aside so far, about
	Waiting        int  // messages that wait, about
}

// Health looks at the queue (Amazon SQS API Reference, GetQueueAttributes).
func (c *Client) Health(ctx context.Context) (Health, error) {
	n, err := c.attribute(ctx, c.url, types.QueueAttributeNameApproximateNumberOfMessages)
	if err != nil {
		return Health{}, fmt.Errorf("look at queue %s: %w", c.url, err)
	}
	waiting, err := strconv.Atoi(n)
	if err != nil {
		return Health{}, fmt.Errorf("count messages of queue %s: %w", c.url, err)
	}
	dead, err := c.Dead(ctx)
	if err != nil {
		return Health{}, err
	}
	c.dead.mu.Lock()
	defer c.dead.mu.Unlock()
	return Health{HasDeadLetters: c.dead.url != "", DeadLetters: dead, Waiting: waiting}, nil
}

// Find gives the URL of the queue of that name in this account and Region; false where there is none (Amazon SQS API
// Reference, GetQueueUrl).
func Find(ctx context.Context, cfg aws.Config, name string) (string, bool, error) {
	out, err := sqs.NewFromConfig(cfg).GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	var refused account.Refused
	if err = judge("sqs.GetQueueUrl", err); errors.As(err, &refused) && refused.Code == "V3005" {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("find queue %s: %w", name, err)
	}
	return aws.ToString(out.QueueUrl), true, nil
}
