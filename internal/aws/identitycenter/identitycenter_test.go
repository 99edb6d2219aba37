package identitycenter_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/identitycenter"
	"github.com/vend-cli/vend/internal/directory"
	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

const shopDev = "222222222112"

func landingZone(t *testing.T, o sandbox.Options, options identitycenter.Options) (*sandbox.Sandbox, *identitycenter.Client) {
	t.Helper()
	s, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if options.CallsPerSecond == 0 {
		options.CallsPerSecond = 1e6
	}
	return s, identitycenter.New(awstest.Config(s.RoundTripper()), options)
}

func calls(s *sandbox.Sandbox, operation string) int {
	known, _ := s.Calls()
	return known[operation]
}

func group(set, name string) account.Assignment {
	return account.Assignment{PermissionSet: set, PrincipalType: account.GroupPrincipal, Principal: name}
}

func resolved(t *testing.T, c *identitycenter.Client, a account.Assignment) account.Assignment {
	t.Helper()
	a, err := c.Resolve(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestResolve(t *testing.T) {
	t.Parallel()
	s, c := landingZone(t, sandbox.Options{}, identitycenter.Options{})
	var platform, developer, readOnly string
	s.World().Do(func() {
		ic := s.World().IdentityCenter
		platform, developer = ic.GroupNamed("Platform Team").ID, ic.UserNamed("developer@example.com").ID
		readOnly = ic.PermissionSetNamed("AWSReadOnlyAccess").ARN
	})
	for name, test := range map[string]struct {
		in       account.Assignment
		set, who string
		err      error
	}{
		"names": {in: group("AWSReadOnlyAccess", "Platform Team"), set: readOnly, who: platform},
		"a user": {
			in:  account.Assignment{PermissionSet: "AWSReadOnlyAccess", PrincipalType: account.UserPrincipal, Principal: "developer@example.com"},
			set: readOnly, who: developer,
		},
		"an ARN and an id": {
			in:  account.Assignment{PermissionSet: readOnly, PrincipalType: account.GroupPrincipal, Principal: platform, PrincipalByID: true},
			set: readOnly, who: platform,
		},
		"a user's id": {
			in:  account.Assignment{PermissionSet: readOnly, PrincipalType: account.UserPrincipal, Principal: developer, PrincipalByID: true},
			set: readOnly, who: developer,
		},
		"a misspelt permission set": {
			in:  group("AWSReadOnlyAcess", "Platform Team"),
			err: &directory.UnknownPermissionSet{Text: "AWSReadOnlyAcess", Suggestions: []string{"AWSReadOnlyAccess"}},
		},
		"an ARN that is not there": {
			in:  group(readOnly[:len(readOnly)-1]+"x", "Platform Team"),
			err: &directory.UnknownPermissionSet{Text: readOnly[:len(readOnly)-1] + "x"},
		},
		"a group that is not there": {
			in:  group("AWSReadOnlyAccess", "Nobody"),
			err: &directory.UnknownPrincipal{Type: account.GroupPrincipal, Text: "Nobody"},
		},
		"a group of the name of a user": {
			in:  group("AWSReadOnlyAccess", "developer@example.com"),
			err: &directory.UnknownPrincipal{Type: account.GroupPrincipal, Text: "developer@example.com"},
		},
		"a name that can be nobody's": {
			in:  group("AWSReadOnlyAccess", strings.Repeat("x", 1025)),
			err: &directory.UnknownPrincipal{Type: account.GroupPrincipal, Text: strings.Repeat("x", 1025)},
		},
		"a user's id as a group's": {
			in:  account.Assignment{PermissionSet: readOnly, PrincipalType: account.GroupPrincipal, Principal: developer, PrincipalByID: true},
			err: &directory.UnknownPrincipal{Type: account.GroupPrincipal, Text: developer, ByID: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := c.Resolve(t.Context(), test.in)
			if fmt.Sprint(err) != fmt.Sprint(test.err) || got.PermissionSetARN != test.set || got.PrincipalID != test.who {
				t.Errorf("Resolve = %s, %s, %v; want %s, %s, %v", got.PermissionSetARN, got.PrincipalID, err, test.set, test.who, test.err)
			}
		})
	}
}

func TestResolveAsksAsLittleAsItCan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := landingZone(t, sandbox.Options{}, identitycenter.Options{})
		lists := func() int { return calls(s, "sso.ListPermissionSets") }
		for range 20 {
			resolved(t, c, group("AdministratorAccess", "Platform Team"))
			resolved(t, c, group("AWSReadOnlyAccess", "Platform Team"))
		}
		if lists() != 1 || calls(s, "sso.DescribePermissionSet") > 3 || calls(s, "identitystore.GetGroupId") != 1 || calls(s, "sso.ListInstances") != 1 {
			known, _ := s.Calls()
			t.Errorf("twenty times the same asked for %v", known)
		}

		time.Sleep(30 * time.Second)
		for range 20 { // within a minute of the last list
			if _, err := c.PermissionSet(t.Context(), "Developers"); err == nil {
				t.Error("a permission set that is not there was found")
			}
		}
		if lists() != 1 {
			t.Errorf("%d lists, want no new one within a minute of the last", lists())
		}
		s.World().Do(func() { s.World().IdentityCenter.AddPermissionSet(s.World(), &world.PermissionSet{Name: "Developers"}) })
		time.Sleep(31 * time.Second)
		resolved(t, c, group("Developers", "Platform Team"))
		if lists() != 2 || calls(s, "sso.DescribePermissionSet") != 4 {
			t.Errorf("%d lists and %d descriptions, want 2 and 4", lists(), calls(s, "sso.DescribePermissionSet"))
		}

		// A permission set that is deleted and made anew has another ARN.
		before := resolved(t, c, group("Developers", "Platform Team")).PermissionSetARN
		s.World().Do(func() {
			ic := s.World().IdentityCenter
			set := ic.PermissionSets[len(ic.PermissionSets)-1]
			set.ARN = set.ARN[:len(set.ARN)-4] + "anew"
		})
		time.Sleep(11 * time.Minute)
		if after := resolved(t, c, group("Developers", "Platform Team")).PermissionSetARN; after == before {
			t.Errorf("eleven minutes later it is still %s", after)
		}
	})
}

func TestAssign(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, c := landingZone(t, sandbox.Options{}, identitycenter.Options{})
		a := resolved(t, c, group("AdministratorAccess", "Auditors"))
		platform := resolved(t, c, group("AdministratorAccess", "Platform Team"))
		holders := func() (ids []string) {
			t.Helper()
			there, err := c.Assigned(t.Context(), shopDev, a.PermissionSetARN)
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range there {
				if h.PermissionSetARN != a.PermissionSetARN || h.PrincipalType != account.GroupPrincipal {
					t.Errorf("holder %+v", h)
				}
				ids = append(ids, h.PrincipalID)
			}
			return ids
		}
		if diff := cmp.Diff([]string{platform.PrincipalID}, holders()); diff != "" {
			t.Fatalf("before, -want +got:\n%s", diff)
		}
		id, state, err := c.Assign(t.Context(), shopDev, a)
		if err != nil || state != account.AssignmentCreating || id == "" {
			t.Fatalf("Assign = %s, %s, %v", id, state, err)
		}
		if state, reason, err := c.Status(t.Context(), id); err != nil || state != account.AssignmentCreating || reason != "" {
			t.Errorf("at once: %s, %q, %v", state, reason, err)
		}
		time.Sleep(time.Minute)
		if state, reason, err := c.Status(t.Context(), id); err != nil || state != account.AssignmentDone || reason != "" {
			t.Errorf("a minute later: %s, %q, %v", state, reason, err)
		}
		byID := cmpopts.SortSlices(func(a, b string) bool { return a < b })
		if diff := cmp.Diff([]string{platform.PrincipalID, a.PrincipalID}, holders(), byID); diff != "" {
			t.Errorf("after, -want +got:\n%s", diff)
		}
		if state, _, err := c.Status(t.Context(), "00000000-0000-0000-0000-000000000000"); err != nil || state != account.AssignmentPending {
			t.Errorf("a request that AWS does not know: %s, %v; want pending", state, err)
		}

		// To an account that is suspended, it fails, and says why.
		id, _, err = c.Assign(t.Context(), "222222222301", a)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		state, reason, err := c.Status(t.Context(), id)
		if err != nil || state != account.AssignmentFailed || reason == "" {
			t.Errorf("in a suspended account: %s, %q, %v; want failed with a reason", state, reason, err)
		}
	})
}

func TestAssignmentsOfManyPages(t *testing.T) {
	t.Parallel()
	s, c := landingZone(t, sandbox.Options{}, identitycenter.Options{})
	a := resolved(t, c, group("AdministratorAccess", "Auditors"))
	s.World().Do(func() {
		ic := s.World().IdentityCenter
		for i := range 250 {
			u := ic.AddUser(&world.User{UserName: fmt.Sprintf("user-%d", i)})
			ic.Assignments = append(ic.Assignments, world.Assignment{Account: shopDev, PermissionSet: a.PermissionSetARN, PrincipalType: "USER", Principal: u.ID})
		}
	})
	there, err := c.Assigned(t.Context(), shopDev, a.PermissionSetARN)
	if err != nil || len(there) != 251 {
		t.Errorf("%d assignments, %v; want 251", len(there), err)
	}
}

func TestNoMoreAssignmentsThanMayBeUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := landingZone(t, sandbox.Options{}, identitycenter.Options{Outstanding: 2})
		a := resolved(t, c, group("AdministratorAccess", "Auditors"))
		assign := func(accountID string) (string, error) {
			t.Helper()
			id, _, err := c.Assign(t.Context(), accountID, a)
			return id, err
		}
		first, err := assign(shopDev)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := assign("222222222111"); err != nil {
			t.Fatal(err)
		}
		if _, err := assign("222222222201"); awstest.Verdict(err) != "wait" {
			t.Errorf("a third one: %v, want to wait", err)
		}
		if n := calls(s, "sso.CreateAccountAssignment"); n != 2 {
			t.Errorf("%d creations were asked for, want 2", n)
		}
		time.Sleep(time.Minute)
		if _, _, err := c.Status(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		if _, err := assign("222222222201"); err != nil {
			t.Errorf("after the first one's end was seen: %v", err)
		}
		if _, err := assign("222222222202"); awstest.Verdict(err) != "wait" {
			t.Errorf("the other end was not seen: %v, want to wait", err)
		}
		time.Sleep(3 * time.Minute)
		if _, err := assign("222222222202"); err != nil {
			t.Errorf("minutes later nobody has asked for the ends: %v", err)
		}
	})
}

// Creations and deletions are counted together, and so are their calls.
func TestDeletionsTakePlacesAmongTheCreations(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := landingZone(t, sandbox.Options{}, identitycenter.Options{Outstanding: 2})
		there, other := resolved(t, c, group("AdministratorAccess", "Platform Team")), resolved(t, c, group("AdministratorAccess", "Auditors"))
		deletion, _, err := c.Unassign(t.Context(), shopDev, there)
		if err != nil {
			t.Fatal(err)
		}
		creation, _, err := c.Assign(t.Context(), "222222222111", other)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.Assign(t.Context(), "222222222201", other); awstest.Verdict(err) != "wait" {
			t.Errorf("a creation beside both: %v, want to wait", err)
		}
		if _, _, err := c.Unassign(t.Context(), "222222222201", there); awstest.Verdict(err) != "wait" {
			t.Errorf("a deletion beside both: %v, want to wait", err)
		}
		if made, gone := calls(s, "sso.CreateAccountAssignment"), calls(s, "sso.DeleteAccountAssignment"); made != 1 || gone != 1 {
			t.Errorf("%d creations and %d deletions were asked for, want one of each", made, gone)
		}
		time.Sleep(time.Minute)
		if state, reason, err := c.Unassigned(t.Context(), deletion); err != nil || state != account.AssignmentDone {
			t.Fatalf("the deletion is %s %s: %v", state, reason, err)
		}
		again, _, err := c.Assign(t.Context(), shopDev, there)
		if err != nil {
			t.Errorf("after the deletion's end was seen: %v", err)
		}
		if _, _, err := c.Unassign(t.Context(), "222222222111", other); awstest.Verdict(err) != "wait" {
			t.Errorf("the creations' ends were not seen: %v, want to wait", err)
		}
		time.Sleep(time.Minute)
		for _, id := range []string{creation, again} {
			if state, reason, err := c.Status(t.Context(), id); err != nil || state != account.AssignmentDone {
				t.Fatalf("a creation is %s %s: %v", state, reason, err)
			}
		}
		if _, _, err := c.Unassign(t.Context(), "222222222111", other); err != nil {
			t.Errorf("after their ends were seen: %v", err)
		}
	})
}

func TestDeletionsAreSpacedAmongTheOtherCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := landingZone(t, sandbox.Options{}, identitycenter.Options{CallsPerSecond: 20, Outstanding: 100})
		a := resolved(t, c, group("AdministratorAccess", "Platform Team"))
		time.Sleep(time.Second)
		start := time.Now()
		done := make(chan error)
		for range 20 {
			go func() {
				_, err := c.Assigned(t.Context(), shopDev, a.PermissionSetARN)
				done <- err
			}()
			go func() { // one change at a time in an account: most are told to wait
				_, _, err := c.Unassign(t.Context(), shopDev, a)
				if err != nil && awstest.Verdict(err) != "wait" {
					done <- err
					return
				}
				done <- nil
			}()
		}
		for range 40 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if n := calls(s, "sso.DeleteAccountAssignment"); n != 20 {
			t.Errorf("%d deletions were asked for, want 20", n)
		}
		if took := time.Since(start); took < 1900*time.Millisecond || took > 2100*time.Millisecond {
			t.Errorf("twenty deletions beside twenty looks took %v, want two seconds", took)
		}
	})
}

func TestRefusedAssignmentsTakeNoPlace(t *testing.T) {
	t.Parallel()
	s, c := landingZone(t, sandbox.Options{
		Faults: []byte(`[{"operation":"sso.CreateAccountAssignment","nth":1,"times":5,"kind":"error","code":"ConflictException"},
			{"operation":"sso.CreateAccountAssignment","nth":6,"times":1,"kind":"drop-after-effect"}]`),
	}, identitycenter.Options{Outstanding: 1})
	a := resolved(t, c, group("AdministratorAccess", "Auditors"))
	for range 5 {
		if _, _, err := c.Assign(t.Context(), shopDev, a); awstest.Verdict(err) != "wait" || !strings.Contains(err.Error(), "another assignment") {
			t.Errorf("Conflict is judged %v", err)
		}
	}
	if _, _, err := c.Assign(t.Context(), shopDev, a); awstest.Verdict(err) != "again" {
		t.Errorf("a lost answer is judged %v", err)
	}
	if _, _, err := c.Assign(t.Context(), shopDev, a); awstest.Verdict(err) != "wait" {
		t.Errorf("after a lost answer: %v; want to wait, the creation may be under way", err)
	}
	if n := calls(s, "sso.CreateAccountAssignment"); n != 6 {
		t.Errorf("%d creations were asked for, want 6", n)
	}
}

func TestCallsAreSpaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, c := landingZone(t, sandbox.Options{}, identitycenter.Options{CallsPerSecond: 20})
		set := resolved(t, c, group("AdministratorAccess", "Auditors")).PermissionSetARN
		time.Sleep(time.Second)
		start := time.Now()
		done := make(chan error)
		ask := func() {
			_, err := c.Assigned(t.Context(), shopDev, set)
			done <- err
		}
		for range 40 {
			go ask()
		}
		for range 40 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(start); took < 1900*time.Millisecond || took > 2100*time.Millisecond {
			t.Errorf("forty calls took %v, want two seconds", took)
		}

		for range 40 { // the next turns are taken
			go ask()
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.Principal(ctx, account.UserPrincipal, "developer@example.com"); awstest.Verdict(err) != "wait" {
			t.Errorf("a call whose turn comes after its deadline: %v, want to wait", err)
		}
		for range 40 {
			<-done
		}
	})
}

func TestInstance(t *testing.T) {
	t.Parallel()
	instances := func(owners ...string) *awstest.Transport {
		var all []any
		for i, owner := range owners {
			all = append(all, map[string]any{
				"InstanceArn": fmt.Sprintf("arn:aws:sso:::instance/ssoins-%016d", i), "IdentityStoreId": fmt.Sprintf("d-%010d", i), "OwnerAccountId": owner,
			})
		}
		return &awstest.Transport{Answer: func(string, map[string]any) (any, error) { return map[string]any{"Instances": all}, nil }}
	}
	management := func(context.Context) (string, error) { return "111111111111", nil }
	down := errors.New("Organizations is down")
	for name, test := range map[string]struct {
		transport *awstest.Transport
		options   identitycenter.Options
		want      string // the store, or the verdict
	}{
		"the only one":                 {instances("222222222201"), identitycenter.Options{}, "d-0000000000"},
		"the management account's":     {instances("222222222201", "111111111111"), identitycenter.Options{Management: management}, "d-0000000001"},
		"the configured one":           {instances("222222222201", "111111111111"), identitycenter.Options{InstanceARN: "arn:aws:sso:::instance/ssoins-0000000000000000"}, "d-0000000000"},
		"none":                         {instances(), identitycenter.Options{Management: management}, "V3009 pause"},
		"a member account's only":      {instances("222222222201"), identitycenter.Options{Management: management}, "V3009 pause"},
		"several, and nothing to tell": {instances("222222222201", "111111111111"), identitycenter.Options{}, "V3009 pause"},
		"another than configured":      {instances("111111111111"), identitycenter.Options{InstanceARN: "arn:aws:sso:::instance/ssoins-9"}, "V3009 pause"},
		"nobody says who manages": {
			instances("111111111111"), identitycenter.Options{Management: func(context.Context) (string, error) { return "", down }}, "again",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := identitycenter.New(awstest.Config(test.transport), test.options)
			arn, store, err := c.Instance(t.Context())
			if got := map[bool]string{true: store, false: awstest.Verdict(err)}[err == nil]; got != test.want || (arn == "") != (err != nil) {
				t.Errorf("Instance = %s, %s, %v; want %s", arn, store, err, test.want)
			}
			if _, _, again := c.Instance(t.Context()); (again == nil) != (err == nil) {
				t.Errorf("asked again: %v", again)
			}
			if n := test.transport.Calls("ListInstances"); err == nil && n != 1 {
				t.Errorf("%d calls, want one", n)
			}
		})
	}
}
