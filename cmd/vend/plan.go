package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/batch"
	"github.com/vend-cli/vend/internal/ingest"
	"github.com/vend-cli/vend/internal/render"
)

type planOptions struct {
	file     string
	out      string // empty: no plan file
	detailed bool
	atRoot   bool
}

func planCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "plan", Usage: "say what would be done with an account list", ArgsUsage: "FILE",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "also write the plan to `PLAN`, for vend submit PLAN"},
			atRootFlag("plan for a list that is handed in with the consent"),
			&cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit 2 when the plan has changes", DisableDefaultText: true},
		},
		CustomHelpTemplate: help(`Says what a worker would do with the list if it were handed in now: which accounts would be created, enrolled or
changed, which assignments made, which rows skipped or rejected and why, how long it takes, and whether the quota of
accounts has room. It changes nothing.

With --out the plan is written to a file, the list inside. vend submit PLAN hands that list in; a worker that would then
do something else than the plan says refuses it, and says what has changed. A plan made with --create-role-at-root is handed
in with that consent.`,
			[]string{"vend plan accounts.csv", "vend plan accounts.csv --detailed-exitcode", "vend plan accounts.csv --out accounts.plan && vend submit accounts.plan"}, 2, 3, 4),
		Action: func(c *cli.Context) error {
			args, err := operands(c, 1, 1)
			if err != nil {
				return err
			}
			return plan(c.Context, planOptions{file: args[0], out: c.String("out"), detailed: c.Bool("detailed-exitcode"), atRoot: c.Bool(createRoleAtRoot)}, s)
		},
	}
}

func plan(ctx context.Context, opts planOptions, s *session) error {
	if err := s.noCSV("plan"); err != nil {
		return err
	}
	content, err := s.readInput(ctx, opts.file)
	if err != nil {
		return err
	}
	e, _, err := s.open(ctx, "cli", slog.LevelWarn, "table")
	if err != nil {
		return err
	}
	planned, report, err := e.Plan(ctx, ingest.Draft{Name: opts.file, Content: content, AtRoot: opts.atRoot})
	if err != nil {
		return fmt.Errorf("plan %s: %w", opts.file, err)
	}
	if len(report.Problems) > 0 && s.results.Format != render.JSON {
		if err := (render.Printer{Out: s.stderr, Now: s.now}).Problems(report, render.ProblemsText); err != nil {
			return err
		}
	}
	if err := s.results.Plan(planned, report); err != nil {
		return err
	}
	if batch.Refused(report.Problems) {
		if opts.out != "" {
			s.say("No plan was written to %s: the list has errors.", opts.out)
		}
		return errOutcome{3}
	}
	if opts.out != "" {
		if err := writePlan(opts.out, planned, content); err != nil {
			return err
		}
		s.say("The plan is in %s. Hand it in with: vend submit %s", opts.out, opts.out)
	}
	switch {
	case opts.detailed && planned.Changes():
		return errOutcome{2}
	}
	return nil
}
