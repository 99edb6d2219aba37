package engine

import (
	"context"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/worker"
)

// settingsEvery is how often an endless worker looks whether settings were pushed.
const settingsEvery = 5 * time.Minute

// Work works as the options say; see [worker.Worker.Run]. A worker without an end goes by settings that were pushed since
// within five minutes: it ends its steps as if it were told to stop, and begins again. Settings that can't be used are
// logged, and it goes on by those it has.
func (e *Engine) Work(ctx context.Context, o worker.Options) error {
	if o.Once || o.UntilIdle {
		return e.run(ctx, o)
	}
	for {
		term, end := context.WithCancel(ctx)
		pushed := make(chan account.Settings, 1)
		go e.heed(term, end, pushed)
		err := e.run(term, o)
		end()
		next, changed := <-pushed
		if err != nil || ctx.Err() != nil || !changed {
			return err
		}
		e.options.Log.Info("the pipeline's settings have changed", "revision", next.Revision)
		e.adopt(e.given, next)
	}
}

func (e *Engine) run(ctx context.Context, o worker.Options) error {
	w, err := e.worker(o, nil)
	if err != nil {
		return err
	}
	return w.Run(ctx)
}

// heed looks for newer settings until the term ends, which it ends itself when it finds some; it sends them and closes
// the channel.
func (e *Engine) heed(term context.Context, end func(), pushed chan<- account.Settings) {
	defer close(pushed)
	queue, have := e.Queue, e.pushed.Revision
	for {
		wait, stop := context.WithTimeout(term, settingsEvery)
		<-wait.Done()
		stop()
		if term.Err() != nil {
			return
		}
		next, err := queue.Settings(term)
		switch {
		case err != nil && term.Err() == nil:
			e.options.Log.Warn("the pipeline's settings could not be read", "error", err)
		case err == nil && next.Revision != have:
			if _, err := account.ParseWindow(next.Window); err != nil {
				e.options.Log.Warn("the pipeline's settings can't be used", "revision", next.Revision, "error", err)
				have = next.Revision
				continue
			}
			pushed <- next
			end()
			return
		}
	}
}
