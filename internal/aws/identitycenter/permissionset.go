package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/vend-cli/vend/internal/permissionset"
)

var _ permissionset.Center = (*Client)(nil)

// PermissionSets reads permission sets whole, those of the names, or all when none is given, in the order in which AWS
// lists them; a name that there is not is left out. AWS has no look-up by name, and tells each part of a permission set in a
// call of its own: so there is one call for each permission set that there is, and six or seven for each that is meant (IAM
// Identity Center API Reference, ListPermissionSets, DescribePermissionSet and the lists of one permission set).
func (c *Client) PermissionSets(ctx context.Context, names ...string) ([]permissionset.Set, error) {
	in, err := c.inside(ctx)
	if err != nil {
		return nil, err
	}
	var arns []string
	pages := ssoadmin.NewListPermissionSetsPaginator(in.sso, &ssoadmin.ListPermissionSetsInput{InstanceArn: in.instance, MaxResults: aws.Int32(100)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list permission sets: %w", judge("sso.ListPermissionSets", err))
		}
		arns = append(arns, page.PermissionSets...)
	}
	sets := []permissionset.Set{}
	for _, arn := range arns {
		s, err := in.whole(ctx, arn, names)
		switch {
		case errors.Is(err, errNotMeant) || code(err) == notFound: // or deleted since it was listed
		case err != nil:
			return nil, err
		default:
			sets = append(sets, s)
		}
	}
	return sets, nil
}

// inside is the instance that is meant, and who speaks to it.
type inside struct {
	sso      ssoCalls
	instance *string
}

func (c *Client) inside(ctx context.Context) (inside, error) {
	arn, _, err := c.Instance(ctx)
	return inside{c.sso, &arn}, err
}

var errNotMeant = errors.New("another permission set is meant")

// whole reads a permission set, if it has one of the names; no names are all.
func (in inside) whole(ctx context.Context, arn string, names []string) (permissionset.Set, error) {
	s, err := in.describe(ctx, arn)
	if err != nil {
		return s, err
	}
	if len(names) > 0 && !slices.Contains(names, s.Name) {
		return s, errNotMeant
	}
	for _, part := range []func(context.Context, *permissionset.Set) error{
		in.readManaged, in.readCustomer, in.readInline, in.readBoundary, in.readTags, in.readAccounts,
	} {
		if err := part(ctx, &s); err != nil {
			return s, fmt.Errorf("read permission set %s: %w", s.Name, err)
		}
	}
	return s, nil
}

// describe reads what one call tells of a permission set.
func (in inside) describe(ctx context.Context, arn string) (permissionset.Set, error) {
	out, err := in.sso.DescribePermissionSet(ctx, &ssoadmin.DescribePermissionSetInput{InstanceArn: in.instance, PermissionSetArn: &arn})
	switch {
	case err != nil:
		return permissionset.Set{}, fmt.Errorf("describe permission set %s: %w", arn, judge("sso.DescribePermissionSet", err))
	case out.PermissionSet == nil:
		return permissionset.Set{}, fmt.Errorf("describe permission set %s: AWS's answer has no permission set in it", arn)
	}
	p := out.PermissionSet
	s := permissionset.Set{
		ARN: arn, Name: aws.ToString(p.Name), Description: aws.ToString(p.Description), RelayState: aws.ToString(p.RelayState),
	}
	if p.SessionDuration != nil {
		// One that can't be read is as none, and differs from every one that is wanted.
		s.Session, _ = permissionset.Duration(*p.SessionDuration)
	}
	return s, nil
}

func (in inside) readManaged(ctx context.Context, s *permissionset.Set) error {
	pages := ssoadmin.NewListManagedPoliciesInPermissionSetPaginator(in.sso, &ssoadmin.ListManagedPoliciesInPermissionSetInput{
		InstanceArn: in.instance, PermissionSetArn: &s.ARN, MaxResults: aws.Int32(100),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return judge("sso.ListManagedPoliciesInPermissionSet", err)
		}
		for _, p := range page.AttachedManagedPolicies {
			s.Managed = append(s.Managed, policyNamed(aws.ToString(p.Arn)))
		}
	}
	slices.Sort(s.Managed)
	return nil
}

func (in inside) readCustomer(ctx context.Context, s *permissionset.Set) error {
	pages := ssoadmin.NewListCustomerManagedPolicyReferencesInPermissionSetPaginator(in.sso,
		&ssoadmin.ListCustomerManagedPolicyReferencesInPermissionSetInput{
			InstanceArn: in.instance, PermissionSetArn: &s.ARN, MaxResults: aws.Int32(100),
		})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return judge("sso.ListCustomerManagedPolicyReferencesInPermissionSet", err)
		}
		for _, p := range page.CustomerManagedPolicyReferences {
			s.Customer = append(s.Customer, referred(p))
		}
	}
	slices.SortFunc(s.Customer, func(a, b permissionset.Policy) int { return strings.Compare(a.String(), b.String()) })
	return nil
}

func (in inside) readInline(ctx context.Context, s *permissionset.Set) error {
	out, err := in.sso.GetInlinePolicyForPermissionSet(ctx, &ssoadmin.GetInlinePolicyForPermissionSetInput{InstanceArn: in.instance, PermissionSetArn: &s.ARN})
	if err != nil {
		return judge("sso.GetInlinePolicyForPermissionSet", err)
	}
	s.Inline = aws.ToString(out.InlinePolicy)
	return nil
}

func (in inside) readBoundary(ctx context.Context, s *permissionset.Set) error {
	out, err := in.sso.GetPermissionsBoundaryForPermissionSet(ctx, &ssoadmin.GetPermissionsBoundaryForPermissionSetInput{
		InstanceArn: in.instance, PermissionSetArn: &s.ARN,
	})
	switch {
	case code(err) == notFound: // there is none
		return nil
	case err != nil:
		return judge("sso.GetPermissionsBoundaryForPermissionSet", err)
	case out.PermissionsBoundary == nil:
		return nil
	}
	if own := out.PermissionsBoundary.CustomerManagedPolicyReference; own != nil {
		s.Boundary.Customer = referred(*own)
		return nil
	}
	s.Boundary.Managed = policyNamed(aws.ToString(out.PermissionsBoundary.ManagedPolicyArn))
	return nil
}

func (in inside) readTags(ctx context.Context, s *permissionset.Set) error {
	pages := ssoadmin.NewListTagsForResourcePaginator(in.sso, &ssoadmin.ListTagsForResourceInput{InstanceArn: in.instance, ResourceArn: &s.ARN})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return judge("sso.ListTagsForResource", err)
		}
		for _, t := range page.Tags {
			if s.Tags == nil {
				s.Tags = map[string]string{}
			}
			s.Tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
	}
	return nil
}

func (in inside) readAccounts(ctx context.Context, s *permissionset.Set) error {
	var err error
	if s.Accounts, err = in.accountsWith(ctx, s.ARN, ""); err != nil || len(s.Accounts) == 0 {
		return err
	}
	s.Outdated, err = in.accountsWith(ctx, s.ARN, types.ProvisioningStatusLatestPermissionSetNotProvisioned)
	return err
}

// accountsWith are the accounts that have a permission set, of one status or of all, in their order.
func (in inside) accountsWith(ctx context.Context, arn string, status types.ProvisioningStatus) ([]string, error) {
	var all []string
	pages := ssoadmin.NewListAccountsForProvisionedPermissionSetPaginator(in.sso, &ssoadmin.ListAccountsForProvisionedPermissionSetInput{
		InstanceArn: in.instance, PermissionSetArn: &arn, ProvisioningStatus: status, MaxResults: aws.Int32(100),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, judge("sso.ListAccountsForProvisionedPermissionSet", err)
		}
		all = append(all, page.AccountIds...)
	}
	slices.Sort(all)
	return all, nil
}

func referred(p types.CustomerManagedPolicyReference) permissionset.Policy {
	path := aws.ToString(p.Path)
	if path == "" {
		path = "/"
	}
	return permissionset.Policy{Name: aws.ToString(p.Name), Path: path}
}

// policyNamed is the name of a policy of AWS, with its path: what an ARN has behind "policy/".
func policyNamed(arn string) string {
	_, name, _ := strings.Cut(arn, ":policy/")
	return name
}
