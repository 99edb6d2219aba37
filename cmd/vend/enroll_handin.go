package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/batch"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/render"
)

// handIn makes what is missing for those that are fit, uploads their list, and watches if it was told to.
func (s *session) handIn(ctx context.Context, e *engine.Engine, n *engine.Enrollment, opts enrollOptions) error {
	if len(n.List()) > 0 {
		if n.Make {
			if err := e.MakeUnit(ctx, n, s.tellOnce()); err != nil {
				return fmt.Errorf("make %s: %w", opts.ask.To, err)
			}
		}
		if n.NeedsTrust() {
			if err := n.Trust(ctx); err != nil {
				return err
			}
			s.say("Activated trusted access of CloudFormation StackSets to the organization: the execution role is put into place through it.")
		}
	}
	uploaded := account.Batch{}
	if rows := n.List(); len(rows) > 0 {
		var list bytes.Buffer
		if err := batch.Write(&list, slices.Values(rows)); err != nil {
			return err
		}
		var err error
		e.SignUploads(ctx)
		upload := e.Upload
		if opts.ask.AtRoot {
			upload = e.UploadAtRoot
		}
		if uploaded, err = upload(ctx, "enroll-"+s.now().UTC().Format("20060102T150405Z")+".csv", list.Bytes()); err != nil {
			return fmt.Errorf("hand in %d accounts: %w", len(rows), err)
		}
		uploaded.Rows = len(rows)
	}
	watch := &enrollWatch{engine: e, batch: uploaded.ID, ids: n.Requests()}
	switch {
	case uploaded.ID == "" && (!opts.wait || len(n.Underway) == 0):
		s.say("Nothing was handed in.")
		if !opts.wait || s.results.Format == render.Table {
			return enrollEnd(0, n)
		}
		return errors.Join(s.results.Status(account.Overview{}, render.StatusOptions{}), enrollEnd(0, n))
	case !opts.wait:
		return errors.Join(s.results.Submitted(uploaded), enrollEnd(0, n))
	}
	if uploaded.ID != "" {
		s.goOn = "The accounts were handed in and go on: vend status " + uploaded.ID
		s.say("Handed in as %s.", uploaded.ID)
	}
	return s.watchEnrollments(ctx, e, n, watch, uploaded, opts)
}

// watchEnrollments waits until all is settled, and cleans up.
func (s *session) watchEnrollments(ctx context.Context, e *engine.Engine, n *engine.Enrollment, watch *enrollWatch, uploaded account.Batch, opts enrollOptions) error {
	handedIn := uploaded.ID != ""
	if !handedIn {
		for _, r := range n.Underway {
			uploaded.ID = r.Batch
		}
	}
	w := waiting{batch: uploaded, timeout: opts.timeout, every: min(lookAgain, e.Config.Settings.PollInterval.Std()), results: handedIn}
	until := func(ctx context.Context) error { return w.until(ctx, watch, s) }
	err := error(nil)
	if opts.work {
		err = working(ctx, e, until)
	} else {
		err = until(ctx)
	}
	var outcome errOutcome
	if err != nil && !errors.As(err, &outcome) {
		return err
	}
	if err := s.summarize(opts, func(p render.Printer) error { return p.Summary(watch.last) }); err != nil {
		return err
	}
	if opts.remove && outcome.code != 8 {
		if err := e.RemoveRoleStack(ctx, s.tellOnce()); err != nil {
			return fmt.Errorf("remove the stack set of the execution role: %w", err)
		}
	}
	return enrollEnd(outcome.code, n)
}

// enrollEnd is how a run ends: still pending, else failed or blocked, else fine.
func enrollEnd(code int, n *engine.Enrollment) error {
	if code == 0 && n.Blocked() > 0 {
		code = 5
	}
	if code == 0 {
		return nil
	}
	return errOutcome{code}
}

// enrollWatch is an overview of the requests of selected accounts: of the batch that was handed in, and of earlier ones. Two
// that are handed in at once have one request, which belongs to one of their batches.
type enrollWatch struct {
	engine *engine.Engine
	batch  string   // empty: nothing was handed in
	ids    []string // of requests
	last   account.Overview
}

// Overview reads where they stand.
func (w *enrollWatch) Overview(ctx context.Context, _ queue.Filter) (account.Overview, error) {
	var o account.Overview
	var err error
	if w.batch != "" {
		if o, err = w.engine.Overview(ctx, queue.Filter{Batch: w.batch}); err != nil {
			return o, err
		}
	}
	found, err := w.engine.Queue.Requests(ctx, w.ids)
	if err != nil {
		return o, err
	}
	before := map[string]map[account.Stage]int{} // what is counted of earlier batches
	for _, id := range w.ids {
		r := found[id].Request
		if r.ID == "" || slices.ContainsFunc(o.Requests, func(have account.Request) bool { return have.ID == r.ID }) {
			continue
		}
		if before[r.Batch] == nil {
			earlier, err := w.engine.Overview(ctx, queue.Filter{Request: r.ID})
			if err != nil {
				return o, err
			}
			o.Workers, o.Paused = earlier.Workers, earlier.Paused
			before[r.Batch] = map[account.Stage]int{}
			for _, b := range earlier.Batches {
				b.Summary, b.State = before[r.Batch], account.BatchOpen
				o.Batches = append(o.Batches, b)
			}
		}
		before[r.Batch][r.Stage]++
		o.Requests = append(o.Requests, r)
	}
	w.last = o
	return o, nil
}
