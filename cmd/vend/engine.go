package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/trace"
)

// open joins the house for the settings of this run. needs are the settings that the verb can't do without.
func (s *session) open(ctx context.Context, kind string, level slog.Level, needs ...string) (*engine.Engine, config.Config, error) {
	return s.openMeasured(ctx, kind, level, nil, needs...)
}

// openMeasured is open for a process that counts what it does.
func (s *session) openMeasured(ctx context.Context, kind string, level slog.Level, figures engine.Figures, needs ...string) (*engine.Engine, config.Config, error) {
	c, err := s.config()
	if err != nil {
		return nil, c, err
	}
	if err := c.Need(needs...); err != nil {
		return nil, c, err
	}
	e, err := engine.Open(ctx, c, engine.Options{Log: s.log(level), Kind: kind, Now: s.now, Figures: figures, Traces: s.tracer(level)})
	if err != nil {
		return nil, c, fmt.Errorf("open pipeline %s: %w", c.Table, err)
	}
	return e, c, nil
}

// closeTraces is how long what is left of traces may take at the end of a command.
const closeTraces = 500 * time.Millisecond

// tracer is where steps are told of, nil where the environment asks for nothing; one for the whole process.
func (s *session) tracer(level slog.Level) *trace.Tracer {
	if s.traces == nil {
		s.traces = trace.Open(s.env, build().Version, s.log(level))
	}
	return s.traces
}

// endTraces sends what is left, whatever has ended the command.
func (s *session) endTraces(ctx context.Context) {
	if s.traces == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTraces)
	defer cancel()
	s.traces.Close(ctx)
}
