package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/vend-cli/vend/internal/config"
)

func tree() []verb { return verbsOf(newApp(newSession(process{}))) }

// Every verb says what it does, shows how it is used, and how it exits.
func TestEveryVerbIsExplained(t *testing.T) {
	t.Parallel()
	verbs := tree()
	if len(verbs) < 30 {
		t.Fatalf("only %d verbs were found", len(verbs))
	}
	for _, v := range verbs {
		if v.Usage == "" || len(v.does) == 0 || len(v.examples) == 0 {
			t.Errorf("vend %s: usage %q, does %q, examples %q", v.path, v.Usage, v.does, v.examples)
		}
		for _, code := range v.codes {
			if exits[code] == "" {
				t.Errorf("vend %s exits %d, which nobody explains", v.path, code)
			}
		}
		for _, code := range []int{0, 1, 64} {
			if !slices.Contains(v.codes, code) {
				t.Errorf("vend %s does not say that it may exit %d", v.path, code)
			}
		}
		if !slices.ContainsFunc(v.examples, func(e string) bool { return strings.Contains(e, "vend "+v.path) }) && len(v.Subcommands) == 0 {
			t.Errorf("vend %s stands in none of its examples: %q", v.path, v.examples)
		}
	}
}

// The manual has every verb, option, example, exit code and variable, and formats without a warning.
func TestTheManual(t *testing.T) {
	t.Parallel()
	app := newApp(newSession(process{}))
	page := manual(app)
	has := func(s string) {
		t.Helper()
		if !strings.Contains(page, escape.Replace(s)) {
			t.Errorf("the manual lacks %q", s)
		}
	}
	for _, v := range verbsOf(app) {
		has("vend " + v.path)
		for _, line := range slices.Concat(v.does, v.examples) {
			has(line)
		}
		for _, f := range v.Flags {
			has("--" + f.Names()[0])
		}
	}
	for _, f := range app.Flags {
		has("--" + f.Names()[0])
	}
	for _, code := range exitCodes() {
		has(exits[code])
	}
	for _, v := range (config.Config{}).Values() {
		has(v.Variable)
	}
	for _, heading := range []string{"NAME", "SYNOPSIS", "EXIT STATUS", "ENVIRONMENT", "FILES"} {
		has(`.SH "` + heading + `"`)
	}
	for _, lint := range [][]string{{"mandoc", "-T", "lint", "-W", "warning"}, {"man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", "-"}} {
		t.Run(lint[0], func(t *testing.T) {
			if _, err := exec.LookPath(lint[0]); err != nil {
				t.Skipf("%s is not here to check the page with: %v", lint[0], err)
			}
			command := exec.CommandContext(t.Context(), lint[0], lint[1:]...)
			command.Stdin = strings.NewReader(page)
			var complaints strings.Builder
			command.Stderr = &complaints
			out, err := command.Output()
			if lint[0] == "mandoc" { // it exits with how bad it is, and wants a date, which would make builds differ
				for line := range strings.Lines(string(out)) {
					if !strings.Contains(line, "missing date") {
						complaints.WriteString(line)
					}
				}
				err = nil
			}
			if err != nil || complaints.Len() > 0 {
				t.Errorf("%s: %v\n%s", lint[0], err, complaints.String())
			}
		})
	}
}

// Who wants no colours gets none, and who wants them always does, as far as the option does not say otherwise.
func TestColors(t *testing.T) {
	t.Parallel()
	for environ, want := range map[string]struct{ terminal, file bool }{
		"":                                {true, false},
		"NO_COLOR=":                       {true, false},
		"NO_COLOR=1":                      {false, false},
		"NO_COLOR=1 CLICOLOR_FORCE=1":     {false, false},
		"CLICOLOR=0":                      {false, false},
		"CLICOLOR=1":                      {true, false},
		"CLICOLOR_FORCE=1":                {true, true},
		"CLICOLOR_FORCE=0":                {true, false},
		"TERM=dumb":                       {false, false},
		"TERM=dumb CLICOLOR_FORCE=1":      {true, true},
		"TERM=xterm-256color CLICOLOR=no": {true, false},
	} {
		s := newSession(process{environ: strings.Fields(environ)})
		if s.colors(true) != want.terminal || s.colors(false) != want.file {
			t.Errorf("%q: colours on a terminal %v, in a file %v", environ, s.colors(true), s.colors(false))
		}
	}
}
