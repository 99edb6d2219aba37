package stack

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

// calls are the operations of CloudFormation that are called. They are functions: a client that is held in what becomes an
// interface keeps all of its operations in the program, called or not.
type calls struct {
	ContinueUpdateRollback      call[cloudformation.ContinueUpdateRollbackInput, cloudformation.ContinueUpdateRollbackOutput]
	CreateChangeSet             call[cloudformation.CreateChangeSetInput, cloudformation.CreateChangeSetOutput]
	DeleteChangeSet             call[cloudformation.DeleteChangeSetInput, cloudformation.DeleteChangeSetOutput]
	DeleteStack                 call[cloudformation.DeleteStackInput, cloudformation.DeleteStackOutput]
	DescribeChangeSet           call[cloudformation.DescribeChangeSetInput, cloudformation.DescribeChangeSetOutput]
	DescribeStackResources      call[cloudformation.DescribeStackResourcesInput, cloudformation.DescribeStackResourcesOutput]
	DescribeStacks              call[cloudformation.DescribeStacksInput, cloudformation.DescribeStacksOutput]
	ExecuteChangeSet            call[cloudformation.ExecuteChangeSetInput, cloudformation.ExecuteChangeSetOutput]
	UpdateTerminationProtection call[cloudformation.UpdateTerminationProtectionInput, cloudformation.UpdateTerminationProtectionOutput]

	describeStackEvents call[cloudformation.DescribeStackEventsInput, cloudformation.DescribeStackEventsOutput]
}

type call[In, Out any] = func(context.Context, *In, ...func(*cloudformation.Options)) (*Out, error)

func callsOf(c *cloudformation.Client) calls {
	return calls{
		ContinueUpdateRollback:      c.ContinueUpdateRollback,
		CreateChangeSet:             c.CreateChangeSet,
		DeleteChangeSet:             c.DeleteChangeSet,
		DeleteStack:                 c.DeleteStack,
		DescribeChangeSet:           c.DescribeChangeSet,
		DescribeStackResources:      c.DescribeStackResources,
		DescribeStacks:              c.DescribeStacks,
		ExecuteChangeSet:            c.ExecuteChangeSet,
		UpdateTerminationProtection: c.UpdateTerminationProtection,

		describeStackEvents: c.DescribeStackEvents,
	}
}

// DescribeStackEvents is what the SDK's paginator asks for.
func (c calls) DescribeStackEvents(ctx context.Context, in *cloudformation.DescribeStackEventsInput, o ...func(*cloudformation.Options)) (*cloudformation.DescribeStackEventsOutput, error) {
	return c.describeStackEvents(ctx, in, o...)
}
