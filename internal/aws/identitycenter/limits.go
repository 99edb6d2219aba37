package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/aws/smithy-go/middleware"
	"golang.org/x/time/rate"

	"github.com/vend-cli/vend/internal/account"
)

// spaced makes every attempt of every call wait for its turn, so that there are no more than so many a second.
func spaced(callsPerSecond float64) func(*middleware.Stack) error {
	turns := rate.NewLimiter(rate.Limit(callsPerSecond), 1)
	wait := middleware.FinalizeMiddlewareFunc("vend.Spaced", func(
		ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
	) (middleware.FinalizeOutput, middleware.Metadata, error) {
		if err := turns.Wait(ctx); err != nil {
			if ctx.Err() == nil { // the turn would come after the context's deadline
				err = account.Wait{For: time.Second, Why: "Identity Center is asked as often as it may be"}
			}
			return middleware.FinalizeOutput{}, middleware.Metadata{}, err
		}
		return next.HandleFinalize(ctx, in)
	})
	return func(stack *middleware.Stack) error { return stack.Finalize.Insert(wait, "Retry", middleware.After) }
}

// places counts the creations and deletions of assignments that are under way. Whether AWS counts the two together is not
// documented. AWS counts over all processes, and says Conflict, Throttling or
// ServiceQuotaExceeded when there is one too many; this keeps one process from asking for that all the time.
type places struct {
	mu    sync.Mutex
	most  int
	last  int
	taken map[string]time.Time // by request id, or by number as long as that is not known
}

// abandoned is how long a change counts whose end nobody asks for.
const abandoned = 2 * time.Minute

func newPlaces(most int) *places { return &places{most: most, taken: map[string]time.Time{}} }

// take takes a place, if one is free, under a name for [places.free].
func (p *places) take(now time.Time) (place string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, since := range p.taken {
		if now.Sub(since) >= abandoned {
			delete(p.taken, id)
		}
	}
	if len(p.taken) >= p.most {
		return "", false
	}
	p.last++
	place = strconv.Itoa(p.last)
	p.taken[place] = now
	return place, true
}

// name gives a place that was taken the id of its request.
func (p *places) name(place, requestID string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if since, ok := p.taken[place]; ok {
		delete(p.taken, place)
		p.taken[requestID] = since
	}
}

// freeIfAnswered frees a place unless the change may be under way for all that is known: it had no answer.
func (p *places) freeIfAnswered(place, operation string, err error) {
	_, answered := account.AnswerOf(operation, err)
	if unsent := (account.Wait{}); answered || errors.As(err, &unsent) {
		p.free(place)
	}
}

// crowded is the verdict where no place is free.
func (c *Client) crowded() error {
	return account.Wait{For: crowded, Why: fmt.Sprintf("%d assignments are being changed", c.options.Outstanding)}
}

func (p *places) free(place string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.taken, place)
}
