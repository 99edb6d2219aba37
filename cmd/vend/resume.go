package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/engine"
)

type resumeOptions struct {
	engine.ResumeOptions
	yes bool
}

func resumeCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "resume", Usage: "let failed requests, or the paused pipeline, go on", ArgsUsage: "[REQUEST…]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "failed", Usage: "all failed requests", DisableDefaultText: true},
			&cli.StringFlag{Name: "batch", Usage: "all failed requests of `BATCH`"},
			&cli.BoolFlag{Name: "paused", Usage: "end the pause of the pipeline", DisableDefaultText: true},
			&cli.BoolFlag{Name: "recover", Usage: "terminate the dead product of each first", DisableDefaultText: true},
			&cli.BoolFlag{Name: "yes", Usage: "do not ask before --recover", DisableDefaultText: true},
		},
		CustomHelpTemplate: help(`Sends failed requests back to the stage they failed in. Running it twice is the same as running it once.
With --recover the dead provisioned product is terminated first. For an existing account this moves the account to the
root of the organization and removes its AWSControlTowerExecution role, which Control Tower needs to take it in again.`,
			[]string{"vend resume r-0123456789ab", "vend resume --failed", "vend resume --paused", "vend resume --recover r-0123456789ab"}, 4, 10),
		Action: func(c *cli.Context) error {
			args, err := operands(c, 0, -1)
			if err != nil {
				return err
			}
			opts := resumeOptions{yes: c.Bool("yes"), ResumeOptions: engine.ResumeOptions{
				Requests: args, Failed: c.Bool("failed"), Batch: c.String("batch"), Paused: c.Bool("paused"), Recover: c.Bool("recover"),
			}}
			if len(args) == 0 && !opts.Failed && opts.Batch == "" && !opts.Paused {
				return usage("resume needs requests, --failed, --batch or --paused")
			}
			return resume(c.Context, opts, s)
		},
	}
}

func resume(ctx context.Context, opts resumeOptions, s *session) error {
	if err := s.noCSV("resume"); err != nil {
		return err
	}
	if err := requestIDs(opts.Requests); err != nil {
		return err
	}
	if opts.Recover && !opts.yes {
		if err := s.agree(ctx, "--recover terminates the dead provisioned product of each request. "+
			"An existing account is moved to the root of the organization and loses its AWSControlTowerExecution role, which Control Tower needs to take it in again. "+
			"No account is closed, and nothing inside it is deleted."); err != nil {
			return err
		}
	}
	e, _, err := s.open(ctx, "cli", slog.LevelWarn, "table")
	if err != nil {
		return err
	}
	resumed, err := e.Resume(ctx, opts.ResumeOptions)
	if err == nil && opts.Paused {
		s.say("The pause is over.")
	}
	// Some may have worked while others were refused: both are told.
	if err == nil || len(resumed) > 0 {
		err = errors.Join(err, s.results.Changed("resumed", nil, resumed))
	}
	if err != nil {
		return fmt.Errorf("resume: %w", err)
	}
	return nil
}

// agree says what would happen and asks a human, who has to be there: a script says --yes.
func (s *session) agree(ctx context.Context, what string) error {
	fmt.Fprintln(s.stderr, what)
	if !terminal(s.stdin) {
		return &errUsage{message: "nobody is there to agree", hint: "Give --yes where no terminal is."}
	}
	fmt.Fprint(s.stderr, "Go on? [y/N] ")
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(s.stdin).ReadString('\n') // no answer is a no
		answer <- line
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case line := <-answer:
		if reply := strings.ToLower(strings.TrimSpace(line)); reply != "y" && reply != "yes" {
			return &errUsage{message: "not agreed; nothing was changed", hint: ""}
		}
	}
	return nil
}
