// Package enginetest is a landing zone with the resources of a pipeline in it, for tests of several packages.
//
// It is reached in the caller's own goroutine, which also works inside testing/synctest, or, as the real command reaches
// it, on a loopback address.
package enginetest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/sandbox"
)

// Region is where pipelines of tests are.
const Region = "us-east-1"

// Options say what a zone is made of. The zero value is the default landing zone in real time, without an address.
type Options struct {
	World    []byte        // a world file; nil: the default one
	Speed    float64       // the world's own times are divided by it; 0 is 1
	Config   config.Config // of the pipeline; without a table it is [Pipeline]
	Loopback bool          // whether it is served on a loopback address
}

// Zone is a landing zone with a pipeline in it.
type Zone struct {
	Sandbox *sandbox.Sandbox
	Config  config.Config // with the addresses of what was made
	URL     string        // where it is served
}

// Pipeline is a configuration for one pipeline of a zone.
func Pipeline() config.Config {
	return config.Config{Bucket: "lists", Prefix: "incoming/", Table: "vend", Region: Region}
}

// New makes a zone; it is served until the test ends.
func New(t testing.TB, o Options) *Zone {
	t.Helper()
	box, err := sandbox.New(sandbox.Options{World: o.World, Speed: o.Speed})
	if err != nil {
		t.Fatal(err)
	}
	z := &Zone{Sandbox: box, Config: o.Config, URL: "http://127.0.0.1"}
	if o.Loopback {
		server := httptest.NewServer(box.Handler())
		t.Cleanup(func() {
			server.CloseClientConnections() // long polls do not wait for their end
			server.Close()
		})
		z.URL = server.URL
	}
	if z.Config.Table == "" {
		z.Config = Pipeline()
	}
	if z.Config, err = engine.CreateResources(t.Context(), z.Config, engine.Options{AWS: z.AWS(nil)}); err != nil {
		t.Fatal(err)
	}
	return z
}

// AWS is the configuration of the SDK for the zone. A nil transport is the way of the zone: the network, when it has an
// address.
func (z *Zone) AWS(transport http.RoundTripper) *aws.Config {
	if transport == nil && z.URL == "http://127.0.0.1" {
		transport = z.Sandbox.RoundTripper()
	}
	return config.Fixed(z.Sandbox.World().Region, z.URL, "AKIDEXAMPLE", "secret", transport)
}

// Engine opens the pipeline as one process, whose calls go through transport, as in [Zone.AWS].
func (z *Zone) Engine(ctx context.Context, transport http.RoundTripper) (*engine.Engine, error) {
	return engine.Open(ctx, z.Config, engine.Options{AWS: z.AWS(transport), Kind: "worker"})
}
