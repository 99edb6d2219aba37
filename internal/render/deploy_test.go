package render_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/deploy"
	"github.com/vend-cli/vend/internal/render"
)

// changed are changes of every sort, in CloudFormation's order.
var changed = []deploy.Change{
	{Action: "add", ID: "Function", Type: "AWS::Lambda::Function"},
	{Action: "import", ID: "Table", Type: "AWS::DynamoDB::Table", Physical: "vend"},
	{Action: "modify", ID: "Inbox", Type: "AWS::SQS::Queue", Physical: "https://sqs.eu-west-1.amazonaws.com/111111111111/vend-inbox", Properties: []string{"VisibilityTimeout"}},
	{Action: "modify", ID: "Topic", Type: "AWS::SNS::Topic", Replacement: "true", Properties: []string{"TopicName"}},
	{Action: "modify", ID: "TopicPolicy", Type: "AWS::SNS::TopicPolicy", Replacement: "conditional", Properties: []string{"Topics"}},
	{Action: "remove", ID: "OldAlarm", Type: "AWS::CloudWatch::Alarm", Physical: "vend-old"},
	{Action: "remove", ID: "OldLog", Type: "AWS::Logs::LogGroup", Physical: "/old", Kept: true},
}

func TestDeployPlan(t *testing.T) {
	t.Parallel()
	plan := render.DeployPlan{
		Stack: "vend", Region: "eu-west-1", Status: "UPDATE_COMPLETE", Changes: changed, Code: "code/0123456789abcdef.zip", Steps: 2,
		Parameters: []render.DeployParameter{{Name: "TableName", Value: "vend\x1b[31m"}, {Name: "LogRetentionDays", Value: "30", Before: "90"}},
	}
	var b bytes.Buffer
	if err := (render.Printer{Out: &b}).DeployPlan(plan); err != nil {
		t.Fatal(err)
	}
	const want = `The stack vend in eu-west-1 changes: 1 to remove, 2 to replace, 1 to modify, 1 to take out, 1 to take over, 1 to add.

  remove    OldAlarm     AWS::CloudWatch::Alarm
  replace   Topic        AWS::SNS::Topic         TopicName
  replace?  TopicPolicy  AWS::SNS::TopicPolicy   Topics
  modify    Inbox        AWS::SQS::Queue         VisibilityTimeout
  take out  OldLog       AWS::Logs::LogGroup
  take over Table        AWS::DynamoDB::Table    vend
  add       Function     AWS::Lambda::Function
`
	before, rest, _ := strings.Cut(b.String(), "\nParameters:\n")
	if diff := cmp.Diff(strings.Fields(want), strings.Fields(before)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if strings.Contains(rest, "\x1b") || !strings.Contains(rest, "  LogRetentionDays = 30 (was 90)\n") || !strings.Contains(rest, "In two steps:") {
		t.Errorf("the rest:\n%q", rest)
	}
	b.Reset()
	if err := (render.Printer{Out: &b, Format: render.JSON}).DeployPlan(plan); err != nil {
		t.Fatal(err)
	}
	describes(t, "deploy-plan", b.String())
	b.Reset()
	if err := (render.Printer{Out: &b, Format: render.JSON}).DeployPlan(render.DeployPlan{Stack: "vend", Region: "eu-west-1"}); err != nil {
		t.Fatal(err)
	}
	describes(t, "deploy-plan", b.String())
}

func TestDeployed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		write func(render.Printer) error
		text  string
	}{
		"deploy": {func(p render.Printer) error {
			return p.Deployed(render.Deployed{
				Stack: "vend", Region: "eu-west-1", Status: "UPDATE_COMPLETE", Changes: changed, Outputs: map[string]string{"TableName": "vend"}, Config: "vend.yaml", Settings: 2,
			})
		}, "vend.yaml says where it is; settings of the pipeline that changed: 2."},
		"destroy": {func(p render.Printer) error {
			return p.Destroyed(render.Destroyed{Stack: "vend", Region: "eu-west-1", Deleted: true, Kept: []deploy.Resource{{ID: "Table", Type: "AWS::DynamoDB::Table", Physical: "vend"}}})
		}, "  AWS::DynamoDB::Table  vend\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := test.write(render.Printer{Out: &b}); err != nil || !strings.Contains(b.String(), test.text) {
				t.Errorf("%v\n%s", err, b.String())
			}
			b.Reset()
			if err := test.write(render.Printer{Out: &b, Format: render.JSON}); err != nil {
				t.Fatal(err)
			}
			describes(t, name, b.String())
		})
	}
}
