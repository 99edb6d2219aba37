package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/access"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/render"
)

type applyOptions struct {
	file string
	yes  bool
	plan engine.PlanOptions
}

const (
	accessFileHint = "`vend access export` writes such a file, and samples/access.yaml is one."
	accessFile     = `The file says which groups and users have which permission sets in which accounts: as YAML, where an account is given
by id, e-mail or name, or all ACTIVE accounts of an organizational unit by its path, id or name; or as a CSV with the
columns of vend access list -o csv. - is stdin. Nothing is deleted but what stands there with absent: true. Control
Tower's own groups, accounts that are not ACTIVE and, without --allow-management, the management account are left alone.

With --prune is deleted, too, what vend made itself, by apply or for a request, and the file does not name: in the whole
organization, never what anybody else made. It needs the pipeline's table (--table), in which vend notes what it makes.`
)

func planFlags() []cli.Flag {
	return []cli.Flag{
		allowManagementFlag(),
		&cli.BoolFlag{Name: "prune", Usage: "also delete what vend made and the file does not name", DisableDefaultText: true},
	}
}

func allowManagementFlag() cli.Flag {
	return &cli.BoolFlag{Name: "allow-management", Usage: "also change the management account", DisableDefaultText: true}
}

func yesFlag() cli.Flag {
	return &cli.BoolFlag{Name: "yes", Usage: "do not ask", DisableDefaultText: true}
}

func accessDiffCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "diff", Usage: "compare a file with who has which permission set", ArgsUsage: "FILE",
		Flags: append(planFlags(), &cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit 2 when there are differences", DisableDefaultText: true}),
		CustomHelpTemplate: help("Says what vend access apply would make and delete. It changes nothing.\n\n"+accessFile,
			[]string{"vend access diff access.yaml", "vend access diff access.yaml --detailed-exitcode", "vend access diff access.csv -o json"}, 2, 3, 4),
		Action: func(c *cli.Context) error {
			args, err := operands(c, 1, 1)
			if err != nil {
				return err
			}
			return accessDiff(c.Context, applyOptions{file: args[0], plan: planOptionsOf(c)}, c.Bool("detailed-exitcode"), s)
		},
	}
}

func accessApplyCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "apply", Usage: "bring about what a file says", ArgsUsage: "FILE",
		Flags: append(planFlags(), yesFlag()),
		CustomHelpTemplate: help("Shows what it would make and delete, asks, and brings it about. What is there already is left alone, so it can be run\nagain at any time, also after it was interrupted.\n\n"+accessFile,
			[]string{"vend access apply access.yaml", "vend access apply access.yaml --prune", "vend access apply access.yaml --yes -o json"}, 3, 4, 5, 130),
		Action: func(c *cli.Context) error {
			args, err := operands(c, 1, 1)
			if err != nil {
				return err
			}
			return accessApply(c.Context, applyOptions{file: args[0], yes: c.Bool("yes"), plan: planOptionsOf(c)}, s)
		},
	}
}

func planOptionsOf(c *cli.Context) engine.PlanOptions {
	return engine.PlanOptions{AllowManagement: c.Bool("allow-management"), Prune: c.Bool("prune")}
}

func accessDiff(ctx context.Context, opts applyOptions, detailed bool, s *session) error {
	if err := s.noCSV("access diff"); err != nil {
		return err
	}
	_, plan, err := accessPlan(ctx, opts, s)
	if err != nil {
		return err
	}
	if err := s.results.AccessPlan(plan); err != nil {
		return err
	}
	if detailed && plan.Changes() {
		return errOutcome{2}
	}
	return nil
}

func accessApply(ctx context.Context, opts applyOptions, s *session) error {
	if err := s.noCSV("access apply"); err != nil {
		return err
	}
	a, plan, err := accessPlan(ctx, opts, s)
	if err != nil {
		return err
	}
	return carryOut(ctx, a, plan, opts.yes, s)
}

// accessPlan reads a file and compares it with what there is.
func accessPlan(ctx context.Context, opts applyOptions, s *session) (*engine.Access, access.Plan, error) {
	rules, err := s.accessRules(ctx, opts.file)
	if err != nil {
		return nil, access.Plan{}, err
	}
	return planOf(ctx, opts.file, rules, opts.plan, s)
}

// accessRules reads a file of assignments.
func (s *session) accessRules(ctx context.Context, file string) ([]access.Rule, error) {
	content, err := s.readInput(ctx, file)
	if unreadable := (*errInput)(nil); errors.As(err, &unreadable) {
		unreadable.hint = accessFileHint
	}
	if err != nil {
		return nil, err
	}
	rules, problems := access.Read(content)
	if len(problems) > 0 {
		return nil, s.accessProblems(file, problems)
	}
	return rules, nil
}

// planOf compares rules with what there is; what names where they come from.
func planOf(ctx context.Context, what string, rules []access.Rule, opts engine.PlanOptions, s *session) (*engine.Access, access.Plan, error) {
	a, err := s.openAccess(ctx)
	if err != nil {
		return nil, access.Plan{}, err
	}
	wishes, problems, err := a.Wishes(ctx, rules)
	if err != nil {
		return nil, access.Plan{}, fmt.Errorf("read %s: %w", what, err)
	}
	if len(problems) > 0 {
		return nil, access.Plan{}, s.accessProblems(what, problems)
	}
	plan, err := a.Plan(ctx, wishes, opts)
	if err != nil {
		return nil, access.Plan{}, fmt.Errorf("compare %s: %w", what, err)
	}
	return a, plan, nil
}

// accessProblems is the error of all that is wrong with a file, or with flags, which have no lines. It has the code of the
// first.
func (s *session) accessProblems(file string, problems []access.Problem) error {
	lines, hint := make([]string, len(problems)), "Nothing was changed."
	for i, p := range problems {
		place := file + ": "
		if p.Line > 0 {
			place = fmt.Sprintf("%s:%d:%d: ", file, p.Line, p.Column)
			hint = "Nothing was changed. " + accessFileHint
		}
		lines[i] = fmt.Sprintf("%s%s (%s). %s", place, strings.TrimSuffix(p.Message, "?"), p.Code, p.Hint)
	}
	return &errInput{code: problems[0].Code, message: strings.Join(lines, "\n"), hint: hint}
}

// carryOut shows a plan, asks, brings it about and says what came of it. With -o json stdout has the results alone.
func carryOut(ctx context.Context, a *engine.Access, plan access.Plan, yes bool, s *session) error {
	shown := s.results
	if shown.Format == render.JSON {
		shown = render.Printer{Out: s.stderr, Format: render.Table, Color: s.complaints.Color, Width: s.complaints.Width, Now: s.now}
	}
	if s.results.Format != render.JSON || !s.quiet {
		if err := shown.AccessPlan(plan); err != nil {
			return err
		}
	}
	if plan.Changes() {
		if err := a.Ready(ctx); err != nil {
			return err
		}
	}
	if plan.Changes() && !yes {
		if err := s.agree(ctx, asked(plan)); err != nil {
			return err
		}
	}
	var results []render.AccessResult
	failed := 0
	a.CarryOut(ctx, plan, func(o engine.Outcome) {
		r := render.AccessResult{Entry: o.Entry, Delete: o.Delete, Pruned: o.Pruned}
		if o.Err != nil {
			failed++
			r.Error, _ = judge(ctx, o.Err, s.goOn)
			s.say("failed: %s: %v", render.AccessEntry(o.Entry), o.Err)
		} else {
			s.say("%d/%d  %s", len(results)+1, plan.Count(), render.AccessEntry(o.Entry))
		}
		results = append(results, r)
	})
	if err := s.results.AccessResults(plan, results); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case failed+len(plan.Refused) > 0:
		return errOutcome{5}
	}
	return nil
}

// asked says what somebody agrees to.
func asked(plan access.Plan) string {
	switch {
	case len(plan.Create) == 0:
		return "The assignments above are deleted."
	case len(plan.Create) == plan.Count():
		return "The assignments above are made."
	}
	return "The assignments above are made and deleted."
}
