package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/batch"
)

// ResultsPrefix is where results are left in the bucket.
const ResultsPrefix = "results/"

// resultsCheck is when an open batch is looked at although nobody said that it changed.
const resultsCheck = time.Hour

// conclude writes the results of a claimed batch if they have changed, at most once an interval and always at the end, and
// finishes the batch when nothing of it is open. A batch whose requests were resumed is open again.
func (g *Ingester) conclude(ctx context.Context, claim account.BatchClaim) error {
	counts, changes, err := g.Batches.Tally(ctx, claim.Batch.ID)
	if err != nil {
		return err
	}
	next, results := claim.Batch, claim.Results
	next.State = account.BatchFinished
	for stage, n := range counts {
		if stage.Open() && n > 0 {
			next.State = account.BatchOpen
		}
	}
	now := g.Batches.Now()
	if results.At.IsZero() || results.Changes != changes {
		due := results.At.Add(g.Settings.ResultsInterval.Std())
		if next.State == account.BatchOpen && now.Before(due) {
			_, err := g.Batches.SaveBatch(ctx, claim, next, results, account.Release{In: due.Sub(now)})
			return err
		}
		if err := g.writeResults(ctx, next); err != nil {
			return err
		}
		results = account.ResultsState{Changes: changes, At: now}
	}
	rel := account.Release{In: resultsCheck}
	if next.State == account.BatchFinished {
		rel = account.Release{Rest: true}
		if next.FinishedAt.IsZero() {
			next.FinishedAt = now
		}
	} else {
		next.FinishedAt = time.Time{}
	}
	_, err = g.Batches.SaveBatch(ctx, claim, next, results, rel)
	return err
}

// writeResults leaves the list with what came of each row beside the upload: results/<batch>/x.csv, and results/x.csv for
// the newest version. A list that could not be read at all is answered by a text.
func (g *Ingester) writeResults(ctx context.Context, b account.Batch) error {
	name := strings.TrimPrefix(b.Key, g.Prefix)
	rows, err := g.Requests.Rows(ctx, b.ID)
	if err != nil {
		return err
	}
	if b.Failure != nil && len(rows) == 0 {
		text := fmt.Sprintf("%s\n\nerror[%s]: %s\n  = %s\n", b.Source(), b.Failure.Code, b.Failure.Message, b.Failure.Hint)
		return g.put(ctx, b, []byte(text), ResultsPrefix+name+".problems.txt")
	}
	body, _, err := g.Ports.Bucket.Open(ctx, b.Key, b.Version)
	if errors.Is(err, fs.ErrNotExist) {
		g.Log.Warn("no results can be written: the upload is gone", "batch", b.ID, "key", b.Key)
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // it was only read
	outcome, err := g.outcomes(ctx, rows)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := batch.WriteResults(&out, body, outcome); err != nil {
		g.Log.Warn("no results can be written", "batch", b.ID, "error", err)
		return nil
	}
	keys := []string{ResultsPrefix + b.ID + "/" + path.Base(name)}
	newest, err := g.newest(ctx, b)
	if err != nil {
		return err
	}
	if newest {
		keys = append(keys, ResultsPrefix+name)
	}
	return g.put(ctx, b, out.Bytes(), keys...)
}

func (g *Ingester) put(ctx context.Context, b account.Batch, content []byte, keys ...string) error {
	for _, key := range keys {
		if _, err := g.Ports.Bucket.Put(ctx, key, bytes.NewReader(content), false); err != nil {
			return fmt.Errorf("write results of %s: %w", b.ID, err)
		}
	}
	return nil
}

// newest says whether the batch is the current version of its object.
func (g *Ingester) newest(ctx context.Context, b account.Batch) (bool, error) {
	for o, err := range g.Ports.Bucket.List(ctx, b.Key) {
		if err != nil {
			return false, err
		}
		if o.Key == b.Key {
			return g.batchID(o) == b.ID, nil
		}
	}
	return true, nil
}

// outcomes gives what came of each row, by its line.
func (g *Ingester) outcomes(ctx context.Context, rows []account.Row) (func(line int) (status, accountID, errorMsg string), error) {
	byLine := make(map[int]account.Row, len(rows))
	ids := make([]string, 0, len(rows))
	for _, r := range rows {
		byLine[r.Line] = r
		ids = append(ids, r.RequestID)
	}
	found, err := g.Requests.Requests(ctx, ids)
	if err != nil {
		return nil, err
	}
	return func(line int) (string, string, string) {
		row, ok := byLine[line]
		if !ok {
			return "", "", ""
		}
		if row.Disposition == account.RowRefused {
			return string(account.Rejected), "", describe(row.Failure)
		}
		r := found[row.RequestID].Request
		failure := r.Failure
		if failure == nil {
			failure = row.Failure
		}
		return string(r.Stage), r.AccountID, describe(failure)
	}, nil
}

// describe puts a failure into one cell.
func describe(f *account.Failure) string {
	if f == nil {
		return ""
	}
	text := f.Code + ": " + f.Message
	if f.AWSMessage != "" && !strings.Contains(text, f.AWSMessage) {
		text += ": " + f.AWSMessage
	}
	if f.Hint != "" {
		text += " (" + f.Hint + ")"
	}
	return text
}
