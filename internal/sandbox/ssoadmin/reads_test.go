package ssoadmin_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/google/go-cmp/cmp"
)

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestTheInstance(t *testing.T) {
	t.Parallel()
	b := start(t, "")
	listed := must(b.client.ListInstances(t.Context(), nil))(t).Instances
	shown := must(b.client.DescribeInstance(t.Context(), &ssoadmin.DescribeInstanceInput{InstanceArn: &b.world.IdentityCenter.InstanceARN}))(t)
	got := []string{*listed[0].InstanceArn, *listed[0].OwnerAccountId, *shown.IdentityStoreId, string(shown.Status)}
	want := []string{b.world.IdentityCenter.InstanceARN, "111111111111", b.world.IdentityCenter.StoreID, "ACTIVE"}
	if diff := cmp.Diff(want, got); diff != "" || len(listed) != 1 {
		t.Errorf("of %d instances (-want +got):\n%s", len(listed), diff)
	}
}

func TestListsOfPermissionSetsAndAssignments(t *testing.T) {
	t.Parallel()
	b := start(t, "")
	instance := &b.world.IdentityCenter.InstanceARN
	var names []string
	pages := ssoadmin.NewListPermissionSetsPaginator(b.client, &ssoadmin.ListPermissionSetsInput{InstanceArn: instance, MaxResults: aws.Int32(2)})
	for pages.HasMorePages() {
		for _, arn := range must(pages.NextPage(t.Context()))(t).PermissionSets {
			out := must(b.client.DescribePermissionSet(t.Context(), &ssoadmin.DescribePermissionSetInput{InstanceArn: instance, PermissionSetArn: &arn}))(t)
			names = append(names, *out.PermissionSet.Name)
		}
	}
	if diff := cmp.Diff([]string{"AWSAdministratorAccess", "AWSReadOnlyAccess", "AdministratorAccess"}, names); diff != "" {
		t.Errorf("permission sets (-want +got):\n%s", diff)
	}
	inDev := must(b.client.ListPermissionSetsProvisionedToAccount(t.Context(), &ssoadmin.ListPermissionSetsProvisionedToAccountInput{
		InstanceArn: instance, AccountId: aws.String("222222222112"),
	}))(t).PermissionSets
	if diff := cmp.Diff([]string{*b.set("AWSReadOnlyAccess"), *b.set("AdministratorAccess")}, inDev); diff != "" {
		t.Errorf("permission sets in one account (-want +got):\n%s", diff)
	}
	for name, test := range map[string]struct {
		in   *ssoadmin.ListAccountAssignmentsForPrincipalInput
		want int
	}{
		"a group": {&ssoadmin.ListAccountAssignmentsForPrincipalInput{PrincipalType: types.PrincipalTypeGroup, PrincipalId: b.group("Auditors")}, 2},
		"a user, through a group": {&ssoadmin.ListAccountAssignmentsForPrincipalInput{
			PrincipalType: types.PrincipalTypeUser, PrincipalId: &b.world.IdentityCenter.UserNamed("auditor@example.com").ID,
		}, 2},
		"a group in one account": {&ssoadmin.ListAccountAssignmentsForPrincipalInput{
			PrincipalType: types.PrincipalTypeGroup, PrincipalId: b.group("Auditors"),
			Filter: &types.ListAccountAssignmentsFilter{AccountId: aws.String("222222222111")},
		}, 1},
	} {
		test.in.InstanceArn = instance
		if got := must(b.client.ListAccountAssignmentsForPrincipal(t.Context(), test.in))(t).AccountAssignments; len(got) != test.want {
			t.Errorf("%s has %d assignments, want %d", name, len(got), test.want)
		}
	}
}

func TestRequestsAreListed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := start(t, "")
		id := b.create(b.input())
		instance := &b.world.IdentityCenter.InstanceARN
		running := must(b.client.ListAccountAssignmentCreationStatus(t.Context(), &ssoadmin.ListAccountAssignmentCreationStatusInput{
			InstanceArn: instance, Filter: &types.OperationStatusFilter{Status: types.StatusValuesInProgress},
		}))(t).AccountAssignmentsCreationStatus
		if len(running) != 1 || *running[0].RequestId != id || running[0].CreatedDate == nil {
			t.Errorf("creations: %+v", running)
		}
		deletions := must(b.client.ListAccountAssignmentDeletionStatus(t.Context(), &ssoadmin.ListAccountAssignmentDeletionStatusInput{
			InstanceArn: instance,
		}))(t).AccountAssignmentsDeletionStatus
		if len(deletions) != 0 {
			t.Errorf("deletions: %+v", deletions)
		}
	})
}

func TestAPermissionSetIsChangedInEveryPart(t *testing.T) {
	t.Parallel()
	b := start(t, "")
	ctx, instance, set := t.Context(), &b.world.IdentityCenter.InstanceARN, b.set("AdministratorAccess")
	const policy = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	for name, change := range map[string]func() error{
		"description": func() error {
			_, err := b.client.UpdatePermissionSet(ctx, &ssoadmin.UpdatePermissionSetInput{
				InstanceArn: instance, PermissionSetArn: set, Description: aws.String("d"), SessionDuration: aws.String("PT4H"),
			})
			return err
		},
		"policies": func() error {
			_, err := b.client.AttachManagedPolicyToPermissionSet(ctx, &ssoadmin.AttachManagedPolicyToPermissionSetInput{
				InstanceArn: instance, PermissionSetArn: set, ManagedPolicyArn: aws.String(policy),
			})
			if err != nil {
				return err
			}
			_, err = b.client.DetachManagedPolicyFromPermissionSet(ctx, &ssoadmin.DetachManagedPolicyFromPermissionSetInput{
				InstanceArn: instance, PermissionSetArn: set, ManagedPolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess"),
			})
			return err
		},
		"inline policy": func() error {
			_, err := b.client.PutInlinePolicyToPermissionSet(ctx, &ssoadmin.PutInlinePolicyToPermissionSetInput{
				InstanceArn: instance, PermissionSetArn: set, InlinePolicy: aws.String("{}"),
			})
			return err
		},
		"tags": func() error {
			_, err := b.client.TagResource(ctx, &ssoadmin.TagResourceInput{
				InstanceArn: instance, ResourceArn: set, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}, {Key: aws.String("c"), Value: aws.String("d")}},
			})
			if err != nil {
				return err
			}
			_, err = b.client.UntagResource(ctx, &ssoadmin.UntagResourceInput{InstanceArn: instance, ResourceArn: set, TagKeys: []string{"c"}})
			return err
		},
	} {
		if err := change(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	shown := must(b.client.DescribePermissionSet(ctx, &ssoadmin.DescribePermissionSetInput{InstanceArn: instance, PermissionSetArn: set}))(t).PermissionSet
	policies := must(b.client.ListManagedPoliciesInPermissionSet(ctx, &ssoadmin.ListManagedPoliciesInPermissionSetInput{
		InstanceArn: instance, PermissionSetArn: set,
	}))(t).AttachedManagedPolicies
	inline := must(b.client.GetInlinePolicyForPermissionSet(ctx, &ssoadmin.GetInlinePolicyForPermissionSetInput{
		InstanceArn: instance, PermissionSetArn: set,
	}))(t).InlinePolicy
	tags := must(b.client.ListTagsForResource(ctx, &ssoadmin.ListTagsForResourceInput{InstanceArn: instance, ResourceArn: set}))(t).Tags
	if len(policies) != 1 || len(tags) != 1 {
		t.Fatalf("policies %v, tags %v", policies, tags)
	}
	got := []string{*shown.Description, *shown.SessionDuration, *policies[0].Arn, *policies[0].Name, *inline, *tags[0].Key}
	if diff := cmp.Diff([]string{"d", "PT4H", policy, "ReadOnlyAccess", "{}", "a"}, got); diff != "" {
		t.Errorf("the permission set (-want +got):\n%s", diff)
	}
	_, err := b.client.DeleteInlinePolicyFromPermissionSet(ctx, &ssoadmin.DeleteInlinePolicyFromPermissionSetInput{InstanceArn: instance, PermissionSetArn: set})
	if err != nil {
		t.Error(err)
	}
}
