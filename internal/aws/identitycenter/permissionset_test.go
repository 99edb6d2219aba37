package identitycenter_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/identitycenter"
	"github.com/vend-cli/vend/internal/permissionset"
	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/sandbox/world"
	"github.com/vend-cli/vend/samples"
)

// wanted are the permission sets of a file.
func wanted(t *testing.T, file string) []permissionset.Set {
	t.Helper()
	sets, err := permissionset.Read("sets.yaml", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	return sets
}

// apply does what is left to do so that the permission sets are as they are wanted.
func apply(t *testing.T, c *identitycenter.Client, want []permissionset.Set) ([]permissionset.Result, error) {
	t.Helper()
	var names []string
	for _, s := range want {
		names = append(names, s.Name)
	}
	have, err := c.PermissionSets(t.Context(), names...)
	if err != nil {
		return nil, err
	}
	var results []permissionset.Result
	err = permissionset.Apply(t.Context(), c, permissionset.Compare(want, have), func(r permissionset.Result) { results = append(results, r) })
	for _, r := range results {
		err = errors.Join(err, r.Err)
	}
	return results, err
}

// mutating are the calls so far that change something.
func mutating(s *sandbox.Sandbox) (n int) {
	known, _ := s.Calls()
	for operation, times := range known {
		if name := strings.TrimPrefix(operation, "sso."); !strings.HasPrefix(name, "List") && !strings.HasPrefix(name, "Describe") && !strings.HasPrefix(name, "Get") {
			n += times
		}
	}
	return n
}

// later is the sample after it was changed in every part.
const later = `permissionSets:
  - name: PowerUserAccess
    sessionDuration: PT2H
    relayState: https://console.aws.amazon.com/ec2/
    customerManagedPolicies: [{name: Team, path: /team/}]
    permissionsBoundary: {name: Team, path: /team/}
  - name: AuditAccess
    description: Audits
    managedPolicies: [ReadOnlyAccess, SecurityAudit]
    tags: {team: audit, cost: "7"}
  - name: EC2-S3-FullAccess
    managedPolicies: [AmazonS3FullAccess]
    inlinePolicy: {Version: "2012-10-17", Statement: [{Effect: Deny, Action: "s3:DeleteBucket", Resource: "*"}]}
`

func TestPermissionSetsAreBroughtAbout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := landingZone(t, sandbox.Options{}, identitycenter.Options{})
		for _, file := range []string{string(samples.PermissionSets), later} {
			want := wanted(t, file)
			results, err := apply(t, c, want)
			if err != nil || len(results) != 3 {
				t.Fatalf("%d results: %v", len(results), err)
			}
			var names []string
			for i, w := range want {
				names = append(names, w.Name)
				if w.Description == "" {
					want[i].Description = results[i].Have.Description // it stays
				}
			}
			have, err := c.PermissionSets(t.Context(), names...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, have, cmpopts.IgnoreFields(permissionset.Set{}, "ARN"), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			before := mutating(s)
			if again, err := apply(t, c, want); err != nil || len(again) != 0 || mutating(s) != before {
				t.Errorf("a second run does %+v with %d calls: %v", again, mutating(s)-before, err)
			}
		}
	})
}

func TestAChangeReachesTheAccountsThatHaveIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := landingZone(t, sandbox.Options{}, identitycenter.Options{})
		const file = "permissionSets: [{name: AdministratorAccess, sessionDuration: 4h, managedPolicies: [AdministratorAccess], customerManagedPolicies: [{name: Team}]}]"
		s.World().Do(func() {
			w := s.World()
			for _, id := range []string{"222222222111", "222222222201"} {
				w.IdentityCenter.Assignments = append(w.IdentityCenter.Assignments, world.Assignment{
					Account: id, PermissionSet: w.IdentityCenter.PermissionSetNamed("AdministratorAccess").ARN, PrincipalType: "GROUP",
					Principal: w.IdentityCenter.GroupNamed("Auditors").ID,
				})
			}
			w.Account("222222222112").Policies = []string{"/Team"}
			w.Account("222222222201").State = "SUSPENDED"
		})
		results, err := apply(t, c, wanted(t, file))
		if err != nil {
			t.Fatal(err)
		}
		left := map[string]string{}
		for _, l := range results[0].Left {
			left[l.Account] = l.Reason[:30]
		}
		if diff := cmp.Diff(map[string]string{
			"222222222111": "Received a 404 status error: P", "222222222201": "AWS SSO is unable to complete ",
		}, left); diff != "" {
			t.Errorf("accounts that it did not get to (-want +got):\n%s", diff)
		}
		// When the causes are mended, only what is left is provisioned.
		s.World().Do(func() {
			s.World().Account("222222222111").Policies = []string{"/Team"}
			s.World().Account("222222222201").State = "ACTIVE"
			s.World().Account("222222222201").Policies = []string{"/Team"}
		})
		before := mutating(s)
		results, err = apply(t, c, wanted(t, file))
		if err != nil || len(results) != 1 || results[0].Verb != permissionset.Provision || len(results[0].Left) > 0 || mutating(s) != before+1 {
			t.Errorf("then it does %+v with %d calls: %v", results, mutating(s)-before, err)
		}
	})
}

func TestAPermissionSetIsDeletedWhenNobodyHasIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := landingZone(t, sandbox.Options{}, identitycenter.Options{})
		found, err := c.PermissionSets(t.Context(), "AdministratorAccess")
		if err != nil || len(found) != 1 {
			t.Fatalf("found %v: %v", found, err)
		}
		err = c.DeletePermissionSet(t.Context(), found[0])
		refused := account.Refused{}
		if !errors.As(err, &refused) || refused.Code != account.CodePermissionSetInUse || !strings.Contains(refused.Reason, "222222222112 (group ") {
			t.Errorf("while it is assigned: %v", err)
		}
		s.World().Do(func() {
			ic := s.World().IdentityCenter
			ic.Assignments = slices.DeleteFunc(ic.Assignments, func(a world.Assignment) bool { return a.PermissionSet == found[0].ARN })
		})
		for range 2 { // one that is gone is no error
			if err := c.DeletePermissionSet(t.Context(), found[0]); err != nil {
				t.Error(err)
			}
		}
		if found, err = c.PermissionSets(t.Context(), "AdministratorAccess"); err != nil || len(found) != 0 {
			t.Errorf("then there is %v: %v", found, err)
		}
	})
}

// state is what permission sets are like in a landing zone, without what differs from run to run.
func state(t *testing.T, c *identitycenter.Client) []permissionset.Set {
	t.Helper()
	all, err := c.PermissionSets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		all[i].ARN = ""
	}
	return all
}

// assigned gives Auditors a permission set in two accounts, so that changes have to get there.
func assigned(s *sandbox.Sandbox, name string) {
	s.World().Do(func() {
		ic := s.World().IdentityCenter
		for _, id := range []string{"222222222111", shopDev} {
			s.World().Account(id).Policies = []string{"/team/Team"}
			ic.Assignments = append(ic.Assignments, world.Assignment{
				Account: id, PermissionSet: ic.PermissionSetNamed(name).ARN, PrincipalType: "GROUP", Principal: ic.GroupNamed("Auditors").ID,
			})
		}
	})
}

// TestARunThatIsBrokenOffIsBegunAgain kills a run at every of its calls, before the effect and after it, and runs it once
// more: it ends where a run that nobody disturbs does, and each permission set is there once.
func TestARunThatIsBrokenOffIsBegunAgain(t *testing.T) {
	withoutRacing(t)
	t.Parallel()
	// play makes the sample, assigns one of its permission sets, and changes all. The run of that file is killed.
	play := func(t *testing.T, kill int, after bool) (made []permissionset.Set, calls int) {
		s, c := landingZone(t, sandbox.Options{}, identitycenter.Options{})
		for i, file := range []string{string(samples.PermissionSets), later} {
			n := 0
			s.Intercept(func(r sandbox.Request) sandbox.Verdict {
				if !r.Done {
					n++
				}
				if kill > 0 && (n > kill || n == kill && r.Done == after) {
					return sandbox.Verdict{Code: "ExpiredTokenException", Message: "killed", Status: 403}
				}
				return sandbox.Verdict{}
			})
			if _, err := apply(t, c, wanted(t, file)); err == nil && kill > 0 && n >= kill {
				t.Errorf("a run that is killed at call %d says that all is well", kill)
			}
			if n > calls {
				calls = n
			}
			s.Intercept(func(sandbox.Request) sandbox.Verdict { return sandbox.Verdict{} })
			c = identitycenter.New(awstest.Config(s.RoundTripper()), identitycenter.Options{CallsPerSecond: 1e6}) // another process
			if _, err := apply(t, c, wanted(t, file)); err != nil {
				t.Errorf("killed at call %d, the second run fails: %v", kill, err)
			}
			if i == 0 {
				assigned(s, "PowerUserAccess")
			}
		}
		return state(t, c), calls
	}
	var want []permissionset.Set
	calls := 0
	synctest.Test(t, func(t *testing.T) { want, calls = play(t, 0, false) })
	if calls < 30 {
		t.Fatalf("the longer run makes only %d calls", calls)
	}
	for kill := 1; kill <= calls; kill++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("call %d, after its effect %t", kill, after), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					got, _ := play(t, kill, after)
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("(-undisturbed +killed):\n%s", diff)
					}
				})
			})
		}
	}
}

// deleted takes permission sets away as the verb does: it reads them, makes sure of all, and deletes one after another.
func deleted(t *testing.T, c *identitycenter.Client, names ...string) error {
	t.Helper()
	sets, err := c.PermissionSets(t.Context(), names...)
	if err != nil {
		return err
	}
	for _, s := range sets {
		if err := c.Deletable(t.Context(), s); err != nil {
			return err
		}
	}
	for _, s := range sets {
		err = errors.Join(err, c.DeletePermissionSet(t.Context(), s))
	}
	return err
}

// TestADeletionThatIsBrokenOffIsBegunAgain kills a run that deletes two permission sets at every of its calls, reads among
// them, before the effect and after it, and runs it once more: both are gone, and the others are as they were. Where the
// call alone fails, and the process lives on, it is no worse.
func TestADeletionThatIsBrokenOffIsBegunAgain(t *testing.T) {
	withoutRacing(t)
	t.Parallel()
	names := []string{"EC2-S3-FullAccess", "PowerUserAccess"}
	play := func(t *testing.T, kill int, after, dead bool, code string) (left []permissionset.Set, calls int) {
		s, c := landingZone(t, sandbox.Options{}, identitycenter.Options{})
		if _, err := apply(t, c, wanted(t, string(samples.PermissionSets))); err != nil {
			t.Fatal(err)
		}
		assigned(s, "AuditAccess")
		c = identitycenter.New(awstest.Config(s.RoundTripper()), identitycenter.Options{CallsPerSecond: 1e6})
		s.Intercept(func(r sandbox.Request) sandbox.Verdict {
			if !r.Done {
				calls++
			}
			if kill > 0 && (dead && calls > kill || calls == kill && r.Done == after) {
				return sandbox.Verdict{Code: code, Message: "killed", Status: 403}
			}
			return sandbox.Verdict{}
		})
		if err := deleted(t, c, names...); err == nil && dead && kill > 0 && calls >= kill {
			t.Errorf("a run that is killed at call %d says that all is well", kill)
		}
		s.Intercept(func(sandbox.Request) sandbox.Verdict { return sandbox.Verdict{} })
		c = identitycenter.New(awstest.Config(s.RoundTripper()), identitycenter.Options{CallsPerSecond: 1e6}) // another process
		if err := deleted(t, c, names...); err != nil {
			t.Errorf("disturbed at call %d, the second run fails: %v", kill, err)
		}
		if err := deleted(t, c, "AuditAccess"); awstest.Verdict(err) != account.CodePermissionSetInUse {
			t.Errorf("one that is assigned: %v", err)
		}
		return state(t, c), calls
	}
	var want []permissionset.Set
	calls := 0
	synctest.Test(t, func(t *testing.T) { want, calls = play(t, 0, false, true, "") })
	if calls < 8 || slices.ContainsFunc(want, func(s permissionset.Set) bool { return slices.Contains(names, s.Name) }) {
		t.Fatalf("%d calls leave %+v", calls, want)
	}
	for kill := 1; kill <= calls; kill++ {
		for _, after := range []bool{false, true} {
			for code, dead := range map[string]bool{"ExpiredTokenException": true, "ThrottlingException": false, "InternalServerException": false} {
				t.Run(fmt.Sprintf("call %d, after its effect %t, %s", kill, after, code), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						got, _ := play(t, kill, after, dead, code)
						if diff := cmp.Diff(want, got); diff != "" {
							t.Errorf("(-undisturbed +disturbed):\n%s", diff)
						}
					})
				})
			}
		}
	}
}

// TestOneBadAnswerIsPassedOver lets every call fail once, before and after its effect, as throttling and lost answers do.
func TestOneBadAnswerIsPassedOver(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"ThrottlingException", "ConflictException", "InternalServerException"} {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, after the effect %t", code, after), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s, c := landingZone(t, sandbox.Options{}, identitycenter.Options{})
					failed := map[string]int{}
					s.Intercept(func(r sandbox.Request) sandbox.Verdict {
						name := strings.TrimPrefix(r.Operation, "sso.")
						reads := strings.HasPrefix(name, "List") || strings.HasPrefix(name, "Get") || strings.HasPrefix(name, "Describe")
						if r.Done != after || reads || failed[name] >= 1 {
							return sandbox.Verdict{}
						}
						failed[name]++
						return sandbox.Verdict{Code: code, Message: "a bad answer", Status: 400}
					})
					for _, file := range []string{string(samples.PermissionSets), later} {
						if _, err := apply(t, c, wanted(t, file)); err != nil {
							t.Fatal(err)
						}
						if len(failed) == 0 {
							t.Fatal("nothing failed")
						}
						assigned(s, "AuditAccess")
					}
					for _, a := range permissionset.Compare(wanted(t, later), state(t, c)) {
						if len(a.Differences) > 0 {
							t.Errorf("%s is left with %v", a.Want.Name, a.Differences)
						}
					}
				})
			})
		}
	}
}

// TestPermissionSetsWhereAWSIsOtherwise makes and changes the sample where the sandbox's assumptions do not hold, within the
// calls of a second that AWS takes.
func TestPermissionSetsWhereAWSIsOtherwise(t *testing.T) {
	t.Parallel()
	for _, assumption := range []string{
		"identity-center-burst", "provision-all-succeeds-in-part", "change-while-provisioning", "update-keeps-relay-state", "assignment-conflict-scope",
	} {
		t.Run(assumption, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				file := bytes.Replace(samples.LandingZone, []byte(`"assumptions": {}`),
					fmt.Appendf(nil, `"assumptions": {%q: true}, "quotas": {"identityCenterCallsPerSecond": 20}`, assumption), 1)
				s, c := landingZone(t, sandbox.Options{World: file}, identitycenter.Options{CallsPerSecond: 20})
				refused := 0
				s.Intercept(func(r sandbox.Request) sandbox.Verdict {
					if r.Done && r.Status >= 400 && !strings.HasSuffix(r.Operation, ".GetPermissionsBoundaryForPermissionSet") {
						refused++
					}
					return sandbox.Verdict{}
				})
				for i, file := range []string{string(samples.PermissionSets), later} {
					if _, err := apply(t, c, wanted(t, file)); err != nil {
						t.Fatal(err)
					}
					if i == 0 {
						assigned(s, "AuditAccess")
					}
				}
				if actions := permissionset.Compare(wanted(t, later), state(t, c)); permissionset.Changes(actions) {
					t.Errorf("left to do is %+v", actions)
				}
				if refused > 0 {
					t.Errorf("%d calls were refused", refused)
				}
			})
		})
	}
}
