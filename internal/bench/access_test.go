//go:build bench

package bench_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/access"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/engine/enginetest"
)

// assigning is how much of what Identity Center can do at most is used: ten assignments under way, five seconds each.
func assigning(t *testing.T) []figure {
	const accounts, atOnce, each = 150, 10, 5 * time.Second
	var took time.Duration
	synctest.Test(t, func(t *testing.T) {
		z := enginetest.New(t, enginetest.Options{World: landingZone(t, accounts)})
		a := openAccess(t, z)
		var names []string
		for i := range units {
			names = append(names, unitName(i))
		}
		rules, problems := access.Read([]byte(fmt.Sprintf("assignments: [{accounts: [%s], permissionSets: [AWSReadOnlyAccess, AdministratorAccess], groups: [%s]}]",
			strings.Join(names, ", "), groupName(0))))
		wishes, unknown, err := a.Wishes(t.Context(), rules)
		if err != nil || len(problems)+len(unknown) > 0 {
			t.Fatal(err, problems, unknown)
		}
		plan, err := a.Plan(t.Context(), wishes, engine.PlanOptions{})
		if err != nil || len(plan.Create) != 2*accounts {
			t.Fatalf("%d to make, %v", len(plan.Create), err)
		}
		began := time.Now()
		for _, o := range a.CarryOut(t.Context(), plan, func(engine.Outcome) {}) {
			if o.Err != nil {
				t.Error(o.Err)
			}
		}
		took = time.Since(began)
	})
	ideal := 2 * accounts / atOnce * each
	return []figure{atLeast("300 assignments: share of the limit", ideal.Seconds()/took.Seconds(), 0.9, "").
		noting("%s; ten under way at once all the time would take %s", took.Round(time.Second), ideal)}
}

// listing is what `vend access list` costs in a large organization, and how near it comes to the calls a second that AWS
// allows.
func listing(t *testing.T) []figure {
	const accounts, sets, perSecond = 1000, 20, 20
	var figures []figure
	synctest.Test(t, func(t *testing.T) {
		z := enginetest.New(t, enginetest.Options{World: assignedZone(t, accounts, sets)})
		before, _ := z.Sandbox.Calls()
		a := openAccess(t, z)
		began := time.Now()
		entries, survey, err := a.List(t.Context(), engine.AccessFilter{})
		if err != nil || len(entries) != accounts*sets {
			t.Fatalf("%d assignments, %v", len(entries), err)
		}
		took := time.Since(began)
		after, _ := z.Sandbox.Calls()
		calls := 0
		for operation, n := range after {
			if strings.HasPrefix(operation, "sso.") || strings.HasPrefix(operation, "identitystore.") {
				calls += n - before[operation]
			}
		}
		figures = []figure{
			atMost("list 1,000 accounts x 20: calls", float64(calls), accounts*sets/100+sets*accounts/100+500, "calls").noting("%s", survey.Why),
			times("list 1,000 accounts x 20: wall", took.Seconds(), "s", "its calls at 20 a second", float64(calls)/perSecond, 1.1),
		}
	})
	return figures
}

func openAccess(t *testing.T, z *enginetest.Zone) *engine.Access {
	t.Helper()
	a, err := engine.OpenAccess(t.Context(), config.Config{Region: enginetest.Region}, engine.Options{AWS: z.AWS(nil)})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// assignedZone is a landing zone whose accounts each have so many permission sets, each for one of the groups.
func assignedZone(t *testing.T, accounts, sets int) []byte {
	t.Helper()
	var file map[string]any
	if err := json.Unmarshal(landingZone(t, 0), &file); err != nil {
		t.Fatal(err)
	}
	root, center := file["root"].(map[string]any), file["identityCenter"].(map[string]any)
	var names, given []any
	for s := range sets {
		names = append(names, map[string]any{"name": fmt.Sprintf("set-%d", s)})
	}
	unit := root["organizationalUnits"].([]any)[0].(map[string]any)
	var members []any
	for i := range accounts {
		id := fmt.Sprintf("3%011d", i)
		members = append(members, map[string]any{"id": id, "name": "there-" + id, "email": "there-" + id + "@example.com"})
		for s := range sets {
			given = append(given, map[string]any{"account": id, "permissionSet": fmt.Sprintf("set-%d", s), "group": groupName(s)})
		}
	}
	unit["accounts"], center["permissionSets"], center["assignments"] = members, names, given
	out, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
