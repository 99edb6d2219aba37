package queue

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/vend-cli/vend/internal/account"
)

// overWorst adds the requests and rejected rows of the batches that an operator wants to see first: at least most of them
// if there are so many, all that are in flight or being assigned among them. What is over fills up the rest. It reads
// about as much as it shows: the index lists who failed, who moves and who waits, the counters say where to look.
func (c *Client) overWorst(ctx context.Context, most int, view *account.Overview) error {
	w := worst{client: c, most: most, batch: map[string]bool{}, listed: map[string]bool{}}
	total := 0
	for _, b := range view.Batches {
		w.batch[b.ID] = true
		for _, n := range b.Summary {
			total += n
		}
	}
	for _, look := range []func(context.Context, *account.Overview) error{w.moving, w.failed, w.refused, w.queued, w.over} {
		if err := look(ctx, view); err != nil {
			return err
		}
	}
	view.Omitted = max(0, total-len(view.Requests)-len(view.Rejected))
	return nil
}

// worst is what was found so far.
type worst struct {
	client *Client
	most   int
	batch  map[string]bool // that are shown
	listed map[string]bool // requests that are
	shown  int
}

// add reads requests and takes those over that a batch in view carries now.
func (w *worst) add(ctx context.Context, ids []string, view *account.Overview) (added []account.Request, err error) {
	found, err := w.client.Requests(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if r, ok := found[id]; ok && w.batch[r.Request.Batch] && !w.listed[id] {
			w.listed[id] = true
			w.shown++
			added = append(added, r.Request)
		}
	}
	view.Requests = append(view.Requests, added...)
	return added, nil
}

// moving are all that wait for a time: in flight, being assigned, failed with AWS still at work on them.
func (w *worst) moving(ctx context.Context, view *account.Overview) error {
	timers, err := w.client.Timers(ctx)
	if err != nil {
		return err
	}
	var ids []string
	for _, t := range timers {
		if itemKey(t.ID) == requestKey(t.ID) {
			ids = append(ids, t.ID)
		}
	}
	_, err = w.add(ctx, ids, view)
	return err
}

// failed are the requests at rest that failed. Those that an older release has put to rest are not in the index; then the
// whole batch is read.
func (w *worst) failed(ctx context.Context, view *account.Overview) error {
	known := map[string]int{}
	for _, r := range view.Requests {
		if r.Stage == account.Failed {
			known[r.Batch]++
		}
	}
	for _, b := range view.Batches {
		missing := min(b.Summary[account.Failed]-known[b.ID], w.most-w.shown)
		if missing <= 0 {
			continue
		}
		ids, err := w.inLine(ctx, failedQueue, b, missing)
		if err != nil {
			return err
		}
		added, err := w.add(ctx, ids, view)
		if err != nil {
			return err
		}
		if len(added) < missing {
			var all account.Overview
			if err := w.client.overBatch(ctx, b.ID, true, &all); err != nil {
				return err
			}
			for _, r := range all.Requests {
				if !w.listed[r.ID] {
					w.listed[r.ID] = true
					w.shown++
					view.Requests = append(view.Requests, r)
				}
			}
		}
	}
	return nil
}

// refused are the rows that were rejected.
func (w *worst) refused(ctx context.Context, view *account.Overview) error {
	for _, b := range view.Batches {
		missing := min(b.Summary[account.Rejected], w.most-w.shown)
		if missing <= 0 {
			continue
		}
		in := w.client.under(batchPrefix+b.ID, rowPrefix)
		in.FilterExpression = ptr("#data.disposition = :refused")
		in.ExpressionAttributeNames = map[string]string{"#data": "data"}
		in.ExpressionAttributeValues[":refused"] = text(string(account.RowRefused))
		rows, err := w.client.someRows(ctx, in, missing)
		if err != nil {
			return err
		}
		w.shown += len(rows)
		view.Rejected = append(view.Rejected, rows...)
	}
	return nil
}

// queued are those that wait for a slot.
func (w *worst) queued(ctx context.Context, view *account.Overview) error {
	for _, b := range view.Batches {
		missing := min(b.Summary[account.Queued], w.most-w.shown)
		if missing <= 0 {
			continue
		}
		ids, err := w.inLine(ctx, slotQueue, b, missing)
		if err != nil {
			return err
		}
		if _, err := w.add(ctx, ids, view); err != nil {
			return err
		}
	}
	return nil
}

// over fills up with what is over, and with whatever the index does not show yet.
func (w *worst) over(ctx context.Context, view *account.Overview) error {
	for _, b := range view.Batches {
		if w.shown >= w.most {
			return nil
		}
		in := w.client.under(batchPrefix+b.ID, rowPrefix)
		in.Limit = ptr(int32(min(2*w.most, 1000)))
		rows, err := w.client.someRows(ctx, in, 2*w.most)
		if err != nil {
			return err
		}
		var ids []string
		for _, row := range rows {
			if row.Disposition == account.Added || row.Disposition == account.Changed {
				ids = append(ids, row.RequestID)
			}
		}
		if _, err := w.add(ctx, ids, view); err != nil {
			return err
		}
	}
	return nil
}

// inLine lists some of a batch's requests in a partition of the index that is in the order of batches and rows.
func (w *worst) inLine(ctx context.Context, queue string, b account.Batch, limit int) (ids []string, err error) {
	in := w.client.partition(queue, limit)
	in.KeyConditionExpression = ptr("#q = :q AND begins_with(due, :batch)")
	in.ExpressionAttributeValues[":batch"] = text(b.Turns())
	err = w.client.query(ctx, in, func(it item) bool {
		ids = append(ids, idOf(it))
		return len(ids) < limit
	})
	return ids, err
}

// someRows reads the first rows that a query finds.
func (c *Client) someRows(ctx context.Context, in *dynamodb.QueryInput, limit int) (rows []account.Row, err error) {
	var bad error
	err = c.query(ctx, in, func(it item) bool {
		var row account.Row
		row, bad = dataOf[account.Row](it, "row")
		rows = append(rows, row)
		return bad == nil && len(rows) < limit
	})
	if err == nil {
		err = bad
	}
	return rows, err
}
