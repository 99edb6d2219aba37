package world_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox/world"
)

var asked = regexp.MustCompile(`\.Otherwise\("([^"]+)"\)`)

// TestLedger holds the ledger and the places where it is asked together, and prints the page (go test -v -run Ledger).
func TestLedger(t *testing.T) {
	t.Parallel()
	places := map[string]string{}
	sandbox := os.DirFS("..")
	err := fs.WalkDir(sandbox, ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := fs.ReadFile(sandbox, path)
		for _, m := range asked.FindAllSubmatch(source, -1) {
			places[string(m[1])] = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	kebab := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	for _, a := range world.Assumptions {
		names = append(names, a.Name)
		if !kebab.MatchString(a.Name) || a.We == "" || a.Else == "" || a.Why == "" {
			t.Errorf("the entry %q is not complete", a.Name)
		}
		t.Logf("%s (%s)\n  we:   %s\n  else: %s\n  why:  %s", a.Name, places[a.Name], a.We, a.Else, a.Why)
	}
	slices.Sort(names)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(places)), names); diff != "" {
		t.Errorf("what the sandbox asks for (-) and what the ledger has (+):\n%s", diff)
	}
}
