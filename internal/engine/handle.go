package engine

import (
	"context"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/worker"
)

// Tick looks around once: see [worker.Options.Once]. Nothing is begun later than atMost; what is in hand then is seen to its
// end, or to that of ctx.
func (e *Engine) Tick(ctx context.Context, atMost time.Duration) error {
	return e.run(ctx, worker.Options{Once: true, AtMost: atMost})
}

// Handle does what messages ask for that somebody else has taken from the inbox, and takes the requests that they wake as
// far as they can be taken; it looks at nothing else. Nothing is begun later than atMost. It returns the messages that were
// not handled, those that there was no time for among them: they are to be brought again. The error means that none was.
func (e *Engine) Handle(ctx context.Context, messages []account.Message, atMost time.Duration) (unhandled []account.Message, err error) {
	d := delivery{messages: messages, handled: map[string]bool{}}
	w, err := e.worker(worker.Options{Brought: true, AtMost: atMost}, &d)
	if err != nil {
		return messages, err
	}
	if err := w.Run(ctx); err != nil {
		return d.unhandled(), err
	}
	return d.unhandled(), nil
}

// delivery is an inbox of messages that somebody else has taken, and deletes.
type delivery struct {
	messages []account.Message
	next     int
	handled  map[string]bool
}

// Receive gives one message, so that there is a look at the time before each of them.
func (d *delivery) Receive(ctx context.Context, _ int, _ time.Duration) ([]account.Message, error) {
	if d.next == len(d.messages) || ctx.Err() != nil {
		return nil, ctx.Err()
	}
	d.next++
	return d.messages[d.next-1 : d.next], nil
}

// Delete notes which messages were handled.
func (d *delivery) Delete(_ context.Context, messages []account.Message) error {
	for _, m := range messages {
		d.handled[m.ID] = true
	}
	return nil
}

// Dead is for those who look around.
func (*delivery) Dead(context.Context) (int, error) { return 0, nil }

func (d *delivery) unhandled() (left []account.Message) {
	for _, m := range d.messages {
		if !d.handled[m.ID] {
			left = append(left, m)
		}
	}
	return left
}
