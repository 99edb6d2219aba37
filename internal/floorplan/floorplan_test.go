package floorplan_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/vend-cli/vend"

// law says what non-test code of a package may import of this project; every arrow falls towards account. A pattern ends
// with /*, and the most exact line counts.
var law = map[string][]string{
	"internal/account": {},
	"internal/retry":   {},
	"internal/pattern": {},
	"schemas":          {},
	"samples":          {},
	"internal/deploy":  {},

	"internal/batch":              {"internal/account", "schemas"},
	"internal/directory":          {"internal/account", "internal/pattern"},
	"internal/lifecycle":          {"internal/account", "internal/pattern"},
	"internal/permissionset":      {"internal/account", "internal/pattern"},
	"internal/access":             {"internal/account", "internal/directory"},
	"internal/ingest":             {"internal/account", "internal/batch", "internal/directory"},
	"internal/pipeline":           {"internal/account", "internal/access", "internal/directory"},
	"internal/worker":             {"internal/account", "internal/retry"},
	"internal/precheck":           {"internal/account", "internal/directory", "internal/pattern"},
	"internal/notify":             {"internal/account"},
	"internal/doctor":             {"internal/account"},
	"internal/metrics":            {"internal/account"},
	"internal/trace":              {"internal/account"},
	"internal/recording":          {"internal/pattern"},
	"internal/config":             {"internal/account", "internal/pattern", "internal/recording", "schemas"},
	"internal/render":             {"internal/access", "internal/account", "internal/batch", "internal/deploy", "internal/doctor", "internal/pattern", "internal/permissionset", "internal/precheck"},
	"internal/aws/*":              {"internal/account", "internal/directory", "internal/pattern", "internal/retry"},
	"internal/aws/member":         {"internal/account", "internal/precheck", "internal/retry"},
	"internal/aws/stack":          {"internal/account", "internal/deploy", "internal/retry"},
	"internal/aws/identitycenter": {"internal/account", "internal/directory", "internal/permissionset", "internal/retry"},
	"internal/engine":             {"*", "-internal/render", "-internal/sandbox", "-internal/sandbox/*", "-cmd/vend"},
	"cmd/vend":                    {"*"}, // only its files demo.go and sandbox.go reach the sandbox, see below

	"internal/sandbox/wire":  {"internal/pattern"},
	"internal/sandbox/world": {"internal/pattern", "samples"},
	"internal/sandbox/*":     {"internal/pattern", "internal/sandbox/wire", "internal/sandbox/world"},
	"internal/sandbox":       {"internal/pattern", "internal/sandbox/*"},

	"internal/floorplan": {},
	"internal/bench":     {},
}

// keepers are the only packages that may import a module of others.
var keepers = map[string][]string{
	"github.com/aws/aws-sdk-go-v2":   {"internal/aws/*", "internal/config", "internal/engine"},
	"github.com/aws/smithy-go":       {"internal/aws/*", "internal/config", "internal/engine"},
	"github.com/cenkalti/backoff/v4": {"internal/retry"},
	"github.com/jedib0t/go-pretty":   {"internal/render"},
	"github.com/urfave/cli/v2":       {"cmd/vend"},
	"github.com/prometheus":          {"internal/metrics"},
	"go.opentelemetry.io":            {"internal/trace"},
	"github.com/goccy/go-yaml":       {"internal/config", "internal/access", "internal/permissionset", "internal/sandbox/cloudformation"},
}

// sandboxDoors are the only files of cmd/vend that may reach the sandbox.
var sandboxDoors = []string{"cmd/vend/demo.go", "cmd/vend/sandbox.go"}

// testing packages hold what the tests of several packages share: suites and fakes. They import what they like, and only
// tests import them.
func isForTests(pkg string) bool { return strings.HasSuffix(pkg, "test") }

func TestEveryImportFollowsTheLaw(t *testing.T) {
	t.Parallel()
	files := sources(t)
	if len(files) < 10 {
		t.Fatalf("found %d files; the test looks in the wrong place", len(files))
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		pkg := path.Dir(name)
		if isForTests(pkg) {
			continue
		}
		if _, found := lawOf(pkg); !found {
			t.Errorf("%s has no place in the law", pkg)
			continue
		}
		for _, imported := range files[name] {
			if why := objection(name, pkg, imported); why != "" {
				t.Errorf("%s imports %s: %s", name, imported, why)
			}
		}
	}
}

func TestTheLawRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ file, imports string }{
		"account knows nobody":                  {"internal/account/x.go", module + "/internal/batch"},
		"no adapter knows another":              {"internal/aws/queue/x.go", module + "/internal/aws/bucket"},
		"the sandbox is an independent witness": {"internal/sandbox/s3/x.go", module + "/internal/account"},
		"the sandbox does without the SDK":      {"internal/sandbox/s3/x.go", "github.com/aws/aws-sdk-go-v2/service/s3"},
		"services of the sandbox are apart":     {"internal/sandbox/s3/x.go", module + "/internal/sandbox/sqs"},
		"the engine draws no tables":            {"internal/engine/x.go", module + "/internal/render"},
		"the engine has no test mode":           {"internal/engine/x.go", module + "/internal/sandbox"},
		"verbs stay away from the sandbox":      {"cmd/vend/work.go", module + "/internal/sandbox"},
		"one keeper of patience":                {"internal/worker/x.go", "github.com/cenkalti/backoff/v4"},
		"one keeper of tables":                  {"cmd/vend/status.go", "github.com/jedib0t/go-pretty/v6/table"},
		"verbs speak no AWS":                    {"cmd/vend/status.go", "github.com/aws/aws-sdk-go-v2/aws"},
		"suites stay in tests":                  {"internal/worker/x.go", module + "/internal/retry/retrytest"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if objection(test.file, path.Dir(test.file), test.imports) == "" {
				t.Errorf("%s may import %s", test.file, test.imports)
			}
		})
	}
}

func TestEveryPackageSaysInOneSentenceWhatItIs(t *testing.T) {
	t.Parallel()
	docs := map[string]string{}
	for name := range sources(t) {
		pkg := path.Dir(name)
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", name), nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			t.Fatal(err)
		}
		docs[pkg] += file.Doc.Text()
	}
	for _, pkg := range slices.Sorted(maps.Keys(docs)) {
		first, _, _ := strings.Cut(docs[pkg], "\n\n")
		if first == "" {
			t.Errorf("%s has no package comment", pkg)
		} else if !strings.HasSuffix(strings.TrimSpace(first), ".") {
			t.Errorf("the comment of %s does not begin with a sentence: %q", pkg, first)
		}
	}
}

// objection says why a file may not import a package, nothing if it may.
func objection(file, pkg, imported string) string {
	for module, may := range keepers {
		if within(imported, module) && !slices.ContainsFunc(may, func(p string) bool { return matches(p, pkg) }) {
			return "only " + strings.Join(may, ", ") + " may"
		}
	}
	target, ours := strings.CutPrefix(imported, module+"/")
	if !ours {
		return ""
	}
	if isForTests(target) {
		return "it is for tests"
	}
	if within(target, "internal/sandbox") && strings.HasPrefix(pkg, "cmd/") && !slices.Contains(sandboxDoors, file) {
		return "only " + strings.Join(sandboxDoors, ", ") + " may"
	}
	rules, _ := lawOf(pkg)
	allowed := false
	for _, rule := range rules {
		if but, denies := strings.CutPrefix(rule, "-"); denies {
			if matches(but, target) {
				return "the law denies it"
			}
			continue
		}
		allowed = allowed || rule == "*" || matches(rule, target)
	}
	if !allowed {
		return fmt.Sprintf("the law allows %v", rules)
	}
	return ""
}

// lawOf finds the line of a package: its own, else the pattern of its folder.
func lawOf(pkg string) ([]string, bool) {
	if rules, ok := law[pkg]; ok {
		return rules, true
	}
	rules, ok := law[path.Dir(pkg)+"/*"]
	return rules, ok
}

func matches(pattern, pkg string) bool {
	if folder, all := strings.CutSuffix(pattern, "/*"); all {
		return strings.HasPrefix(pkg, folder+"/")
	}
	return pattern == pkg
}

func within(imported, module string) bool {
	return imported == module || strings.HasPrefix(imported, module+"/")
}

// sources are the non-test files of the project, each with what it imports.
func sources(t *testing.T) map[string][]string {
	t.Helper()
	root := filepath.Join("..", "..")
	files := map[string][]string{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := entry.Name()
		if entry.IsDir() {
			if name != root && (strings.HasPrefix(base, ".") || base == "testdata" || base == "node_modules") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(relative)] = imports(file)
		return nil
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return files
}

func imports(file *ast.File) []string {
	var all []string
	for _, spec := range file.Imports {
		if imported, err := strconv.Unquote(spec.Path.Value); err == nil {
			all = append(all, imported)
		}
	}
	return all
}
