package accountfactory

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicecatalog"

	"github.com/vend-cli/vend/internal/account"
)

// portfolio is what Control Tower calls the portfolio of Account Factory.
const portfolio = "AWS Control Tower Account Factory Portfolio"

// Portfolio is the id of Account Factory's portfolio, whose principals may order accounts. The verdict is V3006 where there is
// none (AWS Service Catalog API Reference, ListPortfolios).
func (c *Client) Portfolio(ctx context.Context) (string, error) {
	pages := servicecatalog.NewListPortfoliosPaginator(c.catalog, &servicecatalog.ListPortfoliosInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", fmt.Errorf("find the portfolio of Account Factory: %w", judge("servicecatalog.ListPortfolios", err))
		}
		for _, p := range page.PortfolioDetails {
			if aws.ToString(p.DisplayName) == portfolio {
				return aws.ToString(p.Id), nil
			}
		}
	}
	return "", account.Refused{
		Code: "V3006", Reason: "there is no " + portfolio + " in this Region",
		Hint: "Deploy in the home Region of Control Tower, in the management account; or name the portfolio with --parameter PortfolioId=port-….",
	}
}
