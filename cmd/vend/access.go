package main

import "github.com/urfave/cli/v2"

func accessCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "access", Usage: "who may do what where, in IAM Identity Center", ArgsUsage: "VERB",
		CustomHelpTemplate: help(`permission-sets  what permission sets allow: list, diff, apply, delete

vend access permission-sets --help and vend access permission-sets VERB --help tell more.`,
			[]string{"vend access permission-sets list", "vend access permission-sets apply permission-sets.yaml"}),
		Subcommands: []*cli.Command{permissionSetsCommand(s)},
		Action: func(c *cli.Context) error {
			return usage("access needs a verb: permission-sets")
		},
	}
}
