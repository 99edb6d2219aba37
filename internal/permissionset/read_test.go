package permissionset_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/vend-cli/vend/internal/permissionset"
	"github.com/vend-cli/vend/samples"
)

const full = `# all there is
assignments: [{anything: here}]
permissionSets:
  - name: Full+Set
    description: "Größe"
    sessionDuration: 1h30m
    relayState: https://console.aws.amazon.com/ec2/
    managedPolicies: [job-function/Billing, "arn:aws-us-gov:iam::aws:policy/ReadOnlyAccess"]
    customerManagedPolicies:
      - {name: Team, path: /team/}
      - name: Base
    inlinePolicy: |
      {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
    permissionsBoundary: {name: Limit}
    tags: {cost center: 0042, empty: ""}
  - name: Bare
    description:
    tags: {}
  - name: Numbers
    permissionsBoundary: arn:aws:iam::aws:policy/ReadOnlyAccess
    inlinePolicy:
      Version: 2012-10-17
      Statement:
        - Effect: Deny
          Action: ["*"]
          Resource: "*"
          Condition: {NumericGreaterThan: {a: 3600}, Bool: {b: true}, StringEquals: {account: 012345678901}}
`

func TestRead(t *testing.T) {
	t.Parallel()
	got, err := permissionset.Read("sets.yaml", []byte(full))
	if err != nil {
		t.Fatal(err)
	}
	want := []permissionset.Set{
		{
			Name: "Full+Set", Description: "Größe", Session: 90 * time.Minute, RelayState: "https://console.aws.amazon.com/ec2/",
			Managed:  []string{"ReadOnlyAccess", "job-function/Billing"},
			Customer: []permissionset.Policy{{Name: "Base", Path: "/"}, {Name: "Team", Path: "/team/"}},
			Inline:   `{"Statement":{"Action":"s3:*","Effect":"Allow","Resource":"*"},"Version":"2012-10-17"}`,
			Boundary: permissionset.Boundary{Customer: permissionset.Policy{Name: "Limit", Path: "/"}},
			Tags:     map[string]string{"cost center": "0042", "empty": ""},
		},
		{Name: "Bare", Session: time.Hour, Tags: map[string]string{}},
		{
			Name: "Numbers", Session: time.Hour, Boundary: permissionset.Boundary{Managed: "ReadOnlyAccess"},
			Inline: `{"Statement":[{"Action":["*"],"Condition":{"Bool":{"b":true},"NumericGreaterThan":{"a":3600},` +
				`"StringEquals":{"account":"012345678901"}},"Effect":"Deny","Resource":"*"}],"Version":"2012-10-17"}`,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// in is a file of one permission set with these further lines.
func in(lines ...string) string {
	return "permissionSets:\n  - name: A\n    " + strings.Join(lines, "\n    ") + "\n"
}

func TestProblemsHaveTheirPlace(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ file, want string }{
		"nothing":                 {"", "1:1: the file holds nothing"},
		"no section":              {"assignments: []\n", "1:1: the file has no section permissionSets"},
		"another section":         {"permissionsets: []\n", `1:1: the file has no member "permissionsets"`},
		"no YAML":                 {"permissionSets:\n\t- a\n", "2:1: this is not YAML"},
		"two documents":           {in() + "---\na: b\n", "5:1: the file holds more than one document"},
		"no list":                 {"permissionSets: {name: A}\n", "1:18: permissionSets is no list of the permission sets"},
		"a text for a set":        {"permissionSets: [A]\n", "1:18: a permission set is no mapping"},
		"no name":                 {"permissionSets:\n  - description: d\n", "2:5: a permission set has no name"},
		"a long name":             {"permissionSets:\n  - name: " + strings.Repeat("a", 33) + "\n", "2:11: name is"},
		"one of Control Tower's":  {"permissionSets:\n  - name: AWSReadOnlyAccess\n", "2:11: AWSReadOnlyAccess is one of Control Tower's own"},
		"the same name":           {in() + "  - name: A\n", "4:11: the permission set A stands twice"},
		"a member twice":          {in("description: a", "description: b"), "4:5: "},
		"an unknown member":       {in("session: PT8H"), `3:5: a permission set has no member "session"`},
		"a short session":         {in("sessionDuration: PT30M"), `3:22: sessionDuration is "PT30M"`},
		"a long session":          {in("sessionDuration: 13h"), `3:22: sessionDuration is "13h"`},
		"a number for a session":  {in("sessionDuration: 8"), `3:22: sessionDuration is "8"`},
		"a Greek description":     {in("description: Ελλάδα"), "3:18: description is"},
		"a list for a text":       {in("description: [a]"), "3:18: description is no text"},
		"an anchor":               {in("description: &a d"), "3:18: description is no text"},
		"a relay state":           {in("relayState: é"), `3:17: relayState is "é"`},
		"eleven policies":         {in("managedPolicies: [a, b, c, d, e, f, g, h, i, j, k]"), "3:53: managedPolicies has 11 policies"},
		"a policy twice":          {in("managedPolicies: [a, arn:aws:iam::aws:policy/a]"), "3:26: the policy a stands twice"},
		"a policy of an account":  {in("managedPolicies: [arn:aws:iam::111111111111:policy/a]"), "3:23: \"arn:aws:iam::111111111111:policy/a\" is no policy of AWS"},
		"a policy with a blank":   {in("managedPolicies: [Read Only]"), `3:23: managedPolicies has "Read Only"`},
		"a nameless policy":       {in("customerManagedPolicies: [{path: /a/}]"), "3:32: a customer managed policy has no name"},
		"a path":                  {in("customerManagedPolicies: [{name: a, path: a}]"), `3:47: path is "a"`},
		"own policies twice":      {in("customerManagedPolicies: [{name: a}, {name: a, path: /}]"), "3:43: the policy /a stands twice"},
		"no policy":               {in("inlinePolicy: Allow"), "3:19: inlinePolicy is no JSON"},
		"a policy without a part": {in("inlinePolicy: {Version: a}"), "3:20: inlinePolicy has no Statement"},
		"a policy with two":       {in("inlinePolicy: {Statement: [{Sid: a, Sid: b}]}"), "3:41: "},
		"a long policy":           {in("inlinePolicy: {Statement: [" + strings.Repeat("abcdefgh, ", 1000) + "]}"), "3:20: inlinePolicy is longer than 10240 characters"},
		"letters in a policy":     {in("inlinePolicy: {Statement: [Ω]}"), "3:20: inlinePolicy has characters that AWS does not take"},
		"a tag of AWS's":          {in("tags: {'AWS:a': b}"), `3:12: a tag has the key "AWS:a"`},
		"a tag's value":           {in("tags: {a: '!'}"), `3:15: the tag a has the value "!"`},
		"tags that are none":      {in("tags: a"), "3:11: tags is no mapping"},
		"NUL":                     {"permissionSets:\x00\n", "1:1: the file is not text"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sets, err := permissionset.Read("sets.yaml", []byte(test.file))
			var problems *permissionset.Problems
			if !errors.As(err, &problems) || sets != nil {
				t.Fatalf("it is read: %v, %v", sets, err)
			}
			if !strings.HasPrefix(err.Error(), "sets.yaml:"+test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
			for _, p := range problems.All {
				if p.Remedy == "" {
					t.Errorf("there is no remedy for %q", p.Text)
				}
			}
		})
	}
}

func TestAllProblemsAreToldAtOnce(t *testing.T) {
	t.Parallel()
	_, err := permissionset.Read("s", []byte(in("tags: a", "sessionDuration: 1s", "relayState: é")))
	var problems *permissionset.Problems
	if !errors.As(err, &problems) || len(problems.All) != 3 || problems.All[0].Line != 3 || problems.All[2].Line != 5 {
		t.Errorf("got %v", err)
	}
}

func TestTheSchemaTakesWhatReadTakes(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.NewCompiler().Compile("../../schemas/permission-sets.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		file string
		good bool
	}{
		"the sample":             {string(samples.PermissionSets), true},
		"everything":             {strings.Replace(full, "    description:\n", "", 1), true},
		"a misspelt member":      {in("session: PT8H"), false},
		"one of Control Tower's": {"permissionSets: [{name: AWSReadOnlyAccess}]", false},
		"no name":                {"permissionSets: [{description: d}]", false},
		"a session":              {in("sessionDuration: 8 hours"), false},
		"too many policies":      {in("managedPolicies: [a, b, c, d, e, f, g, h, i, j, k]"), false},
		"a policy of an account": {in("managedPolicies: ['arn:aws:iam::111111111111:policy/a']"), false},
		"a nameless policy":      {in("customerManagedPolicies: [{path: /a/}]"), false},
		"a tag of AWS's":         {in("tags: {'aws:a': b}"), false},
		"a boundary":             {in("permissionsBoundary: {path: /a/}"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var value any
			if err := yaml.Unmarshal([]byte(test.file), &value); err != nil {
				t.Fatal(err)
			}
			data, err := json.Marshal(value) // so that numbers have the type that the schema's validator knows
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(data, &value); err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(value); (err == nil) != test.good {
				t.Errorf("the schema says %v", err)
			}
			if _, err := permissionset.Read("sets.yaml", []byte(test.file)); (err == nil) != test.good {
				t.Errorf("Read says %v", err)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	sample, err := os.ReadFile("../../samples/permission-sets.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample)
	f.Add([]byte(full))
	f.Add([]byte(in("inlinePolicy: {a: b}")))
	f.Fuzz(func(t *testing.T, content []byte) {
		sets, err := permissionset.Read("f", content)
		var problems *permissionset.Problems
		if err != nil && (!errors.As(err, &problems) || len(problems.All) == 0) {
			t.Fatalf("an error without a problem: %v", err)
		}
		for _, s := range sets {
			if s.Name == "" || permissionset.ControlTowers(s.Name) || permissionset.Spoken(s.Session) == "" {
				t.Fatalf("it reads %+v", s)
			}
			if left := s.Differences(s); left != nil {
				t.Fatalf("%+v differs from itself: %v", s, left)
			}
		}
	})
}
