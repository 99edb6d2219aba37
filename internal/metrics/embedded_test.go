package metrics_test

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/metrics"
)

//go:embed testdata/emf.schema.json
var embeddedFormat []byte

// told are the metrics that CloudWatch makes of records: "name{dimension=value,…} unit" and the values. It holds that each
// record follows the specification, by the rules of its schema and by those that no schema can say.
func told(t *testing.T, records string) map[string][]float64 {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(embeddedFormat))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("emf.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("emf.json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]float64{}
	for line := range strings.Lines(records) {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err == nil {
			err = schema.Validate(value)
		}
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		var root map[string]json.RawMessage
		var head struct {
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name, Unit string }
			}
		}
		if err := errors.Join(json.Unmarshal([]byte(line), &root), json.Unmarshal(root["_aws"], &head)); err != nil {
			t.Fatal(err)
		}
		for _, d := range head.CloudWatchMetrics {
			for _, set := range d.Dimensions {
				named := make([]string, 0, len(set))
				for _, name := range set {
					var value string
					if err := json.Unmarshal(root[name], &value); err != nil {
						t.Fatalf("%s: the dimension %s names no text: %v", line, name, err)
					}
					named = append(named, name+"="+value)
				}
				for _, m := range d.Metrics {
					var values []float64
					if json.Unmarshal(root[m.Name], &values) != nil {
						values = make([]float64, 1)
						if err := json.Unmarshal(root[m.Name], &values[0]); err != nil {
							t.Fatalf("%s: the metric %s names no number: %v", line, m.Name, err)
						}
					}
					key := m.Name + "{" + strings.Join(named, ",") + "} " + m.Unit
					all[key] = append(all[key], values...)
				}
			}
		}
	}
	return all
}

func written(t *testing.T, e *metrics.Embedded, now time.Time) string {
	t.Helper()
	var out bytes.Buffer
	if err := e.Write(t.Context(), &out, now); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestEmbedded(t *testing.T) {
	t.Parallel()
	is := metrics.Pipeline{
		Counts: map[account.Stage]int{account.Queued: 7, account.Done: 3}, InFlight: 1, Concurrency: 2, Now: noon,
		OldestSince: noon.Add(-90 * time.Second), DeadLetters: 4,
	}
	e := metrics.NewEmbedded("vend", func(context.Context) (metrics.Pipeline, error) { return is, nil })
	request := account.Request{Email: "canary@example.com", Name: "canary", Stage: account.Provisioning, StartedAt: noon.Add(-20 * time.Minute)}
	request.Order.At = noon.Add(-20 * time.Minute)
	ended := request
	ended.Stage, ended.Order.EndedAt = account.Assigning, noon.Add(-time.Minute)
	done := ended
	done.Stage, done.FinishedAt = account.Done, noon
	failed := request
	failed.Stage, failed.Failure = account.Failed, &account.Failure{Code: "V2011", Message: "canary@example.com"}
	e.Moved(request, ended)
	e.Moved(ended, done)
	e.Moved(request, failed)
	e.Moved(failed, failed)
	e.Called("DynamoDB", "Query", metrics.OK, time.Second)
	e.Called("DynamoDB", "Query", metrics.OK, time.Second)
	e.Called("Service Catalog", "ProvisionProduct", metrics.Throttled, time.Second)
	e.Heard(3*time.Second, nil)
	e.Heard(time.Second, errors.New("canary@example.com"))

	const whole, query, order = "{Pipeline=vend}", "{Pipeline=vend,Operation=DynamoDB.Query}", "{Pipeline=vend,Operation=ServiceCatalog.ProvisionProduct}"
	first := written(t, e, noon)
	want := map[string][]float64{
		"RequestsQueued" + whole + " Count": {7}, "RequestsDone" + whole + " Count": {3}, "OldestQueued" + whole + " Seconds": {90},
		"InFlight" + whole + " Count": {1}, "DeadLetters" + whole + " Count": {4}, "TableUp" + whole + " Count": {1},
		"VendDuration" + whole + " Seconds": {1200}, "AccountOperationDuration" + whole + " Seconds": {1140},
		"AccountsDone" + whole + " Count": {1}, "Failures" + whole + " Count": {1},
		"Messages" + whole + " Count": {1}, "MessagesFailed" + whole + " Count": {1}, "EventLag" + whole + " Seconds": {3},
		"AWSCalls" + whole + " Count": {2, 1}, "AWSThrottles" + whole + " Count": {1},
		"AWSCalls" + query + " Count": {2}, "AWSCalls" + order + " Count": {1}, "AWSThrottles" + order + " Count": {1},
	}
	if diff := cmp.Diff(want, told(t, first)); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	if strings.Contains(first, "canary") || strings.Contains(first, "@") {
		t.Errorf("an address is told:\n%s", first)
	}

	// What was told is not told again, nor is the pipeline read again so soon.
	if again := written(t, e, noon.Add(time.Second)); again != "" {
		t.Errorf("nothing has happened, and this is told: %s", again)
	}
	// What has become 0 is told once, and calls of an idle pipeline only as a whole.
	is = metrics.Pipeline{Counts: map[account.Stage]int{account.Done: 10}, Concurrency: 2, Now: noon}
	e.Called("DynamoDB", "Query", metrics.OK, time.Second)
	want = map[string][]float64{
		"RequestsQueued" + whole + " Count": {0}, "RequestsDone" + whole + " Count": {10}, "OldestQueued" + whole + " Seconds": {0},
		"InFlight" + whole + " Count": {0}, "DeadLetters" + whole + " Count": {0}, "TableUp" + whole + " Count": {1},
		"AWSCalls" + whole + " Count": {1},
	}
	if diff := cmp.Diff(want, told(t, written(t, e, noon.Add(time.Minute)))); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	want = map[string][]float64{"RequestsDone" + whole + " Count": {10}, "TableUp" + whole + " Count": {1}}
	if diff := cmp.Diff(want, told(t, written(t, e, noon.Add(2*time.Minute)))); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

// One record holds no more than a hundred values of a metric; the others are in the next.
func TestEmbeddedTellsAllValues(t *testing.T) {
	t.Parallel()
	e := metrics.NewEmbedded("vend", func(context.Context) (metrics.Pipeline, error) { return metrics.Pipeline{}, errors.New("no answer") })
	for i := range 250 {
		e.Heard(time.Duration(i+1)*time.Second, nil)
	}
	got := told(t, written(t, e, noon))
	if n := len(got["EventLag{Pipeline=vend} Seconds"]); n != 250 {
		t.Errorf("%d values are told of 250", n)
	}
	if up := got["TableUp{Pipeline=vend} Count"]; !slices.Equal(up, []float64{0}) {
		t.Errorf("a table that does not answer is told as %v", up)
	}
	if n := got["Messages{Pipeline=vend} Count"]; !slices.Equal(n, []float64{250}) {
		t.Errorf("messages are told as %v", n)
	}
}

// However much is done, the number of metrics is bounded: stages, and operations.
func TestEmbeddedIsBounded(t *testing.T) {
	t.Parallel()
	counts := map[account.Stage]int{account.Rejected: 1}
	for _, stage := range account.Stages {
		counts[stage] = 1
	}
	e := metrics.NewEmbedded("vend", func(context.Context) (metrics.Pipeline, error) {
		return metrics.Pipeline{Counts: counts, InFlight: 1, Paused: "V3007", DeadLetters: 1, OldestSince: noon, Now: noon.Add(time.Hour)}, nil
	})
	seen := map[string]bool{}
	for i := range 1000 {
		e.Called("DynamoDB", "Query", metrics.OK, 0)
		e.Moved(account.Request{ID: string(rune('a' + i%26))}, account.Request{ID: "x", Stage: account.Failed, Failure: &account.Failure{Code: "V2011"}})
		for key := range told(t, written(t, e, noon.Add(time.Duration(i)*time.Hour))) {
			seen[key] = true
		}
	}
	if len(seen) != 17 { // 9 stages, 5 of the pipeline, failures, and calls both ways
		t.Errorf("%d metrics: %v", len(seen), slices.Sorted(maps.Keys(seen)))
	}
}

func TestNobodyCountsEmbedded(t *testing.T) {
	t.Parallel()
	var e *metrics.Embedded
	e.Called("a", "b", metrics.OK, 0)
	e.Moved(account.Request{}, account.Request{Stage: account.Done})
	e.Heard(0, nil)
	if got := written(t, e, noon); got != "" {
		t.Errorf("told: %s", got)
	}
}
