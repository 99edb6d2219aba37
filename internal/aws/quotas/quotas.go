// Package quotas asks Service Quotas how much the organization may have.
//
// What it asks needs servicequotas:ListServiceQuotas and servicequotas:ListAWSDefaultServiceQuotas, in the management
// account, whose quotas the organization's are.
//
// It imports account and retry.
package quotas

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas/types"
)

// Client is the quotas of the caller's organization.
type Client struct{ quotas calls }

// New makes a client. Whatever the configuration's Region, it asks where the quotas of Organizations are kept in that
// Region's partition.
func New(cfg aws.Config) *Client {
	return &Client{callsOf(servicequotas.NewFromConfig(cfg, func(o *servicequotas.Options) { o.Region = home(o.Region) }))}
}

// Accounts is how many accounts the organization may have, the management account and those that are closed but not yet
// gone included. Where AWS tells its default alone, applied is false: the organization may well have more (Service Quotas
// API Reference, ListServiceQuotas, ListAWSDefaultServiceQuotas). A caller who may not look is refused with V3002.
//
// The quota is found by its name. AWS says that codes of quotas change and names do not (AWS Organizations User Guide,
// "Quotas and service limits for AWS Organizations"), and this one's code has: it was L-29A0C5DF and is L-E619E033.
func (c *Client) Accounts(ctx context.Context) (limit int, applied bool, err error) {
	quotas, err := c.applied(ctx)
	if err != nil {
		return 0, false, err
	}
	q, applied := accounts(quotas)
	if !applied {
		if quotas, err = c.defaults(ctx); err != nil {
			return 0, false, err
		}
		var known bool
		if q, known = accounts(quotas); !known {
			return 0, false, errors.New("find quota of accounts: Service Quotas has none of that name")
		}
	}
	if q.Value == nil {
		return 0, false, fmt.Errorf("read quota of accounts: %w", unavailable(q.ErrorReason))
	}
	return int(*q.Value), applied, nil
}

// applied are the quotas of Organizations of which AWS tells the value that holds for the caller.
func (c *Client) applied(ctx context.Context) (found []types.ServiceQuota, err error) {
	pages := servicequotas.NewListServiceQuotasPaginator(c.quotas, &servicequotas.ListServiceQuotasInput{ServiceCode: aws.String(organizations)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		var none *types.NoSuchResourceException
		switch {
		case errors.As(err, &none):
			return nil, nil
		case err != nil:
			return nil, fmt.Errorf("list quotas of Organizations: %w", judge("servicequotas.ListServiceQuotas", err))
		}
		found = append(found, page.Quotas...)
	}
	return found, nil
}

// defaults are the quotas of Organizations as they are where AWS has changed none.
func (c *Client) defaults(ctx context.Context) (found []types.ServiceQuota, err error) {
	pages := servicequotas.NewListAWSDefaultServiceQuotasPaginator(c.quotas, &servicequotas.ListAWSDefaultServiceQuotasInput{ServiceCode: aws.String(organizations)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list default quotas of Organizations: %w", judge("servicequotas.ListAWSDefaultServiceQuotas", err))
		}
		found = append(found, page.Quotas...)
	}
	return found, nil
}

const organizations = "organizations" // service code

// accounts picks the quota of accounts by its names, today's first.
func accounts(quotas []types.ServiceQuota) (types.ServiceQuota, bool) {
	for _, name := range []string{"Maximum number of accounts", "Default maximum number of accounts"} {
		for _, q := range quotas {
			if strings.EqualFold(aws.ToString(q.QuotaName), name) {
				return q, true
			}
		}
	}
	return types.ServiceQuota{}, false
}

// home is the Region where Organizations is hosted in the partition of a Region, and its quotas are kept with it. Regions
// that are not listed are of the largest partition.
func home(region string) string {
	for _, p := range []struct{ prefix, home string }{
		{"cn-", "cn-northwest-1"},
		{"us-gov-", "us-gov-west-1"},
		{"us-iso-", "us-iso-east-1"},
		{"us-isob-", "us-isob-east-1"},
		{"us-isof-", "us-isof-south-1"},
		{"eu-isoe-", "eu-isoe-west-1"},
		{"eusc-", "eusc-de-east-1"},
	} {
		if strings.HasPrefix(region, p.prefix) {
			return p.home
		}
	}
	return "us-east-1"
}
