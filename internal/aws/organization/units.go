package organization

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// CreateUnit makes an organizational unit below another one, or below the root. It is fine where there is one of that name
// already; whoever wants to use it looks for it (AWS Organizations API Reference, CreateOrganizationalUnit).
func (c *Client) CreateUnit(ctx context.Context, parentID, name string) error {
	_, err := c.organizations.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: &parentID, Name: &name},
		func(o *organizations.Options) { o.Retryer = aws.NopRetryer{} })
	if err != nil && code(err) != "DuplicateOrganizationalUnitException" {
		return fmt.Errorf("create unit %s below %s: %w", name, parentID, judge("organizations.CreateOrganizationalUnit", err))
	}
	return nil
}

// Policies counts the service control policies that are attached to a unit or an account itself (AWS Organizations API
// Reference, ListPoliciesForTarget).
func (c *Client) Policies(ctx context.Context, targetID string) (int, error) {
	n := 0
	pages := organizations.NewListPoliciesForTargetPaginator(c.organizations, &organizations.ListPoliciesForTargetInput{
		TargetId: &targetID, Filter: types.PolicyTypeServiceControlPolicy, MaxResults: aws.Int32(pageSize),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, fmt.Errorf("list policies of %s: %w", targetID, judge("organizations.ListPoliciesForTarget", err))
		}
		n += len(page.Policies)
	}
	return n, nil
}
