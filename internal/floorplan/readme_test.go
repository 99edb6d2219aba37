package floorplan_test

import (
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
)

var update = flag.Bool("update", false, "write the drawn parts of the README anew")

const readme = "../../README.md"

// TestTheREADMEIsDrawnFromTheCode compares the parts of the README that the code knows better: the diagram of stages, and
// the floor plan.
func TestTheREADMEIsDrawnFromTheCode(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	want := string(content)
	for name, drawn := range map[string]string{"stages": stages(), "floorplan": floorplan(t)} {
		before, rest, found := strings.Cut(want, "<!-- "+name+":")
		comment, rest, closed := strings.Cut(rest, "-->\n")
		_, after, ends := strings.Cut(rest, "<!-- /"+name+" -->")
		if !found || !closed || !ends {
			t.Fatalf("the README has no place for its %s", name)
		}
		want = before + "<!-- " + name + ":" + comment + "-->\n" + drawn + "<!-- /" + name + " -->" + after
	}
	if *update {
		if err := os.WriteFile(readme, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(content)); diff != "" {
		t.Errorf("renew it with `go test ./internal/floorplan -update` (-code +README):\n%s", diff)
	}
}

// stages draws the table of transitions as Mermaid, which GitHub shows as a picture and a terminal as a list.
func stages() string {
	var b strings.Builder
	b.WriteString("```mermaid\nstateDiagram-v2\n")
	fmt.Fprintf(&b, "    [*] --> %s\n", account.Queued)
	for _, t := range account.Transitions {
		fmt.Fprintf(&b, "    %s --> %s: %s\n", t.From, t.To, t.By)
	}
	for _, s := range []account.Stage{account.Done, account.Cancelled} {
		fmt.Fprintf(&b, "    %s --> [*]\n", s)
	}
	b.WriteString("```\n")
	return b.String()
}

// floorplan lists each package with the sentence that opens its comment.
func floorplan(t *testing.T) string {
	t.Helper()
	sentences := map[string]string{}
	for name := range sources(t) {
		pkg := path.Dir(name)
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", name), nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			t.Fatal(err)
		}
		if doc := file.Doc.Text(); doc != "" && !isForTests(pkg) {
			sentences[pkg] = sentence(doc)
		}
	}
	var b strings.Builder
	b.WriteString("```\n")
	for _, pkg := range slices.Sorted(maps.Keys(sentences)) {
		fmt.Fprintf(&b, "%-31s %s\n", pkg, sentences[pkg])
	}
	b.WriteString("```\n")
	return b.String()
}

// sentence is the first sentence of a package comment, without the name of the package.
func sentence(doc string) string {
	first, _, _ := strings.Cut(strings.Join(strings.Fields(doc), " "), ". ")
	words := strings.Fields(strings.TrimSuffix(first, "."))
	if len(words) > 2 {
		words = words[2:] // "Package x", "Command x"
	}
	if len(words) > 1 && (words[0] == "is" || words[0] == "holds") {
		words = words[1:]
	}
	return strings.Join(words, " ")
}
