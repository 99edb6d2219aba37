package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/schemas"
)

func schemaCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "schema", Usage: "print the schema of a file or an output", ArgsUsage: "[NAME]",
		CustomHelpTemplate: help("Prints a JSON Schema: of what a verb writes with -o json, of vend.yaml (config), of a sandbox's world (world) or of one\nrow of an account list (row); or the Frictionless Table Schema of an account list (accounts).\nWithout a name, lists the names.",
			[]string{"vend schema", "vend schema status > status.schema.json", "vend schema accounts > accounts.tableschema.json"}, 10),
		Action: func(c *cli.Context) error {
			args, err := operands(c, 0, 1)
			if err != nil {
				return err
			}
			return schema(append(args, "")[0], s)
		},
	}
}

func schema(name string, s *session) error {
	names, err := schemas.Names()
	if err != nil {
		return err
	}
	if name == "" {
		_, err := fmt.Fprintln(s.stdout, strings.Join(names, "\n"))
		return err
	}
	content, err := schemas.Get(name)
	if err != nil {
		return notFound("there is no schema "+name, "There are: "+strings.Join(names, ", ")+".")
	}
	_, err = s.stdout.Write(content)
	return err
}
