package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/account"
)

func explainCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "explain", Usage: "what an error code means, and what to do", ArgsUsage: "[CODE]",
		CustomHelpTemplate: help("Tells the cause of an error code and its remedy. Without a code, lists all of them.",
			[]string{"vend explain V2004", "vend explain V2004 -o json"}, 10),
		Action: func(c *cli.Context) error {
			args, err := operands(c, 0, 1)
			if err != nil {
				return err
			}
			return explain(append(args, "")[0], s)
		},
	}
}

func explain(code string, s *session) error {
	if err := s.noCSV("explain"); err != nil {
		return err
	}
	if code == "" {
		return s.results.Explanations(account.Codes...)
	}
	e, known := account.Explain(strings.ToUpper(code))
	if !known {
		return notFound("there is no code "+code, "`vend explain` lists all codes.")
	}
	return s.results.Explanations(e)
}
