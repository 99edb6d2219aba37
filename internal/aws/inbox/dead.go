package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// deadLetters is where SQS puts messages aside that came too often.
type deadLetters struct {
	mu    sync.Mutex
	url   string
	asked bool // an empty url means that the queue has none
}

// Dead says how many messages lie in the inbox' dead-letter queue, about; none where it has no such queue (Amazon SQS
// Developer Guide, "Using dead-letter queues").
func (c *Client) Dead(ctx context.Context) (int, error) {
	url, err := c.deadLetterQueue(ctx)
	if err != nil || url == "" {
		return 0, err
	}
	n, err := c.attribute(ctx, url, types.QueueAttributeNameApproximateNumberOfMessages)
	if err != nil {
		return 0, fmt.Errorf("count dead letters: %w", err)
	}
	count, err := strconv.Atoi(n)
	if err != nil {
		return 0, fmt.Errorf("count dead letters: %w", err)
	}
	return count, nil
}

// deadLetterQueue finds the queue once: the inbox names it in its redrive policy.
func (c *Client) deadLetterQueue(ctx context.Context) (string, error) {
	c.dead.mu.Lock()
	defer c.dead.mu.Unlock()
	if c.dead.asked {
		return c.dead.url, nil
	}
	policy, err := c.attribute(ctx, c.url, types.QueueAttributeNameRedrivePolicy)
	if err != nil {
		return "", fmt.Errorf("find dead-letter queue: %w", err)
	}
	if policy == "" {
		c.dead.asked = true
		return "", nil
	}
	var redrive struct {
		ARN string `json:"deadLetterTargetArn"`
	}
	if err := json.Unmarshal([]byte(policy), &redrive); err != nil {
		return "", fmt.Errorf("read redrive policy of the inbox: %w", err)
	}
	parts := strings.Split(redrive.ARN, ":") // arn:aws:sqs:us-east-1:111122223333:name
	if len(parts) != 6 {
		return "", errors.New("read redrive policy of the inbox: it names no queue: " + policy)
	}
	out, err := c.sqs.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &parts[5], QueueOwnerAWSAccountId: &parts[4]})
	if err != nil {
		return "", fmt.Errorf("find dead-letter queue %s: %w", parts[5], judge("sqs.GetQueueUrl", err))
	}
	c.dead.url, c.dead.asked = aws.ToString(out.QueueUrl), true
	return c.dead.url, nil
}

func (c *Client) attribute(ctx context.Context, url string, name types.QueueAttributeName) (string, error) {
	out, err := c.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{name}})
	if err != nil {
		return "", judge("sqs.GetQueueAttributes", err)
	}
	return out.Attributes[string(name)], nil
}
