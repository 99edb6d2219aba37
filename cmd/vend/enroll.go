package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/batch"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/render"
)

type enrollOptions struct {
	ask     engine.EnrollAsk
	file    string // with rows; empty: none
	check   bool
	wait    bool
	work    bool
	timeout time.Duration
	remove  bool // the role's stack set, afterwards
	format  render.CheckFormat
	summary string // file that a Markdown summary is appended to
}

func enrollCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "enroll", Usage: "bring existing accounts under Control Tower",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "from-ou", Usage: "the accounts of `OU`: id, path or name"},
			&cli.BoolFlag{Name: "recursive", Usage: "with --from-ou: also those in the units below it", DisableDefaultText: true},
			&cli.StringSliceFlag{Name: "account", Usage: "the account with this `ID`; may be repeated"},
			&cli.StringSliceFlag{Name: "email", Usage: "the account with this root e-mail `ADDRESS`; may be repeated"},
			&cli.StringFlag{Name: "file", Usage: "the rows of the account list `CSV`, each with an AccountId; - is the standard input"},
			&cli.StringFlag{Name: "to-ou", Usage: "where they go: `OU`; rows of a list that name their own go there"},
			&cli.BoolFlag{Name: "create-ou", Usage: "make and register --to-ou where it is missing", DisableDefaultText: true},
			&cli.StringFlag{Name: "ou", Usage: "with --register: `OU`, which is registered in place with its accounts"},
			&cli.BoolFlag{Name: "register", Usage: "register --ou with Control Tower; no role and no pipeline is needed", DisableDefaultText: true},
			&cli.IntFlag{Name: "first", Usage: "only the first `N` accounts that can be enrolled, to begin small"},
			&cli.BoolFlag{Name: "create-role-at-root", Usage: "also accounts in the root, where the stack set names the root and the account as its target", DisableDefaultText: true},
			&cli.BoolFlag{Name: "check", Usage: "look, report and stop: nothing is changed", DisableDefaultText: true},
			&cli.BoolFlag{Name: "wait", Usage: "watch until all is settled", DisableDefaultText: true},
			&cli.DurationFlag{Name: "timeout", Usage: "with --wait: give up watching after `DURATION`; the enrollments go on"},
			&cli.BoolFlag{Name: "work", Usage: "also work on them in this process, and wait", DisableDefaultText: true},
			&cli.BoolFlag{Name: "remove-role-stack", Usage: "with --wait: take enrolled accounts out of the stack set of the role afterwards, and delete it when it is empty; their roles stay", DisableDefaultText: true},
			&cli.StringFlag{Name: "format", Usage: "write the checks as `text|json|markdown|github`", Value: string(render.ChecksText)},
			&cli.StringFlag{Name: "summary", Usage: "append a summary in Markdown to `FILE`, such as $GITHUB_STEP_SUMMARY"},
		},
		CustomHelpTemplate: help(`Looks at existing accounts before anything is changed: from outside and, in every governed Region, from inside. Accounts
that are fit are handed in as an account list, and a worker enrolls them one after the other: vend work, here or elsewhere.
Unfit ones are left out, each with the command that mends it; run vend enroll again afterwards. Accounts that are enrolled,
suspended, excluded, or the landing zone's own are skipped. Running it again makes nothing twice.

Where the role AWSControlTowerExecution is missing a worker puts it into just that account, through a stack set. In a
landing zone that enrolls by itself accounts are moved instead, and no role is needed.`,
			[]string{
				"vend enroll --from-ou Legacy --to-ou Workloads/Prod --check",
				"vend enroll --from-ou Legacy --to-ou Workloads/Prod --first 2 --wait --work",
				"vend enroll --account 222222222201 --account 222222222202 --to-ou Sandbox",
				"vend enroll --file enroll.csv --wait --timeout 4h -o json",
				"vend enroll --ou Legacy --register",
			}, 3, 4, 5, 8, 130),
		Action: func(c *cli.Context) error {
			if _, err := operands(c, 0, 0); err != nil {
				return err
			}
			opts := enrollOptions{
				ask: engine.EnrollAsk{
					From: c.String("from-ou"), Recursive: c.Bool("recursive"), Accounts: slices.Concat(c.StringSlice("account"), c.StringSlice("email")),
					To: c.String("to-ou"), Create: c.Bool("create-ou"), First: c.Int("first"), AtRoot: c.Bool("create-role-at-root"),
				},
				file: c.String("file"), check: c.Bool("check"), wait: c.Bool("wait") || c.Bool("work"), work: c.Bool("work"),
				timeout: c.Duration("timeout"), remove: c.Bool("remove-role-stack"), format: render.CheckFormat(c.String("format")),
				summary: c.String("summary"),
			}
			if c.Bool("register") {
				opts.ask.Whole = c.String("ou")
			}
			if err := opts.refuse(c); err != nil {
				return err
			}
			return enroll(c.Context, opts, s)
		},
	}
}

// refuse says which options do not go together.
func (o enrollOptions) refuse(c *cli.Context) error {
	ways := 0
	for _, name := range []string{"from-ou", "account", "email", "file", "ou"} {
		if c.IsSet(name) {
			ways++
		}
	}
	if c.IsSet("account") && c.IsSet("email") {
		ways--
	}
	digits := func(id string) bool { return len(id) == 12 && strings.Trim(id, "0123456789") == "" }
	wrongID := slices.IndexFunc(c.StringSlice("account"), func(id string) bool { return !digits(id) })
	wrongEmail := slices.IndexFunc(c.StringSlice("email"), func(address string) bool { return !strings.Contains(address, "@") })
	switch {
	case ways != 1:
		return usage("enroll takes one of --from-ou, --account, --email, --file, or --ou with --register")
	case wrongID >= 0:
		return usage("--account takes an account id of 12 digits, not %q", c.StringSlice("account")[wrongID])
	case wrongEmail >= 0:
		return usage("--email takes an e-mail address, not %q", c.StringSlice("email")[wrongEmail])
	case c.IsSet("ou") != c.Bool("register"):
		return usage("--ou and --register go together: the unit is registered in place, with the accounts in it")
	case c.Bool("register") && (c.IsSet("to-ou") || o.ask.Create || o.ask.First != 0 || o.work || o.remove || o.ask.AtRoot):
		return usage("--register takes a whole unit where it is: --to-ou, --create-ou, --first, --work, --create-role-at-root and --remove-role-stack do not go with it")
	case c.IsSet("ou") && strings.TrimSpace(o.ask.Whole) == "", c.IsSet("from-ou") && strings.TrimSpace(o.ask.From) == "", c.IsSet("to-ou") && strings.TrimSpace(o.ask.To) == "":
		return usage("an organizational unit is given as its id, path or name")
	case !c.Bool("register") && o.ask.To == "" && o.file == "":
		return usage("enroll needs --to-ou: where the accounts go")
	case o.ask.Create && o.ask.To == "":
		return usage("--create-ou goes with --to-ou")
	case o.ask.Recursive && o.ask.From == "":
		return usage("--recursive goes with --from-ou")
	case c.IsSet("first") && o.ask.First < 1:
		return usage("--first takes a number above zero")
	case o.check && (o.wait || o.remove):
		return usage("--check stops before anything is handed in: --wait, --work and --remove-role-stack do not go with it")
	case c.IsSet("timeout") && (!o.wait && !c.Bool("register") || o.timeout <= 0):
		return usage("--timeout takes a duration above zero, and goes with --wait")
	case o.remove && !o.wait:
		return usage("--remove-role-stack goes with --wait or --work")
	case !slices.Contains(render.CheckFormats, o.format):
		return usage("--format is %q; it takes text, json, markdown or github", o.format)
	}
	return nil
}

func enroll(ctx context.Context, opts enrollOptions, s *session) error {
	if err := s.noCSV("enroll"); err != nil {
		return err
	}
	if opts.file != "" {
		rows, err := s.rowsToEnroll(ctx, opts.file, opts.ask.To != "")
		if err != nil {
			return err
		}
		opts.ask.Rows = rows
	}
	e, err := s.openToEnroll(ctx, opts)
	if err != nil {
		return err
	}
	s.goOn = "Run it again: it goes on where it was."
	n, err := e.Survey(ctx, opts.ask)
	if err != nil {
		return fmt.Errorf("look at accounts: %w", err)
	}
	if opts.check {
		return s.checked(n, opts)
	}
	if err := s.tellChecks(n, opts); err != nil {
		return err
	}
	if opts.ask.Whole != "" {
		return s.registerInPlace(ctx, e, n, opts)
	}
	return s.handIn(ctx, e, n, opts)
}

// openToEnroll opens the pipeline; where nothing is handed in, there need not be one.
func (s *session) openToEnroll(ctx context.Context, opts enrollOptions) (*engine.Engine, error) {
	alone := opts.check || opts.ask.Whole != ""
	c, err := s.config()
	if err != nil {
		return nil, err
	}
	if alone && c.Table == "" {
		return engine.OpenToLook(ctx, c, engine.Options{Log: s.log(slog.LevelWarn), Kind: "cli", Now: s.now})
	}
	needs := []string{"bucket", "table"}
	if alone {
		needs = needs[1:]
	}
	e, _, err := s.open(ctx, "cli", slog.LevelWarn, needs...)
	return e, err
}

// rowsToEnroll reads the rows of a list. Its problems are told as those of any list; that a row names no unit is none where
// the command does.
func (s *session) rowsToEnroll(ctx context.Context, file string, toUnit bool) ([]batch.Row, error) {
	content, err := s.readInput(ctx, file)
	if err != nil {
		return nil, err
	}
	report, err := check(file, content)
	if err != nil {
		return nil, err
	}
	if toUnit {
		report.Problems = slices.DeleteFunc(report.Problems, func(p batch.Problem) bool {
			return p.Field == batch.OrgUnit && p.Code == account.CodeRequired || p.Code == account.CodeColumnMissing && p.Message == "The column "+batch.OrgUnit+" is missing"
		})
	}
	if err := s.problems(report); err != nil {
		return nil, err
	}
	rows := []batch.Row{}
	list := batch.Read(bytes.NewReader(content), int64(len(content)))
	for row := range list.Rows() {
		if row.AccountID == "" {
			return nil, &errInput{
				code: account.CodeAccountID, message: fmt.Sprintf("%s:%d: the row has no AccountId", file, row.Line),
				hint: "vend enroll brings existing accounts under Control Tower; vend submit makes new ones.",
			}
		}
		rows = append(rows, row)
	}
	if err := list.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return rows, nil
}

// checked ends a run that only looks.
func (s *session) checked(n *engine.Enrollment, opts enrollOptions) error {
	format := opts.format
	if s.results.Format == render.JSON {
		format = render.ChecksJSON
	}
	if err := s.results.Checks(n.Reports, format); err != nil {
		return err
	}
	s.sayKnown(n)
	if err := s.summarize(opts, func(p render.Printer) error { return p.Checks(n.Reports, render.ChecksMarkdown) }); err != nil {
		return err
	}
	if n.Blocked() > 0 {
		return errOutcome{5}
	}
	return nil
}

// tellChecks tells people what was seen, before something is done. What scripts asked for goes to the results, annotations
// for a workflow run among them; with -o json those have one document only, which is yet to come.
func (s *session) tellChecks(n *engine.Enrollment, opts enrollOptions) error {
	if err := s.summarize(opts, func(p render.Printer) error { return p.Checks(n.Reports, render.ChecksMarkdown) }); err != nil {
		return err
	}
	if opts.format == render.ChecksText && s.quiet {
		return nil
	}
	talk := render.Printer{Out: s.stderr, Color: s.complaints.Color, Width: s.complaints.Width, Now: s.now}
	if err := talk.Checks(n.Reports, opts.format); err != nil {
		return err
	}
	s.sayKnown(n)
	return nil
}

// sayKnown tells of requests that the pipeline has already, and of accounts that are left for later.
func (s *session) sayKnown(n *engine.Enrollment) {
	for _, r := range n.Reports {
		if was, ok := n.Underway[r.Account.ID]; ok {
			s.say("%s is under way already: request %s is %s.", r.Account.ID, was.ID, was.Stage)
		}
		if was, ok := n.Dead[r.Account.ID]; ok && was.Failure != nil {
			s.say("%s failed (%s: %s). Next: vend status %s", r.Account.ID, was.Failure.Code, was.Failure.Message, was.ID)
		}
	}
	switch {
	case n.Later == 1:
		s.say("1 more account is left for another run (--first).")
	case n.Later > 1:
		s.say("%d more accounts are left for another run (--first).", n.Later)
	}
}

// summarize appends to the file of --summary.
func (s *session) summarize(opts enrollOptions, write func(render.Printer) error) error {
	if opts.summary == "" {
		return nil
	}
	file, err := os.OpenFile(opts.summary, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644) //nolint:gosec // a page that the job's runner reads
	if err == nil {
		err = errors.Join(write(render.Printer{Out: file, Now: s.now}), file.Close())
	}
	if err != nil {
		return &errHere{code: "V3011", message: fmt.Sprintf("the summary can't be written to %s: %v", opts.summary, err), hint: "Give another file to --summary."}
	}
	return nil
}

// registerInPlace registers a unit with all that is in it, and reports each account.
func (s *session) registerInPlace(ctx context.Context, e *engine.Engine, n *engine.Enrollment, opts enrollOptions) error {
	if n.Blocked() > 0 {
		s.say("Control Tower registers a unit whole: it would fail for these accounts. Nothing was changed.")
		return errOutcome{5}
	}
	limited, cancel := ctx, context.CancelFunc(func() {})
	if opts.timeout > 0 {
		limited, cancel = context.WithTimeout(ctx, opts.timeout)
	}
	defer cancel()
	if err := e.Register(limited, n, n.Unit, s.tellOnce()); err != nil {
		if ctx.Err() == nil && limited.Err() != nil {
			s.say("The time is up. Control Tower goes on; run it again to follow it.")
			return errOutcome{8}
		}
		return fmt.Errorf("register %s: %w", n.Unit.Path, err)
	}
	if err := e.Registered(ctx, n); err != nil {
		return err
	}
	opts.check = true
	return s.checked(n, opts)
}

// tellOnce tells what is waited for, each thing once in a row.
func (s *session) tellOnce() func(string) {
	last := ""
	return func(what string) {
		if what != last {
			s.say("%s", what)
		}
		last = what
	}
}
