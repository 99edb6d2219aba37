package engine_test

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/engine/enginetest"
	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/worker"
)

// house is a pipeline and the landing zone around it, in one process, without a network, in the time of its bubble.
type house struct {
	t       testing.TB
	sandbox *sandbox.Sandbox
	config  config.Config
	log     *slog.Logger

	mu         sync.Mutex
	violations []string
}

// newHouse makes a landing zone with the resources of a pipeline. world is a world file, nil for the default one.
func newHouse(t testing.TB, world []byte) *house {
	t.Helper()
	c := enginetest.Pipeline()
	c.Settings.OrderGrace, c.Settings.ResultsInterval = account.Duration(15*time.Minute), account.Duration(10*time.Minute)
	z := enginetest.New(t, enginetest.Options{World: world, Config: c})
	h := &house{t: t, sandbox: z.Sandbox, config: z.Config, log: slog.New(slog.DiscardHandler)}
	if os.Getenv("VEND_TEST_LOG") != "" {
		h.log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return h
}

func (h *house) options(transport http.RoundTripper) engine.Options {
	return engine.Options{
		AWS: config.Fixed("us-east-1", "http://127.0.0.1", "AKIDEXAMPLE", "secret", transport), Log: h.log, Kind: "worker", Looks: 1,
	}
}

// engine opens the pipeline as one process; its calls go through transport, nil for the sandbox itself.
func (h *house) engine(ctx context.Context, transport http.RoundTripper) (*engine.Engine, error) {
	if transport == nil {
		transport = h.sandbox.RoundTripper()
	}
	return engine.Open(ctx, h.config, h.options(transport))
}

func (h *house) mustEngine() *engine.Engine {
	h.t.Helper()
	e, err := h.engine(h.t.Context(), nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return e
}

func (h *house) upload(name, content string) account.Batch {
	h.t.Helper()
	b, err := h.mustEngine().Upload(h.t.Context(), name, []byte(content))
	if err != nil {
		h.t.Fatal(err)
	}
	return b
}

// work runs one worker until nothing is left to do.
func (h *house) work() {
	h.t.Helper()
	if err := h.mustEngine().Work(h.t.Context(), worker.Options{UntilIdle: true}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) overview(f queue.Filter) account.Overview {
	h.t.Helper()
	v, err := h.mustEngine().Overview(h.t.Context(), f)
	if err != nil {
		h.t.Fatal(err)
	}
	return v
}

// list is an account list with these rows, each "name,e-mail,unit,assignments".
func list(rows ...string) string {
	var b strings.Builder
	b.WriteString("AccountName,SSOUserEmail,AccountEmail,SSOUserFirstName,SSOUserLastName,OrgUnit,Assignments\n")
	for _, row := range rows {
		cells := strings.Split(row, ",")
		b.WriteString(cells[0] + ",owner@example.com," + cells[1] + ",Olivia,Owner," + cells[2] + "," + cells[3] + "\n")
	}
	return b.String()
}

// withoutRacing leaves a long test to the run without the race detector.
func withoutRacing(t *testing.T) {
	t.Helper()
	if everyCall > 1 {
		t.Skip("it takes minutes under the race detector; make test runs it without it")
	}
}
