package engine

import (
	"context"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/aws/topic"
	"github.com/vend-cli/vend/internal/notify"
	"github.com/vend-cli/vend/internal/worker"
)

// teller tells people through the pipeline's topic; nil where it has none.
func (e *Engine) teller() *notify.Teller {
	if e.Config.TopicARN == "" {
		return nil
	}
	return &notify.Teller{Topic: topic.New(e.aws, e.Config.TopicARN), Desk: e.Queue}
}

// desk is what a worker tells the others; of a pause it tells people, too.
func (e *Engine) desk() worker.Desk {
	teller := e.teller()
	if teller == nil {
		return e.Queue
	}
	return tellingDesk{Client: e.Queue, teller: teller, engine: e}
}

type tellingDesk struct {
	*queue.Client
	teller *notify.Teller
	engine *Engine
}

// Pause pauses the pipeline. Where people can't be told of it now, whoever looks at an open batch tells them later.
func (d tellingDesk) Pause(ctx context.Context, p account.Pause) error {
	if err := d.Client.Pause(ctx, p); err != nil {
		return err
	}
	if err := d.teller.Paused(ctx); err != nil && ctx.Err() == nil {
		d.engine.options.Log.Warn("people could not be told of the pause", "error", err)
	}
	return nil
}
