package engine

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/ingest"
)

// historiesAtOnce is how many histories are read at the same time.
const historiesAtOnce = 8

// Report reads a batch with the histories of all its requests, and where its results are. The error is
// [queue.ErrNotFound] when there is no such batch.
func (e *Engine) Report(ctx context.Context, batch string) (account.Overview, map[string][]account.Event, string, error) {
	o, err := e.Queue.Overview(ctx, queue.Filter{Batch: batch})
	if err != nil {
		return o, nil, "", err
	}
	results := ""
	if len(o.Batches) > 0 {
		results = ingest.ResultsOf(o.Batches[0])
	}
	var mu sync.Mutex
	readers, ctx := errgroup.WithContext(ctx)
	readers.SetLimit(historiesAtOnce)
	histories := make(map[string][]account.Event, len(o.Requests))
	for _, r := range o.Requests {
		readers.Go(func() error {
			_, events, err := e.Queue.History(ctx, r.ID)
			mu.Lock()
			defer mu.Unlock()
			histories[r.ID] = events
			return err
		})
	}
	return o, histories, results, readers.Wait()
}
