package accountfactory

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicecatalog"
	"github.com/aws/aws-sdk-go-v2/service/servicecatalog/types"

	"github.com/vend-cli/vend/internal/account"
)

// Product finds a provisioned product by its name; false when there is none, whoever made it. While it is under change
// one call says all there is to say. Otherwise the account that it holds is asked for, too, which only the search knows:
// as long as the search has not caught up, the verdict is to wait, so that nobody takes a product for empty that is not
// (Service Catalog API Reference, DescribeProvisionedProduct, SearchProvisionedProducts).
func (c *Client) Product(ctx context.Context, name string) (Product, bool, error) {
	out, err := c.catalog.DescribeProvisionedProduct(ctx, &servicecatalog.DescribeProvisionedProductInput{Name: &name})
	described := code(err) != notFound
	switch {
	case !described:
	case err != nil:
		return Product{}, false, fmt.Errorf("describe product %s: %w", name, judge("servicecatalog.DescribeProvisionedProduct", err))
	case inChange(out.ProvisionedProductDetail.Status):
		return detailed(out.ProvisionedProductDetail), true, nil
	}
	found, err := c.search(ctx, "name:"+name)
	if err != nil {
		return Product{}, false, fmt.Errorf("find product %s: %w", name, err)
	}
	seen, ok := named(found, name)
	if !described {
		return seen, ok, nil // there is none, or it is somebody's whose details are not for everybody
	}
	p := detailed(out.ProvisionedProductDetail)
	if !ok || seen.ID != p.ID || seen.Status != p.Status && seen.AccountID == "" {
		why := "Service Catalog's search does not know yet which account the product " + name + " holds"
		return Product{}, false, account.Wait{For: searchLag, Why: why}
	}
	p.AccountID = seen.AccountID
	return p, true, nil
}

// named picks the product of that name: a search finds what is similar, too.
func named(found []types.ProvisionedProductAttribute, name string) (Product, bool) {
	for _, p := range found {
		if aws.ToString(p.Name) == name {
			return attributed(p), true
		}
	}
	return Product{}, false
}

// searchLag is how long to wait for the search when it lags behind.
const searchLag = 10 * time.Second

// search goes through all provisioned products that match, of all principals.
func (c *Client) search(ctx context.Context, query string) (found []types.ProvisionedProductAttribute, err error) {
	pages := servicecatalog.NewSearchProvisionedProductsPaginator(c.catalog, &servicecatalog.SearchProvisionedProductsInput{
		AccessLevelFilter: &types.AccessLevelFilter{Key: types.AccessLevelFilterKeyAccount, Value: aws.String("self")},
		Filters:           map[string][]string{"SearchQuery": {query}},
		PageSize:          100,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, judge("servicecatalog.SearchProvisionedProducts", err)
		}
		found = append(found, page.ProvisionedProducts...)
	}
	return found, nil
}

func inChange(s types.ProvisionedProductStatus) bool {
	return s == types.ProvisionedProductStatusUnderChange || s == types.ProvisionedProductStatusPlanInProgress
}

func detailed(d *types.ProvisionedProductDetail) Product {
	return Product{
		ID: aws.ToString(d.Id), Name: aws.ToString(d.Name), Status: account.ProductStatus(d.Status), StatusMessage: aws.ToString(d.StatusMessage),
		LastRecordID: aws.ToString(d.LastRecordId), LastSuccessfulRecordID: aws.ToString(d.LastSuccessfulProvisioningRecordId),
		Token: aws.ToString(d.IdempotencyToken), CreatedAt: aws.ToTime(d.CreatedTime),
	}
}

func attributed(a types.ProvisionedProductAttribute) Product {
	return Product{
		ID: aws.ToString(a.Id), Name: aws.ToString(a.Name), Status: account.ProductStatus(a.Status), StatusMessage: aws.ToString(a.StatusMessage),
		AccountID: aws.ToString(a.PhysicalId), LastRecordID: aws.ToString(a.LastRecordId),
		LastSuccessfulRecordID: aws.ToString(a.LastSuccessfulProvisioningRecordId), Token: aws.ToString(a.IdempotencyToken),
		CreatedAt: aws.ToTime(a.CreatedTime),
	}
}
