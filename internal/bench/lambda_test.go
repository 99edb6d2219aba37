//go:build bench

package bench_test

import (
	"compress/flate"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/inbox"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/engine/enginetest"
)

// cloud measures the function: how big it is, how it starts, and what a month of it costs.
func cloud(t *testing.T) []figure {
	content, err := os.ReadFile(program(t, "vend"))
	if err != nil {
		t.Fatal(err)
	}
	var zipped counter
	w, err := flate.NewWriter(&zipped, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var ours []time.Duration
	var theirs []run
	var most int64
	for range rounds {
		took, resident := coldStart(t)
		ours = append(ours, took)
		most = max(most, resident)
		theirs = append(theirs, process(t, nil, "empty"))
	}
	return append([]figure{
		atMost("lambda: zipped", float64(zipped)/1e6, 6, "MB"),
		times("lambda: start to first API call", milliseconds(quantile(ours, 0.5)), "ms", "an empty Go program", milliseconds(median(theirs)), 10),
		atMost("lambda: memory of a tick", float64(most)/(1<<20), 64, "MiB"),
	}, monthly(t)...)
}

type counter int64

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

// coldStart is how long the function takes from the start of its process to its first call of AWS, and the memory, at most,
// of its first invocation, a tick. Both the runtime API and AWS are on this machine.
func coldStart(t *testing.T) (took time.Duration, resident int64) {
	t.Helper()
	z := enginetest.New(t, enginetest.Options{World: landingZone(t, 0)})
	first := make(chan time.Time, 1)
	aws := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case first <- time.Now():
		default:
		}
		z.Sandbox.Handler().ServeHTTP(w, r)
	}))
	defer aws.Close()
	z.URL = aws.URL
	asked, answered := make(chan struct{}, 1), make(chan string, 1)
	asked <- struct{}{}
	lambda := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/invocation/next") {
			body, _ := io.ReadAll(r.Body) // an answer that is cut off is none
			answered <- string(body)
			w.WriteHeader(http.StatusAccepted)
			return
		}
		select {
		case <-asked:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "1")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(2*time.Minute).UnixMilli(), 10))
			_, _ = io.WriteString(w, `{}`) // whoever asked may be gone
		case <-r.Context().Done():
		}
	}))
	defer lambda.Close()
	cmd := exec.CommandContext(t.Context(), program(t, "vend"))
	cmd.Env = append(environ(z), "HOME="+t.TempDir(), "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(lambda.URL, "http://"))
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	took = (<-first).Sub(began)
	if answer := <-answered; !strings.Contains(answer, `"batchItemFailures":[]`) {
		t.Errorf("the tick is answered %s", answer)
	}
	resident = residentOf(cmd.Process.Pid, "VmHWM:")
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // it was killed
	return took, resident
}

// residentOf is the memory of a process: VmRSS: now, VmHWM: at most. It is 0 where the system does not say.
func residentOf(pid int, which string) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), which)
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kB, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return 0
	}
	return kB << 10
}

// Prices of AWS in us-east-1, in dollars, as its pages said in 2026: Lambda on Arm, DynamoDB on demand, S3 Standard, SQS
// Standard, CloudWatch.
const (
	gigabyteSecond = 0.0000133334
	million        = 1e6
	invocation     = 0.20 / million
	writeUnit      = 0.625 / million
	readUnit       = 0.125 / million
	s3List         = 0.005 / 1000
	sqsRequest     = 0.40 / million
	logGigabyte    = 0.50
)

// What is assumed where nothing here can measure it.
const (
	memory         = 0.25            // gigabytes that the function is given
	month          = 730 * time.Hour // of AWS's own examples
	latency        = 20 * time.Millisecond
	unitsOfARead   = 2    // for an item, or a page of the index: 8 KB
	unitsOfAWrite  = 3    // an item of 1 KB and its copy in the index
	unitsOfABundle = 24   // a transaction costs twice: four such items
	logged         = 2e-6 // gigabytes an invocation
)

// monthly is what a month costs in which nothing happens, and what a hundred accounts cost more, without AWS's allowances.
// An alarm, a metric of one's own and the empty receives of an event source mapping have prices a month; they are in the
// README's sum.
func monthly(t *testing.T) []figure {
	var idle, busy map[string]int
	var idleTook, busyTook time.Duration
	const accounts, ticks = 10, 60
	synctest.Test(t, func(t *testing.T) {
		z := enginetest.New(t, enginetest.Options{World: landingZone(t, 100)})
		function := &invocations{tally: &tally{next: z.Sandbox.RoundTripper(), latency: latency}}
		function.tick(t, z)
		function.took = 0
		function.tally.take()
		for range ticks {
			function.tick(t, z)
			time.Sleep(time.Minute)
		}
		idle, _ = function.tally.take()
		idleTook, function.took = function.took, 0

		upload(t, z, accounts)
		e := open(t, z, z.Sandbox.RoundTripper())
		source := inbox.New(*z.AWS(z.Sandbox.RoundTripper()), z.Config.QueueURL)
		for minute := 0; ; minute++ {
			if minute > accounts*40 {
				t.Fatal("the accounts are not done")
			}
			function.tick(t, z)
			for {
				messages, err := source.Receive(t.Context(), 10, 0)
				if err != nil {
					t.Fatal(err)
				}
				if len(messages) == 0 {
					break
				}
				function.handle(t, z, messages)
				if err := source.Delete(t.Context(), messages); err != nil {
					t.Fatal(err)
				}
			}
			open, err := e.Queue.Open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if open.Counts[account.Done] == accounts && len(open.Batches) == 0 {
				busy, _ = function.tally.take()
				busyTook = function.took - idleTook*time.Duration(minute)/ticks
				for name, n := range idle {
					busy[name] -= n * minute / ticks
				}
				return
			}
			time.Sleep(time.Minute)
		}
	})
	n := float64(month/time.Minute) / ticks
	perMonth := n*(dollars(idle)+idleTook.Seconds()*memory*gigabyteSecond) + float64(month/time.Minute)*(invocation+logged*logGigabyte)
	per100 := (dollars(busy) + busyTook.Seconds()*memory*gigabyteSecond) * 100 / accounts
	for name := range idle {
		idle[name] = (idle[name] + ticks/2) / ticks
	}
	for name, n := range busy {
		busy[name] = (n + accounts/2) / accounts
		if busy[name] <= 0 {
			delete(busy, name)
		}
	}
	return []figure{
		atMost("lambda: an idle month", perMonth, 1, "dollars").of(idle).noting("%s a tick, at %s a call", (idleTook / ticks).Round(time.Millisecond), latency),
		atMost("lambda: 100 accounts beside that", per100, 1, "dollars").of(busy),
	}
}

// dollars is what calls cost.
func dollars(calls map[string]int) (sum float64) {
	for name, n := range calls {
		price := 0.0
		service, operation, _ := strings.Cut(name, ".")
		switch {
		case service == "sqs":
			price = sqsRequest
		case service == "s3": // the dearest of its requests
			price = s3List
		case name == "dynamodb.TransactWriteItems":
			price = unitsOfABundle * writeUnit
		case service == "dynamodb" && (strings.HasPrefix(operation, "Get") || strings.HasPrefix(operation, "Query") || strings.HasPrefix(operation, "BatchGet")):
			price = unitsOfARead * readUnit
		case service == "dynamodb":
			price = unitsOfAWrite * writeUnit
		}
		sum += float64(n) * price
	}
	return sum
}

// invocations are those of a function, and how long they took in all.
type invocations struct {
	tally *tally
	took  time.Duration
}

func (f *invocations) during(t *testing.T, z *enginetest.Zone, do func(context.Context, *engine.Engine) error) {
	t.Helper()
	began := time.Now()
	err := do(t.Context(), open(t, z, f.tally))
	f.took += time.Since(began)
	if err != nil {
		t.Fatal(err)
	}
}

func (f *invocations) tick(t *testing.T, z *enginetest.Zone) {
	t.Helper()
	f.during(t, z, func(ctx context.Context, e *engine.Engine) error { return e.Tick(ctx, 50*time.Second) })
}

func (f *invocations) handle(t *testing.T, z *enginetest.Zone, messages []account.Message) {
	t.Helper()
	f.during(t, z, func(ctx context.Context, e *engine.Engine) error {
		unhandled, err := e.Handle(ctx, messages, 50*time.Second)
		if len(unhandled) > 0 {
			t.Errorf("%d messages were given back", len(unhandled))
		}
		return err
	})
}
