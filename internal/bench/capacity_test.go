//go:build bench

package bench_test

import (
	"context"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/engine/enginetest"
	"github.com/vend-cli/vend/internal/render"
)

// meter adds up the read units that DynamoDB says it has taken (Amazon DynamoDB API Reference, ReturnConsumedCapacity).
type meter struct {
	mu    sync.Mutex
	units map[string]float64 // by operation
	all   float64
}

// watch has each read say what it took.
func (m *meter) watch(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("bench.Meter",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			switch p := in.Parameters.(type) {
			case *dynamodb.GetItemInput:
				p.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
			case *dynamodb.BatchGetItemInput:
				p.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
			case *dynamodb.QueryInput:
				p.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
			}
			out, meta, err := next.HandleInitialize(ctx, in)
			switch r := out.Result.(type) {
			case *dynamodb.GetItemOutput:
				m.add("GetItem", r.ConsumedCapacity)
			case *dynamodb.QueryOutput:
				m.add("Query", r.ConsumedCapacity)
			case *dynamodb.BatchGetItemOutput:
				for _, c := range r.ConsumedCapacity {
					m.add("BatchGetItem", &c)
				}
			}
			return out, meta, err
		}), middleware.Before)
}

func (m *meter) add(operation string, c *types.ConsumedCapacity) {
	if c == nil || c.CapacityUnits == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.units == nil {
		m.units = map[string]float64{}
	}
	m.units[operation] += *c.CapacityUnits
	m.all += *c.CapacityUnits
}

// statusUnits is what a look at ten thousand requests reads, and how many it shows.
func statusUnits(t *testing.T, z *enginetest.Zone) figure {
	t.Helper()
	var m meter
	cfg := z.AWS(nil)
	cfg.APIOptions = append(cfg.APIOptions, m.watch)
	e, err := engine.Open(t.Context(), z.Config, engine.Options{AWS: cfg})
	if err != nil {
		t.Fatal(err)
	}
	m.units, m.all = nil, 0                                                    // settings are read by every command
	o, err := e.Outlook(t.Context(), queue.Filter{Most: render.RequestsShown}) // as the verb does
	if err != nil {
		t.Fatal(err)
	}
	shown := float64(len(o.Requests))
	if shown == 0 || int(shown)+o.Omitted != manyRows {
		t.Fatalf("%v requests are shown, %d left out", shown, o.Omitted)
	}
	return atMost("vend status: read from DynamoDB", m.all, shown+10, "units").noting("%.0f requests are shown; %v", shown, m.units)
}
