package events_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox"
)

const queueARN = "arn:aws:sqs:us-east-1:111111111111:inbox"

type clients struct {
	*eventbridge.Client
	sandbox *sandbox.Sandbox
	queues  *sqs.Client
	topics  *sns.Client
}

func start(t *testing.T) clients {
	t.Helper()
	return startWith(t, sandbox.Options{})
}

func startWith(t *testing.T, o sandbox.Options) clients {
	t.Helper()
	s, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	config := aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://sandbox.test"), Retryer: func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		HTTPClient:  &http.Client{Transport: s.RoundTripper()},
	}
	c := clients{eventbridge.NewFromConfig(config), s, sqs.NewFromConfig(config), sns.NewFromConfig(config)}
	if _, err := c.queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("inbox")}); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c clients) rule(t *testing.T, name, pattern string, targets ...types.Target) {
	t.Helper()
	if _, err := c.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: &name, EventPattern: &pattern}); err != nil {
		t.Fatal(err)
	}
	if len(targets) == 0 {
		return
	}
	if _, err := c.PutTargets(t.Context(), &eventbridge.PutTargetsInput{Rule: &name, Targets: targets}); err != nil {
		t.Fatal(err)
	}
}

func (c clients) put(t *testing.T, source, detail string) {
	t.Helper()
	out, err := c.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		Source: &source, DetailType: aws.String("Test"), Detail: &detail,
	}}})
	if err != nil || out.FailedEntryCount != 0 {
		t.Fatalf("%+v, %v", out, err)
	}
}

func (c clients) take(t *testing.T) []string {
	t.Helper()
	var bodies []string
	for {
		out, err := c.queues.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
			QueueUrl: aws.String("http://x/111111111111/inbox"), WaitTimeSeconds: 5, MaxNumberOfMessages: 10,
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Messages) == 0 {
			return bodies
		}
		for _, m := range out.Messages {
			bodies = append(bodies, *m.Body)
		}
	}
}

func refused(t *testing.T, err error, code string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestAnEventReachesItsTargets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := start(t)
		topic, err := c.topics.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String("news")})
		if err != nil {
			t.Fatal(err)
		}
		c.rule(t, "all", `{"source":["my.app"]}`,
			types.Target{Id: aws.String("queue"), Arn: aws.String(queueARN)}, types.Target{Id: aws.String("topic"), Arn: topic.TopicArn})
		c.rule(t, "other", `{"source":["your.app"]}`, types.Target{Id: aws.String("queue"), Arn: aws.String(queueARN)})
		c.put(t, "my.app", `{"n":1}`)
		begun := time.Now()
		got := c.take(t)
		if len(got) != 1 {
			t.Fatalf("got %v", got)
		}
		var event map[string]any
		if err := json.Unmarshal([]byte(got[0]), &event); err != nil {
			t.Fatal(err)
		}
		if event["id"] == "" || event["time"] != begun.UTC().Format(time.RFC3339) {
			t.Errorf("got %s", got[0])
		}
		delete(event, "id")
		delete(event, "time")
		want := map[string]any{
			"version": "0", "detail-type": "Test", "source": "my.app", "account": "111111111111", "region": "us-east-1",
			"resources": []any{}, "detail": map[string]any{"n": 1.0},
		}
		if diff := cmp.Diff(want, event); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if published := c.sandbox.Published(); len(published) != 1 || published[0].Message != got[0] {
			t.Errorf("the topic got %v", published)
		}
	})
}

func TestEventsOfAWSServicesComeLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := start(t)
		c.rule(t, "s3", `{"source":["aws.s3"],"detail":{"object":{"key":[{"prefix":"incoming/"}]}}}`,
			types.Target{Id: aws.String("queue"), Arn: aws.String(queueARN), InputPath: aws.String("$.detail.object.key")})
		w := c.sandbox.World()
		w.Do(func() {
			for _, key := range []string{"incoming/x.csv", "results/x.csv"} {
				w.Publish("aws.s3", "Object Created", nil, map[string]any{"object": map[string]any{"key": key}})
			}
		})
		begun := time.Now()
		out, err := c.queues.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: aws.String("http://x/111111111111/inbox"), WaitTimeSeconds: 20})
		if err != nil || len(out.Messages) != 1 || *out.Messages[0].Body != `"incoming/x.csv"` {
			t.Fatalf("got %+v, %v", out, err)
		}
		if waited := time.Since(begun); waited != w.Timing.EventDelay {
			t.Errorf("it came after %v, want %v", waited, w.Timing.EventDelay)
		}
	})
}

func TestInput(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		target types.Target
		want   []string
	}{
		"a constant":                   {types.Target{Input: aws.String(`{"go":true}`)}, []string{`{"go":true}`}},
		"a part of the event":          {types.Target{InputPath: aws.String("$.detail")}, []string{`{"list":[{"a b":1},2]}`}},
		"a part by index and name":     {types.Target{InputPath: aws.String("$.detail.list[0]['a b']")}, []string{`1`}},
		"a path that leads nowhere":    {types.Target{InputPath: aws.String("$.detail.none")}, nil},
		"an absent target and no DLQ":  {types.Target{Arn: aws.String("arn:aws:sqs:us-east-1:111111111111:none")}, nil},
		"an absent target with a DLQ:": {types.Target{Arn: aws.String("arn:aws:sqs:us-east-1:111111111111:none"), DeadLetterConfig: &types.DeadLetterConfig{Arn: aws.String(queueARN)}}, []string{"event"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := start(t)
				test.target.Id = aws.String("t")
				if test.target.Arn == nil {
					test.target.Arn = aws.String(queueARN)
				}
				c.rule(t, "r", `{"source":["my.app"]}`, test.target)
				c.put(t, "my.app", `{"list":[{"a b":1},2]}`)
				got := c.take(t)
				if len(got) == 1 && len(test.want) == 1 && test.want[0] == "event" {
					return
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
			})
		})
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := start(t)
		ctx := t.Context()
		name := aws.String("r")
		pattern := `{"source":["my.app"]}`
		c.rule(t, *name, pattern, types.Target{Id: aws.String("t"), Arn: aws.String(queueARN)})
		c.rule(t, "another", pattern)
		got, err := c.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: name})
		if err != nil || *got.EventPattern != pattern || got.State != types.RuleStateEnabled || *got.Arn != "arn:aws:events:us-east-1:111111111111:rule/r" {
			t.Errorf("%+v, %v", got, err)
		}
		list, err := c.ListRules(ctx, &eventbridge.ListRulesInput{Limit: aws.Int32(1)})
		if err != nil || len(list.Rules) != 1 || *list.Rules[0].Name != "another" || list.NextToken == nil {
			t.Fatalf("%+v, %v", list, err)
		}
		list, err = c.ListRules(ctx, &eventbridge.ListRulesInput{NextToken: list.NextToken, EventBusName: aws.String("default")})
		if err != nil || len(list.Rules) != 1 || *list.Rules[0].Name != "r" {
			t.Errorf("%+v, %v", list, err)
		}
		names, err := c.ListRuleNamesByTarget(ctx, &eventbridge.ListRuleNamesByTargetInput{TargetArn: aws.String(queueARN)})
		if err != nil || !cmp.Equal(names.RuleNames, []string{"r"}) {
			t.Errorf("%+v, %v", names, err)
		}
		if _, err := c.DisableRule(ctx, &eventbridge.DisableRuleInput{Name: name}); err != nil {
			t.Error(err)
		}
		c.put(t, "my.app", `{}`)
		if got := c.take(t); len(got) != 0 {
			t.Errorf("a disabled rule: %v", got)
		}
		if _, err := c.EnableRule(ctx, &eventbridge.EnableRuleInput{Name: name}); err != nil {
			t.Error(err)
		}
		c.put(t, "my.app", `{}`)
		if got := c.take(t); len(got) != 1 {
			t.Errorf("an enabled rule: %v", got)
		}
		_, err = c.DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: name})
		refused(t, err, "ValidationException")
		removed, err := c.RemoveTargets(ctx, &eventbridge.RemoveTargetsInput{Rule: name, Ids: []string{"t"}})
		if err != nil || removed.FailedEntryCount != 0 {
			t.Errorf("%+v, %v", removed, err)
		}
		targets, err := c.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: name})
		if err != nil || len(targets.Targets) != 0 {
			t.Errorf("%+v, %v", targets, err)
		}
		for range 2 {
			if _, err := c.DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: name}); err != nil {
				t.Error(err)
			}
		}
		_, err = c.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: name})
		refused(t, err, "ResourceNotFoundException")
	})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.rule(t, "r", `{"source":["my.app"]}`)
	target := func(change func(*types.Target)) error {
		in := types.Target{Id: aws.String("t"), Arn: aws.String(queueARN)}
		change(&in)
		_, err := c.PutTargets(t.Context(), &eventbridge.PutTargetsInput{Rule: aws.String("r"), Targets: []types.Target{in}})
		return err
	}
	rule := func(in eventbridge.PutRuleInput) error {
		_, err := c.PutRule(t.Context(), &in)
		return err
	}
	for name, test := range map[string]struct {
		err  error
		code string
	}{
		"a rule with neither pattern nor schedule": {rule(eventbridge.PutRuleInput{Name: aws.String("x")}), "ValidationException"},
		"a schedule":              {rule(eventbridge.PutRuleInput{Name: aws.String("x"), ScheduleExpression: aws.String("rate(1 hour)")}), "NotImplemented"},
		"a name with a blank":     {rule(eventbridge.PutRuleInput{Name: aws.String("a b"), EventPattern: aws.String(`{"source":["x"]}`)}), "ValidationException"},
		"a bus that is absent":    {rule(eventbridge.PutRuleInput{Name: aws.String("x"), EventBusName: aws.String("mine"), EventPattern: aws.String(`{"source":["x"]}`)}), "ResourceNotFoundException"},
		"a target that is no ARN": {target(func(t *types.Target) { t.Arn = aws.String("queue") }), "ValidationException"},
		"a target that is a function": {target(func(t *types.Target) {
			t.Arn = aws.String("arn:aws:lambda:us-east-1:111111111111:function:f")
		}), "NotImplemented"},
		"an input that is no JSON": {target(func(t *types.Target) { t.Input = aws.String("{") }), "ValidationException"},
		"a path that is none":      {target(func(t *types.Target) { t.InputPath = aws.String("detail") }), "ValidationException"},
		"an input transformer": {target(func(t *types.Target) {
			t.InputTransformer = &types.InputTransformer{InputTemplate: aws.String(`"x"`)}
		}), "NotImplemented"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, test.err, test.code)
		})
	}
}

func TestPutEventsRefusesEntriesOneByOne(t *testing.T) {
	t.Parallel()
	c := start(t)
	entry := func(source, detail string) types.PutEventsRequestEntry {
		return types.PutEventsRequestEntry{Source: &source, DetailType: aws.String("Test"), Detail: &detail}
	}
	out, err := c.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{
		entry("my.app", "{}"), entry("aws.controltower", "{}"), entry("my.app", "[]"), entry("", "{}"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, e := range out.Entries {
		codes = append(codes, aws.ToString(e.ErrorCode))
	}
	want := []string{"", "NotAuthorizedForSourceException", "MalformedDetail", "InvalidArgument"}
	if diff := cmp.Diff(want, codes); diff != "" || out.FailedEntryCount != 3 {
		t.Errorf("%d failed (-want +got)\n%s", out.FailedEntryCount, diff)
	}
}
