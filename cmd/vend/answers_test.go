//go:build unix

package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/vend-cli/vend/schemas"
)

// jsonAnswers are how each verb is asked for JSON, and the schema that its answer follows.
var jsonAnswers = map[string]struct{ arguments, schema string }{
	"demo":                          {"", "status"},
	"validate":                      {"accounts.csv", "validate"},
	"plan":                          {"accounts.csv", "plan"},
	"submit":                        {"accounts.csv", "submit"},
	"enroll":                        {"--account 222222222202 --to-ou Sandbox --check", "checks"},
	"status":                        {"", "status"},
	"history":                       {"r-0123456789ab", "history"},
	"report":                        {"b-0123456789ab", "status"},
	"explain":                       {"V2004", "explain"},
	"access list":                   {"", "access"},
	"access diff":                   {"access.yaml", "access-plan"},
	"access apply":                  {"access.yaml --yes", "access-results"},
	"access revoke":                 {"--account shop-dev --permission-set AdministratorAccess --user developer@example.com --yes", "access-results"},
	"access permission-sets list":   {"", "permission-set-list"},
	"access permission-sets diff":   {"permission-sets.yaml", "permission-set-plan"},
	"access permission-sets apply":  {"permission-sets.yaml --yes", "permission-set-results"},
	"access permission-sets delete": {"AuditAccess --yes", "permission-set-results"},
	"resume":                        {"r-0123456789ab", "changed"},
	"pause":                         {"", "changed"},
	"cancel":                        {"r-0123456789ab", "changed"},
	"init":                          {"--out found.yaml", "settings"},
	"doctor":                        {"", "doctor"},
	"config show":                   {"", "settings"},
	"config diff":                   {"", "setting-changes"},
	"config push":                   {"", "setting-changes"},
	"config pull":                   {"", "settings"},
	"deploy plan":                   {"--table vending --bucket example-vending --admin-email platform@example.com --no-function", "deploy-plan"},
	"deploy apply":                  {"--table vending --bucket example-vending --admin-email platform@example.com --no-function --yes", "deploy"},
	"deploy destroy":                {"--stack vending --yes", "destroy"},
	"version":                       {"", "version"},
}

// unanswered are the verbs that have nothing to say in JSON, and why.
var unanswered = map[string]string{
	"sandbox":         "it prints export lines, and serves",
	"work":            "it has no result; vend status tells what came of it",
	"access export":   "it writes a file in a format of its own",
	"lambda":          "it runs inside AWS Lambda only",
	"schema":          "it prints a schema",
	"completion":      "it prints a script",
	"man":             "it prints a page",
	"deploy template": "it prints a template",
}

// TestAnswersFollowTheirSchemas asks every verb of the tree for JSON: what it says to what it is asked, to an option that it
// does not have, and without credentials.
func TestAnswersFollowTheirSchemas(t *testing.T) {
	withoutRacing(t)
	t.Parallel()
	groups := map[string][]verb{}
	known := map[string]bool{}
	for _, v := range tree() {
		known[v.path] = true
		if len(v.Subcommands) > 0 {
			continue
		}
		if jsonAnswers[v.path].schema == "" && unanswered[v.path] == "" {
			t.Errorf("nobody says what vend %s -o json answers", v.path)
		}
		name, _, _ := strings.Cut(v.path, " ")
		groups[name] = append(groups[name], v)
	}
	for path := range jsonAnswers {
		if !known[path] {
			t.Errorf("there is no vend %s any more", path)
		}
	}
	for path := range unanswered {
		if !known[path] {
			t.Errorf("there is no vend %s any more", path)
		}
	}
	for name, verbs := range groups {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rehearse(t, !slices.Contains(offline, name))
			for _, v := range verbs {
				line := "vend " + v.path + " --quiet -o json " + r.names.Replace(jsonAnswers[v.path].arguments)
				code, stdout, stderr := r.shell(r.folder(line), line+" --no-such-option", nil)
				if code != 64 || stdout != "" {
					t.Errorf("%s --no-such-option exits %d and says %q", line, code, stdout)
				}
				follow(t, line+" --no-such-option", "error", stderr)
				if jsonAnswers[v.path].schema == "" {
					continue
				}
				code, stdout, stderr = r.shell(r.folder(line), "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY; "+line, nil)
				switch {
				case code == 0 && r.zone == nil:
				case stdout != "":
					follow(t, line, jsonAnswers[v.path].schema, stdout)
				default:
					follow(t, line, "error", stderr)
				}
				if r.zone != nil && code != 4 && !slices.Contains([]string{"validate", "config show"}, v.path) {
					t.Errorf("%s exits %d without credentials, want 4: %s%s", line, code, stdout, stderr)
				}
				code, stdout, stderr = r.shell(r.folder(line), line, nil)
				if code != 0 && code != 2 {
					t.Errorf("%s exits %d: %s", line, code, stderr)
				}
				follow(t, line, jsonAnswers[v.path].schema, stdout)
			}
		})
	}
}

// follow holds that what a command has written is one document that follows a schema, or, where it streams, one a line.
func follow(t *testing.T, command, name, output string) {
	t.Helper()
	content, err := schemas.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	documents := []string{output}
	if !strings.HasPrefix(output, "{\n") {
		documents = strings.Split(strings.TrimSpace(output), "\n")
	}
	for _, d := range documents {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(d))
		if err == nil {
			err = schema.Validate(value)
		}
		if err != nil {
			t.Errorf("%s: what it says does not follow %s: %v\n%s", command, name, err, output)
		}
	}
}
