package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/render"
)

func configCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "config", Usage: "the settings, and those that the pipeline keeps", ArgsUsage: "VERB",
		CustomHelpTemplate: help(`show   the settings as this run would have them; --origin says where each comes from
diff   what vend.yaml and the pipeline's settings have differently
push   write vend.yaml's part on how the pipeline behaves into its table, where every worker reads it
pull   write the pipeline's settings as a vend.yaml

vend config VERB --help tells more.`,
			[]string{"vend config show --origin", "vend config diff", "vend config push", "vend config pull > vend.yaml.new"}),
		Subcommands: []*cli.Command{configShowCommand(s), configDiffCommand(s), configPushCommand(s), configPullCommand(s)},
		Action: func(c *cli.Context) error {
			if args := c.Args().Slice(); len(args) > 0 {
				return usage("config has no verb %q; `vend config --help` lists them", args[0])
			}
			return usage("config needs a verb: show, diff, push or pull")
		},
	}
}

func configShowCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "show", Usage: "the settings as this run would have them",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "origin", Usage: "say where each comes from", DisableDefaultText: true},
		},
		CustomHelpTemplate: help(`A flag beats the environment, the environment beats vend.yaml, and that beats what the pipeline keeps in its table.
Only concurrency is what the table says, where it says so: no worker can run more than the others have agreed to.
Without a table only what was given here is shown.`,
			[]string{"vend config show", "vend config show --origin -o json"}, 4),
		Action: func(c *cli.Context) error {
			if _, err := operands(c, 0, 0); err != nil {
				return err
			}
			return configShow(c.Context, c.Bool("origin"), s)
		},
	}
}

func configShow(ctx context.Context, origin bool, s *session) error {
	c, err := s.config()
	if err != nil {
		return err
	}
	if c.Table == "" {
		s.say("no table was given: what the pipeline keeps in it is not shown")
		c = c.Under(account.DefaultSettings(), "default")
		return s.results.Settings(rows(c), render.SettingsOptions{Origin: origin})
	}
	e, _, err := s.open(ctx, "cli", slog.LevelWarn, "table")
	if err != nil {
		return err
	}
	return s.results.Settings(rows(e.Config), render.SettingsOptions{Origin: origin, Revision: e.Settings().Revision})
}

// rows are the settings as render shows them.
func rows(c config.Config) []render.Setting {
	var all []render.Setting
	for _, v := range c.Values() {
		all = append(all, render.Setting{Path: v.Path, Value: v.Text, Origin: v.Origin})
	}
	return all
}

func configDiffCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "diff", Usage: "what vend.yaml and the pipeline's settings have differently",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit 2 when anything differs", DisableDefaultText: true},
		},
		CustomHelpTemplate: help("Shows what vend config push would change. It changes nothing.",
			[]string{"vend config diff", "vend config diff --config vend.yaml --detailed-exitcode"}, 2, 4),
		Action: func(c *cli.Context) error {
			if _, err := operands(c, 0, 0); err != nil {
				return err
			}
			return configDiff(c.Context, c.Bool("detailed-exitcode"), s)
		},
	}
}

func configDiff(ctx context.Context, detailed bool, s *session) error {
	file, err := s.fileConfig()
	if err != nil {
		return err
	}
	e, _, err := s.open(ctx, "cli", slog.LevelWarn, "table")
	if err != nil {
		return err
	}
	changes := config.Changes(e.Settings(), file.Settings)
	if err := s.results.SettingChanges(shownChanges(changes), render.SettingsOptions{Revision: e.Settings().Revision}); err != nil {
		return err
	}
	if detailed && len(changes) > 0 {
		return errOutcome{2}
	}
	return nil
}

func shownChanges(changes []config.Change) []render.SettingChange {
	shown := make([]render.SettingChange, len(changes))
	for i, c := range changes {
		shown[i] = render.SettingChange{Path: c.Path, Pipeline: c.From, File: c.To}
	}
	return shown
}

func configPushCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "push", Usage: "write how the pipeline behaves into its table",
		CustomHelpTemplate: help(`Writes the part of vend.yaml on how the pipeline behaves into the table, as a whole: what the file leaves out is taken
away there. Flags and the environment do not count. Workers that are running go by it within five minutes; batches that
are being read end under the settings they began with. Pushing the same twice changes nothing.`,
			[]string{"vend config diff && vend config push", "vend config push --config pipeline.yaml --table vend"}, 4),
		Action: func(c *cli.Context) error {
			if _, err := operands(c, 0, 0); err != nil {
				return err
			}
			return configPush(c.Context, s)
		},
	}
}

func configPush(ctx context.Context, s *session) error {
	file, err := s.fileConfig()
	if err != nil {
		return err
	}
	e, _, err := s.open(ctx, "cli", slog.LevelWarn, "table")
	if err != nil {
		return err
	}
	changes, err := e.Push(ctx, file.Settings)
	if err != nil {
		return fmt.Errorf("push %s: %w", file.File, err)
	}
	return s.results.SettingChanges(shownChanges(changes), render.SettingsOptions{Revision: e.Settings().Revision, Pushed: true})
}

// fileConfig are the settings of vend.yaml alone: what is pushed is what can be read again.
func (s *session) fileConfig() (config.Config, error) {
	src := config.Source{File: s.configFile, Folders: config.Folders()}
	for _, pair := range s.environ { // where the file is, and whether AWS itself is spoken to
		if strings.HasPrefix(pair, "VEND_CONFIG=") || strings.HasPrefix(pair, "AWS_ENDPOINT_URL=") {
			src.Environ = append(src.Environ, pair)
		}
	}
	c, err := config.Load(src)
	if err == nil && c.File == "" {
		err = account.Refused{
			Code: "V3012", Reason: "no vend.yaml was found",
			Hint: "Name it with --config or VEND_CONFIG; `vend config pull --out vend.yaml` writes one from what the pipeline has.",
		}
	}
	return c, err
}

func configPullCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "pull", Usage: "write the pipeline's settings as a vend.yaml",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "write to `FILE`, which may not be there yet"},
		},
		CustomHelpTemplate: help(`Writes a commented vend.yaml: where the pipeline is, as this run knows it, and how it behaves, as its table says. With
-o json it is the settings alone.`,
			[]string{"vend config pull --out vend.yaml", "vend config pull -o json"}, 4),
		Action: func(c *cli.Context) error {
			if _, err := operands(c, 0, 0); err != nil {
				return err
			}
			return configPull(c.Context, c.String("out"), s)
		},
	}
}

func configPull(ctx context.Context, out string, s *session) error {
	if out != "" && s.results.Format != render.Table {
		return usage("--out writes a vend.yaml; it does not go with -o %s", s.results.Format)
	}
	e, c, err := s.open(ctx, "cli", slog.LevelWarn, "table")
	if err != nil {
		return err
	}
	own := e.Settings()
	c.Settings = own
	if s.results.Format != render.Table {
		return s.results.Settings(rows(c), render.SettingsOptions{Revision: own.Revision})
	}
	note := fmt.Sprintf("Revision %d of the settings of this pipeline.", own.Revision)
	if own.Revision == 0 {
		note = "Nothing was pushed to this pipeline yet: it goes by the defaults."
	}
	return s.writeConfig(c, out, note)
}

// writeConfig writes a vend.yaml to stdout, or to a file that is not there yet.
func (s *session) writeConfig(c config.Config, out string, notes ...string) error {
	if out == "" {
		return c.Write(s.stdout, notes...)
	}
	var b bytes.Buffer
	if err := c.Write(&b, notes...); err != nil {
		return err
	}
	file, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return there(out)
	}
	if err == nil {
		_, err = file.Write(b.Bytes())
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", out, err)
	}
	s.say("%s was written", out)
	return nil
}

func there(file string) error {
	return &errHere{"V9006", file + " is there already", "Name another file with --out, or move that one away first."}
}
