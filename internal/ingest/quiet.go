package ingest

import (
	"bytes"
	"context"
	"io"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

// keptAtMost is how large a list is at most that is kept to write its results again.
const keptAtMost = 1 << 20

// keptList is the list whose results were written last; a version of an object never changes.
type keptList struct {
	batch  string
	body   []byte
	object account.Object
}

// list opens the upload of a batch to write its results. The one of the last time is not fetched again, as far as it has a
// version and is not too large to be kept.
func (g *Ingester) list(ctx context.Context, b account.Batch) (io.ReadCloser, account.Object, error) {
	g.mu.Lock()
	last := g.last
	g.mu.Unlock()
	if last.batch == b.ID {
		return io.NopCloser(bytes.NewReader(last.body)), last.object, nil
	}
	body, object, err := g.reopen(ctx, b)
	if err != nil || b.Version == "" || object.Size > keptAtMost {
		return body, object, err
	}
	defer func() { _ = body.Close() }() // it was only read
	content, err := io.ReadAll(body)
	if err != nil {
		return nil, object, err
	}
	g.mu.Lock()
	g.last = keptList{batch: b.ID, body: content, object: object}
	g.mu.Unlock()
	return io.NopCloser(bytes.NewReader(content)), object, nil
}

// quietBatch is an open batch that was let go with nothing to do, as it was saved, and when it is looked at again. One that
// comes due before has been woken.
type quietBatch struct {
	account.BatchClaim
	until time.Time
}

// hush notes an open batch that was let go with nothing to do until somebody wakes it, as it was saved.
func (g *Ingester) hush(saved account.BatchClaim, rel account.Release) {
	told := saved.Results.Told
	if saved.Batch.State != account.BatchOpen || rel.In != g.resultsCheck() || g.Teller != nil && (!told.Accepted || told.Pending || told.Finished) {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.quiet == nil {
		g.quiet = map[string]quietBatch{}
	}
	g.quiet[saved.Batch.ID] = quietBatch{saved, g.Now().Add(rel.In)}
}

// stillQuiet looks at a batch that was let go here with nothing to do: where nothing of it has changed, it is put off again,
// without a claim on it. It reports false for every other.
func (g *Ingester) stillQuiet(ctx context.Context, id string) (account.Release, bool) {
	g.mu.Lock()
	saved, known := g.quiet[id]
	delete(g.quiet, id)
	g.mu.Unlock()
	if !known || g.Now().Before(saved.until) {
		return account.Release{}, false
	}
	counts, changes, err := g.Batches.Tally(ctx, id)
	if err != nil || changes != saved.Results.Changes {
		return account.Release{}, false
	}
	g.tellPause(ctx, counts)
	rel := account.Release{In: g.resultsCheck()}
	if err := g.Batches.PutOff(ctx, id, saved.Lease, rel.In); err != nil {
		return account.Release{}, false
	}
	g.hush(saved.BatchClaim, rel)
	return rel, true
}
