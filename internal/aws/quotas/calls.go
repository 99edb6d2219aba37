package quotas

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
)

// calls are the operations of Service Quotas that are called. They are functions: a client that is held in what becomes an interface keeps
// all of its operations in the program, called or not.
type calls struct {
	listAWSDefaultServiceQuotas call[servicequotas.ListAWSDefaultServiceQuotasInput, servicequotas.ListAWSDefaultServiceQuotasOutput]
	listServiceQuotas           call[servicequotas.ListServiceQuotasInput, servicequotas.ListServiceQuotasOutput]
}

type call[In, Out any] = func(context.Context, *In, ...func(*servicequotas.Options)) (*Out, error)

func callsOf(c *servicequotas.Client) calls {
	return calls{
		listAWSDefaultServiceQuotas: c.ListAWSDefaultServiceQuotas,
		listServiceQuotas:           c.ListServiceQuotas,
	}
}

// ListAWSDefaultServiceQuotas is what the SDK's paginator asks for.
func (c calls) ListAWSDefaultServiceQuotas(ctx context.Context, in *servicequotas.ListAWSDefaultServiceQuotasInput, o ...func(*servicequotas.Options)) (*servicequotas.ListAWSDefaultServiceQuotasOutput, error) {
	return c.listAWSDefaultServiceQuotas(ctx, in, o...)
}

// ListServiceQuotas is what the SDK's paginator asks for.
func (c calls) ListServiceQuotas(ctx context.Context, in *servicequotas.ListServiceQuotasInput, o ...func(*servicequotas.Options)) (*servicequotas.ListServiceQuotasOutput, error) {
	return c.listServiceQuotas(ctx, in, o...)
}
