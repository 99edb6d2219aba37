package accountfactory_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/aws/accountfactory"
	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

func TestBusy(t *testing.T) {
	t.Parallel()
	provision := func(t *testing.T, c *accountfactory.Client, names ...string) {
		t.Helper()
		for i, name := range names {
			must[accountfactory.Record](t)(c.Order(t.Context(), order(name, strings.ToLower(name)+"-"+string(rune('a'+i))+"@example.com")))
		}
	}
	for name, test := range map[string]struct {
		before   func(*testing.T, *sandbox.Sandbox, *accountfactory.Client)
		inFlight int
		foreign  int
		says     []string
		wait     string
	}{
		"nothing is going on": {inFlight: 1},
		"our own order": {
			before:   func(t *testing.T, _ *sandbox.Sandbox, c *accountfactory.Client) { provision(t, c, "vend-r-1-g1") },
			inFlight: 1,
		},
		"somebody's order": {
			before: func(t *testing.T, _ *sandbox.Sandbox, c *accountfactory.Client) {
				provision(t, c, "by-hand", "vend-r-1-g1")
			},
			inFlight: 2, foreign: 1, says: []string{"by-hand"},
		},
		"one of our products that nobody holds a place for": {
			before: func(t *testing.T, _ *sandbox.Sandbox, c *accountfactory.Client) {
				provision(t, c, "vend-r-1-g1", "vend-r-2-g1")
			},
			inFlight: 1, foreign: 1, says: []string{"2 products of this pipeline"},
		},
		"an order that failed": {
			before: func(t *testing.T, s *sandbox.Sandbox, c *accountfactory.Client) {
				s.World().Do(func() { s.World().FailRecord(world.RecordFault{Code: "X", Message: "x", Account: "created"}) })
				provision(t, c, "by-hand")
				time.Sleep(time.Hour)
			},
		},
		"an account that is enrolled by being moved": {
			before: func(_ *testing.T, s *sandbox.Sandbox, _ *accountfactory.Client) {
				s.World().Do(func() {
					s.World().Account("222222222204").Baseline = &world.Baseline{ARN: "arn", Version: "4.0", Status: "UNDER_CHANGE", Drift: "IN_SYNC"}
				})
			},
			inFlight: 1, foreign: 1, says: []string{"account 222222222204"},
		},
		"an organizational unit that is being registered": {
			before: func(t *testing.T, s *sandbox.Sandbox, _ *accountfactory.Client) {
				s.World().Do(func() {
					if _, err := s.World().Govern(s.World().Unit("ou-ab12-15555555"), "ENABLE_BASELINE", "4.0"); err != nil {
						t.Error(err)
					}
				})
			},
			wait: "ou-ab12-15555555",
		},
		"a landing zone that is being updated": {
			before: func(_ *testing.T, s *sandbox.Sandbox, _ *accountfactory.Client) {
				s.World().Do(func() { s.World().LandingZone.Status = "PROCESSING" })
			},
			wait: "landing zone",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, c := landingZone(t, "")
				if test.before != nil {
					test.before(t, s, c)
				}
				for range 12 { // the same all the while an order runs: before there is an account, and after
					foreign, what, err := c.Busy(t.Context(), test.inFlight)
					if test.wait != "" {
						if awstest.Verdict(err) != "wait" || !strings.Contains(err.Error(), test.wait) {
							t.Errorf("Busy: %v; want to wait for %s", err, test.wait)
						}
						return
					}
					if err != nil || foreign != test.foreign || len(what) != len(test.says) {
						t.Errorf("Busy = %d, %q, %v; want %d, %q", foreign, what, err, test.foreign, test.says)
					}
					for i, says := range test.says {
						if i < len(what) && !strings.Contains(what[i], says) {
							t.Errorf("%q does not name %s", what[i], says)
						}
					}
					time.Sleep(2 * time.Minute)
				}
			})
		})
	}
}
