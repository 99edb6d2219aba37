package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/config"
)

func manCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "man", Usage: "print the manual page of all verbs",
		CustomHelpTemplate: help(`Prints vend(1) for man: every verb with its options, examples and exit status, the environment, and the files. It is made
of the very texts that --help shows.`,
			[]string{"vend man | man -l -", "vend man > vend.1"}),
		Action: func(c *cli.Context) error {
			if _, err := operands(c, 0, 0); err != nil {
				return err
			}
			if err := s.noCSV("man"); err != nil {
				return err
			}
			_, err := io.WriteString(s.stdout, manual(c.App))
			return err
		},
	}
}

// environment are the variables beside those of settings, and what they do.
var environment = [][2]string{
	{"AWS_PROFILE, AWS_REGION, AWS_ACCESS_KEY_ID, …", "who asks, and where, as the AWS CLI reads it; AWS_ENDPOINT_URL leads to a sandbox"},
	{"VEND_CONFIG", "the settings file, where --config does not name it"},
	{"NO_COLOR, CLICOLOR, CLICOLOR_FORCE", "colours: none if NO_COLOR is set or CLICOLOR is 0; also where there is no terminal if CLICOLOR_FORCE is set and not 0"},
	{"TERM", "dumb: no colours, and no line is drawn over"},
	{
		"OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_TRACES_EXPORTER",
		"where the steps of requests are told of, as OTLP over HTTP; without them nothing is. OTEL_EXPORTER_OTLP_HEADERS, _TIMEOUT and _COMPRESSION, " +
			"OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER, OTEL_BSP_* and OTEL_SDK_DISABLED are heeded, too",
	},
	{"XDG_CONFIG_HOME", "the user's configuration folder"},
}

// places are the files that vend reads and writes.
var places = [][2]string{
	{"./vend.yaml, then vend/vend.yaml in the user's configuration folder", "settings; vend init writes one, its schema is vend schema config"},
	{"s3://BUCKET/incoming/*.csv", "account lists; the prefix is a setting"},
	{"s3://BUCKET/results/", "the same rows with what became of them"},
}

// manual is the page in the macros of man(7). That of urfave/cli knows neither examples nor exit status.
func manual(app *cli.App) string {
	var m roff
	m.macro("TH", "VEND", "1", "", "vend "+build().Version, "User Commands")
	m.macro("SH", "NAME")
	m.text("vend - " + app.Usage)
	m.macro("SH", "SYNOPSIS")
	m.macro("B", "vend")
	m.text("VERB [options] [arguments]")
	m.macro("SH", "DESCRIPTION")
	m.paragraphs(strings.Split(app.Description, "\n"))
	m.text("Options may stand anywhere; -- ends them. Results go to stdout, all else to stderr.")
	m.macro("SH", "GLOBAL OPTIONS")
	m.options(app.Flags)
	m.macro("SH", "VERBS")
	for _, v := range verbsOf(app) {
		synopsis := "vend " + v.path + " [options]"
		if len(v.Subcommands) > 0 {
			synopsis = "vend " + v.path + " VERB"
		}
		m.macro("SS", strings.TrimSpace(synopsis+" "+v.ArgsUsage))
		m.text(sentence(v.Usage))
		m.macro("PP")
		m.paragraphs(v.does)
		m.options(v.Flags)
		m.macro("PP")
		m.text("Examples:")
		m.literal(v.examples)
		m.macro("PP")
		codes := make([]string, len(v.codes))
		for i, code := range v.codes {
			codes[i] = strconv.Itoa(code)
		}
		m.text("Exit status: " + strings.Join(codes, ", ") + ".")
	}
	m.macro("SH", "EXIT STATUS")
	for _, code := range exitCodes() {
		m.item(strconv.Itoa(code), exits[code])
	}
	m.macro("SH", "ENVIRONMENT")
	for _, e := range environment {
		m.item(e[0], e[1])
	}
	for _, v := range (config.Config{}).Values() {
		if v.Variable != "" {
			m.item(v.Variable, "the setting "+v.Path)
		}
	}
	m.macro("SH", "FILES")
	for _, p := range places {
		m.item(p[0], p[1])
	}
	return m.String()
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] + "." }

// roff is a page while it is written.
type roff struct{ strings.Builder }

// escape lets a text stand for itself: hyphens are those that are typed, and no line is taken for a request.
var escape = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, "…", "...", "×", `\(mu`, "→", `\(->`)

func (m *roff) text(s string) {
	s = escape.Replace(s)
	if strings.HasPrefix(s, ".") {
		s = `\&` + s
	}
	fmt.Fprintln(m, s)
}

func (m *roff) macro(name string, args ...string) {
	fmt.Fprint(m, "."+name)
	for _, a := range args {
		fmt.Fprint(m, ` "`+strings.ReplaceAll(escape.Replace(a), `"`, `\(dq`)+`"`)
	}
	fmt.Fprintln(m)
}

// item is a term, and what is said of it.
func (m *roff) item(term, said string) {
	m.macro("TP")
	m.macro("B", term)
	m.text(said)
}

func (m *roff) options(flags []cli.Flag) {
	for _, f := range flags {
		term, said, _ := strings.Cut(f.String(), "\t")
		m.item(strings.TrimSpace(term), strings.TrimSpace(said))
	}
}

// paragraphs fills text as the page is wide, but keeps lines that are set in columns.
func (m *roff) paragraphs(lines []string) {
	kept := false
	for _, line := range lines {
		columns := strings.Contains(strings.TrimSpace(line), "  ") || strings.HasPrefix(line, " ")
		if columns != kept {
			m.macro(map[bool]string{true: "nf", false: "fi"}[columns])
			kept = columns
		}
		if strings.TrimSpace(line) == "" {
			m.macro("PP")
			continue
		}
		m.text(line)
	}
	if kept {
		m.macro("fi")
	}
}

func (m *roff) literal(lines []string) {
	m.macro("PP")
	m.macro("RS", "4")
	m.macro("nf")
	for _, line := range lines {
		m.text(line)
	}
	m.macro("fi")
	m.macro("RE")
}
