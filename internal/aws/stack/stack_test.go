package stack_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/stack"
	"github.com/vend-cli/vend/internal/deploy"
	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/samples"
)

const template = `
Description: letters
Parameters:
  Seconds: {Type: Number, Default: 60}
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
  Topic:
    Type: AWS::SNS::Topic
    Properties: {TopicName: !Sub "${Queue.QueueName}-topic"}
Outputs:
  Url: {Value: !Ref Queue}
`

// place is a sandbox, and a client of it.
type place struct {
	*stack.Client
	t   *testing.T
	box *sandbox.Sandbox
}

// at starts a sandbox; each call is tried so often.
func at(t *testing.T, attempts int, faults string, assumptions ...string) *place {
	t.Helper()
	o := sandbox.Options{World: samples.LandingZone}
	for _, name := range assumptions {
		o.World = bytes.Replace(o.World, []byte(`"assumptions": {}`), []byte(`"assumptions": {"`+name+`": true}`), 1)
	}
	if faults != "" {
		o.Faults = []byte(faults)
	}
	box, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return &place{stack.New(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://sandbox.test"), HTTPClient: &http.Client{Transport: box.RoundTripper()},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = attempts })
		},
	}), t, box}
}

func wish(seconds string) stack.Wish {
	return stack.Wish{Name: "letters", Template: template, Parameters: map[string]string{"Seconds": seconds}}
}

// apply is what a command does: it follows what goes on, plans, executes, and follows that.
func (p *place) apply(ctx context.Context, w stack.Wish) (deploy.Stack, []deploy.Event, error) {
	now, err := p.Stack(ctx, w.Name)
	if err != nil {
		return now, nil, err
	}
	if now.Going() {
		if now, _, err = p.Follow(ctx, now.ID, func(deploy.Event) {}); err != nil {
			return now, nil, err
		}
	}
	plan, err := p.Plan(ctx, now, w)
	if err != nil || plan.Nothing {
		return now, nil, err
	}
	if err := p.Execute(ctx, plan); err != nil {
		return now, nil, err
	}
	return p.Follow(ctx, plan.Stack, func(deploy.Event) {})
}

// remove deletes the stack and follows that.
func (p *place) remove(ctx context.Context) (deploy.Stack, []deploy.Event, error) {
	now, err := p.Stack(ctx, "letters")
	if err != nil || now.Status == "" {
		return now, nil, err
	}
	if !now.Going() {
		if err := p.Delete(ctx, now.ID); err != nil {
			return now, nil, err
		}
	}
	return p.Follow(ctx, now.ID, func(deploy.Event) {})
}

func (p *place) must(now deploy.Stack, events []deploy.Event, err error) func(status string) (deploy.Stack, []deploy.Event) {
	return func(status string) (deploy.Stack, []deploy.Event) {
		p.t.Helper()
		if err != nil || now.Status != status {
			p.t.Fatalf("the stack is %q, want %q: %v", now.Status, status, err)
		}
		return now, events
	}
}

func refusal(err error) string {
	var r account.Refused
	if errors.As(err, &r) {
		return r.Code
	}
	return fmt.Sprint(err)
}

func verbs(changes []deploy.Change) []string {
	var all []string
	for _, c := range changes {
		all = append(all, c.Action+" "+c.ID)
	}
	slices.Sort(all)
	return all
}

func TestUpChangeAndDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := at(t, 1, "")
		now, events := p.must(p.apply(t.Context(), wish("60")))("CREATE_COMPLETE")
		if now.Outputs["Url"] == "" || now.Parameters["Seconds"] != "60" || now.About != "letters" {
			t.Errorf("the stack: %+v", now)
		}
		if len(events) != 8 || events[0].Status != "CREATE_IN_PROGRESS" || events[len(events)-1].Status != "CREATE_COMPLETE" {
			t.Errorf("its %d events: %+v", len(events), events)
		}
		plan, err := p.Plan(t.Context(), now, wish("720"))
		if err != nil || !slices.Equal(verbs(plan.Changes), []string{"modify Queue"}) || !slices.Equal(plan.Changes[0].Properties, []string{"VisibilityTimeout"}) {
			t.Fatalf("the plan: %+v, %v", plan, err)
		}
		if again, err := p.Plan(t.Context(), now, wish("720")); err != nil || again.ID != plan.ID {
			t.Errorf("the same wish is another change set: %s and %s, %v", plan.ID, again.ID, err)
		}
		if err := p.Discard(t.Context(), plan); err != nil {
			t.Fatal(err)
		}
		now, events = p.must(p.apply(t.Context(), wish("720")))("UPDATE_COMPLETE")
		if events[0].Status != "UPDATE_IN_PROGRESS" {
			t.Errorf("events of the change before are told again: %+v", events)
		}
		if plan, err := p.Plan(t.Context(), now, wish("720")); err != nil || !plan.Nothing || len(plan.Changes) != 0 {
			t.Errorf("nothing changes: %+v, %v", plan, err)
		}
		resources, err := p.Resources(t.Context(), "letters")
		if err != nil || len(resources) != 3 || resources[0].ID != "Queue" || !strings.HasSuffix(resources[0].Physical, "/letters") {
			t.Errorf("resources: %+v, %v", resources, err)
		}
		if err := p.Protect(t.Context(), "letters", true); err != nil {
			t.Fatal(err)
		}
		if _, _, err := p.remove(t.Context()); refusal(err) != account.CodeStackFailed {
			t.Errorf("a protected stack is deleted: %v", err)
		}
		if err := p.Protect(t.Context(), "letters", false); err != nil {
			t.Fatal(err)
		}
		p.must(p.remove(t.Context()))("DELETE_COMPLETE")
		if now, err := p.Stack(t.Context(), "letters"); err != nil || now.There() || now.Name != "letters" {
			t.Errorf("afterwards: %+v, %v", now, err)
		}
		if all, err := p.Resources(t.Context(), "letters"); err != nil || len(all) > 0 {
			t.Errorf("resources afterwards: %+v, %v", all, err)
		}
		plan, err = p.Plan(t.Context(), deploy.Stack{Name: "letters"}, wish("60"))
		if err != nil || !slices.Equal(verbs(plan.Changes), []string{"add Queue", "add Topic", "import Table"}) {
			t.Errorf("the table that has stayed: %+v, %v", plan, err)
		}
		if err := p.Discard(t.Context(), plan); err != nil {
			t.Fatal(err)
		}
		if now, err := p.Stack(t.Context(), "letters"); err != nil || now.Status != "DELETE_IN_PROGRESS" && now.Status != "" {
			t.Errorf("a plan that was discarded leaves %+v, %v", now, err)
		}
	})
}

// withoutRacing leaves a test to the run without the race detector.
func withoutRacing(t *testing.T) {
	t.Helper()
	if racing {
		t.Skip("one call after the other races nothing, and takes half a minute; make test runs this without the race detector")
	}
}

// TestEveryCallGoesWrong lets each call of a creation, a change and a deletion go wrong in each way, and runs the command again:
// the end is that of an undisturbed run.
func TestEveryCallGoesWrong(t *testing.T) {
	withoutRacing(t)
	t.Parallel()
	for name, verdict := range map[string]sandbox.Verdict{
		"refused before the effect":               {Code: "InternalFailure", Status: 500, Message: "no"},
		"an error after the effect":               {Code: "InternalFailure", Status: 500, Message: "yes"},
		"no answer after the effect":              {Drop: true},
		"too many calls, before the effect":       {Code: "Throttling", Message: "Rate exceeded"},
		"credentials that end, before the effect": {Code: "ExpiredToken", Status: 403, Message: "The security token included in the request is expired"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after := strings.Contains(name, "after")
			for nth := 1; ; nth++ {
				hit := false
				synctest.Test(t, func(t *testing.T) { hit = disturbed(t, nth, after, verdict) })
				if t.Failed() {
					t.Fatalf("call %d", nth)
				}
				if !hit {
					if nth < 15 {
						t.Errorf("only %d calls were made", nth)
					}
					return
				}
			}
		})
	}
}

// disturbed lets the nth call go wrong, and says whether there was one.
func disturbed(t *testing.T, nth int, after bool, verdict sandbox.Verdict) (hit bool) {
	p := at(t, 1, "")
	var mu sync.Mutex
	count := 0
	p.box.Intercept(func(r sandbox.Request) sandbox.Verdict {
		mu.Lock()
		defer mu.Unlock()
		if r.Done != after {
			return sandbox.Verdict{}
		}
		if count++; count == nth {
			hit = true
			return verdict
		}
		return sandbox.Verdict{}
	})
	again := func(do func() (deploy.Stack, []deploy.Event, error), want string) {
		for attempt := 0; ; attempt++ {
			now, _, err := do()
			if err == nil && (now.Status == want || want == "DELETE_COMPLETE" && !now.There()) {
				return
			}
			if attempt == 2 {
				t.Errorf("the stack is %q, want %q: %v", now.Status, want, err)
				return
			}
		}
	}
	again(func() (deploy.Stack, []deploy.Event, error) { return p.apply(t.Context(), wish("60")) }, "CREATE_COMPLETE")
	again(func() (deploy.Stack, []deploy.Event, error) { return p.apply(t.Context(), wish("720")) }, "UPDATE_COMPLETE")
	again(func() (deploy.Stack, []deploy.Event, error) { return p.remove(t.Context()) }, "DELETE_COMPLETE")
	return hit
}

func TestAChangeThatFailsTellsWhy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := at(t, 1, `[{"operation":"sns.CreateTopic","kind":"error","code":"AuthorizationError","status":403,"message":"not authorized to perform: SNS:CreateTopic"}]`)
		_, events := p.must(p.apply(t.Context(), wish("60")))("ROLLBACK_COMPLETE")
		if causes := deploy.Causes(events); len(causes) != 1 || causes[0].ID != "Topic" || !strings.Contains(causes[0].Reason, "not authorized to perform: SNS:CreateTopic") {
			t.Errorf("causes: %+v", causes)
		}
		now, err := p.Stack(t.Context(), "letters")
		if err != nil || !now.Unborn() {
			t.Fatalf("%+v, %v", now, err)
		}
		p.must(p.remove(t.Context()))("DELETE_COMPLETE")
		p.must(p.apply(t.Context(), wish("60")))("CREATE_COMPLETE")
	})
}

func TestAnUpdateThatIsStuckGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := at(t, 1, "")
		p.must(p.apply(t.Context(), wish("60")))("CREATE_COMPLETE")
		w := wish("720")
		w.Template = strings.Replace(template, "{TopicName: !Sub", "{KmsMasterKeyId: alias/x, TopicName: !Sub", 1)
		request, err := http.NewRequest(http.MethodPost, "http://sandbox.test/_sandbox/faults", strings.NewReader(
			`[{"operation":"sns.SetTopicAttributes","kind":"error","code":"InvalidParameter","message":"no such key"},
			{"operation":"sqs.SetQueueAttributes","nth":2,"kind":"error","code":"AccessDenied","status":403,"message":"no"}]`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.box.RoundTripper().RoundTrip(request); err != nil {
			t.Fatal(err)
		}
		now, _ := p.must(p.apply(t.Context(), w))("UPDATE_ROLLBACK_FAILED")
		if !now.Stuck() {
			t.Errorf("%+v", now)
		}
		if err := p.Continue(t.Context(), "letters"); err != nil {
			t.Fatal(err)
		}
		_, events := p.must(p.Follow(t.Context(), now.ID, func(deploy.Event) {}))("UPDATE_ROLLBACK_COMPLETE")
		if len(deploy.Causes(events)) != 0 {
			t.Errorf("what had failed before is told again: %+v", events)
		}
		p.must(p.apply(t.Context(), w))("UPDATE_COMPLETE")
	})
}

func TestAChangeSetThatFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := at(t, 1, "")
		p.must(p.apply(t.Context(), wish("60")))("CREATE_COMPLETE")
		p.must(p.remove(t.Context()))("DELETE_COMPLETE")
		w := wish("60")
		w.Template = strings.Replace(template, "    DeletionPolicy: Retain\n", "", 1)
		_, err := p.Plan(t.Context(), deploy.Stack{Name: "letters"}, w)
		if refusal(err) != account.CodeStackFailed || !strings.Contains(err.Error(), "must have the DeletionPolicy attribute") {
			t.Errorf("%v", err)
		}
		w.Template = "Resources: {X: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Nobody}}}"
		w.Parameters = nil
		if _, err = p.Plan(t.Context(), deploy.Stack{Name: "letters"}, w); refusal(err) != account.CodeStackFailed || !strings.Contains(err.Error(), "Nobody") {
			t.Errorf("%v", err)
		}
	})
}

func TestThrottledEventsAreAwaited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := at(t, 2, `[{"operation":"cloudformation.DescribeStackEvents","nth":2,"times":9,"kind":"error","code":"Throttling","status":400,"message":"Rate exceeded"},
			{"operation":"cloudformation.DescribeStacks","nth":3,"times":9,"kind":"error","code":"Throttling","status":400,"message":"Rate exceeded"}]`)
		_, events := p.must(p.apply(t.Context(), wish("60")))("CREATE_COMPLETE")
		if len(events) != 8 {
			t.Errorf("%d events", len(events))
		}
	})
}

func TestWhoeverStopsLookingStopsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := at(t, 1, "")
		plan, err := p.Plan(t.Context(), deploy.Stack{Name: "letters"}, wish("60"))
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Execute(t.Context(), plan); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		_, _, err = p.Follow(ctx, plan.Stack, func(deploy.Event) { cancel() })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		if err := p.Execute(t.Context(), plan); err != nil {
			t.Errorf("the same change set, executed again while it goes on: %v", err)
		}
		_, events := p.must(p.Follow(t.Context(), plan.Stack, func(deploy.Event) {}))("CREATE_COMPLETE")
		if len(events) != 8 {
			t.Errorf("%d events of the whole change", len(events))
		}
	})
}
