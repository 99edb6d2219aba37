package metrics_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/metrics"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func scrape(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	answer := httptest.NewRecorder()
	m.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.Code != 200 || !strings.HasPrefix(answer.Header().Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Fatalf("%d %s, %v: %s", answer.Code, answer.Header(), err, body)
	}
	return string(body)
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	m := metrics.New("v1", func(context.Context) (metrics.Pipeline, error) {
		return metrics.Pipeline{
			Counts: map[account.Stage]int{account.Queued: 7, account.Done: 3}, InFlight: 1, Concurrency: 2, Paused: "V3007", Now: noon,
			OldestSince: noon.Add(-90 * time.Second), DeadLetters: 4,
		}, nil
	})
	request := account.Request{Email: "canary@example.com", Stage: account.Provisioning, StartedAt: noon.Add(-20 * time.Minute)}
	request.Order.At = noon.Add(-20 * time.Minute)
	ended := request
	ended.Stage, ended.Order.EndedAt = account.Assigning, noon.Add(-time.Minute)
	done := ended
	done.Stage, done.FinishedAt = account.Done, noon
	failed := request
	failed.Stage, failed.Failure = account.Failed, &account.Failure{Code: "V2011", Message: "canary@example.com"}
	m.Moved(request, ended)
	m.Moved(ended, done)
	m.Moved(request, failed)
	m.Moved(failed, failed)
	m.Called("DynamoDB", "Query", metrics.OK, 20*time.Millisecond)
	m.Called("Service Catalog", "ProvisionProduct", metrics.Throttled, time.Second)
	m.Heard(3*time.Second, nil)
	m.Heard(time.Second, errors.New("canary@example.com"))
	got := scrape(t, m)
	for _, want := range []string{
		`vend_requests{stage="queued"} 7`, `vend_requests{stage="failed"} 0`, "vend_oldest_queued_seconds 90", "vend_in_flight 1", "vend_concurrency 2",
		`vend_paused{code="V3007"} 1`, "vend_dead_letters 4", "vend_table_up 1", `vend_build_info{version="v1"} 1`,
		`vend_aws_calls_total{operation="ProvisionProduct",outcome="throttled",service="Service Catalog"} 1`,
		`vend_aws_call_seconds_count{service="DynamoDB"} 1`,
		`vend_request_moves_total{stage="done"} 1`, `vend_request_failures_total{code="V2011"} 1`,
		"vend_duration_seconds_sum 1200", "vend_account_operation_seconds_sum 1140", "vend_account_operation_seconds_count 1",
		"vend_event_lag_seconds_sum 3", `vend_messages_total{outcome="error"} 1`, "go_goroutines ",
	} {
		if !strings.Contains(got, "\n"+want) {
			t.Errorf("%s is not told", want)
		}
	}
	if strings.Contains(got, "canary") {
		t.Error("an address is told")
	}
	if t.Failed() {
		t.Log(got)
	}
}

func TestATableThatDoesNotAnswerCostsOnlyItsOwnFigures(t *testing.T) {
	t.Parallel()
	reads, err := 0, errors.New("no answer")
	m := metrics.New("v1", func(context.Context) (metrics.Pipeline, error) {
		reads++
		return metrics.Pipeline{}, err
	})
	m.Called("DynamoDB", "Query", metrics.Failed, time.Second)
	got := scrape(t, m)
	if !strings.Contains(got, "\nvend_table_up 0") || strings.Contains(got, "\nvend_requests{") || !strings.Contains(got, "\nvend_aws_calls_total{") {
		t.Errorf("told:\n%s", got)
	}
	err = nil
	for range 3 {
		if got := scrape(t, m); !strings.Contains(got, "\nvend_table_up 1") {
			t.Errorf("told:\n%s", got)
		}
	}
	if reads != 2 {
		t.Errorf("the table was read %d times, want once after it had answered", reads)
	}
}

func TestNobodyCounts(t *testing.T) {
	t.Parallel()
	var m *metrics.Metrics
	m.Called("a", "b", metrics.OK, 0)
	m.Moved(account.Request{}, account.Request{Stage: account.Done})
	m.Heard(0, nil)
}
