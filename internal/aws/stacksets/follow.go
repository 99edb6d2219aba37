package stacksets

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/vend-cli/vend/internal/account"
)

// Operation asks how far an operation on an account's instance is: not known, under way, or ended, with the reason AWS
// gives where it did not succeed for that account (AWS CloudFormation API Reference, DescribeStackSetOperation,
// ListStackSetOperationResults).
func (c *Client) Operation(ctx context.Context, operation, accountID string) (account.StackOperation, error) {
	out, err := c.cfn.DescribeStackSetOperation(ctx, &cloudformation.DescribeStackSetOperationInput{StackSetName: aws.String(Name), OperationId: &operation})
	switch {
	case code(err) == noOperation || code(err) == noStackSet:
		return account.StackOperation{}, nil
	case err != nil:
		return account.StackOperation{}, fmt.Errorf("describe operation %s: %w", operation, judge("cloudformation.DescribeStackSetOperation", err))
	}
	o := account.StackOperation{Known: true, Status: string(out.StackSetOperation.Status), Reason: aws.ToString(out.StackSetOperation.StatusReason)}
	switch out.StackSetOperation.Status {
	case types.StackSetOperationStatusSucceeded, types.StackSetOperationStatusFailed, types.StackSetOperationStatusStopped:
		o.Ended = true
	default:
		return o, nil
	}
	pages := cloudformation.NewListStackSetOperationResultsPaginator(c.cfn,
		&cloudformation.ListStackSetOperationResultsInput{StackSetName: aws.String(Name), OperationId: &operation})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return o, fmt.Errorf("list results of operation %s: %w", operation, judge("cloudformation.ListStackSetOperationResults", err))
		}
		for _, r := range page.Summaries {
			if aws.ToString(r.Account) == accountID && r.Status != types.StackSetOperationResultStatusSucceeded {
				o.Reason = aws.ToString(r.StatusReason)
			}
		}
	}
	return o, nil
}

// Instance finds the instance of an account; false when there is none (AWS CloudFormation API Reference,
// ListStackInstances).
func (c *Client) Instance(ctx context.Context, accountID string) (account.StackInstance, bool, error) {
	all, err := c.instances(ctx, &accountID)
	for _, i := range all {
		if i.AccountID == accountID && i.Region == c.region {
			return i, true, err
		}
	}
	return account.StackInstance{}, false, err
}

// Instances lists every instance of the stack set; none when there is no stack set.
func (c *Client) Instances(ctx context.Context) ([]account.StackInstance, error) {
	return c.instances(ctx, nil)
}

func (c *Client) instances(ctx context.Context, accountID *string) (all []account.StackInstance, err error) {
	pages := cloudformation.NewListStackInstancesPaginator(c.cfn,
		&cloudformation.ListStackInstancesInput{StackSetName: aws.String(Name), StackInstanceAccount: accountID, MaxResults: aws.Int32(100)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		switch {
		case code(err) == noStackSet:
			return nil, nil
		case err != nil:
			return nil, fmt.Errorf("list instances of stack set %s: %w", Name, judge("cloudformation.ListStackInstances", err))
		}
		for _, s := range page.Summaries {
			i := account.StackInstance{
				AccountID: aws.ToString(s.Account), Region: aws.ToString(s.Region), ParentID: aws.ToString(s.OrganizationalUnitId),
				Status: string(s.Status), Reason: aws.ToString(s.StatusReason),
			}
			if s.StackInstanceStatus != nil {
				i.Detail = string(s.StackInstanceStatus.DetailedStatus)
			}
			all = append(all, i)
		}
	}
	return all, nil
}
