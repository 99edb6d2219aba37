package bucket

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// calls are the operations of Amazon S3 that are called. They are functions: a client that is held in what becomes an interface keeps
// all of its operations in the program, called or not.
type calls struct {
	GetBucketNotificationConfiguration call[s3.GetBucketNotificationConfigurationInput, s3.GetBucketNotificationConfigurationOutput]
	GetBucketVersioning                call[s3.GetBucketVersioningInput, s3.GetBucketVersioningOutput]
	GetObject                          call[s3.GetObjectInput, s3.GetObjectOutput]
	ListObjectVersions                 call[s3.ListObjectVersionsInput, s3.ListObjectVersionsOutput]
	PutObject                          call[s3.PutObjectInput, s3.PutObjectOutput]
}

type call[In, Out any] = func(context.Context, *In, ...func(*s3.Options)) (*Out, error)

func callsOf(c *s3.Client) calls {
	return calls{
		GetBucketNotificationConfiguration: c.GetBucketNotificationConfiguration,
		GetBucketVersioning:                c.GetBucketVersioning,
		GetObject:                          c.GetObject,
		ListObjectVersions:                 c.ListObjectVersions,
		PutObject:                          c.PutObject,
	}
}
