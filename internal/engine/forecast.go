package engine

import (
	"context"

	"github.com/vend-cli/vend/internal/account"
)

// lineLooked is how far into the line for account operations [Engine.Foresee] looks when little is shown: one page of the
// index.
const lineLooked = 1000

// Foresee adds to an overview what can be expected of what it shows: each request's place in the line and when its account
// operation ends, and, where whole says that it is of all batches, when the last one does. few says that it shows few
// requests, so that the line need not be read to its end. What is over costs nothing, and where nothing is left nothing is
// read.
func (e *Engine) Foresee(ctx context.Context, o *account.Overview, whole, few bool) error {
	open, err := e.Queue.Open(ctx)
	if err != nil || open.Operations() == 0 {
		return err
	}
	slots, err := e.Queue.Slots(ctx)
	if err != nil {
		return err
	}
	seen, err := e.Queue.Durations(ctx)
	if err != nil {
		return err
	}
	deep := lineLooked
	if !few {
		deep = max(lineLooked, open.Operations())
	}
	line, err := e.Queue.Waiting(ctx, deep)
	if err != nil {
		return err
	}
	window, err := account.ParseWindow(e.Config.Settings.Window)
	if err != nil {
		return err
	}
	now := e.Queue.Now()
	begins := o.Paused == nil && window.Open(now)
	all := seen.Foresee(line, o.Requests, slots.InFlight, slots.Concurrency, begins, now)
	o.Forecasts = make(map[string]account.Forecast, len(o.Requests))
	for _, r := range o.Requests {
		if f, known := all[r.ID]; known && r.Stage.Open() {
			o.Forecasts[r.ID] = f
		}
	}
	if whole && o.Paused == nil {
		o.ToGo = &account.Estimate{
			Low:  seen.Expect(max(0, open.Operations()-slots.InFlight), slots.Concurrency).Low,
			High: seen.Expect(open.Operations(), slots.Concurrency).High,
		}
	}
	return nil
}
