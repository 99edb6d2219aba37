package permissionset_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/permissionset"
)

func TestSameDocument(t *testing.T) {
	t.Parallel()
	const policy = `{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":"*"}]}`
	for name, test := range map[string]struct {
		a, b string
		same bool
	}{
		"blanks":                     {policy, "{ \"Version\": \"2012-10-17\",\n \"Statement\": [ {\"Sid\":\"a\",\"Effect\":\"Allow\",\"Action\":[\"s3:Get*\",\"s3:List*\"],\"Resource\":\"*\"}]}", true},
		"the order of members":       {policy, `{"Statement":[{"Resource":"*","Action":["s3:Get*","s3:List*"],"Effect":"Allow","Sid":"a"}],"Version":"2012-10-17"}`, true},
		"the order of actions":       {policy, `{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":["s3:List*","s3:Get*"],"Resource":"*"}]}`, true},
		"one statement without list": {policy, `{"Version":"2012-10-17","Statement":{"Sid":"a","Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":["*"]}}`, true},
		"a number in quotes": {
			`{"Statement":{"Condition":{"NumericLessThan":{"a":60},"Bool":{"b":true}}}}`, `{"Statement":{"Condition":{"NumericLessThan":{"a":"60"},"Bool":{"b":["true"]}}}}`, true,
		},
		"another effect":   {policy, `{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Deny","Action":["s3:Get*","s3:List*"],"Resource":"*"}]}`, false},
		"another version":  {policy, `{"Version":"2008-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":"*"}]}`, false},
		"one action less":  {policy, `{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}`, false},
		"none and some":    {"", policy, false},
		"none and none":    {"", "", true},
		"no JSON, alike":   {"a", "a", true},
		"no JSON, unlike":  {"a", "a ", false},
		"one after other":  {`{} {}`, `{}`, false},
		"no policy at all": {`[1]`, `[ 1 ]`, true},
	} {
		if got := permissionset.SameDocument(test.a, test.b); got != test.same {
			t.Errorf("%s: same is %t", name, got)
		}
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"PT8H": 8 * time.Hour, "8h": 8 * time.Hour, "PT90M": 90 * time.Minute, "PT1H30M": 90 * time.Minute, "PT3600S": time.Hour, "P1DT1H": 25 * time.Hour,
		"P": -1, "PT": -1, "P1DT": -1, "8": -1, "eight": -1, "PT99999999999999999999H": -1, "P1M": -1,
	} {
		got, err := permissionset.Duration(text)
		if err != nil {
			got = -1
		}
		if got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
	if got := permissionset.Spoken(90*time.Minute + time.Second); got != "PT1H30M1S" {
		t.Errorf("it is spoken as %s", got)
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	audit := permissionset.Set{ARN: "arn:audit", Name: "Audit", Description: "d", Session: time.Hour, Managed: []string{"A", "B"}, Accounts: []string{"1", "2"}, Outdated: []string{"2"}}
	for name, test := range map[string]struct {
		change   func(*permissionset.Set) // of what is wanted
		verb     permissionset.Verb
		differ   []permissionset.Difference
		accounts []string
	}{
		"as it is":                           {func(*permissionset.Set) {}, permissionset.Provision, nil, []string{"2"}},
		"without a description, which stays": {func(s *permissionset.Set) { s.Description = "" }, permissionset.Provision, nil, []string{"2"}},
		"another policy": {
			func(s *permissionset.Set) { s.Managed = []string{"B", "C"} }, permissionset.Change,
			[]permissionset.Difference{{Member: "managedPolicies", From: "A"}, {Member: "managedPolicies", To: "C"}},
			[]string{"1", "2"},
		},
		"other tags, which no account has": {
			func(s *permissionset.Set) { s.Tags = map[string]string{"empty": ""} }, permissionset.Change,
			[]permissionset.Difference{{Member: "tags", To: "empty="}},
			[]string{"2"},
		},
		"much": {
			func(s *permissionset.Set) {
				s.Session, s.RelayState, s.Customer = 2*time.Hour, "r", []permissionset.Policy{{Path: "/a/", Name: "P"}}
				s.Boundary, s.Inline = permissionset.Boundary{Managed: "M"}, `{"Statement":[]}`
			}, permissionset.Change,
			[]permissionset.Difference{
				{Member: "sessionDuration", From: "PT1H", To: "PT2H"},
				{Member: "relayState", To: "r"},
				{Member: "customerManagedPolicies", To: "/a/P"},
				{Member: "inlinePolicy", To: `{"Statement":[]}`},
				{Member: "permissionsBoundary", To: "M"},
			},
			[]string{"1", "2"},
		},
		"a new one": {
			func(s *permissionset.Set) { s.Name = "New" }, permissionset.Create,
			[]permissionset.Difference{
				{Member: "description", To: "d"},
				{Member: "sessionDuration", To: "PT1H"},
				{Member: "managedPolicies", To: "A"},
				{Member: "managedPolicies", To: "B"},
			},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := audit
			want.ARN, want.Accounts, want.Outdated = "", nil, nil
			test.change(&want)
			actions := permissionset.Compare([]permissionset.Set{want}, []permissionset.Set{{Name: "Other"}, audit})
			if len(actions) != 1 || !permissionset.Changes(actions) {
				t.Fatalf("the plan is %+v", actions)
			}
			if diff := cmp.Diff(test.differ, actions[0].Differences); diff != "" || actions[0].Verb != test.verb {
				t.Errorf("%s (-want +got):\n%s", actions[0].Verb, diff)
			}
			if diff := cmp.Diff(test.accounts, actions[0].Accounts); diff != "" {
				t.Errorf("accounts (-want +got):\n%s", diff)
			}
		})
	}
	current := audit
	current.Outdated = nil
	if actions := permissionset.Compare([]permissionset.Set{current}, []permissionset.Set{current}); permissionset.Changes(actions) {
		t.Errorf("what is as it should be is %s", actions[0].Verb)
	}
}

// center fails where it is told to.
type center struct {
	bring map[string]error // by name
	left  []permissionset.Left
	calls []string
}

func (c *center) Bring(_ context.Context, _, want permissionset.Set) (string, error) {
	c.calls = append(c.calls, "bring "+want.Name)
	return "arn:" + want.Name, c.bring[want.Name]
}

func (c *center) Provision(_ context.Context, arn string) ([]permissionset.Left, error) {
	c.calls = append(c.calls, "provision "+arn)
	return c.left, nil
}

func TestApplyGoesOnPastAFailure(t *testing.T) {
	t.Parallel()
	actions := []permissionset.Action{
		{Verb: permissionset.Unchanged, Want: permissionset.Set{Name: "Same"}},
		{Verb: permissionset.Change, Want: permissionset.Set{Name: "Bad"}, Accounts: []string{"1"}},
		{Verb: permissionset.Create, Want: permissionset.Set{Name: "New"}},
		{Verb: permissionset.Provision, Have: permissionset.Set{ARN: "arn:Old"}, Want: permissionset.Set{Name: "Old"}, Accounts: []string{"1"}},
	}
	for name, test := range map[string]struct {
		err     error
		calls   []string
		results int
	}{
		"of one":      {account.Refused{Code: account.CodePermissionSetRefused}, []string{"bring Bad", "bring New", "provision arn:Old"}, 3},
		"of them all": {account.Refused{Code: "V3002", Pause: true}, []string{"bring Bad"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &center{bring: map[string]error{"Bad": test.err}, left: []permissionset.Left{{Account: "1", Reason: "r"}}}
			var results []permissionset.Result
			err := permissionset.Apply(t.Context(), c, actions, func(r permissionset.Result) { results = append(results, r) })
			if diff := cmp.Diff(test.calls, c.calls); diff != "" || len(results) != test.results {
				t.Errorf("%d results (-want +got):\n%s", len(results), diff)
			}
			if (err != nil) != (test.results == 1) || !errors.Is(results[0].Err, test.err) {
				t.Errorf("it ends with %v, and the first result is %v", err, results[0].Err)
			}
		})
	}
}
