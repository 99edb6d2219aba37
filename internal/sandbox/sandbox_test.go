package sandbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox"
)

const endpoint = "http://sandbox.test"

func start(t *testing.T, o sandbox.Options) (*sandbox.Sandbox, aws.Config) {
	t.Helper()
	s, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s, aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(endpoint), Retryer: func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		HTTPClient:  &http.Client{Transport: s.RoundTripper()},
	}
}

func createQueue(ctx context.Context, c aws.Config, name string) error {
	_, err := sqs.NewFromConfig(c).CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name})
	return err
}

func queues(t *testing.T, c aws.Config) []string {
	t.Helper()
	out, err := sqs.NewFromConfig(c).ListQueues(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, u := range out.QueueUrls {
		names = append(names, u[strings.LastIndex(u, "/")+1:])
	}
	return names
}

func refused(t *testing.T, err error, code string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

// door calls the sandbox's own door.
func door(t *testing.T, s *sandbox.Sandbox, method, path, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, endpoint+"/_sandbox/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := s.RoundTripper().RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func TestCallsAreCounted(t *testing.T) {
	t.Parallel()
	s, c := start(t, sandbox.Options{})
	if status, got := door(t, s, "GET", "calls", ""); status != 200 || got != "{}\n" {
		t.Errorf("before the first call: %d %s", status, got)
	}
	ctx := t.Context()
	for range 2 {
		if err := createQueue(ctx, c, "q"); err != nil {
			t.Error(err)
		}
	}
	_, err := sqs.NewFromConfig(c).PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: aws.String(endpoint + "/111111111111/none")})
	refused(t, err, "AWS.SimpleQueueService.NonExistentQueue")
	_, err = sqs.NewFromConfig(c).ListMessageMoveTasks(ctx, &sqs.ListMessageMoveTasksInput{SourceArn: aws.String("x")})
	refused(t, err, "NotImplemented")
	_, err = sns.NewFromConfig(c).Publish(ctx, &sns.PublishInput{PhoneNumber: aws.String("1"), Message: aws.String("m")})
	refused(t, err, "NotImplemented")

	want := `{"sqs.CreateQueue":2,"sqs.PurgeQueue":1,"unknown":{"sns.Publish":1,"sqs.ListMessageMoveTasks":1}}` + "\n"
	if status, got := door(t, s, "GET", "calls", ""); status != 200 || got != want {
		t.Errorf("got %d %s, want %s", status, got, want)
	}
	var journal []string
	for _, e := range s.Journal() {
		journal = append(journal, fmt.Sprint(e.Operation, " ", e.Status))
	}
	if diff := cmp.Diff([]string{
		"sqs.CreateQueue 200", "sqs.CreateQueue 200", "sqs.PurgeQueue 400", "sqs.ListMessageMoveTasks 501", "sns.Publish 501",
	}, journal); diff != "" {
		t.Errorf("journal (-want +got)\n%s", diff)
	}
}

func TestRequestsThatNobodySigned(t *testing.T) {
	t.Parallel()
	s, _ := start(t, sandbox.Options{})
	for name, test := range map[string]struct {
		header map[string]string
		status int
		want   string
	}{
		"in JSON":          {map[string]string{"X-Amz-Target": "AmazonSQS.ListQueues"}, 403, `"__type":"MissingAuthenticationToken"`},
		"in a query":       {map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, 403, "<Code>MissingAuthenticationToken</Code>"},
		"with nonsense":    {map[string]string{"X-Amz-Target": "AmazonSQS.ListQueues", "Authorization": "Basic x"}, 403, `"__type":"IncompleteSignature"`},
		"in Version 2":     {map[string]string{"Authorization": "AWS AKIDEXAMPLE:c2lnbmF0dXJl"}, 400, "<Code>InvalidRequest</Code>"},
		"without its date": {map[string]string{"X-Amz-Target": "AmazonSQS.ListQueues", "Authorization": "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/sqs/aws4_request"}, 403, `IncompleteSignature`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader("{}"))
			for k, v := range test.header {
				r.Header.Set(k, v)
			}
			w := httptest.NewRecorder()
			s.Handler().ServeHTTP(w, r)
			if w.Code != test.status || !strings.Contains(w.Body.String(), test.want) {
				t.Errorf("got %d %s, want %d %s", w.Code, w.Body, test.status, test.want)
			}
		})
	}
}

func TestAnUnknownService(t *testing.T) {
	t.Parallel()
	s, _ := start(t, sandbox.Options{})
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader("{}"))
	r.Header.Set("X-Amz-Target", "Logs_20140328.PutLogEvents")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/logs/aws4_request, SignedHeaders=host, Signature=0")
	r.Header.Set("X-Amz-Date", "20260101T000000Z")
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	_, unknown := s.Calls()
	if w.Code != http.StatusNotImplemented || !cmp.Equal(unknown, map[string]int{"logs.PutLogEvents": 1}) {
		t.Errorf("got %d %s, counted %v", w.Code, w.Body, unknown)
	}
}

const longer = `{"managementAccount":{"id":"111111111111","email":"root@example.com"},"region":"us-east-1",
 "assumptions":{"signature-age":true},"root":{"id":"r-ab12"}}`

func TestSignaturesAge(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		world string
		held  time.Duration // how long a request is on its way
		call  func(context.Context, aws.Config) error
		code  string
	}{
		"five minutes are fine":                     {``, 5 * time.Minute, func(ctx context.Context, c aws.Config) error { return createQueue(ctx, c, "q") }, ""},
		"more are not":                              {``, 5*time.Minute + time.Second, func(ctx context.Context, c aws.Config) error { return createQueue(ctx, c, "q") }, "InvalidSignatureException"},
		"where it is assumed that they live longer": {longer, 6 * time.Minute, func(ctx context.Context, c aws.Config) error { return createQueue(ctx, c, "q") }, ""},
		"in a query": {``, 6 * time.Minute, func(ctx context.Context, c aws.Config) error {
			_, err := sns.NewFromConfig(c).ListTopics(ctx, nil)
			return err
		}, "SignatureDoesNotMatch"},
		"S3 is more patient": {``, 14 * time.Minute, func(ctx context.Context, c aws.Config) error {
			_, err := s3.NewFromConfig(c).ListBuckets(ctx, nil)
			return err
		}, ""},
		"but not for ever": {``, 16 * time.Minute, func(ctx context.Context, c aws.Config) error {
			_, err := s3.NewFromConfig(c).ListBuckets(ctx, nil)
			return err
		}, "RequestTimeTooSkewed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var options sandbox.Options
				if test.world != "" {
					options.World = []byte(test.world)
				}
				s, c := start(t, options)
				s.Intercept(func(r sandbox.Request) sandbox.Verdict {
					if !r.Done {
						time.Sleep(test.held)
					}
					return sandbox.Verdict{}
				})
				err := test.call(t.Context(), c)
				if test.code == "" && err != nil {
					t.Error(err)
				}
				if test.code != "" {
					refused(t, err, test.code)
				}
			})
		})
	}
}

func TestAClockThatIsWrongIsCorrected(t *testing.T) {
	t.Parallel()
	s, err := sandbox.New(sandbox.Options{Now: func() time.Time { return time.Now().Add(2 * time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	c := aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(endpoint), HTTPClient: &http.Client{Transport: s.RoundTripper()},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	}
	if err := createQueue(t.Context(), c, "q"); err != nil {
		t.Errorf("the SDK did not learn the time from the Date header: %v", err)
	}
}

func TestPresignedRequestsExpire(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := start(t, sandbox.Options{})
		client := s3.NewFromConfig(c, func(o *s3.Options) { o.UsePathStyle = true })
		if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("bucket")}); err != nil {
			t.Fatal(err)
		}
		signed, err := s3.NewPresignClient(client, s3.WithPresignExpires(time.Hour)).
			PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("bucket"), Key: aws.String("none")})
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"<Code>NoSuchKey</Code>", "<Message>Request has expired</Message>"} {
			answer, err := (&http.Client{Transport: s.RoundTripper()}).Get(signed.URL)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			if err != nil || !strings.Contains(string(body), want) {
				t.Errorf("got %s, %v, want %s", body, err, want)
			}
			time.Sleep(61 * time.Minute)
		}
	})
}

func TestTheHook(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		hook func(sandbox.Request) sandbox.Verdict
		code string   // of the error that the caller sees; "lost" for a lost connection
		want []string // the queues that there are afterwards
	}{
		"lets pass": {func(sandbox.Request) sandbox.Verdict { return sandbox.Verdict{} }, "", []string{"q"}},
		"fails before the effect": {func(r sandbox.Request) sandbox.Verdict {
			return sandbox.Verdict{Code: "ThrottlingException", Status: 400}
		}, "ThrottlingException", nil},
		"fails after the effect": {func(r sandbox.Request) sandbox.Verdict {
			if r.Done && r.Status == 200 {
				return sandbox.Verdict{Code: "InternalFailure", Status: 500}
			}
			return sandbox.Verdict{}
		}, "InternalFailure", []string{"q"}},
		"drops before the effect": {func(r sandbox.Request) sandbox.Verdict { return sandbox.Verdict{Drop: true} }, "lost", nil},
		"drops after the effect":  {func(r sandbox.Request) sandbox.Verdict { return sandbox.Verdict{Drop: r.Done} }, "lost", []string{"q"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, c := start(t, sandbox.Options{})
			var seen []sandbox.Request
			s.Intercept(func(r sandbox.Request) sandbox.Verdict {
				seen = append(seen, r)
				return test.hook(r)
			})
			err := createQueue(t.Context(), c, "q")
			switch {
			case test.code == "lost" && !errors.Is(err, io.ErrUnexpectedEOF), test.code == "" && err != nil:
				t.Error(err)
			case test.code != "" && test.code != "lost":
				refused(t, err, test.code)
			}
			if r := seen[0]; r.Sequence != 1 || r.Operation != "sqs.CreateQueue" || r.Done || !bytes.Contains(r.Body, []byte(`"q"`)) ||
				r.HTTP.Header.Get("X-Amz-Target") == "" {
				t.Errorf("the hook saw %+v", r)
			}
			s.Intercept(nil)
			if diff := cmp.Diff(test.want, queues(t, c)); diff != "" {
				t.Errorf("queues (-want +got)\n%s", diff)
			}
			if known, _ := s.Calls(); known["sqs.CreateQueue"] != 1 {
				t.Errorf("counted %v", known)
			}
		})
	}
}

func TestAContextThatEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := start(t, sandbox.Options{})
		s.Intercept(func(r sandbox.Request) sandbox.Verdict {
			<-r.HTTP.Context().Done()
			return sandbox.Verdict{Drop: true}
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := createQueue(ctx, c, "q"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		s.Intercept(nil)
		if err := createQueue(ctx, c, "q"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a context that has ended: %v", err)
		}
		if got := queues(t, c); got != nil {
			t.Errorf("it had an effect: %v", got)
		}
	})
}

func TestState(t *testing.T) {
	t.Parallel()
	s, _ := start(t, sandbox.Options{})
	status, body := door(t, s, "GET", "state", "")
	var state struct {
		Management struct{ ID string } `json:"managementAccount"`
	}
	if err := json.Unmarshal([]byte(body), &state); err != nil || status != 200 || state.Management.ID != "111111111111" {
		t.Fatalf("%d, %v: %s", status, err, body)
	}
	if _, err := sandbox.New(sandbox.Options{World: []byte(body)}); err != nil {
		t.Errorf("the state is no world: %v", err)
	}
}

func TestAdvance(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := start(t, sandbox.Options{Speed: 10})
		happened := 0
		w := s.World()
		w.Do(func() {
			w.After(time.Hour, func() { happened++ })
			w.After(3*time.Hour, func() { happened++ })
		})
		for _, by := range []string{"", "x", "-1m", "0s"} {
			if status, _ := door(t, s, "POST", "advance?by="+by, ""); status != http.StatusBadRequest {
				t.Errorf("by=%s: %d", by, status)
			}
		}
		if status, body := door(t, s, "POST", "advance?by=2h", ""); status != http.StatusNoContent || happened != 1 {
			t.Errorf("after two hours: %d %s, %d happened", status, body, happened)
		}
		time.Sleep(3 * time.Hour / 10)
		w.Do(func() {})
		if happened != 2 {
			t.Errorf("after three hours, ten times as fast: %d happened", happened)
		}
	})
}

func TestTheDoorIsNarrow(t *testing.T) {
	t.Parallel()
	s, _ := start(t, sandbox.Options{})
	for _, request := range []string{"GET nothing", "POST state", "PUT faults", "GET advance"} {
		method, path, _ := strings.Cut(request, " ")
		if status, body := door(t, s, method, path, ""); status != http.StatusNotFound || !strings.Contains(body, "GET /_sandbox/state") {
			t.Errorf("%s: %d %s", request, status, body)
		}
	}
}
