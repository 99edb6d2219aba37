package metrics

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

// Namespace is where CloudWatch keeps the metrics of all pipelines; the dimension Pipeline, the name of the table, tells
// them apart.
const Namespace = "Vend"

// Embedded are the figures of a process that nobody can scrape: inside AWS Lambda they are written as log records out of
// which CloudWatch makes metrics (Amazon CloudWatch User Guide, "Specification: Embedded metric format"). All methods may
// be called on nil, which counts nothing, and from anywhere.
//
// # What it costs
//
// CloudWatch charges for each metric in each hour in which it gets a value. So a figure of the pipeline that is 0 is only
// written right after it was not, and calls are told apart by their operation only while requests are open; an idle
// pipeline writes how many calls it made, and what is done. Nothing that an account list holds becomes a dimension.
type Embedded struct {
	pipeline string
	read     func(context.Context) (Pipeline, error)

	mu    sync.Mutex
	calls map[string]*tally // by "Service.Operation"
	sums  map[string]float64
	lists map[string][]float64

	readAt time.Time
	busy   bool            // requests were open when the pipeline was read last
	told   map[string]bool // figures of the pipeline that were not 0 when they were written last
}

// tally is what became of the calls of one operation.
type tally struct{ all, throttled, denied, failed float64 }

const (
	embeddedKept     = 30 * time.Second // the pipeline is read no more often
	embeddedPatience = time.Second      // and no longer: the invocation ends
	embeddedValues   = 100              // values that one record may hold of one metric
)

// NewEmbedded makes the figures of the pipeline with that name. read looks it up in its table.
func NewEmbedded(pipeline string, read func(context.Context) (Pipeline, error)) *Embedded {
	e := &Embedded{pipeline: pipeline, read: read, told: map[string]bool{}}
	e.forget()
	return e
}

func (e *Embedded) forget() {
	e.calls, e.sums, e.lists = map[string]*tally{}, map[string]float64{}, map[string][]float64{}
}

// Called counts one attempt of a call.
func (e *Embedded) Called(service, operation, outcome string, _ time.Duration) {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	name := strings.ReplaceAll(service, " ", "") + "." + operation
	t := e.calls[name]
	if t == nil {
		t = &tally{}
		e.calls[name] = t
	}
	t.all++
	switch outcome {
	case Throttled:
		t.throttled++
	case Denied:
		t.denied++
	case Failed:
		t.failed++
	}
}

// Moved counts what a save has changed of a request.
func (e *Embedded) Moved(was, next account.Request) {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if took, ended := operationTook(was, next); ended {
		e.observe("AccountOperationDuration", took)
	}
	if was.Stage == next.Stage {
		return
	}
	switch {
	case next.Stage == account.Failed:
		e.sums["Failures"]++
	case next.Stage == account.Done:
		e.sums["AccountsDone"]++
		if !next.StartedAt.IsZero() {
			e.observe("VendDuration", next.FinishedAt.Sub(next.StartedAt))
		}
	}
}

// Heard counts a message, and how long it had lain in the queue; 0 is not known.
func (e *Embedded) Heard(lay time.Duration, err error) {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err != nil {
		e.sums["MessagesFailed"]++
		return
	}
	e.sums["Messages"]++
	if lay > 0 {
		e.observe("EventLag", lay)
	}
}

func (e *Embedded) observe(name string, d time.Duration) {
	e.lists[name] = append(e.lists[name], d.Seconds())
}

// Write writes what was counted since it was last called, and what the table says of the pipeline, one record a line. A
// table that does not answer within a second costs only its own figures: TableUp is 0 then.
func (e *Embedded) Write(ctx context.Context, to io.Writer, now time.Time) error {
	if e == nil {
		return nil
	}
	gauges := e.look(ctx, now)
	e.mu.Lock()
	calls, sums, lists, busy := e.calls, e.sums, e.lists, e.busy
	e.forget()
	e.mu.Unlock()

	var lines []byte
	add := func(r record) {
		if len(r.metrics) > 0 {
			lines = append(append(lines, r.line(e.pipeline, now)...), '\n')
		}
	}
	whole := record{values: map[string]any{}}
	for _, name := range slices.Sorted(maps.Keys(gauges)) {
		whole.add(name, unitOf(name), gauges[name])
	}
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		whole.add(name, "Count", sums[name])
	}
	longest := 0
	for _, values := range lists {
		longest = max(longest, len(values))
	}
	for from := 0; from == 0 || from < longest; from += embeddedValues {
		for _, name := range slices.Sorted(maps.Keys(lists)) {
			if values := lists[name]; from < len(values) {
				whole.add(name, "Seconds", values[from:min(len(values), from+embeddedValues)])
			}
		}
		add(whole)
		whole = record{values: map[string]any{}}
	}
	for _, name := range slices.Sorted(maps.Keys(calls)) {
		t := calls[name]
		r := record{values: map[string]any{"Operation": name}, byOperation: busy || t.throttled > 0}
		r.add("AWSCalls", "Count", t.all)
		for name, n := range map[string]float64{"AWSThrottles": t.throttled, "AWSDenied": t.denied, "AWSErrors": t.failed} {
			if n > 0 {
				r.add(name, "Count", n)
			}
		}
		add(r)
	}
	if _, err := to.Write(lines); err != nil {
		return fmt.Errorf("write metrics: %w", err)
	}
	return nil
}

// look reads the figures of the pipeline, unless that was just done.
func (e *Embedded) look(ctx context.Context, now time.Time) map[string]float64 {
	if !e.readAt.IsZero() && now.Sub(e.readAt) < embeddedKept {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, embeddedPatience)
	defer cancel()
	p, err := e.read(ctx)
	if err != nil {
		return map[string]float64{"TableUp": 0}
	}
	e.readAt = now
	all := map[string]float64{"InFlight": float64(p.InFlight), "DeadLetters": float64(p.DeadLetters), "OldestQueued": p.oldest().Seconds()}
	open := p.InFlight
	for _, stage := range append(slices.Clone(account.Stages), account.Rejected) {
		all["Requests"+strings.ToUpper(string(stage[:1]))+string(stage[1:])] = float64(p.Counts[stage])
		if stage.Open() {
			open += p.Counts[stage]
		}
	}
	if p.Paused != "" {
		all["Paused"] = 1
	} else {
		all["Paused"] = 0
	}
	gauges := map[string]float64{"TableUp": 1}
	for name, value := range all {
		if value != 0 || e.told[name] {
			gauges[name] = value
		}
		e.told[name] = value != 0
	}
	e.mu.Lock()
	e.busy = open > 0
	e.mu.Unlock()
	return gauges
}

func unitOf(figure string) string {
	if figure == "OldestQueued" {
		return "Seconds"
	}
	return "Count"
}

// record is one line in the embedded metric format.
type record struct {
	values      map[string]any
	metrics     []definition
	byOperation bool
}

type definition struct{ Name, Unit string }

func (r *record) add(name, unit string, value any) {
	r.values[name] = value
	r.metrics = append(r.metrics, definition{name, unit})
}

func (r *record) line(pipeline string, now time.Time) []byte {
	dimensions := [][]string{{"Pipeline"}}
	if r.byOperation {
		dimensions = append(dimensions, []string{"Pipeline", "Operation"})
	}
	slices.SortFunc(r.metrics, func(a, b definition) int { return strings.Compare(a.Name, b.Name) })
	r.values["Pipeline"] = pipeline
	r.values["_aws"] = map[string]any{
		"Timestamp":         now.UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{"Namespace": Namespace, "Dimensions": dimensions, "Metrics": r.metrics}},
	}
	line, err := json.Marshal(r.values)
	if err != nil { // numbers that are none: nothing else in here can fail
		return []byte(`{}`)
	}
	return line
}
