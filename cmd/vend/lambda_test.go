//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/inbox"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/sandbox"
)

// runtimeAPI is AWS Lambda as a process inside sees it: it hands out one invocation after the other, and takes the answers
// (AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes").
type runtimeAPI struct {
	t       *testing.T
	address string
	events  chan string
	answers chan string // "response <body>", "error <body>" or "init <body>"

	mu    sync.Mutex
	next  int
	limit time.Duration // of the next invocation
	typed string        // the error type that the last error was given beside its body
}

func newRuntimeAPI(t *testing.T) *runtimeAPI {
	t.Helper()
	api := &runtimeAPI{t: t, events: make(chan string), answers: make(chan string, 1), limit: time.Minute}
	server := httptest.NewServer(api)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	api.address = strings.TrimPrefix(server.URL, "http://")
	return api
}

func (a *runtimeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const prefix = "/2018-06-01/runtime/"
	path, ok := strings.CutPrefix(r.URL.Path, prefix)
	if !ok {
		a.t.Errorf("Lambda is asked for %s", r.URL.Path)
		return
	}
	if path == "invocation/next" {
		select {
		case event := <-a.events:
			a.mu.Lock()
			a.next++
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", fmt.Sprintf("invocation-%d", a.next))
			w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(a.limit).UnixMilli()))
			a.mu.Unlock()
			w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:111111111111:function:vend")
			w.Header().Set("Lambda-Runtime-Trace-Id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1")
			_, _ = io.WriteString(w, event) // whoever asked may be gone
		case <-r.Context().Done():
		}
		return
	}
	a.mu.Lock()
	answers := map[string]string{
		"init/error": "init ",
		fmt.Sprintf("invocation/invocation-%d/response", a.next): "response ",
		fmt.Sprintf("invocation/invocation-%d/error", a.next):    "error ",
	}
	a.typed = r.Header.Get("Lambda-Runtime-Function-Error-Type")
	a.mu.Unlock()
	answer, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if answers[path] == "" || r.Method != http.MethodPost {
		a.t.Errorf("Lambda is told %s %s: %s", r.Method, path, answer)
	}
	w.WriteHeader(http.StatusAccepted)
	a.answers <- answers[path] + string(answer)
}

// invoke is one invocation, and what it is answered.
func (a *runtimeAPI) invoke(p *running, limit time.Duration, event string) string {
	a.t.Helper()
	a.mu.Lock()
	a.limit = limit
	a.mu.Unlock()
	select {
	case a.events <- event:
	case <-p.ended:
		a.t.Fatalf("the process has ended:\n%s", p.tail())
	}
	select {
	case answer := <-a.answers:
		return answer
	case <-p.ended:
		a.t.Fatalf("the process has ended:\n%s", p.tail())
	case <-time.After(patience):
		a.t.Fatal("no answer to ", event)
	}
	return ""
}

// batchOf is an event of SQS (AWS Lambda Developer Guide, "Using Lambda with Amazon SQS").
func batchOf(t *testing.T, messages ...account.Message) string {
	t.Helper()
	var records []any
	for _, m := range messages {
		records = append(records, map[string]any{
			"eventSource": "aws:sqs", "messageId": m.ID, "receiptHandle": m.Receipt, "body": m.Body,
			"attributes": map[string]string{
				"ApproximateReceiveCount": "1", "SentTimestamp": fmt.Sprint(time.Now().Add(-time.Second).UnixMilli()),
			},
		})
	}
	raw, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// The whole road: the events that S3 and Control Tower have left in the inbox are brought in batches, ticks do the rest.
func TestLambda(t *testing.T) {
	withoutRacing(t)
	t.Parallel()
	api := newRuntimeAPI(t)
	z := newZone(t, buildVend(t), killLease)
	var begun atomic.Int64 // calls of S3
	z.watch(func(c call) sandbox.Verdict {
		if strings.HasPrefix(c.Operation, "s3.") {
			begun.Add(1)
		}
		return sandbox.Verdict{}
	})
	z.environ = append(z.environ, lambdaRuntime+"="+api.address)
	wrongInit(t, z, api)
	p := z.start("lambda")

	invoke := func(event string) string { t.Helper(); return api.invoke(p, 2*time.Minute, event) }
	const fine, tick = `response {"batchItemFailures":[]}`, `{"source":"aws.events","detail-type":"Scheduled Event"}`
	queue := inbox.New(*config.Fixed(z.sandbox.World().Region, "http://127.0.0.1", "observer", "secret", z.sandbox.RoundTripper()), z.config.QueueURL)
	brought := 0
	for began := time.Now(); brought == 0 || !z.done(); {
		messages, err := queue.Receive(t.Context(), 10, 0)
		if err != nil {
			t.Fatal(err)
		}
		if time.Since(began) > patience {
			t.Fatalf("not done after %s, with %d messages", patience, brought)
		}
		event := tick
		switch {
		case brought == 0 && len(messages) == 0:
			time.Sleep(10 * time.Millisecond) // S3 tells of the list in a moment: the function has not been asked for anything yet
			continue
		case len(messages) > 0:
			event = batchOf(t, messages...)
			brought += len(messages)
		}
		if answer := invoke(event); answer != fine {
			t.Errorf("%s is answered %s", event, answer)
		}
		if err := queue.Delete(t.Context(), messages); err != nil {
			t.Fatal(err)
		}
	}
	for _, event := range []string{
		tick,
		`{}`,
		batchOf(t, account.Message{ID: "m-1", Body: "no event at all"}),
		`{"source":"aws.controltower","detail-type":"AWS Service Event via CloudTrail","detail":{"eventName":"CreateManagedAccount"}}`,
	} {
		if answer := invoke(event); answer != fine {
			t.Errorf("%s is answered %s", event, answer)
		}
	}
	t.Logf("%d invocations, %d messages brought", api.next, brought)

	before := begun.Load()
	if answer := api.invoke(p, 0, tick); !strings.HasPrefix(answer, "error ") || begun.Load() > before {
		t.Errorf("an invocation without any time is answered %s, and has called S3 %d times", answer, begun.Load()-before)
	}

	// What can't be handled is brought again, and what a human has to mend is an error that CloudWatch counts.
	upload := fmt.Sprintf(`{"source":"aws.s3","detail-type":"Object Created","detail":{"bucket":{"name":%q},"object":{"key":"incoming/accounts.csv","version-id":%q}}}`,
		z.config.Bucket, z.batch.Version)
	z.watch(func(c call) sandbox.Verdict {
		if c.Operation == "s3.GetObject" && !c.Done {
			return sandbox.Verdict{Code: "AccessDenied", Message: "no", Status: http.StatusForbidden}
		}
		return sandbox.Verdict{}
	})
	batch := batchOf(t, account.Message{ID: "m-2", Body: upload}, account.Message{ID: "m-3", Body: "no event at all"})
	if answer, want := invoke(batch), `response {"batchItemFailures":[{"itemIdentifier":"m-2"}]}`; answer != want {
		t.Errorf("a message that can't be handled is answered %s, want %s", answer, want)
	}
	if answer := invoke(upload); !strings.HasPrefix(answer, "error ") {
		t.Errorf("an event that can't be handled, which only an error brings again, is answered %s", answer)
	}
	z.watch(func(c call) sandbox.Verdict {
		if strings.HasPrefix(c.Operation, "dynamodb.") && c.Operation != "dynamodb.GetItem" && !c.Done {
			return sandbox.Verdict{Code: "AccessDeniedException", Message: "no", Status: http.StatusBadRequest}
		}
		return sandbox.Verdict{}
	})
	// What broke: an error of the sweep or of a step discarded the answer, and SQS brought the whole batch again.
	made := account.Message{ID: "m-4", Body: `{"source":"aws.controltower","detail":{"eventName":"CreateManagedAccount","serviceEventDetails":{"createManagedAccountStatus":{"state":"SUCCEEDED"}}}}`}
	batch = batchOf(t, account.Message{ID: "m-3", Body: "no event at all"}, made)
	if answer, want := invoke(batch), `response {"batchItemFailures":[{"itemIdentifier":"m-4"}]}`; answer != want {
		t.Errorf("a message that the table can't be asked about is answered %s, want %s", answer, want)
	}
	if answer := invoke(tick); !strings.HasPrefix(answer, "error ") || !strings.Contains(answer, `"errorType":"V3002"`) {
		t.Errorf("without access a tick is answered %s", answer)
	}
	p.signal(syscall.SIGKILL) // which is how Lambda ends a process
	<-p.ended
	for line := range strings.SplitSeq(strings.TrimSpace(p.output.String()), "\n") {
		if !json.Valid([]byte(line)) {
			t.Errorf("the log has a line that is no JSON: %s", line)
		}
	}
	figuresIn(t, p.output.String(), z.config.Table)
}

// wrongInit: what can't be configured is told before the first invocation.
func wrongInit(t *testing.T, z *zone, api *runtimeAPI) {
	t.Helper()
	environ := z.environ
	defer func() { z.environ = environ }()
	z.environ = append(slices.Clone(environ), "VEND_CONCURRENCY=many")
	p := z.start("wrong")
	select {
	case answer := <-api.answers:
		if !strings.HasPrefix(answer, `init {"errorMessage":`) || !strings.Contains(answer, `"errorType":"V3011"`) || api.typed != "V3011" {
			t.Errorf("Lambda is told %s, type %s", answer, api.typed)
		}
	case <-p.ended:
		t.Errorf("the process ended without telling Lambda why:\n%s", p.tail())
	}
	if code := z.exit(p, patience); code == 0 {
		t.Error("the process exits 0")
	}
}

func (z *zone) done() bool {
	z.t.Helper()
	open, err := z.engine().Queue.Open(z.t.Context())
	if err != nil {
		z.t.Fatal(err)
	}
	return open.Counts[account.Done] == 2 && len(open.Batches) == 0
}
