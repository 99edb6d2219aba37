package deploy_test

import (
	"bytes"
	"fmt"
	"maps"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/deploy"
)

func TestTemplateFitsIntoTheCall(t *testing.T) {
	t.Parallel()
	if len(deploy.Template) >= deploy.MaxTemplate {
		t.Errorf("the template has %d bytes, CloudFormation takes fewer than %d", len(deploy.Template), deploy.MaxTemplate)
	}
}

func TestEveryReferenceLeadsSomewhere(t *testing.T) {
	t.Parallel()
	tmpl := parsed(t)
	for _, problem := range problems(tmpl) {
		t.Error(problem)
	}
}

func TestReferencesThatLeadNowhereAreFound(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ old, changed, want string }{
		"a resource that is not there":           {"Topics: [{Ref: Topic}]", "Topics: [{Ref: Tropic}]", "Tropic"},
		"inside a text":                          {"${TableName}-inbox", "${Tablename}-inbox", "Tablename"},
		"an attribute's resource":                {`"Fn::GetAtt": [DeadLetters, QueueName]`, `"Fn::GetAtt": [DeadLetter, QueueName]`, "DeadLetter"},
		"a condition":                            {"Condition: HasDefault", "Condition: HasDefaults", "HasDefaults"},
		"a parameter that nobody uses":           {"RetentionInDays: {Ref: LogRetentionDays}", "RetentionInDays: 30", "LogRetentionDays"},
		"to what is there only sometimes":        {`Roles: [{Ref: OperatorRole}]`, `Roles: [{Ref: CIRole}]`, "CIRole"},
		"a dependency that is not there":         {"DependsOn: [WorkerPolicy]", "DependsOn: [WorkersPolicy]", "WorkersPolicy"},
		"to what is there only sometimes, named": {"DependsOn: [WorkerPolicy]", "DependsOn: [CIRole]", "CIRole"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(string(deploy.Template), test.old) {
				t.Fatalf("the template has no %q to change", test.old)
			}
			found := problems(read(t, []byte(strings.Replace(string(deploy.Template), test.old, test.changed, 1))))
			if !slices.ContainsFunc(found, func(p string) bool { return strings.Contains(p, test.want) }) {
				t.Errorf("%s is not found: %q", test.want, found)
			}
		})
	}
}

func TestTableIsTheOneOfTheAdapter(t *testing.T) {
	t.Parallel()
	got := parsed(t).deployed(parameters).properties("Table")
	want := queue.Definition(parameters["TableName"])
	var attributes []any
	for _, a := range want.AttributeDefinitions {
		attributes = append(attributes, map[string]any{"AttributeName": aws.ToString(a.AttributeName), "AttributeType": string(a.AttributeType)})
	}
	var indexes []any
	for _, i := range want.GlobalSecondaryIndexes {
		var others []any
		for _, n := range i.Projection.NonKeyAttributes {
			others = append(others, n)
		}
		var keys []any
		for _, k := range i.KeySchema {
			keys = append(keys, map[string]any{"AttributeName": aws.ToString(k.AttributeName), "KeyType": string(k.KeyType)})
		}
		indexes = append(indexes, map[string]any{
			"IndexName": aws.ToString(i.IndexName), "KeySchema": keys,
			"Projection": map[string]any{"ProjectionType": string(i.Projection.ProjectionType), "NonKeyAttributes": others},
		})
	}
	var keys []any
	for _, k := range want.KeySchema {
		keys = append(keys, map[string]any{"AttributeName": aws.ToString(k.AttributeName), "KeyType": string(k.KeyType)})
	}
	if diff := cmp.Diff(map[string]any{
		"TableName": aws.ToString(want.TableName), "BillingMode": string(want.BillingMode), "KeySchema": keys,
		"DeletionProtectionEnabled": aws.ToBool(want.DeletionProtectionEnabled),
		"AttributeDefinitions":      attributes, "GlobalSecondaryIndexes": indexes,
		"PointInTimeRecoverySpecification": map[string]any{"PointInTimeRecoveryEnabled": true}, // backups are the stack's, not the adapter's
	}, got); diff != "" {
		t.Errorf("the adapter's definition and the template's differ (-adapter +template):\n%s", diff)
	}
}

// TestCFNLintHasNothingToSay hands the template in on stdin; a file named - is unknown to cfn-lint 1.51. It needs cfn-lint (pip install cfn-lint); make conformance runs where it is.
func TestCFNLintHasNothingToSay(t *testing.T) {
	t.Parallel()
	lint, err := exec.LookPath("cfn-lint")
	if err != nil {
		t.Skip("cfn-lint is not installed (pip install cfn-lint): references and rules are held by the other tests")
	}
	cmd := exec.CommandContext(t.Context(), lint)
	cmd.Stdin = bytes.NewReader(deploy.Template)
	if out, err := cmd.CombinedOutput(); err != nil || len(bytes.TrimSpace(out)) > 0 {
		t.Errorf("cfn-lint: %v\n%s", err, out)
	}
}

// template is the template as YAML has it.
type template map[string]any

func parsed(t *testing.T) template { return read(t, deploy.Template) }

func read(t *testing.T, content []byte) template {
	t.Helper()
	var tmpl template
	if err := yaml.Unmarshal(content, &tmpl); err != nil {
		t.Fatal(err)
	}
	return tmpl
}

func (t template) section(name string) map[string]any {
	section, _ := t[name].(map[string]any)
	return section
}

func (t template) conditionOf(resource string) string {
	r, _ := t.section("Resources")[resource].(map[string]any)
	condition, _ := r["Condition"].(string)
	return condition
}

var substituted = regexp.MustCompile(`\$\{([^!}][^}]*)\}`)

// problems are the references that lead nowhere, those to what may not be there, and what nobody refers to.
func problems(t template) []string {
	w := &walk{template: t, used: map[string]bool{}}
	for _, section := range []string{"Conditions", "Resources", "Outputs"} {
		things := t.section(section)
		for _, name := range slices.Sorted(maps.Keys(things)) {
			thing, _ := things[name].(map[string]any)
			holds := map[string]bool{}
			if condition, ok := thing["Condition"].(string); ok && section != "Conditions" {
				w.condition(section+"."+name, condition)
				holds[condition] = true
			}
			switch depends := thing["DependsOn"].(type) {
			case string:
				w.reference(section+"."+name, depends, holds)
			case []any:
				for _, d := range depends {
					w.reference(section+"."+name, fmt.Sprint(d), holds)
				}
			}
			w.node(section+"."+name, things[name], holds, nil)
		}
	}
	for _, section := range []string{"Parameters", "Conditions"} {
		for _, name := range slices.Sorted(maps.Keys(t.section(section))) {
			if !w.used[name] {
				w.found = append(w.found, fmt.Sprintf("%s.%s is used by nobody", section, name))
			}
		}
	}
	return w.found
}

type walk struct {
	template template
	used     map[string]bool
	found    []string
}

func (w *walk) node(at string, node any, holds map[string]bool, local map[string]any) {
	switch n := node.(type) {
	case []any:
		for i, each := range n {
			w.node(fmt.Sprintf("%s[%d]", at, i), each, holds, local)
		}
	case map[string]any:
		if len(n) == 1 {
			for function, argument := range n {
				if w.function(at, function, argument, holds, local) {
					return
				}
			}
		}
		for _, key := range slices.Sorted(maps.Keys(n)) {
			w.node(at+"."+key, n[key], holds, local)
		}
	}
}

// function follows one intrinsic function; it says whether it was one that needs no further look.
func (w *walk) function(at, name string, argument any, holds map[string]bool, local map[string]any) bool {
	list, _ := argument.([]any)
	switch name {
	case "Ref":
		w.reference(at, fmt.Sprint(argument), holds)
	case "Fn::GetAtt":
		w.reference(at, fmt.Sprint(list[0]), holds)
	case "Fn::Sub":
		text := fmt.Sprint(argument)
		if len(list) == 2 {
			text = fmt.Sprint(list[0])
			local, _ = list[1].(map[string]any)
			w.node(at, list[1], holds, nil)
		}
		for _, m := range substituted.FindAllStringSubmatch(text, -1) {
			if _, ok := local[m[1]]; !ok {
				target, _, _ := strings.Cut(m[1], ".")
				w.reference(at, target, holds)
			}
		}
	case "Fn::If":
		condition := fmt.Sprint(list[0])
		w.condition(at, condition)
		with := maps.Clone(holds)
		with[condition] = true
		w.node(at, list[1], with, local)
		w.node(at, list[2], holds, local)
	default:
		return false
	}
	return true
}

func (w *walk) condition(at, name string) {
	w.used[name] = true
	if _, ok := w.template.section("Conditions")[name]; !ok {
		w.found = append(w.found, fmt.Sprintf("%s: there is no condition %s", at, name))
	}
}

func (w *walk) reference(at, name string, holds map[string]bool) {
	w.used[name] = true
	if strings.HasPrefix(name, "AWS::") {
		return
	}
	_, parameter := w.template.section("Parameters")[name]
	_, resource := w.template.section("Resources")[name]
	if !parameter && !resource {
		w.found = append(w.found, fmt.Sprintf("%s refers to %s, which is not there", at, name))
	}
	if condition := w.template.conditionOf(name); condition != "" && !holds[condition] {
		w.found = append(w.found, fmt.Sprintf("%s refers to %s, which is only there if %s", at, name, condition))
	}
}
