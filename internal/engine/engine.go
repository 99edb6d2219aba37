// Package engine joins the house for one configuration: the page that shows how everything is wired.
//
//	config ─▶ aws/* clients ─▶ ingest   (bucket, queue, organization, identitycenter)
//	                        ─▶ pipeline (accountfactory, organization, identitycenter, queue, stacksets,
//	                                     precheck ─▶ member)
//	                        ─▶ lifecycle (inbox, queue, ingest)
//	                        ─▶ notify   (topic, queue), which ingest tells
//	                        ─▶ worker   (queue, pipeline, lifecycle, ingest)
//
// It may import everything but render; only the commands import it.
package engine

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/accountfactory"
	"github.com/vend-cli/vend/internal/aws/bucket"
	"github.com/vend-cli/vend/internal/aws/identitycenter"
	"github.com/vend-cli/vend/internal/aws/member"
	"github.com/vend-cli/vend/internal/aws/organization"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/aws/stacksets"
	"github.com/vend-cli/vend/internal/batch"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/ingest"
	"github.com/vend-cli/vend/internal/pipeline"
	"github.com/vend-cli/vend/internal/trace"
	"github.com/vend-cli/vend/internal/worker"
)

// Options are what a command knows beyond the configuration. The zero value will do.
type Options struct {
	AWS  *aws.Config  // instead of what the environment says
	Log  *slog.Logger // nil: silent
	Kind string       // of worker: worker, lambda or cli
	Now  func() time.Time
	// Figures count what this process does; nil: nothing is counted.
	Figures Figures
	// Traces tell of what steps do; nil: nobody is told.
	Traces *trace.Tracer
	// patience is how long a call may take; 0 leaves it to its context.
	patience time.Duration
	// Looks is how many looks at accounts are made at once before they are enrolled; 0 is 8.
	Looks int
}

// Engine is one pipeline, as one process sees it.
type Engine struct {
	Config config.Config // settings merged with those of the table
	Queue  *queue.Client

	options Options
	given   config.Config    // settings as this run was given them
	pushed  account.Settings // those of the table
	aws     aws.Config
	bucket  *bucket.Client

	uploader string                  // who says to upload lists; empty: nobody
	identity *identitycenter.Client  // one for all: it keeps to the limits by itself
	uploads  func() *ingest.Ingester // for looks at the bucket: it remembers which uploads the table knows
	blind    *sync.Once              // tells that the bucket can't be looked at
}

// Open makes an engine and reads the pipeline's settings from its table. Settings of the command, the environment and the
// file win over those of the table, which win over the defaults. The error is an [account.Refused] when credentials, table
// or access are missing.
func Open(ctx context.Context, c config.Config, o Options) (*Engine, error) {
	e, err := prepare(ctx, c, o)
	if err != nil {
		return nil, err
	}
	pushed, err := e.Queue.Settings(ctx)
	if err != nil {
		return nil, err
	}
	e.adopt(c, pushed)
	return e, nil
}

// adopt lets an engine behave as its own settings, those of the pipeline and the defaults say together.
func (e *Engine) adopt(c config.Config, pushed account.Settings) {
	e.given, e.pushed = c, pushed
	e.Config = c.Under(pushed, fmt.Sprintf("pipeline (revision %d)", pushed.Revision)).Under(account.DefaultSettings(), "default")
	e.join(e.Config.Settings)
}

// prepare makes an engine without asking AWS for anything.
func prepare(ctx context.Context, c config.Config, o Options) (*Engine, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	e := &Engine{Config: c, options: o}
	if o.AWS != nil {
		e.aws = o.AWS.Copy()
	} else {
		cfg, err := c.AWS(ctx)
		if err != nil {
			return nil, err
		}
		e.aws = cfg
	}
	e.aws.APIOptions = append(e.aws.APIOptions, fenced, named)
	if o.patience > 0 {
		e.aws.APIOptions = append(e.aws.APIOptions, patient(o.patience))
	}
	if o.Figures != nil {
		e.aws.APIOptions = append(e.aws.APIOptions, measured(o.Figures))
	}
	if o.Traces != nil {
		e.aws.APIOptions = append(e.aws.APIOptions, traced(o.Traces))
	}
	e.join(c.Settings.Or(account.DefaultSettings()))
	return e, nil
}

// join makes the clients that every command may need, for these settings.
func (e *Engine) join(s account.Settings) {
	e.Config.Settings = s
	e.Queue = queue.New(e.aws, queue.Options{
		Table: e.Config.Table, Lease: s.Lease.Std(), Concurrency: s.Concurrency, Now: e.options.Now,
	})
	e.bucket = bucket.New(e.aws, e.Config.Bucket)
	e.identity = identitycenter.New(e.aws, identitycenter.Options{
		InstanceARN: s.IdentityCenter.InstanceARN, CallsPerSecond: s.IdentityCenter.CallsPerSecond,
		Outstanding: s.IdentityCenter.Outstanding, Now: e.options.Now,
	})
	e.blind = &sync.Once{}
	here := *e
	e.uploads = sync.OnceValue(func() *ingest.Ingester { return here.ingester(here.view(here.Queue.Now), here.Queue) })
}

// worker wires the whole pipeline. Its messages are those that were delivered to it, nil: those of the inbox.
func (e *Engine) worker(o worker.Options, d *delivery) (*worker.Worker, error) {
	s, log := e.Config.Settings, e.options.Log
	view := e.view(e.Queue.Now)
	uploads := e.ingester(view, e.Queue)
	window, err := account.ParseWindow(s.Window)
	if err != nil {
		return nil, account.Refused{Code: "V3011", Reason: "window: " + err.Error(), Hint: `write "Mon-Fri 19:00-07:00 Europe/Berlin"`}
	}
	o.Kind, o.Poll, o.Window = or(e.options.Kind, "worker"), s.PollInterval.Std(), window.Open
	o.Owner, o.News = owner(o.Kind), s.ResultsInterval.Std()
	o.Now, o.Log = e.options.Now, log
	events := e.listener(uploads)
	if d != nil {
		events.Inbox = d
	}
	var claims worker.Claims = e.Queue
	if e.options.Figures != nil {
		claims = measuredClaims{e.Queue, e.options.Figures}
	}
	var steps worker.Pipeline = pipeline.New(pipeline.Ports{
		Factory: judged{view.factory}, Organization: view.organization, Identity: view.identity, Slots: e.Queue,
		Prechecks: looker{engine: e, view: view}, StackSets: view.stackSets,
	}, s)
	if e.options.Traces != nil {
		steps = tracedSteps{steps, e.options.Traces}
	}
	return worker.New(worker.Ports{
		Claims: claims, Line: e.Queue, Desk: e.desk(), Uploads: uploads, Pipeline: steps, Events: events,
	}, o), nil
}

// view is what is looked at in AWS.
type view struct {
	factory      *accountfactory.Client
	organization *organization.Client
	identity     *identitycenter.Client
	members      *member.Client
	stackSets    *stacksets.Client
}

// view makes the clients that look. The organization is as old as that clock says: steps ask for it by the table's.
func (e *Engine) view(clock func() time.Time) view {
	factory := accountfactory.New(e.aws, accountfactory.Options{Now: e.options.Now})
	org := organization.New(e.aws, organization.Options{Governed: factory.Governed, Now: clock})
	management := func(ctx context.Context) (string, error) {
		o, err := org.Organization(ctx)
		if err != nil {
			return "", err
		}
		return o.ManagementAccountID, nil
	}
	return view{
		factory:      factory,
		organization: org,
		members:      member.New(e.aws, member.Options{Management: management}),
		stackSets:    stacksets.New(e.aws, stacksets.Options{Management: management}),
		identity:     e.identity,
	}
}

// ingester takes uploads in; without a queue it only judges them.
func (e *Engine) ingester(v view, q *queue.Client) *ingest.Ingester {
	ports := ingest.Ports{Bucket: e.bucket, Organization: v.organization, LandingZone: v.factory, Identity: v.identity}
	if q != nil {
		ports.Batches, ports.Requests = q, q
	}
	if teller := e.teller(); teller != nil && q != nil {
		ports.Teller = teller
	}
	return ingest.New(ports, ingest.Options{
		Bucket: e.Config.Bucket, Prefix: e.Config.Prefix, Settings: e.Config.Settings, Now: e.options.Now, Log: e.options.Log,
	})
}

// Check judges a list against the organization and Identity Center as they are now; it needs neither bucket nor table, and
// knows of no request. Where a table is named that can be read, the pipeline's own settings hold.
func Check(ctx context.Context, c config.Config, o Options, d ingest.Draft) (batch.Report, error) {
	e, err := prepare(ctx, c, o)
	if err != nil {
		return batch.Report{}, err
	}
	if c.Table != "" {
		pushed, err := e.Queue.Settings(ctx)
		if err != nil {
			e.options.Log.Warn("the pipeline's settings could not be read", "table", c.Table, "error", err)
		}
		e.adopt(c, pushed)
	}
	_, report, err := e.ingester(e.view(e.options.Now), nil).Preview(ctx, d)
	return report, err
}

// judged is Account Factory with its verdicts on records.
type judged struct{ *accountfactory.Client }

// JudgeRecord says what a FAILED record means.
func (judged) JudgeRecord(r account.Record) error { return accountfactory.JudgeRecord(r.Errors) }

// Overview reads where everything stands; see [queue.Client.Overview].
func (e *Engine) Overview(ctx context.Context, f queue.Filter) (account.Overview, error) {
	return e.Queue.Overview(ctx, f)
}

// History reads a request and its time line; see [queue.Client.History].
func (e *Engine) History(ctx context.Context, id string) (account.Request, []account.Event, error) {
	return e.Queue.History(ctx, id)
}

// owner names the process for those who look. The invocations of a Lambda function are one worker, however many
// processes run them.
func owner(kind string) string {
	if name := os.Getenv("AWS_LAMBDA_FUNCTION_NAME"); kind == "lambda" && name != "" {
		return name
	}
	host, err := os.Hostname()
	if err != nil {
		host = "host"
	}
	return fmt.Sprintf("%s-%d", host, os.Getpid())
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
