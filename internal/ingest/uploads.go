package ingest

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

// Uploaded are the current versions of the lists that were uploaded since then, the oldest first, as the batches that they
// will be if nobody has begun to read them. See [Ingester.Unread].
func (g *Ingester) Uploaded(ctx context.Context, since time.Time) ([]account.Batch, error) {
	objects, err := g.uploads(ctx, since)
	batches := make([]account.Batch, len(objects))
	for i, o := range objects {
		batches[i] = g.batch(o, "")
		batches[i].State = account.BatchUploaded
	}
	return batches, err
}

// Unread leaves those that somebody has begun to read out of what was uploaded.
func (g *Ingester) Unread(ctx context.Context, uploaded []account.Batch) ([]account.Batch, error) {
	ids := make([]string, len(uploaded))
	for i, b := range uploaded {
		ids[i] = b.ID
	}
	known, err := g.knows(ctx, ids)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(uploaded), func(b account.Batch) bool { return known[b.ID] }), nil
}

// unknown are the current versions of all uploads that no batch knows, the oldest first.
func (g *Ingester) unknown(ctx context.Context) ([]account.Object, error) {
	objects, err := g.uploads(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(objects))
	for i, o := range objects {
		ids[i] = g.batchID(o)
	}
	known, err := g.knows(ctx, ids)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(objects, func(o account.Object) bool { return known[g.batchID(o)] }), nil
}

// uploads are the current versions of the lists that were uploaded since then, the oldest first.
func (g *Ingester) uploads(ctx context.Context, since time.Time) ([]account.Object, error) {
	var objects []account.Object
	for o, err := range g.Ports.Bucket.List(ctx, g.Prefix) {
		if err != nil {
			return nil, err
		}
		if g.takes(o.Key) && !o.LastModified.Before(since) {
			objects = append(objects, o)
		}
	}
	slices.SortStableFunc(objects, func(a, b account.Object) int { return a.LastModified.Compare(b.LastModified) })
	return objects, nil
}

// knows says which of the batches the table has. It is asked once about each that it has: nothing takes a batch out of it.
func (g *Ingester) knows(ctx context.Context, ids []string) (map[string]bool, error) {
	g.mu.Lock()
	before := g.known
	g.mu.Unlock()
	known := make(map[string]bool, len(ids))
	var unsure []string
	for _, id := range ids {
		if before[id] {
			known[id] = true
		} else {
			unsure = append(unsure, id)
		}
	}
	if len(unsure) > 0 {
		found, err := g.Batches.Known(ctx, unsure)
		if err != nil {
			return nil, err
		}
		maps.Copy(known, found)
	}
	g.mu.Lock()
	g.known = known
	g.mu.Unlock()
	return known, nil
}
