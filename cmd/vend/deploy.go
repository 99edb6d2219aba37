package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/stack"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/deploy"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/render"
)

func deployCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "deploy", Usage: "the pipeline's CloudFormation stack", ArgsUsage: "VERB",
		CustomHelpTemplate: help(`template  print the template of the stack
plan      what apply would do
apply     make the stack or change it, write vend.yaml, and push the settings
destroy   delete the stack; table, bucket and log stay

vend deploy VERB --help tells more.`,
			[]string{"vend deploy template > vend.template.yaml", "vend deploy plan --table vending --bucket example-vending --admin-email platform@example.com --no-function"}),
		Subcommands: []*cli.Command{deployTemplateCommand(s), deployPlanCommand(s), deployApplyCommand(s), deployDestroyCommand(s)},
		Action: func(c *cli.Context) error {
			if args := c.Args().Slice(); len(args) > 0 {
				return usage("deploy has no verb %q; `vend deploy --help` lists them", args[0])
			}
			return usage("deploy needs a verb: template, plan, apply or destroy")
		},
	}
}

func deployTemplateCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "template", Usage: "print the template of the stack",
		CustomHelpTemplate: help(`Prints the CloudFormation template that this vend deploys, as YAML, for pipelines that deploy it themselves. It is the
same in every account; what differs from account to account are its parameters.

cfn-lint reads it from its standard input, without any argument: it takes - for the name of a file.`,
			[]string{"vend deploy template > vend.template.yaml", "vend deploy template | cfn-lint"}),
		Action: func(c *cli.Context) error {
			if _, err := operands(c, 0, 0); err != nil {
				return err
			}
			_, err := s.stdout.Write(deploy.Template)
			return err
		},
	}
}

// deployOptions are what plan and apply are told.
type deployOptions struct {
	stack, adminEmail, group, permissionSet, binary string
	parameters                                      []string
	noFunction, yes, detailed                       bool
}

func deployFlags(more ...cli.Flag) []cli.Flag {
	return append([]cli.Flag{
		&cli.StringFlag{Name: "stack", Usage: "`NAME` of the stack (default: that of the table)"},
		&cli.StringFlag{Name: "admin-email", Usage: "`ADDRESS` that is told of failures and alarms; AWS sends it a message to confirm"},
		&cli.StringFlag{Name: "group", Usage: "Identity Center `GROUP` that gets the permission set in every new account"},
		&cli.StringFlag{Name: "permission-set", Usage: "permission set `NAME` for the group"},
		&cli.StringFlag{Name: "binary", Usage: "`FILE` with a static vend for linux/arm64, for the function (default: this one, where it is such a one)"},
		&cli.BoolFlag{Name: "no-function", Usage: "no function: vend work runs elsewhere", DisableDefaultText: true},
		&cli.StringSliceFlag{Name: "parameter", Usage: "another parameter of the template, as `NAME=VALUE`; may be given more than once"},
	}, more...)
}

func deployOptionsOf(c *cli.Context) deployOptions {
	return deployOptions{
		stack: c.String("stack"), adminEmail: c.String("admin-email"), group: c.String("group"), permissionSet: c.String("permission-set"),
		binary: c.String("binary"), parameters: c.StringSlice("parameter"), noFunction: c.Bool("no-function"), yes: c.Bool("yes"), detailed: c.Bool("detailed-exitcode"),
	}
}

const deployHelp = `The stack belongs into the management account, in the home Region of Control Tower. Bucket, table and prefix are those of
the settings; without any the table is vend, and the bucket vend-ACCOUNT-REGION. The Identity Center instance and the
portfolio of Account Factory are found. What is not given stays as the stack has it.

The function runs this program where it is a static one for linux/arm64, or that of --binary. A new stack is made in two
steps: CloudFormation takes the function's code from a bucket, and that is one of the stack, so it has to be there first.`

func deployPlanCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "plan", Usage: "what deploy apply would do",
		Flags: deployFlags(&cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit 2 when something would change", DisableDefaultText: true}),
		CustomHelpTemplate: help("Lets CloudFormation compare the stack with what it should be, and shows the change set. The change set is taken away\nagain; nothing is made.\n\n"+deployHelp,
			[]string{
				"vend deploy plan --table vending --bucket example-vending --admin-email platform@example.com --no-function",
				"vend deploy plan --table vending --bucket example-vending --admin-email platform@example.com --no-function --detailed-exitcode -o json",
			}, 2, 4),
		Action: func(c *cli.Context) error {
			if _, err := operands(c, 0, 0); err != nil {
				return err
			}
			return deployPlan(c.Context, deployOptionsOf(c), s)
		},
	}
}

// deployment is a stack, how it is now, and how it is to be.
type deployment struct {
	*engine.Deployment
	s       *session
	config  config.Config
	name    string
	now     deploy.Stack
	wish    stack.Wish
	code    deploy.Code // empty Key: none is to be uploaded
	changed []render.DeployParameter
}

// stackName is the stack of that name, or the one of the table.
func stackName(given string, c config.Config) string {
	if given != "" {
		return given
	}
	return strings.NewReplacer("_", "-", ".", "-").Replace(tableOf(c))
}

func tableOf(c config.Config) string {
	if c.Table == "" {
		return "vend"
	}
	return c.Table[strings.LastIndex(c.Table, "/")+1:] // of an ARN
}

// openDeployment looks at the stack; one that vend has not made is refused.
func (s *session) openDeployment(ctx context.Context, name string) (*deployment, error) {
	c, err := s.config()
	if err != nil {
		return nil, err
	}
	e, err := engine.Deploy(ctx, c, engine.Options{Log: s.log(slog.LevelWarn), Kind: "cli", Now: s.now})
	if err != nil {
		return nil, err
	}
	d := &deployment{Deployment: e, s: s, config: c, name: stackName(name, c)}
	return d, d.look(ctx)
}

// look reads the stack as it is.
func (d *deployment) look(ctx context.Context) (err error) {
	if d.now, err = d.Stack(ctx, d.name); err != nil {
		return err
	}
	if d.now.Status != "" && !d.now.Ours() {
		return account.Refused{Code: account.CodeStackForeign, Reason: fmt.Sprintf("the stack %s in %s is not one that vend has made", d.name, d.Region())}
	}
	return nil
}

// want works out how the stack is to be.
func (d *deployment) want(ctx context.Context, o deployOptions) error {
	before := map[string]string{}
	if d.now.There() {
		before = d.now.Parameters
	}
	known := deploy.Parameters()
	all := map[string]string{}
	for _, name := range known { // those of an older template are left behind
		if value, ok := before[name]; ok {
			all[name] = value
		}
	}
	for name, value := range map[string]string{
		deploy.BucketName: d.config.Bucket, deploy.Instance: d.config.Settings.IdentityCenter.InstanceARN, deploy.AdminEmail: o.adminEmail,
		deploy.Group: o.group, deploy.PermissionSet: o.permissionSet,
	} {
		if value != "" {
			all[name] = value
		}
	}
	if d.config.Table != "" || all[deploy.TableName] == "" {
		all[deploy.TableName] = tableOf(d.config)
	}
	if d.config.Origin("prefix") != "default" || all[deploy.Prefix] == "" {
		all[deploy.Prefix] = d.config.Prefix
	}
	for _, pair := range o.parameters {
		name, value, found := strings.Cut(pair, "=")
		if !found || !slices.Contains(known, name) {
			return usage("--parameter is %q; it takes NAME=VALUE, with a name of: %s", pair, strings.Join(known, ", "))
		}
		all[name] = value
	}
	if all[deploy.AdminEmail] == "" {
		return account.Refused{Code: "V3012", Reason: "nobody is named who is told of failures", Hint: "Give the address as --admin-email ADDRESS."}
	}
	if all[deploy.BucketName] == "" {
		id, err := d.Account(ctx)
		if err != nil {
			return err
		}
		all[deploy.BucketName] = "vend-" + id + "-" + d.Region()
	}
	for _, name := range []string{deploy.BucketName, deploy.TableName} {
		if was := before[name]; was != "" && was != all[name] {
			return account.Refused{
				Code:   account.CodeStackKeeps,
				Reason: fmt.Sprintf("the stack %s has the %s %s, and %s was asked for", d.name, strings.ToLower(strings.TrimSuffix(name, "Name")), was, all[name]),
			}
		}
	}
	if err := d.program(o, all); err != nil {
		return err
	}
	if err := d.Fill(ctx, all); err != nil {
		return err
	}
	d.wish = stack.Wish{Name: d.name, Template: deploy.Named(all[deploy.BucketName], all[deploy.TableName]), Parameters: all}
	for _, name := range known {
		if value, ok := all[name]; ok && value != before[name] {
			d.changed = append(d.changed, render.DeployParameter{Name: name, Value: value, Before: before[name]})
		}
	}
	return nil
}

// longestProgram is above any vend, and below what a function may hold.
const longestProgram = 200 << 20

// program finds the code of the function: that of the file that was named, or this program's.
func (d *deployment) program(o deployOptions, parameters map[string]string) error {
	if o.noFunction {
		if o.binary != "" {
			return usage("--no-function goes with no --binary")
		}
		parameters[deploy.CodeKey] = ""
		return nil
	}
	file := o.binary
	if file == "" {
		self, err := os.Executable()
		if err != nil {
			return fmt.Errorf("find this program: %w", err)
		}
		file = self
	}
	info, err := os.Stat(file)
	if err == nil && info.Size() > longestProgram {
		err = errors.New("it is too large for a function")
	}
	var content []byte
	if err == nil {
		content, err = os.ReadFile(file)
	}
	if err == nil {
		d.code, err = deploy.Pack(content)
	}
	switch {
	case err == nil:
		parameters[deploy.CodeKey] = d.code.Key
		return nil
	case o.binary == "" && parameters[deploy.CodeKey] != "":
		d.s.say("The function keeps its code: this program is another (%v). --binary FILE gives it a new one.", err)
		return nil
	case o.binary == "":
		return account.Refused{Code: account.CodeNoProgram, Reason: "this program cannot be the function's: " + err.Error()}
	}
	return account.Refused{Code: account.CodeNoProgram, Reason: o.binary + " cannot be the function's program: " + err.Error()}
}

func deployPlan(ctx context.Context, o deployOptions, s *session) error {
	if err := s.noCSV("deploy plan"); err != nil {
		return err
	}
	d, err := s.openDeployment(ctx, o.stack)
	if err != nil {
		return err
	}
	if err := d.wait(ctx); err != nil {
		return err
	}
	if d.now.There() && !d.now.Changeable() {
		return account.Refused{
			Code: account.CodeStackStuck, Reason: fmt.Sprintf("the stack %s is %s, and cannot be compared in that state", d.name, d.state()),
			Hint: "`vend deploy apply` says what it would do about it, and goes on from there.",
		}
	}
	if err := d.want(ctx, o); err != nil {
		return err
	}
	p, err := d.Plan(ctx, d.now, d.wish)
	if err != nil {
		return err
	}
	if !p.Nothing {
		if err := d.Discard(ctx, p); err != nil {
			return err
		}
	}
	if err := s.results.DeployPlan(d.shown(p)); err != nil {
		return err
	}
	if o.detailed && len(p.Changes) > 0 {
		return errOutcome{2}
	}
	return nil
}

// state is the stack's status, with AWS's reason where there is one.
func (d *deployment) state() string {
	if d.now.Reason == "" {
		return d.now.Status
	}
	return d.now.Status + " (" + strings.TrimSpace(d.now.Reason) + ")"
}

// shown is a plan as it is written.
func (d *deployment) shown(p stack.Plan) render.DeployPlan {
	shown := render.DeployPlan{Stack: d.name, Region: d.Region(), Changes: p.Changes, Parameters: d.changed, Code: d.wish.Parameters[deploy.CodeKey], Steps: 1}
	if d.now.There() {
		shown.Status = d.now.Status
	}
	if d.twoSteps(p) {
		shown.Steps = 2
	}
	return shown
}

// twoSteps says whether the function's code has no bucket yet into which it could go.
func (d *deployment) twoSteps(p stack.Plan) bool {
	return d.code.Key != "" && slices.ContainsFunc(p.Changes, func(c deploy.Change) bool { return c.ID == "Bucket" && c.Action == "add" })
}
