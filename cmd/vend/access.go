package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/aws/identitycenter"
	"github.com/vend-cli/vend/internal/engine"
)

func accessCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "access", Usage: "who has which permission set where", ArgsUsage: "VERB",
		CustomHelpTemplate: help(`list             who has which permission set where
diff, apply      assignments as code: what differs from a file, and bring it about
revoke           take named assignments away
export           who has which permission set where, as a file for apply, as CSV, or for CloudFormation
permission-sets  what permission sets allow: list, diff, apply, delete

vend access VERB --help tells more.`,
			[]string{"vend access list --ou Workloads/Prod", "vend access apply access.yaml", "vend access permission-sets apply permission-sets.yaml"}),
		Subcommands: []*cli.Command{
			accessListCommand(s), accessDiffCommand(s), accessApplyCommand(s), accessRevokeCommand(s), accessExportCommand(s), permissionSetsCommand(s),
		},
		Action: func(c *cli.Context) error {
			if args := c.Args().Slice(); len(args) > 0 {
				return usage("access has no verb %q; `vend access --help` lists them", args[0])
			}
			return usage("access needs a verb: list, diff, apply, revoke, export or permission-sets")
		},
	}
}

// scopeFlags choose the part of the organization that is meant.
func scopeFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "account", Usage: "only this `ACCOUNT`: id, e-mail or name; may be repeated, as all of these"},
		&cli.StringSliceFlag{Name: "ou", Usage: "only accounts in `OU` or below: id, path or name"},
		&cli.StringSliceFlag{Name: "principal", Usage: "only `PRINCIPAL`: the name or id of a group or user, or group:NAME, user:NAME"},
		&cli.StringSliceFlag{Name: "permission-set", Usage: "only this permission `SET`: name or ARN"},
	}
}

func scopeOf(c *cli.Context) engine.AccessFilter {
	return engine.AccessFilter{
		Accounts: c.StringSlice("account"), Units: c.StringSlice("ou"),
		Principals: c.StringSlice("principal"), PermissionSets: c.StringSlice("permission-set"),
	}
}

func accessListCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "list", Usage: "list who has which permission set where",
		Flags: scopeFlags(),
		CustomHelpTemplate: help(`Lists the assignments of the whole organization, or of a part of it. It changes nothing, and needs neither bucket nor
table. Accounts that --account and --ou name add up; the other flags narrow that down. AWS answers only for one account and permission set, or for one group or user, at a time; the road with fewer
calls is taken, and a line on stderr says which and why.`,
			[]string{"vend access list", "vend access list --ou Workloads/Prod -o csv", "vend access list --principal group:Auditors --permission-set AWSReadOnlyAccess"}, 3, 4),
		Action: func(c *cli.Context) error {
			if _, err := operands(c, 0, 0); err != nil {
				return err
			}
			return accessList(c.Context, scopeOf(c), s)
		},
	}
}

func accessList(ctx context.Context, filter engine.AccessFilter, s *session) error {
	a, err := s.openAccess(ctx)
	if err != nil {
		return err
	}
	entries, survey, err := a.List(ctx, filter)
	if err != nil {
		return fmt.Errorf("list access: %w", err)
	}
	s.say("%s", surveyed(survey))
	return s.results.Access(entries)
}

func (s *session) openAccess(ctx context.Context) (*engine.Access, error) {
	c, err := s.config()
	if err != nil {
		return nil, err
	}
	return engine.OpenAccess(ctx, c, engine.Options{Log: s.log(slog.LevelWarn), Kind: "cli", Now: s.now})
}

// surveyed says by which road a list came, and why.
func surveyed(v identitycenter.Survey) string {
	switch {
	case v.ByPair && v.Holders > 0:
		return fmt.Sprintf("Asked for %d accounts with a permission set, one by one, not for %d or more groups and users: %s.", v.Pairs, v.Holders, v.Why)
	case v.ByPair:
		return fmt.Sprintf("Asked for %d accounts with a permission set, one by one: %s.", v.Pairs, v.Why)
	case v.Pairs > 0:
		return fmt.Sprintf("Asked for %d groups and users, not for %d accounts with a permission set: %s.", v.Holders, v.Pairs, v.Why)
	}
	return fmt.Sprintf("Asked for %d groups and users: %s.", v.Holders, v.Why)
}
