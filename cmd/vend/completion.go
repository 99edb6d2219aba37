package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/schemas"
)

// completeWords is the hidden verb that the completion scripts call with the words of the command line so far.
const completeWords = "__complete"

var completionScripts = map[string]string{
	"bash": `_vend() {
  local IFS=$'\n'
  COMPREPLY=($(compgen -W "$(vend __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _vend vend
`,
	"zsh": `#compdef vend
_vend() {
  local -a found
  found=(${(f)"$(vend __complete "${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( ${#found} )); then compadd -a found; else _files; fi
}
compdef _vend vend
`,
	"fish": `complete -c vend -f -a '(vend __complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null; or true)'
complete -c vend -n '__fish_seen_subcommand_from submit validate plan demo diff apply' -F
`,
	"powershell": `Register-ArgumentCompleter -Native -CommandName vend -ScriptBlock {
  param($word, $line, $position)
  $words = @($line.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($word -eq '') { $words += '' }
  vend __complete @words 2>$null | Where-Object { $_ -like "$word*" } |
    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
}
`,
}

var shells = []string{"bash", "zsh", "fish", "powershell"}

func completionCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "completion", Usage: "print the completion script of a shell", ArgsUsage: "SHELL",
		CustomHelpTemplate: help("Prints a script that lets a shell complete verbs, options, names, and the ids of batches and requests: "+strings.Join(shells, ", ")+".",
			[]string{"source <(vend completion bash)", "vend completion fish > ~/.config/fish/completions/vend.fish"}),
		Action: func(c *cli.Context) error {
			args, err := operands(c, 1, 1)
			if err != nil {
				return err
			}
			script, known := completionScripts[args[0]]
			if !known {
				return usage("there is no completion for %q; there is for %s", args[0], strings.Join(shells, ", "))
			}
			_, err = io.WriteString(s.stdout, script)
			return err
		},
	}
}

// complete prints what may stand at the place of the last word, one candidate a line; nothing where a file may.
func complete(ctx context.Context, s *session, app *cli.App, words []string) int {
	last := ""
	if len(words) > 0 {
		last = words[len(words)-1]
		words = words[:len(words)-1]
	}
	found, closed := candidates(app, words, strings.HasPrefix(last, "-"))
	if verb := verbOf(app, words); verb != nil && takesIDs[verb.Name] != "" && !closed {
		found = s.ids(ctx, takesIDs[verb.Name])
	}
	for _, candidate := range found {
		if strings.HasPrefix(candidate, last) {
			fmt.Fprintln(s.stdout, candidate)
		}
	}
	return 0
}

// takesIDs says which verbs take ids, and of what: b for batches, r for requests.
var takesIDs = map[string]string{"status": "br", "report": "b", "history": "r", "resume": "r", "cancel": "r"}

// idsWithin is how long somebody at a prompt waits for ids.
const idsWithin = 2 * time.Second

// ids are those of the batches and requests that vend status shows; none where they can't be had in time.
func (s *session) ids(ctx context.Context, kinds string) (found []string) {
	ctx, cancel := context.WithTimeout(ctx, idsWithin)
	defer cancel()
	s.quiet = true
	e, _, err := s.open(ctx, "cli", slog.LevelError+1, "table")
	if err != nil {
		return nil
	}
	o, err := e.Overview(ctx, queue.Filter{})
	if err != nil {
		return nil
	}
	if strings.Contains(kinds, "b") {
		for _, b := range o.Batches {
			found = append(found, b.ID)
		}
	}
	if strings.Contains(kinds, "r") {
		for _, r := range o.Requests {
			found = append(found, r.ID)
		}
	}
	return found
}

// candidates are what may stand behind the words before; closed says that nothing else may, no id and no verb.
func candidates(app *cli.App, before []string, option bool) (found []string, closed bool) {
	verb := verbOf(app, before)
	flags := app.Flags
	if verb != nil {
		flags = slices.Concat(verb.Flags, flags)
	}
	if values, takes := valuesOf(flags, before); takes {
		return values, true
	}
	switch {
	case option:
		for _, f := range flags {
			found = append(found, "--"+f.Names()[0])
		}
		found = append(found, "--help")
	case verb == nil:
		for _, c := range app.Commands {
			found = append(found, c.Name)
		}
	case len(verb.Subcommands) > 0:
		for _, c := range verb.Subcommands {
			found = append(found, c.Name)
		}
	case verb.Name == "schema":
		found, _ = schemas.Names() // none is as good as an error here
	case verb.Name == "completion":
		found = shells
	case verb.Name == "explain":
		for _, e := range account.Codes {
			found = append(found, e.Code)
		}
	}
	return found, len(found) > 0
}

// valuesOf are the values that an option takes which stands last; none where it takes whatever there is. takes is false where
// no option waits for its value.
func valuesOf(flags []cli.Flag, before []string) (values []string, takes bool) {
	if len(before) == 0 || !strings.HasPrefix(before[len(before)-1], "-") || strings.Contains(before[len(before)-1], "=") {
		return nil, false
	}
	flag := lookUp(flags, strings.TrimLeft(before[len(before)-1], "-"))
	if _, isBool := flag.(*cli.BoolFlag); flag == nil || isBool {
		return nil, false
	}
	if told, ok := flag.(cli.DocGenerationFlag); ok {
		if _, list, _ := strings.Cut(told.GetUsage(), "`"); strings.Contains(list, "|") {
			list, _, _ = strings.Cut(list, "`")
			return strings.Split(list, "|"), true
		}
	}
	return nil, true
}

// verbOf finds the verb among words, and the one under it, stepping over options and their values.
func verbOf(app *cli.App, words []string) (verb *cli.Command) {
	flags, commands := app.Flags, app.Commands
	for i := 0; i < len(words); i++ {
		if strings.HasPrefix(words[i], "-") {
			name, _, assigned := strings.Cut(strings.TrimLeft(words[i], "-"), "=")
			flag := lookUp(flags, name)
			if _, isBool := flag.(*cli.BoolFlag); flag != nil && !isBool && !assigned {
				i++
			}
			continue
		}
		at := slices.IndexFunc(commands, func(c *cli.Command) bool { return c.HasName(words[i]) })
		if at < 0 {
			commands = nil // from the first argument on there is no verb
			continue
		}
		verb = commands[at]
		flags, commands = slices.Concat(app.Flags, verb.Flags), verb.Subcommands
	}
	return verb
}
