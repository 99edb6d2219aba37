package lifecycle

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

// Inbox is where messages come from.
type Inbox interface {
	Receive(ctx context.Context, max int, wait time.Duration) ([]account.Message, error)
	Delete(ctx context.Context, messages []account.Message) error
	Dead(ctx context.Context) (int, error)
}

// Waker makes requests come due.
type Waker interface {
	Timers(ctx context.Context) ([]account.Due, error)
	Wake(ctx context.Context, id string) error
}

// Uploads takes uploads in.
type Uploads interface {
	// Announce takes an upload; the error is [account.ErrForeign] when it is none of this pipeline's.
	Announce(ctx context.Context, u account.Upload) error
}

// Listener takes messages from the inbox and wakes what they speak of. It never changes a request: the worker asks AWS
// what is true.
type Listener struct {
	Inbox   Inbox
	Waker   Waker
	Uploads Uploads
	Log     *slog.Logger
	Heard   func(m account.Message, err error) // is told of each message that was tried; may be nil

	ignored atomic.Int64
}

// Ignored is how many messages could not be understood or came from elsewhere. They were deleted: they would come again
// for ever and never mean anything.
func (l *Listener) Ignored() int64 { return l.ignored.Load() }

// Next receives messages, waiting up to wait for the first, and handles them. A message that could not be handled stays in
// the queue and comes again; the error says why.
func (l *Listener) Next(ctx context.Context, wait time.Duration) (account.Heard, error) {
	messages, err := l.Inbox.Receive(ctx, 10, wait)
	if err != nil {
		return account.Heard{}, err
	}
	heard := account.Heard{Messages: len(messages)}
	var handled []account.Message
	var problems []error
	for _, m := range messages {
		err := l.handle(ctx, m, &heard)
		if l.Heard != nil {
			l.Heard(m, err)
		}
		if err != nil {
			problems = append(problems, err)
			continue
		}
		handled = append(handled, m)
	}
	if len(handled) > 0 {
		problems = append(problems, l.Inbox.Delete(ctx, handled))
	}
	return heard, errors.Join(problems...)
}

// Dead is how many messages came so often without being handled that they were put aside.
func (l *Listener) Dead(ctx context.Context) (int, error) { return l.Inbox.Dead(ctx) }

// handle does what one message asks for. One that is not understood, or is none of ours, is counted and is no error.
func (l *Listener) handle(ctx context.Context, m account.Message, heard *account.Heard) error {
	event, err := Parse([]byte(m.Body))
	if err != nil {
		l.ignored.Add(1)
		l.Log.Warn("a message was not understood", "message", m.ID, "error", err)
		return nil
	}
	for _, u := range event.Uploads {
		err := l.Uploads.Announce(ctx, account.Upload(u))
		if errors.Is(err, account.ErrForeign) {
			l.ignored.Add(1)
			l.Log.Warn("an upload of somebody else was announced", "message", m.ID)
			continue
		}
		heard.Uploads++
		if err != nil {
			return err
		}
	}
	if event.Account == nil {
		return nil
	}
	woken, err := l.wake(ctx, *event.Account)
	heard.Woken = append(heard.Woken, woken...)
	return err
}

// wake makes the requests due that the event may speak of: it carries no id of ours, only the name of the account. Those
// that hold no slot wait for nothing that Control Tower does.
func (l *Listener) wake(ctx context.Context, e AccountEvent) (woken []string, err error) {
	timers, err := l.Waker.Timers(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range timers {
		if !t.InUse || t.Name != e.AccountName && e.AccountName != "" {
			continue
		}
		if err := l.Waker.Wake(ctx, t.ID); err != nil {
			return woken, err
		}
		woken = append(woken, t.ID)
	}
	if len(woken) == 0 {
		l.ignored.Add(1)
	}
	l.Log.Debug("Control Tower spoke of an account", "event", e.Name, "state", e.State, "account", e.AccountID, "woken", len(woken))
	return woken, nil
}
