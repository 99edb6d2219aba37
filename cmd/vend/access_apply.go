package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/access"
	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/render"
)

type applyOptions struct {
	file                           string
	yes, detailed, allowManagement bool
}

const (
	accessFileHint = "samples/access.yaml shows how such a file looks."
	accessFile     = `The file (YAML) says which groups and users have which permission sets in which accounts; an account is given by id,
e-mail or name, or all ACTIVE accounts of an organizational unit by its path, id or name. Nothing is deleted but what
stands there with absent: true. Control Tower's own groups, accounts that are not ACTIVE and, without
--allow-management, the management account are left alone.`
)

func allowManagementFlag() cli.Flag {
	return &cli.BoolFlag{Name: "allow-management", Usage: "also change the management account", DisableDefaultText: true}
}

func accessDiffCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "diff", Usage: "compare a file with who has which permission set", ArgsUsage: "FILE",
		Flags: []cli.Flag{
			allowManagementFlag(), &cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit 2 when there are differences", DisableDefaultText: true},
		},
		CustomHelpTemplate: help("Says what vend access apply would make and delete. It changes nothing.\n\n"+accessFile,
			[]string{"vend access diff access.yaml", "vend access diff access.yaml --detailed-exitcode"}, 2, 3, 4),
		Action: func(c *cli.Context) error {
			args, err := operands(c, 1, 1)
			if err != nil {
				return err
			}
			opts := applyOptions{file: args[0], detailed: c.Bool("detailed-exitcode"), allowManagement: c.Bool("allow-management")}
			_, plan, err := accessPlan(c.Context, opts, s)
			if err == nil {
				err = s.results.AccessPlan(plan)
			}
			if err == nil && opts.detailed && plan.Changes() {
				return errOutcome{2}
			}
			return err
		},
	}
}

func accessApplyCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "apply", Usage: "bring about what a file says", ArgsUsage: "FILE",
		Flags: []cli.Flag{
			allowManagementFlag(), &cli.BoolFlag{Name: "yes", Usage: "do not ask", DisableDefaultText: true},
		},
		CustomHelpTemplate: help("Shows what it would make and delete, asks, and brings it about. What is there already is left alone, so it can be run\nagain at any time, also after it was interrupted.\n\n"+accessFile,
			[]string{"vend access apply access.yaml", "vend access apply access.yaml --yes"}, 3, 4, 5, 130),
		Action: func(c *cli.Context) error {
			args, err := operands(c, 1, 1)
			if err != nil {
				return err
			}
			return accessApply(c.Context, applyOptions{file: args[0], yes: c.Bool("yes"), allowManagement: c.Bool("allow-management")}, s)
		},
	}
}

func accessApply(ctx context.Context, opts applyOptions, s *session) error {
	a, plan, err := accessPlan(ctx, opts, s)
	if err != nil {
		return err
	}
	return carryOut(ctx, a, plan, opts.yes, s)
}

// accessPlan reads a file and compares it with what there is.
func accessPlan(ctx context.Context, opts applyOptions, s *session) (*engine.Access, access.Plan, error) {
	var none access.Plan
	if s.results.Format != render.Table {
		return nil, none, usage("access diff and apply write text; use -o table")
	}
	content, err := readAccessFile(opts.file)
	if err != nil {
		return nil, none, err
	}
	rules, problems := access.Read(content)
	if len(problems) > 0 {
		return nil, none, s.accessProblems(opts.file, problems)
	}
	a, err := s.openAccess(ctx)
	if err != nil {
		return nil, none, err
	}
	wishes, problems, err := a.Wishes(ctx, rules)
	if err != nil {
		return nil, none, fmt.Errorf("read %s: %w", opts.file, err)
	}
	if len(problems) > 0 {
		return nil, none, s.accessProblems(opts.file, problems)
	}
	plan, err := a.Plan(ctx, wishes, opts.allowManagement)
	if err != nil {
		return nil, none, fmt.Errorf("compare %s: %w", opts.file, err)
	}
	return a, plan, nil
}

func readAccessFile(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, unreadable(name, err, accessFileHint)
	}
	defer func() { _ = file.Close() }() // it was only read
	content, err := io.ReadAll(io.LimitReader(file, inputBound))
	if err != nil {
		return nil, unreadable(name, err, accessFileHint)
	}
	return content, nil
}

func (s *session) accessProblems(file string, problems []access.Problem) error {
	for _, p := range problems {
		fmt.Fprintln(s.stderr, render.Text(fmt.Sprintf("%s:%d:%d: %s. %s", file, p.Line, p.Column, p.Message, p.Hint)))
	}
	return &errInput{code: account.CodeUnreadable, message: fmt.Sprintf("%s can't be used; nothing was changed", file), hint: accessFileHint}
}

// carryOut shows a plan, asks, brings it about and says what came of it.
func carryOut(ctx context.Context, a *engine.Access, plan access.Plan, yes bool, s *session) error {
	if err := s.results.AccessPlan(plan); err != nil {
		return err
	}
	if plan.Changes() && !yes {
		if err := s.agree(ctx, "The assignments above are made and deleted."); err != nil {
			return err
		}
	}
	done, failed := 0, 0
	a.CarryOut(ctx, plan, func(o engine.Outcome) {
		if done++; o.Err != nil {
			failed++
			fmt.Fprintln(s.stderr, render.Text(fmt.Sprintf("failed: %s: %v", render.AccessEntry(o.Entry), o.Err)))
			return
		}
		s.say("%d/%d  %s", done, len(plan.Create)+len(plan.Delete), render.AccessEntry(o.Entry))
	})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if plan.Changes() {
		fmt.Fprintf(s.stdout, "%d done, %d failed\n", done-failed, failed)
	}
	if failed+len(plan.Refused) > 0 {
		return errOutcome{5}
	}
	return nil
}
