package floorplan_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	testFunc    = regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\) \{\n`)
	secondPhase = regexp.MustCompile(`-run '([^']+)'`)
)

// A test that is left out under the race detector is one that nobody runs, unless the phase of make test without it names it.
func TestWhatIsNotRacedIsRunWithoutTheDetector(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	var phases []*regexp.Regexp
	for line := range strings.Lines(string(makefile)) {
		if !strings.Contains(line, "$(GO) test $(LEAN)") {
			continue
		}
		for _, found := range secondPhase.FindAllStringSubmatch(line, -1) {
			phases = append(phases, regexp.MustCompile(found[1]))
		}
	}
	if len(phases) == 0 {
		t.Fatal("the Makefile has no phase without the race detector")
	}
	left := 0
	for _, pattern := range []string{"../../cmd/*/*_test.go", "../*/*_test.go", "../*/*/*_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range testFunc.FindAllSubmatchIndex(source, -1) {
				name, body := string(source[at[2]:at[3]]), string(source[at[1]:])
				body, _, _ = strings.Cut(body, "\n}\n")
				if !strings.HasPrefix(body, "\twithoutRacing(t)\n") && !strings.Contains(body, "\n\twithoutRacing(t)\n") {
					continue
				}
				left++
				named := false
				for _, phase := range phases {
					named = named || phase.MatchString(name)
				}
				if !named {
					t.Errorf("%s in %s is never run: no phase of make test names it", name, file)
				}
			}
		}
	}
	if left < 5 {
		t.Errorf("only %d tests are left out under the race detector: is withoutRacing still what they call?", left)
	}
}
