package organization_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/organization"
	"github.com/vend-cli/vend/internal/directory"
	"github.com/vend-cli/vend/internal/sandbox"
)

func landingZone(t *testing.T, world string, options organization.Options) (*sandbox.Sandbox, *organization.Client) {
	t.Helper()
	var o sandbox.Options
	if world != "" {
		o.World = []byte(world)
	}
	s, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s, organization.New(awstest.Config(s.RoundTripper()), options)
}

// large is an organization that no list shows on one page: 45 units in the root, and in the last of them a chain of
// units, and 50 accounts.
func large() string {
	var units, accounts []string
	for i := range 50 {
		accounts = append(accounts, fmt.Sprintf(`{"id":"3333333333%02d","name":"account-%d","email":"Account-%d@example.com","state":"ACTIVE"}`, i, i, i))
	}
	deep := `[{"name":"a","organizationalUnits":[{"name":"b","accounts":[` + strings.Join(accounts, ",") + `]}]}]`
	for i := range 45 {
		below := "[]"
		if i == 44 {
			below = deep
		}
		units = append(units, fmt.Sprintf(`{"name":"unit-%02d","id":"ou-ab12-000000%02d","registered":%v,"organizationalUnits":%s}`, i, i, i < 2, below))
	}
	return `{"managementAccount":{"id":"111111111111","email":"m@example.com"},"region":"us-east-1",
		"root":{"id":"r-ab12","organizationalUnits":[` + strings.Join(units, ",") + `]}}`
}

func governed(context.Context) (directory.Governed, error) {
	return directory.Governed{
		Units:    map[string]bool{"ou-ab12-00000000": true, "ou-ab12-00000001": true},
		Accounts: map[string]bool{"333333333307": true, "333333333308": true},
		Shared:   map[string]bool{"333333333308": true},
	}, nil
}

func TestOrganizationOfManyPages(t *testing.T) {
	t.Parallel()
	_, c := landingZone(t, large(), organization.Options{Governed: governed})
	o, err := c.Organization(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if o.ManagementAccountID != "111111111111" || o.RootID != "r-ab12" || len(o.Units) != 47 || len(o.Accounts) != 51 {
		t.Fatalf("management account %s, root %s, %d units, %d accounts; want 111111111111, r-ab12, 47, 51",
			o.ManagementAccountID, o.RootID, len(o.Units), len(o.Accounts))
	}
	deepest, err := o.Unit("unit-44/a/b")
	if err != nil {
		t.Fatal(err)
	}
	if got := len(o.In(deepest.ID)); got != 50 {
		t.Errorf("%d accounts in %s, want 50", got, deepest.Path)
	}
	if a, ok := o.ByEmail("account-7@EXAMPLE.com"); !ok || a.ID != "333333333307" || a.ParentID != deepest.ID || !a.Active() || a.JoinedAt.IsZero() || !a.Enrolled || a.Shared {
		t.Errorf("ByEmail finds %+v, %v", a, ok)
	}
	for _, u := range o.Units {
		if u.Registered != (u.Name == "unit-00" || u.Name == "unit-01") {
			t.Errorf("unit %s is registered: %v", u.Path, u.Registered)
		}
	}
}

func TestOrganizationIsReadOnceForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := landingZone(t, "", organization.Options{})
		s.Intercept(func(r sandbox.Request) sandbox.Verdict { // each call takes a while
			if !r.Done {
				time.Sleep(50 * time.Millisecond)
			}
			return sandbox.Verdict{}
		})
		calls := func() int { known, _ := s.Calls(); return known["organizations.DescribeOrganization"] }

		start := time.Now()
		results := make(chan *directory.Organization, 8)
		for range 8 {
			go func() {
				o, err := c.Fresh(t.Context(), start)
				if err != nil {
					t.Error(err)
				}
				results <- o
			}()
		}
		first := <-results
		for range 7 {
			if o := <-results; o != first {
				t.Error("those who asked at once have different organizations")
			}
		}
		if calls() != 1 {
			t.Errorf("it was read %d times for eight who asked at once", calls())
		}
		if first.TakenAt.Before(start) {
			t.Errorf("it was taken at %v, before it was asked for at %v", first.TakenAt, start)
		}

		time.Sleep(4 * time.Minute)
		if o, err := c.Organization(t.Context()); err != nil || o != first {
			t.Errorf("four minutes later it is read again, or %v", err)
		}
		if o, err := c.Fresh(t.Context(), start.Add(time.Minute)); err != nil || o == first || calls() != 2 {
			t.Errorf("who wants it fresher does not have it read again: %d times, %v", calls(), err)
		}
		time.Sleep(6 * time.Minute)
		if _, err := c.Organization(t.Context()); err != nil || calls() != 3 {
			t.Errorf("six minutes later it is not read again: %d times, %v", calls(), err)
		}
	})
}

func TestWhoeverWaitsMayLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := landingZone(t, "", organization.Options{})
		s.Intercept(func(r sandbox.Request) sandbox.Verdict {
			select {
			case <-time.After(time.Minute):
			case <-r.HTTP.Context().Done():
			}
			return sandbox.Verdict{}
		})
		slow := make(chan error)
		go func() {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			_, err := c.Organization(ctx)
			slow <- err
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.Organization(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting for another's reading ends with %v, want its own deadline", err)
		}
		if err := <-slow; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("reading ends with %v, want the deadline", err)
		}
		s.Intercept(nil)
		if _, err := c.Organization(t.Context()); err != nil {
			t.Errorf("after others gave up: %v", err)
		}
	})
}

func TestAccountByEmail(t *testing.T) {
	t.Parallel()
	s, c := landingZone(t, "", organization.Options{})
	for email, want := range map[string]string{
		"LEGACY-4@example.com": "222222222204", "closed-1@example.com": "222222222301", "nobody@example.com": "",
	} {
		a, ok, err := c.AccountByEmail(t.Context(), email, time.Time{})
		if err != nil || ok != (want != "") || a.ID != want {
			t.Errorf("AccountByEmail(%s) = %s, %v, %v; want %q", email, a.ID, ok, err, want)
		}
	}
	known, _ := s.Calls()
	if known["organizations.ListOrganizationalUnitsForParent"]+known["organizations.DescribeOrganization"] > 0 {
		t.Errorf("calls %v: only accounts are needed", known)
	}
	if pages := known["organizations.ListAccounts"]; pages == 0 || pages > 3 {
		t.Errorf("%d pages of accounts: they are to be read once", pages)
	}
}

// Accounts that people make come into the root: they are seen though the list of all accounts is older than they are. One that
// Control Tower has put into a unit since is not.
func TestAccountByEmailSeesWhatPeopleHaveMadeSince(t *testing.T) {
	t.Parallel()
	clock := time.Now()
	s, c := landingZone(t, "", organization.Options{Now: func() time.Time { return clock }})
	find := func(email string, want bool) {
		t.Helper()
		if _, found, err := c.AccountByEmail(t.Context(), email, time.Time{}); err != nil || found != want {
			t.Errorf("AccountByEmail(%s) = %v, %v; want %v", email, found, err, want)
		}
	}
	find("by-hand@example.com", false)
	s.World().Do(func() {
		if _, err := s.World().CreateAccount("By-Hand@example.com", "by hand", "OrganizationAccountAccessRole", nil); err != nil {
			t.Error(err)
		}
	})
	s.World().Advance(time.Hour) // until it is there
	clock = clock.Add(time.Hour)
	find("by-hand@example.com", true)
	find("nobody@example.com", false)
	if calls, _ := s.Calls(); calls["organizations.ListAccounts"] > 3 {
		t.Errorf("%d pages of accounts: they are to be read once", calls["organizations.ListAccounts"])
	}
}

func TestAccountAndParent(t *testing.T) {
	t.Parallel()
	_, c := landingZone(t, "", organization.Options{})
	a, ok, err := c.Account(t.Context(), "222222222301")
	if err != nil || !ok || a.Name != "closed-1" || a.State != "SUSPENDED" || a.Active() {
		t.Errorf("Account = %+v, %v, %v", a, ok, err)
	}
	if _, ok, err := c.Account(t.Context(), "999999999999"); ok || err != nil {
		t.Errorf("Account of nobody = %v, %v", ok, err)
	}
	for id, want := range map[string]string{
		"222222222299": "r-ab12", "222222222201": "ou-ab12-14444444", "ou-ab12-11111112": "ou-ab12-11111111",
	} {
		if got, err := c.Parent(t.Context(), id); err != nil || got != want {
			t.Errorf("Parent(%s) = %s, %v; want %s", id, got, err, want)
		}
	}
	if _, err := c.Parent(t.Context(), "999999999999"); awstest.Verdict(err) != "V2013" {
		t.Errorf("Parent of nobody: %v", err)
	}
}

func TestTag(t *testing.T) {
	t.Parallel()
	s, c := landingZone(t, "", organization.Options{})
	mutating := func() int { known, _ := s.Calls(); return known["organizations.TagResource"] }
	tag := func(tags ...account.Tag) {
		t.Helper()
		if err := c.Tag(t.Context(), "222222222201", tags); err != nil {
			t.Fatal(err)
		}
	}
	tag()
	tag(account.Tag{Key: "owner", Value: "a"}, account.Tag{Key: "cost", Value: ""})
	tag(account.Tag{Key: "cost", Value: ""}, account.Tag{Key: "owner", Value: "a"})
	if mutating() != 1 {
		t.Errorf("%d mutating calls for tags that are there after the first", mutating())
	}
	tag(account.Tag{Key: "owner", Value: "b"})
	tag(account.Tag{Key: "owner", Value: "b"})
	if mutating() != 2 {
		t.Errorf("%d mutating calls, want a second one for the changed value", mutating())
	}
	if err := c.Tag(t.Context(), "999999999999", []account.Tag{{Key: "a", Value: "b"}}); awstest.Verdict(err) != "V2013" {
		t.Errorf("tagging nobody: %v", err)
	}
}

// An organization whose accounts come without paths, with their status instead of their state, and in pages that hold
// nothing.
func TestWithoutPathsAndStates(t *testing.T) {
	t.Parallel()
	transport := &awstest.Transport{Answer: func(operation string, in map[string]any) (any, error) {
		one := map[string]any{"Id": "222222222201", "Email": "one@example.com", "Status": "ACTIVE"}
		two := map[string]any{"Id": "222222222202", "Email": "two@example.com", "State": "CLOSED", "Status": "SUSPENDED"}
		switch operation {
		case "DescribeOrganization":
			return map[string]any{"Organization": map[string]any{"MasterAccountId": "111111111111"}}, nil
		case "ListRoots":
			if in["NextToken"] == nil {
				return map[string]any{"Roots": []any{}, "NextToken": "2"}, nil
			}
			return map[string]any{"Roots": []any{map[string]any{"Id": "r-ab12"}}}, nil
		case "ListOrganizationalUnitsForParent":
			switch {
			case in["ParentId"] != "r-ab12":
				return map[string]any{}, nil
			case in["NextToken"] == nil:
				return map[string]any{"NextToken": "2"}, nil
			}
			return map[string]any{"OrganizationalUnits": []any{map[string]any{"Id": "ou-ab12-00000001", "Name": "Prod"}}}, nil
		case "ListAccounts":
			if in["NextToken"] == nil {
				return map[string]any{"Accounts": []any{}, "NextToken": "2"}, nil
			}
			return map[string]any{"Accounts": []any{one, two}}, nil
		case "ListAccountsForParent":
			if in["ParentId"] == "r-ab12" {
				return map[string]any{"Accounts": []any{two}}, nil
			}
			return map[string]any{"Accounts": []any{one}}, nil
		}
		return nil, errors.New("nobody asked for " + operation)
	}}
	o, err := organization.New(awstest.Config(transport), organization.Options{}).Organization(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []directory.Account{
		{ID: "222222222201", Email: "one@example.com", State: "ACTIVE", ParentID: "ou-ab12-00000001"},
		{ID: "222222222202", Email: "two@example.com", State: "CLOSED", ParentID: "r-ab12"},
	}
	if diff := cmp.Diff(want, o.Accounts); diff != "" {
		t.Errorf("accounts, -want +got:\n%s", diff)
	}
	if u, err := o.Unit("Prod"); err != nil || u.Path != "Prod" || u.ParentID != "r-ab12" {
		t.Errorf("unit %+v, %v", u, err)
	}
}

func TestFailingRegistrationIsNotSwallowed(t *testing.T) {
	t.Parallel()
	down := errors.New("Control Tower is down")
	_, c := landingZone(t, "", organization.Options{Governed: func(context.Context) (directory.Governed, error) { return directory.Governed{}, down }})
	if _, err := c.Organization(t.Context()); !errors.Is(err, down) {
		t.Errorf("error %v, want that of who knows which units are registered", err)
	}
}

func TestMoveIsDoneOnce(t *testing.T) {
	t.Parallel()
	_, c := landingZone(t, "", organization.Options{})
	if err := c.Move(t.Context(), "222222222201", "ou-ab12-14444444", "ou-ab12-12222222"); err != nil {
		t.Fatal(err)
	}
	// Whoever asks again, for the answer was lost, is told to look where the account is; from there it is a move to itself.
	if err := c.Move(t.Context(), "222222222201", "ou-ab12-14444444", "ou-ab12-12222222"); awstest.Verdict(err) != "wait" {
		t.Errorf("the same move again: %v", err)
	}
	if err := c.Move(t.Context(), "222222222201", "ou-ab12-12222222", "ou-ab12-12222222"); err != nil {
		t.Errorf("a move to where it is: %v", err)
	}
	if got, err := c.Parent(t.Context(), "222222222201"); err != nil || got != "ou-ab12-12222222" {
		t.Errorf("the account is in %s, %v", got, err)
	}
	if err := c.Move(t.Context(), "222222222202", "r-ab12", "ou-ab12-12222222"); awstest.Verdict(err) != "wait" {
		t.Errorf("a move from where it is not: %v", err)
	}
}

func TestCreateUnitOnce(t *testing.T) {
	t.Parallel()
	_, c := landingZone(t, "", organization.Options{})
	for range 2 {
		if err := c.CreateUnit(t.Context(), "ou-ab12-11111111", "Test"); err != nil {
			t.Fatal(err)
		}
	}
	o, err := c.Organization(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if u, err := o.Unit("Workloads/Test"); err != nil || u.ParentID != "ou-ab12-11111111" {
		t.Errorf("unit %+v, %v", u, err)
	}
}
