package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/render"
)

// unseenAfter is how long nobody may be seen at work before whoever waits is told.
const unseenAfter = 2 * time.Minute

// resultsAfter is how long the results of a batch that is settled are waited for. A worker that ends with this command is
// perhaps the last one for days, and somebody may hand in the file's next version.
const resultsAfter = time.Minute

// accessShown is how many accounts a batch may have for its outcome to say who got what.
const accessShown = 10

// waiting watches one batch until all of it is settled.
type waiting struct {
	batch   account.Batch // as it was handed in
	timeout time.Duration // 0: none
	every   time.Duration
	results bool // it is settled when its results are written, too
}

// until returns nil when all is settled and the outcome was written, [errOutcome] when something failed, and when the
// time was up or the credentials expired before.
func (w waiting) until(ctx context.Context, e overviewer, s *session) error {
	limited, cancel := ctx, context.CancelFunc(func() {})
	if w.timeout > 0 {
		limited, cancel = context.WithTimeout(ctx, w.timeout)
	}
	defer cancel()
	progress := s.progress()
	o, err := w.settled(limited, e, s, progress)
	progress.Close()
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		s.say("The time is up. The batch goes on: vend status %s", w.batch.ID)
	case credentialsEnded(err):
		s.say("The credentials have expired. The batch goes on: vend status %s", w.batch.ID)
	default:
		return err
	}
	if err := s.results.Status(o, render.StatusOptions{Access: len(o.Requests) <= accessShown}); err != nil {
		return err
	}
	code := outcome(o, render.StatusOptions{})
	if err != nil {
		code = 8
	}
	if code != 0 {
		return errOutcome{code}
	}
	return nil
}

// settled looks until nothing of the batch is pending, and its results are written. With an error it returns the last overview there was.
func (w waiting) settled(ctx context.Context, e overviewer, s *session, progress *render.Progress) (account.Overview, error) {
	last := account.Overview{Batches: []account.Batch{w.batch}}
	last.Batches[0].State = account.BatchUploaded
	unseen := s.now()
	warned := false
	var settled time.Time // when nothing was pending any more
	for {
		o, err := e.Overview(ctx, queue.Filter{Batch: w.batch.ID})
		switch {
		case errors.Is(err, queue.ErrNotFound): // no worker has begun to read it yet
			last.Workers, last.Paused = o.Workers, o.Paused
		case err != nil:
			return last, fmt.Errorf("watch batch %s: %w", w.batch.ID, err)
		default:
			last = o
			progress.Show(o)
			if outcome(o, render.StatusOptions{}) == 8 {
				settled = time.Time{}
				break
			}
			if settled.IsZero() {
				settled = s.now()
			}
			switch written := !w.results || w.written(o); {
			case written:
				return o, nil
			case s.now().Sub(settled) >= resultsAfter:
				s.say("The results are not written yet. A worker does it: vend work --until-idle")
				return o, nil
			}
		}
		if len(o.Workers) > 0 {
			unseen = s.now()
		} else if !warned && s.now().Sub(unseen) >= unseenAfter {
			warned = true
			s.say("No worker was seen for two minutes: `vend work` starts one.")
		}
		select {
		case <-ctx.Done():
			return last, ctx.Err()
		case <-time.After(w.every):
		}
	}
}

// written says whether the batch is finished: its results were written then.
func (w waiting) written(o account.Overview) bool {
	return !slices.ContainsFunc(o.Batches, func(b account.Batch) bool { return b.ID == w.batch.ID && b.State != account.BatchFinished })
}

// progress shows how requests move, on stderr; with --quiet nobody sees it.
func (s *session) progress() *render.Progress {
	out := s.stderr
	if s.quiet {
		out = nobody{}
	}
	return render.NewProgress(out, s.live && !s.quiet, s.complaints.Color, s.complaints.Width, s.now)
}

type nobody struct{}

func (nobody) Write(b []byte) (int, error) { return len(b), nil }

// watchWhile shows all requests while work runs, and stops with it.
func (s *session) watchWhile(ctx context.Context, e overviewer, every time.Duration, work func() error) error {
	watching, stop := context.WithCancel(ctx)
	progress := s.progress()
	var watcher sync.WaitGroup
	watcher.Go(func() {
		for {
			if o, err := e.Overview(watching, queue.Filter{}); err == nil {
				progress.Show(o)
			}
			select {
			case <-watching.Done():
				return
			case <-time.After(every):
			}
		}
	})
	err := work()
	stop()
	watcher.Wait()
	progress.Close()
	return err
}
