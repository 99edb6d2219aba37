package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/render"
)

// discreet hides e-mail addresses in whatever is logged: AWS repeats them in its messages, and people put them into file
// names. Nothing below the commands has to think of it.
type discreet struct{ slog.Handler }

func hide(s string) string { return account.HideAddresses(s) }

// Handle hides addresses in one record.
func (d discreet) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, hide(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(hidden(a))
		return true
	})
	return d.Handler.Handle(ctx, clean)
}

// WithAttrs hides addresses in what all records of a logger bear.
func (d discreet) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = hidden(a)
	}
	return discreet{d.Handler.WithAttrs(clean)}
}

// WithGroup opens a group.
func (d discreet) WithGroup(name string) slog.Handler { return discreet{d.Handler.WithGroup(name)} }

func hidden(a slog.Attr) slog.Attr {
	a.Value = a.Value.Resolve()
	switch a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(hide(a.Value.String()))
	case slog.KindGroup:
		var clean []slog.Attr
		for _, in := range a.Value.Group() {
			clean = append(clean, hidden(in))
		}
		a.Value = slog.GroupValue(clean...)
	case slog.KindAny:
		a.Value = slog.StringValue(hide(fmt.Sprint(a.Value.Any())))
	}
	return a
}

// lines writes records for people at a terminal, who know the day: the time, the request, what happened, and the rest.
type lines struct {
	mu    *sync.Mutex
	out   render.Printer
	level slog.Level
	attrs string // of the logger
}

func newLines(out render.Printer, level slog.Level) *lines {
	return &lines{mu: &sync.Mutex{}, out: out, level: level}
}

// Enabled says whether the level is written.
func (l *lines) Enabled(_ context.Context, level slog.Level) bool { return level >= l.level }

// Handle writes one record as one line.
func (l *lines) Handle(_ context.Context, r slog.Record) error {
	subject, from, to, rest := "", "", "", ""
	r.Attrs(func(a slog.Attr) bool {
		a.Value = a.Value.Resolve()
		switch {
		case a.Value.Kind() == slog.KindGroup:
			subject += about(a.Value.Group())
		case a.Key == "from":
			from = a.Value.String()
		case a.Key == "to":
			to = a.Value.String()
		default:
			rest += pair(a)
		}
		return true
	})
	said := r.Message
	if from != "" && to != "" {
		said = from + " → " + to
	}
	line := r.Time.Format("15:04:05") + "  " + l.out.Level(r.Level.String()) + subject + said + l.attrs + rest
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := io.WriteString(l.out.Out, line+"\n")
	return err
}

// WithAttrs adds what all records bear.
func (l *lines) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *l
	for _, a := range attrs {
		with.attrs += pair(a)
	}
	return &with
}

// WithGroup changes nothing: a line for people has no groups.
func (l *lines) WithGroup(string) slog.Handler { return l }

func pair(a slog.Attr) string {
	value := render.Text(a.Value.String())
	if value == "" {
		return ""
	}
	if strings.ContainsRune(value, ' ') {
		return "  " + a.Key + ": " + value
	}
	return "  " + a.Key + "=" + value
}

// about names a request by its id and its account.
func about(group []slog.Attr) string {
	said := ""
	for _, a := range group {
		if value := a.Value.String(); (a.Key == "id" || a.Key == "account") && value != "" {
			said += render.Text(value) + "  "
		}
	}
	return said
}
