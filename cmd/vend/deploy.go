package main

import (
	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/deploy"
)

func deployCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "deploy", Usage: "the pipeline's CloudFormation stack", ArgsUsage: "VERB",
		CustomHelpTemplate: help(`template  print the template of the stack

vend deploy VERB --help tells more.`,
			[]string{"vend deploy template > vend.template.yaml"}),
		Subcommands: []*cli.Command{deployTemplateCommand(s)},
		Action: func(c *cli.Context) error {
			if args := c.Args().Slice(); len(args) > 0 {
				return usage("deploy has no verb %q; `vend deploy --help` lists them", args[0])
			}
			return usage("deploy needs a verb: template")
		},
	}
}

func deployTemplateCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "template", Usage: "print the template of the stack",
		CustomHelpTemplate: help(`Prints the CloudFormation template that this vend deploys, as YAML, for pipelines that deploy it themselves. It is the
same in every account; what differs from account to account are its parameters.

cfn-lint reads it from its standard input, without any argument: it takes - for the name of a file.`,
			[]string{"vend deploy template > vend.template.yaml", "vend deploy template | cfn-lint"}),
		Action: func(c *cli.Context) error {
			if _, err := operands(c, 0, 0); err != nil {
				return err
			}
			_, err := s.stdout.Write(deploy.Template)
			return err
		},
	}
}
