package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/access"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/render"
)

func accessExportCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "export", Usage: "write who has which permission set where as a file",
		Flags: append(scopeFlags(), &cli.StringFlag{Name: "format", Value: "yaml", Usage: "write it as `yaml|csv|cloudformation`"}),
		CustomHelpTemplate: help(`Writes the assignments of the whole organization, or of a part of it, to stdout:
yaml            the file of vend access diff and apply
csv             the columns of vend access list -o csv, which diff, apply and revoke read as well
cloudformation  a template (JSON) with AWS::SSO::PermissionSet and AWS::SSO::Assignment

Control Tower's own groups and permission sets are left out; assignments refer to its permission sets by ARN. What was
deleted meanwhile is left out, too; stderr says what and why. Without a filter the template has all permission sets, else
those of its assignments. Its resources exist already: import them into a stack. They are retained when it is deleted.
It changes nothing.`,
			[]string{"vend access export > access.yaml", "vend access export --ou Workloads/Prod --format csv", "vend access export --format cloudformation > access.json"}, 3, 4),
		Action: func(c *cli.Context) error {
			if _, err := operands(c, 0, 0); err != nil {
				return err
			}
			return accessExport(c.Context, scopeOf(c), c.String("format"), s)
		},
	}
}

func accessExport(ctx context.Context, filter engine.AccessFilter, format string, s *session) error {
	if s.results.Format != render.Table {
		return usage("access export takes --format yaml, csv or cloudformation, not -o")
	}
	switch format {
	case "yaml", "csv", "cloudformation":
	default:
		return usage("--format is %q; it takes yaml, csv or cloudformation", format)
	}
	a, err := s.openAccess(ctx)
	if err != nil {
		return err
	}
	var t engine.AccessTemplate
	if format == "cloudformation" {
		t, err = a.Template(ctx, filter)
	} else {
		t.Entries, t.Survey, err = a.List(ctx, filter)
	}
	if err != nil {
		return fmt.Errorf("export access: %w", err)
	}
	s.say("%s", surveyed(t.Survey))
	entries, left := access.Exported(t.Entries)
	for _, l := range left {
		s.say("left out: %s: %s", render.AccessEntry(l.Entry), l.Reason)
	}
	switch format {
	case "yaml":
		return s.results.AccessFile(entries)
	case "csv":
		p := s.results
		p.Format = render.CSV
		return p.Access(entries)
	}
	n, err := s.results.AccessTemplate(t.InstanceARN, t.PermissionSets, entries)
	if err == nil && n > render.TemplateBound {
		s.say("The template has %d resources, and CloudFormation takes %d: narrow it with --ou or --account.", n, render.TemplateBound)
	}
	return err
}
