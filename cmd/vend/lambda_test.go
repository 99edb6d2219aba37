//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/sandbox"
)

// runtimeAPI is AWS Lambda as a process inside sees it: it hands out one invocation after the other, and takes the answers
// (AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes").
type runtimeAPI struct {
	events  chan string
	answers chan string

	mu   sync.Mutex
	next int
}

func (a *runtimeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const prefix = "/2018-06-01/runtime/"
	switch path := strings.TrimPrefix(r.URL.Path, prefix); {
	case path == "invocation/next":
		select {
		case event := <-a.events:
			a.mu.Lock()
			a.next++
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", fmt.Sprintf("invocation-%d", a.next))
			a.mu.Unlock()
			w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Minute).UnixMilli()))
			w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:111111111111:function:vend")
			_, _ = io.WriteString(w, event) // whoever asked may be gone
		case <-r.Context().Done():
		}
	default: // invocation/<id>/response or /error, init/error
		answer, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		a.answers <- path[strings.LastIndex(path, "/")+1:] + " " + string(answer)
		w.WriteHeader(http.StatusAccepted)
	}
}

// Ticks alone bring a batch from the bucket to its last assignment; events and messages only hurry them.
func TestLambda(t *testing.T) {
	withoutRacing(t)
	t.Parallel()
	api := &runtimeAPI{events: make(chan string), answers: make(chan string, 1)}
	server := httptest.NewServer(api)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	z := newZone(t, buildVend(t), killLease)
	z.watch(func(call) sandbox.Verdict { return sandbox.Verdict{} })
	z.environ = append(z.environ, lambdaRuntime+"="+strings.TrimPrefix(server.URL, "http://"))
	p := z.start("lambda")

	invoke := func(event string) string {
		t.Helper()
		select {
		case api.events <- event:
		case <-p.ended:
			t.Fatalf("the process has ended:\n%s", p.tail())
		}
		select {
		case answer := <-api.answers:
			return answer
		case <-p.ended:
			t.Fatalf("the process has ended:\n%s", p.tail())
		case <-time.After(patience):
			t.Fatal("no answer to ", event)
		}
		return ""
	}
	message := func(id, body string) string {
		raw, err := json.Marshal(map[string]any{"Records": []any{map[string]string{"eventSource": "aws:sqs", "messageId": id, "body": body}}})
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	const fine = `response {"batchItemFailures":[]}`
	for _, event := range []string{
		`{"source":"aws.events","detail-type":"Scheduled Event"}`,
		`{}`,
		message("m-1", "no event at all"),
		`{"source":"aws.controltower","detail-type":"AWS Service Event via CloudTrail","detail":{"eventName":"CreateManagedAccount"}}`,
	} {
		if answer := invoke(event); answer != fine {
			t.Errorf("%s is answered %s", event, answer)
		}
	}
	began := time.Now()
	for !z.done() {
		if answer := invoke(`{}`); answer != fine {
			t.Errorf("a tick is answered %s", answer)
		}
		if time.Since(began) > patience {
			t.Fatalf("not done after %s of ticks", patience)
		}
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
	if answer := invoke(message("m-2", upload)); !strings.Contains(answer, `{"batchItemFailures":[{"itemIdentifier":"m-2"}]}`) {
		t.Errorf("a message that can't be handled is answered %s", answer)
	}
	z.watch(func(c call) sandbox.Verdict {
		if strings.HasPrefix(c.Operation, "dynamodb.") && !c.Done {
			return sandbox.Verdict{Code: "AccessDeniedException", Message: "no", Status: http.StatusBadRequest}
		}
		return sandbox.Verdict{}
	})
	if answer := invoke(`{}`); !strings.HasPrefix(answer, "error ") || !strings.Contains(answer, "V3002") && !strings.Contains(answer, "AccessDenied") {
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

func (z *zone) done() bool {
	z.t.Helper()
	open, err := z.engine().Queue.Open(z.t.Context())
	if err != nil {
		z.t.Fatal(err)
	}
	return open.Counts[account.Done] == 2 && len(open.Batches) == 0
}
