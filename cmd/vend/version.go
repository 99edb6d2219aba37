package main

import (
	"runtime/debug"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/render"
)

func versionCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "version", Usage: "print which build this is",
		CustomHelpTemplate: help("Prints the version, the commit and the Go release of this build.",
			[]string{"vend version", "vend version -o json"}),
		Action: func(c *cli.Context) error {
			if _, err := operands(c, 0, 0); err != nil {
				return err
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
