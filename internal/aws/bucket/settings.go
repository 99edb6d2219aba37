package bucket

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Settings say how the bucket is set up.
type Settings struct {
	Versioned bool // it keeps the versions of its objects
	Announces bool // it sends its events to EventBridge
}

// Settings looks how the bucket is set up (Amazon S3 API Reference, GetBucketVersioning,
// GetBucketNotificationConfiguration).
func (c *Client) Settings(ctx context.Context) (Settings, error) {
	versioning, err := c.s3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &c.name})
	if err != nil {
		return Settings{}, fmt.Errorf("look at versions of bucket %s: %w", c.name, judge("s3.GetBucketVersioning", err))
	}
	events, err := c.s3.GetBucketNotificationConfiguration(ctx, &s3.GetBucketNotificationConfigurationInput{Bucket: &c.name})
	if err != nil {
		return Settings{}, fmt.Errorf("look at events of bucket %s: %w", c.name, judge("s3.GetBucketNotificationConfiguration", err))
	}
	return Settings{
		Versioned: versioning.Status == types.BucketVersioningStatusEnabled,
		Announces: events.EventBridgeConfiguration != nil,
	}, nil
}
