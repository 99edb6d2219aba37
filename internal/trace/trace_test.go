package trace_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	traces "go.opentelemetry.io/proto/slim/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/trace"
)

// collect is a collector on a loopback address.
type collect struct {
	*httptest.Server
	mu     sync.Mutex
	raw    bytes.Buffer
	header http.Header
	path   string
	spans  map[string]*traces.Span // by name
	about  map[string]string       // attributes of the resource
	status int
	hold   chan struct{} // until it is closed nothing is answered
}

func newCollector(t *testing.T) *collect {
	c := &collect{spans: map[string]*traces.Span{}, about: map[string]string{}, status: 200}
	c.Server = httptest.NewServer(c)
	t.Cleanup(func() { c.CloseClientConnections(); c.Close() })
	return c
}

func (c *collect) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sent, err := io.ReadAll(r.Body) // only then the server sees who goes away
	if err != nil {
		return
	}
	c.mu.Lock()
	hold := c.hold
	c.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-r.Context().Done():
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var body io.Reader = bytes.NewReader(sent)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		body = unpacked
	}
	raw, err := io.ReadAll(body)
	var in collector.ExportTraceServiceRequest
	if err != nil || proto.Unmarshal(raw, &in) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.raw.Write(raw)
	c.header, c.path = r.Header, r.URL.Path
	for _, of := range in.ResourceSpans {
		for _, a := range of.Resource.Attributes {
			c.about[a.Key] = a.Value.GetStringValue()
		}
		for _, s := range of.ScopeSpans {
			for _, span := range s.Spans {
				c.spans[span.Name] = span
			}
		}
	}
	w.WriteHeader(c.status)
}

func environment(pairs ...string) func(string) string {
	return func(name string) string {
		for _, pair := range pairs {
			if value, found := strings.CutPrefix(pair, name+"="); found {
				return value
			}
		}
		return ""
	}
}

func attributes(s *traces.Span) map[string]string {
	all := map[string]string{}
	for _, a := range s.GetAttributes() {
		text := a.Value.GetStringValue()
		if n := a.Value.GetIntValue(); n != 0 {
			text = fmt.Sprint(n)
		}
		all[a.Key] = text
	}
	return all
}

var request = account.Request{
	ID: "r-0123456789ab", Batch: "b-0123456789ab", Stage: account.Provisioning, Generation: 2, Name: "canary", Email: "canary@example.com",
	User: account.User{Email: "canary-user@example.com"},
}

func TestSpansReachTheCollector(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	tracer := trace.Open(environment("OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL+"/", "OTEL_EXPORTER_OTLP_HEADERS=api-key=a%20b, other=c",
		"OTEL_EXPORTER_OTLP_COMPRESSION=gzip"), "v1", slog.New(slog.DiscardHandler))
	if tracer == nil {
		t.Fatal("no traces")
	}
	ctx, end := tracer.Step(t.Context(), request)
	_, answered := tracer.Call(ctx, "Service Catalog", "ProvisionProduct", "us-east-1")
	answered(trace.Call{Status: 200, RequestID: "id-1"})
	_, refused := tracer.Call(ctx, "Organizations", "ListAccounts", "us-east-1")
	refused(trace.Call{Status: 400, Code: "TooManyRequestsException"})
	next := request
	next.Stage = account.Assigning
	end(next, nil)
	_, end = tracer.Step(t.Context(), account.Request{ID: "r-1", Stage: account.Queued})
	end(account.Request{}, account.Refused{Code: "V2001", Reason: "canary@example.com", Answer: account.Answer{Message: "canary@example.com"}})
	_, end = tracer.Step(t.Context(), account.Request{ID: "r-2", Stage: account.Preparing})
	end(account.Request{}, errors.New("canary@example.com"))
	_, end = tracer.Step(t.Context(), account.Request{ID: "r-3", Stage: account.Recovering})
	end(account.Request{}, account.Wait{For: time.Minute, Why: "canary@example.com"})
	_, unseen := tracer.Call(t.Context(), "DynamoDB", "Query", "us-east-1") // in no step
	unseen(trace.Call{Status: 200})
	tracer.Close(t.Context())

	c.mu.Lock()
	defer c.mu.Unlock()
	if c.path != "/v1/traces" || c.header.Get("Content-Type") != "application/x-protobuf" || c.header.Get("Api-Key") != "a b" || c.header.Get("Other") != "c" {
		t.Errorf("sent to %s with %v", c.path, c.header)
	}
	if c.about["service.name"] != "vend" || c.about["service.version"] != "v1" {
		t.Errorf("of %v", c.about)
	}
	step, call, other := c.spans["step provisioning"], c.spans["Service Catalog.ProvisionProduct"], c.spans["Organizations.ListAccounts"]
	if step == nil || call == nil || other == nil || len(c.spans) != 6 {
		t.Fatalf("spans %v", c.spans)
	}
	if len(step.ParentSpanId) > 0 || !bytes.Equal(call.ParentSpanId, step.SpanId) || !bytes.Equal(call.TraceId, step.TraceId) || len(step.TraceId) != 16 {
		t.Errorf("the call is no child of its step:\n%v\n%v", step, call)
	}
	if step.StartTimeUnixNano == 0 || step.EndTimeUnixNano < step.StartTimeUnixNano || call.Kind != traces.Span_SPAN_KIND_CLIENT {
		t.Errorf("step %v, call %v", step, call)
	}
	for name, want := range map[string]string{
		"vend.request.id": request.ID, "vend.request.stage": "provisioning", "vend.request.next_stage": "assigning", "vend.request.generation": "2",
		"vend.verdict": "done",
	} {
		if got := attributes(step)[name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := attributes(call); got["http.response.status_code"] != "200" || got["aws.request_id"] != "id-1" || got["rpc.method"] != "ProvisionProduct" {
		t.Errorf("the call has %v", got)
	}
	if other.Status.Code != traces.Status_STATUS_CODE_ERROR || attributes(other)["error.type"] != "TooManyRequestsException" {
		t.Errorf("a call that failed: %v", other)
	}
	if s := c.spans["step queued"]; s.Status.Code != traces.Status_STATUS_CODE_ERROR || s.Status.Message != "V2001" {
		t.Errorf("a step that was refused: %v", s)
	}
	if s := c.spans["step recovering"]; s.Status.Code != traces.Status_STATUS_CODE_UNSET || attributes(s)["vend.verdict"] != "wait" {
		t.Errorf("a step that waits: %v", s)
	}
	if strings.Contains(c.raw.String(), "canary") {
		t.Errorf("a span tells of somebody: %q", c.raw.String())
	}
}

// Whoever asks for nothing gets nothing, not even a goroutine; what vend can't do is said.
func TestWhoIsAskedForTraces(t *testing.T) { //nolint:paralleltest // it counts goroutines
	for environ, want := range map[string]struct {
		traced bool
		said   string
	}{
		"": {},
		"OTEL_SERVICE_NAME=x OTEL_EXPORTER_OTLP_PROTOCOL=grpc":                            {},
		"OTEL_TRACES_EXPORTER=none OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1":        {},
		"OTEL_SDK_DISABLED=true OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1":           {},
		"OTEL_TRACES_EXPORTER=otlp":                                                       {traced: true},
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:1/spans":                     {traced: true},
		"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1":                                  {traced: true},
		"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1 OTEL_EXPORTER_OTLP_PROTOCOL=grpc": {said: "vend speaks http/protobuf"},
		"OTEL_EXPORTER_OTLP_ENDPOINT=127.0.0.1:4318":                                      {said: "no address"},
		"OTEL_TRACES_EXPORTER=zipkin":                                                     {said: "vend knows otlp and none"},
		"OTEL_TRACES_EXPORTER=otlp OTEL_EXPORTER_OTLP_COMPRESSION=zstd":                   {said: "vend knows gzip and none"},
	} {
		var log bytes.Buffer
		before := runtime.NumGoroutine()
		tracer := trace.Open(environment(strings.Fields(environ)...), "v1", slog.New(slog.NewTextHandler(&log, nil)))
		if (tracer != nil) != want.traced || !strings.Contains(log.String(), want.said) || want.said == "" && log.Len() > 0 {
			t.Errorf("%q: traced %v, said %q", environ, tracer != nil, log.String())
		}
		if tracer == nil && runtime.NumGoroutine() > before {
			t.Errorf("%q: goroutines were begun", environ)
		}
		ctx, end := tracer.Step(t.Context(), request)
		_, ended := tracer.Call(ctx, "a", "b", "c")
		ended(trace.Call{})
		if tracer == nil {
			end(request, nil)
		}
		tracer.Close(t.Context())
	}
}

// A collector that is not there, refuses or never answers delays no step, and is told of once.
func TestACollectorThatFailsHurtsNobody(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]func(c *collect){
		"not there":     func(c *collect) { c.Close() },
		"refuses":       func(c *collect) { c.status = http.StatusServiceUnavailable },
		"never answers": func(c *collect) { c.hold = make(chan struct{}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCollector(t)
			broken(c)
			var log safeBuffer
			tracer := trace.Open(environment("OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "OTEL_EXPORTER_OTLP_TIMEOUT=200"), "v1", slog.New(slog.NewTextHandler(&log, nil)))
			for range 5000 { // more than the queue holds
				_, end := tracer.Step(t.Context(), request)
				end(request, nil)
			}
			for range 2 {
				tracer.Flush(t.Context())
				_, end := tracer.Step(t.Context(), request)
				end(request, nil)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			tracer.Close(ctx)
			if ctx.Err() != nil {
				t.Error("it did not end")
			}
			if n := strings.Count(log.String(), "traces could not be sent"); n != 1 {
				t.Errorf("it was told %d times: %s", n, log.String())
			}
		})
	}
}

// What has to end now ends now, whatever the collector does.
func TestCloseEndsWithItsContext(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	c.hold = make(chan struct{})
	tracer := trace.Open(environment("OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "OTEL_EXPORTER_OTLP_TIMEOUT=600000"), "v1", slog.New(slog.DiscardHandler))
	_, end := tracer.Step(t.Context(), request)
	end(request, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	tracer.Close(ctx) // the test would take ten minutes
	close(c.hold)
}

type safeBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}
