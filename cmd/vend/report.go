package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/render"
)

func reportCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "report", Usage: "all that is known of one batch, for those who ask later", ArgsUsage: "BATCH",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "html", Usage: "write one page to `FILE`, and over it if it is there; - is stdout"},
		},
		CustomHelpTemplate: help(`Writes the requests of a batch as a table, as CSV or as JSON (the schema of vend status). With --html it is one page
that needs nothing beside itself: summary, failures with AWS's own words and the remedy, a time line of all accounts, and
who has which access. It reads in light and in dark, and on paper; no e-mail address of an account is in it.`,
			[]string{"vend report b-0123456789ab --html report.html", "vend report b-0123456789ab -o csv > batch.csv"}, 4, 10),
		Action: func(c *cli.Context) error {
			args, err := operands(c, 1, 1)
			if err != nil {
				return err
			}
			return report(c.Context, args[0], c.String("html"), s)
		},
	}
}

func report(ctx context.Context, id, html string, s *session) error {
	if !strings.HasPrefix(id, "b-") {
		return notFound(fmt.Sprintf("there is no batch %q", id), "Ids of batches begin with b-; `vend status --all` lists them.")
	}
	if html != "" && s.results.Format != render.Table {
		return usage("--html writes a page; it does not go with -o %s", s.results.Format)
	}
	e, _, err := s.open(ctx, "cli", slog.LevelWarn, "table")
	if err != nil {
		return err
	}
	if html == "" {
		o, err := look(ctx, statusOptions{id: id, all: true}, e, s)
		if err != nil {
			return err
		}
		return s.results.Status(o, render.StatusOptions{All: true})
	}
	o, histories, results, err := e.Report(ctx, id)
	if err != nil {
		return fmt.Errorf("look up batch: %w", err)
	}
	page := render.Report{Overview: o, Histories: histories, Results: results, Version: build().Version}
	if html == "-" {
		return s.results.Report(page)
	}
	var b strings.Builder
	if err := (render.Printer{Out: &b, Now: s.now}).Report(page); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if err := writeWhole("--html", html, b.String()); err != nil {
		return err
	}
	s.say("%s was written", html)
	return nil
}
