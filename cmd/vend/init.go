package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/render"
)

func initCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "init", Usage: "look at the account, and write a vend.yaml",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "write to `FILE`, which may not be there yet; - is stdout", Value: "vend.yaml"},
		},
		CustomHelpTemplate: help(`Looks for a pipeline in the account and its Region, and writes a commented vend.yaml with what it finds; what it does not
find stands in it as a comment. It creates nothing in AWS, and writes over no file.`,
			[]string{"vend init", "vend init --profile management --region eu-west-1 --out -", "vend init && vend doctor"}, 4),
		Action: func(c *cli.Context) error {
			if _, err := operands(c, 0, 0); err != nil {
				return err
			}
			return initialize(c.Context, c.String("out"), s)
		},
	}
}

func initialize(ctx context.Context, out string, s *session) error {
	if err := s.noCSV("init"); err != nil {
		return err
	}
	if out == "-" {
		out = ""
		if s.results.Format == render.JSON {
			return usage("--out - writes a vend.yaml; it does not go with -o json")
		}
	}
	if out != "" {
		if _, err := os.Lstat(out); !errors.Is(err, os.ErrNotExist) {
			return there(out)
		}
	}
	c, err := s.config()
	if err != nil {
		return err
	}
	// How the pipeline behaves is not of this run's making: the environment of whoever types is not everybody's.
	found, notes, err := engine.Discover(ctx, c, engine.Options{Log: s.log(slog.LevelWarn), Kind: "cli", Now: s.now})
	if err != nil {
		return fmt.Errorf("look at the account: %w", err)
	}
	found.Settings = account.Settings{}
	if err := s.writeConfig(found, out, notes...); err != nil {
		return err
	}
	if s.results.Format == render.JSON {
		return s.results.Settings(rows(found), render.SettingsOptions{})
	}
	return nil
}
