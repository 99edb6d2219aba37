//go:build mutants

package engine_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"
)

// caught is how a mutant ended: why is empty where it was noticed as it should be.
type caught struct {
	why  string
	how  string
	took time.Duration
}

// TestMutants plants each bug of the table in a copy of its file, which the go command compiles in place of the original,
// and runs the test that has to fail of it. The tree is never touched. A mutant that nobody notices fails the test, as
// does one that no longer fits the source, or does not compile: renew its row then. First of all the tests run without any
// bug, and have to pass.
func TestMutants(t *testing.T) {
	t.Parallel()
	t.Run("without", withoutMutants)
	if t.Failed() {
		t.Fatal("tests that fail of nothing notice nothing")
	}
	results := make([]caught, len(mutants))
	t.Run("planted", func(t *testing.T) {
		turns := make(chan struct{}, 2)
		for i, m := range mutants {
			t.Run(m.name, func(t *testing.T) {
				t.Parallel()
				turns <- struct{}{}
				defer func() { <-turns }()
				results[i] = m.run(t)
				if why := results[i].why; why != "" {
					t.Errorf("%s (%s): %s", m.name, m.test, why)
				}
			})
		}
	})
	var out bytes.Buffer
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "planted bug\tcaught by\thow\tseconds")
	for i, m := range mutants {
		if r := results[i]; r != (caught{}) {
			fmt.Fprintf(table, "%s\t%s\t%s\t%.0f\n", m.name, m.test, cmp.Or(r.why, r.how), r.took.Seconds())
		}
	}
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	fmt.Print(out.String())
}

// mutantTime is how long the test of one mutant may run: one that only hangs was not noticed.
const mutantTime = 3 * time.Minute

func (m mutant) run(t *testing.T) caught {
	t.Helper()
	overlay, err := m.plant(t.TempDir())
	if err != nil {
		return caught{why: err.Error()}
	}
	began := time.Now()
	said, err := goTest(t.Context(), m, "-overlay", overlay)
	c := judged(said, err)
	c.took = time.Since(began)
	return c
}

// goTest runs the test of a mutant, and gives what the go command said.
func goTest(ctx context.Context, m mutant, flags ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*mutantTime)
	defer cancel()
	args := append([]string{"test"}, flags...)
	args = append(args, "-count=1", "-vet=off", "-failfast", "-timeout", mutantTime.String(), "-run", "^("+m.test+")$", m.pkg)
	run := exec.CommandContext(ctx, cmp.Or(os.Getenv("GO"), "go"), append(args, strings.Fields(m.flags)...)...)
	run.Dir = root
	var said outputs
	run.Stdout, run.Stderr = &said, &said
	err := run.Run()
	return said.String(), err
}

// withoutMutants runs all tests of the table on the source as it is.
func withoutMutants(t *testing.T) {
	type group struct{ pkg, flags string }
	tests := map[group][]string{}
	for _, m := range mutants {
		if g := (group{m.pkg, m.flags}); !slices.Contains(tests[g], m.test) {
			tests[g] = append(tests[g], m.test)
		}
	}
	for g, names := range tests {
		if said, err := goTest(t.Context(), mutant{pkg: g.pkg, flags: g.flags, test: strings.Join(names, "|")}); err != nil {
			t.Errorf("%s: %v\n%s", g.pkg, err, said)
		}
	}
}

var (
	failed = regexp.MustCompile(`(?m)^\s*--- FAIL: `)
	told   = regexp.MustCompile(`(?m)^\s+\w+\.go:\d+: (.*(?:\n.*)?)`)
	panics = regexp.MustCompile(`(?m)^panic: (.*)`)
	again  = regexp.MustCompile(`, seed \d+, commit \w+:\s*`)
	spaces = regexp.MustCompile(`\s+`)
	noTest = regexp.MustCompile(`no tests to run|no test files`)
)

// judged reads what the go command said.
func judged(said string, err error) caught {
	var exit *exec.ExitError
	switch {
	case strings.Contains(said, "[build failed]") || strings.Contains(said, "[setup failed]"):
		return caught{why: "it does not compile: " + clipped(said)}
	case noTest.MatchString(said):
		return caught{why: "there is no such test, renew the table"}
	case err == nil:
		return caught{why: "it SURVIVED"}
	case !errors.As(err, &exit):
		return caught{why: "the test did not run: " + err.Error()}
	case strings.Contains(said, "panic: test timed out"):
		return caught{why: "it only hung"}
	case !failed.MatchString(said):
		return caught{why: "the test did not fail: " + clipped(said)}
	}
	how := "the test failed"
	if found := told.FindStringSubmatch(said); found != nil {
		first, second, _ := strings.Cut(found[1], "\n")
		if how = first; strings.HasSuffix(first, ":") {
			how += " " + second
		}
		how = again.ReplaceAllString(how, ": ")
	} else if found := panics.FindStringSubmatch(said); found != nil {
		how = "panic: " + found[1]
	}
	return caught{how: clipped(how)}
}

func clipped(s string) string {
	s = strings.TrimSpace(spaces.ReplaceAllString(s, " "))
	if r := []rune(s); len(r) > 140 {
		return string(r[:139]) + "…"
	}
	return s
}

// outputs keeps what two pipes write, in the order in which it comes.
type outputs struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write keeps p.
func (o *outputs) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// String is all that was written.
func (o *outputs) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
