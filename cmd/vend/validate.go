package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/batch"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/ingest"
	"github.com/vend-cli/vend/internal/render"
	"github.com/vend-cli/vend/samples"
)

type validateOptions struct {
	file   string
	format render.ProblemFormat
	online bool
	atRoot bool
}

func validateCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "validate", Usage: "check an account list", ArgsUsage: "FILE|s3://BUCKET/KEY",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "format", Usage: "write problems as `text|json|github|sarif`", Value: "text"},
			&cli.BoolFlag{Name: "online", Usage: "also hold it against the organization and Identity Center", DisableDefaultText: true},
			atRootFlag("with --online: check for a list that is handed in with the consent"),
			&cli.BoolFlag{Name: "template", Usage: "print a header with example rows instead", DisableDefaultText: true},
		},
		CustomHelpTemplate: help(`Checks an account list without any call to AWS: its shape, its syntax, and what stands twice in it. With --online also
whether its organizational units are registered, its e-mails free, its groups and permission sets there.
All problems are told, each with its line and column. FILE may be -, the standard input, or an object in S3.`,
			[]string{"vend validate accounts.csv", "vend validate s3://my-account-lists/incoming/accounts.csv", "vend validate --format github accounts.csv", "vend validate --online accounts.csv", "vend validate --template > accounts.csv"}, 3, 4),
		Action: func(c *cli.Context) error {
			if c.Bool("template") {
				if _, err := operands(c, 0, 0); err != nil {
					return err
				}
				return template(s)
			}
			args, err := operands(c, 1, 1)
			if err != nil {
				return err
			}
			opts := validateOptions{file: args[0], format: render.ProblemFormat(c.String("format")), online: c.Bool("online"), atRoot: c.Bool(createRoleAtRoot)}
			if opts.atRoot && !opts.online {
				return usage("--create-role-at-root goes with --online: where accounts are AWS alone knows")
			}
			if s.results.Format == render.JSON && !c.IsSet("format") {
				opts.format = render.ProblemsJSON
			}
			return validate(c.Context, opts, s)
		},
	}
}

func validate(ctx context.Context, opts validateOptions, s *session) error {
	if err := s.noCSV("validate"); err != nil {
		return err
	}
	if !slices.Contains(render.ProblemFormats, opts.format) {
		return usage("--format is %q; it takes text, json, github or sarif", opts.format)
	}
	report, err := s.validated(ctx, opts)
	if err != nil {
		return err
	}
	if err := s.results.Problems(report, opts.format); err != nil {
		return err
	}
	if batch.Refused(report.Problems) {
		return errOutcome{3}
	}
	return nil
}

// validated is what there is to say about a list. Offline it is read as a stream, whatever its length.
func (s *session) validated(ctx context.Context, opts validateOptions) (batch.Report, error) {
	if opts.online {
		content, err := s.readInput(ctx, opts.file)
		if err != nil {
			return batch.Report{}, err
		}
		return s.checkOnline(ctx, ingest.Draft{Name: opts.file, Content: content, AtRoot: opts.atRoot})
	}
	in, size, err := s.openInput(ctx, opts.file)
	if err != nil {
		return batch.Report{}, err
	}
	defer func() { _ = in.Close() }() // it was only read
	report, err := batch.Check(opts.file, in, size)
	if err != nil {
		return report, unreadable(opts.file, err, listHint)
	}
	return report, nil
}

func check(name string, content []byte) (batch.Report, error) {
	report, err := batch.Check(name, bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return report, fmt.Errorf("check %s: %w", name, err)
	}
	return report, nil
}

// checkOnline holds a list against AWS as well. It needs no pipeline.
func (s *session) checkOnline(ctx context.Context, d ingest.Draft) (batch.Report, error) {
	c, err := s.config()
	if err != nil {
		return batch.Report{}, err
	}
	report, err := engine.Check(ctx, c, engine.Options{Log: s.log(slog.LevelWarn), Kind: "cli", Now: s.now}, d)
	if err != nil {
		return report, fmt.Errorf("check %s: %w", d.Name, err)
	}
	return report, nil
}

func template(s *session) error {
	_, err := s.stdout.Write(samples.Accounts)
	return err
}
