package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/worker"
)

// subscribed gives what a queue that is subscribed to the pipeline's topic has received.
func (h *house) subscribed() func() []string {
	h.t.Helper()
	cfg := h.options(h.sandbox.RoundTripper()).AWS
	queues := sqs.NewFromConfig(*cfg)
	made, err := queues.CreateQueue(h.t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("people")})
	if err != nil {
		h.t.Fatal(err)
	}
	_, err = sns.NewFromConfig(*cfg).Subscribe(h.t.Context(), &sns.SubscribeInput{
		TopicArn: &h.config.TopicARN, Protocol: aws.String("sqs"), Endpoint: aws.String("arn:aws:sqs:us-east-1:111111111111:people"),
		Attributes: map[string]string{"RawMessageDelivery": "true"},
	})
	if err != nil {
		h.t.Fatal(err)
	}
	var all []string
	return func() []string {
		for {
			out, err := queues.ReceiveMessage(h.t.Context(), &sqs.ReceiveMessageInput{QueueUrl: made.QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 43200})
			if err != nil {
				h.t.Fatal(err)
			}
			if len(out.Messages) == 0 {
				return all
			}
			for _, m := range out.Messages {
				all = append(all, aws.ToString(m.Body))
			}
		}
	}
}

// Forty accounts, some of which fail, are a digest now and then and one message at the end, in which each stands once.
func TestPeopleAreToldInDigests(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		h.config.Settings.ResultsInterval = account.Duration(30 * time.Second)
		received := h.subscribed()
		h.plant(`[{"operation":"servicecatalog.ProvisionProduct","nth":3,"times":2,"kind":"fail-record","code":"X","message":"Account canary@example.com is odd.","account":"created"}]`)
		rows := []string{"bad,no-address,Workloads/Dev,"}
		for i := range 40 {
			rows = append(rows, fmt.Sprintf("account-%02d,account-%02d@example.com,Workloads/Dev,", i, i))
		}
		began := time.Now()
		h.upload("accounts.csv", list(rows...))
		h.work()
		all := received()
		most := 3 + int(time.Since(began)/(5*time.Minute))
		if len(all) > most || len(all) < 3 {
			t.Errorf("%d messages within %s, want 3 to %d:\n%s", len(all), time.Since(began), most, strings.Join(all, "\n---\n"))
		}
		told := strings.Join(all, "\n")
		for i := range 40 {
			if n := strings.Count(told, fmt.Sprintf("  account-%02d", i)); n != 1 {
				t.Errorf("account-%02d is told %d times", i, n)
			}
		}
		for want, n := range map[string]int{"was accepted: 41 rows, 1 rejected": 1, "is finished: 38 done, 2 failed, 1 rejected": 1, "line 2, bad: V1203": 1, "@example": 0, "AWS: Account (e-mail) is odd.": 2} {
			if got := strings.Count(told, want); got != n {
				t.Errorf("%q is told %d times, want %d:\n%s", want, got, n, told)
			}
		}
	})
}

// Whatever is wrong with the topic, accounts are made all the same, and whoever waits for the end does not wait for people.
func TestATopicThatFailsHurtsNobody(t *testing.T) {
	withoutRacing(t)
	t.Parallel()
	for name, test := range map[string]struct {
		code   string
		status int
		within time.Duration
	}{
		"it is not there":  {"NotFound", 404, 5 * time.Minute},
		"it may not":       {"AuthorizationError", 403, 5 * time.Minute},
		"it breaks":        {"InternalError", 500, 10 * time.Minute},
		"it is throttled":  {"Throttled", 400, 10 * time.Minute},
		"it breaks a time": {"InternalError", 500, 5 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scene(t, func(t *testing.T, h *house) {
				h.config.Settings.ResultsInterval = account.Duration(30 * time.Second)
				received := h.subscribed()
				times := 1_000_000
				if strings.HasSuffix(name, "a time") {
					times = 1
				}
				h.plant(fmt.Sprintf(`[{"operation":"sns.Publish","nth":1,"times":%d,"kind":"error","code":%q,"status":%d}]`, times, test.code, test.status))
				began := time.Now()
				h.upload("accounts.csv", list("one,one@example.com,Workloads/Dev,AWSReadOnlyAccess/Auditors"))
				h.work()
				if r := h.request("one@example.com"); r.Stage != account.Done || time.Since(began) > test.within {
					t.Errorf("%s after %s, want done within %s", r.Stage, time.Since(began), test.within)
				}
				if told := strings.Join(received(), "\n"); times == 1 && !strings.Contains(told, "is finished: 1 done") {
					t.Errorf("people were not told: %q", told)
				}
			})
		})
	}
}

// A pause is told once, by whoever has paused, or by those who go on when that was a command or has died.
func TestAPauseIsTold(t *testing.T) {
	t.Parallel()
	for name, pause := range map[string]func(t *testing.T, h *house){
		"by a worker": func(_ *testing.T, h *house) {
			h.plant(`[{"operation":"servicecatalog.DescribeProduct","nth":1,"times":99,"kind":"error","code":"ResourceNotFoundException","status":400}]`)
		},
		"by an operator": func(t *testing.T, h *house) {
			if err := h.mustEngine().Queue.Pause(t.Context(), account.Pause{Code: "V3013", Reason: "paused by an operator"}); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scene(t, func(t *testing.T, h *house) {
				h.config.Settings.ResultsInterval = account.Duration(30 * time.Second)
				received := h.subscribed()
				pause(t, h)
				h.upload("accounts.csv", list("one,one@example.com,Workloads/Dev,", "two,two@example.com,Workloads/Dev,"))
				stop := h.start(nil, 0, worker.Options{})
				time.Sleep(2 * time.Hour)
				if err := stop(); err != nil {
					t.Fatal(err)
				}
				if told := strings.Join(received(), "\n"); strings.Count(told, "No account is begun any more") != 1 || !strings.Contains(told, "vend resume --paused") {
					t.Errorf("told:\n%s", told)
				}
			})
		})
	}
}
