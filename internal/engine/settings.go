package engine

import (
	"context"
	"errors"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/config"
)

// Settings are the pipeline's own, as they stand in its table; the zero value when none were pushed.
func (e *Engine) Settings() account.Settings { return e.pushed }

// Push replaces the pipeline's own settings as a whole by those, and says what it changed. Where nothing differs nothing is
// written. The error is an [account.Refused] when somebody else has pushed since the engine was opened.
func (e *Engine) Push(ctx context.Context, s account.Settings) ([]config.Change, error) {
	changes := config.Changes(e.pushed, s)
	if len(changes) == 0 {
		return nil, nil
	}
	s.Revision = e.pushed.Revision
	now, err := e.Queue.Push(ctx, s)
	if errors.Is(err, account.ErrStale) {
		return nil, account.Refused{
			Code: "V3017", Reason: "somebody else has pushed settings meanwhile",
			Hint: "Look at `vend config diff`, then push again.",
		}
	}
	if err != nil {
		return nil, err
	}
	e.adopt(e.given, now)
	return changes, nil
}
