package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/render"
	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/worker"
	"github.com/vend-cli/vend/samples"
)

type demoOptions struct {
	file  string // empty: the embedded list
	world string // empty: the embedded landing zone
	speed float64
}

func demoCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "demo", Usage: "watch a batch of accounts being made, without AWS", ArgsUsage: "[FILE]",
		Flags: []cli.Flag{
			&cli.Float64Flag{Name: "speed", Usage: "let the landing zone's time pass `N` times as fast", Value: 600},
			&cli.StringFlag{Name: "world", Usage: "the landing zone of `FILE` (default: the embedded one)"},
		},
		CustomHelpTemplate: help(`Starts a landing zone inside this process, drops FILE (default: three accounts) into its bucket, and works until all is
settled. It needs no AWS account, no network and no service, and leaves nothing behind.`,
			[]string{"vend demo", "vend demo accounts.csv", "vend demo -o json"}, 3, 5, 130),
		Action: func(c *cli.Context) error {
			args, err := operands(c, 0, 1)
			if err != nil {
				return err
			}
			opts := demoOptions{file: append(args, "")[0], world: c.String("world"), speed: c.Float64("speed")}
			if opts.speed <= 0 {
				return usage("--speed takes a number above zero")
			}
			return demo(c.Context, opts, s)
		},
	}
}

func demo(ctx context.Context, opts demoOptions, s *session) error {
	name, content := "accounts.csv", samples.Accounts
	if opts.file != "" {
		var err error
		if content, err = s.readInput(ctx, opts.file); err != nil {
			return err
		}
		name = uploadName(opts.file)
	}
	box, err := newSandbox(opts.world, "", opts.speed, s)
	if err != nil {
		return err
	}
	aws := config.Fixed(box.World().Region, "http://127.0.0.1", sandboxKey, sandboxKey, box.RoundTripper())
	e, err := openSandbox(ctx, box, sandboxConfig(opts.speed), engine.Options{AWS: aws, Log: s.log(slog.LevelError), Kind: "worker", Now: s.now})
	if err != nil {
		return err
	}
	s.goOn = "Nothing is left behind; `vend demo` starts anew."
	s.say("A landing zone runs in this process, %g times as fast as AWS. Dropping %s into its bucket.", opts.speed, name)
	if _, err := e.Upload(ctx, name, content); err != nil {
		return fmt.Errorf("upload %s: %w", name, err)
	}
	err = s.watchWhile(ctx, e, 200*time.Millisecond, func() error { return e.Work(ctx, worker.Options{UntilIdle: true}) })
	if err != nil && !errors.Is(err, worker.ErrPending) {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	o, err := e.Overview(ctx, queue.Filter{All: true})
	if err != nil {
		return fmt.Errorf("look up status: %w", err)
	}
	if err := s.results.Status(o, render.StatusOptions{All: true, Access: true}); err != nil {
		return err
	}
	if code := outcome(o, render.StatusOptions{}); code != 0 {
		return errOutcome{code}
	}
	return nil
}

// sandboxKey is the access key and the secret of the sandbox; it takes any.
const sandboxKey = "sandbox"

// sandboxConfig is the pipeline of a sandbox, with settings that fit its speed: what AWS takes half an hour for is over in
// seconds there, so nobody is patient for longer. The bounds below are those of the settings.
func sandboxConfig(speed float64) config.Config {
	fit := func(real, least time.Duration) account.Duration {
		return account.Duration(max(least, time.Duration(float64(real)/speed).Round(time.Millisecond)))
	}
	real := account.DefaultSettings()
	return config.Config{
		Bucket: "vend-sandbox", Prefix: "incoming/", Table: "vend",
		Settings: account.Settings{
			PollInterval:    fit(real.PollInterval.Std(), 250*time.Millisecond),
			Lease:           fit(real.Lease.Std(), 2*time.Second),
			Deadline:        fit(real.Deadline.Std(), 10*time.Second),
			OrderGrace:      fit(real.OrderGrace.Std(), 2*time.Second),
			ResultsInterval: fit(real.ResultsInterval.Std(), 250*time.Millisecond),
			IdentityCenter:  account.IdentityCenter{CallsPerSecond: min(1000, real.IdentityCenter.CallsPerSecond*max(1, speed))},
		},
	}
}

// newSandbox makes the landing zone of a world file, with the faults of another; both may be empty.
func newSandbox(world, faults string, speed float64, s *session) (*sandbox.Sandbox, error) {
	options := sandbox.Options{Speed: speed, Now: s.now}
	const worldHint, faultsHint = "`vend schema world` says what a world may hold.", "It takes what POST /_sandbox/faults takes: a JSON array of fault rules."
	for _, file := range []struct {
		name, hint string
		into       *[]byte
	}{{world, worldHint, &options.World}, {faults, faultsHint, &options.Faults}} {
		if file.name == "" {
			continue
		}
		content, err := os.ReadFile(file.name)
		if err != nil {
			return nil, unreadable(file.name, err, file.hint)
		}
		*file.into = content
	}
	box, err := sandbox.New(options)
	if err != nil {
		said := strings.TrimPrefix(err.Error(), "start sandbox: ")
		if rest, ok := strings.CutPrefix(said, "read fault rules: "); ok {
			return nil, &errInput{code: account.CodeUnreadable, message: faults + ": " + rest, hint: faultsHint}
		}
		if rest, ok := strings.CutPrefix(said, "read world: "); ok {
			said = world + ": " + rest
		}
		return nil, &errInput{code: account.CodeUnreadable, message: said, hint: worldHint}
	}
	return box, nil
}

// tableMaking is longer than a table of the landing zone takes to become ACTIVE, in the landing zone's own time.
const tableMaking = time.Second

// furnish makes the bucket, table, queues, rules and topic of a pipeline through the API of its landing zone. That one
// passes over the time in which the new table is CREATING: whoever begins a rehearsal has nothing to do but wait for it.
func furnish(ctx context.Context, box *sandbox.Sandbox, c config.Config, o engine.Options) (config.Config, error) {
	box.Intercept(func(r sandbox.Request) sandbox.Verdict {
		if r.Done && r.Operation == "dynamodb.CreateTable" {
			box.World().Advance(tableMaking)
		}
		return sandbox.Verdict{}
	})
	defer box.Intercept(nil)
	c, err := engine.CreateResources(ctx, c, o)
	if err != nil {
		return c, fmt.Errorf("create the pipeline's resources: %w", err)
	}
	return c, nil
}

// openSandbox furnishes a landing zone with a pipeline's resources, and joins the house on them.
func openSandbox(ctx context.Context, box *sandbox.Sandbox, c config.Config, o engine.Options) (*engine.Engine, error) {
	c, err := furnish(ctx, box, c, o)
	if err != nil {
		return nil, err
	}
	e, err := engine.Open(ctx, c, o)
	if err != nil {
		return nil, fmt.Errorf("open pipeline %s: %w", c.Table, err)
	}
	return e, nil
}
