package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/permissionset"
)

// Provision brings a permission set to the accounts that have an older one; see [permissionset.Center]. It asks for all of
// them at once. What AWS tells of that is one reason and no account, so accounts that are left are then asked for one by
// one (IAM Identity Center API Reference, ProvisionPermissionSet).
func (c *Client) Provision(ctx context.Context, arn string) ([]permissionset.Left, error) {
	in, err := c.inside(ctx)
	if err != nil {
		return nil, err
	}
	outdated, err := in.outdated(ctx, arn)
	if err != nil || len(outdated) == 0 {
		return nil, err
	}
	if _, err := in.provision(ctx, arn, ""); err != nil {
		return nil, fmt.Errorf("provision permission set %s: %w", arn, err)
	}
	if outdated, err = in.outdated(ctx, arn); err != nil {
		return nil, err
	}
	var left []permissionset.Left
	for _, id := range outdated {
		reason, err := in.provision(ctx, arn, id)
		switch {
		case err != nil:
			return left, fmt.Errorf("provision permission set %s to account %s: %w", arn, id, err)
		case reason != "":
			left = append(left, permissionset.Left{Account: id, Reason: reason})
		}
	}
	return left, nil
}

func (in inside) outdated(ctx context.Context, arn string) ([]string, error) {
	found, err := in.accountsWith(ctx, arn, types.ProvisioningStatusLatestPermissionSetNotProvisioned)
	if err != nil {
		return nil, fmt.Errorf("look who has the older permission set %s: %w", arn, err)
	}
	return found, nil
}

// provision brings a permission set to one account, or to all that have it, waits for the end, and returns the reason for
// which it FAILED; empty when it did not.
func (in inside) provision(ctx context.Context, arn, accountID string) (reason string, err error) {
	input := &ssoadmin.ProvisionPermissionSetInput{
		InstanceArn: in.instance, PermissionSetArn: &arn, TargetType: types.ProvisionTargetTypeAllProvisionedAccounts,
	}
	if accountID != "" {
		input.TargetType, input.TargetId = types.ProvisionTargetTypeAwsAccount, &accountID
	}
	var request string
	err = patiently(ctx, mostWaits, func() error {
		out, err := in.sso.ProvisionPermissionSet(ctx, input, once)
		switch {
		case err != nil:
			return judge("sso.ProvisionPermissionSet", err)
		case out.PermissionSetProvisioningStatus == nil:
			return errNoStatus
		}
		request = aws.ToString(out.PermissionSetProvisioningStatus.RequestId)
		return nil
	})
	if err != nil {
		return "", err
	}
	err = patiently(ctx, mostPolls, func() error {
		out, err := in.sso.DescribePermissionSetProvisioningStatus(ctx, &ssoadmin.DescribePermissionSetProvisioningStatusInput{
			InstanceArn: in.instance, ProvisionPermissionSetRequestId: &request,
		})
		switch {
		case err != nil:
			return judge("sso.DescribePermissionSetProvisioningStatus", err)
		case out.PermissionSetProvisioningStatus == nil:
			return errNoStatus
		case out.PermissionSetProvisioningStatus.Status == types.StatusValuesInProgress:
			return account.Wait{For: crowded, Why: "the permission set is being provisioned"}
		case out.PermissionSetProvisioningStatus.Status == types.StatusValuesFailed:
			if reason = aws.ToString(out.PermissionSetProvisioningStatus.FailureReason); reason == "" {
				reason = "AWS gave no reason"
			}
		}
		return nil
	})
	return reason, err
}

// Deletable says whether a permission set can be deleted. The verdict is V2042 while somebody has it, with who and where, and
// V2043 for one of Control Tower's own.
func (c *Client) Deletable(ctx context.Context, s permissionset.Set) error {
	if permissionset.ControlTowers(s.Name) {
		return account.Refused{Code: account.CodePermissionSetForbidden, Reason: s.Name + " is one of Control Tower's own permission sets"}
	}
	in, err := c.inside(ctx)
	if err != nil {
		return err
	}
	accounts, err := in.accountsWith(ctx, s.ARN, "")
	switch {
	case err != nil:
		return fmt.Errorf("look who has permission set %s: %w", s.Name, err)
	case len(accounts) > 0:
		return c.inUse(ctx, s, accounts)
	}
	return nil
}

// DeletePermissionSet deletes a permission set, if it is [Client.Deletable]. One that is gone already is no error (IAM
// Identity Center API Reference, DeletePermissionSet).
func (c *Client) DeletePermissionSet(ctx context.Context, s permissionset.Set) error {
	in, err := c.inside(ctx)
	if err != nil {
		return err
	}
	err = patiently(ctx, mostWaits, func() error {
		if err := c.Deletable(ctx, s); err != nil {
			if code(err) == notFound {
				return nil // it is gone
			}
			return err
		}
		_, err := in.sso.DeletePermissionSet(ctx, &ssoadmin.DeletePermissionSetInput{InstanceArn: in.instance, PermissionSetArn: &s.ARN}, once)
		if code(err) == notFound {
			return nil
		}
		return judge("sso.DeletePermissionSet", err)
	})
	if err != nil {
		return fmt.Errorf("delete permission set %s: %w", s.Name, err)
	}
	c.forget()
	return nil
}

// mostTold is how many accounts a refusal names.
const mostTold = 10

// inUse refuses a deletion, with who has the permission set where.
func (c *Client) inUse(ctx context.Context, s permissionset.Set, accounts []string) error {
	var where []string
	for _, id := range accounts[:min(mostTold, len(accounts))] {
		assigned, err := c.Assigned(ctx, id, s.ARN)
		if err != nil && !errors.As(err, new(account.Refused)) {
			return err
		}
		var who []string
		for _, a := range assigned {
			who = append(who, strings.ToLower(string(a.PrincipalType))+" "+a.PrincipalID)
		}
		where = append(where, id+" ("+strings.Join(who, ", ")+")")
	}
	if more := len(accounts) - len(where); more > 0 {
		where = append(where, fmt.Sprintf("and %d more", more))
	}
	return account.Refused{
		Code: account.CodePermissionSetInUse, Reason: s.Name + " is still assigned in " + strings.Join(where, ", "),
		Hint: "Take these assignments away first.",
	}
}
