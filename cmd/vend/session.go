package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/metrics"
	"github.com/vend-cli/vend/internal/recording"
	"github.com/vend-cli/vend/internal/render"
	"github.com/vend-cli/vend/internal/trace"
)

// session is what every verb works with: where results go, where talk goes, and where settings come from.
type session struct {
	process
	results    render.Printer // stdout
	complaints render.Printer // errors, on stderr
	quiet      bool
	live       bool // stderr is a terminal on which lines can be replaced
	goOn       string
	now        func() time.Time
	flags      map[string]string
	configFile string
	logLevel   string
	logFormat  string

	recorder *recording.Recorder
	recorded *os.File

	traces  *trace.Tracer
	figures *metrics.Embedded // inside AWS Lambda
	working *engine.Engine    // what they are read with
}

func newSession(p process) *session {
	return &session{
		process: p, now: time.Now,
		results:    render.Printer{Out: p.stdout, Format: render.Table, Now: time.Now},
		complaints: render.Printer{Out: p.stderr, Format: render.Table, Now: time.Now},
		goOn:       "Run it again: it goes on where it was.",
	}
}

// configure takes the global flags, before any verb runs.
func (s *session) configure(c *cli.Context) error {
	format := render.Format(c.String("output"))
	if !slices.Contains([]render.Format{render.Table, render.JSON, render.CSV}, format) {
		return usage("--output is %q; it takes table, json or csv", format)
	}
	s.results.Format = format
	if format == render.JSON {
		s.complaints.Format = render.JSON
	}
	stdout, stderr := width(s.stdout), width(s.stderr)
	s.results.Width, s.complaints.Width = stdout, stderr
	s.live = stderr > 0 && s.env("TERM") != "dumb"
	switch color := c.String("color"); color {
	case "always":
		s.results.Color, s.complaints.Color = true, true
	case "never":
	case "auto":
		s.results.Color, s.complaints.Color = s.colors(stdout > 0), s.colors(stderr > 0)
	default:
		return usage("--color is %q; it takes auto, always or never", color)
	}
	s.quiet = c.Bool("quiet")
	s.logLevel, s.logFormat = c.String("log-level"), c.String("log-format")
	if s.logLevel != "" && !slices.Contains([]string{"debug", "info", "warn", "error"}, s.logLevel) {
		return usage("--log-level is %q; it takes debug, info, warn or error", s.logLevel)
	}
	if s.logFormat != "" && s.logFormat != "text" && s.logFormat != "json" {
		return usage("--log-format is %q; it takes text or json", s.logFormat)
	}
	if err := s.record(c.String("record")); err != nil {
		return err
	}
	s.configFile = c.String("config")
	s.flags = map[string]string{}
	for path, name := range settingFlags {
		if c.IsSet(name) {
			s.flags[path] = c.String(name)
		}
	}
	return nil
}

// colors says whether there are to be colours where there is a terminal, or none (no-color.org, bixense.com/clicolors).
func (s *session) colors(terminal bool) bool {
	force := s.env("CLICOLOR_FORCE")
	switch {
	case s.env("NO_COLOR") != "":
		return false
	case force != "" && force != "0":
		return true
	case s.env("CLICOLOR") == "0", s.env("TERM") == "dumb":
		return false
	}
	return terminal
}

// config reads the settings, and tells what it does not understand in the environment.
func (s *session) config() (config.Config, error) {
	c, err := config.Load(config.Source{Flags: s.flags, Environ: s.environ, File: s.configFile, Folders: config.Folders()})
	c.Recorder = s.recorder
	for _, warning := range c.Warnings {
		s.say("%s", warning)
	}
	return c, err
}

// log is where the engine writes what it does; level is that of the verb, which --log-level overrides.
func (s *session) log(level slog.Level) *slog.Logger {
	if s.quiet {
		level = slog.LevelError
	}
	if s.logLevel != "" {
		_ = level.UnmarshalText([]byte(s.logLevel)) // checked by configure
	}
	options := &slog.HandlerOptions{Level: level}
	switch {
	case s.logFormat == "json":
		return slog.New(discreet{slog.NewJSONHandler(s.stderr, options)})
	case s.logFormat == "text" || !s.live:
		return slog.New(discreet{slog.NewTextHandler(s.stderr, options)})
	}
	return slog.New(discreet{newLines(s.complaints, level)})
}

// logIn makes the remedy for missing credentials the one command to type, where the profile is known.
func (s *session) logIn(hint string) string {
	profile := s.flags["profile"]
	if profile == "" {
		profile = s.env("AWS_PROFILE")
	}
	if profile == "" || strings.ContainsAny(profile, " `'\"\\") {
		return hint
	}
	return strings.Replace(hint, "`aws sso login`, or set AWS_PROFILE;", "`aws sso login --profile "+profile+"`;", 1)
}

// say is for people: it goes to stderr, and nowhere with --quiet.
func (s *session) say(format string, args ...any) {
	if !s.quiet {
		fmt.Fprintln(s.stderr, render.Text(fmt.Sprintf(format, args...)))
	}
}

// noCSV refuses -o csv for a verb whose result is no table.
func (s *session) noCSV(verb string) error {
	if s.results.Format == render.CSV {
		return usage("%s does not write CSV; use -o table or -o json", verb)
	}
	return nil
}

func (s *session) env(name string) string {
	for _, pair := range slices.Backward(s.environ) {
		if value, ok := strings.CutPrefix(pair, name+"="); ok {
			return value
		}
	}
	return ""
}

func terminal(r io.Reader) bool {
	file, ok := r.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// width is the number of columns of a terminal, 0 when it is none.
func width(w io.Writer) int {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0
	}
	columns, _, err := term.GetSize(int(file.Fd()))
	if err != nil || columns <= 0 {
		return 80
	}
	return columns
}

// height is the number of lines of a terminal, 0 when nobody knows.
func height(w io.Writer) int {
	file, ok := w.(*os.File)
	if !ok {
		return 0
	}
	_, lines, err := term.GetSize(int(file.Fd()))
	if err != nil || lines <= 0 {
		return 0
	}
	return lines
}
