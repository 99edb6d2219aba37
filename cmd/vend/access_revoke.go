package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/access"
	"github.com/vend-cli/vend/internal/engine"
)

type revokeOptions struct {
	file                 string // instead of the rule
	rule                 access.Rule
	yes, allowManagement bool
}

func accessRevokeCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "revoke", Usage: "take named assignments away", ArgsUsage: "[FILE]",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "account", Usage: "in this `ACCOUNT`: id, e-mail or name; may be repeated, as all of these"},
			&cli.StringSliceFlag{Name: "permission-set", Usage: "this permission `SET`: name or ARN"},
			&cli.StringSliceFlag{Name: "group", Usage: "from this `GROUP`: name or id"},
			&cli.StringSliceFlag{Name: "user", Usage: "from this `USER`: name or id"},
			allowManagementFlag(), yesFlag(),
		},
		CustomHelpTemplate: help(`Takes each of the permission sets in each of the accounts away from each of the groups and users. It shows what it
would delete, and asks. What is not there is left alone. Control Tower's own groups are never touched. A group or user
that was deleted is named by its id, as vend access list shows it.

With a FILE (YAML or CSV, as for vend access apply; - is stdin) all that the file names is taken away.`,
			[]string{"vend access list --principal user:developer@example.com -o csv | vend access revoke - --yes", "vend access revoke --account shop-dev --permission-set AdministratorAccess --user developer@example.com"}, 3, 4, 5, 130),
		Action: func(c *cli.Context) error {
			args, err := operands(c, 0, 1)
			if err != nil {
				return err
			}
			opts := revokeOptions{yes: c.Bool("yes"), allowManagement: c.Bool("allow-management"), rule: access.Rule{
				Accounts: texts(c.StringSlice("account")), PermissionSets: texts(c.StringSlice("permission-set")),
				Groups: texts(c.StringSlice("group")), Users: texts(c.StringSlice("user")), Absent: true,
			}}
			named := len(opts.rule.Accounts) + len(opts.rule.PermissionSets) + len(opts.rule.Groups) + len(opts.rule.Users)
			if len(args) > 0 && named > 0 {
				return usage("access revoke takes a FILE, or names what it takes away, not both")
			}
			if len(args) > 0 {
				opts.file = args[0]
				return accessRevoke(c.Context, opts, s)
			}
			if len(opts.rule.Accounts) == 0 || len(opts.rule.PermissionSets) == 0 || len(opts.rule.Groups)+len(opts.rule.Users) == 0 {
				return usage("access revoke needs a FILE, or --account, --permission-set, and --group or --user")
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
	if err := s.noCSV("access revoke"); err != nil {
		return err
	}
	what, rules := "access revoke", []access.Rule{opts.rule}
	if opts.file != "" {
		var err error
		if rules, err = s.accessRules(ctx, opts.file); err != nil {
			return err
		}
		what = opts.file
		for i := range rules {
			rules[i].Absent = true
		}
	}
	a, plan, err := planOf(ctx, what, rules, engine.PlanOptions{AllowManagement: opts.allowManagement}, s)
	if err != nil {
		return err
	}
	return carryOut(ctx, a, plan, opts.yes, s)
}
