package organization

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
)

// Trusted are the service principals that have trusted access to the organization, not nil (AWS Organizations API
// Reference, ListAWSServiceAccessForOrganization).
func (c *Client) Trusted(ctx context.Context) ([]string, error) {
	principals := []string{}
	pages := organizations.NewListAWSServiceAccessForOrganizationPaginator(c.organizations, &organizations.ListAWSServiceAccessForOrganizationInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list trusted services: %w", judge("organizations.ListAWSServiceAccessForOrganization", err))
		}
		for _, p := range page.EnabledServicePrincipals {
			principals = append(principals, aws.ToString(p.ServicePrincipal))
		}
	}
	return principals, nil
}
