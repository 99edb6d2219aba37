package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// arrange puts arguments into the one order that urfave/cli v2 reads: global flags, verb, its flags, --, arguments.
// Left alone, v2 takes every flag after the first argument for another argument and says nothing, so `submit f.csv
// --dry-run` would run for real. A flag that nobody knows is refused here, before anything runs.
func arrange(app *cli.App, args []string) ([]string, error) {
	a := arrangement{flags: app.Flags, commands: app.Commands}
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		switch {
		case arg == "--":
			a.operands = append(a.operands, args...)
			a.dashes = true
			return a.all(), nil
		case strings.HasPrefix(arg, "-") && arg != "-":
			used, err := a.flag(app, arg, args)
			if err != nil {
				return nil, err
			}
			args = args[used:]
		default:
			if err := a.operand(arg); err != nil {
				return nil, err
			}
		}
	}
	return a.all(), nil
}

// arrangement collects arguments by their kind while they are read.
type arrangement struct {
	globals  []string
	verb     []string // the verb, and its sub-verb if it has one
	own      []string
	operands []string
	dashes   bool // a -- stood among the arguments
	help     bool // help is asked for, and nothing else counts

	flags    []cli.Flag     // of the verb so far
	commands []*cli.Command // that may follow
}

func (a *arrangement) all() []string {
	if a.help {
		// v2 would look for help on the first argument.
		return append(slices.Clone(a.verb), "--help")
	}
	out := slices.Concat(a.globals, a.verb, a.own)
	if len(a.operands) > 0 || a.dashes {
		out = append(append(out, "--"), a.operands...)
	}
	return out
}

// flag takes one flag, with its value from what follows if it needs one, and says how many arguments it used of those.
func (a *arrangement) flag(app *cli.App, arg string, following []string) (used int, err error) {
	name, _, assigned := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	into := &a.own
	found := lookUp(a.flags, name)
	if found == nil || len(a.verb) == 0 {
		into, found = &a.globals, lookUp(app.Flags, name)
	}
	if isHelp(name) {
		a.help = true
		return 0, nil
	}
	if found == nil {
		return 0, a.unknown(app, arg, name)
	}
	*into = append(*into, arg)
	if _, isBool := found.(*cli.BoolFlag); isBool || assigned {
		return 0, nil
	}
	if len(following) == 0 {
		return 0, usage("%s needs a value", arg)
	}
	*into = append(*into, following[0])
	return 1, nil
}

func (a *arrangement) unknown(app *cli.App, arg, name string) error {
	if len(a.verb) == 0 {
		for _, c := range app.Commands {
			if lookUp(c.Flags, name) != nil {
				return usage("the option %s belongs behind its verb", arg)
			}
		}
	}
	err := usage("there is no option %s", arg)
	var names []string
	for _, f := range slices.Concat(a.flags, app.Flags) {
		names = append(names, f.Names()[0])
	}
	if near := nearest(name, names); near != "" {
		err.hint = "Did you mean --" + near + "?"
	}
	if strings.HasPrefix(arg, "-") && strings.ContainsAny(arg, ".@/") {
		err.hint = "An argument that begins with - stands behind --."
	}
	return err
}

func (a *arrangement) operand(arg string) error {
	if len(a.operands) == 0 {
		i := slices.IndexFunc(a.commands, func(c *cli.Command) bool { return c.HasName(arg) })
		if i >= 0 {
			c := a.commands[i]
			a.verb = append(a.verb, arg)
			a.flags = slices.Concat(a.flags, c.Flags)
			a.commands = c.Subcommands
			if len(a.verb) == 1 {
				a.flags = c.Flags
			}
			return nil
		}
	}
	if len(a.verb) == 0 && (arg == "help" || arg == "h") {
		a.verb = []string{"help"}
		a.commands = nil
		return nil
	}
	if len(a.verb) == 0 {
		err := usage("there is no verb %q", arg)
		var names []string
		for _, c := range a.commands {
			names = append(names, c.Name)
		}
		if near := nearest(arg, names); near != "" {
			err.hint = "Did you mean `vend " + near + "`?"
		}
		return err
	}
	a.operands = append(a.operands, arg)
	return nil
}

func lookUp(flags []cli.Flag, name string) cli.Flag {
	i := slices.IndexFunc(flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
	if i < 0 {
		return nil
	}
	return flags[i]
}

func isHelp(name string) bool { return name == "help" || name == "h" }

// nearest is the name that was probably meant: the one that is the fewest letters away, if those are no more than two and
// no more than a third of what was typed. It is empty when none is that close.
func nearest(typed string, names []string) string {
	best, least := "", min(2, len([]rune(typed))/3)+1
	for _, name := range names {
		if d := distance([]rune(strings.ToLower(typed)), []rune(name)); d < least {
			best, least = name, d
		}
	}
	return best
}

// distance counts the letters to insert, drop, replace, or swap with their neighbour to turn a into b.
func distance(a, b []rune) int {
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
