package topic

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sns"
)

// calls are the operations of Amazon SNS that are called. They are functions: a client that is held in what becomes an interface keeps
// all of its operations in the program, called or not.
type calls struct {
	GetTopicAttributes call[sns.GetTopicAttributesInput, sns.GetTopicAttributesOutput]
	Publish            call[sns.PublishInput, sns.PublishOutput]
}

type call[In, Out any] = func(context.Context, *In, ...func(*sns.Options)) (*Out, error)

func callsOf(c *sns.Client) calls {
	return calls{
		GetTopicAttributes: c.GetTopicAttributes,
		Publish:            c.Publish,
	}
}
