package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/batch"
	"github.com/vend-cli/vend/internal/render"
)

type planOptions struct {
	file     string
	detailed bool
}

func planCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "plan", Usage: "say what would be done with an account list", ArgsUsage: "FILE",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit 2 when the plan has changes", DisableDefaultText: true},
		},
		CustomHelpTemplate: help(`Says what a worker would do with the list if it were handed in now: which accounts would be created, enrolled or
changed, which assignments made, which rows skipped or rejected and why, and how long it takes. It changes nothing.`,
			[]string{"vend plan accounts.csv", "vend plan accounts.csv --detailed-exitcode"}, 2, 3, 4),
		Action: func(c *cli.Context) error {
			args, err := operands(c, 1, 1)
			if err != nil {
				return err
			}
			return plan(c.Context, planOptions{file: args[0], detailed: c.Bool("detailed-exitcode")}, s)
		},
	}
}

func plan(ctx context.Context, opts planOptions, s *session) error {
	if err := s.noCSV("plan"); err != nil {
		return err
	}
	content, err := s.readInput(opts.file)
	if err != nil {
		return err
	}
	e, _, err := s.open(ctx, "cli", slog.LevelWarn, "table")
	if err != nil {
		return err
	}
	planned, report, err := e.Plan(ctx, opts.file, content)
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
	switch {
	case batch.Refused(report.Problems):
		return errOutcome{3}
	case opts.detailed && planned.Changes():
		return errOutcome{2}
	}
	return nil
}
