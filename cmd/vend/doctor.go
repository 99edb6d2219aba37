package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/doctor"
	"github.com/vend-cli/vend/internal/engine"
)

func doctorCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "doctor", Usage: "check what the pipeline needs, with the remedy of what is missing",
		CustomHelpTemplate: help(`Looks at credentials, management account and home Region, landing zone, Account Factory, Identity Center, trusted access
of StackSets, bucket, table, queue, topic, account quota, the user of enrollments, and the clock. It changes nothing, and
needs neither bucket nor table. A warning is something that the pipeline can do without.`,
			[]string{"vend doctor", "vend doctor -o json", "vend doctor --profile management && vend work"}, 4),
		Action: func(c *cli.Context) error {
			if _, err := operands(c, 0, 0); err != nil {
				return err
			}
			return examine(c.Context, s)
		},
	}
}

func examine(ctx context.Context, s *session) error {
	c, err := s.config()
	if err != nil {
		return err
	}
	var checks []doctor.Check
	failed := false
	err = engine.Examine(ctx, c, engine.Options{Log: s.log(slog.LevelWarn), Kind: "cli", Now: s.now}, func(c doctor.Check) {
		if c.Code == "V3001" {
			c.Remedy = s.logIn(c.Remedy)
		}
		checks = append(checks, c)
		failed = failed || c.Result == doctor.Fail
	})
	if err != nil {
		return fmt.Errorf("examine the pipeline: %w", err)
	}
	if err := s.results.Diagnosis(checks); err != nil {
		return err
	}
	if failed {
		return errOutcome{4}
	}
	return nil
}

// fitToWork tells what is not well before a worker starts. It is refused only for what AWS has refused, and what no
// account can be made without.
func fitToWork(ctx context.Context, e *engine.Engine, s *session) error {
	var refused error
	e.BeforeWork(ctx, func(c doctor.Check) {
		if c.Result == doctor.Fail && refused == nil && decisive(c.Code) {
			refused = account.Refused{Code: c.Code, Reason: c.Name + ": " + c.Message, Hint: strings.TrimPrefix(strings.TrimSuffix(c.Remedy, ".")+". `vend doctor` looks at everything.", ". ")}
			return
		}
		s.say("%s: %s", c.Name, c.Message)
		s.say("  → %s", c.Remedy)
	})
	return refused
}

// decisive tells the codes of what does not pass by itself, and without which no account can be made: another Region,
// another account, no Account Factory, no Identity Center. What has drifted or is full pauses the pipeline instead, and
// what is in flight goes on.
func decisive(code string) bool {
	switch code {
	case "V3001", "V3002", "V3006", "V3009", "V3010":
		return true
	}
	return false
}
