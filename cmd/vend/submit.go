package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/batch"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/render"
	"github.com/vend-cli/vend/internal/worker"
)

type submitOptions struct {
	file    string
	wait    bool
	work    bool
	timeout time.Duration
	atRoot  bool
}

const createRoleAtRoot = "create-role-at-root"

// atRootFlag is the consent that an account in the root needs. A plan has its own: it is given where the plan is made.
func atRootFlag(usage string) cli.Flag {
	return &cli.BoolFlag{Name: createRoleAtRoot, Usage: usage + ": accounts in the root are enrolled, too, where the stack set of the role names the root and the account as its target", DisableDefaultText: true}
}

func submitCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "submit", Usage: "check an account list and hand it in", ArgsUsage: "FILE|PLAN",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "wait", Usage: "watch until all is settled", DisableDefaultText: true},
			&cli.DurationFlag{Name: "timeout", Usage: "with --wait: give up watching after `DURATION`; the batch goes on"},
			&cli.BoolFlag{Name: "work", Usage: "also work on it in this process, and wait", DisableDefaultText: true},
			atRootFlag("hand it in with the consent"),
		},
		CustomHelpTemplate: help(`Checks the list as vend validate does, and uploads it to the bucket; with a problem in it nothing is uploaded.
Prints the batch id. A worker does the rest: vend work, here or elsewhere.

PLAN is what vend plan --out has written: its list is handed in, and a worker that would now do something else than the
plan says refuses it whole.

A row with the AccountId of an account in the root is rejected without --create-role-at-root; a plan has it from
vend plan --create-role-at-root.`,
			[]string{"vend submit accounts.csv", "vend submit accounts.plan --wait", "vend submit accounts.csv --wait --timeout 2h", "vend submit accounts.csv --work"}, 3, 4, 5, 8, 130),
		Action: func(c *cli.Context) error {
			args, err := operands(c, 1, 1)
			if err != nil {
				return err
			}
			opts := submitOptions{file: args[0], wait: c.Bool("wait") || c.Bool("work"), work: c.Bool("work"), timeout: c.Duration("timeout"), atRoot: c.Bool(createRoleAtRoot)}
			if c.IsSet("timeout") && (!opts.wait || opts.timeout <= 0) {
				return usage("--timeout takes a duration above zero, and goes with --wait")
			}
			return submit(c.Context, opts, s)
		},
	}
}

func submit(ctx context.Context, opts submitOptions, s *session) error {
	if err := s.noCSV("submit"); err != nil {
		return err
	}
	name, content, plan, err := s.handedIn(ctx, opts.file)
	if err != nil {
		return err
	}
	if plan != nil && opts.atRoot && !plan.AtRoot {
		return usage("--create-role-at-root goes with a list; %s is a plan that was made without: run vend plan FILE --create-role-at-root --out PLAN", opts.file)
	}
	report, err := check(name, content)
	if err != nil {
		return err
	}
	if err := s.problems(report); err != nil {
		return err
	}
	e, c, err := s.open(ctx, "cli", slog.LevelWarn, "bucket", "table")
	if err != nil {
		return err
	}
	e.SignUploads(ctx)
	var uploaded account.Batch
	switch {
	case plan != nil:
		uploaded, err = e.UploadPlanned(ctx, uploadName(name), content, *plan)
	case opts.atRoot:
		uploaded, err = e.UploadAtRoot(ctx, uploadName(name), content)
	default:
		uploaded, err = e.Upload(ctx, uploadName(name), content)
	}
	if err != nil {
		return fmt.Errorf("submit %s: %w", opts.file, err)
	}
	uploaded.Rows = report.Rows
	if !opts.wait {
		return s.results.Submitted(uploaded)
	}
	s.goOn = "The batch was handed in and goes on: vend status " + uploaded.ID
	s.say("Handed in as %s.", uploaded.ID)
	watch := waiting{batch: uploaded, timeout: opts.timeout, every: min(lookAgain, c.Settings.Or(account.DefaultSettings()).PollInterval.Std()), results: true}
	if opts.work {
		return working(ctx, e, func(ctx context.Context) error { return watch.until(ctx, e, s) })
	}
	return watch.until(ctx, e, s)
}

// handedIn is the list that the user names, or that is inside the plan which he names.
func (s *session) handedIn(ctx context.Context, file string) (name string, content []byte, plan *account.Plan, err error) {
	if content, err = s.readInput(ctx, file); err != nil {
		return file, nil, nil, err
	}
	f, planned, err := readPlan(file, content)
	if err != nil || !planned {
		return file, content, nil, err
	}
	return f.Plan.File, f.List, &f.Plan, nil
}

// problems tells what is wrong with a list that was to be handed in. With -o json the report is a document on stdout, as
// `vend validate` writes it, for nothing else follows; warnings alone are for people, and stop nothing.
func (s *session) problems(report batch.Report) error {
	if !batch.Refused(report.Problems) {
		if len(report.Problems) > 0 && !s.quiet {
			return render.Printer{Out: s.stderr, Now: s.now}.Problems(report, render.ProblemsText)
		}
		return nil
	}
	if s.results.Format == render.JSON {
		if err := s.results.Problems(report, render.ProblemsJSON); err != nil {
			return err
		}
		return errOutcome{3}
	}
	if err := (render.Printer{Out: s.stderr, Now: s.now}).Problems(report, render.ProblemsText); err != nil {
		return err
	}
	s.say("Nothing was handed in.")
	return errOutcome{3}
}

// uploadName is the name under which a file is uploaded.
func uploadName(file string) string {
	if file == "-" {
		return "stdin.csv"
	}
	return filepath.Base(file)
}

// working runs the engine beside f, and stops it when f has ended.
func working(ctx context.Context, e *engine.Engine, f func(context.Context) error) error {
	work, stop := context.WithCancel(ctx)
	defer stop()
	watch, give := context.WithCancelCause(ctx)
	defer give(nil)
	ended := make(chan error, 1)
	go func() {
		err := e.Work(work, worker.Options{})
		if err != nil {
			give(err) // a worker that can't work would be waited for in vain
		}
		ended <- err
	}()
	err := f(watch)
	stop()
	if broken := <-ended; broken != nil {
		return broken
	}
	return err
}
