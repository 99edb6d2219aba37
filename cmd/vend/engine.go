package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/engine"
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
	e, err := engine.Open(ctx, c, engine.Options{Log: s.log(level), Kind: kind, Now: s.now, Figures: figures})
	if err != nil {
		return nil, c, fmt.Errorf("open pipeline %s: %w", c.Table, err)
	}
	return e, c, nil
}
