package identitycenter_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/identitycenter"
	"github.com/vend-cli/vend/internal/directory"
	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// filled gives every one of so many accounts every one of so many permission sets, for one group each.
func filled(s *sandbox.Sandbox, accounts, sets, groups int) {
	s.World().Do(func() {
		w := s.World()
		ic := w.IdentityCenter
		ic.Assignments = nil
		for j := range groups {
			ic.AddGroup(&world.Group{Name: fmt.Sprintf("group-%d", j)})
		}
		for k := range sets {
			p := ic.AddPermissionSet(w, &world.PermissionSet{Name: fmt.Sprintf("set-%d", k)})
			for i := range accounts {
				ic.Assignments = append(ic.Assignments, world.Assignment{
					Account: fmt.Sprintf("%012d", 300000000000+i), PermissionSet: p.ARN, PrincipalType: "GROUP",
					Principal: ic.GroupNamed(fmt.Sprintf("group-%d", (i+k)%groups)).ID,
				})
			}
		}
	})
}

func TestGrantsOfManyAccountsCostAsFewCallsAsThereAreHolders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := landingZone(t, sandbox.Options{}, identitycenter.Options{CallsPerSecond: 20})
		filled(s, 1000, 20, 50)
		start := time.Now()
		grants, survey, err := c.Grants(t.Context(), identitycenter.Scope{})
		if err != nil || len(grants) != 20_000 {
			t.Fatalf("%d grants, %v; want 20,000", len(grants), err)
		}
		// 1 instance, 1 list of permission sets, 3 empty sets and 20 of 10 pages, 1 page of groups and of users, 3 users and 2
		// groups without anything, 50 groups of 4 pages each: instead of 20,000 pairs.
		total := 0
		known, _ := s.Calls()
		for _, n := range known {
			total += n
		}
		if total != 1+1+3+200+2+5+200 || survey.ByPair || survey.Pairs != 20_000 || survey.Holders != 55 {
			t.Errorf("%d calls, %+v, %v", total, survey, known)
		}
		if took := time.Since(start); took > time.Duration(total)*50*time.Millisecond+time.Second {
			t.Errorf("%d calls took %v at 20 a second", total, took)
		}
	})
}

func TestGrants(t *testing.T) {
	t.Parallel()
	_, c := landingZone(t, sandbox.Options{}, identitycenter.Options{})
	readOnly := resolved(t, c, group("AWSReadOnlyAccess", "Auditors"))
	admin := resolved(t, c, group("AdministratorAccess", "Platform Team"))
	developer, err := c.Principal(t.Context(), account.UserPrincipal, "developer@example.com")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		scope identitycenter.Scope
		want  int
	}{
		"everything":                          {identitycenter.Scope{}, 3},
		"an account":                          {identitycenter.Scope{Accounts: []string{shopDev}}, 2},
		"more accounts than permission sets":  {identitycenter.Scope{Accounts: []string{shopDev, "222222222111", "222222222201", "222222222202"}}, 3},
		"no account":                          {identitycenter.Scope{Accounts: []string{}}, 0},
		"a permission set":                    {identitycenter.Scope{PermissionSets: []string{readOnly.PermissionSetARN}}, 2},
		"a group":                             {identitycenter.Scope{Holders: []directory.Holder{{Type: account.GroupPrincipal, ID: admin.PrincipalID}}}, 1},
		"a user has not what its groups have": {identitycenter.Scope{Holders: []directory.Holder{{Type: account.UserPrincipal, ID: developer}}}, 0},
		"an account and a group that is not there": {
			identitycenter.Scope{Accounts: []string{"222222222111"}, Holders: []directory.Holder{{Type: account.GroupPrincipal, ID: admin.PrincipalID}}}, 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grants, survey, err := c.Grants(t.Context(), test.scope)
			if err != nil || len(grants) != test.want || survey.Why == "" {
				t.Errorf("%d grants, %+v, %v; want %d", len(grants), survey, err, test.want)
			}
		})
	}
}

func TestADelegatedAdministratorListsByPairs(t *testing.T) {
	t.Parallel()
	s, c := landingZone(t, sandbox.Options{
		Faults: []byte(`[{"operation":"sso.ListAccountAssignmentsForPrincipal","nth":1,"times":1000,"kind":"error","code":"AccessDeniedException"}]`),
	}, identitycenter.Options{})
	filled(s, 60, 2, 3)
	grants, survey, err := c.Grants(t.Context(), identitycenter.Scope{})
	if err != nil || len(grants) != 120 || !survey.ByPair {
		t.Errorf("%d grants, %+v, %v", len(grants), survey, err)
	}
	holder := directory.Holder{Type: grants[0].PrincipalType, ID: grants[0].PrincipalID}
	grants, survey, err = c.Grants(t.Context(), identitycenter.Scope{Holders: []directory.Holder{holder}})
	if err != nil || len(grants) != 40 || !survey.ByPair {
		t.Errorf("of one group: %d grants, %+v, %v", len(grants), survey, err)
	}
}

// What a group that was deleted still has shows where its pair is asked for.
func TestGrantsOfDeletedGroupsAreListed(t *testing.T) {
	t.Parallel()
	s, c := landingZone(t, sandbox.Options{}, identitycenter.Options{})
	filled(s, 60, 2, 3)
	s.World().Do(func() { ic := s.World().IdentityCenter; ic.DeleteGroup(ic.GroupNamed("group-1")) })
	grants, survey, err := c.Grants(t.Context(), identitycenter.Scope{})
	if err != nil || len(grants) != 120 || survey.ByPair {
		t.Errorf("%d grants, %+v, %v", len(grants), survey, err)
	}
}
