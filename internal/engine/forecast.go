package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
)

// lineLooked is how far into the line for account operations [Engine.Outlook] looks when it shows little of it: one page of
// the index.
const lineLooked = 1000

// unreadSince is how long ago a list may have been uploaded that [Engine.Outlook] takes for unread: a worker reads one within
// ten minutes, and each one is asked about.
const unreadSince = 7 * 24 * time.Hour

// unreadPatience is how long the bucket is waited for: the rest is worth seeing without it.
const unreadPatience = 10 * time.Second

// Outlook is [Engine.Overview] with the uploads that nobody has begun to read yet, and with what can be expected of what it
// shows: each request's place in the line and when its account operation ends, and, where all batches are looked at, when the
// last one does. What is over costs nothing more.
func (e *Engine) Outlook(ctx context.Context, f queue.Filter) (account.Overview, error) {
	var (
		o    account.Overview
		open account.Open
		seen account.Durations
	)
	uploaded := e.lately(ctx, f) // before the table is looked at: what somebody begins to read meanwhile is found there
	reads, together := errgroup.WithContext(ctx)
	reads.Go(func() (err error) {
		o, err = e.Overview(together, f)
		missing := err
		if err != nil && !errors.Is(err, queue.ErrNotFound) {
			return err
		}
		uploaded = slices.DeleteFunc(uploaded, func(b account.Batch) bool {
			return slices.ContainsFunc(o.Batches, func(known account.Batch) bool { return known.ID == b.ID })
		})
		if len(uploaded) == 0 {
			return missing
		}
		waiting, err := e.uploads().Unread(together, uploaded)
		for _, b := range waiting {
			o.Batches = slices.Insert(o.Batches, 0, b)
		}
		if len(waiting) > 0 {
			missing = nil
		}
		return errors.Join(missing, err)
	})
	reads.Go(func() (err error) {
		if open, err = e.Queue.Left(together); err != nil || open.Operations() == 0 {
			return err
		}
		seen, err = e.Queue.Durations(together)
		return err
	})
	if err := reads.Wait(); err != nil || open.Operations() == 0 {
		return o, err
	}
	var line []string
	if deep := depth(f, o, open); deep > 0 {
		var err error
		if line, err = e.Queue.Waiting(ctx, deep); err != nil {
			return o, err
		}
	}
	window, err := account.ParseWindow(e.Config.Settings.Window)
	if err != nil {
		return o, err
	}
	now := e.Queue.Now()
	begins := o.Paused == nil && window.Open(now)
	all := seen.Foresee(line, o.Requests, open.InFlight, open.Concurrency, begins, now)
	o.Forecasts = make(map[string]account.Forecast, len(o.Requests))
	for _, r := range o.Requests {
		if f, known := all[r.ID]; known && r.Stage.Open() {
			o.Forecasts[r.ID] = f
		}
	}
	if f.Batch == "" && f.Request == "" && o.Paused == nil {
		o.ToGo = &account.Estimate{
			Low:  seen.Expect(max(0, open.Operations()-open.InFlight), open.Concurrency).Low,
			High: seen.Expect(open.Operations(), open.Concurrency).High,
		}
	}
	return o, nil
}

// lately are the lists that were uploaded in the last days, as far as they are asked for. That the bucket can't be looked at keeps
// nobody from seeing the rest; it is told once.
func (e *Engine) lately(ctx context.Context, f queue.Filter) []account.Batch {
	if e.Config.Bucket == "" || f.Request != "" {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, unreadPatience)
	defer cancel()
	batches, err := e.uploads().Uploaded(limited, e.options.Now().Add(-unreadSince))
	if err != nil && ctx.Err() == nil {
		e.blind.Do(func() {
			e.options.Log.Warn("whether lists wait to be read could not be seen", "bucket", e.Config.Bucket, "error", err)
		})
	}
	return slices.DeleteFunc(batches, func(b account.Batch) bool { return f.Batch != "" && b.ID != f.Batch })
}

// depth is how much of the line has to be read to find the places of the requests that are shown: as many as there are,
// where all that wait are of one batch, of which the first are shown.
func depth(f queue.Filter, o account.Overview, open account.Open) int {
	shown := map[string]int{} // that wait, by batch
	for _, r := range o.Requests {
		if r.Stage == account.Queued {
			shown[r.Batch]++
		}
	}
	switch {
	case len(shown) == 0:
		return 0
	case f.Most == 0 && f.Request == "" && f.Batch == "":
		return max(lineLooked, open.Operations())
	}
	if f.Request == "" && len(shown) == 1 {
		for _, b := range o.Batches {
			if n := shown[b.ID]; n > 0 && b.Summary[account.Queued] == open.Counts[account.Queued] {
				return n
			}
		}
	}
	return lineLooked
}
