package engine_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/vend-cli/vend/internal/access"
	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/sandbox/world"
	"github.com/vend-cli/vend/samples"
)

func apply(t *testing.T, s *sandbox.Sandbox, file string) (access.Plan, []engine.Outcome) {
	t.Helper()
	cfg := awstest.Config(s.RoundTripper())
	a, err := engine.OpenAccess(t.Context(), config.Config{}, engine.Options{AWS: &cfg})
	if err != nil {
		t.Fatal(err)
	}
	rules, problems := access.Read([]byte(file))
	wishes, unknown, err := a.Wishes(t.Context(), rules)
	if err != nil || len(problems)+len(unknown) > 0 {
		t.Fatal(problems, unknown, err)
	}
	plan, err := a.Plan(t.Context(), wishes, engine.PlanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return plan, a.CarryOut(t.Context(), plan, func(engine.Outcome) {})
}

func TestAThousandTroublesAndAllAssignmentsComeAbout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := sandbox.New(sandbox.Options{Faults: []byte(`[
			{"operation":"sso.CreateAccountAssignment","nth":5,"times":20,"kind":"error","code":"ConflictException"},
			{"operation":"sso.CreateAccountAssignment","nth":60,"times":20,"kind":"error","code":"ThrottlingException"},
			{"operation":"sso.CreateAccountAssignment","nth":120,"times":3,"kind":"drop-after-effect"},
			{"operation":"sso.CreateAccountAssignment","nth":180,"times":10,"kind":"error","code":"ServiceQuotaExceededException"}]`)})
		if err != nil {
			t.Fatal(err)
		}
		var sets []string
		s.World().Do(func() {
			w := s.World()
			for i := range 5 {
				sets = append(sets, w.IdentityCenter.AddPermissionSet(w, &world.PermissionSet{Name: fmt.Sprintf("set-%d", i)}).Name)
			}
		})
		file := "assignments: [{accounts: [Workloads, Legacy, Security], recursive: true, permissionSets: [" + strings.Join(sets, ", ") +
			"], groups: [Auditors, Platform Team], users: [developer@example.com]}]"
		plan, outcomes := apply(t, s, file)
		for _, o := range outcomes {
			if o.Err != nil {
				t.Errorf("%+v: %v", o.Entry, o.Err)
			}
		}
		before, _ := s.Calls()
		again, _ := apply(t, s, file)
		after, _ := s.Calls()
		if want := 10 * 5 * 3; len(plan.Create) != want || len(again.Stay) != want || again.Changes() {
			t.Errorf("%d made, then %d there and %d to make; want %d, all, none", len(plan.Create), len(again.Stay), len(again.Create), want)
		}
		if n := after["sso.CreateAccountAssignment"] - before["sso.CreateAccountAssignment"]; n != 0 {
			t.Errorf("the second run made %d mutating calls", n)
		}
	})
}

func TestThreeHundredAssignmentsUnderPressure(t *testing.T) {
	withoutRacing(t)
	t.Parallel()
	const accounts, sets = 60, 5
	synctest.Test(t, func(t *testing.T) {
		s, err := sandbox.New(sandbox.Options{World: manyAccounts(t, accounts, sets)})
		if err != nil {
			t.Fatal(err)
		}
		// Every 20th creation ends FAILED once, each 7th meets a conflict, each 11th is throttled, each 31st has no answer.
		created, seen, failed := 0, 0, 0
		s.Intercept(func(r sandbox.Request) sandbox.Verdict {
			if r.Operation != "sso.CreateAccountAssignment" {
				return sandbox.Verdict{}
			}
			if r.Done {
				created++
				return sandbox.Verdict{Drop: created%31 == 0}
			}
			switch seen++; {
			case seen%7 == 0:
				return sandbox.Verdict{Code: "ConflictException", Message: "There is a conflicting operation in process. Please try again."}
			case seen%11 == 0:
				return sandbox.Verdict{Code: "ThrottlingException", Message: "Rate exceeded"}
			case seen%20 == 0:
				failed++
				s.World().Do(func() { s.World().FailAssignment("An unexpected internal service exception was encountered.") })
			}
			return sandbox.Verdict{}
		})
		var names []string
		for i := range sets {
			names = append(names, fmt.Sprintf("set-%d", i))
		}
		file := "assignments: [{accounts: [Many], permissionSets: [" + strings.Join(names, ", ") + "], groups: [Auditors]}]"
		plan, outcomes := apply(t, s, file)
		for _, o := range outcomes {
			if o.Err != nil {
				t.Errorf("%+v: %v", o.Entry, o.Err)
			}
		}
		if len(plan.Create) != accounts*sets || failed < accounts*sets/20 {
			t.Errorf("%d were to be made, %d FAILED once; want %d, and no fewer than one of 20", len(plan.Create), failed, accounts*sets)
		}
		before := created
		again, _ := apply(t, s, file)
		if len(again.Stay) != accounts*sets || again.Changes() || created != before {
			t.Errorf("the second run: %d there, %d to make, %d calls that change something; want all, none, none",
				len(again.Stay), len(again.Create), created-before)
		}
	})
}

// manyAccounts is the default world with so many accounts more in a unit Many, and permission sets set-0 and on.
func manyAccounts(t *testing.T, accounts, sets int) []byte {
	t.Helper()
	var file map[string]any
	if err := json.Unmarshal(samples.LandingZone, &file); err != nil {
		t.Fatal(err)
	}
	var members []any
	for i := range accounts {
		members = append(members, map[string]any{"name": fmt.Sprintf("many-%d", i), "email": fmt.Sprintf("many-%d@example.com", i)})
	}
	root, identity := file["root"].(map[string]any), file["identityCenter"].(map[string]any)
	root["organizationalUnits"] = append(root["organizationalUnits"].([]any), map[string]any{"name": "Many", "registered": true, "accounts": members})
	for i := range sets {
		identity["permissionSets"] = append(identity["permissionSets"].([]any), map[string]any{"name": fmt.Sprintf("set-%d", i)})
	}
	out, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEveryCallOfAChangeMayFailBeforeAndAfterItsEffect(t *testing.T) {
	withoutRacing(t)
	t.Parallel()
	const file = "assignments: [{accounts: [Legacy], permissionSets: [AWSReadOnlyAccess], groups: [Auditors]}, " +
		"{accounts: [shop-dev], permissionSets: [AdministratorAccess], groups: [Platform Team], absent: true}]"
	for _, operation := range []string{
		"CreateAccountAssignment", "DeleteAccountAssignment",
		"DescribeAccountAssignmentCreationStatus", "DescribeAccountAssignmentDeletionStatus",
	} {
		for _, kind := range []string{`"error","code":"InternalServerException"`, `"error-after-effect","code":"InternalServerException"`, `"drop-after-effect"`} {
			for nth := 1; nth <= 3; nth++ {
				t.Run(fmt.Sprint(operation, kind, nth), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						s, err := sandbox.New(sandbox.Options{Faults: fmt.Appendf(nil, `[{"operation":"sso.%s","nth":%d,"times":1,"kind":%s}]`, operation, nth, kind)})
						if err != nil {
							t.Fatal(err)
						}
						_, outcomes := apply(t, s, file)
						for _, o := range outcomes {
							if o.Err != nil {
								t.Errorf("%+v: %v", o.Entry, o.Err)
							}
						}
						if again, _ := apply(t, s, file); again.Changes() || len(again.Stay) != 6 {
							t.Errorf("the second run would make %d, delete %d", len(again.Create), len(again.Delete))
						}
					})
				})
			}
		}
	}
}
