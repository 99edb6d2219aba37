package engine_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/vend-cli/vend/internal/access"
	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/engine/enginetest"
	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/worker"
)

// planned opens the access of a zone and plans what a file asks for.
func planned(ctx context.Context, z *enginetest.Zone, transport http.RoundTripper, file string, prune bool) (*engine.Access, access.Plan, error) {
	a, err := engine.OpenAccess(ctx, z.Config, engine.Options{AWS: z.AWS(transport)})
	if err != nil {
		return nil, access.Plan{}, err
	}
	rules, problems := access.Read([]byte(file))
	wishes, unknown, err := a.Wishes(ctx, rules)
	if err != nil || len(problems)+len(unknown) > 0 {
		return nil, access.Plan{}, errors.Join(err, fmt.Errorf("problems: %v", append(problems, unknown...)))
	}
	plan, err := a.Plan(ctx, wishes, engine.PlanOptions{Prune: prune})
	return a, plan, err
}

// brought brings a file about and returns its plan.
func brought(t *testing.T, z *enginetest.Zone, file string, prune bool) access.Plan {
	t.Helper()
	a, plan, err := planned(t.Context(), z, nil, file, prune)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range a.CarryOut(t.Context(), plan, func(engine.Outcome) {}) {
		if o.Err != nil {
			t.Errorf("%+v: %v", o.Entry, o.Err)
		}
	}
	return plan
}

const (
	nothing   = "assignments: []"
	oneOf     = "assignments: [{accounts: [legacy-1], permissionSets: [AWSReadOnlyAccess], groups: [Auditors]}]"
	bothOf    = "assignments: [{accounts: [legacy-1, legacy-2], permissionSets: [AWSReadOnlyAccess], groups: [Auditors]}]"
	revokeOne = "assignments: [{accounts: [legacy-2], permissionSets: [AWSReadOnlyAccess], groups: [Auditors], absent: true}]"
)

func TestPruneDeletesWhatWasMadeHereAndNothingElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := enginetest.New(t, enginetest.Options{})
		others := brought(t, z, nothing, true) // the three of the world are somebody else's
		if others.Changes() {
			t.Fatalf("somebody else's are pruned: %+v", others.Pruned)
		}
		brought(t, z, bothOf, false)
		if left := brought(t, z, oneOf, false); left.Changes() {
			t.Errorf("without --prune something is deleted: %+v", left)
		}
		pruned := brought(t, z, oneOf, true)
		if len(pruned.Pruned) != 1 || pruned.Pruned[0].AccountName != "legacy-2" || pruned.Count() != 1 {
			t.Errorf("pruned %+v; want that of legacy-2 alone", pruned.Pruned)
		}
		if again := brought(t, z, oneOf, true); again.Changes() {
			t.Errorf("the second run would do %+v", again)
		}

		// What was taken away here and made by hand afterwards is somebody else's.
		brought(t, z, revokeOne, false)
		byHand := config.Config{Region: enginetest.Region}
		hand := *z
		hand.Config = byHand
		brought(t, &hand, bothOf, false)
		if after := brought(t, z, oneOf, true); after.Changes() {
			t.Errorf("what was made by hand after it was pruned is pruned again: %+v", after.Pruned)
		}
		_, _, err := planned(t.Context(), &hand, nil, oneOf, true)
		if refused := (account.Refused{}); !errors.As(err, &refused) || refused.Code != "V3012" {
			t.Errorf("pruning without a table: %v; want V3012", err)
		}
	})
}

func TestPruneKnowsWhatRequestsMade(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := enginetest.New(t, enginetest.Options{})
		e, err := z.Engine(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		list := "AccountName,SSOUserEmail,AccountEmail,SSOUserFirstName,SSOUserLastName,OrgUnit,Assignments\n" +
			"dev-9,developer@example.com,dev-9@example.com,Dana,Developer,Workloads/Dev,AWSReadOnlyAccess/Auditors\n"
		if _, err := e.Upload(t.Context(), "prune.csv", []byte(list)); err != nil {
			t.Fatal(err)
		}
		if err := e.Work(t.Context(), worker.Options{UntilIdle: true}); err != nil {
			t.Fatal(err)
		}
		plan := brought(t, z, nothing, true)
		if len(plan.Pruned) != 1 || plan.Pruned[0].AccountName != "dev-9" || plan.Pruned[0].Principal != "Auditors" {
			t.Errorf("pruned %+v; want the one that the request made", plan.Pruned)
		}
		if again := brought(t, z, nothing, true); again.Changes() {
			t.Errorf("the second run would do %+v", again.Pruned)
		}
	})
}

// dying is a process that is killed at its nth call, before or after the call's effect; none of its calls arrives afterwards.
type dying struct {
	next  http.RoundTripper
	nth   int64
	after bool
	kill  context.CancelFunc
	calls atomic.Int64
}

func (d *dying) RoundTrip(r *http.Request) (*http.Response, error) {
	n := d.calls.Add(1)
	if n < d.nth {
		return d.next.RoundTrip(r)
	}
	if n == d.nth && d.after {
		if response, err := d.next.RoundTrip(r); err == nil {
			_ = response.Body.Close()
		}
	}
	d.kill()
	return nil, context.Canceled
}

// Whatever call a run dies at, the next one ends it, and a prune afterwards takes away all that the two made and nothing else.
func TestARunOfAccessMayDieAtEveryCall(t *testing.T) {
	withoutRacing(t)
	t.Parallel()
	const file = "assignments: [{accounts: [legacy-1], permissionSets: [AWSReadOnlyAccess], groups: [Auditors]}, " +
		"{accounts: [shop-dev], permissionSets: [AdministratorAccess], groups: [Platform Team], absent: true}]"
	reached := atomic.Bool{}
	t.Cleanup(func() {
		if !reached.Load() {
			t.Error("the longest run was shorter than the calls at which it should die")
		}
	})
	for nth := range int64(70) {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprint(nth+1, after), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					z := enginetest.New(t, enginetest.Options{})
					first := &dying{next: z.Sandbox.RoundTripper(), nth: nth + 1, after: after}
					ctx, kill := context.WithCancel(t.Context())
					first.kill = kill
					if a, plan, err := planned(ctx, z, first, file, false); err == nil {
						a.CarryOut(ctx, plan, func(engine.Outcome) {})
					}
					kill()
					if first.calls.Load() < first.nth {
						reached.Store(true)
					}
					second := brought(t, z, file, false)
					if len(second.Refused) > 0 {
						t.Errorf("refused: %+v", second.Refused)
					}
					if third := brought(t, z, file, false); third.Changes() || len(third.Stay) != 2 {
						t.Errorf("the third run would do %+v", third)
					}
					pruned := brought(t, z, nothing, true)
					if len(pruned.Pruned) != 1 || pruned.Pruned[0].AccountName != "legacy-1" {
						t.Errorf("pruned %+v; want the one that was made", pruned.Pruned)
					}
				})
			})
		}
	}
}

// Whatever call of a run fails once, a read of the table or of AWS or a change, the run brings everything about.
func TestEveryCallOfARunOfAccessMayFailOnce(t *testing.T) {
	withoutRacing(t)
	t.Parallel()
	const file = "assignments: [{accounts: [legacy-1], permissionSets: [AWSReadOnlyAccess], groups: [Auditors]}, " +
		"{accounts: [shop-dev], permissionSets: [AdministratorAccess], groups: [Platform Team], absent: true}]"
	for nth := range 45 {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprint(nth+1, after), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					z := enginetest.New(t, enginetest.Options{})
					calls, failed := 0, ""
					z.Sandbox.Intercept(func(r sandbox.Request) sandbox.Verdict {
						if !r.Done {
							calls++
						}
						if calls == nth+1 && r.Done == after && failed == "" {
							failed = r.Operation
							return sandbox.Verdict{Code: "InternalServerException", Message: "once", Status: 500, Drop: after}
						}
						return sandbox.Verdict{}
					})
					brought(t, z, file, true)
					if again := brought(t, z, file, true); again.Changes() || len(again.Stay) != 2 {
						t.Errorf("after %s failed, the second run would do %+v", failed, again)
					}
				})
			})
		}
	}
}
