package accountfactory

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicecatalog"
	"github.com/aws/aws-sdk-go-v2/service/servicecatalog/types"

	"github.com/vend-cli/vend/internal/account"
)

// Factory is what an order names besides the account.
type Factory struct {
	ProductID  string
	ArtifactID string // the active version
	PathID     string // the launch path; empty where there is but one
}

// factoryCache keeps the factory for a while, its active version only for a short one: that changes with the landing zone.
type factoryCache struct {
	mu           sync.Mutex
	known        Factory
	productUntil time.Time
	until        time.Time
}

const (
	factoryKept = 10 * time.Minute
	productKept = 12 * time.Hour
)

// get gives what is known, and which of it may be used: all, or at least the product.
func (f *factoryCache) get(now time.Time) (known Factory, product, all bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.known, now.Before(f.productUntil), now.Before(f.until)
}

// keep keeps a factory whose active version, and with looked whose product, was looked up at that time.
func (f *factoryCache) keep(known Factory, looked bool, at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.known, f.until = known, at.Add(factoryKept)
	if looked {
		f.productUntil = at.Add(productKept)
	}
}

func (f *factoryCache) drop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.productUntil, f.until = time.Time{}, time.Time{}
}

// Factory finds the product, its active version and, where there are several, its launch path; the version is kept for ten
// minutes, the rest for twelve hours, unless an order is refused for it. The verdict is V3006 where the caller can't order at
// all: the product is not there, has no active version, or the caller is no principal of its portfolio (Service Catalog API
// Reference, DescribeProduct, ListProvisioningArtifacts).
func (c *Client) Factory(ctx context.Context) (Factory, error) {
	now := c.options.Now()
	f, product, all := c.factory.get(now)
	if all {
		return f, nil
	}
	var err error
	if !product {
		if f, err = c.product(ctx); err != nil {
			return Factory{}, err
		}
	}
	artifacts, err := c.catalog.ListProvisioningArtifacts(ctx, &servicecatalog.ListProvisioningArtifactsInput{ProductId: &f.ProductID})
	if err != nil {
		c.factory.drop()
		return Factory{}, fmt.Errorf("find active version of Account Factory: %w", judge("servicecatalog.ListProvisioningArtifacts", err))
	}
	if f.ArtifactID = active(artifacts.ProvisioningArtifactDetails); f.ArtifactID == "" {
		c.factory.drop()
		return Factory{}, account.Refused{Code: "V3006", Reason: "Account Factory has no active version", Pause: true}
	}
	c.factory.keep(f, !product, now)
	return f, nil
}

// product finds Account Factory's product and launch path.
func (c *Client) product(ctx context.Context) (Factory, error) {
	product, err := c.catalog.DescribeProduct(ctx, &servicecatalog.DescribeProductInput{Name: &c.options.ProductName})
	if err != nil {
		return Factory{}, fmt.Errorf("find Account Factory: %w", judge("servicecatalog.DescribeProduct", err))
	}
	if product.ProductViewSummary == nil {
		return Factory{}, account.Refused{Code: "V3006", Reason: "Service Catalog does not say which product Account Factory is", Pause: true}
	}
	f := Factory{ProductID: aws.ToString(product.ProductViewSummary.ProductId)} // its Id is the view's
	if paths := product.LaunchPaths; len(paths) > 1 {
		f.PathID = aws.ToString(paths[0].Id)
		for _, p := range paths {
			if aws.ToString(p.Name) == c.options.ProductName+" Portfolio" {
				f.PathID = aws.ToString(p.Id)
			}
		}
	}
	return f, nil
}

// active is the newest version that may be ordered.
func active(artifacts []types.ProvisioningArtifactDetail) string {
	var newest *types.ProvisioningArtifactDetail
	for i, a := range artifacts {
		if aws.ToBool(a.Active) && (newest == nil || aws.ToTime(a.CreatedTime).After(aws.ToTime(newest.CreatedTime))) {
			newest = &artifacts[i]
		}
	}
	if newest == nil {
		return ""
	}
	return aws.ToString(newest.Id)
}
