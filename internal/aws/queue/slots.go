package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/retry"
)

// Slots is who may start an account operation now. The item says how many at once, where it was pushed there; else the
// client's own setting does.
func (c *Client) Slots(ctx context.Context) (account.Slots, error) {
	slots := account.Slots{Concurrency: c.Concurrency}
	it, err := c.lookUp(ctx, slotsKey)
	if errors.Is(err, ErrNotFound) {
		return slots, nil
	}
	if err != nil {
		return slots, err
	}
	slots.InFlight = int(numberOf(it, "inFlight"))
	if n := numberOf(it, "concurrency"); n > 0 {
		slots.Concurrency = int(n)
	}
	if it["paused"] != nil {
		slots.Paused = &account.Pause{}
		err = decode(it["paused"], slots.Paused)
		slots.Paused.Told = textOf(it, "pauseTold") == pauseMark(slots.Paused.Since)
	}
	return slots, err
}

// Pause lets no request take a slot from now on. A pipeline that is paused stays so for its first reason.
func (c *Client) Pause(ctx context.Context, p account.Pause) error {
	if p.Since.IsZero() {
		now, err := c.tableTime(ctx)
		if err != nil {
			return err
		}
		p.Since = now
	}
	data, err := encode(p)
	if err != nil {
		return fmt.Errorf("pause the pipeline: %w", err)
	}
	return c.updateSlots(ctx, "pause the pipeline", "SET paused = if_not_exists(paused, :p)", item{":p": data})
}

// PauseTold notes that people were told of the pause that began then.
func (c *Client) PauseTold(ctx context.Context, since time.Time) error {
	return c.updateSlots(ctx, "note that the pause was told", "SET pauseTold = :since", item{":since": text(pauseMark(since))})
}

// pauseMark tells one pause from another.
func pauseMark(since time.Time) string { return since.UTC().Format(time.RFC3339Nano) }

// Unpause lets requests take slots again. It does nothing when the pipeline is not paused.
func (c *Client) Unpause(ctx context.Context) error {
	return c.updateSlots(ctx, "end the pause", "REMOVE paused", nil)
}

func (c *Client) updateSlots(ctx context.Context, doing, update string, values item) error {
	return retry.Do(ctx, func() error {
		_, err := c.ddb.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &c.Table, Key: slotsKey.item(), UpdateExpression: &update, ExpressionAttributeValues: values,
		}, once)
		return judgeIf("dynamodb.UpdateItem", doing, err)
	}, hopeless)
}

// Open is what is left to do, read strongly.
func (c *Client) Open(ctx context.Context) (account.Open, error) {
	open, err := c.Left(ctx)
	if err != nil {
		return open, err
	}
	err = c.query(ctx, c.under("batches", openPrefix), func(it item) bool {
		open.Batches = append(open.Batches, textOf(it, "batch"))
		return true
	})
	return open, err
}

// Left is [Client.Open] without the batches.
func (c *Client) Left(ctx context.Context) (account.Open, error) {
	slots, err := c.Slots(ctx)
	if err != nil {
		return account.Open{}, err
	}
	open := account.Open{Slots: slots, Counts: map[account.Stage]int{}}
	it, err := c.lookUp(ctx, countsKey)
	if errors.Is(err, ErrNotFound) {
		return open, nil
	}
	if err == nil {
		open.Counts = tally(it)
	}
	return open, err
}

// Seen notes that a worker is at work. It is for people to read, so the table is not asked what time it is if it has ever
// told.
func (c *Client) Seen(ctx context.Context, w account.Worker) error {
	if !c.clock.set() {
		if _, err := c.tableTime(ctx); err != nil {
			return err
		}
	}
	w.SeenAt = c.Now()
	data, err := encode(w)
	if err != nil {
		return fmt.Errorf("note worker %s: %w", w.Owner, err)
	}
	it := workerKey(w.Owner).item()
	it["data"] = data
	_, err = c.ddb.PutItem(ctx, &dynamodb.PutItemInput{TableName: &c.Table, Item: it}, once)
	return judgeIf("dynamodb.PutItem", "note worker "+w.Owner, err)
}

// Gone forgets a worker that stops.
func (c *Client) Gone(ctx context.Context, owner string) error {
	_, err := c.ddb.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &c.Table, Key: workerKey(owner).item()}, once)
	return judgeIf("dynamodb.DeleteItem", "forget worker "+owner, err)
}
