package identitycenter

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
)

// ssoCalls are the operations of IAM Identity Center that are called. They are functions: a client that is held in what becomes an interface keeps
// all of its operations in the program, called or not.
type ssoCalls struct {
	AttachCustomerManagedPolicyReferenceToPermissionSet   ssoCall[ssoadmin.AttachCustomerManagedPolicyReferenceToPermissionSetInput, ssoadmin.AttachCustomerManagedPolicyReferenceToPermissionSetOutput]
	AttachManagedPolicyToPermissionSet                    ssoCall[ssoadmin.AttachManagedPolicyToPermissionSetInput, ssoadmin.AttachManagedPolicyToPermissionSetOutput]
	CreateAccountAssignment                               ssoCall[ssoadmin.CreateAccountAssignmentInput, ssoadmin.CreateAccountAssignmentOutput]
	CreatePermissionSet                                   ssoCall[ssoadmin.CreatePermissionSetInput, ssoadmin.CreatePermissionSetOutput]
	DeleteAccountAssignment                               ssoCall[ssoadmin.DeleteAccountAssignmentInput, ssoadmin.DeleteAccountAssignmentOutput]
	DeleteInlinePolicyFromPermissionSet                   ssoCall[ssoadmin.DeleteInlinePolicyFromPermissionSetInput, ssoadmin.DeleteInlinePolicyFromPermissionSetOutput]
	DeletePermissionSet                                   ssoCall[ssoadmin.DeletePermissionSetInput, ssoadmin.DeletePermissionSetOutput]
	DeletePermissionsBoundaryFromPermissionSet            ssoCall[ssoadmin.DeletePermissionsBoundaryFromPermissionSetInput, ssoadmin.DeletePermissionsBoundaryFromPermissionSetOutput]
	DescribeAccountAssignmentCreationStatus               ssoCall[ssoadmin.DescribeAccountAssignmentCreationStatusInput, ssoadmin.DescribeAccountAssignmentCreationStatusOutput]
	DescribeAccountAssignmentDeletionStatus               ssoCall[ssoadmin.DescribeAccountAssignmentDeletionStatusInput, ssoadmin.DescribeAccountAssignmentDeletionStatusOutput]
	DescribePermissionSet                                 ssoCall[ssoadmin.DescribePermissionSetInput, ssoadmin.DescribePermissionSetOutput]
	DescribePermissionSetProvisioningStatus               ssoCall[ssoadmin.DescribePermissionSetProvisioningStatusInput, ssoadmin.DescribePermissionSetProvisioningStatusOutput]
	DetachCustomerManagedPolicyReferenceFromPermissionSet ssoCall[ssoadmin.DetachCustomerManagedPolicyReferenceFromPermissionSetInput, ssoadmin.DetachCustomerManagedPolicyReferenceFromPermissionSetOutput]
	DetachManagedPolicyFromPermissionSet                  ssoCall[ssoadmin.DetachManagedPolicyFromPermissionSetInput, ssoadmin.DetachManagedPolicyFromPermissionSetOutput]
	GetInlinePolicyForPermissionSet                       ssoCall[ssoadmin.GetInlinePolicyForPermissionSetInput, ssoadmin.GetInlinePolicyForPermissionSetOutput]
	GetPermissionsBoundaryForPermissionSet                ssoCall[ssoadmin.GetPermissionsBoundaryForPermissionSetInput, ssoadmin.GetPermissionsBoundaryForPermissionSetOutput]
	ProvisionPermissionSet                                ssoCall[ssoadmin.ProvisionPermissionSetInput, ssoadmin.ProvisionPermissionSetOutput]
	PutInlinePolicyToPermissionSet                        ssoCall[ssoadmin.PutInlinePolicyToPermissionSetInput, ssoadmin.PutInlinePolicyToPermissionSetOutput]
	PutPermissionsBoundaryToPermissionSet                 ssoCall[ssoadmin.PutPermissionsBoundaryToPermissionSetInput, ssoadmin.PutPermissionsBoundaryToPermissionSetOutput]
	TagResource                                           ssoCall[ssoadmin.TagResourceInput, ssoadmin.TagResourceOutput]
	UntagResource                                         ssoCall[ssoadmin.UntagResourceInput, ssoadmin.UntagResourceOutput]
	UpdatePermissionSet                                   ssoCall[ssoadmin.UpdatePermissionSetInput, ssoadmin.UpdatePermissionSetOutput]

	listAccountAssignments                             ssoCall[ssoadmin.ListAccountAssignmentsInput, ssoadmin.ListAccountAssignmentsOutput]
	listAccountAssignmentsForPrincipal                 ssoCall[ssoadmin.ListAccountAssignmentsForPrincipalInput, ssoadmin.ListAccountAssignmentsForPrincipalOutput]
	listAccountsForProvisionedPermissionSet            ssoCall[ssoadmin.ListAccountsForProvisionedPermissionSetInput, ssoadmin.ListAccountsForProvisionedPermissionSetOutput]
	listCustomerManagedPolicyReferencesInPermissionSet ssoCall[ssoadmin.ListCustomerManagedPolicyReferencesInPermissionSetInput, ssoadmin.ListCustomerManagedPolicyReferencesInPermissionSetOutput]
	listInstances                                      ssoCall[ssoadmin.ListInstancesInput, ssoadmin.ListInstancesOutput]
	listManagedPoliciesInPermissionSet                 ssoCall[ssoadmin.ListManagedPoliciesInPermissionSetInput, ssoadmin.ListManagedPoliciesInPermissionSetOutput]
	listPermissionSets                                 ssoCall[ssoadmin.ListPermissionSetsInput, ssoadmin.ListPermissionSetsOutput]
	listPermissionSetsProvisionedToAccount             ssoCall[ssoadmin.ListPermissionSetsProvisionedToAccountInput, ssoadmin.ListPermissionSetsProvisionedToAccountOutput]
	listTagsForResource                                ssoCall[ssoadmin.ListTagsForResourceInput, ssoadmin.ListTagsForResourceOutput]
}

type ssoCall[In, Out any] = func(context.Context, *In, ...func(*ssoadmin.Options)) (*Out, error)

func ssoCallsOf(c *ssoadmin.Client) ssoCalls {
	return ssoCalls{
		AttachCustomerManagedPolicyReferenceToPermissionSet:   c.AttachCustomerManagedPolicyReferenceToPermissionSet,
		AttachManagedPolicyToPermissionSet:                    c.AttachManagedPolicyToPermissionSet,
		CreateAccountAssignment:                               c.CreateAccountAssignment,
		CreatePermissionSet:                                   c.CreatePermissionSet,
		DeleteAccountAssignment:                               c.DeleteAccountAssignment,
		DeleteInlinePolicyFromPermissionSet:                   c.DeleteInlinePolicyFromPermissionSet,
		DeletePermissionSet:                                   c.DeletePermissionSet,
		DeletePermissionsBoundaryFromPermissionSet:            c.DeletePermissionsBoundaryFromPermissionSet,
		DescribeAccountAssignmentCreationStatus:               c.DescribeAccountAssignmentCreationStatus,
		DescribeAccountAssignmentDeletionStatus:               c.DescribeAccountAssignmentDeletionStatus,
		DescribePermissionSet:                                 c.DescribePermissionSet,
		DescribePermissionSetProvisioningStatus:               c.DescribePermissionSetProvisioningStatus,
		DetachCustomerManagedPolicyReferenceFromPermissionSet: c.DetachCustomerManagedPolicyReferenceFromPermissionSet,
		DetachManagedPolicyFromPermissionSet:                  c.DetachManagedPolicyFromPermissionSet,
		GetInlinePolicyForPermissionSet:                       c.GetInlinePolicyForPermissionSet,
		GetPermissionsBoundaryForPermissionSet:                c.GetPermissionsBoundaryForPermissionSet,
		ProvisionPermissionSet:                                c.ProvisionPermissionSet,
		PutInlinePolicyToPermissionSet:                        c.PutInlinePolicyToPermissionSet,
		PutPermissionsBoundaryToPermissionSet:                 c.PutPermissionsBoundaryToPermissionSet,
		TagResource:                                           c.TagResource,
		UntagResource:                                         c.UntagResource,
		UpdatePermissionSet:                                   c.UpdatePermissionSet,

		listAccountAssignments:                             c.ListAccountAssignments,
		listAccountAssignmentsForPrincipal:                 c.ListAccountAssignmentsForPrincipal,
		listAccountsForProvisionedPermissionSet:            c.ListAccountsForProvisionedPermissionSet,
		listCustomerManagedPolicyReferencesInPermissionSet: c.ListCustomerManagedPolicyReferencesInPermissionSet,
		listInstances:                          c.ListInstances,
		listManagedPoliciesInPermissionSet:     c.ListManagedPoliciesInPermissionSet,
		listPermissionSets:                     c.ListPermissionSets,
		listPermissionSetsProvisionedToAccount: c.ListPermissionSetsProvisionedToAccount,
		listTagsForResource:                    c.ListTagsForResource,
	}
}

// ListAccountAssignments is what the SDK's paginator asks for.
func (c ssoCalls) ListAccountAssignments(ctx context.Context, in *ssoadmin.ListAccountAssignmentsInput, o ...func(*ssoadmin.Options)) (*ssoadmin.ListAccountAssignmentsOutput, error) {
	return c.listAccountAssignments(ctx, in, o...)
}

// ListAccountAssignmentsForPrincipal is what the SDK's paginator asks for.
func (c ssoCalls) ListAccountAssignmentsForPrincipal(ctx context.Context, in *ssoadmin.ListAccountAssignmentsForPrincipalInput, o ...func(*ssoadmin.Options)) (*ssoadmin.ListAccountAssignmentsForPrincipalOutput, error) {
	return c.listAccountAssignmentsForPrincipal(ctx, in, o...)
}

// ListAccountsForProvisionedPermissionSet is what the SDK's paginator asks for.
func (c ssoCalls) ListAccountsForProvisionedPermissionSet(ctx context.Context, in *ssoadmin.ListAccountsForProvisionedPermissionSetInput, o ...func(*ssoadmin.Options)) (*ssoadmin.ListAccountsForProvisionedPermissionSetOutput, error) {
	return c.listAccountsForProvisionedPermissionSet(ctx, in, o...)
}

// ListCustomerManagedPolicyReferencesInPermissionSet is what the SDK's paginator asks for.
func (c ssoCalls) ListCustomerManagedPolicyReferencesInPermissionSet(ctx context.Context, in *ssoadmin.ListCustomerManagedPolicyReferencesInPermissionSetInput, o ...func(*ssoadmin.Options)) (*ssoadmin.ListCustomerManagedPolicyReferencesInPermissionSetOutput, error) {
	return c.listCustomerManagedPolicyReferencesInPermissionSet(ctx, in, o...)
}

// ListInstances is what the SDK's paginator asks for.
func (c ssoCalls) ListInstances(ctx context.Context, in *ssoadmin.ListInstancesInput, o ...func(*ssoadmin.Options)) (*ssoadmin.ListInstancesOutput, error) {
	return c.listInstances(ctx, in, o...)
}

// ListManagedPoliciesInPermissionSet is what the SDK's paginator asks for.
func (c ssoCalls) ListManagedPoliciesInPermissionSet(ctx context.Context, in *ssoadmin.ListManagedPoliciesInPermissionSetInput, o ...func(*ssoadmin.Options)) (*ssoadmin.ListManagedPoliciesInPermissionSetOutput, error) {
	return c.listManagedPoliciesInPermissionSet(ctx, in, o...)
}

// ListPermissionSets is what the SDK's paginator asks for.
func (c ssoCalls) ListPermissionSets(ctx context.Context, in *ssoadmin.ListPermissionSetsInput, o ...func(*ssoadmin.Options)) (*ssoadmin.ListPermissionSetsOutput, error) {
	return c.listPermissionSets(ctx, in, o...)
}

// ListPermissionSetsProvisionedToAccount is what the SDK's paginator asks for.
func (c ssoCalls) ListPermissionSetsProvisionedToAccount(ctx context.Context, in *ssoadmin.ListPermissionSetsProvisionedToAccountInput, o ...func(*ssoadmin.Options)) (*ssoadmin.ListPermissionSetsProvisionedToAccountOutput, error) {
	return c.listPermissionSetsProvisionedToAccount(ctx, in, o...)
}

// ListTagsForResource is what the SDK's paginator asks for.
func (c ssoCalls) ListTagsForResource(ctx context.Context, in *ssoadmin.ListTagsForResourceInput, o ...func(*ssoadmin.Options)) (*ssoadmin.ListTagsForResourceOutput, error) {
	return c.listTagsForResource(ctx, in, o...)
}

// storeCalls are the operations of the identity store that are called. They are functions: a client that is held in what becomes an interface keeps
// all of its operations in the program, called or not.
type storeCalls struct {
	DescribeGroup storeCall[identitystore.DescribeGroupInput, identitystore.DescribeGroupOutput]
	DescribeUser  storeCall[identitystore.DescribeUserInput, identitystore.DescribeUserOutput]
	GetGroupId    storeCall[identitystore.GetGroupIdInput, identitystore.GetGroupIdOutput]
	GetUserId     storeCall[identitystore.GetUserIdInput, identitystore.GetUserIdOutput]

	listGroups storeCall[identitystore.ListGroupsInput, identitystore.ListGroupsOutput]
	listUsers  storeCall[identitystore.ListUsersInput, identitystore.ListUsersOutput]
}

type storeCall[In, Out any] = func(context.Context, *In, ...func(*identitystore.Options)) (*Out, error)

func storeCallsOf(c *identitystore.Client) storeCalls {
	return storeCalls{
		DescribeGroup: c.DescribeGroup,
		DescribeUser:  c.DescribeUser,
		GetGroupId:    c.GetGroupId,
		GetUserId:     c.GetUserId,

		listGroups: c.ListGroups,
		listUsers:  c.ListUsers,
	}
}

// ListGroups is what the SDK's paginator asks for.
func (c storeCalls) ListGroups(ctx context.Context, in *identitystore.ListGroupsInput, o ...func(*identitystore.Options)) (*identitystore.ListGroupsOutput, error) {
	return c.listGroups(ctx, in, o...)
}

// ListUsers is what the SDK's paginator asks for.
func (c storeCalls) ListUsers(ctx context.Context, in *identitystore.ListUsersInput, o ...func(*identitystore.Options)) (*identitystore.ListUsersOutput, error) {
	return c.listUsers(ctx, in, o...)
}
