package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/account"
)

func pauseCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "pause", Usage: "start no further account operations",
		Flags: []cli.Flag{&cli.StringFlag{Name: "reason", Usage: "`TEXT` that vend status shows", Value: "paused by an operator"}},
		CustomHelpTemplate: help(`Stops the pipeline from starting account operations. What is in flight goes on. vend resume --paused ends the pause.`,
			[]string{"vend pause --reason 'landing zone update tonight'"}, 4),
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return &errUsage{
					message: fmt.Sprintf("pause does not take %q", c.Args().First()),
					hint:    "The reason stands behind --reason: `vend pause --reason 'landing zone update tonight'`.",
				}
			}
			return pause(c.Context, c.String("reason"), s)
		},
	}
}

func pause(ctx context.Context, reason string, s *session) error {
	if err := s.noCSV("pause"); err != nil {
		return err
	}
	e, _, err := s.open(ctx, "cli", slog.LevelWarn, "table")
	if err != nil {
		return err
	}
	if err := e.Pause(ctx, reason); err != nil {
		return fmt.Errorf("pause: %w", err)
	}
	return s.results.Changed("paused", &account.Pause{Since: s.now().UTC(), Code: "V3013", Reason: reason}, nil)
}
