package queue

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// clock is the table's clock: what the Date of DynamoDB's answers said, carried on by the local clock. Local clocks that
// are hours off or put right meanwhile, and laptops that sleep, do no harm: only elapsed time is taken from them, here the
// shorter of wall and monotonic, so that nobody else's claim seems to have ended too early. The next answer puts right
// what is behind.
type clock struct {
	local func() time.Time

	mu   sync.Mutex
	date time.Time // newest Date seen
	seen time.Time // when its answer had been received
	told time.Time // when an answer last agreed with it
}

// now is never later than the table's clock: the Date is truncated to seconds and counted from when it was received.
func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	local := c.local()
	if c.date.IsZero() {
		return local.UTC()
	}
	return c.date.Add(elapsed(c.seen, local)).Truncate(time.Millisecond).UTC() // as exact as the table is
}

// set says whether the table has ever told the time.
func (c *clock) set() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.date.IsZero()
}

// fresh says whether an answer of the table has borne the clock out lately. The longer ago that is, the more depends on the
// local clock.
func (c *clock) fresh() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.date.IsZero() && elapsed(c.told, c.local()) < 30*time.Second
}

// saw takes a Date over when it is newer than what the last one has grown to. It also does when it is much older, though
// not older than that last one: either the local clock has jumped, or the answer was read late; a clock that is behind does
// no harm.
func (c *clock) saw(date time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	local := c.local()
	ahead := c.date.Add(elapsed(c.seen, local)).Sub(date)
	switch {
	case c.date.IsZero() || ahead < 0 || ahead > 5*time.Second && !date.Before(c.date):
		c.date, c.seen, c.told = date, local, local
	case ahead <= 5*time.Second:
		c.told = local
	}
}

func elapsed(from, to time.Time) time.Duration {
	return max(0, min(to.Sub(from), to.Round(0).Sub(from.Round(0))))
}

type dateKey struct{}

// withDate lets the caller have the Date of the call's own answer.
func withDate(ctx context.Context) (context.Context, *time.Time) {
	date := new(time.Time)
	return context.WithValue(ctx, dateKey{}, date), date
}

// watch reads the Date of every answer, errors included.
func (c *clock) watch(stack *middleware.Stack) error {
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("vend.TableClock",
		func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
			middleware.DeserializeOutput, middleware.Metadata, error,
		) {
			out, meta, err := next.HandleDeserialize(ctx, in)
			response, ok := out.RawResponse.(*smithyhttp.Response)
			if !ok || response == nil || response.Response == nil {
				return out, meta, err
			}
			if date, bad := http.ParseTime(response.Header.Get("Date")); bad == nil {
				c.saw(date)
				if own, ok := ctx.Value(dateKey{}).(*time.Time); ok {
					*own = date
				}
			}
			return out, meta, err
		}), middleware.After)
}

// Now is the table's clock, or a moment shortly before it: it judges whether other people's claims have ended. Before the
// first answer of the table it is the local clock, by which nothing is claimed or written.
func (c *Client) Now() time.Time { return c.clock.now() }

// tableTime is Now for a decision on the table; it asks the table for something if it has not answered lately.
func (c *Client) tableTime(ctx context.Context) (time.Time, error) {
	if !c.clock.fresh() {
		if _, err := c.lookUp(ctx, slotsKey); err != nil && !errors.Is(err, ErrNotFound) {
			return time.Time{}, err
		}
	}
	return c.Now(), nil
}
