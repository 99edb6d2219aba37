package precheck_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/directory"
	"github.com/vend-cli/vend/internal/precheck"
)

// organization is accounts as they are inside, for tests.
type organization struct {
	mu       sync.Mutex
	accounts map[string]inside
	latency  time.Duration
	calls    atomic.Int64
	busy     int
	most     int // calls at once
}

type inside struct {
	role     string // that lets itself be assumed
	exec     precheck.Execution
	disabled []string                    // Regions that are not used
	found    map[string][]precheck.Thing // by "Region kind"
	failing  map[string]error            // by "Region kind"
	hangs    map[string]bool             // Regions that never answer
}

func (o *organization) call(ctx context.Context) error {
	o.calls.Add(1)
	o.mu.Lock()
	o.busy++
	o.most = max(o.most, o.busy)
	o.mu.Unlock()
	defer func() { o.mu.Lock(); o.busy--; o.mu.Unlock() }()
	select {
	case <-time.After(o.latency):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (o *organization) Enter(ctx context.Context, id string, roles []string) (precheck.Member, error) {
	for _, role := range roles {
		if err := o.call(ctx); err != nil {
			return nil, err
		}
		if there := o.accounts[id]; there.role == role {
			return member{o, there}, nil
		}
	}
	return nil, precheck.ErrNoEntry
}

type member struct {
	*organization
	inside
}

func (m member) Role() string { return m.role }

func (m member) Regions(ctx context.Context) (map[string]bool, error) {
	enabled := map[string]bool{"eu-west-1": true, "us-east-1": true}
	for _, r := range m.disabled {
		enabled[r] = false
	}
	return enabled, m.call(ctx)
}

func (m member) Execution(ctx context.Context) (precheck.Execution, error) {
	return m.exec, m.call(ctx)
}

func (m member) Look(ctx context.Context, region string, kind precheck.Kind) ([]precheck.Thing, error) {
	if m.hangs[region] {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if err := m.call(ctx); err != nil {
		return nil, err
	}
	key := strings.TrimSpace(region + " " + string(kind))
	return m.found[key], m.failing[key]
}

var governed = precheck.LandingZone{Found: true, Status: "ACTIVE", Drift: "IN_SYNC", GovernedRegions: []string{"us-east-1", "eu-west-1"}}

func subject(id string) precheck.Subject {
	return precheck.Subject{
		Account: directory.Account{ID: id, Name: "legacy", Email: "legacy@example.com", State: "ACTIVE"}, Path: "Legacy",
		Unit: directory.Unit{OrganizationalUnit: account.OrganizationalUnit{ID: "ou-1", Name: "Prod", Path: "Workloads/Prod"}, Registered: true},
	}
}

// told are the checks that did not pass.
func told(r precheck.Report) (out []string) {
	for _, c := range r.Checks {
		if c.Result != precheck.Pass {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", c.Result, c.Name, c.Region)))
		}
	}
	return out
}

func TestAccountsAreJudged(t *testing.T) {
	t.Parallel()
	right := precheck.Execution{Found: true, Trusts: true, Administrator: true}
	denied := account.Refused{Code: "V3002", Reason: "no permission"}
	closed := []string{
		"unknown execution-role", "unknown roles", "unknown sts", "unknown config-recorder", "unknown delivery-channel", "unknown aggregation-authorization", "unknown log-groups",
		"unknown sns-topics", "unknown stacks", "unknown default-vpc",
	}
	for name, test := range map[string]struct {
		inside  inside
		change  func(*precheck.Subject, *precheck.Surroundings)
		verdict precheck.Verdict
		told    []string
		remedy  string // that stands among the remedies
		again   bool
	}{
		"all is well":                      {inside: inside{role: precheck.ExecutionRole, exec: right}, verdict: precheck.Ready},
		"the role is missing":              {inside: inside{role: "OrganizationAccountAccessRole"}, verdict: precheck.Ready, told: []string{"warn execution-role"}},
		"the role trusts somebody else":    {inside: inside{role: "OrganizationAccountAccessRole", exec: precheck.Execution{Found: true, Administrator: true}}, verdict: precheck.Blocked, told: []string{"fail execution-role"}, remedy: "aws iam update-assume-role-policy --role-name AWSControlTowerExecution"},
		"the role may too little":          {inside: inside{role: precheck.ExecutionRole, exec: precheck.Execution{Found: true, Trusts: true}}, verdict: precheck.Blocked, told: []string{"fail execution-role"}, remedy: "aws iam attach-role-policy"},
		"nobody may enter":                 {verdict: precheck.Unclear, told: closed},
		"a recorder in one Region":         {inside: inside{role: precheck.ExecutionRole, exec: right, found: map[string][]precheck.Thing{"eu-west-1 config-recorder": {{Name: "my recorder"}}}}, verdict: precheck.Blocked, told: []string{"fail config-recorder eu-west-1"}, remedy: "aws configservice delete-configuration-recorder --configuration-recorder-name 'my recorder' --region eu-west-1  # in account 222222222201"},
		"a recorder that Support knows of": {inside: inside{role: precheck.ExecutionRole, exec: right, found: map[string][]precheck.Thing{"eu-west-1 config-recorder": {{Name: "default", Detail: "arn:aws:iam::222222222201:role/aws-controltower-ConfigRecorderRole-customer-created"}}}}, verdict: precheck.Ready, told: []string{"warn config-recorder eu-west-1"}},
		"a recorder where nobody governs":  {inside: inside{role: precheck.ExecutionRole, exec: right, disabled: []string{"eu-west-1"}, found: map[string][]precheck.Thing{"eu-west-1 config-recorder": {{Name: "default"}}}}, verdict: precheck.Ready},
		"remnants":                         {inside: inside{role: precheck.ExecutionRole, exec: right, found: map[string][]precheck.Thing{"roles": {{Name: "aws-controltower-AdministratorExecutionRole"}}, "us-east-1 stacks": {{Name: "StackSet-AWSControlTowerBP-BASELINE-CONFIG-1"}}}}, verdict: precheck.Blocked, told: []string{"fail roles", "fail stacks us-east-1"}, remedy: "aws iam delete-role --role-name aws-controltower-AdministratorExecutionRole"},
		"the default VPC is in use":        {inside: inside{role: precheck.ExecutionRole, exec: right, found: map[string][]precheck.Thing{"us-east-1 default-vpc": {{Name: "vpc-1"}}}}, verdict: precheck.Ready, told: []string{"warn default-vpc us-east-1"}},
		"the endpoint is not active":       {inside: inside{role: precheck.ExecutionRole, exec: right, failing: map[string]error{"us-east-1 sts": precheck.ErrRegionDisabled}}, verdict: precheck.Blocked, told: []string{"fail sts us-east-1", "unknown config-recorder us-east-1", "unknown delivery-channel us-east-1", "unknown aggregation-authorization us-east-1", "unknown log-groups us-east-1", "unknown sns-topics us-east-1", "unknown stacks us-east-1", "unknown default-vpc us-east-1"}},
		"one look is denied":               {inside: inside{role: precheck.ExecutionRole, exec: right, failing: map[string]error{"us-east-1 stacks": denied}}, verdict: precheck.Unclear, told: []string{"unknown stacks us-east-1"}},
		"one look is lost":                 {inside: inside{role: precheck.ExecutionRole, exec: right, failing: map[string]error{"us-east-1 stacks": errors.New("connection reset")}}, verdict: precheck.Unclear, told: []string{"unknown stacks us-east-1"}, again: true},
		"a Region that never answers":      {inside: inside{role: precheck.ExecutionRole, exec: right, hangs: map[string]bool{"us-east-1": true}, found: map[string][]precheck.Thing{"eu-west-1 config-recorder": {{Name: "default"}}}}, verdict: precheck.Blocked, told: []string{"unknown sts us-east-1", "unknown config-recorder us-east-1", "unknown delivery-channel us-east-1", "unknown aggregation-authorization us-east-1", "unknown log-groups us-east-1", "unknown sns-topics us-east-1", "unknown stacks us-east-1", "unknown default-vpc us-east-1", "fail config-recorder eu-west-1"}, again: true},
		"suspended":                        {change: func(s *precheck.Subject, _ *precheck.Surroundings) { s.Account.State = "SUSPENDED" }, verdict: precheck.Blocked, told: []string{"fail state"}},
		"the unit is not registered":       {inside: inside{role: precheck.ExecutionRole, exec: right}, change: func(s *precheck.Subject, _ *precheck.Surroundings) { s.Unit.Registered = false }, verdict: precheck.Blocked, told: []string{"fail organizational-unit"}, remedy: "vend enroll --ou ou-1 --register"},
		"the landing zone has drifted":     {inside: inside{role: precheck.ExecutionRole, exec: right}, change: func(_ *precheck.Subject, z *precheck.Surroundings) { z.Zone.Drift = "DRIFTED" }, verdict: precheck.Blocked, told: []string{"fail landing-zone"}},
		"no trusted access":                {inside: inside{role: precheck.ExecutionRole, exec: right}, change: func(_ *precheck.Subject, z *precheck.Surroundings) { z.TrustedAccess = "DISABLED" }, verdict: precheck.Ready, told: []string{"warn trusted-access"}, remedy: "aws cloudformation activate-organizations-access"},
		"no trusted access for ever":       {inside: inside{role: precheck.ExecutionRole, exec: right}, change: func(_ *precheck.Subject, z *precheck.Surroundings) { z.TrustedAccess = "DISABLED_PERMANENTLY" }, verdict: precheck.Blocked, told: []string{"fail trusted-access"}},
		"the list has another e-mail":      {inside: inside{role: precheck.ExecutionRole, exec: right}, change: func(s *precheck.Subject, _ *precheck.Surroundings) { s.Email = "other@example.com" }, verdict: precheck.Blocked, told: []string{"fail name-and-email"}},
		"a crowded unit":                   {inside: inside{role: precheck.ExecutionRole, exec: right}, change: func(_ *precheck.Subject, z *precheck.Surroundings) { z.Crowd = map[string]int{"ou-1": 301} }, verdict: precheck.Ready, told: []string{"warn quota"}},
		"a landing zone that enrolls itself": {inside: inside{role: "OrganizationAccountAccessRole"}, change: func(_ *precheck.Subject, z *precheck.Surroundings) {
			z.Zone.AutoEnroll, z.TrustedAccess = true, "DISABLED"
		}, verdict: precheck.Ready},
		"a unit without room for policies": {inside: inside{role: precheck.ExecutionRole, exec: right}, change: func(s *precheck.Subject, z *precheck.Surroundings) {
			s.Whole = true
			z.Policies = func(_ context.Context, target string) (int, error) { return map[string]int{"ou-1": 5}[target], nil }
		}, verdict: precheck.Blocked, told: []string{"fail service-control-policies"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, around := subject("222222222201"), precheck.Surroundings{ManagementID: "111111111111", Zone: governed, TrustedAccess: "ENABLED"}
				if test.change != nil {
					test.change(&s, &around)
				}
				o := &organization{accounts: map[string]inside{s.Account.ID: test.inside}}
				reports, err := precheck.New(o, around, precheck.Options{}).Look(t.Context(), []precheck.Subject{s})
				if err != nil {
					t.Fatal(err)
				}
				r := reports[0]
				if r.Verdict != test.verdict || r.Again() != test.again {
					t.Errorf("verdict %s, again %v; want %s, %v", r.Verdict, r.Again(), test.verdict, test.again)
				}
				if diff := cmp.Diff(test.told, told(r)); diff != "" {
					t.Errorf("what did not pass, -want +got:\n%s", diff)
				}
				remedies := ""
				for _, c := range r.Checks {
					remedies += c.Remedy + "\n"
					if c.Result == precheck.Fail && c.Remedy == "" {
						t.Errorf("%s failed, and nothing says what to do", c.Name)
					}
				}
				if !strings.Contains(remedies, test.remedy) {
					t.Errorf("remedies %q, want %q among them", remedies, test.remedy)
				}
			})
		})
	}
}

func TestWhatIsDecidedIsNotLookedAt(t *testing.T) {
	t.Parallel()
	s := subject("222222222201")
	s.Verdict, s.Reason = precheck.Skipped, "the management account is not enrolled"
	o := &organization{}
	reports, err := precheck.New(o, precheck.Surroundings{Zone: governed}, precheck.Options{}).Look(t.Context(), []precheck.Subject{s})
	if err != nil || o.calls.Load() > 0 {
		t.Fatalf("%d calls, %v", o.calls.Load(), err)
	}
	if r := reports[0]; r.Verdict != precheck.Skipped || r.Checks[0].Message != s.Reason {
		t.Errorf("report %+v", r)
	}
}

// The looks are made so many at once as was said, never more, and the places are hardly ever empty: all together take
// little longer than the looks divided by the places.
func TestLooksFillTheirPlaces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const accounts, parallel, latency = 60, 20, 50 * time.Millisecond
		o := &organization{accounts: map[string]inside{}, latency: latency}
		subjects := make([]precheck.Subject, accounts)
		for i := range subjects {
			subjects[i] = subject(fmt.Sprintf("2222222222%02d", i))
			o.accounts[subjects[i].Account.ID] = inside{role: precheck.ExecutionRole, exec: precheck.Execution{Found: true, Trusts: true, Administrator: true}}
		}
		began := time.Now()
		reports, err := precheck.New(o, precheck.Surroundings{Zone: governed, TrustedAccess: "ENABLED"}, precheck.Options{Parallel: parallel}).Look(t.Context(), subjects)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range reports {
			if r.Account.ID != subjects[i].Account.ID || r.Verdict != precheck.Ready {
				t.Fatalf("report %d is of %s: %s %v", i, r.Account.ID, r.Verdict, told(r))
			}
		}
		bound := time.Duration(o.calls.Load()) * latency / parallel
		if took := time.Since(began); o.most > parallel || took > bound*12/10 {
			t.Errorf("%d calls took %s with %d at once; want at most %d at once, in about %s", o.calls.Load(), took, o.most, parallel, bound)
		}
	})
}

func TestWhoeverIsToldToStopStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := precheck.New(&organization{}, precheck.Surroundings{Zone: governed}, precheck.Options{}).Look(ctx, []precheck.Subject{subject("222222222201")})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
