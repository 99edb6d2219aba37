//go:build bench

package bench_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// rounds is how often a process is run where the median counts.
const rounds = 9

// programs are what is run: the command as it is released, and what it is compared with.
var programs = sync.OnceValues(func() (map[string]string, error) {
	dir, err := os.MkdirTemp("", "vend-bench-")
	if err != nil {
		return nil, err
	}
	built := map[string]string{"": dir}
	for name, from := range map[string]string{
		"vend": "../../cmd/vend", "empty": "./testdata/empty", "readcsv": "./testdata/readcsv", "measure": "./testdata/measure",
	} {
		built[name] = filepath.Join(dir, name)
		build := exec.Command(cmp.Or(os.Getenv("GO"), "go"), "build", "-buildvcs=false", "-trimpath", "-tags=lambda.norpc,urfave_cli_no_docs", "-ldflags=-s -w", "-o", built[name], from)
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return built, fmt.Errorf("build %s: %w\n%s", name, err, out)
		}
	}
	return built, nil
})

// program is the path of a program that was built for this run.
func program(t testing.TB, name string) string {
	t.Helper()
	built, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	return built[name]
}

// run is what one process took.
type run struct {
	Took     time.Duration `json:"took"`     // from its start to its end
	Resident int64         `json:"resident"` // bytes of memory, at most
}

// process runs a program to its end.
func process(t testing.TB, environ []string, name string, args ...string) run {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program(t, "measure"), append([]string{program(t, name)}, args...)...)
	cmd.Env = append([]string{"HOME=" + t.TempDir()}, environ...)
	cmd.Dir = t.TempDir()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("run %s %s: %v\n%s", name, strings.Join(args, " "), err, stderr.String())
	}
	var r run
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// median is the run in the middle by time.
func median(runs []run) time.Duration {
	all := make([]time.Duration, len(runs))
	for i, r := range runs {
		all[i] = r.Took
	}
	return quantile(all, 0.5)
}

func quantile(all []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// validate checks a list as long as AWS has never seen one.
func validate(t *testing.T) []figure {
	const rows = 100_000
	file := filepath.Join(t.TempDir(), "accounts.csv")
	if err := os.WriteFile(file, []byte(accountList(rows)), 0o600); err != nil {
		t.Fatal(err)
	}
	var ours, theirs []run
	var most int64
	for range rounds {
		ours = append(ours, process(t, nil, "vend", "validate", file))
		theirs = append(theirs, process(t, nil, "readcsv", file))
		most = max(most, ours[len(ours)-1].Resident)
	}
	return []figure{
		times("validate 100,000 rows", milliseconds(median(ours)), "ms", "reading them with encoding/csv", milliseconds(median(theirs)), 6),
		atMost("validate: memory", float64(most)/(1<<20), 64, "MiB"),
	}
}

// start runs the command for as good as nothing.
func start(t *testing.T) []figure {
	var ours, help, theirs []run
	for range 5 * rounds {
		ours = append(ours, process(t, nil, "vend", "version"))
		help = append(help, process(t, nil, "vend", "status", "--help"))
		theirs = append(theirs, process(t, nil, "empty"))
	}
	info, err := os.Stat(program(t, "vend"))
	if err != nil {
		t.Fatal(err)
	}
	return []figure{
		times("start: vend version", milliseconds(median(ours)), "ms", "an empty Go program", milliseconds(median(theirs)), 3),
		times("start: vend status --help", milliseconds(median(help)), "ms", "an empty Go program", milliseconds(median(theirs)), 3),
		atMost("start: size of the binary", float64(info.Size())/1e6, 25, "MB"),
	}
}
