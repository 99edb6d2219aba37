package world_test

import (
	"flag"
	"fmt"
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

var update = flag.Bool("update", false, "write the ledger's page anew")

var asked = regexp.MustCompile(`\.Otherwise\("([^"]+)"\)`)

// TestLedger holds the ledger and the places where it is asked together, and the page with them.
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
	var page strings.Builder
	fmt.Fprintf(&page, ledgerHead, len(world.Assumptions))
	kebab := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	for _, a := range world.Assumptions {
		names = append(names, a.Name)
		if !kebab.MatchString(a.Name) || a.We == "" || a.Else == "" || a.Why == "" {
			t.Errorf("the entry %q is not complete", a.Name)
		}
		fmt.Fprintf(&page, "\n## %s\n\n- We assume: %s\n- It could be: %s\n- What is known: %s\n- Asked for in: `%s`\n", a.Name, a.We, a.Else, a.Why, places[a.Name])
	}
	slices.Sort(names)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(places)), names); diff != "" {
		t.Errorf("what the sandbox asks for (-) and what the ledger has (+):\n%s", diff)
	}
	if *update {
		if err := os.WriteFile(ledgerPage, []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(ledgerPage)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(have), page.String()); diff != "" {
		t.Errorf("%s is not the ledger (-have +want); renew it with: go test ./internal/sandbox/world -run TestLedger -update\n%s", ledgerPage, diff)
	}
}

const (
	ledgerPage = "../LEDGER.md"
	ledgerHead = `# What nobody has verified

The sandbox follows what AWS documents. Where the documentation is silent it has to assume something; each of these %d
assumptions can be switched by name in the world file, {"assumptions": {"<name>": true}}, and the crash suite runs with
each of them switched, and with many of them at once. Whoever has an account and knows better is asked to say so. The
sandbox sets no landing zone up and updates none, so it assumes nothing of the events that tell how that went.

This page is written by a test from the code's own table.
`
)
