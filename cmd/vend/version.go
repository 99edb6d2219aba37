package main

import (
	_ "embed"
	"fmt"
	"runtime/debug"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/render"
)

// licenses is under which licenses the parts of the command are. A test writes it.
//
//go:embed licenses.txt
var licenses string

func versionCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "version", Usage: "print which build this is",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "licenses", Usage: "print the modules that it is built from, with the texts of their licenses"},
		},
		CustomHelpTemplate: help("Prints the version, the commit and the Go release of this build.",
			[]string{"vend version", "vend version -o json", "vend version --licenses"}),
		Action: func(c *cli.Context) error {
			if _, err := operands(c, 0, 0); err != nil {
				return err
			}
			if c.Bool("licenses") {
				if _, err := fmt.Fprint(s.stdout, licenses); err != nil {
					return fmt.Errorf("write licenses: %w", err)
				}
				return nil
			}
			return version(s)
		},
	}
}

func version(s *session) error {
	if err := s.noCSV("version"); err != nil {
		return err
	}
	return s.results.Version(build())
}

// build reads what the Go tool wrote into the binary; a build from a folder without a repository has no commit.
func build() render.Version {
	v := render.Version{Version: "(devel)", Commit: "unknown", Go: "unknown"}
	if info, ok := debug.ReadBuildInfo(); ok {
		v.Go = info.GoVersion
		if info.Main.Version != "" {
			v.Version = info.Main.Version
		}
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				v.Commit = setting.Value
			}
		}
	}
	return v
}
