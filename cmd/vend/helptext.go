package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"
)

// verb is one command of the tree, and what its help tells: the help text is the only place where that stands.
type verb struct {
	*cli.Command
	path     string // "access permission-sets apply"
	does     []string
	examples []string
	codes    []int
}

// verbsOf are all commands of the tree, each before those under it.
func verbsOf(app *cli.App) []verb { return under("", app.Commands) }

func under(path string, commands []*cli.Command) []verb {
	var all []verb
	for _, c := range commands {
		if c.Hidden || c.Name == "help" {
			continue
		}
		v := verb{Command: c, path: strings.TrimSpace(path + " " + c.Name)}
		v.read(c.CustomHelpTemplate)
		all = append(append(all, v), under(v.path, c.Subcommands)...)
	}
	return all
}

// parts are the headings of a help text that are followed by what a verb has of its own.
const (
	optionsPart  = "\nOPTIONS:"
	examplesPart = "\nEXAMPLES:\n"
	exitsPart    = "\nEXIT STATUS:\n"
)

// read takes a help text apart that [help] has put together.
func (v *verb) read(text string) {
	_, text, _ = strings.Cut(text, "{{.ArgsUsage}}{{end}}\n\n")
	does, text, _ := strings.Cut(text, optionsPart)
	_, text, _ = strings.Cut(text, examplesPart)
	examples, exits, _ := strings.Cut(text, exitsPart)
	v.does, v.examples = unindent(does), unindent(examples)
	for _, line := range unindent(exits) {
		number, _, _ := strings.Cut(line, " ")
		if code, err := strconv.Atoi(number); err == nil {
			v.codes = append(v.codes, code)
		}
	}
}

func unindent(block string) []string {
	lines := strings.Split(strings.Trim(block, "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, "   ")
	}
	return slices.DeleteFunc(lines, func(string) bool { return strings.TrimSpace(block) == "" })
}

// exitCodes are all exit codes with their words, in their order.
func exitCodes() []int {
	codes := make([]int, 0, len(exits))
	for code := range exits {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}
