package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestArrange(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ given, want string }{
		"nothing":                          {"", ""},
		"options of both kinds after":      {"submit f.csv --wait -o json --timeout 5m", "-o json submit --wait --timeout 5m -- f.csv"},
		"options of both kinds before":     {"-o json --quiet status --all b-1", "-o json --quiet status --all -- b-1"},
		"values behind an equals sign":     {"status b-1 --output=json", "--output=json status -- b-1"},
		"one dash or two":                  {"status -all", "status -all"},
		"a value that begins with a dash":  {"pause --reason -", "pause --reason -"},
		"the standard input":               {"validate - --format json", "validate --format json -- -"},
		"what stands behind --":            {"validate -o json -- --format", "-o json validate -- --format"},
		"help wherever it stands":          {"submit f.csv --wait -h", "submit --help"},
		"help about a verb":                {"help submit", "help -- submit"},
		"a verb's name among its operands": {"explain status", "explain -- status"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := arrange(newApp(newSession(process{})), strings.Fields(test.given))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("arguments (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzArrange(f *testing.F) {
	f.Add("submit f.csv --wait -o json")
	f.Add("-o -- -x")
	f.Add("--= -=a status ---")
	f.Fuzz(func(t *testing.T, line string) {
		args := strings.Fields(line)
		got, err := arrange(newApp(newSession(process{})), args)
		if err != nil {
			return
		}
		// What v2 would take for an operand though it is an option stands behind --.
		end := slices.Index(got, "--")
		if end < 0 {
			end = len(got)
		}
		for _, operand := range got[end:] {
			if !slices.Contains(args, operand) && operand != "--" {
				t.Errorf("%q became %q", args, got)
			}
		}
	})
}

func TestNearest(t *testing.T) {
	t.Parallel()
	app := newApp(newSession(process{}))
	var verbs, flags []string
	for _, c := range app.Commands {
		verbs = append(verbs, c.Name)
		for _, f := range c.Flags {
			flags = append(flags, f.Names()[0])
		}
	}
	tests := map[string]struct {
		names []string
		want  string
	}{
		"sumbit": {verbs, "submit"}, "statsu": {verbs, "status"}, "Demo": {verbs, "demo"}, "bogus": {verbs, ""}, "x": {verbs, ""},
		"pasue": {verbs, "pause"}, "wiat": {flags, "wait"}, "until-idel": {flags, "until-idle"}, "dry-run": {flags, ""}, "e": {flags, ""},
	}
	for typed, test := range tests {
		t.Run(typed, func(t *testing.T) {
			t.Parallel()
			if got := nearest(typed, test.names); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
