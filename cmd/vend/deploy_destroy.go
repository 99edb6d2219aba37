package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/deploy"
	"github.com/vend-cli/vend/internal/render"
)

func deployDestroyCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "destroy", Usage: "delete the pipeline's stack; table, bucket and log stay",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "stack", Usage: "`NAME` of the stack (default: that of the table)"},
			&cli.BoolFlag{Name: "yes", Usage: "do not ask", DisableDefaultText: true},
		},
		CustomHelpTemplate: help(`Deletes the stack: queues, rules, topic, function, alarms and roles, and the association with Account Factory's portfolio.
The table with all requests, the bucket with all lists and results, and the log stay; it says what they are called. Accounts
that AWS is at work on go on, and nobody assigns anything in them. The next apply with the same names takes over what has
stayed. A run that was broken off, or that failed, is begun again.`,
			[]string{"vend deploy destroy --stack vending", "vend deploy destroy --stack vending --yes -o json"}, 4, 130),
		Action: func(c *cli.Context) error {
			if _, err := operands(c, 0, 0); err != nil {
				return err
			}
			return deployDestroy(c.Context, c.String("stack"), c.Bool("yes"), s)
		},
	}
}

// lasting are the parts of the template that outlive the stack.
var lasting = []string{"Bucket", "Table", "Logs"}

func deployDestroy(ctx context.Context, name string, yes bool, s *session) error {
	if err := s.noCSV("deploy destroy"); err != nil {
		return err
	}
	s.goOn = "CloudFormation goes on by itself; run `vend deploy destroy` again: it follows what goes on."
	d, err := s.openDeployment(ctx, name)
	if err != nil {
		return err
	}
	if err := d.wait(ctx); err != nil {
		return err
	}
	if d.now.Status == "" || d.now.Status == "DELETE_COMPLETE" {
		return s.results.Destroyed(render.Destroyed{Stack: d.name, Region: d.Region()})
	}
	resources, err := d.Resources(ctx, d.now.ID)
	if err != nil {
		return err
	}
	kept := d.kept(resources)
	if !yes {
		what := fmt.Sprintf("The stack %s in %s is deleted, with %d resources.\n%s%s", d.name, d.Region(), len(without(resources)), render.Staying(kept), d.atWork(ctx))
		if err := s.agree(ctx, what); err != nil {
			return err
		}
	}
	if err := d.delete(ctx); err != nil {
		return err
	}
	return s.results.Destroyed(render.Destroyed{Stack: d.name, Region: d.Region(), Deleted: true, Kept: kept})
}

// kept are the parts that stay: those that the stack holds, and those that an attempt before this one has let go already.
func (d *deployment) kept(resources []deploy.Resource) []deploy.Resource {
	table := d.now.Parameters[deploy.TableName]
	known := map[string]deploy.Resource{
		"Bucket": {Type: "AWS::S3::Bucket", Physical: d.now.Parameters[deploy.BucketName]}, "Table": {Type: "AWS::DynamoDB::Table", Physical: table},
		"Logs": {Type: "AWS::Logs::LogGroup", Physical: "/aws/lambda/" + table},
	}
	var all []deploy.Resource
	for _, id := range lasting {
		r := known[id]
		r.ID = id
		if i := slices.IndexFunc(resources, func(r deploy.Resource) bool { return r.ID == id && r.Physical != "" }); i >= 0 {
			r = resources[i]
		} else if d.now.Status != "DELETE_FAILED" {
			continue // it was never made
		}
		all = append(all, r)
	}
	return all
}

// without are the resources that do not stay.
func without(resources []deploy.Resource) []deploy.Resource {
	return slices.DeleteFunc(slices.Clone(resources), func(r deploy.Resource) bool { return slices.Contains(lasting, r.ID) })
}

// atWork says how many accounts would be left alone, where the table can still be read.
func (d *deployment) atWork(ctx context.Context) string {
	table := d.now.Outputs["TableName"]
	if table == "" {
		return ""
	}
	n, err := d.InFlight(ctx, table)
	if err != nil || n == 0 {
		return ""
	}
	return fmt.Sprintf("AWS is at work on %d of its accounts: it goes on, and nobody assigns anything in them afterwards.\n", n)
}
