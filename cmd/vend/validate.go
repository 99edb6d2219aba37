package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/batch"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/render"
	"github.com/vend-cli/vend/samples"
)

type validateOptions struct {
	file   string
	format render.ProblemFormat
	online bool
}

func validateCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "validate", Usage: "check an account list", ArgsUsage: "FILE",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "format", Usage: "write problems as `text|json|github|sarif`", Value: "text"},
			&cli.BoolFlag{Name: "online", Usage: "also hold it against the organization and Identity Center", DisableDefaultText: true},
			&cli.BoolFlag{Name: "template", Usage: "print a header with example rows instead", DisableDefaultText: true},
		},
		CustomHelpTemplate: help(`Checks an account list without any call to AWS: its shape, its syntax, and what stands twice in it. With --online also
whether its organizational units are registered, its e-mails free, its groups and permission sets there.
All problems are told, each with its line and column. FILE may be -, the standard input.`,
			[]string{"vend validate accounts.csv", "vend validate --format github accounts.csv", "vend validate --online accounts.csv", "vend validate --template > accounts.csv"}, 3, 4),
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
			opts := validateOptions{file: args[0], format: render.ProblemFormat(c.String("format")), online: c.Bool("online")}
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
	content, err := s.readInput(opts.file)
	if err != nil {
		return err
	}
	report, err := check(opts.file, content)
	if err == nil && opts.online {
		report, err = s.checkOnline(ctx, opts.file, content)
	}
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

func check(name string, content []byte) (batch.Report, error) {
	report, err := batch.Check(name, bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return report, fmt.Errorf("check %s: %w", name, err)
	}
	return report, nil
}

// checkOnline holds a list against AWS as well. It needs no pipeline.
func (s *session) checkOnline(ctx context.Context, name string, content []byte) (batch.Report, error) {
	c, err := s.config()
	if err != nil {
		return batch.Report{}, err
	}
	report, err := engine.Check(ctx, c, engine.Options{Log: s.log(slog.LevelWarn), Kind: "cli", Now: s.now}, name, content)
	if err != nil {
		return report, fmt.Errorf("check %s: %w", name, err)
	}
	return report, nil
}

// readInput reads the account list that the user names. What is larger than a list may be is cut behind that bound,
// where the check refuses it.
func (s *session) readInput(name string) ([]byte, error) {
	const bound = 33 << 20
	in := s.stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, unreadable(name, err, listHint)
		}
		defer func() { _ = file.Close() }() // it was only read
		in = file
	}
	content, err := io.ReadAll(io.LimitReader(in, bound))
	if err != nil {
		return nil, unreadable(name, err, listHint)
	}
	return content, nil
}

const listHint = "Name the account list; `vend validate --template` prints one to begin with."

func unreadable(name string, err error, hint string) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return &errInput{code: account.CodeUnreadable, message: fmt.Sprintf("can't read %s: %v", name, err), hint: hint}
}

func template(s *session) error {
	_, err := s.stdout.Write(samples.Accounts)
	return err
}
