package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/batch"
)

// chunk is how many rows are looked up and written at a time: two full transactions.
const chunk = 98

// reading is one pass over a batch that writes its rows.
type reading struct {
	*Ingester
	judge *judge
	batch account.Batch

	newest *bool           // whether the batch is the current version of its object; nil: not asked yet
	lines  map[string]int  // of rows that were decided and not written, by id of their request; nil: all are written
	left   map[string]bool // older batches that have lost requests to this one
}

// read looks through a list, then judges and writes all its rows but those that are written, and ends the reading. A list
// that can't be acted on as a whole is only told of.
func (g *Ingester) read(ctx context.Context, claim *account.BatchClaim, body io.Reader, size int64, written map[int]bool) error {
	rows, failure, err := g.lookThrough(ctx, claim, body, size)
	if err != nil {
		return err
	}
	if failure != nil {
		return g.finishReading(ctx, claim, rows, failure)
	}
	again, object, err := g.reopen(ctx, claim.Batch)
	if errors.Is(err, fs.ErrNotExist) {
		return g.finishReading(ctx, claim, len(written), gone(claim.Batch))
	}
	if err != nil {
		return err
	}
	defer func() { _ = again.Close() }() // it was only read
	var j *judge
	if err := g.holding(ctx, claim, func(ctx context.Context) (err error) {
		j, err = g.judge(ctx)
		return err
	}); err != nil {
		return err
	}
	j.atRoot = object.AtRoot
	r := &reading{Ingester: g, judge: j, batch: claim.Batch, left: map[string]bool{}}
	if object.Plan != "" && len(written) == 0 {
		failure, err := r.heldToPlan(ctx, claim, object.Plan)
		if err != nil {
			return err
		}
		if failure != nil {
			return g.finishReading(ctx, claim, rows, failure)
		}
	}
	if err := r.act(ctx, claim, batch.Read(again, object.Size), written); err != nil {
		return err
	}
	if err := g.finishReading(ctx, claim, rows, nil); err != nil {
		return err
	}
	for id := range r.left { // their results change
		if err := g.Batches.Wake(ctx, id); err != nil && ctx.Err() == nil {
			g.Log.Warn("a batch could not be told", "batch", id, "error", err)
		}
	}
	return nil
}

// lookThrough reads a list to its end, and says how many rows it has, and why none of them may be acted on.
func (g *Ingester) lookThrough(ctx context.Context, claim *account.BatchClaim, body io.Reader, size int64) (int, *account.Failure, error) {
	list := batch.Read(body, size)
	if !batch.Refused(list.Problems()) {
		for range list.Rows() {
			if err := g.renew(ctx, claim); err != nil {
				return 0, nil, err
			}
		}
	}
	rows, _ := list.Count()
	return rows, wholeFailure(claim.Batch, list.Problems()), list.Err()
}

// act judges and writes the rows of a list.
func (r *reading) act(ctx context.Context, claim *account.BatchClaim, list *batch.List, written map[int]bool) error {
	judged := make([]verdict, 0, chunk)
	for row, problems := range list.Rows() {
		if err := r.renew(ctx, claim); err != nil {
			return err
		}
		if written[row.Line] {
			continue
		}
		v, err := r.judge.row(ctx, row, problems)
		if err != nil {
			return err
		}
		if judged = append(judged, v); len(judged) < chunk {
			continue
		}
		if err := r.write(ctx, judged); err != nil {
			return err
		}
		judged = judged[:0]
	}
	if err := list.Err(); err != nil {
		return err
	}
	if err := r.renew(ctx, claim); err != nil {
		return err
	}
	return r.write(ctx, judged)
}

// renew keeps the claim when half of it has passed: a long list takes longer to read than a lease lasts.
func (g *Ingester) renew(ctx context.Context, claim *account.BatchClaim) error {
	if claim.Left(g.Now()) > claim.For/2 {
		return nil
	}
	kept, err := g.Batches.SaveBatch(ctx, *claim, claim.Batch, claim.Results, account.Release{Keep: true})
	if err == nil {
		*claim = kept
	}
	return err
}

// holding renews the claim while f is at work: a large organization is read for longer than a lease lasts, and cannot be
// looked at piece by piece. f runs beside; it has ended, one way or the other, when holding returns.
func (g *Ingester) holding(ctx context.Context, claim *account.BatchClaim, f func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- f(ctx) }()
	for {
		half := time.NewTimer(max(claim.Left(g.Now())-claim.For/2, time.Second))
		select {
		case err := <-done:
			half.Stop()
			return err
		case <-half.C:
		}
		if err := g.renew(ctx, claim); err != nil {
			cancel()
			return errors.Join(err, <-done)
		}
	}
}

// staleTries is how often rows are decided anew without any of them arriving before the batch is put off.
const staleTries = 5

// write decides what the rows do to the requests that are there, and writes it. What was decided on something that has
// changed meanwhile is decided again.
func (r *reading) write(ctx context.Context, judged []verdict) error {
	for tries := 0; len(judged) > 0; {
		entries, err := r.entries(ctx, judged)
		if err != nil {
			return err
		}
		n, err := r.Requests.Add(ctx, entries)
		for _, e := range entries[:n] {
			if e.Seen != nil && e.Seen.Request.Batch != e.Request.Batch {
				r.left[e.Seen.Request.Batch] = true
			}
		}
		judged = judged[n:]
		if err != nil && !errors.Is(err, account.ErrStale) {
			return err
		}
		if err == nil {
			continue
		}
		if tries++; n > 0 {
			tries = 0
		}
		if tries == staleTries {
			return fmt.Errorf("write rows of batch %s: what is decided is out of date each time: %v", r.batch.ID, err) //nolint:errorlint // it is not the claim on the batch that is stale
		}
		if judged, err = r.unwritten(ctx, judged); err != nil {
			return err
		}
	}
	return nil
}

// unwritten leaves out rows that are in the table: another reader was there.
func (r *reading) unwritten(ctx context.Context, judged []verdict) ([]verdict, error) {
	rows, err := r.Requests.Rows(ctx, r.batch.ID)
	if err != nil {
		return nil, err
	}
	there := make(map[int]bool, len(rows))
	for _, row := range rows {
		there[row.Line] = true
	}
	return slices.DeleteFunc(slices.Clone(judged), func(v verdict) bool { return there[v.row.Line] }), nil
}

// older says whether the batch is an older upload than the one with that sequence. Where the sequences do not tell, the
// batch is the newer one if it is the current version of its object: whoever has read the other one has done so before.
func (r *reading) older(ctx context.Context, than string) (bool, error) {
	if !undecided(r.batch.Sequence, than) {
		return r.batch.Sequence < than, nil
	}
	if r.newest == nil {
		current, err := r.current(ctx, r.batch.Key)
		if err != nil {
			return false, err
		}
		newest := current == r.batch.ID
		r.newest = &newest
	}
	return !*r.newest, nil
}

// finishReading ends the reading of a batch; its results come due at once.
func (g *Ingester) finishReading(ctx context.Context, claim *account.BatchClaim, rows int, failure *account.Failure) error {
	next := claim.Batch
	next.State, next.Rows, next.Failure = account.BatchOpen, rows, failure
	_, err := g.Batches.SaveBatch(ctx, *claim, next, claim.Results, account.Release{})
	return err
}

// wholeFailure is why a list can't be acted on at all, nil when it can.
func wholeFailure(b account.Batch, problems []batch.Problem) *account.Failure {
	i := slices.IndexFunc(problems, func(p batch.Problem) bool { return p.Severity == batch.Error })
	if i < 0 {
		return nil
	}
	p := problems[i]
	return &account.Failure{
		Code: p.Code, Class: account.ClassTerminal, Hint: p.Suggestion,
		Message: fmt.Sprintf("%s:%d:%d: %s", path.Base(b.Key), p.Line, p.Column, p.Message),
	}
}

// gone is why a batch is not read to its end whose object version is not there any more.
func gone(b account.Batch) *account.Failure {
	return &account.Failure{
		Code: account.CodeGone, Class: account.ClassTerminal,
		Message: b.Source() + " was deleted or replaced before it had been read to its end", Hint: "upload the file again",
	}
}
