package sandbox_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/servicecatalog"
	sctypes "github.com/aws/aws-sdk-go-v2/service/servicecatalog/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox"
)

// outcomes creates queues named 1, 2, 3 … and tells how each call ended.
func outcomes(t *testing.T, c aws.Config, n int) []string {
	t.Helper()
	var got []string
	for i := range n {
		err := createQueue(t.Context(), c, string(rune('1'+i)))
		switch {
		case err == nil:
			got = append(got, "ok")
		case errors.Is(err, io.ErrUnexpectedEOF):
			got = append(got, "lost")
		default:
			got = append(got, errorCode(err))
		}
	}
	return got
}

func errorCode(err error) string {
	var api interface{ ErrorCode() string }
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return err.Error()
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rules  string
		want   []string // how five calls end
		queues []string // what there is afterwards
	}{
		"none": {`[]`, []string{"ok", "ok", "ok", "ok", "ok"}, []string{"1", "2", "3", "4", "5"}},
		"an error, once": {
			`[{"operation":"sqs.CreateQueue","kind":"error","code":"ThrottlingException"}]`,
			[]string{"ThrottlingException", "ok", "ok", "ok", "ok"},
			[]string{"2", "3", "4", "5"},
		},
		"an error, the second and third time": {
			`[{"operation":"sqs.CreateQueue","nth":2,"times":2,"kind":"error","code":"InternalFailure","status":500,"message":"Oh."}]`,
			[]string{"ok", "InternalFailure", "InternalFailure", "ok", "ok"},
			[]string{"1", "4", "5"},
		},
		"an error after the effect": {
			`[{"operation":"sqs.CreateQueue","kind":"error-after-effect","code":"InternalFailure","status":500}]`,
			[]string{"InternalFailure", "ok", "ok", "ok", "ok"},
			[]string{"1", "2", "3", "4", "5"},
		},
		"an answer that is lost": {
			`[{"operation":"sqs.CreateQueue","nth":5,"kind":"drop-after-effect"}]`,
			[]string{"ok", "ok", "ok", "ok", "lost"},
			[]string{"1", "2", "3", "4", "5"},
		},
		"the first that hits decides, the others count": {
			`[{"operation":"sqs.CreateQueue","nth":2,"kind":"error","code":"A"},
			  {"operation":"sqs.CreateQueue","nth":1,"times":3,"kind":"error","code":"B"},
			  {"operation":"sqs.CreateQueue","nth":4,"kind":"error","code":"C"}]`,
			[]string{"B", "A", "B", "C", "ok"},
			[]string{"5"},
		},
		"another operation": {
			`[{"operation":"sqs.DeleteQueue","kind":"error","code":"A"},{"operation":"servicecatalog.Whatever","kind":"error","code":"A"}]`,
			[]string{"ok", "ok", "ok", "ok", "ok"},
			[]string{"1", "2", "3", "4", "5"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, c := start(t, sandbox.Options{})
			if status, body := door(t, s, "POST", "faults", test.rules); status != http.StatusNoContent {
				t.Fatalf("%d %s", status, body)
			}
			if diff := cmp.Diff(test.want, outcomes(t, c, 5)); diff != "" {
				t.Errorf("outcomes (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(test.queues, queues(t, c)); diff != "" {
				t.Errorf("queues (-want +got)\n%s", diff)
			}
			if known, _ := s.Calls(); known["sqs.CreateQueue"] != 5 {
				t.Errorf("counted %v", known)
			}
		})
	}
}

func TestARuleCountsSinceItWasPosted(t *testing.T) {
	t.Parallel()
	s, c := start(t, sandbox.Options{Faults: []byte(`[{"operation":"sqs.CreateQueue","nth":2,"kind":"error","code":"A"}]`)})
	first := outcomes(t, c, 1)
	door(t, s, "POST", "faults", `[{"operation":"sqs.CreateQueue","nth":2,"kind":"error","code":"B"}]`)
	second := outcomes(t, c, 3)
	door(t, s, "POST", "faults", `[{"operation":"sqs.CreateQueue","kind":"error","code":"C"}]`)
	door(t, s, "DELETE", "faults", "")
	third := outcomes(t, c, 1)
	if diff := cmp.Diff([][]string{{"ok"}, {"A", "B", "ok"}, {"ok"}}, [][]string{first, second, third}); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestADelay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := start(t, sandbox.Options{})
		door(t, s, "POST", "faults", `[{"operation":"sqs.CreateQueue","times":2,"kind":"delay","ms":1500}]`)
		begun := time.Now()
		if err := createQueue(t.Context(), c, "1"); err != nil || time.Since(begun) != 1500*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := createQueue(ctx, c, "2"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a client that gives up: %v", err)
		}
		if diff := cmp.Diff([]string{"1"}, queues(t, c)); diff != "" {
			t.Errorf("queues (-want +got)\n%s", diff)
		}
	})
}

func TestADroppedAnswerClosesTheConnection(t *testing.T) {
	t.Parallel()
	s, c := start(t, sandbox.Options{})
	server := httptest.NewServer(s.Handler())
	defer server.Close()
	c.BaseEndpoint, c.HTTPClient = &server.URL, server.Client()
	door(t, s, "POST", "faults", `[{"operation":"sqs.CreateQueue","kind":"drop-after-effect"}]`)
	if err := createQueue(t.Context(), c, "1"); err == nil || !strings.Contains(err.Error(), "EOF") {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff([]string{"1"}, queues(t, c)); diff != "" {
		t.Errorf("queues (-want +got)\n%s", diff)
	}
}

func TestARecordThatFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := start(t, sandbox.Options{})
		door(t, s, "POST", "faults", `[{"operation":"servicecatalog.ProvisionProduct","kind":"fail-record","code":"X","message":"Because.","account":"none"}]`)
		end := func(name string) *sctypes.RecordDetail {
			record := provision(t, c, name)
			door(t, s, "POST", "advance?by=2h", "")
			out, err := servicecatalog.NewFromConfig(c).DescribeRecord(t.Context(), &servicecatalog.DescribeRecordInput{Id: &record})
			if err != nil {
				t.Fatal(err)
			}
			return out.RecordDetail
		}
		first := end("first")
		if e := first.RecordErrors; first.Status != sctypes.RecordStatusFailed || len(e) != 1 || *e[0].Code != "X" || *e[0].Description != "Because." {
			t.Errorf("the one that should fail: %s, %+v", first.Status, e)
		}
		if second := end("second"); second.Status != sctypes.RecordStatusSucceeded {
			t.Errorf("the next one: %s, %v", second.Status, second.RecordErrors)
		}
	})
}

// provision orders an account, and returns the id of its record.
func provision(t *testing.T, c aws.Config, name string) string {
	t.Helper()
	client := servicecatalog.NewFromConfig(c)
	product := aws.String("AWS Control Tower Account Factory")
	found, err := client.DescribeProduct(t.Context(), &servicecatalog.DescribeProductInput{Name: product})
	if err != nil {
		t.Fatal(err)
	}
	var parameters []sctypes.ProvisioningParameter
	for key, value := range map[string]string{
		"AccountName": name, "AccountEmail": name + "@example.com", "ManagedOrganizationalUnit": "Sandbox (ou-ab12-12222222)",
		"SSOUserEmail": "ops@example.com", "SSOUserFirstName": "Ops", "SSOUserLastName": "Team",
	} {
		parameters = append(parameters, sctypes.ProvisioningParameter{Key: &key, Value: &value})
	}
	out, err := client.ProvisionProduct(t.Context(), &servicecatalog.ProvisionProductInput{
		ProductName: product, ProvisioningArtifactId: found.ProvisioningArtifacts[0].Id, ProvisionedProductName: &name,
		ProvisionToken: aws.String("token-" + name), ProvisioningParameters: parameters,
	})
	if err != nil {
		t.Fatal(err)
	}
	return *out.RecordDetail.RecordId
}

func TestFaultsOfEvents(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rules string
		want  []time.Duration // when the two events arrive
	}{
		"none":                        {`[]`, []time.Duration{2 * time.Second, 2 * time.Second}},
		"the first is lost":           {`[{"operation":"events.aws.s3","kind":"lose-event"}]`, []time.Duration{2 * time.Second}},
		"both are lost":               {`[{"operation":"events","times":2,"kind":"lose-event"}]`, nil},
		"the second comes twice":      {`[{"operation":"events.aws.s3","nth":2,"kind":"duplicate-event"}]`, []time.Duration{2 * time.Second, 2 * time.Second, 2 * time.Second}},
		"the first comes late":        {`[{"operation":"events","kind":"delay-event","ms":5000}]`, []time.Duration{2 * time.Second, 7 * time.Second}},
		"those of another are spared": {`[{"operation":"events.aws.controltower","times":9,"kind":"lose-event"}]`, []time.Duration{2 * time.Second, 2 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, c := start(t, sandbox.Options{})
				if status, body := door(t, s, "POST", "faults", test.rules); status != http.StatusNoContent {
					t.Fatalf("%d %s", status, body)
				}
				listen(t, c)
				w := s.World()
				w.Timing.EventDelay = 2 * time.Second
				begun := time.Now()
				w.Do(func() {
					w.Publish("aws.s3", "Object Created", nil, map[string]int{"n": 1})
					w.Publish("aws.s3", "Object Created", nil, map[string]int{"n": 2})
				})
				var got []time.Duration
				for {
					out, err := sqs.NewFromConfig(c).ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
						QueueUrl: aws.String(endpoint + "/111111111111/inbox"), WaitTimeSeconds: 20, VisibilityTimeout: 600,
					})
					if err != nil {
						t.Fatal(err)
					}
					if len(out.Messages) == 0 {
						break
					}
					got = append(got, time.Since(begun))
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
			})
		})
	}
}

// listen lets a queue hear of what S3 tells.
func listen(t *testing.T, c aws.Config) {
	t.Helper()
	if err := createQueue(t.Context(), c, "inbox"); err != nil {
		t.Fatal(err)
	}
	client := eventbridge.NewFromConfig(c)
	if _, err := client.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: aws.String("r"), EventPattern: aws.String(`{"source":["aws.s3"]}`)}); err != nil {
		t.Fatal(err)
	}
	_, err := client.PutTargets(t.Context(), &eventbridge.PutTargetsInput{Rule: aws.String("r"), Targets: []types.Target{
		{Id: aws.String("q"), Arn: aws.String("arn:aws:sqs:us-east-1:111111111111:inbox")},
	}})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRulesThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for rules, want := range map[string]string{
		`{}`:     "a JSON array of rules is expected",
		`[1]`:    "a JSON array of rules is expected",
		`[] x`:   "something follows",
		`[null]`: "rule 1: it is null",
		`[{"operation":"sqs.CreateQueue","kind":"error","code":"A","colour":"red"}]`:           `unknown field \"colour\"`,
		`[{"kind":"error","code":"A"}]`:                                                        `rule 1: \"operation\" is missing`,
		`[{"operation":"sqs.CreateQueue"}]`:                                                    `unknown kind \"\"; the kinds are: error, error-after-effect`,
		`[{"operation":"sqs.CreateQueue","kind":"explode"}]`:                                   `unknown kind \"explode\"`,
		`[{"operation":"sqs.CreateQueue","kind":"error"}]`:                                     `needs a \"code\"`,
		`[{"operation":"sqs.CreateQueue","kind":"delay"}]`:                                     `needs \"ms\"`,
		`[{"operation":"sqs.CreateQueue","kind":"error","code":"A","status":200}]`:             "status",
		`[{"operation":"sqs.CreateQueue","kind":"error","code":"A","nth":-1}]`:                 "at least 1",
		`[{"operation":"sqs.CreateQueue","kind":"fail-record"}]`:                               "servicecatalog.ProvisionProduct",
		`[{"operation":"servicecatalog.ProvisionProduct","kind":"fail-record","account":"x"}]`: "none or created",
		`[{"operation":"sqs.CreateQueue","kind":"lose-event"}]`:                                "is for events",
		`[{"operation":"events.aws.s3","kind":"error","code":"A"}]`:                            "is for API requests",
		`[{"operation":"sqs.CreateQueue","kind":"error","code":"A"},{"operation":"x"}]`:        "rule 2",
	} {
		t.Run(rules, func(t *testing.T) {
			t.Parallel()
			s, c := start(t, sandbox.Options{})
			if status, body := door(t, s, "POST", "faults", rules); status != http.StatusBadRequest || !strings.Contains(body, want) {
				t.Errorf("got %d %s, want %s", status, body, want)
			}
			if diff := cmp.Diff([]string{"ok"}, outcomes(t, c, 1)); diff != "" {
				t.Errorf("a rule was taken all the same\n%s", diff)
			}
		})
	}
}

func TestRulesForStackInstances(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rule string
		want int
	}{
		"of one account":                    {`{"operation":"cloudformation.CreateStackInstances","kind":"fail-instance","account":"222222222201"}`, http.StatusNoContent},
		"of all":                            {`{"operation":"cloudformation.UpdateStackSet","kind":"fail-instance"}`, http.StatusNoContent},
		"of no account":                     {`{"operation":"cloudformation.CreateStackInstances","kind":"fail-instance","account":"created"}`, http.StatusBadRequest},
		"of an operation without instances": {`{"operation":"cloudformation.CreateStackSet","kind":"fail-instance"}`, http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := start(t, sandbox.Options{})
			if status, body := door(t, s, "POST", "faults", "["+test.rule+"]"); status != test.want {
				t.Errorf("%d %s, want %d", status, body, test.want)
			}
		})
	}
}
