package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/permissionset"
	"github.com/vend-cli/vend/internal/render"
)

func permissionSetsCommand(s *session) *cli.Command {
	c := &cli.Command{
		Name: "permission-sets", Usage: "permission sets as code", ArgsUsage: "VERB",
		CustomHelpTemplate: help(`list    what there is
diff    what a file would change
apply   make it so
delete  take away what nobody has any more

Control Tower's own permission sets are never changed or deleted.`,
			[]string{"vend access permission-sets list", "vend access permission-sets diff permission-sets.yaml"}),
		Subcommands: []*cli.Command{listSetsCommand(s), diffSetsCommand(s), applySetsCommand(s), deleteSetsCommand(s)},
		Action: func(c *cli.Context) error {
			if args := c.Args().Slice(); len(args) > 0 {
				return usage("access permission-sets has no verb %q; `vend access permission-sets --help` lists them", args[0])
			}
			return usage("access permission-sets needs a verb: list, diff, apply or delete")
		},
	}
	for _, sub := range c.Subcommands {
		sub.OnUsageError = onUsageError
		sub.HideHelpCommand = true
	}
	c.OnUsageError, c.HideHelpCommand = onUsageError, true
	return c
}

func listSetsCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "list", Usage: "what permission sets there are", ArgsUsage: "[NAME…]",
		CustomHelpTemplate: help(`Lists the permission sets, or those that are named: session, policies, and how many accounts have them. An account is
outdated while it has a permission set as it was before its last change. -o json is spelt as in a file for apply.`,
			[]string{"vend access permission-sets list", "vend access permission-sets list AuditAccess -o json"}, 4, 10),
		Action: func(c *cli.Context) error { return listSets(c.Context, c.Args().Slice(), s) },
	}
}

const setsFile = `FILE is YAML: each permission set stands whole under permissionSets, and what is left out is taken away, but for the
description. Permission sets that the file does not name are left alone. Policies are compared as documents: blanks and
the order of actions make no difference. vend schema permission-sets says what the file may hold.`

func diffSetsCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "diff", Usage: "what a file of permission sets would change", ArgsUsage: "FILE",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit 2 when something would change", DisableDefaultText: true}},
		CustomHelpTemplate: help("Says what apply would do with the file, and in how many accounts. It changes nothing.\n\n"+setsFile,
			[]string{"vend access permission-sets diff permission-sets.yaml", "vend access permission-sets diff permission-sets.yaml --detailed-exitcode"}, 2, 3, 4),
		Action: func(c *cli.Context) error {
			args, err := operands(c, 1, 1)
			if err != nil {
				return err
			}
			return diffSets(c.Context, args[0], c.Bool("detailed-exitcode"), s)
		},
	}
}

func applySetsCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "apply", Usage: "make permission sets what a file says", ArgsUsage: "FILE",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "yes", Usage: "do not ask", DisableDefaultText: true}},
		CustomHelpTemplate: help("Says what it would do, asks, and does it: makes what is missing, changes what differs, and provisions what was\nchanged to every account that has it. A run that was broken off is begun again.\n\n"+setsFile,
			[]string{"vend access permission-sets apply permission-sets.yaml", "vend access permission-sets apply permission-sets.yaml --yes -o json"}, 3, 4, 5, 130),
		Action: func(c *cli.Context) error {
			args, err := operands(c, 1, 1)
			if err != nil {
				return err
			}
			return applySets(c.Context, args[0], c.Bool("yes"), s)
		},
	}
}

func deleteSetsCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "delete", Usage: "delete permission sets that nobody has", ArgsUsage: "NAME…",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "yes", Usage: "do not ask", DisableDefaultText: true}},
		CustomHelpTemplate: help(`Deletes permission sets. While one of them is still assigned somewhere nothing is deleted, and it is said where.`,
			[]string{"vend access permission-sets delete AuditAccess", "vend access permission-sets delete AuditAccess EC2-S3-FullAccess --yes"}, 4, 5, 10, 130),
		Action: func(c *cli.Context) error {
			args, err := operands(c, 1, -1)
			if err != nil {
				return err
			}
			return deleteSets(c.Context, args, c.Bool("yes"), s)
		},
	}
}

func (s *session) center(ctx context.Context) (*engine.Center, error) {
	c, err := s.config()
	if err != nil {
		return nil, err
	}
	return engine.PermissionSets(ctx, c, engine.Options{Log: s.log(slog.LevelWarn), Kind: "cli", Now: s.now})
}

// named reads permission sets that there have to be; no names are all.
func (s *session) named(ctx context.Context, names []string) (*engine.Center, []permissionset.Set, error) {
	center, err := s.center(ctx)
	if err != nil {
		return nil, nil, err
	}
	sets, err := center.PermissionSets(ctx, names...)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range names {
		if !slices.ContainsFunc(sets, func(p permissionset.Set) bool { return p.Name == name }) {
			return nil, nil, notFound(fmt.Sprintf("there is no permission set %q", name), "`vend access permission-sets list` lists them; names are case-sensitive.")
		}
	}
	return center, sets, nil
}

func listSets(ctx context.Context, names []string, s *session) error {
	_, sets, err := s.named(ctx, names)
	if err != nil {
		return err
	}
	return s.results.PermissionSets(sets)
}

// compared is what would be done with a file.
func (s *session) compared(ctx context.Context, file string) (*engine.Center, []permissionset.Action, error) {
	content, err := s.readInput(ctx, file)
	var unreadable *errInput
	if errors.As(err, &unreadable) {
		unreadable.hint = "Name the file of permission sets; `vend schema permission-sets` says what it holds."
	}
	if err != nil {
		return nil, nil, err
	}
	want, err := permissionset.Read(file, content)
	if err != nil {
		return nil, nil, &errInput{
			code: account.CodePermissionSetFile, message: err.Error(),
			hint: "Nothing was done. Mend it; `vend schema permission-sets` says what the file may hold.",
		}
	}
	names := make([]string, len(want))
	for i, one := range want {
		names[i] = one.Name
	}
	center, err := s.center(ctx)
	if err != nil || len(names) == 0 {
		return center, nil, err
	}
	have, err := center.PermissionSets(ctx, names...)
	return center, permissionset.Compare(want, have), err
}

func diffSets(ctx context.Context, file string, detailed bool, s *session) error {
	if err := s.noCSV("permission-sets diff"); err != nil {
		return err
	}
	_, actions, err := s.compared(ctx, file)
	if err != nil {
		return err
	}
	if err := s.results.PermissionSetPlan(file, actions); err != nil {
		return err
	}
	if detailed && permissionset.Changes(actions) {
		return errOutcome{2}
	}
	return nil
}

func applySets(ctx context.Context, file string, yes bool, s *session) error {
	if err := s.noCSV("permission-sets apply"); err != nil {
		return err
	}
	center, actions, err := s.compared(ctx, file)
	if err != nil {
		return err
	}
	if !s.quiet {
		plan := render.Printer{Out: s.stderr, Color: s.complaints.Color, Width: s.complaints.Width, Now: s.now}
		if err := plan.PermissionSetPlan(file, actions); err != nil {
			return err
		}
	}
	var changed []permissionset.Set
	for _, a := range actions {
		if a.Verb != permissionset.Unchanged && a.Verb != permissionset.Create {
			changed = append(changed, a.Have)
		}
	}
	if err := center.Changeable(ctx, changed); err != nil {
		return err
	}
	if permissionset.Changes(actions) && !yes {
		if err := s.agree(ctx, "Permission sets are changed for everybody who has them."); err != nil {
			return err
		}
	}
	var results []render.PermissionSetResult
	stopped := permissionset.Apply(ctx, center, actions, func(r permissionset.Result) {
		results = append(results, s.came(ctx, r.Want.Name, string(r.Verb), r.Left, r.Err))
	})
	if stopped != nil && len(results) == 0 {
		return stopped
	}
	return errors.Join(stopped, s.tell(results))
}

// came is what came of one permission set.
func (s *session) came(ctx context.Context, name, action string, left []permissionset.Left, err error) render.PermissionSetResult {
	r := render.PermissionSetResult{Name: name, Action: action, Left: left, Done: err == nil && len(left) == 0}
	switch {
	case err != nil:
		r.Error, _ = judge(ctx, err, s.goOn)
	case len(left) > 0:
		r.Error = explained(account.CodePermissionSetOutdated, "accounts still have it as it was before")
	}
	return r
}

// tell writes the results of a run, and ends it as they are.
func (s *session) tell(results []render.PermissionSetResult) error {
	if err := s.results.PermissionSetResults(results); err != nil {
		return err
	}
	if slices.ContainsFunc(results, func(r render.PermissionSetResult) bool { return !r.Done }) {
		return errOutcome{5}
	}
	return nil
}

func deleteSets(ctx context.Context, names []string, yes bool, s *session) error {
	if err := s.noCSV("permission-sets delete"); err != nil {
		return err
	}
	center, sets, err := s.named(ctx, names)
	if err != nil {
		return err
	}
	for _, p := range sets {
		if err := center.Deletable(ctx, p); err != nil {
			return err
		}
	}
	if !yes {
		if err := s.agree(ctx, fmt.Sprintf("These permission sets are deleted: %s.", joined(sets))); err != nil {
			return err
		}
	}
	var results []render.PermissionSetResult
	for _, p := range sets {
		results = append(results, s.came(ctx, p.Name, "delete", nil, center.DeletePermissionSet(ctx, p)))
		if ctx.Err() != nil {
			return errors.Join(context.Cause(ctx), s.results.PermissionSetResults(results))
		}
	}
	return s.tell(results)
}

func joined(sets []permissionset.Set) string {
	text := ""
	for i, p := range sets {
		if i > 0 {
			text += ", "
		}
		text += render.Text(p.Name)
	}
	return text
}
