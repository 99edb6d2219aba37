package identitycenter

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/vend-cli/vend/internal/account"
)

const deleteAssignment = "sso.DeleteAccountAssignment"

// Unassign begins to delete an assignment whose ARN and id are filled in, and returns the id of the request to ask
// [Client.Unassigned] about. It makes one attempt: an error that is no verdict means that the deletion may have begun, and
// [Client.Assigned] will tell. Deletions and creations share the places of those that may be under way, as with
// [Client.Assign] (IAM Identity Center API Reference, DeleteAccountAssignment).
func (c *Client) Unassign(ctx context.Context, accountID string, a account.Assignment) (requestID string, state account.AssignmentState, err error) {
	instance, _, err := c.Instance(ctx)
	if err != nil {
		return "", "", err
	}
	place, ok := c.places.take(c.options.Now())
	if !ok {
		return "", "", c.crowded()
	}
	out, err := c.sso.DeleteAccountAssignment(ctx, &ssoadmin.DeleteAccountAssignmentInput{
		InstanceArn: &instance, PermissionSetArn: &a.PermissionSetARN, PrincipalId: &a.PrincipalID, PrincipalType: types.PrincipalType(a.PrincipalType),
		TargetId: &accountID, TargetType: types.TargetTypeAwsAccount,
	}, func(o *ssoadmin.Options) { o.Retryer = aws.NopRetryer{} })
	if err != nil {
		c.places.freeIfAnswered(place, deleteAssignment, err)
		if code(err) == notFound {
			c.forget()
		}
		return "", "", fmt.Errorf("take %s away in account %s: %w", a.PermissionSet, accountID, judge(deleteAssignment, err))
	}
	if out.AccountAssignmentDeletionStatus == nil {
		return "", "", fmt.Errorf("take %s away in account %s: %w", a.PermissionSet, accountID, errNoStatus)
	}
	requestID, state = aws.ToString(out.AccountAssignmentDeletionStatus.RequestId), stateOf(out.AccountAssignmentDeletionStatus.Status)
	if c.places.name(place, requestID); state != account.AssignmentCreating {
		c.places.free(requestID)
	}
	return requestID, state, nil
}

// Unassigned asks how far a deletion is, and why it failed, in AWS's words. A request that AWS does not know (any more) is
// pending: [Client.Assigned] will tell (IAM Identity Center API Reference, DescribeAccountAssignmentDeletionStatus).
func (c *Client) Unassigned(ctx context.Context, requestID string) (state account.AssignmentState, failureReason string, err error) {
	instance, _, err := c.Instance(ctx)
	if err != nil {
		return "", "", err
	}
	out, err := c.sso.DescribeAccountAssignmentDeletionStatus(ctx, &ssoadmin.DescribeAccountAssignmentDeletionStatusInput{
		InstanceArn: &instance, AccountAssignmentDeletionRequestId: &requestID,
	})
	switch {
	case code(err) == notFound:
		c.places.free(requestID)
		return account.AssignmentPending, "", nil
	case err != nil:
		return "", "", fmt.Errorf("ask for deletion request %s: %w", requestID, judge("sso.DescribeAccountAssignmentDeletionStatus", err))
	case out.AccountAssignmentDeletionStatus == nil:
		return "", "", fmt.Errorf("ask for deletion request %s: %w", requestID, errNoStatus)
	}
	s := out.AccountAssignmentDeletionStatus
	if state = stateOf(s.Status); state != account.AssignmentCreating {
		c.places.free(requestID)
	}
	return state, aws.ToString(s.FailureReason), nil
}

// UserWithEmail finds the user who has that e-mail address, whatever the user name is; false when nobody has, or several
// have (Identity Store API Reference, GetUserId).
func (c *Client) UserWithEmail(ctx context.Context, email string) (id string, found bool, err error) {
	_, store, err := c.Instance(ctx)
	if err != nil {
		return "", false, err
	}
	out, err := c.store.GetUserId(ctx, &identitystore.GetUserIdInput{IdentityStoreId: &store, AlternateIdentifier: unique("emails.value", email)})
	switch code(err) {
	case notFound, "ValidationException", "ConflictException":
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("find user by e-mail: %w", judge("identitystore.GetUserId", err))
	}
	return aws.ToString(out.UserId), true, nil
}
