//go:build bench

package bench_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	only   = flag.String("only", "", "run the benchmark of this name")
	format = flag.String("format", "table", "write the figures as table, json or markdown")
)

// benchmarks are what is measured, in the order of the table.
var benchmarks = []struct {
	name    string
	measure func(*testing.T) []figure
}{
	{"validate", validate},
	{"start", start},
	{"lambda", cloud},
	{"status", status},
	{"ingest-calls", ingestCalls},
	{"ingest-wall", ingestWall},
	{"step-cost", stepCost},
	{"idle", idle},
	{"calls-per-account", callsPerAccount},
	{"makespan", makespan},
	{"assigning", assigning},
	{"listing", listing},
	{"event-to-order", eventToOrder},
	{"prechecks", prechecks},
	{"sandbox", sandboxSpeed},
}

// measured is what came out, for TestMain to write when all is done.
var measured struct {
	sync.Mutex
	figures []figure
}

// TestMain writes the figures to the standard output, and everything else to the standard error.
func TestMain(m *testing.M) {
	flag.Parse()
	results := os.Stdout
	os.Stdout = os.Stderr
	write := formats[*format]
	if write == nil {
		fmt.Fprintf(os.Stderr, "-format is %q; it takes table, json or markdown\n", *format)
		os.Exit(64)
	}
	code := m.Run()
	if len(measured.figures) > 0 {
		if err := write(results, measured.figures); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// TestClaims measures one after the other: nothing runs beside.
func TestClaims(t *testing.T) {
	var names []string
	for _, b := range benchmarks {
		names = append(names, b.name)
	}
	if *only != "" && !slices.Contains(names, *only) {
		t.Fatalf("there is no benchmark %q; there are: %s", *only, strings.Join(names, ", "))
	}
	for _, b := range benchmarks {
		if *only != "" && *only != b.name {
			continue
		}
		t.Run(b.name, func(t *testing.T) {
			began := time.Now()
			figures := b.measure(t)
			fmt.Fprintf(os.Stderr, "%s took %s\n", b.name, time.Since(began).Round(time.Millisecond))
			measured.Lock()
			measured.figures = append(measured.figures, figures...)
			measured.Unlock()
			for _, f := range figures {
				if !f.Met {
					t.Errorf("%s is %s %s, the goal is %s", f.Name, rounded(f.Value), f.Unit, f.Goal)
				}
			}
		})
	}
}
