package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/access"
	"github.com/vend-cli/vend/internal/render"
)

type revokeOptions struct {
	rule                 access.Rule
	yes, allowManagement bool
}

func accessRevokeCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "revoke", Usage: "take named assignments away",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "account", Usage: "in this `ACCOUNT`: id, e-mail or name; may be repeated, as all of these"},
			&cli.StringSliceFlag{Name: "permission-set", Usage: "this permission `SET`: name or ARN"},
			&cli.StringSliceFlag{Name: "group", Usage: "from this `GROUP`: name or id"},
			&cli.StringSliceFlag{Name: "user", Usage: "from this `USER`: name or id"},
			allowManagementFlag(), &cli.BoolFlag{Name: "yes", Usage: "do not ask", DisableDefaultText: true},
		},
		CustomHelpTemplate: help(`Takes each of the permission sets in each of the accounts away from each of the groups and users. It shows what it
would delete, and asks. What is not there is left alone. Control Tower's own groups are never touched.`,
			[]string{"vend access revoke --account shop-dev --permission-set AdministratorAccess --user developer@example.com"}, 3, 4, 5, 130),
		Action: func(c *cli.Context) error {
			if _, err := operands(c, 0, 0); err != nil {
				return err
			}
			opts := revokeOptions{yes: c.Bool("yes"), allowManagement: c.Bool("allow-management"), rule: access.Rule{
				Accounts: texts(c.StringSlice("account")), PermissionSets: texts(c.StringSlice("permission-set")),
				Groups: texts(c.StringSlice("group")), Users: texts(c.StringSlice("user")), Absent: true,
			}}
			if len(opts.rule.Accounts) == 0 || len(opts.rule.PermissionSets) == 0 || len(opts.rule.Groups)+len(opts.rule.Users) == 0 {
				return usage("access revoke needs --account, --permission-set, and --group or --user")
			}
			return accessRevoke(c.Context, opts, s)
		},
	}
}

func texts(given []string) []access.Text {
	all := make([]access.Text, len(given))
	for i, text := range given {
		all[i].Text = text
	}
	return all
}

func accessRevoke(ctx context.Context, opts revokeOptions, s *session) error {
	if s.results.Format != render.Table {
		return usage("access revoke writes text; use -o table")
	}
	a, err := s.openAccess(ctx)
	if err != nil {
		return err
	}
	wishes, problems, err := a.Wishes(ctx, []access.Rule{opts.rule})
	if err != nil {
		return fmt.Errorf("revoke access: %w", err)
	}
	if len(problems) > 0 {
		return s.accessProblems("command", problems)
	}
	plan, err := a.Plan(ctx, wishes, opts.allowManagement)
	if err != nil {
		return fmt.Errorf("revoke access: %w", err)
	}
	return carryOut(ctx, a, plan, opts.yes, s)
}
