// Package notify says what people are told of the pipeline, and in which words.
//
// They are told what they would otherwise have to ask for: a batch was accepted, with the rows that were rejected, or
// refused whole; accounts are done; requests have failed, with what to do; the pipeline is paused; a batch is finished.
// Whoever keeps the batch decides when, and puts together what came about meanwhile (ingest); what was told stands in the
// table.
//
// A message has two forms: a text that reads well as an e-mail, and the structure that Amazon Q Developer shows in chat
// channels. Neither names an e-mail address, whatever AWS or a file had to say.
//
// It imports account.
package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

// Topic is where messages go.
type Topic interface {
	PublishBoth(ctx context.Context, subject, text, https string) error
}

// Desk keeps the pause of the pipeline, and whether it was told.
type Desk interface {
	Slots(ctx context.Context) (account.Slots, error)
	PauseTold(ctx context.Context, since time.Time) error
}

// Teller tells people. It is safe for concurrent use.
type Teller struct {
	Topic Topic
	Desk  Desk
}

var _ account.Teller = (*Teller)(nil)

// patience is how long a message may take: whoever tells has other things to do.
const patience = 5 * time.Second

// Batch tells of a batch, in one message.
func (t *Teller) Batch(ctx context.Context, n account.News) error {
	return t.send(ctx, newBatchMessage(n))
}

// Paused tells of the pause of the pipeline once, or twice where two come at once.
func (t *Teller) Paused(ctx context.Context) error {
	slots, err := t.Desk.Slots(ctx)
	if err != nil {
		return err
	}
	if slots.Paused == nil || slots.Paused.Told {
		return nil
	}
	if err := t.send(ctx, newPauseMessage(*slots.Paused, slots.InFlight)); err != nil {
		return err
	}
	return t.Desk.PauseTold(ctx, slots.Paused.Since)
}

func (t *Teller) send(ctx context.Context, m message) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	chat, err := m.chat()
	if err != nil {
		return fmt.Errorf("write notification: %w", err)
	}
	return t.Topic.PublishBoth(ctx, m.subject(), m.text(), chat)
}
