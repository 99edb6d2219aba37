package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/urfave/cli/v2"
)

func cancelCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "cancel", Usage: "give up requests that are queued or failed", ArgsUsage: "REQUEST…",
		CustomHelpTemplate: help(`Gives up requests. One that AWS is still working on is refused, with that reason: an account may come out of it.`,
			[]string{"vend cancel r-0123456789ab"}, 4, 10),
		Action: func(c *cli.Context) error {
			args, err := operands(c, 1, -1)
			if err != nil {
				return err
			}
			return cancel(c.Context, args, s)
		},
	}
}

func cancel(ctx context.Context, ids []string, s *session) error {
	if err := s.noCSV("cancel"); err != nil {
		return err
	}
	if err := requestIDs(ids); err != nil {
		return err
	}
	e, _, err := s.open(ctx, "cli", slog.LevelWarn, "table")
	if err != nil {
		return err
	}
	cancelled, err := e.Cancel(ctx, ids)
	// Some may have worked while others were refused: both are told.
	if err == nil || len(cancelled) > 0 {
		err = errors.Join(err, s.results.Changed("cancelled", nil, cancelled))
	}
	if err != nil {
		return fmt.Errorf("cancel: %w", err)
	}
	return nil
}
