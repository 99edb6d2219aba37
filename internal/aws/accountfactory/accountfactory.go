// Package accountfactory orders accounts of Control Tower's Account Factory: it finds, orders, follows and clears away an
// account's provisioned product in Service Catalog, and asks Control Tower what else is going on.
//
// An order is a provisioned product with a name that Service Catalog takes once, and a record that says how the order
// went. The same order enrolls an account whose e-mail address is the one ordered.
//
//	Product (is the name taken?) ─▶ Busy (is there room?) ─▶ Order ─▶ Record … SUCCEEDED: AccountID
//	                                                                        … FAILED: JudgeRecord
//
// It imports account and retry.
package accountfactory

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/controltower"
	"github.com/aws/aws-sdk-go-v2/service/servicecatalog"
	"github.com/aws/aws-sdk-go-v2/service/servicecatalog/types"

	"github.com/vend-cli/vend/internal/account"
)

// Options are how Account Factory is found. The zero value will do.
type Options struct {
	ProductName string           // of the product; empty is "AWS Control Tower Account Factory"
	Now         func() time.Time // the clock; nil is time.Now
}

// Client is the Account Factory of the caller's landing zone, in its home Region. It is safe for concurrent use.
type Client struct {
	catalog catalogCalls
	tower   towerCalls
	options Options
	factory factoryCache
	fixed   fixedCache
}

// New makes a client. The caller is in the management account, and a principal of Account Factory's portfolio.
func New(cfg aws.Config, o Options) *Client {
	if o.ProductName == "" {
		o.ProductName = "AWS Control Tower Account Factory"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Client{catalog: catalogCallsOf(servicecatalog.NewFromConfig(cfg)), tower: towerCallsOf(controltower.NewFromConfig(cfg)), options: o}
}

// Product is a provisioned product: an account, or the remains of an attempt at one. Its AccountID, which AWS calls
// PhysicalId, is empty while the product is under change.
type Product = account.Product

// Record is one operation on a provisioned product.
type Record = account.Record

// RecordError is why a record FAILED; its code may be empty.
type RecordError = account.RecordError

// OrderInput is one order.
type OrderInput = account.OrderInput

// Order orders an account, or the enrollment of the account with that e-mail address. It makes one attempt: an error
// that is no verdict means that the order may have been taken, and who ordered looks for the product by its name. So does
// who is told to wait because the name is taken (Service Catalog API Reference, ProvisionProduct; AWS Control Tower User
// Guide, "Automate account provisioning in AWS Control Tower by Service Catalog APIs").
func (c *Client) Order(ctx context.Context, in OrderInput) (Record, error) {
	used, err := c.Factory(ctx)
	if err != nil {
		return Record{}, err
	}
	record, err := c.provision(ctx, used, in)
	if outdated(err) {
		// The active version changes whenever the landing zone or the list of registered units does.
		c.factory.drop()
		fresh, lookErr := c.Factory(ctx)
		if lookErr != nil {
			return Record{}, lookErr
		}
		if fresh != used {
			record, err = c.provision(ctx, fresh, in)
		}
	}
	if err != nil {
		return Record{}, fmt.Errorf("order product %s: %w", in.Product, judge(provisionProduct, err))
	}
	return record, nil
}

func (c *Client) provision(ctx context.Context, f Factory, in OrderInput) (Record, error) {
	// Neither tags nor notifications: Account Factory fails with them.
	request := &servicecatalog.ProvisionProductInput{
		ProductId:              aws.String(f.ProductID),
		ProvisioningArtifactId: aws.String(f.ArtifactID),
		ProvisionedProductName: aws.String(in.Product),
		ProvisionToken:         aws.String(in.Token),
		ProvisioningParameters: []types.ProvisioningParameter{
			{Key: aws.String("AccountName"), Value: aws.String(in.Name)},
			{Key: aws.String("AccountEmail"), Value: aws.String(in.Email)},
			{Key: aws.String("ManagedOrganizationalUnit"), Value: aws.String(in.Unit.String())},
			{Key: aws.String("SSOUserEmail"), Value: aws.String(in.User.Email)},
			{Key: aws.String("SSOUserFirstName"), Value: aws.String(in.User.FirstName)},
			{Key: aws.String("SSOUserLastName"), Value: aws.String(in.User.LastName)},
		},
	}
	if f.PathID != "" {
		request.PathId = aws.String(f.PathID)
	}
	out, err := c.catalog.ProvisionProduct(ctx, request, once)
	if err != nil {
		return Record{}, err
	}
	return record(out.RecordDetail), nil
}

// Terminate orders that a provisioned product be cleared away. An account that it holds is not closed: Control Tower lets
// go of it, moves it to the root and removes its role AWSControlTowerExecution. It makes one attempt, as [Client.Order]
// does (Service Catalog API Reference, TerminateProvisionedProduct; AWS Control Tower User Guide, "Unmanage an account").
func (c *Client) Terminate(ctx context.Context, productID, token string) (Record, error) {
	out, err := c.catalog.TerminateProvisionedProduct(ctx, &servicecatalog.TerminateProvisionedProductInput{
		ProvisionedProductId: &productID, TerminateToken: &token,
	}, once)
	if err != nil {
		return Record{}, fmt.Errorf("terminate product %s: %w", productID, judge(terminateProduct, err))
	}
	return record(out.RecordDetail), nil
}

// Record asks how an operation went; false when Service Catalog does not know it (Service Catalog API Reference,
// DescribeRecord).
func (c *Client) Record(ctx context.Context, id string) (Record, bool, error) {
	in := &servicecatalog.DescribeRecordInput{Id: &id}
	var r Record
	for {
		out, err := c.catalog.DescribeRecord(ctx, in)
		switch {
		case code(err) == notFound:
			return Record{}, false, nil
		case err != nil:
			return Record{}, false, fmt.Errorf("describe record %s: %w", id, judge("servicecatalog.DescribeRecord", err))
		}
		if r.ID == "" {
			r = record(out.RecordDetail)
		}
		for _, o := range out.RecordOutputs {
			if aws.ToString(o.OutputKey) == "AccountId" && r.Status == "SUCCEEDED" {
				r.AccountID = aws.ToString(o.OutputValue)
			}
		}
		if aws.ToString(out.NextPageToken) == "" {
			return r, true, nil
		}
		in.PageToken = out.NextPageToken
	}
}

func record(d *types.RecordDetail) Record {
	if d == nil {
		return Record{}
	}
	r := Record{
		ID: aws.ToString(d.RecordId), ProductID: aws.ToString(d.ProvisionedProductId), ProductName: aws.ToString(d.ProvisionedProductName),
		Type: account.RecordType(aws.ToString(d.RecordType)), Status: account.RecordStatus(d.Status), CreatedAt: aws.ToTime(d.CreatedTime), UpdatedAt: aws.ToTime(d.UpdatedTime),
	}
	for _, e := range d.RecordErrors {
		r.Errors = append(r.Errors, RecordError{Code: aws.ToString(e.Code), Description: aws.ToString(e.Description)})
	}
	return r
}

// once makes a call a single attempt: whoever asked looks before it asks again.
func once(o *servicecatalog.Options) { o.Retryer = aws.NopRetryer{} }
