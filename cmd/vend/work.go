package main

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/metrics"
	"github.com/vend-cli/vend/internal/worker"
)

type workOptions struct {
	once, untilIdle bool
	listen          string // address of the figures; empty: none
}

var errNotThere = errors.New("the worker is not there yet")

func workCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "work", Usage: "take what was handed in, and do it",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "once", Usage: "look once, advance what is due, and stop (at most 50 seconds)", DisableDefaultText: true},
			&cli.BoolFlag{Name: "until-idle", Usage: "stop when nothing is left to do", DisableDefaultText: true},
			&cli.StringFlag{Name: "listen", Usage: "serve /healthz, /readyz and /metrics on `ADDR`, such as 127.0.0.1:9090"},
		},
		CustomHelpTemplate: help(`Works until it is told to stop. Any number of workers share one pipeline; one that dies loses nothing.
On SIGTERM it claims nothing more, ends the step in hand and exits 0. Failed requests do not change its exit status:
vend status --exit-status tells of them. With --listen it tells Prometheus what it does; nobody is asked for a password
there, so give it an address that only those can reach who may know.`,
			[]string{"vend work", "vend work --listen 127.0.0.1:9090 --log-format json", "vend work --until-idle && vend status --exit-status"}, 4, 8, 130),
		Action: func(c *cli.Context) error {
			if _, err := operands(c, 0, 0); err != nil {
				return err
			}
			opts := workOptions{once: c.Bool("once"), untilIdle: c.Bool("until-idle"), listen: c.String("listen")}
			if opts.once && opts.untilIdle {
				return usage("--once and --until-idle exclude each other")
			}
			return work(c.Context, opts, s)
		},
	}
}

// settledIn is when a worker has most likely done what only its start needs memory for.
const settledIn = 5 * time.Second

func work(ctx context.Context, opts workOptions, s *session) error {
	s.goOn = "Nothing is lost: `vend work` goes on where it was."
	var count engine.Figures
	var there atomic.Pointer[engine.Engine]
	if opts.listen != "" {
		figures := metrics.New(build().Version, func(ctx context.Context) (metrics.Pipeline, error) {
			if e := there.Load(); e != nil {
				return e.Pipeline(ctx)
			}
			return metrics.Pipeline{}, errNotThere
		})
		stop, err := listen(ctx, opts.listen, figures, there.Load, s)
		if err != nil {
			return err
		}
		defer stop()
		count = figures
	}
	e, _, err := s.openMeasured(ctx, "worker", slog.LevelInfo, count, "bucket", "table")
	if err == nil {
		err = fitToWork(ctx, e, s)
	}
	if err == nil {
		there.Store(e.Aside())
		defer time.AfterFunc(settledIn, debug.FreeOSMemory).Stop() // it is small for the rest of its life
		err = e.Work(ctx, worker.Options{Once: opts.once, UntilIdle: opts.untilIdle})
	}
	// Told to stop, an endless worker has done what it was asked to; one that was to end by itself was interrupted.
	switch sig := signalOf(ctx); {
	case sig == nil:
		return err
	case sig == syscall.SIGTERM && !opts.once && !opts.untilIdle:
		return nil
	default:
		return ctx.Err()
	}
}
