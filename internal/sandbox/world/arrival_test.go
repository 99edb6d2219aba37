package world_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox/world"
)

// synchronizing is a directory whose identity provider is slow.
const synchronizing = `{
  "managementAccount": {"id": "111111111111", "email": "management@example.com"}, "region": "us-east-1",
  "root": {"accounts": [], "organizationalUnits": []},
  "identityCenter": {
    "groups": [{"name": "Auditors", "visibleAfter": "5m"}, {"name": "Platform Team"}],
    "users": [
      {"userName": "early@example.com", "groups": ["Auditors", "Platform Team"]},
      {"userName": "late@example.com", "groups": ["Auditors"], "visibleAfter": "10m"}
    ],
    "permissionSets": [], "assignments": []
  }
}`

// people are the groups and users that can be seen, with who is in which group.
func people(w *world.World) (names []string) {
	w.Do(func() {
		for _, g := range w.IdentityCenter.Groups {
			names = append(names, g.Name)
			for _, m := range w.IdentityCenter.Memberships {
				if m.Group == g.ID {
					names = append(names, g.Name+"/"+w.IdentityCenter.User(m.User).UserName)
				}
			}
		}
		for _, u := range w.IdentityCenter.Users {
			names = append(names, u.UserName)
		}
	})
	return names
}

func TestPeopleArriveWithTheirMemberships(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, err := world.New([]byte(synchronizing), 2, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute) // two of the world
		var state bytes.Buffer
		w.Do(func() { err = json.NewEncoder(&state).Encode(w.State()) })
		if err != nil {
			t.Fatal(err)
		}
		again, err := world.New(state.Bytes(), 2, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			sleep time.Duration
			want  []string
		}{
			{0, []string{"Platform Team", "Platform Team/early@example.com", "early@example.com"}},
			{89 * time.Second, []string{"Platform Team", "Platform Team/early@example.com", "early@example.com"}},
			{2 * time.Second, []string{
				"Platform Team", "Platform Team/early@example.com", "Auditors", "Auditors/early@example.com", "early@example.com",
			}},
			{3 * time.Minute, []string{
				"Platform Team", "Platform Team/early@example.com", "Auditors", "Auditors/early@example.com", "Auditors/late@example.com",
				"early@example.com", "late@example.com",
			}},
		} {
			time.Sleep(step.sleep)
			for name, w := range map[string]*world.World{"the world": w, "the world as it was saved": again} {
				if diff := cmp.Diff(step.want, people(w)); diff != "" {
					t.Errorf("%s after another %s (-want +got):\n%s", name, step.sleep, diff)
				}
			}
		}
	})
}

func TestCallsOfASecondAreLimited(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file  string
		burst int
	}{
		"as AWS has it":              {`"quotas": {"identityCenterCallsPerSecond": 20}`, 20},
		"without a burst":            {`"quotas": {"identityCenterCallsPerSecond": 20}, "assumptions": {"identity-center-burst": true}`, 1},
		"without a limit by default": {`"quotas": {}`, 100},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				file := bytes.Replace([]byte(synchronizing), []byte(`"region"`), []byte(test.file+`, "region"`), 1)
				w, err := world.New(file, 1000, time.Now)
				if err != nil {
					t.Fatal(err)
				}
				taken := func() (n int) {
					w.Do(func() {
						for n < 100 && w.AskIdentityCenter() == nil {
							n++
						}
					})
					return n
				}
				if got := taken(); got != test.burst {
					t.Errorf("%d calls at once are taken, want %d", got, test.burst)
				}
				for range 40 { // evenly, they all are
					time.Sleep(50 * time.Millisecond)
					if got := taken(); got != min(1, 100/test.burst) && test.burst < 100 {
						t.Fatalf("after a twentieth of a second %d calls are taken", got)
					}
				}
			})
		})
	}
}
