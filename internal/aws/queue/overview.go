package queue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"golang.org/x/sync/errgroup"

	"github.com/vend-cli/vend/internal/account"
)

// Filter says which batches and requests an overview shows. The zero filter: open batches and the last finished ones.
type Filter struct {
	All     bool   // every batch
	Failed  bool   // only requests that failed, and rejected rows
	Batch   string // this batch only
	Request string // this request only
	Most    int    // no more than about so many requests, the worst; 0: all. What is left out is counted
}

const (
	finishedShown = 20              // finished batches in an overview
	workerShown   = 2 * time.Minute // a worker not seen for longer is not shown
)

// Overview reads where everything stands. Its cost grows with what it shows, not with what there is. It returns
// [ErrNotFound] for a batch or request that does not exist.
func (c *Client) Overview(ctx context.Context, f Filter) (account.Overview, error) {
	var view account.Overview
	reads, together := errgroup.WithContext(ctx)
	reads.Go(func() error {
		slots, err := c.Slots(together)
		view.Paused = slots.Paused
		return err
	})
	reads.Go(func() (err error) {
		view.Workers, err = c.workers(together)
		return err
	})
	ids := []string{f.Batch}
	if f.Request == "" && f.Batch == "" {
		reads.Go(func() (err error) {
			most := finishedShown
			if f.All {
				most = 0
			}
			ids, err = c.listed(together, most)
			return err
		})
	}
	if err := reads.Wait(); err != nil {
		return view, err
	}
	if f.Request != "" {
		err := c.overRequest(ctx, f.Request, &view)
		return view, err
	}
	var err error
	if view.Batches, err = c.batches(ctx, ids); err != nil {
		return view, err
	}
	if f.Batch != "" && len(view.Batches) == 0 {
		return view, fmt.Errorf("batch %s: %w", f.Batch, ErrNotFound)
	}
	if f.Most > 0 && !f.Failed {
		return view, c.overWorst(ctx, f.Most, &view)
	}
	for _, b := range view.Batches {
		if err := c.overBatch(ctx, b.ID, f.Failed, &view); err != nil {
			return view, err
		}
	}
	return view, nil
}

func (c *Client) overRequest(ctx context.Context, id string, view *account.Overview) error {
	it, err := c.lookUp(ctx, requestKey(id))
	if err != nil {
		if errors.Is(err, ErrNotFound) {
			return fmt.Errorf("request %s: %w", id, ErrNotFound)
		}
		return err
	}
	r, err := dataOf[account.Request](it, "request")
	if err != nil {
		return err
	}
	view.Requests = []account.Request{r}
	view.Batches, err = c.batches(ctx, []string{r.Batch})
	return err
}

// overBatch adds the requests whose data a batch carries now, and its rejected rows. What a newer batch took over is
// shown there.
func (c *Client) overBatch(ctx context.Context, batch string, failed bool, view *account.Overview) error {
	rows, err := c.Rows(ctx, batch)
	if err != nil {
		return err
	}
	var ids []string
	for _, row := range rows {
		switch row.Disposition {
		case account.RowRefused:
			view.Rejected = append(view.Rejected, row)
		case account.Added, account.Changed:
			ids = append(ids, row.RequestID)
		}
	}
	found, err := c.Requests(ctx, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		r := found[id].Request
		if r.Batch == batch && (!failed || r.Stage == account.Failed) {
			view.Requests = append(view.Requests, r)
		}
	}
	return nil
}

// listed gives the ids of open batches, then those of finished ones, each newest first; finished is how many of these, 0: all.
func (c *Client) listed(ctx context.Context, finished int) (ids []string, err error) {
	in := c.under("batches", "")
	in.ScanIndexForward = ptr(false) // open comes behind finished
	if finished > 0 {
		in.Limit = ptr(int32(2 * finished))
	}
	n := 0
	err = c.query(ctx, in, func(it item) bool {
		if strings.HasPrefix(textOf(it, "sk"), donePrefix) {
			n++
		}
		if finished > 0 && n > finished {
			return false
		}
		ids = append(ids, textOf(it, "batch"))
		return true
	})
	return ids, err
}

// batches reads batches with their counters, in the order of ids; those that do not exist are left out.
func (c *Client) batches(ctx context.Context, ids []string) ([]account.Batch, error) {
	keys := make([]key, 0, 2*len(ids))
	for _, id := range ids {
		keys = append(keys, batchKey(id), tallyKey(id))
	}
	items, err := c.lookUpAll(ctx, keys)
	if err != nil {
		return nil, err
	}
	found := map[string]account.Batch{}
	tallies := map[string]map[account.Stage]int{}
	for _, it := range items {
		if textOf(it, "sk") == "counts" {
			tallies[strings.TrimPrefix(textOf(it, "pk"), batchPrefix)] = tally(it)
			continue
		}
		b, err := dataOf[account.Batch](it, "batch")
		if err != nil {
			return nil, err
		}
		found[b.ID] = b
	}
	var out []account.Batch
	for _, id := range ids {
		if b, ok := found[id]; ok {
			b.Summary = tallies[id]
			out = append(out, b)
		}
	}
	return out, nil
}

func (c *Client) workers(ctx context.Context) ([]account.Worker, error) {
	var seen []account.Worker
	var bad error
	err := c.query(ctx, c.under("workers", ""), func(it item) bool {
		var w account.Worker
		if w, bad = dataOf[account.Worker](it, "worker"); c.Now().Sub(w.SeenAt) < workerShown {
			seen = append(seen, w)
		}
		return bad == nil
	})
	return seen, errors.Join(err, bad)
}

// History gives a request and its time line, oldest first. It returns [ErrNotFound] when there is no such request.
func (c *Client) History(ctx context.Context, id string) (account.Request, []account.Event, error) {
	it, err := c.lookUp(ctx, requestKey(id))
	if err != nil {
		return account.Request{}, nil, fmt.Errorf("request %s: %w", id, err)
	}
	r, err := dataOf[account.Request](it, "request")
	if err != nil {
		return r, nil, err
	}
	var events []account.Event
	var bad error
	err = c.query(ctx, c.under(requestPrefix+id, eventPrefix), func(it item) bool {
		var of []account.Event
		of, bad = dataOf[[]account.Event](it, "history")
		events = append(events, of...)
		return bad == nil
	})
	return r, events, errors.Join(err, bad)
}

// under queries the items of one partition whose sort keys begin with prefix, strongly.
func (c *Client) under(pk, prefix string) *dynamodb.QueryInput {
	in := &dynamodb.QueryInput{
		ConsistentRead:            ptr(true),
		KeyConditionExpression:    ptr("pk = :pk"),
		ExpressionAttributeValues: item{":pk": text(pk)},
	}
	if prefix != "" {
		in.KeyConditionExpression = ptr("pk = :pk AND begins_with(sk, :prefix)")
		in.ExpressionAttributeValues[":prefix"] = text(prefix)
	}
	return in
}
