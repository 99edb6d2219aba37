package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/batch"
)

// ResultsPrefix is where results are left in the bucket.
const ResultsPrefix = "results/"

// resultsCheck is after how long an open batch is looked at although nobody said that it changed: thirty intervals, a quarter
// of an hour.
func (g *Ingester) resultsCheck() time.Duration { return 30 * g.Settings.ResultsInterval.Std() }

// conclude writes the results of a claimed batch if they have changed, at most once an interval and always at the end, and
// finishes the batch when nothing of it is open. A batch whose requests were resumed is open again; the results of one that
// somebody has woken although it was finished are written anew. It says how the batch was let go.
func (g *Ingester) conclude(ctx context.Context, claim *account.BatchClaim) (account.Release, error) {
	counts, changes, err := g.Batches.Tally(ctx, claim.Batch.ID)
	if err != nil {
		return account.Release{}, err
	}
	next, results := claim.Batch, claim.Results
	next.State = account.BatchFinished
	for stage, n := range counts {
		if stage.Open() && n > 0 {
			next.State = account.BatchOpen
		}
	}
	now, interval := g.Batches.Now(), g.Settings.ResultsInterval.Std()
	rel := account.Release{In: g.resultsCheck()}
	if next.State == account.BatchOpen {
		next.FinishedAt = time.Time{}
	} else {
		rel = account.Release{Rest: true}
		if next.FinishedAt.IsZero() {
			next.FinishedAt = now
		}
	}
	var seen *seenRows
	written := results.At.IsZero() || results.Changes != changes || claim.Batch.State == account.BatchFinished
	if written {
		if due := results.At.Add(interval); next.State == account.BatchOpen && now.Before(due) {
			rel = account.Release{In: due.Sub(now)}
			_, err := g.Batches.SaveBatch(ctx, *claim, next, results, rel)
			return rel, err
		}
		// A process that was frozen does not write over what others have written since.
		fence := account.NewFence(func() error {
			if claim.Left(g.Now()) <= 0 {
				return account.ErrStale
			}
			return nil
		})
		if seen, err = g.writeResults(account.WithFence(ctx, fence), claim); err != nil {
			return rel, err
		}
		results.Changes, results.At = changes, now
	} else {
		g.tellPause(ctx, counts)
	}
	told, again := g.tell(ctx, claim, next, counts, seen)
	results.Told = told
	if again > 0 && (rel.Rest || again < rel.In) {
		rel = account.Release{In: again}
	}
	saved, err := g.Batches.SaveBatch(ctx, *claim, next, results, rel)
	if err == nil {
		g.hush(saved, rel)
	}
	if written && errors.Is(err, account.ErrStale) {
		// Somebody else was at it, too: whose results were written last, nobody knows.
		err = errors.Join(err, g.Batches.Wake(ctx, next.ID))
	}
	return rel, err
}

// writeResults leaves the list with what came of each row beside the upload: results/<batch>/x.csv, and results/x.csv for
// the newest version. A list that could not be read at all is answered by a text. When the batch is not the newest, the
// newest one is told: it may have rows whose requests are this batch's. It returns what the results were written from.
func (g *Ingester) writeResults(ctx context.Context, claim *account.BatchClaim) (*seenRows, error) {
	seen, err := g.see(ctx, claim)
	if err != nil {
		return nil, err
	}
	return seen, g.writeFrom(ctx, claim, seen)
}

// ResultsOf is where the results of a batch are, as an s3:// URL.
func ResultsOf(b account.Batch) string {
	return "s3://" + b.Bucket + "/" + ResultsPrefix + b.ID + "/" + path.Base(b.Key)
}

// writeFrom is [Ingester.writeResults] for what was seen.
func (g *Ingester) writeFrom(ctx context.Context, claim *account.BatchClaim, seen *seenRows) error {
	b, rows := claim.Batch, seen.rows
	newest, err := g.current(ctx, b.Key)
	if err != nil {
		return err
	}
	body, object, err := g.list(ctx, b)
	if errors.Is(err, fs.ErrNotExist) {
		g.Log.Warn("no results can be written: the upload is gone", "batch", b.ID, "key", b.Key)
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // it was only read
	name := strings.TrimPrefix(b.Key, g.Prefix)
	if b.Failure != nil && len(rows) == 0 {
		if newest != b.ID {
			return nil
		}
		text, err := problems(b, body, object.Size)
		if err != nil {
			return err
		}
		return g.put(ctx, b, text, ResultsPrefix+name+".problems.txt")
	}
	var out bytes.Buffer
	if err := batch.WriteResults(&out, body, seen.outcome()); err != nil {
		g.Log.Warn("no results can be written", "batch", b.ID, "error", err)
		return nil
	}
	if err := g.renew(ctx, claim); err != nil { // nobody else is about to write newer ones
		return err
	}
	keys := []string{ResultsPrefix + b.ID + "/" + path.Base(name)}
	if newest == b.ID {
		keys = append(keys, ResultsPrefix+name)
	}
	if err := g.put(ctx, b, out.Bytes(), keys...); err != nil || newest == b.ID || newest == "" {
		return err
	}
	return g.Batches.Wake(ctx, newest)
}

// problems is what people read about a list that could not be acted on.
func problems(b account.Batch, body io.Reader, size int64) ([]byte, error) {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s\n\nNo row of this file was acted on.\n\nerror[%s]: %s\n", b.Source(), b.Failure.Code, b.Failure.Message)
	if b.Failure.Hint != "" {
		fmt.Fprintf(&out, "  = %s\n", b.Failure.Hint)
	}
	report, err := batch.Check(path.Base(b.Key), body, size)
	if err != nil {
		return nil, fmt.Errorf("check %s: %w", b.Source(), err)
	}
	for _, p := range report.Problems {
		fmt.Fprintf(&out, "\n%s:%d:%d: %s[%s]: %s\n", report.File, p.Line, p.Column, p.Severity, p.Code, p.Message)
		if p.Suggestion != "" {
			fmt.Fprintf(&out, "  = %s\n", p.Suggestion)
		}
	}
	return out.Bytes(), nil
}

func (g *Ingester) put(ctx context.Context, b account.Batch, content []byte, keys ...string) error {
	for _, key := range keys {
		if _, err := g.Ports.Bucket.Put(ctx, key, bytes.NewReader(content), false); err != nil {
			return fmt.Errorf("write results of %s: %w", b.ID, err)
		}
	}
	return nil
}

// current is the batch that the current version of a key is, or will be; empty where there is none.
func (g *Ingester) current(ctx context.Context, key string) (string, error) {
	for o, err := range g.Ports.Bucket.List(ctx, key) {
		if err != nil {
			return "", err
		}
		if o.Key == key {
			return g.batchID(o), nil
		}
	}
	return "", nil
}

// see looks at all rows of a batch, and at the requests that they ask for.
func (g *Ingester) see(ctx context.Context, claim *account.BatchClaim) (*seenRows, error) {
	rows, err := g.Requests.Rows(ctx, claim.Batch.ID)
	if err != nil {
		return nil, err
	}
	seen := &seenRows{rows: rows, requests: make(map[string]account.Request, len(rows))}
	for some := range slices.Chunk(rows, 1000) {
		ids := make([]string, len(some))
		for i, r := range some {
			ids[i] = r.RequestID
		}
		if err := g.renew(ctx, claim); err != nil {
			return nil, err
		}
		claims, err := g.Requests.Requests(ctx, ids)
		if err != nil {
			return nil, err
		}
		for id, c := range claims {
			seen.requests[id] = c.Request
		}
	}
	return seen, nil
}

// outcome gives what came of each row, by its line.
func (s *seenRows) outcome() func(line int) (status, accountID, errorMsg string) {
	byLine := make(map[int]account.Row, len(s.rows))
	for _, r := range s.rows {
		byLine[r.Line] = r
	}
	return func(line int) (string, string, string) {
		row, ok := byLine[line]
		if !ok {
			return "", "", ""
		}
		if row.Disposition == account.RowRefused {
			return string(account.Rejected), "", describe(row.Failure)
		}
		r := s.requests[row.RequestID]
		failure := r.Failure
		if failure == nil {
			failure = row.Failure
		}
		return string(r.Stage), r.AccountID, describe(failure)
	}
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
