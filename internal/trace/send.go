package trace

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	collector "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/slim/otlp/common/v1"
	resources "go.opentelemetry.io/proto/slim/otlp/resource/v1"
	traces "go.opentelemetry.io/proto/slim/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// sender sends spans to a collector as OTLP over HTTP. The library's own exporter would bring gRPC along, which weighs three
// times as much as all else of OpenTelemetry here.
type sender struct {
	destination
	client *http.Client
	log    *slog.Logger

	mu     sync.Mutex
	failed bool // the last spans were not taken
}

func newSender(to destination, log *slog.Logger) *sender {
	return &sender{destination: to, client: &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}, log: log}
}

// ExportSpans sends spans. What is not taken is dropped: nothing that the library could do of it would be of use.
func (s *sender) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	err := s.send(ctx, spans)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil && !s.failed {
		s.log.Warn("traces could not be sent; nothing else depends on them", "error", err)
	}
	s.failed = err != nil
	return nil
}

// Shutdown lets connections go.
func (s *sender) Shutdown(context.Context) error {
	s.client.CloseIdleConnections()
	return nil
}

func (s *sender) send(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	body, err := proto.Marshal(message(spans))
	if err != nil {
		return fmt.Errorf("encode spans: %w", err)
	}
	if s.gzip {
		var small bytes.Buffer
		packed := gzip.NewWriter(&small)
		if _, err := packed.Write(body); err != nil {
			return fmt.Errorf("compress spans: %w", err)
		}
		if err := packed.Close(); err != nil {
			return fmt.Errorf("compress spans: %w", err)
		}
		body = small.Bytes()
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("send spans: %w", err)
	}
	request.Header = s.header.Clone()
	request.Header.Set("Content-Type", "application/x-protobuf")
	if s.gzip {
		request.Header.Set("Content-Encoding", "gzip")
	}
	answer, err := s.client.Do(request)
	if err != nil {
		var whole *url.Error
		if errors.As(err, &whole) {
			err = whole.Err // an address may hold a password
		}
		return fmt.Errorf("send spans: %w", err)
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // so that the connection can be used again
	_ = answer.Body.Close()
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return fmt.Errorf("send spans: the collector answers %s", answer.Status)
	}
	return nil
}

// message is what the collector takes: the spans of one process.
func message(spans []sdk.ReadOnlySpan) *collector.ExportTraceServiceRequest {
	within := &traces.ScopeSpans{}
	whole := &traces.ResourceSpans{ScopeSpans: []*traces.ScopeSpans{within}}
	for _, s := range spans {
		if within.Scope == nil {
			within.Scope = &common.InstrumentationScope{Name: s.InstrumentationScope().Name, Version: s.InstrumentationScope().Version}
			whole.Resource = &resources.Resource{Attributes: pairs(s.Resource().Attributes())}
		}
		id, root, parent := s.SpanContext().SpanID(), s.SpanContext().TraceID(), s.Parent().SpanID()
		span := &traces.Span{
			TraceId: root[:], SpanId: id[:], Name: s.Name(), Kind: traces.Span_SpanKind(s.SpanKind()),
			StartTimeUnixNano: uint64(s.StartTime().UnixNano()), EndTimeUnixNano: uint64(s.EndTime().UnixNano()),
			Attributes: pairs(s.Attributes()), Status: &traces.Status{Message: s.Status().Description},
		}
		if s.Parent().IsValid() {
			span.ParentSpanId = parent[:]
		}
		switch s.Status().Code {
		case codes.Error:
			span.Status.Code = traces.Status_STATUS_CODE_ERROR
		case codes.Ok:
			span.Status.Code = traces.Status_STATUS_CODE_OK
		}
		within.Spans = append(within.Spans, span)
	}
	return &collector.ExportTraceServiceRequest{ResourceSpans: []*traces.ResourceSpans{whole}}
}

func pairs(attributes []attribute.KeyValue) []*common.KeyValue {
	out := make([]*common.KeyValue, 0, len(attributes))
	for _, a := range attributes {
		value := &common.AnyValue{}
		switch a.Value.Type() {
		case attribute.INT64:
			value.Value = &common.AnyValue_IntValue{IntValue: a.Value.AsInt64()}
		case attribute.FLOAT64:
			value.Value = &common.AnyValue_DoubleValue{DoubleValue: a.Value.AsFloat64()}
		case attribute.BOOL:
			value.Value = &common.AnyValue_BoolValue{BoolValue: a.Value.AsBool()}
		default:
			value.Value = &common.AnyValue_StringValue{StringValue: a.Value.String()}
		}
		out = append(out, &common.KeyValue{Key: string(a.Key), Value: value})
	}
	return out
}
