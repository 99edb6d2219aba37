package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/vend-cli/vend/internal/config"
)

const (
	retention  = 14 * 24 * 3600 // seconds; the longest that SQS keeps a message
	visibility = 60             // seconds that a received message is hidden
	receives   = 5              // of a message, before it is put aside
)

// CreateResources makes the bucket, table, queue, rules and topic of a pipeline with the names of the configuration, and
// returns the configuration with their addresses filled in. Those that are there stay. It is for rehearsals; a pipeline
// in AWS is deployed by its CloudFormation stack.
func CreateResources(ctx context.Context, c config.Config, o Options) (config.Config, error) {
	e, err := prepare(ctx, c, o)
	if err != nil {
		return c, err
	}
	if err := e.createBucket(ctx); err != nil {
		return c, err
	}
	if err := e.Queue.CreateTable(ctx); err != nil {
		return c, err
	}
	queueARN := ""
	if c.QueueURL, queueARN, err = e.createQueues(ctx); err != nil {
		return c, err
	}
	if err := e.createRules(ctx, queueARN); err != nil {
		return c, err
	}
	topic, err := sns.NewFromConfig(e.aws).CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String(c.Table)})
	if err != nil {
		return c, fmt.Errorf("create topic %s: %w", c.Table, err)
	}
	c.TopicARN = aws.ToString(topic.TopicArn)
	return c, nil
}

func (e *Engine) createBucket(ctx context.Context) error {
	name := e.Config.Bucket
	client := s3.NewFromConfig(e.aws, func(o *s3.Options) { o.UsePathStyle = o.UsePathStyle || o.BaseEndpoint != nil })
	in := &s3.CreateBucketInput{Bucket: &name}
	if e.aws.Region != "us-east-1" {
		in.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(e.aws.Region)}
	}
	var ours *s3types.BucketAlreadyOwnedByYou
	if _, err := client.CreateBucket(ctx, in); err != nil && !errors.As(err, &ours) {
		return fmt.Errorf("create bucket %s: %w", name, err)
	}
	if _, err := client.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
		Bucket: &name, VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled},
	}); err != nil {
		return fmt.Errorf("keep versions in bucket %s: %w", name, err)
	}
	if _, err := client.PutBucketNotificationConfiguration(ctx, &s3.PutBucketNotificationConfigurationInput{
		Bucket: &name, NotificationConfiguration: &s3types.NotificationConfiguration{EventBridgeConfiguration: &s3types.EventBridgeConfiguration{}},
	}); err != nil {
		return fmt.Errorf("announce uploads to bucket %s: %w", name, err)
	}
	return nil
}

// createQueues makes the inbox and the queue for messages that nobody could handle.
func (e *Engine) createQueues(ctx context.Context) (url, arn string, err error) {
	client := sqs.NewFromConfig(e.aws)
	make := func(name string, attributes map[string]string) (string, string, error) {
		made, err := client.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
		if err != nil {
			return "", "", fmt.Errorf("create queue %s: %w", name, err)
		}
		got, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: made.QueueUrl, AttributeNames: []sqstypes.QueueAttributeName{"QueueArn"}})
		if err != nil {
			return "", "", fmt.Errorf("look at queue %s: %w", name, err)
		}
		return aws.ToString(made.QueueUrl), got.Attributes["QueueArn"], nil
	}
	_, dead, err := make(e.Config.Table+"-dead-letters", map[string]string{"MessageRetentionPeriod": strconv.Itoa(retention)})
	if err != nil {
		return "", "", err
	}
	redrive, err := json.Marshal(map[string]string{"deadLetterTargetArn": dead, "maxReceiveCount": strconv.Itoa(receives)})
	if err != nil {
		return "", "", fmt.Errorf("write redrive policy: %w", err)
	}
	return make(e.Config.Table+"-inbox", map[string]string{
		"MessageRetentionPeriod": strconv.Itoa(retention), "VisibilityTimeout": strconv.Itoa(visibility), "RedrivePolicy": string(redrive),
	})
}

// createRules routes uploads and Control Tower's account events to the inbox.
func (e *Engine) createRules(ctx context.Context, queueARN string) error {
	rules := []struct {
		name    string
		pattern map[string]any
	}{
		{e.Config.Table + "-uploads", map[string]any{
			"source": []string{"aws.s3"}, "detail-type": []string{"Object Created"},
			"detail": map[string]any{
				"bucket": map[string]any{"name": []string{e.Config.Bucket}},
				"object": map[string]any{"key": []any{map[string]string{"prefix": e.Config.Prefix}}},
			},
		}},
		{e.Config.Table + "-accounts", map[string]any{
			"source": []string{"aws.controltower"}, "detail-type": []string{"AWS Service Event via CloudTrail"},
			"detail": map[string]any{"eventName": []string{"CreateManagedAccount", "UpdateManagedAccount"}},
		}},
	}
	client := eventbridge.NewFromConfig(e.aws)
	for _, r := range rules {
		pattern, err := json.Marshal(r.pattern)
		if err != nil {
			return fmt.Errorf("write rule %s: %w", r.name, err)
		}
		if _, err := client.PutRule(ctx, &eventbridge.PutRuleInput{Name: &r.name, EventPattern: aws.String(string(pattern))}); err != nil {
			return fmt.Errorf("create rule %s: %w", r.name, err)
		}
		out, err := client.PutTargets(ctx, &eventbridge.PutTargetsInput{
			Rule: &r.name, Targets: []eventtypes.Target{{Id: aws.String("inbox"), Arn: &queueARN}},
		})
		if err != nil {
			return fmt.Errorf("create target of rule %s: %w", r.name, err)
		}
		if out.FailedEntryCount > 0 {
			return fmt.Errorf("create target of rule %s: %s", r.name, aws.ToString(out.FailedEntries[0].ErrorMessage))
		}
	}
	return nil
}
