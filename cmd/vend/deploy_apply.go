package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/stack"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/deploy"
	"github.com/vend-cli/vend/internal/render"
)

func deployApplyCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "apply", Usage: "make the pipeline's stack, or change it",
		Flags: deployFlags(&cli.BoolFlag{Name: "yes", Usage: "do not ask", DisableDefaultText: true}),
		CustomHelpTemplate: help(`Shows what CloudFormation would do, asks, does it, and tells of each step. Then it writes into vend.yaml where the
pipeline is, and pushes the settings of that file into its table. Requests, lists and results stay as they are: an upgrade
is the same command of a newer vend. A stack is protected against being deleted.

A change that fails is taken back by CloudFormation, and the reason is told. A run that was broken off goes on in
AWS: run it again, and it is followed. What an earlier stack has left behind (table, bucket, log) is taken over.

`+deployHelp,
			[]string{
				"vend deploy apply --table vending --bucket example-vending --admin-email platform@example.com --no-function",
				"vend deploy apply --binary ./vend-arm64 --admin-email platform@example.com --group 'Platform Team' --permission-set AdministratorAccess",
			}, 4, 130),
		Action: func(c *cli.Context) error {
			if _, err := operands(c, 0, 0); err != nil {
				return err
			}
			return deployApply(c.Context, deployOptionsOf(c), s)
		},
	}
}

func deployApply(ctx context.Context, o deployOptions, s *session) error {
	if err := s.noCSV("deploy apply"); err != nil {
		return err
	}
	s.goOn = "CloudFormation goes on by itself; run `vend deploy apply` again: it follows what goes on."
	d, err := s.openDeployment(ctx, o.stack)
	if err != nil {
		return err
	}
	if err := d.mend(ctx, o.yes); err != nil {
		return err
	}
	if err := d.want(ctx, o); err != nil {
		return err
	}
	p, err := d.Plan(ctx, d.now, d.wish)
	if err != nil {
		return err
	}
	if !s.quiet {
		if err := s.aside().DeployPlan(d.shown(p)); err != nil {
			return err
		}
	}
	if !p.Nothing {
		if !o.yes {
			if err := s.agree(ctx, warning(p.Changes)); err != nil {
				return errors.Join(err, d.Discard(context.WithoutCancel(ctx), p))
			}
		}
		if err := d.carryOut(ctx, p); err != nil {
			return err
		}
	}
	return d.settle(ctx, p.Changes)
}

// aside writes for people what is not the result.
func (s *session) aside() render.Printer {
	return render.Printer{Out: s.stderr, Color: s.complaints.Color, Width: s.complaints.Width, Now: s.now}
}

func warning(changes []deploy.Change) string {
	for _, c := range changes {
		if c.Loses() {
			return "Something that is there is taken away or replaced; see the first lines."
		}
	}
	return "Nothing that is there is taken away."
}

// mend brings the stack into a state in which it can be made or changed: what goes on is followed to its end, a failed change
// that could not be taken back is taken back, and what a failed creation has left is deleted.
func (d *deployment) mend(ctx context.Context, yes bool) error {
	if err := d.wait(ctx); err != nil {
		return err
	}
	switch {
	case d.now.Stuck():
		if !yes {
			if err := d.s.agree(ctx, fmt.Sprintf("The stack %s is %s. CloudFormation goes on taking back what it could not.", d.name, d.state())); err != nil {
				return err
			}
		}
		d.s.say("The stack %s is %s: CloudFormation goes on taking back what it could not.", d.name, d.now.Status)
		if err := d.Continue(ctx, d.name); err != nil {
			return err
		}
		events, err := d.follow(ctx)
		if err != nil {
			return err
		}
		if d.now.Stuck() {
			return d.stuck(events, "it could not be taken back again")
		}
	case d.now.Unborn():
		if !yes {
			if err := d.s.agree(ctx, fmt.Sprintf("The stack %s is %s: it was never whole. What is left of it is deleted, but for table, bucket and log, and it is made anew.", d.name, d.state())); err != nil {
				return err
			}
		}
		d.s.say("The stack %s is %s: what is left of it is deleted, but for table, bucket and log.", d.name, d.now.Status)
		if err := d.delete(ctx); err != nil {
			return err
		}
	}
	return nil
}

// wait follows what goes on in the stack to its end.
func (d *deployment) wait(ctx context.Context) error {
	if !d.now.Going() {
		return nil
	}
	d.s.say("The stack %s is %s: somebody, or an earlier run, is at it. It is followed first.", d.name, d.now.Status)
	_, err := d.follow(ctx)
	return err
}

// delete deletes the stack, and follows that to its end.
func (d *deployment) delete(ctx context.Context) error {
	if d.now.Protected {
		if err := d.Protect(ctx, d.name, false); err != nil {
			return err
		}
	}
	if err := d.Delete(ctx, d.now.ID); err != nil {
		return err
	}
	events, err := d.follow(ctx)
	if err != nil {
		return err
	}
	if d.now.There() {
		return d.stuck(events, "it could not be deleted")
	}
	return nil
}

func (d *deployment) stuck(events []deploy.Event, what string) error {
	return account.Refused{
		Code: account.CodeStackStuck, Reason: fmt.Sprintf("the stack %s is %s: %s%s", d.name, d.now.Status, what, because(events)),
		Hint: "Mend what it names, then run the same command again: it goes on there.",
	}
}

// follow tells of each step until nothing goes on, and looks at the stack as it is then.
func (d *deployment) follow(ctx context.Context) ([]deploy.Event, error) {
	now, events, err := d.Follow(ctx, d.now.ID, func(e deploy.Event) {
		line := fmt.Sprintf("%s  %-34s %s", e.At.Local().Format("15:04:05"), strings.ToLower(strings.ReplaceAll(e.Status, "_", " ")), e.ID)
		if e.Failed() && e.Reason != "" {
			line += ": " + e.Reason
		}
		d.s.say("%s", line)
	})
	if err == nil {
		d.now = now
	}
	return events, err
}

// because is why a change failed, in AWS's words.
func because(events []deploy.Event) string {
	text := ""
	for i, e := range deploy.Causes(events) {
		if i == 3 {
			return text + "; …"
		}
		text += fmt.Sprintf("; %s (%s): %s", e.ID, e.Type, e.Reason)
	}
	return text
}

// carryOut makes the changes, in two steps where the function's code has no bucket yet.
func (d *deployment) carryOut(ctx context.Context, p stack.Plan) error {
	if !d.twoSteps(p) {
		if d.code.Key != "" {
			d.s.say("The function's code goes to s3://%s/%s.", d.wish.Parameters[deploy.BucketName], d.code.Key)
			if err := d.Upload(ctx, d.wish.Parameters[deploy.BucketName], d.code); err != nil {
				return err
			}
		}
		return d.execute(ctx, p)
	}
	first := d.wish
	first.Parameters = maps.Clone(d.wish.Parameters)
	first.Parameters[deploy.CodeKey] = ""
	without, err := d.Plan(ctx, d.now, first)
	if err != nil {
		return err
	}
	if err := d.execute(ctx, without); err != nil {
		return err
	}
	d.s.say("The function's code goes to s3://%s/%s; then the function is made.", d.wish.Parameters[deploy.BucketName], d.code.Key)
	if err := d.Upload(ctx, d.wish.Parameters[deploy.BucketName], d.code); err != nil {
		return err
	}
	with, err := d.Plan(ctx, d.now, d.wish)
	if err != nil || with.Nothing {
		return err
	}
	return d.execute(ctx, with)
}

// execute carries out a change set and follows it; one that fails is told with its reasons.
func (d *deployment) execute(ctx context.Context, p stack.Plan) error {
	if err := d.Execute(ctx, p); err != nil {
		return err
	}
	d.now.ID = p.Stack
	events, err := d.follow(ctx)
	if err != nil {
		return err
	}
	if d.now.Well() {
		return nil
	}
	if d.now.Stuck() {
		return d.stuck(events, "a change failed, and could not be taken back")
	}
	return account.Refused{
		Code: account.CodeStackFailed, Reason: fmt.Sprintf("the stack %s is %s: the change failed%s", d.name, d.now.Status, because(events)), Hint: remedy(events),
	}
}

// remedy is what to do about the first cause of a failure.
func remedy(events []deploy.Event) string {
	again := "then run `vend deploy apply` again: it begins where it can."
	for _, e := range deploy.Causes(events) {
		reason := strings.ToLower(e.Reason)
		switch {
		case strings.Contains(reason, "alreadyexists") || strings.Contains(reason, "already exists"):
			return "Something of that name is there already, maybe of somebody else: delete it, or give other names with --bucket, --table and --stack; " + again
		case strings.Contains(reason, "accessdenied") || strings.Contains(reason, "not authorized"):
			return "Whoever deploys needs permission for all that the template makes: use an administrator of the management account; " + again
		case strings.Contains(reason, "wait 60 seconds"):
			return "SQS takes the name of a queue that was just deleted again after a minute: wait, " + again
		case strings.Contains(reason, "limitexceeded") || strings.Contains(reason, "throttling"):
			return "A limit of AWS was reached: wait, or ask for a higher one; " + again
		}
	}
	return "Mend what it names; " + again
}

// settle writes where the pipeline is and pushes its settings, once the stack is as it should be.
func (d *deployment) settle(ctx context.Context, changes []deploy.Change) error {
	if err := d.look(ctx); err != nil {
		return err
	}
	if !d.now.Protected {
		if err := d.Protect(ctx, d.name, true); err != nil {
			return err
		}
	}
	file, err := d.write()
	if err != nil {
		return err
	}
	c, err := config.Load(config.Source{File: file})
	if err != nil {
		return err
	}
	c.Profile, c.Region = d.config.Profile, d.config.Region
	pushed, err := d.Push(ctx, c, c.Settings)
	if err != nil {
		return fmt.Errorf("push the settings of %s: %w", file, err)
	}
	return d.s.results.Deployed(render.Deployed{
		Stack: d.name, Region: d.Region(), Status: d.now.Status, Changes: changes, Outputs: d.now.Outputs, Config: file, Settings: len(pushed),
	})
}

// write writes the stack's outputs into the vend.yaml of this run, or into a new one.
func (d *deployment) write() (file string, err error) {
	out := d.now.Outputs
	values := map[string]string{
		"bucket": out["BucketName"], "prefix": out["Prefix"], "table": out["TableName"], "queueUrl": out["QueueUrl"], "topicArn": out["TopicArn"],
	}
	file = d.config.File
	if file == "" {
		if file = d.s.configFile; file == "" {
			file = "vend.yaml"
		}
	}
	before, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return file, fmt.Errorf("read %s: %w", file, err)
	}
	if errors.Is(err, fs.ErrNotExist) {
		before = []byte("# yaml-language-server: $schema=" + config.SchemaURL + "\n# Written by `vend deploy apply`; `vend schema config` says what else it may hold.\n")
	}
	text, err := config.Update(file, before, values)
	if err != nil {
		return file, err
	}
	if everyone := out["DefaultAssignment"]; everyone != "" {
		with, changed := config.Assign(text, []string{everyone})
		if changed {
			text = with
		} else if !strings.Contains(string(text), everyone) {
			d.s.say("%s has defaults of its own: %s is not among them, and was left out.", file, everyone)
		}
	}
	if string(text) == string(before) {
		return file, nil
	}
	if err := os.WriteFile(file, text, 0o600); err != nil { //nolint:gosec // the file is the one that the user names
		return file, fmt.Errorf("write %s: %w", file, err)
	}
	return file, nil
}
