// Package stacksets puts Control Tower's execution role into single accounts, through one service-managed stack set of
// CloudFormation.
//
// The stack set is ours alone, with its template inside this program. It reaches just the account that is named (its
// parent unit, the account, and the intersection of both) and nothing by itself: accounts that come into the unit later
// get nothing. An operation has an id that its caller has chosen and saved, so that one whose answer was lost is found
// again; it is followed to its end, and then the instance in the account is looked at, for an operation may SUCCEED while
// an instance has FAILED.
//
//	Ready ─▶ Plant(id) ─▶ Planted(id) … the instance is CURRENT and SUCCEEDED
//	                                  … FAILED, OUTDATED, cancelled: with AWS's reason
//
// It imports account and retry.
package stacksets

import (
	"context"
	_ "embed"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/vend-cli/vend/internal/account"
)

// Name is the name of the stack set.
const Name = "vend-control-tower-execution-role"

//go:embed role.yaml
var template string

// Options are how the stack set is used.
type Options struct {
	Management func(context.Context) (string, error) // id of the account that the role trusts
}

// Client is the stack set, in the Region of the configuration: Control Tower's home. It is safe for concurrent use.
type Client struct {
	cfn     *cloudformation.Client
	region  string
	options Options
}

// New makes a client. The caller is in the management account.
func New(cfg aws.Config, o Options) *Client {
	return &Client{cfn: cloudformation.NewFromConfig(cfg), region: cfg.Region, options: o}
}

// TrustedAccess says whether StackSets may work in the accounts of the organization: ENABLED, DISABLED or
// DISABLED_PERMANENTLY (AWS CloudFormation API Reference, DescribeOrganizationsAccess).
func (c *Client) TrustedAccess(ctx context.Context) (string, error) {
	out, err := c.cfn.DescribeOrganizationsAccess(ctx, &cloudformation.DescribeOrganizationsAccessInput{})
	if err != nil {
		return "", fmt.Errorf("ask for trusted access of StackSets: %w", judge("cloudformation.DescribeOrganizationsAccess", err))
	}
	return string(out.Status), nil
}

// Activate gives StackSets trusted access to the organization. It is safe to call twice (AWS CloudFormation API Reference,
// ActivateOrganizationsAccess).
func (c *Client) Activate(ctx context.Context) error {
	if _, err := c.cfn.ActivateOrganizationsAccess(ctx, &cloudformation.ActivateOrganizationsAccessInput{}, once); err != nil {
		return fmt.Errorf("activate trusted access of StackSets: %w", judge("cloudformation.ActivateOrganizationsAccess", err))
	}
	return nil
}

// Ready makes the stack set if there is none. A stack set of that name which is not as ours has to be is refused with
// V2053, and missing trusted access with V3014.
func (c *Client) Ready(ctx context.Context) error {
	found, err := c.ours(ctx)
	if err != nil || found {
		return err
	}
	access, err := c.TrustedAccess(ctx)
	switch {
	case err != nil:
		return err
	case access != string(types.OrganizationStatusEnabled):
		return account.Refused{
			Code: "V3014", Reason: "trusted access of StackSets to the organization is " + access,
			Hint: "run `aws cloudformation activate-organizations-access` in the management account, then vend resume",
		}
	}
	management, err := c.options.Management(ctx)
	if err != nil {
		return err
	}
	_, err = c.cfn.CreateStackSet(ctx, &cloudformation.CreateStackSetInput{
		StackSetName: aws.String(Name), TemplateBody: &template, Capabilities: []types.Capability{types.CapabilityCapabilityNamedIam},
		Description:     aws.String("Puts AWSControlTowerExecution into single accounts before they are enrolled. Made by vend."),
		PermissionModel: types.PermissionModelsServiceManaged, AutoDeployment: &types.AutoDeployment{Enabled: aws.Bool(false)},
		Parameters:         []types.Parameter{{ParameterKey: aws.String("ManagementAccountId"), ParameterValue: &management}},
		ClientRequestToken: aws.String(Name),
	}, once)
	switch code(err) {
	case nameTaken, madeAndUsed: // somebody was faster: it is looked at with the next step
		return nil
	}
	if err != nil {
		return fmt.Errorf("create stack set %s: %w", Name, judge("cloudformation.CreateStackSet", err))
	}
	return nil
}

// ours says whether the stack set is there, and refuses one that would do something else.
func (c *Client) ours(ctx context.Context) (bool, error) {
	out, err := c.cfn.DescribeStackSet(ctx, &cloudformation.DescribeStackSetInput{StackSetName: aws.String(Name)})
	switch {
	case code(err) == noStackSet:
		return false, nil
	case err != nil:
		return false, fmt.Errorf("describe stack set %s: %w", Name, judge("cloudformation.DescribeStackSet", err))
	}
	s, wrong := out.StackSet, ""
	switch {
	case s.Status == types.StackSetStatusDeleted:
		return false, nil
	case s.PermissionModel != types.PermissionModelsServiceManaged:
		wrong = "its permissions are not service-managed"
	case s.AutoDeployment != nil && aws.ToBool(s.AutoDeployment.Enabled):
		wrong = "it deploys to every account that comes into a unit"
	}
	if wrong != "" {
		return false, account.Refused{
			Code: "V2053", Reason: fmt.Sprintf("the stack set %s is not as vend made it: %s", Name, wrong),
			Hint: "set it right or delete it, then run vend resume",
		}
	}
	return true, nil
}

// Plant begins to deploy the role to one account; parentID is the unit, or the root, that the account is in. operation is
// an id of the caller's choice: with one that AWS knows already nothing is begun. It makes one attempt; an error that is no
// verdict means that the operation may have begun. One operation at a time is all that a stack set takes: the verdict is to
// wait then (AWS CloudFormation API Reference, CreateStackInstances; User Guide, "Account-level targets").
func (c *Client) Plant(ctx context.Context, operation, accountID, parentID string) error {
	_, err := c.cfn.CreateStackInstances(ctx, &cloudformation.CreateStackInstancesInput{
		StackSetName: aws.String(Name), OperationId: &operation, DeploymentTargets: only(accountID, parentID), Regions: []string{c.region},
		OperationPreferences: &types.StackSetOperationPreferences{FailureToleranceCount: aws.Int32(0), MaxConcurrentCount: aws.Int32(1)},
	}, once)
	if err != nil && code(err) != operationTaken {
		return fmt.Errorf("deploy stack set %s to account %s: %w", Name, accountID, judge("cloudformation.CreateStackInstances", err))
	}
	return nil
}

// Release begins to take an account's instance out of the stack set. The stack and the role stay in the account. Otherwise
// it is as Plant; parentIDs are the unit that [Client.Instance] says and the one that the account is in now: by which of them
// an instance is found whose account has moved is not documented (AWS CloudFormation API Reference, DeleteStackInstances).
func (c *Client) Release(ctx context.Context, operation, accountID string, parentIDs ...string) error {
	_, err := c.cfn.DeleteStackInstances(ctx, &cloudformation.DeleteStackInstancesInput{
		StackSetName: aws.String(Name), OperationId: &operation, DeploymentTargets: only(accountID, parentIDs...), Regions: []string{c.region},
		RetainStacks: aws.Bool(true),
	}, once)
	if err != nil && code(err) != operationTaken {
		return fmt.Errorf("take account %s out of stack set %s: %w", accountID, Name, judge("cloudformation.DeleteStackInstances", err))
	}
	return nil
}

// only is one account and nothing else, which is in one of the units.
func only(accountID string, parentIDs ...string) *types.DeploymentTargets {
	return &types.DeploymentTargets{
		OrganizationalUnitIds: slices.Compact(slices.Sorted(slices.Values(parentIDs))), Accounts: []string{accountID}, AccountFilterType: types.AccountFilterTypeIntersection,
	}
}

// Remove deletes the stack set once it is empty; it is safe to call twice.
func (c *Client) Remove(ctx context.Context) error {
	_, err := c.cfn.DeleteStackSet(ctx, &cloudformation.DeleteStackSetInput{StackSetName: aws.String(Name)}, once)
	if err != nil && code(err) != noStackSet {
		return fmt.Errorf("delete stack set %s: %w", Name, judge("cloudformation.DeleteStackSet", err))
	}
	return nil
}

// once makes a call a single attempt: whoever asked looks before it asks again.
func once(o *cloudformation.Options) { o.Retryer = aws.NopRetryer{} }
