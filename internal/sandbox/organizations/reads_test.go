package organizations_test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/google/go-cmp/cmp"
)

func TestTheOrganizationIsDescribed(t *testing.T) {
	t.Parallel()
	w, client := start(t)
	o, err := client.DescribeOrganization(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{*o.Organization.MasterAccountId, *o.Organization.Id, string(o.Organization.FeatureSet)}
	if diff := cmp.Diff([]string{"111111111111", w.OrganizationID, "ALL"}, got); diff != "" {
		t.Errorf("the organization (-want +got):\n%s", diff)
	}
	u, err := client.DescribeOrganizationalUnit(t.Context(), &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: aws.String(dev)})
	if err != nil {
		t.Fatal(err)
	}
	want := w.OrganizationID + "/r-ab12/ou-ab12-11111111/ou-ab12-11111113/"
	if diff := cmp.Diff([]string{"Dev", want}, []string{*u.OrganizationalUnit.Name, *u.OrganizationalUnit.Path}); diff != "" {
		t.Errorf("the unit (-want +got):\n%s", diff)
	}
}

// collect walks through all pages of a list.
func collect[T any](t *testing.T, page func(token *string) ([]T, *string, error)) (all []T) {
	t.Helper()
	for token := (*string)(nil); ; {
		found, next, err := page(token)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
		if token = next; token == nil {
			return all
		}
	}
}

func TestListsHoldWhatThereIs(t *testing.T) {
	t.Parallel()
	_, client := start(t)
	ctx := t.Context()
	roots := collect(t, func(token *string) ([]types.Root, *string, error) {
		out, err := client.ListRoots(ctx, &organizations.ListRootsInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.Roots, out.NextToken, nil
	})
	accounts := collect(t, func(token *string) ([]types.Account, *string, error) {
		out, err := client.ListAccounts(ctx, &organizations.ListAccountsInput{NextToken: token, MaxResults: aws.Int32(5)})
		if err != nil {
			return nil, nil, err
		}
		return out.Accounts, out.NextToken, nil
	})
	inLegacy := collect(t, func(token *string) ([]types.Account, *string, error) {
		out, err := client.ListAccountsForParent(ctx, &organizations.ListAccountsForParentInput{ParentId: aws.String(legacy), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.Accounts, out.NextToken, nil
	})
	children := func(kind types.ChildType) []types.Child {
		return collect(t, func(token *string) ([]types.Child, *string, error) {
			out, err := client.ListChildren(ctx, &organizations.ListChildrenInput{ParentId: aws.String(root), ChildType: kind, NextToken: token})
			if err != nil {
				return nil, nil, err
			}
			return out.Children, out.NextToken, nil
		})
	}
	parents := collect(t, func(token *string) ([]types.Parent, *string, error) {
		out, err := client.ListParents(ctx, &organizations.ListParentsInput{ChildId: aws.String("222222222201"), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.Parents, out.NextToken, nil
	})
	trusted := collect(t, func(token *string) ([]types.EnabledServicePrincipal, *string, error) {
		out, err := client.ListAWSServiceAccessForOrganization(ctx, &organizations.ListAWSServiceAccessForOrganizationInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.EnabledServicePrincipals, out.NextToken, nil
	})
	got := []int{
		len(roots), len(accounts), len(inLegacy), len(children(types.ChildTypeAccount)), len(children(types.ChildTypeOrganizationalUnit)), len(parents),
	}
	if diff := cmp.Diff([]int{1, 13, 5, 2, 6, 1}, got); diff != "" {
		t.Errorf("roots, accounts, accounts in Legacy, accounts and units in the root, parents (-want +got):\n%s", diff)
	}
	stackSets := slices.ContainsFunc(trusted, func(p types.EnabledServicePrincipal) bool {
		return *p.ServicePrincipal == "member.org.stacksets.cloudformation.amazonaws.com"
	})
	if !stackSets {
		t.Errorf("StackSets are not trusted: %v", trusted)
	}
	none, err := client.ListDelegatedAdministrators(ctx, &organizations.ListDelegatedAdministratorsInput{})
	if err != nil || len(none.DelegatedAdministrators) != 0 {
		t.Errorf("delegated administrators: %v, %v", none, err)
	}
	if _, err := client.CreateAccount(ctx, &organizations.CreateAccountInput{Email: aws.String("a@example.com"), AccountName: aws.String("a")}); err != nil {
		t.Fatal(err)
	}
	creations := collect(t, func(token *string) ([]types.CreateAccountStatus, *string, error) {
		out, err := client.ListCreateAccountStatus(ctx, &organizations.ListCreateAccountStatusInput{
			NextToken: token, States: []types.CreateAccountState{types.CreateAccountStateInProgress},
		})
		if err != nil {
			return nil, nil, err
		}
		return out.CreateAccountStatuses, out.NextToken, nil
	})
	if len(creations) != 1 {
		t.Errorf("creations: %v", creations)
	}
}
