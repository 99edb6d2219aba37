package identitycenter_test

import (
	"errors"
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

// However many groups and users the rows of a list name, the calls are bounded by the size of the directory.
func TestManyNamesAreReadFromTheRoll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := landingZone(t, sandbox.Options{}, identitycenter.Options{})
		const there = 1000
		ids := map[string]string{}
		s.World().Do(func() {
			ic := s.World().IdentityCenter
			for i := range there {
				g := ic.AddGroup(&world.Group{Name: fmt.Sprintf("group-%d", i)})
				u := ic.AddUser(&world.User{UserName: fmt.Sprintf("user-%d", i)})
				ids[g.Name], ids[u.UserName] = g.ID, u.ID
			}
		})
		asked := func() (singly, pages int) {
			return calls(s, "identitystore.GetGroupId") + calls(s, "identitystore.GetUserId") +
					calls(s, "identitystore.DescribeGroup") + calls(s, "identitystore.DescribeUser"),
				calls(s, "identitystore.ListGroups") + calls(s, "identitystore.ListUsers")
		}
		nobody := 0
		look := func(kind account.PrincipalType, name string) {
			t.Helper()
			id, err := c.Principal(t.Context(), kind, name)
			var unknown *directory.UnknownPrincipal
			switch {
			case errors.As(err, &unknown):
				nobody++
			case err != nil || id != ids[name]:
				t.Fatalf("%s is %s, %v; want %s", name, id, err, ids[name])
			}
		}

		look(account.GroupPrincipal, "group-1")
		if singly, pages := asked(); singly != 1 || pages != 0 {
			t.Errorf("for one name: %d calls and %d pages, want 1 and none", singly, pages)
		}
		for i := range 5 * there { // most of them are nobody's
			look(account.GroupPrincipal, fmt.Sprintf("group-%d", i))
			look(account.UserPrincipal, fmt.Sprintf("user-%d", i))
		}
		ok, err := c.PrincipalByID(t.Context(), account.UserPrincipal, ids["user-999"])
		if err != nil || !ok {
			t.Errorf("a user by id: %v, %v", ok, err)
		}
		if nobody != 2*4*there {
			t.Errorf("%d names are nobody's, want %d", nobody, 8*there)
		}
		if singly, pages := asked(); singly > 2*31 || pages > 2*12 {
			t.Errorf("for ten thousand names: %d calls and %d pages", singly, pages)
		}

		// Who comes later is found when the roll is older than a minute.
		s.World().Do(func() {
			g := s.World().IdentityCenter.AddGroup(&world.Group{Name: "group-late"})
			ids["group-late"] = g.ID
		})
		nobody = 0
		time.Sleep(time.Minute)
		look(account.GroupPrincipal, "group-late")
		if nobody != 0 {
			t.Error("a group that came a minute ago is nobody's")
		}
	})
}

// Names are compared to the letter in the roll; who is written otherwise there is asked for, since only AWS knows.
func TestTheRollDoesNotJudgeLetters(t *testing.T) {
	t.Parallel()
	s, c := landingZone(t, sandbox.Options{}, identitycenter.Options{})
	for i := range 40 {
		if _, err := c.Principal(t.Context(), account.GroupPrincipal, fmt.Sprintf("nobody-%d", i)); err == nil {
			t.Error("nobody was found")
		}
	}
	before := calls(s, "identitystore.GetGroupId")
	if _, err := c.Principal(t.Context(), account.GroupPrincipal, "nobody-at-all"); err == nil {
		t.Error("nobody was found")
	}
	if n := calls(s, "identitystore.GetGroupId"); n != before {
		t.Errorf("%d calls for a name that is not in the whole roll", n-before)
	}
	_, _ = c.Principal(t.Context(), account.GroupPrincipal, "PLATFORM TEAM") // found or not is for AWS to say
	if n := calls(s, "identitystore.GetGroupId"); n != before+1 {
		t.Errorf("%d calls for a name in other letters, want 1", n-before)
	}
}
