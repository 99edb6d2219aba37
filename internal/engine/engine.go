// Package engine joins the house for one configuration: the page that shows how everything is wired.
//
//	config ─▶ aws/* clients ─▶ ingest   (bucket, queue, organization, identitycenter)
//	                        ─▶ pipeline (accountfactory, organization, identitycenter, queue, stacksets,
//	                                     precheck ─▶ member)
//	                        ─▶ lifecycle (inbox, queue, ingest)
//	                        ─▶ worker   (queue, pipeline, lifecycle, ingest)
//
// It may import everything but render; only the commands import it.
package engine

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/accountfactory"
	"github.com/vend-cli/vend/internal/aws/bucket"
	"github.com/vend-cli/vend/internal/aws/identitycenter"
	"github.com/vend-cli/vend/internal/aws/inbox"
	"github.com/vend-cli/vend/internal/aws/member"
	"github.com/vend-cli/vend/internal/aws/organization"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/aws/stacksets"
	"github.com/vend-cli/vend/internal/batch"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/ingest"
	"github.com/vend-cli/vend/internal/lifecycle"
	"github.com/vend-cli/vend/internal/pipeline"
	"github.com/vend-cli/vend/internal/worker"
)

// Options are what a command knows beyond the configuration. The zero value will do.
type Options struct {
	AWS  *aws.Config  // instead of what the environment says
	Log  *slog.Logger // nil: silent
	Kind string       // of worker: worker, lambda or cli
	Now  func() time.Time
	// Looks is how many looks at accounts are made at once before they are enrolled; 0 is 8.
	Looks int
}

// Engine is one pipeline, as one process sees it.
type Engine struct {
	Config config.Config // settings merged with those of the table
	Queue  *queue.Client

	options Options
	aws     aws.Config
	bucket  *bucket.Client
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
	e.join(c.Settings.Or(pushed).Or(account.DefaultSettings()))
	return e, nil
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
	e.aws.APIOptions = append(e.aws.APIOptions, fenced)
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
}

// Work works as the options say; see [worker.Worker.Run].
func (e *Engine) Work(ctx context.Context, o worker.Options) error {
	w, _, err := e.worker(o)
	if err != nil {
		return err
	}
	return w.Run(ctx)
}

// Tick does what messages ask for that were brought here, then works once; see [worker.Options]. It returns those that
// could not be handled: they are to be brought again.
func (e *Engine) Tick(ctx context.Context, messages []account.Message) (unhandled []account.Message, err error) {
	w, events, err := e.worker(worker.Options{Once: true})
	if err != nil {
		return messages, err
	}
	for _, m := range messages {
		if err := events.Handle(ctx, m); err != nil {
			e.options.Log.Warn("a message could not be handled", "message", m.ID, "error", err)
			unhandled = append(unhandled, m)
		}
	}
	return unhandled, w.Run(ctx)
}

// worker wires the whole pipeline.
func (e *Engine) worker(o worker.Options) (*worker.Worker, *lifecycle.Listener, error) {
	s, log := e.Config.Settings, e.options.Log
	view := e.view(e.Queue.Now)
	uploads := e.ingester(view, e.Queue)
	window, err := account.ParseWindow(s.Window)
	if err != nil {
		return nil, nil, account.Refused{Code: "V3011", Reason: "window: " + err.Error(), Hint: `write "Mon-Fri 19:00-07:00 Europe/Berlin"`}
	}
	o.Kind, o.Poll, o.Window = or(e.options.Kind, "worker"), s.PollInterval.Std(), window.Open
	o.Owner = owner(o.Kind)
	o.Now, o.Log = e.options.Now, log
	events := &lifecycle.Listener{Inbox: inbox.New(e.aws, e.Config.QueueURL), Waker: e.Queue, Uploads: uploads, Log: log}
	return worker.New(worker.Ports{
		Claims: e.Queue, Line: e.Queue, Desk: e.Queue, Uploads: uploads,
		Pipeline: pipeline.New(pipeline.Ports{
			Factory: judged{view.factory}, Organization: view.organization, Identity: view.identity, Slots: e.Queue,
			Prechecks: looker{engine: e, view: view}, StackSets: view.stackSets,
		}, s),
		Events: events,
	}, o), events, nil
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
	s := e.Config.Settings.IdentityCenter
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
		identity: identitycenter.New(e.aws, identitycenter.Options{
			InstanceARN: s.InstanceARN, CallsPerSecond: s.CallsPerSecond, Outstanding: s.Outstanding, Now: e.options.Now,
		}),
	}
}

// ingester takes uploads in; without a queue it only judges them.
func (e *Engine) ingester(v view, q *queue.Client) *ingest.Ingester {
	ports := ingest.Ports{Bucket: e.bucket, Organization: v.organization, Identity: v.identity}
	if q != nil {
		ports.Batches, ports.Requests = q, q
	}
	return ingest.New(ports, ingest.Options{
		Bucket: e.Config.Bucket, Prefix: e.Config.Prefix, Settings: e.Config.Settings, Now: e.options.Now, Log: e.options.Log,
	})
}

// Check judges a list against the organization and Identity Center as they are now; it needs neither bucket nor table, and
// knows of no request.
func Check(ctx context.Context, c config.Config, o Options, name string, content []byte) (batch.Report, error) {
	e, err := prepare(ctx, c, o)
	if err != nil {
		return batch.Report{}, err
	}
	_, report, err := e.ingester(e.view(e.options.Now), nil).Preview(ctx, name, content)
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
