package engine

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	smithy "github.com/aws/smithy-go/middleware"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/inbox"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/lifecycle"
	"github.com/vend-cli/vend/internal/metrics"
	"github.com/vend-cli/vend/internal/retry"
)

// Figures are what counts: [metrics.Metrics] or [metrics.Embedded].
type Figures interface {
	Called(service, operation, outcome string, took time.Duration)
	Moved(was, next account.Request)
	Heard(lay time.Duration, err error)
}

// measured counts each attempt of each call.
func measured(m Figures) func(*smithy.Stack) error {
	return func(stack *smithy.Stack) error {
		return stack.Deserialize.Add(smithy.DeserializeMiddlewareFunc("vend.Measure",
			func(ctx context.Context, in smithy.DeserializeInput, next smithy.DeserializeHandler) (
				smithy.DeserializeOutput, smithy.Metadata, error,
			) {
				began := time.Now()
				out, meta, err := next.HandleDeserialize(ctx, in)
				m.Called(middleware.GetServiceID(ctx), middleware.GetOperationName(ctx), outcome(err), time.Since(began))
				return out, meta, err
			}), smithy.Before)
	}
}

func outcome(err error) string {
	if err == nil {
		return metrics.OK
	}
	answer, _ := account.AnswerOf("", err)
	switch retry.CauseOf(answer.Code) {
	case retry.Throttled:
		return metrics.Throttled
	case retry.Denied:
		return metrics.Denied
	}
	return metrics.Failed
}

// measuredClaims counts what becomes of requests that are saved.
type measuredClaims struct {
	*queue.Client
	figures Figures
}

// Save saves, and counts what was saved.
func (c measuredClaims) Save(ctx context.Context, claim account.Claim, next account.Request, rel account.Release, events ...account.Event) (account.Claim, error) {
	saved, err := c.Client.Save(ctx, claim, next, rel, events...)
	if err == nil {
		c.figures.Moved(claim.Request, saved.Request)
	}
	return saved, err
}

// listener hears of events.
func (e *Engine) listener(uploads lifecycle.Uploads) *lifecycle.Listener {
	l := &lifecycle.Listener{Inbox: inbox.New(e.aws, e.Config.QueueURL), Waker: e.Queue, Uploads: uploads, Log: e.options.Log}
	if m := e.options.Figures; m != nil {
		l.Heard = func(message account.Message, err error) {
			lay := time.Duration(0)
			if !message.SentAt.IsZero() {
				lay = e.options.Now().Sub(message.SentAt)
			}
			m.Heard(lay, err)
		}
	}
	return l
}

// Aside is the same pipeline for those who look at it while this engine works: settings that are pushed do not reach it.
func (e *Engine) Aside() *Engine {
	aside := *e
	return &aside
}

// Pipeline is what the table says of the whole pipeline, for [metrics.New].
func (e *Engine) Pipeline(ctx context.Context) (metrics.Pipeline, error) {
	q := e.Queue
	open, err := q.Left(ctx)
	if err != nil {
		return metrics.Pipeline{}, err
	}
	p := metrics.Pipeline{Counts: open.Counts, InFlight: open.InFlight, Concurrency: open.Concurrency, Now: q.Now()}
	if open.Paused != nil {
		p.Paused = open.Paused.Code
	}
	first, err := q.Waiting(ctx, 1)
	if err != nil {
		return p, err
	}
	found, err := q.Requests(ctx, first)
	if err != nil {
		return p, err
	}
	for _, c := range found {
		p.OldestSince = c.Request.QueuedAt
	}
	if e.Config.QueueURL != "" {
		if p.DeadLetters, err = inbox.New(e.aws, e.Config.QueueURL).Dead(ctx); err != nil {
			return p, err
		}
	}
	return p, nil
}
