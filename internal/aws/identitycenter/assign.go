package identitycenter

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/vend-cli/vend/internal/account"
)

// Assigned lists who has the permission set in the account: PermissionSetARN, PrincipalType and PrincipalID of each (IAM
// Identity Center API Reference, ListAccountAssignments).
func (c *Client) Assigned(ctx context.Context, accountID, permissionSetARN string) ([]account.Assignment, error) {
	instance, _, err := c.Instance(ctx)
	if err != nil {
		return nil, err
	}
	var found []account.Assignment
	pages := ssoadmin.NewListAccountAssignmentsPaginator(c.sso, &ssoadmin.ListAccountAssignmentsInput{
		InstanceArn: &instance, AccountId: &accountID, PermissionSetArn: &permissionSetARN, MaxResults: aws.Int32(100),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			if code(err) == notFound {
				c.forget()
			}
			return nil, fmt.Errorf("list assignments of %s in account %s: %w", permissionSetARN, accountID, judge("sso.ListAccountAssignments", err))
		}
		for _, a := range page.AccountAssignments {
			found = append(found, account.Assignment{
				PermissionSet: aws.ToString(a.PermissionSetArn), PermissionSetARN: aws.ToString(a.PermissionSetArn),
				PrincipalType: account.PrincipalType(a.PrincipalType),
				Principal:     aws.ToString(a.PrincipalId), PrincipalByID: true, PrincipalID: aws.ToString(a.PrincipalId),
				State: account.AssignmentDone,
			})
		}
	}
	return found, nil
}

// Assign begins to create an assignment whose ARN and id are filled in, and returns the id of the request to ask
// [Client.Status] about. AWS does not mind one that exists already, nor one that is asked for twice. It makes one attempt:
// an error that is no verdict means that the creation may have begun, and [Client.Assigned] will tell. The verdict is to
// wait while as many changes as may be under way are, also of those whose end nobody has asked for within two minutes
// (IAM Identity Center API Reference, CreateAccountAssignment).
func (c *Client) Assign(ctx context.Context, accountID string, a account.Assignment) (requestID string, state account.AssignmentState, err error) {
	requestID, state, err = c.begin(ctx, createAssignment, func(instance string) (*types.AccountAssignmentOperationStatus, error) {
		out, err := c.sso.CreateAccountAssignment(ctx, &ssoadmin.CreateAccountAssignmentInput{
			InstanceArn: &instance, PermissionSetArn: &a.PermissionSetARN, PrincipalId: &a.PrincipalID, PrincipalType: types.PrincipalType(a.PrincipalType),
			TargetId: &accountID, TargetType: types.TargetTypeAwsAccount,
		}, once)
		if err != nil {
			return nil, err
		}
		return out.AccountAssignmentCreationStatus, nil
	})
	if err != nil {
		return "", "", fmt.Errorf("assign %s in account %s: %w", a.PermissionSet, accountID, err)
	}
	return requestID, state, nil
}

// begin begins a creation or deletion, which takes a place until its end is seen.
func (c *Client) begin(
	ctx context.Context, operation string, ask func(instance string) (*types.AccountAssignmentOperationStatus, error),
) (requestID string, state account.AssignmentState, err error) {
	instance, _, err := c.Instance(ctx)
	if err != nil {
		return "", "", err
	}
	place, ok := c.places.take(c.options.Now())
	if !ok {
		return "", "", c.crowded()
	}
	status, err := ask(instance)
	switch {
	case err != nil:
		c.places.freeIfAnswered(place, operation, err)
		if code(err) == notFound {
			c.forget()
		}
		return "", "", judge(operation, err)
	case status == nil:
		return "", "", errNoStatus
	}
	requestID, state = aws.ToString(status.RequestId), stateOf(status.Status)
	if c.places.name(place, requestID); state != account.AssignmentCreating {
		c.places.free(requestID)
	}
	return requestID, state, nil
}

// Status asks how far a creation is, and why it failed, in AWS's words. A request that AWS does not know (any more) is
// pending: nothing is known of the assignment, and [Client.Assigned] will tell (IAM Identity Center API Reference,
// DescribeAccountAssignmentCreationStatus).
func (c *Client) Status(ctx context.Context, requestID string) (state account.AssignmentState, failureReason string, err error) {
	state, failureReason, err = c.follow(ctx, "sso.DescribeAccountAssignmentCreationStatus", requestID, func(instance string) (*types.AccountAssignmentOperationStatus, error) {
		out, err := c.sso.DescribeAccountAssignmentCreationStatus(ctx, &ssoadmin.DescribeAccountAssignmentCreationStatusInput{
			InstanceArn: &instance, AccountAssignmentCreationRequestId: &requestID,
		})
		if err != nil {
			return nil, err
		}
		return out.AccountAssignmentCreationStatus, nil
	})
	if err != nil {
		return "", "", fmt.Errorf("ask for assignment request %s: %w", requestID, err)
	}
	return state, failureReason, nil
}

// follow asks how far a creation or deletion is, and gives its place free at its end.
func (c *Client) follow(
	ctx context.Context, operation, requestID string, ask func(instance string) (*types.AccountAssignmentOperationStatus, error),
) (state account.AssignmentState, failureReason string, err error) {
	instance, _, err := c.Instance(ctx)
	if err != nil {
		return "", "", err
	}
	status, err := ask(instance)
	switch {
	case code(err) == notFound:
		c.places.free(requestID)
		return account.AssignmentPending, "", nil
	case err != nil:
		return "", "", judge(operation, err)
	case status == nil:
		return "", "", errNoStatus
	}
	if state = stateOf(status.Status); state != account.AssignmentCreating {
		c.places.free(requestID)
	}
	return state, aws.ToString(status.FailureReason), nil
}

func stateOf(s types.StatusValues) account.AssignmentState {
	switch s {
	case types.StatusValuesSucceeded:
		return account.AssignmentDone
	case types.StatusValuesFailed:
		return account.AssignmentFailed
	}
	return account.AssignmentCreating
}

// JudgeFailure turns the reason that a creation FAILED for into a verdict: refused where somebody has to act, and an
// error to try again after for what passes by itself. Identity Center gives its reasons no codes.
func JudgeFailure(reason string) error {
	answer := account.Answer{Operation: createAssignment, Code: "FAILED", Message: reason}
	said := strings.ToLower(reason)
	switch {
	case strings.Contains(said, "takes longer than usual"), strings.Contains(said, "unexpected internal service exception"), said == "":
		return fmt.Errorf("create assignment: Identity Center failed: %s", reason)
	case strings.Contains(said, "404 status error") && strings.Contains(said, "assignee"):
		return account.Refused{Code: "V2021", Reason: "the group or user is not there any more", Answer: answer}
	}
	return account.Refused{Code: "V2022", Reason: "Identity Center could not create the assignment", Answer: answer}
}
