package engine

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	smithy "github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/trace"
	"github.com/vend-cli/vend/internal/worker"
)

// tracedSteps are steps that are told of.
type tracedSteps struct {
	worker.Pipeline
	traces *trace.Tracer
}

// Advance takes a request one step further, in a span of its own.
func (t tracedSteps) Advance(ctx context.Context, r account.Request, now time.Time) (account.Request, error) {
	ctx, end := t.traces.Step(ctx, r)
	next, verdict := t.Pipeline.Advance(ctx, r, now)
	end(next, verdict)
	return next, verdict
}

// traced tells of each call of AWS, its retries included, that is made in a step. The instrumentation that OpenTelemetry has
// for the SDK would write AWS's messages into spans, and those repeat e-mail addresses.
func traced(t *trace.Tracer) func(*smithy.Stack) error {
	return func(stack *smithy.Stack) error {
		return stack.Initialize.Add(smithy.InitializeMiddlewareFunc("vend.Trace",
			func(ctx context.Context, in smithy.InitializeInput, next smithy.InitializeHandler) (smithy.InitializeOutput, smithy.Metadata, error) {
				ctx, end := t.Call(ctx, middleware.GetServiceID(ctx), middleware.GetOperationName(ctx), middleware.GetRegion(ctx))
				out, meta, err := next.HandleInitialize(ctx, in)
				end(ended(meta, err))
				return out, meta, err
			}), smithy.After)
	}
}

func ended(meta smithy.Metadata, err error) trace.Call {
	var c trace.Call
	if answer, ok := middleware.GetRawResponse(meta).(*smithyhttp.Response); ok && answer != nil {
		c.Status = answer.StatusCode
	}
	c.RequestID, _ = middleware.GetRequestIDMetadata(meta)
	if err == nil {
		return c
	}
	c.Code = "error"
	if answer, ok := account.AnswerOf("", err); ok {
		c.Code = answer.Code
		if c.RequestID == "" {
			c.RequestID = answer.RequestID
		}
	}
	return c
}
