package access_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/vend-cli/vend/internal/access"
	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/directory"
	"github.com/vend-cli/vend/samples"
	"github.com/vend-cli/vend/schemas"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	o := &directory.Organization{ManagementAccountID: "m", Accounts: []directory.Account{
		{ID: "m", State: "ACTIVE"}, {ID: "a", State: "ACTIVE"}, {ID: "s", State: "SUSPENDED"},
	}}
	wish := func(id, group string, absent bool) access.Wish {
		return access.Wish{Absent: absent, Entry: access.Entry{Principal: group, Grant: directory.Grant{
			AccountID: id, PermissionSetARN: "set", PrincipalType: account.GroupPrincipal, PrincipalID: group,
		}}}
	}
	there := []directory.Grant{wish("a", "Auditors", false).Grant, wish("a", "AWSAccountFactory", false).Grant}
	for name, test := range map[string]struct {
		wishes          []access.Wish
		allowManagement bool
		want            [4]int // to make, to delete, that stay, refused
	}{
		"what is missing is made":                      {[]access.Wish{wish("a", "Team", false)}, false, [4]int{1, 0, 0, 0}},
		"twice is once":                                {[]access.Wish{wish("a", "Team", false), wish("a", "Team", false)}, false, [4]int{1, 0, 0, 0}},
		"what is there stays":                          {[]access.Wish{wish("a", "Auditors", false)}, false, [4]int{0, 0, 1, 0}},
		"what is named is deleted":                     {[]access.Wish{wish("a", "Auditors", true)}, false, [4]int{0, 1, 0, 0}},
		"what is not there need not be deleted":        {[]access.Wish{wish("a", "Team", true)}, false, [4]int{0, 0, 1, 0}},
		"nothing else is deleted":                      {nil, false, [4]int{}},
		"a contradiction is refused":                   {[]access.Wish{wish("a", "Team", false), wish("a", "Team", true)}, false, [4]int{1, 0, 0, 1}},
		"Control Tower's groups are not touched":       {[]access.Wish{wish("a", "awsaccountfactory ", false), wish("a", "AWSAccountFactory", true)}, false, [4]int{0, 0, 0, 2}},
		"the management account is refused":            {[]access.Wish{wish("m", "Team", false)}, false, [4]int{0, 0, 0, 1}},
		"unless it is allowed":                         {[]access.Wish{wish("m", "Team", false)}, true, [4]int{1, 0, 0, 0}},
		"a suspended account is refused":               {[]access.Wish{wish("s", "Team", false)}, true, [4]int{0, 0, 0, 1}},
		"an account of somebody else's is refused":     {[]access.Wish{wish("x", "Team", false)}, true, [4]int{0, 0, 0, 1}},
		"what a suspended account has not, it has not": {[]access.Wish{wish("s", "Team", true)}, false, [4]int{0, 0, 1, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := access.Diff(test.wishes, there, access.Guard{Organization: o, AllowManagement: test.allowManagement})
			if got := [4]int{len(p.Create), len(p.Delete), len(p.Stay), len(p.Refused)}; got != test.want {
				t.Errorf("%v to make, to delete, that stay, refused; want %v", got, test.want)
			}
		})
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file string
		want [][2]int // line and column of each problem
	}{
		"fine":               {"assignments: [{accounts: [a], permissionSets: [p], groups: [g]}]", nil},
		"a number is a name": {"assignments: [{accounts: [222222222112], permissionSets: [p], users: [u]}]", nil},
		"nothing":            {"", [][2]int{{1, 1}}},
		"not YAML":           {"assignments: [", [][2]int{{1, 14}}},
		"all problems": {
			"assignments:\n  - accounts: a\n    permissionSets: [p]\n    grups: [g]\n  - accounts: [a]\n    permissionSets: [p]\n    groups: [g]\n    absent: maybe\n",
			[][2]int{{4, 5}, {2, 15}, {8, 13}},
		},
		"a CSV":                        {"AccountName;PrincipalType;Principal;PermissionSet\nshop-dev;GROUP;Auditors;Audit\n\n", nil},
		"a CSV without a row":          {"AccountId,PrincipalType,PrincipalId,PermissionSetArn\n", nil},
		"a CSV without a column":       {"AccountId,PrincipalType,PermissionSet\n", [][2]int{{1, 1}}},
		"a column twice":               {"AccountId,accountid,PrincipalType,Principal,PermissionSet\n", [][2]int{{1, 11}}},
		"rows that say too little":     {"AccountId,PrincipalType,Principal,PermissionSet\n,GROUP,g,p\na\na,,g,p\na,USER,u,p,more\n", [][2]int{{2, 1}, {3, 1}, {3, 1}, {3, 1}, {4, 3}, {5, 12}}},
		"a quote that does not end":    {"AccountId,PrincipalType,Principal,PermissionSet\na,USER,\"u,p\n", [][2]int{{2, 13}}},
		"a CSV whose separator stands": {"sep=;\nAccountId;PrincipalType;Principal;PermissionSet\na;TEAM;u;p\n", [][2]int{{3, 3}}},
		"UTF-16":                       {"\xff\xfea\x00", [][2]int{{1, 1}}},
		"a mapping is where its first key is": {
			"assignments:\n  - groups: [g]\n    permissionSets: [p]\n  - accounts: [a]\n", [][2]int{{2, 5}, {4, 5}},
		},
		"an empty name": {"assignments: [{accounts: [a], permissionSets: [p], groups: [\"\"]}]", [][2]int{{1, 61}}},
		"two documents": {"assignments: [{accounts: [a], permissionSets: [p], groups: [g]}]\n---\nassignments: []\n", [][2]int{{3, 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := access.Read([]byte(test.file))
			var got [][2]int
			for _, p := range problems {
				got = append(got, [2]int{p.Line, p.Column})
				if p.Message == "" || p.Hint == "" {
					t.Errorf("%+v says too little", p)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("problems, -want +got:\n%s\n%+v", diff, problems)
			}
		})
	}
}

// What is read keeps the schema of the file, and what breaks it is not read.
func TestTheSchemaOfTheFileIsTheRule(t *testing.T) {
	t.Parallel()
	content, err := schemas.Get("access-file")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{
		"the sample":           string(samples.Access),
		"the walk-through":     string(samples.WalkThrough),
		"none":                 "assignments: []",
		"no accounts":          "assignments: [{permissionSets: [p], groups: [g]}]",
		"empty accounts":       "assignments: [{accounts: [], permissionSets: [p], groups: [g]}]",
		"no permission sets":   "assignments: [{accounts: [a], groups: [g]}]",
		"nobody":               "assignments: [{accounts: [a], permissionSets: [p]}]",
		"groups that are none": "assignments: [{accounts: [a], permissionSets: [p], groups: []}]",
		"users beside none":    "assignments: [{accounts: [a], permissionSets: [p], groups: [], users: [u]}]",
		"a text for a list":    "assignments: [{accounts: a, permissionSets: [p], groups: [g]}]",
		"another member":       "assignments: [{accounts: [a], permissionSets: [p], groups: [g], grups: [g]}]",
		"a text for a truth":   "assignments: [{accounts: [a], permissionSets: [p], groups: [g], absent: maybe}]",
		"another section":      "assignments: []\nusers: []",
	} {
		asJSON, err := yaml.YAMLToJSON([]byte(file))
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
		if err != nil {
			t.Fatal(err)
		}
		_, problems := access.Read([]byte(file))
		if err := schema.Validate(value); (err == nil) != (len(problems) == 0) {
			t.Errorf("%s: the schema says %v, the reader %v", name, err, problems)
		}
	}
}

func TestReadSample(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../samples/access.yaml")
	if err != nil {
		t.Fatal(err)
	}
	rules, problems := access.Read(data)
	if len(rules) != 3 || len(problems) != 0 || !rules[0].Recursive || !rules[2].Absent || rules[1].Accounts[0].Text != "222222222112" {
		t.Errorf("%+v, %+v", rules, problems)
	}
}
