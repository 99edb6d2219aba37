//go:build bench

package bench_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/engine/enginetest"
	"github.com/vend-cli/vend/internal/worker"
)

// sandboxSpeed asks the real `vend sandbox` over loopback.
func sandboxSpeed(t *testing.T) []figure {
	world, record := worldWithRecord(t)
	var starts []time.Duration
	var url string
	for i := range rounds {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var took time.Duration
		took, url = serve(ctx, t, world)
		starts = append(starts, took)
		if i < rounds-1 {
			stop()
		}
	}
	return []figure{
		atMost("vend sandbox: start to ready", milliseconds(quantile(starts, 0.5)), 150, "ms"),
		atLeast("vend sandbox: GetItem", persecond(t, url, "dynamodb", "DynamoDB_20120810.GetItem",
			`{"TableName":"vend","ConsistentRead":true,"Key":{"pk":{"S":"pipeline"},"sk":{"S":"slots"}}}`), 10000, "a second"),
		atLeast("vend sandbox: DescribeRecord", persecond(t, url, "servicecatalog", "AWS242ServiceCatalogService.DescribeRecord",
			`{"Id":"`+record+`"}`), 10000, "a second"),
	}
}

// worldWithRecord is the file of a landing zone that has made an account, and the id of its record.
func worldWithRecord(t *testing.T) (file, record string) {
	file = filepath.Join(t.TempDir(), "world.json")
	synctest.Test(t, func(t *testing.T) {
		z := enginetest.New(t, enginetest.Options{World: landingZone(t, 100)})
		upload(t, z, 1)
		work(t, z, nil, worker.Options{UntilIdle: true})
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, z.URL+"/_sandbox/state", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := z.Sandbox.RoundTripper().RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		state, err := io.ReadAll(answer.Body)
		if err := errors.Join(err, answer.Body.Close(), os.WriteFile(file, state, 0o600)); err != nil {
			t.Fatal(err)
		}
		z.Sandbox.World().Do(func() { record = z.Sandbox.World().AccountFactory.Records[0].ID })
	})
	return file, record
}

// serve starts a sandbox that ends with ctx, and says how long it took to be ready, and where it is.
func serve(ctx context.Context, t testing.TB, world string) (took time.Duration, url string) {
	t.Helper()
	cmd := exec.CommandContext(ctx, program(t, "vend"), "sandbox", "--world", world)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() }) // ctx has told it to end
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if at, found := strings.CutPrefix(lines.Text(), "export AWS_ENDPOINT_URL="); found {
			url = at
		}
		if lines.Text() == "# ready" {
			return time.Since(began), url
		}
	}
	t.Fatalf("vend sandbox ended before it was ready: %v", lines.Err())
	return 0, ""
}

// persecond is how many calls a second are answered to eight clients. They speak HTTP only: what the SDK takes is not the
// sandbox's.
func persecond(t testing.TB, url, service, target, body string) float64 {
	t.Helper()
	const clients, long = 8, 3 * time.Second
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	ctx, stop := context.WithTimeout(t.Context(), long)
	defer stop()
	now := time.Now().UTC()
	credential := fmt.Sprintf("AWS4-HMAC-SHA256 Credential=bench/%s/%s/%s/aws4_request, SignedHeaders=host;x-amz-date, Signature=%064d",
		now.Format("20060102"), enginetest.Region, service, 0)
	var answered atomic.Int64
	var all sync.WaitGroup
	began := time.Now()
	for range clients {
		all.Go(func() {
			for ctx.Err() == nil {
				r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/", strings.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				r.Header = http.Header{
					"X-Amz-Target": {target}, "Content-Type": {"application/x-amz-json-1.1"},
					"X-Amz-Date": {now.Format("20060102T150405Z")}, "Authorization": {credential},
				}
				answer, err := transport.RoundTrip(r)
				if err != nil {
					if ctx.Err() == nil {
						t.Error(err)
					}
					return
				}
				text, err := io.ReadAll(answer.Body)
				_ = answer.Body.Close() // it was read
				if answer.StatusCode != http.StatusOK {
					t.Errorf("%s: %s %s", target, answer.Status, text)
					return
				}
				if err == nil {
					answered.Add(1)
				}
			}
		})
	}
	all.Wait()
	return float64(answered.Load()) / time.Since(began).Seconds()
}
