package engine_test

import (
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
	plan, err := a.Plan(t.Context(), wishes, false)
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

func TestEveryCallOfAChangeMayFailBeforeAndAfterItsEffect(t *testing.T) {
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
