package organization

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
)

// calls are the operations of Organizations that are called. They are functions: a client that is held in what becomes an interface keeps
// all of its operations in the program, called or not.
type calls struct {
	CreateOrganizationalUnit call[organizations.CreateOrganizationalUnitInput, organizations.CreateOrganizationalUnitOutput]
	DescribeAccount          call[organizations.DescribeAccountInput, organizations.DescribeAccountOutput]
	DescribeOrganization     call[organizations.DescribeOrganizationInput, organizations.DescribeOrganizationOutput]
	MoveAccount              call[organizations.MoveAccountInput, organizations.MoveAccountOutput]
	TagResource              call[organizations.TagResourceInput, organizations.TagResourceOutput]

	listAWSServiceAccessForOrganization call[organizations.ListAWSServiceAccessForOrganizationInput, organizations.ListAWSServiceAccessForOrganizationOutput]
	listAccounts                        call[organizations.ListAccountsInput, organizations.ListAccountsOutput]
	listAccountsForParent               call[organizations.ListAccountsForParentInput, organizations.ListAccountsForParentOutput]
	listOrganizationalUnitsForParent    call[organizations.ListOrganizationalUnitsForParentInput, organizations.ListOrganizationalUnitsForParentOutput]
	listParents                         call[organizations.ListParentsInput, organizations.ListParentsOutput]
	listPoliciesForTarget               call[organizations.ListPoliciesForTargetInput, organizations.ListPoliciesForTargetOutput]
	listRoots                           call[organizations.ListRootsInput, organizations.ListRootsOutput]
	listTagsForResource                 call[organizations.ListTagsForResourceInput, organizations.ListTagsForResourceOutput]
}

type call[In, Out any] = func(context.Context, *In, ...func(*organizations.Options)) (*Out, error)

func callsOf(c *organizations.Client) calls {
	return calls{
		CreateOrganizationalUnit: c.CreateOrganizationalUnit,
		DescribeAccount:          c.DescribeAccount,
		DescribeOrganization:     c.DescribeOrganization,
		MoveAccount:              c.MoveAccount,
		TagResource:              c.TagResource,

		listAWSServiceAccessForOrganization: c.ListAWSServiceAccessForOrganization,
		listAccounts:                        c.ListAccounts,
		listAccountsForParent:               c.ListAccountsForParent,
		listOrganizationalUnitsForParent:    c.ListOrganizationalUnitsForParent,
		listParents:                         c.ListParents,
		listPoliciesForTarget:               c.ListPoliciesForTarget,
		listRoots:                           c.ListRoots,
		listTagsForResource:                 c.ListTagsForResource,
	}
}

// ListAWSServiceAccessForOrganization is what the SDK's paginator asks for.
func (c calls) ListAWSServiceAccessForOrganization(ctx context.Context, in *organizations.ListAWSServiceAccessForOrganizationInput, o ...func(*organizations.Options)) (*organizations.ListAWSServiceAccessForOrganizationOutput, error) {
	return c.listAWSServiceAccessForOrganization(ctx, in, o...)
}

// ListAccounts is what the SDK's paginator asks for.
func (c calls) ListAccounts(ctx context.Context, in *organizations.ListAccountsInput, o ...func(*organizations.Options)) (*organizations.ListAccountsOutput, error) {
	return c.listAccounts(ctx, in, o...)
}

// ListAccountsForParent is what the SDK's paginator asks for.
func (c calls) ListAccountsForParent(ctx context.Context, in *organizations.ListAccountsForParentInput, o ...func(*organizations.Options)) (*organizations.ListAccountsForParentOutput, error) {
	return c.listAccountsForParent(ctx, in, o...)
}

// ListOrganizationalUnitsForParent is what the SDK's paginator asks for.
func (c calls) ListOrganizationalUnitsForParent(ctx context.Context, in *organizations.ListOrganizationalUnitsForParentInput, o ...func(*organizations.Options)) (*organizations.ListOrganizationalUnitsForParentOutput, error) {
	return c.listOrganizationalUnitsForParent(ctx, in, o...)
}

// ListParents is what the SDK's paginator asks for.
func (c calls) ListParents(ctx context.Context, in *organizations.ListParentsInput, o ...func(*organizations.Options)) (*organizations.ListParentsOutput, error) {
	return c.listParents(ctx, in, o...)
}

// ListPoliciesForTarget is what the SDK's paginator asks for.
func (c calls) ListPoliciesForTarget(ctx context.Context, in *organizations.ListPoliciesForTargetInput, o ...func(*organizations.Options)) (*organizations.ListPoliciesForTargetOutput, error) {
	return c.listPoliciesForTarget(ctx, in, o...)
}

// ListRoots is what the SDK's paginator asks for.
func (c calls) ListRoots(ctx context.Context, in *organizations.ListRootsInput, o ...func(*organizations.Options)) (*organizations.ListRootsOutput, error) {
	return c.listRoots(ctx, in, o...)
}

// ListTagsForResource is what the SDK's paginator asks for.
func (c calls) ListTagsForResource(ctx context.Context, in *organizations.ListTagsForResourceInput, o ...func(*organizations.Options)) (*organizations.ListTagsForResourceOutput, error) {
	return c.listTagsForResource(ctx, in, o...)
}
