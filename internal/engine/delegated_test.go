package engine_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/engine/enginetest"
	"github.com/vend-cli/vend/internal/permissionset"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// A delegated administrator is told beforehand what it may not touch, and does the rest.
func TestADelegatedAdministratorIsToldWhatItMayNotTouch(t *testing.T) {
	t.Parallel()
	const audit = "222222222102"
	synctest.Test(t, func(t *testing.T) {
		z := enginetest.New(t, enginetest.Options{})
		z.Config = config.Config{Region: enginetest.Region}
		w := z.Sandbox.World()
		w.Do(func() {
			ic := w.IdentityCenter
			ic.Administrator = audit
			set := ic.PermissionSetNamed("AdministratorAccess").ARN
			group := ic.Assignments[0]
			ic.Assignments = append(ic.Assignments, world.Assignment{
				Account: w.Management.ID, PermissionSet: set, PrincipalType: group.PrincipalType, Principal: group.Principal,
			})
			w.Grant("AKIDEXAMPLE", world.Caller{Account: audit, ARN: "arn:aws:sts::" + audit + ":assumed-role/Access/test"})
		})
		const file = "assignments: [{accounts: [legacy-1, \"111111111111\"], permissionSets: [AWSReadOnlyAccess, AdministratorAccess], groups: [Platform Team]}]"
		before, _ := z.Sandbox.Calls()
		a, plan, err := planned(t.Context(), z, nil, file, false)
		if err != nil {
			t.Fatal(err)
		}
		if len(plan.Create) != 1 || len(plan.Refused) != 3 {
			t.Fatalf("%d to make, %d refused; want 1 and 3: %+v", len(plan.Create), len(plan.Refused), plan)
		}
		for _, r := range plan.Refused {
			if r.Code != account.CodeDelegated {
				t.Errorf("refused with %s: %s", r.Code, r.Reason)
			}
		}
		for _, o := range a.CarryOut(t.Context(), plan, func(engine.Outcome) {}) {
			if o.Err != nil {
				t.Errorf("%+v: %v", o.Entry, o.Err)
			}
		}
		after, _ := z.Sandbox.Calls()
		if n := after["sso.CreateAccountAssignment"] - before["sso.CreateAccountAssignment"]; n != 1 {
			t.Errorf("%d calls to create an assignment; want 1", n)
		}
		if entries, _, err := a.List(t.Context(), engine.AccessFilter{}); err != nil || len(entries) != 5 {
			t.Errorf("%d assignments listed, %v; want 5", len(entries), err)
		}

		center, err := engine.PermissionSets(t.Context(), z.Config, engine.Options{AWS: z.AWS(nil)})
		if err != nil {
			t.Fatal(err)
		}
		sets, err := center.PermissionSets(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range sets {
			err := center.Changeable(t.Context(), []permissionset.Set{s})
			refused := account.Refused{}
			if got := errors.As(err, &refused) && refused.Code == account.CodeDelegated; got != (s.Name == "AdministratorAccess") {
				t.Errorf("%s: %v", s.Name, err)
			}
		}
	})
}
