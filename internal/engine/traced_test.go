package engine_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	traces "go.opentelemetry.io/proto/slim/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/engine/enginetest"
	"github.com/vend-cli/vend/internal/trace"
	"github.com/vend-cli/vend/internal/worker"
)

// The steps of a request are spans, and the calls that they made are their children; nothing in them is anybody's.
func TestStepsAreTraced(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var raw strings.Builder
	byID, children := map[string]*traces.Span{}, map[string][]string{} // by id; by the name of the parent
	var all []*traces.Span
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var in collector.ExportTraceServiceRequest
		if err != nil || proto.Unmarshal(body, &in) != nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		raw.Write(body)
		for _, of := range in.ResourceSpans {
			for _, s := range of.ScopeSpans {
				all = append(all, s.Spans...)
			}
		}
	}))
	t.Cleanup(server.Close)
	tracer := trace.Open(func(name string) string {
		return map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": server.URL}[name]
	}, "v1", slog.New(slog.DiscardHandler))

	z := enginetest.New(t, enginetest.Options{Speed: 20000})
	e, err := engine.Open(t.Context(), z.Config, engine.Options{AWS: z.AWS(nil), Traces: tracer})
	if err != nil {
		t.Fatal(err)
	}
	const list = `AccountName,SSOUserEmail,AccountEmail,SSOUserFirstName,SSOUserLastName,OrgUnit,Assignments
canary-name,canary-user@example.com,canary-account@example.com,canary-first,canary-last,Sandbox,AWSReadOnlyAccess/Auditors
`
	if _, err := e.Upload(t.Context(), "accounts.csv", []byte(list)); err != nil {
		t.Fatal(err)
	}
	if err := e.Work(t.Context(), worker.Options{UntilIdle: true}); err != nil {
		t.Fatal(err)
	}
	tracer.Close(t.Context())

	mu.Lock()
	defer mu.Unlock()
	for _, s := range all {
		byID[string(s.SpanId)] = s
	}
	for _, s := range all {
		if parent := byID[string(s.ParentSpanId)]; parent != nil {
			children[parent.Name] = append(children[parent.Name], s.Name)
		} else if !strings.HasPrefix(s.Name, "step ") {
			t.Errorf("%s is in no step", s.Name)
		}
	}
	for step, call := range map[string]string{"step provisioning": "Service Catalog.ProvisionProduct", "step assigning": "SSO Admin.CreateAccountAssignment"} {
		if !strings.Contains(strings.Join(children[step], ","), call) {
			t.Errorf("%s has %q, want %s", step, children[step], call)
		}
	}
	if strings.Contains(raw.String(), "canary") || strings.Contains(raw.String(), "@example.com") {
		t.Errorf("a span tells of somebody: %q", raw.String())
	}
}
