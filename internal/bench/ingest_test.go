//go:build bench

package bench_test

import (
	"context"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/engine/enginetest"
)

// manyRows is a long list.
const manyRows = 10_000

// ingestCalls counts what the taking in of a long list and of a short one asks of AWS.
func ingestCalls(t *testing.T) []figure {
	count := func(rows int) (calls map[string]int) {
		synctest.Test(t, func(t *testing.T) {
			z := enginetest.New(t, enginetest.Options{World: landingZone(t, 1000)})
			upload(t, z, rows)
			calls, _ = takeIn(t, z, z.Sandbox.RoundTripper())
		})
		return calls
	}
	few, many := count(100), count(manyRows)
	writes := of(many, "dynamodb.TransactWriteItems", "dynamodb.BatchWriteItem", "dynamodb.PutItem", "dynamodb.UpdateItem",
		"dynamodb.DeleteItem")
	figures := []figure{
		atMost("ingest 10,000 rows: DynamoDB writes", float64(sum(writes)), manyRows/99+manyRows/100+20, "calls").
			of(of(many, "dynamodb", "s3")),
	}
	for _, s := range []struct {
		name     string
		services []string
	}{{"Organizations and Control Tower", []string{"organizations", "controltower", "servicecatalog"}}, {"Identity Center", []string{"sso", "identitystore"}}} {
		of100, ofMany := of(few, s.services...), of(many, s.services...)
		f := times("ingest 10,000 rows: "+s.name, float64(sum(ofMany)), "calls", "100 rows", float64(sum(of100)), 1)
		figures = append(figures, f.of(ofMany))
	}
	return figures
}

// recorder keeps what a client asks of the table, in its order.
type recorder struct {
	mu     sync.Mutex
	inputs []any
}

func (r *recorder) install(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("bench.recorder", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		switch in.Parameters.(type) {
		case *dynamodb.TransactWriteItemsInput, *dynamodb.BatchGetItemInput:
			r.mu.Lock()
			r.inputs = append(r.inputs, in.Parameters)
			r.mu.Unlock()
		}
		return next.HandleInitialize(ctx, in)
	}), middleware.Before)
}

// replay asks the same of the table of another zone, and nothing else.
func (r *recorder) replay(t testing.TB, z *enginetest.Zone, transport http.RoundTripper) time.Duration {
	t.Helper()
	client := dynamodb.NewFromConfig(*z.AWS(transport))
	began := time.Now()
	for _, in := range r.inputs {
		var err error
		switch in := in.(type) {
		case *dynamodb.TransactWriteItemsInput:
			_, err = client.TransactWriteItems(t.Context(), in)
		case *dynamodb.BatchGetItemInput:
			_, err = client.BatchGetItem(t.Context(), in)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return time.Since(began)
}

// ingestWall holds the time that a long list takes against that of its bare calls to the table.
func ingestWall(t *testing.T) []figure {
	world := landingZone(t, 1000)
	zone := func() *enginetest.Zone {
		c := enginetest.Pipeline()
		c.Settings.IdentityCenter = account.IdentityCenter{CallsPerSecond: 1000}
		z := enginetest.New(t, enginetest.Options{World: world, Config: c, Loopback: true})
		runtime.GC()
		return z
	}
	var ours, bare []time.Duration
	for range 3 {
		r := &recorder{}
		z := zone()
		upload(t, z, manyRows)
		_, took := takeIn(t, z, http.DefaultTransport, r.install)
		ours = append(ours, took)
		bare = append(bare, r.replay(t, zone(), http.DefaultTransport))
	}
	return []figure{times("ingest 10,000 rows: wall", milliseconds(quantile(ours, 0.5)), "ms", "its bare table calls", milliseconds(quantile(bare, 0.5)), 1.5)}
}
