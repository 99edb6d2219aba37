//go:build bench

package bench_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/engine/enginetest"
	"github.com/vend-cli/vend/internal/precheck"
)

// legacyZone is a world file with so many governed Regions, and so many accounts that wait to be enrolled.
func legacyZone(t testing.TB, accounts, regions int) []byte {
	t.Helper()
	type object = map[string]any
	all := []string{
		"us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-north-1", "ap-south-1",
	}
	waiting := make([]object, accounts)
	for i := range waiting {
		waiting[i] = object{"name": fmt.Sprintf("legacy-%03d", i), "email": fmt.Sprintf("legacy-%03d@example.com", i), "roles": []string{"AWSControlTowerExecution"}}
	}
	file, err := json.Marshal(object{
		"managementAccount": object{"id": "111111111111", "email": "aws-management@example.com", "name": "Management"},
		"region":            enginetest.Region,
		"landingZone":       object{"version": "3.3", "status": "ACTIVE", "drift": "IN_SYNC", "governedRegions": all[:regions]},
		"quotas":            object{"accounts": 100_000, "concurrentAccountOperations": 5},
		"timing":            object{"provision": "25m", "assignment": "5s", "stackSet": "30s", "eventDelay": "2s", "indexLag": "200ms"},
		"assumptions":       object{},
		"root": object{"organizationalUnits": []object{
			{"name": "Prod", "registered": true}, {"name": "Legacy", "registered": false, "accounts": waiting},
		}},
		"identityCenter": object{
			"groups": []object{}, "users": []object{}, "assignments": []object{}, "permissionSets": []object{{"name": "AWSAdministratorAccess"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// prechecks is how long it takes to look at a large unit, held against all the calls one after the other divided by those
// that may be made at once.
func prechecks(t *testing.T) []figure {
	const accounts, regions, parallel, latency = 200, 10, 20, 50 * time.Millisecond
	var took time.Duration
	var calls map[string]int
	synctest.Test(t, func(t *testing.T) {
		c := enginetest.Pipeline()
		c.Settings.Enrollment.User.Email = "owner@example.com"
		z := enginetest.New(t, enginetest.Options{World: legacyZone(t, accounts, regions), Config: c})
		counted := &tally{next: z.Sandbox.RoundTripper(), latency: latency}
		e, err := engine.Open(t.Context(), z.Config, engine.Options{AWS: z.AWS(counted), Looks: parallel})
		if err != nil {
			t.Fatal(err)
		}
		counted.take()
		began := time.Now()
		n, err := e.Survey(t.Context(), engine.EnrollAsk{From: "Legacy", To: "Prod"})
		if err != nil {
			t.Fatal(err)
		}
		took = time.Since(began)
		calls, _ = counted.take()
		ready := 0
		for _, r := range n.Reports {
			if r.Verdict == precheck.Ready {
				ready++
			}
		}
		if ready != accounts {
			t.Fatalf("%d accounts of %d are ready", ready, accounts)
		}
	})
	// What is read before and after the looks is read one page after the other; the rest has its places.
	ideal := time.Duration(sum(calls)) * latency / parallel
	return []figure{
		times(fmt.Sprintf("checks of %d accounts in %d Regions", accounts, regions), took.Seconds(), "s", "calls ÷ those at once", ideal.Seconds(), 1.2).
			noting("%d calls, %d at once, with %s of latency each", sum(calls), parallel, latency),
	}
}
