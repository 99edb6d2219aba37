package cloudformation_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"
)

// letters is a template of a queue that takes what a topic cannot deliver, and of a table that outlives the stack.
const letters = `
Description: letters
Parameters:
  Seconds: {Type: Number, Default: 60}
  Alarmed: {Type: String, Default: "no"}
Conditions:
  Alarm: !Equals [!Ref Alarmed, "yes"]
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    Properties:
      TableName: letters
      BillingMode: PAY_PER_REQUEST
      DeletionProtectionEnabled: true
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
  Queue:
    Type: AWS::SQS::Queue
    Properties: {QueueName: letters, VisibilityTimeout: !Ref Seconds}
  Policy:
    Type: AWS::SQS::QueuePolicy
    Properties: {Queues: [!Ref Queue], PolicyDocument: {Version: "2012-10-17", Statement: []}}
  Topic:
    Type: AWS::SNS::Topic
    Properties: {TopicName: !Sub "${Queue.QueueName}-topic"}
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Condition: Alarm
    Properties: {Dimensions: [{Name: QueueName, Value: !GetAtt Queue.QueueName}]}
Outputs:
  Url: {Value: !Ref Queue}
`

// planned makes a change set of letters, and waits until it is compared.
func (b *box) planned(name string, kind types.ChangeSetType, parameters map[string]string, changes ...string) *cloudformation.DescribeChangeSetOutput {
	b.t.Helper()
	in := &cloudformation.CreateChangeSetInput{
		StackName: aws.String("letters"), ChangeSetName: aws.String(name), ChangeSetType: kind, ImportExistingResources: aws.Bool(true),
		TemplateBody: aws.String(strings.NewReplacer(changes...).Replace(letters)), Capabilities: []types.Capability{types.CapabilityCapabilityIam},
	}
	for key, value := range parameters {
		in.Parameters = append(in.Parameters, types.Parameter{ParameterKey: aws.String(key), ParameterValue: aws.String(value)})
	}
	made, err := b.CreateChangeSet(b.t.Context(), in)
	if err != nil {
		b.t.Fatal(err)
	}
	for {
		out, err := b.DescribeChangeSet(b.t.Context(), &cloudformation.DescribeChangeSetInput{ChangeSetName: made.Id})
		if err != nil {
			b.t.Fatal(err)
		}
		if out.Status == types.ChangeSetStatusCreateComplete || out.Status == types.ChangeSetStatusFailed {
			return out
		}
		time.Sleep(time.Second)
	}
}

// executed carries a change set out, and waits for the stack.
func (b *box) executed(set *cloudformation.DescribeChangeSetOutput) types.Stack {
	b.t.Helper()
	if _, err := b.ExecuteChangeSet(b.t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: set.ChangeSetId}); err != nil {
		b.t.Fatal(err)
	}
	return b.settled(*set.StackId)
}

func (b *box) settled(id string) types.Stack {
	b.t.Helper()
	for {
		out, err := b.DescribeStacks(b.t.Context(), &cloudformation.DescribeStacksInput{StackName: &id})
		if err != nil {
			b.t.Fatal(err)
		}
		if !strings.HasSuffix(string(out.Stacks[0].StackStatus), "_IN_PROGRESS") {
			return out.Stacks[0]
		}
		time.Sleep(time.Second)
	}
}

func told(set *cloudformation.DescribeChangeSetOutput) []string {
	all := []string{}
	for _, c := range set.Changes {
		line := fmt.Sprintf("%s %s", c.ResourceChange.Action, *c.ResourceChange.LogicalResourceId)
		if c.ResourceChange.Replacement == types.ReplacementTrue {
			line += " anew"
		}
		all = append(all, line)
	}
	slices.Sort(all)
	return all
}

// happened are the events of a stack, the oldest first, as "STATUS LogicalId".
func (b *box) happened(id string) []string {
	b.t.Helper()
	var all []string
	pages := cloudformation.NewDescribeStackEventsPaginator(b.Client, &cloudformation.DescribeStackEventsInput{StackName: &id})
	for pages.HasMorePages() {
		out, err := pages.NextPage(b.t.Context())
		if err != nil {
			b.t.Fatal(err)
		}
		for _, e := range out.StackEvents {
			all = append(all, fmt.Sprintf("%s %s", e.ResourceStatus, *e.LogicalResourceId))
		}
	}
	slices.Reverse(all)
	return all
}

func (b *box) queues() *sqs.Client {
	return sqs.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://sandbox.test"), HTTPClient: &http.Client{Transport: b.box.RoundTripper()},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	})
}

func (b *box) faulty(rules string) {
	b.t.Helper()
	request, err := http.NewRequest(http.MethodPost, "http://sandbox.test/_sandbox/faults", strings.NewReader(rules))
	if err != nil {
		b.t.Fatal(err)
	}
	answer, err := b.box.RoundTripper().RoundTrip(request)
	if err != nil || answer.StatusCode >= 300 {
		b.t.Fatal(err, answer)
	}
}

func TestAStackComesChangesAndGoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		first := b.planned("first", types.ChangeSetTypeCreate, nil)
		if diff := cmp.Diff([]string{"Add Policy", "Add Queue", "Add Table", "Add Topic"}, told(first)); diff != "" {
			t.Errorf("what would come (-want +got)\n%s", diff)
		}
		if k := b.settledOr(*first.StackId); k.StackStatus != types.StackStatusReviewInProgress {
			t.Errorf("before anything is done the stack is %s", k.StackStatus)
		}
		k := b.executed(first)
		if k.StackStatus != types.StackStatusCreateComplete || len(k.Outputs) != 1 || *k.Description != "letters" {
			t.Fatalf("the stack: %+v", k)
		}
		url := *k.Outputs[0].OutputValue
		look := func() string {
			got, err := b.queues().GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []sqstypes.QueueAttributeName{"VisibilityTimeout"}})
			if err != nil {
				return code(err)
			}
			return got.Attributes["VisibilityTimeout"]
		}
		if got := look(); got != "60" {
			t.Errorf("the queue's visibility timeout is %s", got)
		}
		none := b.planned("none", types.ChangeSetTypeUpdate, nil)
		if none.Status != types.ChangeSetStatusFailed || !strings.Contains(*none.StatusReason, "didn't contain changes") {
			t.Errorf("a change set without changes: %s %s", none.Status, aws.ToString(none.StatusReason))
		}
		if _, err := b.ExecuteChangeSet(t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: none.ChangeSetId}); code(err) != "InvalidChangeSetStatus" {
			t.Errorf("it is executed: %v", err)
		}
		second := b.planned("second", types.ChangeSetTypeUpdate, map[string]string{"Seconds": "720", "Alarmed": "yes"})
		if diff := cmp.Diff([]string{"Add Alarm", "Modify Queue"}, told(second)); diff != "" {
			t.Errorf("what would change (-want +got)\n%s", diff)
		}
		if k := b.executed(second); k.StackStatus != types.StackStatusUpdateComplete || look() != "720" {
			t.Errorf("the stack is %s, the timeout %s", k.StackStatus, look())
		}
		third := b.planned("third", types.ChangeSetTypeUpdate, map[string]string{"Seconds": "720"})
		if diff := cmp.Diff([]string{"Remove Alarm"}, told(third)); diff != "" {
			t.Errorf("what would go (-want +got)\n%s", diff)
		}
		b.executed(third)
		if _, err := b.UpdateTerminationProtection(t.Context(), &cloudformation.UpdateTerminationProtectionInput{StackName: aws.String("letters"), EnableTerminationProtection: aws.Bool(true)}); err != nil {
			t.Fatal(err)
		}
		remove := func() error {
			_, err := b.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("letters")})
			return err
		}
		if err := remove(); code(err) != "ValidationError" {
			t.Errorf("a stack that is protected is deleted: %v", err)
		}
		if _, err := b.UpdateTerminationProtection(t.Context(), &cloudformation.UpdateTerminationProtectionInput{StackName: aws.String("letters"), EnableTerminationProtection: aws.Bool(false)}); err != nil {
			t.Fatal(err)
		}
		if err := remove(); err != nil {
			t.Fatal(err)
		}
		if k := b.settled(*k.StackId); k.StackStatus != types.StackStatusDeleteComplete || look() != "AWS.SimpleQueueService.NonExistentQueue" {
			t.Errorf("the stack is %s, the queue %s", k.StackStatus, look())
		}
		if all := b.happened(*k.StackId); !slices.Contains(all, "DELETE_SKIPPED Table") || !slices.Contains(all, "DELETE_COMPLETE Topic") {
			t.Errorf("events: %q", all)
		}
		if _, err := b.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("letters")}); code(err) != "ValidationError" {
			t.Errorf("a stack that was deleted is found by its name: %v", err)
		}

		again := b.planned("again", types.ChangeSetTypeCreate, nil)
		if diff := cmp.Diff([]string{"Add Policy", "Add Queue", "Add Topic", "Import Table"}, told(again)); diff != "" {
			t.Errorf("what would come the second time (-want +got)\n%s", diff)
		}
		if k := b.executed(again); k.StackStatus != types.StackStatusCreateComplete {
			t.Errorf("the second time the stack is %s: %s, %q", k.StackStatus, aws.ToString(k.StackStatusReason), b.happened(*k.StackId))
		}
	})
}

func (b *box) settledOr(id string) types.Stack {
	b.t.Helper()
	out, err := b.DescribeStacks(b.t.Context(), &cloudformation.DescribeStacksInput{StackName: &id})
	if err != nil {
		b.t.Fatal(err)
	}
	return out.Stacks[0]
}

func TestAStackThatFailsIsTakenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		b.faulty(`[{"operation":"sns.CreateTopic","kind":"error","code":"AuthorizationError","status":403,"message":"not authorized to perform: SNS:CreateTopic"}]`)
		k := b.executed(b.planned("first", types.ChangeSetTypeCreate, nil))
		events := b.happened(*k.StackId)
		if k.StackStatus != types.StackStatusRollbackComplete || !slices.Contains(events, "CREATE_FAILED Topic") ||
			!slices.Contains(events, "DELETE_COMPLETE Queue") || !slices.Contains(events, "DELETE_SKIPPED Table") {
			t.Errorf("the stack is %s: %q", k.StackStatus, events)
		}
		if _, err := b.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{StackName: aws.String("letters"), ChangeSetName: aws.String("x"), TemplateBody: aws.String(letters)}); code(err) != "ValidationError" ||
			!strings.Contains(err.Error(), "ROLLBACK_COMPLETE state and can not be updated") {
			t.Errorf("it can be updated: %v", err)
		}
	})
}

func TestAnUpdateThatFailsIsTakenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		b.executed(b.planned("first", types.ChangeSetTypeCreate, nil))
		b.faulty(`[{"operation":"monitoring.PutMetricAlarm","kind":"error","code":"LimitExceeded","message":"The maximum limit for this resource has been reached."},
			{"operation":"sqs.SetQueueAttributes","nth":2,"kind":"error","code":"AccessDenied","status":403,"message":"no"}]`)
		k := b.executed(b.planned("second", types.ChangeSetTypeUpdate, map[string]string{"Seconds": "720", "Alarmed": "yes"}, "Type: AWS::CloudWatch::Alarm", "Type: AWS::CloudWatch::Alarm\n    DependsOn: Queue"))
		if k.StackStatus != types.StackStatusUpdateRollbackFailed || !strings.Contains(*k.StackStatusReason, "[Queue]") {
			t.Fatalf("the stack is %s: %s", k.StackStatus, aws.ToString(k.StackStatusReason))
		}
		if _, err := b.ContinueUpdateRollback(t.Context(), &cloudformation.ContinueUpdateRollbackInput{StackName: aws.String("letters")}); err != nil {
			t.Fatal(err)
		}
		if k := b.settled(*k.StackId); k.StackStatus != types.StackStatusUpdateRollbackComplete {
			t.Errorf("the stack is %s: %q", k.StackStatus, b.happened(*k.StackId))
		}
		if got := told(b.planned("again", types.ChangeSetTypeUpdate, map[string]string{"Seconds": "60"})); len(got) != 0 {
			t.Errorf("something is left of the update: %q", got)
		}
	})
}

func TestAQueueWhoseNameWasJustDeleted(t *testing.T) {
	t.Parallel()
	for otherwise, want := range map[bool]types.StackStatus{false: types.StackStatusCreateComplete, true: types.StackStatusRollbackComplete} {
		t.Run(fmt.Sprintf("otherwise %v", otherwise), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t)
				if otherwise {
					b = start(t, assume("queue-name-taken-for-a-minute")...)
				}
				k := b.executed(b.planned("first", types.ChangeSetTypeCreate, nil))
				if _, err := b.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: k.StackId}); err != nil {
					t.Fatal(err)
				}
				b.settled(*k.StackId)
				if k := b.executed(b.planned("again", types.ChangeSetTypeCreate, nil)); k.StackStatus != want {
					t.Errorf("the stack is %s, want %s: %q", k.StackStatus, want, b.happened(*k.StackId))
				}
			})
		})
	}
}
