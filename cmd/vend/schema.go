package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/schemas"
)

func schemaCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "schema", Usage: "print the JSON Schema of a file or an output", ArgsUsage: "[NAME]",
		CustomHelpTemplate: help("Prints a JSON Schema: of what a verb writes with -o json, of vend.yaml (config) or of a sandbox's world (world).\nWithout a name, lists the names.",
			[]string{"vend schema", "vend schema status > status.schema.json"}, 10),
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
	names, err := schemaNames()
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

const schemaSuffix = ".schema.json"

func schemaNames() ([]string, error) {
	entries, err := schemas.FS.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("list schemas: %w", err)
	}
	var names []string
	for _, entry := range entries {
		if name, ok := strings.CutSuffix(entry.Name(), schemaSuffix); ok {
			names = append(names, name)
		}
	}
	return names, nil
}
