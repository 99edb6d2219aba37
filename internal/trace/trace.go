// Package trace tells an OpenTelemetry collector what the steps of requests did, and how long AWS took in them.
//
// It is there when the environment asks for it (OpenTelemetry Specification, "OpenTelemetry Environment Variable
// Specification" and "OpenTelemetry Protocol Exporter"), and otherwise [Open] gives nothing: no goroutine, no connection.
// A span is a step of a request, its children are the calls of AWS that the step made. Spans bear ids, stages, operations
// and codes; no text that AWS or an account list holds.
//
// # When the collector fails
//
// Spans wait in a queue of bounded length for a goroutine that sends them. Where the collector is down, slow or refuses
// them they are dropped, it is logged once until it takes some again, and no step waits for it.
//
// It imports account, and it alone imports OpenTelemetry.
package trace

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/vend-cli/vend/internal/account"
)

// Tracer makes spans. All methods may be called on nil, which does nothing, and from anywhere.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// scope is who made the spans.
const scope = "github.com/vend-cli/vend"

// Open reads what the environment says of traces. It returns nil where none are asked for, and where they are asked for in a
// way that vend does not know, which is logged. Which part of the traces is kept, and how long spans may wait, is read by
// the library from the environment of the process (OTEL_TRACES_SAMPLER, OTEL_BSP_*), the same as OTEL_SERVICE_NAME and
// OTEL_RESOURCE_ATTRIBUTES.
func Open(env func(name string) string, version string, log *slog.Logger) *Tracer {
	to, err := destinationOf(env)
	if err != nil {
		log.Warn("traces are not sent", "error", err)
		return nil
	}
	if to == nil {
		return nil
	}
	about, err := resource.New(context.Background(),
		resource.WithAttributes(attribute.String("service.name", "vend"), attribute.String("service.version", version)), resource.WithFromEnv())
	if err != nil {
		log.Warn("a part of OTEL_RESOURCE_ATTRIBUTES is not understood", "error", err)
	}
	provider := sdk.NewTracerProvider(sdk.WithBatcher(newSender(*to, log), sdk.WithExportTimeout(to.timeout)), sdk.WithResource(about))
	return &Tracer{provider: provider, tracer: provider.Tracer(scope, trace.WithInstrumentationVersion(version))}
}

// Flush sends what waits, for as long as ctx lasts; what can't be sent by then waits on.
func (t *Tracer) Flush(ctx context.Context) {
	if t != nil {
		_ = t.provider.ForceFlush(ctx) // it is not worth more
	}
}

// Close sends what waits, for as long as ctx lasts, and drops the rest.
func (t *Tracer) Close(ctx context.Context) {
	if t != nil {
		_ = t.provider.Shutdown(ctx) // it is not worth more
	}
}

// Step begins the span of a step of a request. The calls that are made with its context become its children. end ends it
// with what came out: the request as it is next, and the verdict of the step.
func (t *Tracer) Step(ctx context.Context, r account.Request) (_ context.Context, end func(next account.Request, verdict error)) {
	if t == nil {
		return ctx, func(account.Request, error) {}
	}
	ctx, span := t.tracer.Start(ctx, "step "+string(r.Stage), trace.WithNewRoot(), trace.WithAttributes(
		attribute.String("vend.request.id", r.ID), attribute.String("vend.batch.id", r.Batch), attribute.String("vend.request.kind", string(r.Kind)),
		attribute.String("vend.request.stage", string(r.Stage)), attribute.Int("vend.request.generation", r.Generation),
		attribute.Int("vend.request.attempts", r.Attempts)))
	return ctx, func(next account.Request, verdict error) {
		span.SetAttributes(attribute.String("vend.request.next_stage", string(next.Stage)))
		conclude(span, verdict)
		span.End()
	}
}

func conclude(span trace.Span, verdict error) {
	var wait account.Wait
	var refused account.Refused
	said := func(what string) { span.SetAttributes(attribute.String("vend.verdict", what)) }
	switch {
	case verdict == nil:
		said("done")
	case errors.As(verdict, &wait):
		said("wait")
		span.SetAttributes(attribute.Float64("vend.wait_seconds", wait.For.Seconds()))
	case errors.As(verdict, &refused):
		said("refused")
		span.SetAttributes(attribute.String("error.type", refused.Code))
		span.SetStatus(codes.Error, refused.Code)
	default:
		said("retry")
		code := "error"
		if answer, ok := account.AnswerOf("", verdict); ok {
			code = answer.Code
		} else if errors.Is(verdict, context.Canceled) || errors.Is(verdict, context.DeadlineExceeded) {
			code = "cancelled"
		}
		span.SetAttributes(attribute.String("error.type", code))
		span.SetStatus(codes.Error, code)
	}
}

// Call is a call of AWS that has ended.
type Call struct {
	Status    int    // of HTTP; 0 where there was no answer
	RequestID string // of AWS
	Code      string // of the error; empty when there was none
}

// Call begins the span of a call of AWS, if it is made in a step that is traced. end ends it with what came back.
func (t *Tracer) Call(ctx context.Context, service, operation, region string) (_ context.Context, end func(Call)) {
	if t == nil || !trace.SpanFromContext(ctx).IsRecording() {
		return ctx, func(Call) {}
	}
	ctx, span := t.tracer.Start(ctx, service+"."+operation, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("rpc.system", "aws-api"), attribute.String("rpc.service", service), attribute.String("rpc.method", operation),
		attribute.String("cloud.region", region)))
	return ctx, func(c Call) {
		if c.Status != 0 {
			span.SetAttributes(attribute.Int("http.response.status_code", c.Status))
		}
		if c.RequestID != "" {
			span.SetAttributes(attribute.String("aws.request_id", c.RequestID))
		}
		if c.Code != "" {
			span.SetAttributes(attribute.String("error.type", c.Code))
			span.SetStatus(codes.Error, c.Code)
		}
		span.End()
	}
}

// milliseconds reads a number of milliseconds.
func milliseconds(text string, otherwise time.Duration) time.Duration {
	n, err := strconv.Atoi(text)
	if err != nil || n <= 0 {
		return otherwise
	}
	return time.Duration(n) * time.Millisecond
}
