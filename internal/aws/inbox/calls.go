package inbox

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// calls are the operations of Amazon SQS that are called. They are functions: a client that is held in what becomes an interface keeps
// all of its operations in the program, called or not.
type calls struct {
	ChangeMessageVisibility call[sqs.ChangeMessageVisibilityInput, sqs.ChangeMessageVisibilityOutput]
	DeleteMessageBatch      call[sqs.DeleteMessageBatchInput, sqs.DeleteMessageBatchOutput]
	GetQueueAttributes      call[sqs.GetQueueAttributesInput, sqs.GetQueueAttributesOutput]
	GetQueueUrl             call[sqs.GetQueueUrlInput, sqs.GetQueueUrlOutput]
	ReceiveMessage          call[sqs.ReceiveMessageInput, sqs.ReceiveMessageOutput]
}

type call[In, Out any] = func(context.Context, *In, ...func(*sqs.Options)) (*Out, error)

func callsOf(c *sqs.Client) calls {
	return calls{
		ChangeMessageVisibility: c.ChangeMessageVisibility,
		DeleteMessageBatch:      c.DeleteMessageBatch,
		GetQueueAttributes:      c.GetQueueAttributes,
		GetQueueUrl:             c.GetQueueUrl,
		ReceiveMessage:          c.ReceiveMessage,
	}
}
