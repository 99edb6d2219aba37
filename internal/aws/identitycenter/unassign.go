package identitycenter

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/directory"
)

const deleteAssignment = "sso.DeleteAccountAssignment"

// Unassign begins to delete an assignment, as [Client.Assign] begins to create one: one attempt, and a place among those
// that may be under way, for nobody has documented whether deletions count among them. The id is for
// [Client.UnassignStatus] (IAM Identity Center API Reference, DeleteAccountAssignment).
func (c *Client) Unassign(ctx context.Context, g directory.Grant) (requestID string, state account.AssignmentState, err error) {
	instance, _, err := c.Instance(ctx)
	if err != nil {
		return "", "", err
	}
	place, ok := c.creating.take(c.options.Now())
	if !ok {
		return "", "", account.Wait{For: crowded, Why: fmt.Sprintf("%d assignments are being changed", c.options.Outstanding)}
	}
	out, err := c.sso.DeleteAccountAssignment(ctx, &ssoadmin.DeleteAccountAssignmentInput{
		InstanceArn: &instance, PermissionSetArn: &g.PermissionSetARN, PrincipalId: &g.PrincipalID, PrincipalType: types.PrincipalType(g.PrincipalType),
		TargetId: &g.AccountID, TargetType: types.TargetTypeAwsAccount,
	}, func(o *ssoadmin.Options) { o.Retryer = aws.NopRetryer{} })
	if err != nil {
		_, answered := account.AnswerOf(deleteAssignment, err)
		if unsent := (account.Wait{}); answered || errors.As(err, &unsent) { // an unanswered one may be under way
			c.creating.free(place)
		}
		return "", "", fmt.Errorf("delete assignment of %s in account %s: %w", g.PermissionSetARN, g.AccountID, judge(deleteAssignment, err))
	}
	if out.AccountAssignmentDeletionStatus == nil {
		return "", "", fmt.Errorf("delete assignment of %s in account %s: %w", g.PermissionSetARN, g.AccountID, errNoStatus)
	}
	requestID, state = aws.ToString(out.AccountAssignmentDeletionStatus.RequestId), stateOf(out.AccountAssignmentDeletionStatus.Status)
	if c.creating.name(place, requestID); state != account.AssignmentCreating {
		c.creating.free(requestID)
	}
	return requestID, state, nil
}

// UnassignStatus asks how far a deletion is, as [Client.Status] asks for a creation; done means that the assignment is
// gone (IAM Identity Center API Reference, DescribeAccountAssignmentDeletionStatus).
func (c *Client) UnassignStatus(ctx context.Context, requestID string) (state account.AssignmentState, failureReason string, err error) {
	instance, _, err := c.Instance(ctx)
	if err != nil {
		return "", "", err
	}
	out, err := c.sso.DescribeAccountAssignmentDeletionStatus(ctx, &ssoadmin.DescribeAccountAssignmentDeletionStatusInput{
		InstanceArn: &instance, AccountAssignmentDeletionRequestId: &requestID,
	})
	switch {
	case code(err) == notFound:
		c.creating.free(requestID)
		return account.AssignmentPending, "", nil
	case err != nil:
		return "", "", fmt.Errorf("ask for deletion request %s: %w", requestID, judge("sso.DescribeAccountAssignmentDeletionStatus", err))
	case out.AccountAssignmentDeletionStatus == nil:
		return "", "", fmt.Errorf("ask for deletion request %s: %w", requestID, errNoStatus)
	}
	s := out.AccountAssignmentDeletionStatus
	if state = stateOf(s.Status); state != account.AssignmentCreating {
		c.creating.free(requestID)
	}
	return state, aws.ToString(s.FailureReason), nil
}
