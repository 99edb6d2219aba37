package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// newApp is the command line: its verbs, and the flags that all of them take.
func newApp(s *session) *cli.App {
	app := &cli.App{
		Name:                      "vend",
		HelpName:                  "vend",
		Usage:                     "vend AWS accounts in batches through Control Tower",
		Description:               "Drop an account list (CSV) into a bucket; vend makes or enrolls the accounts and assigns them.\n`vend demo` shows all of it on this machine, without AWS.",
		HideVersion:               true,
		DisableSliceFlagSeparator: true,
		Flags:                     globalFlags(),
		Writer:                    s.results.Out,
		ErrWriter:                 s.complaints.Out,
		CustomAppHelpTemplate:     appHelp,
		ExitErrHandler:            func(*cli.Context, error) {}, // only main exits
		OnUsageError:              onUsageError,
		Before:                    s.configure,
		Action: func(c *cli.Context) error {
			if c.Bool("version") {
				return version(s)
			}
			return cli.ShowAppHelp(c)
		},
		Commands: []*cli.Command{
			demoCommand(s), sandboxCommand(s),
			validateCommand(s), planCommand(s), submitCommand(s), workCommand(s),
			enrollCommand(s), statusCommand(s), historyCommand(s), reportCommand(s), explainCommand(s), accessCommand(s),
			resumeCommand(s), pauseCommand(s), cancelCommand(s),
			initCommand(s), doctorCommand(s), configCommand(s), deployCommand(s), lambdaCommand(s), schemaCommand(s), completionCommand(s), manCommand(s), versionCommand(s),
		},
	}
	for _, c := range app.Commands {
		c.OnUsageError = onUsageError
		c.HideHelpCommand = true
		for _, sub := range c.Subcommands {
			sub.OnUsageError, sub.HideHelpCommand = onUsageError, true
		}
	}
	return app
}

func onUsageError(_ *cli.Context, err error, _ bool) error { return usage("%v", err) }

const (
	forPipeline = "where the pipeline is"
	forSpeech   = "how vend speaks"
	forAWS      = "who asks"
)

func globalFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "profile", Usage: "`NAME` of the AWS profile", Category: forAWS},
		&cli.StringFlag{Name: "region", Usage: "`REGION`, the home Region of Control Tower", Category: forAWS},
		&cli.StringFlag{Name: "config", Usage: "read settings from `FILE` (default: ./vend.yaml, then the user's configuration folder)", Category: forPipeline},
		&cli.StringFlag{Name: "bucket", Usage: "`NAME` of the S3 bucket of account lists", Category: forPipeline},
		&cli.StringFlag{Name: "prefix", Usage: "`FOLDER` of the bucket that is read (default: incoming/)", Category: forPipeline},
		&cli.StringFlag{Name: "table", Usage: "`NAME` of the DynamoDB table", Category: forPipeline},
		&cli.StringFlag{Name: "queue-url", Usage: "`URL` of the SQS queue of events", Category: forPipeline},
		&cli.StringFlag{Name: "topic-arn", Usage: "`ARN` of the SNS topic that people are told through", Category: forPipeline},
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write results as `table|json|csv`", Value: "table", Category: forSpeech},
		&cli.StringFlag{Name: "color", Usage: "`auto|always|never`", Value: "auto", Category: forSpeech},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "results and errors only", Category: forSpeech, DisableDefaultText: true},
		&cli.StringFlag{Name: "log-level", Usage: "`debug|info|warn|error` (default: info for work, warn otherwise)", Category: forSpeech},
		&cli.StringFlag{Name: "log-format", Usage: "`text|json` (default: short lines on a terminal, text elsewhere)", Category: forSpeech},
		&cli.StringFlag{Name: "record", Usage: "write what AWS is asked and answers to a new `FILE`, without ids, names or addresses", Category: forSpeech, TakesFile: true},
		&cli.BoolFlag{Name: "version", Usage: "print the version", Category: forSpeech, DisableDefaultText: true},
	}
}

// settingFlags are the global flags that are settings, by the setting's path.
var settingFlags = map[string]string{
	"profile": "profile", "region": "region", "bucket": "bucket", "prefix": "prefix", "table": "table",
	"queueUrl": "queue-url", "topicArn": "topic-arn",
}

const appHelp = `NAME:
   vend - {{.Usage}}

USAGE:
   vend VERB [options] [arguments]     options may stand anywhere; -- ends them

   {{wrap .Description 3}}

VERBS:{{template "visibleCommandTemplate" .}}

GLOBAL OPTIONS:{{template "visibleFlagCategoryTemplate" .}}
   ` + "`vend VERB --help`" + ` shows the options, examples and exit status of one verb.
`

// exits are the exit codes of all verbs, in the words of their help.
var exits = map[int]string{
	0:   "fine",
	1:   "an error",
	2:   "something would change",
	3:   "the input is invalid, or missing",
	4:   "credentials, permissions or prerequisites",
	5:   "some requests failed",
	8:   "still pending",
	10:  "no such batch, request or code",
	64:  "wrong usage",
	130: "interrupted",
}

// help is the help text of one verb: what it does, examples ("command  # what for"), and the exit codes it uses beside
// 0, 1 and 64, which all use.
func help(does string, examples []string, codes ...int) string {
	var b strings.Builder
	b.WriteString("NAME:\n   {{.HelpName}} - {{.Usage}}\n\nUSAGE:\n   {{.HelpName}} [options]{{if .ArgsUsage}} {{.ArgsUsage}}{{end}}\n\n")
	for line := range strings.SplitSeq(strings.TrimSpace(does), "\n") {
		b.WriteString(strings.TrimRight("   "+strings.TrimSpace(line), " ") + "\n")
	}
	b.WriteString("\nOPTIONS:{{range .VisibleFlags}}\n   {{.}}{{end}}\n\n   Global options: `vend --help`.\n\nEXAMPLES:\n")
	for _, example := range examples {
		b.WriteString("   " + example + "\n")
	}
	b.WriteString("\nEXIT STATUS:\n")
	all := append([]int{0, 1, 64}, codes...)
	slices.Sort(all)
	for _, code := range all {
		fmt.Fprintf(&b, "   %-4d %s\n", code, exits[code])
	}
	return b.String()
}

// operands checks how many arguments a verb was given.
func operands(c *cli.Context, least, most int) ([]string, error) {
	args := c.Args().Slice()
	switch {
	case len(args) < least:
		return nil, usage("%s needs %s", c.Command.Name, c.Command.ArgsUsage)
	case most >= 0 && len(args) > most:
		return nil, usage("%s does not take %q", c.Command.Name, args[most])
	}
	return args, nil
}
