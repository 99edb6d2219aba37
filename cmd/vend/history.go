package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/urfave/cli/v2"
)

func historyCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "history", Usage: "the time line of one request", ArgsUsage: "REQUEST",
		CustomHelpTemplate: help("Shows every stage, attempt, AWS identifier and error of a request, oldest first.",
			[]string{"vend history r-0123456789ab", "vend history r-0123456789ab -o json"}, 4, 10),
		Action: func(c *cli.Context) error {
			args, err := operands(c, 1, 1)
			if err != nil {
				return err
			}
			return history(c.Context, args[0], s)
		},
	}
}

func history(ctx context.Context, id string, s *session) error {
	if err := s.noCSV("history"); err != nil {
		return err
	}
	if err := requestIDs([]string{id}); err != nil {
		return err
	}
	e, _, err := s.open(ctx, "cli", slog.LevelWarn, "table")
	if err != nil {
		return err
	}
	request, events, err := e.History(ctx, id)
	if err != nil {
		return fmt.Errorf("look up history: %w", err)
	}
	return s.results.History(request, events)
}

// requestIDs refuses what can't be the id of a request.
func requestIDs(ids []string) error {
	for _, id := range ids {
		if !strings.HasPrefix(id, "r-") {
			return notFound(fmt.Sprintf("there is no request %q", id), "Ids of requests begin with r-; `vend status --all` lists them.")
		}
	}
	return nil
}
