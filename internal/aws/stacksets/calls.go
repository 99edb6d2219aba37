package stacksets

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

// calls are the operations of CloudFormation that are called. They are functions: a client that is held in what becomes an interface keeps
// all of its operations in the program, called or not.
type calls struct {
	ActivateOrganizationsAccess call[cloudformation.ActivateOrganizationsAccessInput, cloudformation.ActivateOrganizationsAccessOutput]
	CreateStackInstances        call[cloudformation.CreateStackInstancesInput, cloudformation.CreateStackInstancesOutput]
	CreateStackSet              call[cloudformation.CreateStackSetInput, cloudformation.CreateStackSetOutput]
	DeleteStackInstances        call[cloudformation.DeleteStackInstancesInput, cloudformation.DeleteStackInstancesOutput]
	DeleteStackSet              call[cloudformation.DeleteStackSetInput, cloudformation.DeleteStackSetOutput]
	DescribeOrganizationsAccess call[cloudformation.DescribeOrganizationsAccessInput, cloudformation.DescribeOrganizationsAccessOutput]
	DescribeStackSet            call[cloudformation.DescribeStackSetInput, cloudformation.DescribeStackSetOutput]
	DescribeStackSetOperation   call[cloudformation.DescribeStackSetOperationInput, cloudformation.DescribeStackSetOperationOutput]

	listStackInstances           call[cloudformation.ListStackInstancesInput, cloudformation.ListStackInstancesOutput]
	listStackSetOperationResults call[cloudformation.ListStackSetOperationResultsInput, cloudformation.ListStackSetOperationResultsOutput]
}

type call[In, Out any] = func(context.Context, *In, ...func(*cloudformation.Options)) (*Out, error)

func callsOf(c *cloudformation.Client) calls {
	return calls{
		ActivateOrganizationsAccess: c.ActivateOrganizationsAccess,
		CreateStackInstances:        c.CreateStackInstances,
		CreateStackSet:              c.CreateStackSet,
		DeleteStackInstances:        c.DeleteStackInstances,
		DeleteStackSet:              c.DeleteStackSet,
		DescribeOrganizationsAccess: c.DescribeOrganizationsAccess,
		DescribeStackSet:            c.DescribeStackSet,
		DescribeStackSetOperation:   c.DescribeStackSetOperation,

		listStackInstances:           c.ListStackInstances,
		listStackSetOperationResults: c.ListStackSetOperationResults,
	}
}

// ListStackInstances is what the SDK's paginator asks for.
func (c calls) ListStackInstances(ctx context.Context, in *cloudformation.ListStackInstancesInput, o ...func(*cloudformation.Options)) (*cloudformation.ListStackInstancesOutput, error) {
	return c.listStackInstances(ctx, in, o...)
}

// ListStackSetOperationResults is what the SDK's paginator asks for.
func (c calls) ListStackSetOperationResults(ctx context.Context, in *cloudformation.ListStackSetOperationResultsInput, o ...func(*cloudformation.Options)) (*cloudformation.ListStackSetOperationResultsOutput, error) {
	return c.listStackSetOperationResults(ctx, in, o...)
}
