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
	requestID, state, err = c.begin(ctx, deleteAssignment, func(instance string) (*types.AccountAssignmentOperationStatus, error) {
		out, err := c.sso.DeleteAccountAssignment(ctx, &ssoadmin.DeleteAccountAssignmentInput{
			InstanceArn: &instance, PermissionSetArn: &a.PermissionSetARN, PrincipalId: &a.PrincipalID, PrincipalType: types.PrincipalType(a.PrincipalType),
			TargetId: &accountID, TargetType: types.TargetTypeAwsAccount,
		}, once)
		if err != nil {
			return nil, err
		}
		return out.AccountAssignmentDeletionStatus, nil
	})
	if err != nil {
		return "", "", fmt.Errorf("take %s away in account %s: %w", a.PermissionSet, accountID, err)
	}
	return requestID, state, nil
}

// Unassigned asks how far a deletion is, and why it failed, in AWS's words. A request that AWS does not know (any more) is
// pending: [Client.Assigned] will tell (IAM Identity Center API Reference, DescribeAccountAssignmentDeletionStatus).
func (c *Client) Unassigned(ctx context.Context, requestID string) (state account.AssignmentState, failureReason string, err error) {
	state, failureReason, err = c.follow(ctx, "sso.DescribeAccountAssignmentDeletionStatus", requestID, func(instance string) (*types.AccountAssignmentOperationStatus, error) {
		out, err := c.sso.DescribeAccountAssignmentDeletionStatus(ctx, &ssoadmin.DescribeAccountAssignmentDeletionStatusInput{
			InstanceArn: &instance, AccountAssignmentDeletionRequestId: &requestID,
		})
		if err != nil {
			return nil, err
		}
		return out.AccountAssignmentDeletionStatus, nil
	})
	if err != nil {
		return "", "", fmt.Errorf("ask for deletion request %s: %w", requestID, err)
	}
	return state, failureReason, nil
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
