package render_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schemaOf says which schema a golden JSON output follows.
var schemaOf = map[string]string{
	"eta.json": "status", "plan.json": "plan", "plan-foreign.json": "plan", "status.json": "status", "nothing.json": "status", "failed.json": "status", "request.json": "status", "history.json": "history",
	"submitted.json": "submit", "changed.json": "changed", "paused.json": "changed", "explain.json": "explain", "version.json": "version",
	"diagnosis.json": "doctor", "checks.json": "checks", "permissionsets.json": "permission-set-list", "permissionsets-plan.json": "permission-set-plan",
	"permissionsets-results.json": "permission-set-results",
}

// describes fails when an output does not follow its schema, or has a member that the schema does not describe. The
// schemas themselves are open, for consumers ignore what they do not know; so they are closed here.
func describes(t *testing.T, schema, output string) {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("..", "..", "schemas", schema+".schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(file)))
	if err != nil {
		t.Fatal(err)
	}
	closed(document)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(strings.ReplaceAll(output, "}\n{", "}\x00{"), "\x00") {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(value); err != nil {
			t.Errorf("%s: %v", schema, err)
		}
	}
}

func closed(node any) {
	switch n := node.(type) {
	case map[string]any:
		if _, ok := n["properties"].(map[string]any); ok && n["additionalProperties"] == nil {
			n["additionalProperties"] = false
		}
		for _, child := range n {
			closed(child)
		}
	case []any:
		for _, child := range n {
			closed(child)
		}
	}
}
