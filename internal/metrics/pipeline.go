package metrics

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/vend-cli/vend/internal/account"
)

const (
	kept     = 10 * time.Second // so many scrapes as there may be, the table is read no more often
	patience = 5 * time.Second  // a scrape waits no longer for the table
)

// pipelineCollector reads the pipeline when it is asked for.
type pipelineCollector struct {
	read func(context.Context) (Pipeline, error)

	mu   sync.Mutex
	last Pipeline
	at   time.Time

	up, requests, oldest, inFlight, slots, paused, dead *prometheus.Desc
}

func newPipelineCollector(read func(context.Context) (Pipeline, error)) *pipelineCollector {
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &pipelineCollector{
		read:     read,
		up:       describe("vend_table_up", "Whether the table could be read for this scrape; where not, the figures of the pipeline are missing."),
		requests: describe("vend_requests", "Requests of the pipeline by stage.", "stage"),
		oldest:   describe("vend_oldest_queued_seconds", "Age of the first request in the line; 0 when nobody waits."),
		inFlight: describe("vend_in_flight", "Account operations in flight."),
		slots:    describe("vend_concurrency", "Account operations that may be in flight."),
		paused:   describe("vend_paused", "Whether the pipeline is paused, and by which code.", "code"),
		dead:     describe("vend_dead_letters", "Messages that nobody could handle."),
	}
}

// Describe names the figures.
func (c *pipelineCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.up, c.requests, c.oldest, c.inFlight, c.slots, c.paused, c.dead} {
		to <- d
	}
}

// Collect reads the pipeline, unless that was just done.
func (c *pipelineCollector) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	p, err := c.look()
	if err != nil {
		gauge(c.up, 0)
		return
	}
	gauge(c.up, 1)
	for _, stage := range append(append([]account.Stage{}, account.Stages...), account.Rejected) {
		gauge(c.requests, float64(p.Counts[stage]), string(stage))
	}
	gauge(c.oldest, p.oldest().Seconds())
	gauge(c.inFlight, float64(p.InFlight))
	gauge(c.slots, float64(p.Concurrency))
	gauge(c.dead, float64(p.DeadLetters))
	if p.Paused != "" {
		gauge(c.paused, 1, p.Paused)
	} else {
		gauge(c.paused, 0, "")
	}
}

func (c *pipelineCollector) look() (Pipeline, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.at.IsZero() && time.Since(c.at) < kept {
		return c.last, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	p, err := c.read(ctx)
	if err == nil {
		c.last, c.at = p, time.Now()
	}
	return p, err
}
