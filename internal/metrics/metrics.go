// Package metrics counts what a worker does, for Prometheus and for CloudWatch.
//
// [Metrics] answer a scrape; [Embedded] are the same figures where nobody can scrape, inside AWS Lambda.
//
// What concerns the whole pipeline (requests by stage, what is in flight) is read from the table when somebody asks, so every
// worker tells the same; what concerns one process (calls, throttles, events) is counted as it happens. Labels are stages,
// operations and codes: nothing that an account list holds ever becomes one.
//
// It imports account, and it alone imports the client library of Prometheus.
package metrics

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/vend-cli/vend/internal/account"
)

// Pipeline is what the table says of the whole pipeline.
type Pipeline struct {
	Counts      map[account.Stage]int
	InFlight    int
	Concurrency int
	Paused      string    // code of the pause; empty: it is not paused
	OldestSince time.Time // when the first in the line was queued; zero: nobody waits
	Now         time.Time
	DeadLetters int
}

// oldest is how long the first in the line has waited; 0 when nobody waits.
func (p Pipeline) oldest() time.Duration {
	if p.OldestSince.IsZero() {
		return 0
	}
	return max(0, p.Now.Sub(p.OldestSince))
}

// Metrics are the figures of one process. All methods may be called on nil, which counts nothing, and from anywhere.
type Metrics struct {
	registry *prometheus.Registry
	handler  http.Handler

	calls    *prometheus.CounterVec
	took     *prometheus.HistogramVec
	moves    *prometheus.CounterVec
	failures *prometheus.CounterVec
	vended   prometheus.Histogram
	ordered  prometheus.Histogram
	lag      prometheus.Histogram
	messages *prometheus.CounterVec
}

// The outcomes of a call.
const (
	OK        = "ok"
	Throttled = "throttled"
	Denied    = "denied"
	Failed    = "error"
)

// minutes are the bounds of what takes as long as an account does.
var minutes = []float64{60, 300, 600, 900, 1200, 1500, 1800, 2400, 3600, 5400, 7200, 14400, 43200, 86400}

// New makes the figures. read looks the pipeline up in its table; it is asked at each scrape, at most every ten seconds.
func New(version string, read func(context.Context) (Pipeline, error)) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vend_aws_calls_total", Help: "Calls of AWS, each attempt, by operation and outcome: ok, throttled, denied, error.",
		}, []string{"service", "operation", "outcome"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "vend_aws_call_seconds", Help: "How long attempts of calls of AWS took.", Buckets: []float64{.01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"service"}),
		moves: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vend_request_moves_total", Help: "Requests that this process moved to a stage.",
		}, []string{"stage"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vend_request_failures_total", Help: "Requests that failed in this process' hands, by the code of the reason.",
		}, []string{"code"}),
		vended: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "vend_duration_seconds", Help: "From the start of an account operation until the request was done.", Buckets: minutes,
		}),
		ordered: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "vend_account_operation_seconds", Help: "How long AWS worked on account operations that ended.", Buckets: minutes,
		}),
		lag: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "vend_event_lag_seconds", Help: "From the arrival of a message in the queue until it was handled.", Buckets: []float64{.1, .5, 1, 2, 5, 10, 30, 60, 300, 3600},
		}),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vend_messages_total", Help: "Messages of the queue: handled, or failed and to come again.",
		}, []string{"outcome"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "vend_build_info", Help: "Which build this is.", ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	m.registry.MustRegister(
		m.calls, m.took, m.moves, m.failures, m.vended, m.ordered, m.lag, m.messages, build, newPipelineCollector(read),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	for _, stage := range append(append([]account.Stage{}, account.Stages...), account.Rejected) {
		m.moves.WithLabelValues(string(stage))
	}
	for _, outcome := range []string{OK, Failed} {
		m.messages.WithLabelValues(outcome)
	}
	// Half of the figures are worth more than none while the table does not answer.
	m.handler = promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
	return m
}

// ServeHTTP answers a scrape in the format that it asks for (Prometheus, "Exposition formats").
func (m *Metrics) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.handler.ServeHTTP(w, r) }

// Called counts one attempt of a call.
func (m *Metrics) Called(service, operation, outcome string, took time.Duration) {
	if m == nil {
		return
	}
	m.calls.WithLabelValues(service, operation, outcome).Inc()
	m.took.WithLabelValues(service).Observe(took.Seconds())
}

// Moved counts what a save has changed of a request.
func (m *Metrics) Moved(was, next account.Request) {
	if m == nil {
		return
	}
	if took, ended := operationTook(was, next); ended {
		m.ordered.Observe(took.Seconds())
	}
	if was.Stage == next.Stage {
		return
	}
	m.moves.WithLabelValues(string(next.Stage)).Inc()
	switch {
	case next.Stage == account.Failed && next.Failure != nil:
		m.failures.WithLabelValues(next.Failure.Code).Inc()
	case next.Stage == account.Done && !next.StartedAt.IsZero():
		m.vended.Observe(next.FinishedAt.Sub(next.StartedAt).Seconds())
	}
}

// operationTook is how long AWS worked on the account operation that has ended with this save.
func operationTook(was, next account.Request) (took time.Duration, ended bool) {
	if !was.Order.EndedAt.IsZero() || next.Order.EndedAt.IsZero() || next.Order.At.IsZero() {
		return 0, false
	}
	return next.Order.EndedAt.Sub(next.Order.At), true
}

// Heard counts a message, and how long it had lain in the queue; 0 is not known.
func (m *Metrics) Heard(lay time.Duration, err error) {
	if m == nil {
		return
	}
	if err != nil {
		m.messages.WithLabelValues(Failed).Inc()
		return
	}
	m.messages.WithLabelValues(OK).Inc()
	if lay > 0 {
		m.lag.Observe(lay.Seconds())
	}
}
