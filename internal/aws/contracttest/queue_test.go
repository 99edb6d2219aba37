package contracttest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
)

// queueChecks is what the queue relies on: conditions, transactions, an index, strong reads, and the server's clock.
func queueChecks(s *setUp) []check {
	const lease = 20 * time.Second
	var (
		key      = "incoming/contract.csv"
		batch    = account.Batch{ID: account.BatchID("lists", key, "v1"), Bucket: "lists", Key: key, Version: "v1", Sequence: "2026-01-01T00:00:01Z#1#v1", SubmittedAt: time.Date(2026, 1, 1, 0, 0, 1, 0, time.UTC)}
		requests []account.Request
		entries  []account.Entry
		held     account.Claim
	)
	for line := 2; line < 5; line++ {
		email := fmt.Sprintf("account-%d@example.com", line)
		r := account.Request{
			ID: account.ID(email), Kind: account.Create, Batch: batch.ID, Row: line, Sequence: batch.Sequence, Generation: 1, Turn: batch.Turn(line),
			Name: fmt.Sprintf("account-%d", line), Email: email, Unit: account.OrganizationalUnit{ID: "ou-ab12-11111111", Name: "Prod", Path: "Prod"}, Stage: account.Queued,
		}
		requests = append(requests, r)
		entries = append(entries, account.Entry{Request: &r, Row: account.Row{Batch: batch.ID, Line: line, RequestID: r.ID, Disposition: account.Added}})
	}
	client := func() *queue.Client {
		return queue.New(s.cfg, queue.Options{Table: s.name("queue"), Lease: lease, Concurrency: 1, Now: time.Now})
	}
	// start claims a request and begins its account operation.
	start := func(ctx context.Context, r account.Request) (account.Claim, error) {
		c := client()
		claim, err := c.Claim(ctx, r.ID)
		if err != nil {
			return claim, err
		}
		next := r
		next.Stage, next.Slot = account.Provisioning, true
		saved, err := c.Save(ctx, claim, next, account.Release{Keep: true}, account.Event{At: batch.SubmittedAt, Stage: account.Provisioning, What: "ordered"})
		if err != nil {
			_, again := c.Save(ctx, claim, r, account.Release{Slot: true})
			return saved, errors.Join(err, again)
		}
		return saved, nil
	}
	return []check{
		{"the table is made once, and can be used", func(ctx context.Context) error {
			s.later(func(ctx context.Context) error { return deleteTable(ctx, s) })
			for range 2 {
				if err := client().CreateTable(ctx); err != nil {
					return err
				}
			}
			h, err := client().Health(ctx)
			return want(h.Status == "ACTIVE" && h.Fitting, err, "health %+v", h)
		}},
		{"the table is protected from being deleted", func(ctx context.Context) error {
			h, err := client().Health(ctx)
			return want(h.Safe, err, "health %+v", h)
		}},
		{"a batch begins once", func(ctx context.Context) error {
			if _, err := client().Begin(ctx, batch); err != nil {
				return err
			}
			if _, err := client().Begin(ctx, batch); !errors.Is(err, account.ErrStale) {
				return fmt.Errorf("a second time: %w", err)
			}
			known, err := client().Known(ctx, []string{batch.ID, "b-other"})
			return want(len(known) == 1 && known[batch.ID], err, "known are %v", known)
		}},
		{"nobody claims what somebody holds", func(ctx context.Context) error {
			_, err := client().ClaimBatch(ctx, batch.ID)
			return want(errors.Is(err, account.ErrStale), nil, "claimed: %v", err)
		}},
		{"a pause is kept until it is taken back", func(ctx context.Context) error {
			if err := client().Pause(ctx, account.Pause{Since: batch.SubmittedAt, Code: "V3007", Reason: "maintenance"}); err != nil {
				return err
			}
			slots, err := client().Slots(ctx)
			if err = want(slots.Paused != nil && slots.Paused.Reason == "maintenance", err, "slots %+v", slots); err != nil {
				return err
			}
			if err := client().Unpause(ctx); err != nil {
				return err
			}
			slots, err = client().Slots(ctx)
			return want(slots.Paused == nil && slots.Concurrency == 1, err, "slots %+v", slots)
		}},
		{"settings are pushed once for each revision", func(ctx context.Context) error {
			pushed, err := client().Push(ctx, account.Settings{Window: "Mon-Fri 19:00-07:00 Europe/Berlin"})
			if err = want(pushed.Revision == 1, err, "pushed %+v", pushed); err != nil {
				return err
			}
			if _, err := client().Push(ctx, account.Settings{}); !errors.Is(err, account.ErrStale) {
				return fmt.Errorf("made from none: %w", err)
			}
			there, err := client().Settings(ctx)
			return want(there.Window == pushed.Window, err, "settings %+v", there)
		}},
		{"rows, requests and counters are written together, and once", func(ctx context.Context) error {
			written, err := client().Add(ctx, entries)
			if err = want(written == len(entries), err, "written are %d", written); err != nil {
				return err
			}
			if written, err = client().Add(ctx, entries); !errors.Is(err, account.ErrStale) || written > 0 {
				return fmt.Errorf("a second time: %d, %w", written, err)
			}
			tally, _, err := client().Tally(ctx, batch.ID)
			return want(tally[account.Queued] == len(entries), err, "counted are %v", tally)
		}},
		{"the index shows the line in the order of the rows", func(ctx context.Context) error {
			return until(ctx, func() (bool, error) {
				line, err := client().Waiting(ctx, 10)
				return slices.Equal(line, []string{requests[0].ID, requests[1].ID, requests[2].ID}), err
			})
		}},
		{"of many claims one is granted", func(ctx context.Context) error {
			var wg sync.WaitGroup
			var lost atomic.Int32
			won := make(chan account.Claim, 8)
			for range 8 {
				wg.Go(func() {
					switch got, err := client().Claim(ctx, requests[2].ID); {
					case err == nil:
						won <- got
					case errors.Is(err, account.ErrStale):
						lost.Add(1)
					}
				})
			}
			wg.Wait()
			if len(won) != 1 || lost.Load() != 7 {
				return fmt.Errorf("%d have claimed it, %d have not", len(won), lost.Load())
			}
			_, err := client().Save(ctx, <-won, requests[2], account.Release{Slot: true})
			return err
		}},
		{"what nobody has touched is put off, and what was woken is not", func(ctx context.Context) error {
			claim, err := client().Claim(ctx, requests[2].ID)
			if err != nil {
				return err
			}
			saved, err := client().Save(ctx, claim, requests[2], account.Release{})
			if err != nil {
				return err
			}
			if err := client().PutOff(ctx, requests[2].ID, saved.Lease, time.Hour); err != nil {
				return err
			}
			if _, err := client().Claim(ctx, requests[2].ID); !errors.Is(err, account.ErrStale) {
				return fmt.Errorf("it is claimed before its time: %w", err)
			}
			if err := client().Wake(ctx, requests[2].ID); err != nil {
				return err
			}
			if err := client().PutOff(ctx, requests[2].ID, saved.Lease, time.Hour); !errors.Is(err, account.ErrStale) {
				return fmt.Errorf("put off after it was woken: %w", err)
			}
			if claim, err = client().Claim(ctx, requests[2].ID); err != nil {
				return err
			}
			_, err = client().Save(ctx, claim, requests[2], account.Release{Slot: true})
			return err
		}},
		{"what is saved is read, with its time line", func(ctx context.Context) (err error) {
			if held, err = start(ctx, requests[0]); err != nil {
				return err
			}
			r, line, err := client().History(ctx, requests[0].ID)
			return want(r.Stage == account.Provisioning && len(line) > 0 && line[len(line)-1].What == "ordered", err, "request %+v, time line %+v", r, line)
		}},
		{"no more account operations are begun than may be", func(ctx context.Context) error {
			_, err := start(ctx, requests[1])
			return want(errors.Is(err, account.ErrNoSlot), nil, "a second one: %v", err)
		}},
		{"what a dead owner held is taken over, and the dead save nothing", func(ctx context.Context) error {
			if held.Request.ID == "" {
				return errors.New("nothing was claimed")
			}
			if err := sleep(ctx, lease+2*time.Second); err != nil {
				return err
			}
			if _, err := client().Claim(ctx, requests[0].ID); err != nil {
				return err
			}
			_, err := client().Save(ctx, held, held.Request, account.Release{Keep: true})
			return want(errors.Is(err, account.ErrStale), nil, "saved: %v", err)
		}},
	}
}

func deleteTable(ctx context.Context, s *setUp) error {
	raw, name := dynamodb.NewFromConfig(s.cfg), aws.String(s.name("queue"))
	if _, err := raw.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: name, DeletionProtectionEnabled: aws.Bool(false)}); err != nil {
		return err
	}
	// Until the change has come about, the table is in use.
	if err := dynamodb.NewTableExistsWaiter(raw).Wait(ctx, &dynamodb.DescribeTableInput{TableName: name}, 5*time.Minute); err != nil {
		return err
	}
	_, err := raw.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: name})
	return err
}
