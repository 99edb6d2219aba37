package accountfactory

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/controltower"
	"github.com/aws/aws-sdk-go-v2/service/servicecatalog"
)

// catalogCalls are the operations of Service Catalog that are called. They are functions: a client that is held in what becomes an interface keeps
// all of its operations in the program, called or not.
type catalogCalls struct {
	DescribeProduct             catalogCall[servicecatalog.DescribeProductInput, servicecatalog.DescribeProductOutput]
	DescribeProvisionedProduct  catalogCall[servicecatalog.DescribeProvisionedProductInput, servicecatalog.DescribeProvisionedProductOutput]
	DescribeRecord              catalogCall[servicecatalog.DescribeRecordInput, servicecatalog.DescribeRecordOutput]
	ListProvisioningArtifacts   catalogCall[servicecatalog.ListProvisioningArtifactsInput, servicecatalog.ListProvisioningArtifactsOutput]
	ProvisionProduct            catalogCall[servicecatalog.ProvisionProductInput, servicecatalog.ProvisionProductOutput]
	TerminateProvisionedProduct catalogCall[servicecatalog.TerminateProvisionedProductInput, servicecatalog.TerminateProvisionedProductOutput]

	listPortfolios            catalogCall[servicecatalog.ListPortfoliosInput, servicecatalog.ListPortfoliosOutput]
	searchProvisionedProducts catalogCall[servicecatalog.SearchProvisionedProductsInput, servicecatalog.SearchProvisionedProductsOutput]
}

type catalogCall[In, Out any] = func(context.Context, *In, ...func(*servicecatalog.Options)) (*Out, error)

func catalogCallsOf(c *servicecatalog.Client) catalogCalls {
	return catalogCalls{
		DescribeProduct:             c.DescribeProduct,
		DescribeProvisionedProduct:  c.DescribeProvisionedProduct,
		DescribeRecord:              c.DescribeRecord,
		ListProvisioningArtifacts:   c.ListProvisioningArtifacts,
		ProvisionProduct:            c.ProvisionProduct,
		TerminateProvisionedProduct: c.TerminateProvisionedProduct,

		listPortfolios:            c.ListPortfolios,
		searchProvisionedProducts: c.SearchProvisionedProducts,
	}
}

// ListPortfolios is what the SDK's paginator asks for.
func (c catalogCalls) ListPortfolios(ctx context.Context, in *servicecatalog.ListPortfoliosInput, o ...func(*servicecatalog.Options)) (*servicecatalog.ListPortfoliosOutput, error) {
	return c.listPortfolios(ctx, in, o...)
}

// SearchProvisionedProducts is what the SDK's paginator asks for.
func (c catalogCalls) SearchProvisionedProducts(ctx context.Context, in *servicecatalog.SearchProvisionedProductsInput, o ...func(*servicecatalog.Options)) (*servicecatalog.SearchProvisionedProductsOutput, error) {
	return c.searchProvisionedProducts(ctx, in, o...)
}

// towerCalls are the operations of Control Tower that are called. They are functions: a client that is held in what becomes an interface keeps
// all of its operations in the program, called or not.
type towerCalls struct {
	EnableBaseline       towerCall[controltower.EnableBaselineInput, controltower.EnableBaselineOutput]
	GetBaselineOperation towerCall[controltower.GetBaselineOperationInput, controltower.GetBaselineOperationOutput]
	GetLandingZone       towerCall[controltower.GetLandingZoneInput, controltower.GetLandingZoneOutput]
	ResetEnabledBaseline towerCall[controltower.ResetEnabledBaselineInput, controltower.ResetEnabledBaselineOutput]

	listBaselines        towerCall[controltower.ListBaselinesInput, controltower.ListBaselinesOutput]
	listEnabledBaselines towerCall[controltower.ListEnabledBaselinesInput, controltower.ListEnabledBaselinesOutput]
	listLandingZones     towerCall[controltower.ListLandingZonesInput, controltower.ListLandingZonesOutput]
}

type towerCall[In, Out any] = func(context.Context, *In, ...func(*controltower.Options)) (*Out, error)

func towerCallsOf(c *controltower.Client) towerCalls {
	return towerCalls{
		EnableBaseline:       c.EnableBaseline,
		GetBaselineOperation: c.GetBaselineOperation,
		GetLandingZone:       c.GetLandingZone,
		ResetEnabledBaseline: c.ResetEnabledBaseline,

		listBaselines:        c.ListBaselines,
		listEnabledBaselines: c.ListEnabledBaselines,
		listLandingZones:     c.ListLandingZones,
	}
}

// ListBaselines is what the SDK's paginator asks for.
func (c towerCalls) ListBaselines(ctx context.Context, in *controltower.ListBaselinesInput, o ...func(*controltower.Options)) (*controltower.ListBaselinesOutput, error) {
	return c.listBaselines(ctx, in, o...)
}

// ListEnabledBaselines is what the SDK's paginator asks for.
func (c towerCalls) ListEnabledBaselines(ctx context.Context, in *controltower.ListEnabledBaselinesInput, o ...func(*controltower.Options)) (*controltower.ListEnabledBaselinesOutput, error) {
	return c.listEnabledBaselines(ctx, in, o...)
}

// ListLandingZones is what the SDK's paginator asks for.
func (c towerCalls) ListLandingZones(ctx context.Context, in *controltower.ListLandingZonesInput, o ...func(*controltower.Options)) (*controltower.ListLandingZonesOutput, error) {
	return c.listLandingZones(ctx, in, o...)
}
