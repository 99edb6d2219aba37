package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/render"
)

type statusOptions struct {
	id         string // of a batch or a request; empty: all that is open and the last that finished
	all        bool
	wide       bool
	failed     bool
	watch      bool
	exitStatus bool
}

// overviewer tells where everything stands.
type overviewer interface {
	Overview(ctx context.Context, f queue.Filter) (account.Overview, error)
}

// outlooker tells what can be expected of it, too.
type outlooker interface {
	Outlook(ctx context.Context, f queue.Filter) (account.Overview, error)
}

func statusCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "status", Usage: "where everything stands", ArgsUsage: "[BATCH|REQUEST]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "all", Usage: "every batch and every request", DisableDefaultText: true},
			&cli.BoolFlag{Name: "wide", Usage: "every column, whatever the width of the terminal", DisableDefaultText: true},
			&cli.BoolFlag{Name: "failed", Usage: "only failed requests and rejected rows", DisableDefaultText: true},
			&cli.BoolFlag{Name: "watch", Usage: "look again every two seconds, until nothing is pending: bars on a terminal, a line a minute elsewhere", DisableDefaultText: true},
			&cli.BoolFlag{Name: "exit-status", Usage: "exit 8 while anything is pending, else 5 if anything failed or was rejected", DisableDefaultText: true},
		},
		CustomHelpTemplate: help(`Shows open batches and the last 20 that finished, the worst first, on one screen of 80 columns.
With -o json it holds every request of these batches. A list that was uploaded within a week and that no worker has begun
to read is shown, too, and is pending.

Behind a request that waits stands its place in the line for account operations and in what time its own ends (#3 1h–2h30m),
as a range, going by how long the last ones took.`,
			[]string{"vend status", "vend status --watch", "vend status b-0123456789ab --failed", "vend status --exit-status -o json"}, 4, 5, 8, 10, 130),
		Action: func(c *cli.Context) error {
			args, err := operands(c, 0, 1)
			if err != nil {
				return err
			}
			return status(c.Context, statusOptions{
				id: append(args, "")[0], all: c.Bool("all"), wide: c.Bool("wide"), failed: c.Bool("failed"),
				watch: c.Bool("watch"), exitStatus: c.Bool("exit-status"),
			}, s)
		},
	}
}

func status(ctx context.Context, opts statusOptions, s *session) error {
	if _, err := opts.filter(); err != nil {
		return err
	}
	e, _, err := s.open(ctx, "cli", slog.LevelWarn, "table")
	if err != nil {
		return err
	}
	if opts.watch {
		return watch(ctx, opts, e, s)
	}
	o, err := look(ctx, opts, e, s)
	if err != nil {
		return err
	}
	if err := s.results.Status(o, opts.shown()); err != nil {
		return err
	}
	return opts.ended(o)
}

const (
	lookAgain = 2 * time.Second
	tellAgain = time.Minute // where lines can't be replaced
)

// watch looks again and again, until nothing is pending or ctx ends, and then shows where everything stands. Meanwhile it
// draws bars where lines can be replaced; elsewhere it writes a line a minute. JSON and CSV have all of each look.
func watch(ctx context.Context, opts statusOptions, e outlooker, s *session) error {
	s.goOn = "The work goes on by itself; `" + strings.TrimRight("vend status --watch "+opts.id, " ") + "` goes on watching."
	s.results.Lines = true
	table := s.results.Format == render.Table
	live := table && width(s.stdout) > 0 && s.env("TERM") != "dumb"
	bars := render.NewProgress(s.stdout, live, s.results.Color, s.results.Width, s.now)
	defer bars.Close()
	var told time.Time
	for {
		o, err := look(ctx, opts, e, s)
		if err != nil {
			return err
		}
		pending := outcome(o, opts.shown()) == 8
		switch {
		case !table || !pending:
			bars.Close()
			if err := s.results.Status(o, opts.shown()); err != nil || !pending {
				return errors.Join(err, opts.ended(o))
			}
		case live:
			s.results.Width = width(s.stdout)
			bars.Resize(s.results.Width, height(s.stdout))
			bars.Show(o)
		case s.now().Sub(told) >= tellAgain:
			told = s.now()
			if err := s.results.Tick(o, opts.shown()); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lookAgain):
		}
	}
}

func look(ctx context.Context, opts statusOptions, e outlooker, s *session) (account.Overview, error) {
	filter, err := opts.filter()
	if err != nil {
		return account.Overview{}, err
	}
	if s.results.Format == render.Table && !opts.all && !opts.wide {
		filter.Most = render.RequestsShown // what does not fit on the screen need not be read
	}
	o, err := e.Outlook(ctx, filter)
	if err != nil {
		return o, fmt.Errorf("look up status: %w", err)
	}
	return o, nil
}

func (opts statusOptions) filter() (queue.Filter, error) {
	f := queue.Filter{All: opts.all, Failed: opts.failed}
	switch {
	case opts.id == "":
	case strings.HasPrefix(opts.id, "b-"):
		f.Batch = opts.id
	case strings.HasPrefix(opts.id, "r-"):
		f.Request = opts.id
	default:
		return f, notFound(fmt.Sprintf("there is no batch or request %q", opts.id), "Ids begin with b- or r-; `vend status --all` lists them.")
	}
	return f, nil
}

func (opts statusOptions) shown() render.StatusOptions {
	return render.StatusOptions{
		All: opts.all || opts.failed, Wide: opts.wide, One: strings.HasPrefix(opts.id, "r-"), Failed: opts.failed && opts.id == "",
	}
}

func (opts statusOptions) ended(o account.Overview) error {
	if code := outcome(o, opts.shown()); opts.exitStatus && code != 0 {
		return errOutcome{code}
	}
	return nil
}

// outcome is the exit code that an overview stands for: 8 while anything is pending, else 5 if anything failed or was
// rejected, else 0.
func outcome(o account.Overview, shown render.StatusOptions) int {
	code := 0
	if !shown.One {
		for _, b := range o.Batches {
			if b.State.Unread() {
				return 8
			}
			if b.Failure != nil {
				code = 5
			}
		}
	}
	for stage, n := range shown.Summary(o) {
		switch {
		case n == 0:
		case stage.Open():
			return 8
		case stage == account.Failed || stage == account.Rejected:
			code = 5
		}
	}
	return code
}
