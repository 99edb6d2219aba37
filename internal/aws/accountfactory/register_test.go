package accountfactory_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/awstest"
)

func TestAUnitIsRegisteredOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := landingZone(t, "")
		w := s.World()
		arn, member := "", ""
		w.Do(func() {
			w.Account("222222222203").ConfigRecorders, w.Account("222222222203").DeliveryChannels = nil, nil
			a := w.Account("222222222201")
			arn, member = w.UnitARN(a.Parent), w.AccountARN(a)
		})
		first, err := c.Register(t.Context(), arn)
		if err != nil || first.Ended || first.Operation == "" {
			t.Fatalf("registration %+v, %v", first, err)
		}
		again, err := c.Register(t.Context(), arn)
		if err != nil || again.Operation != first.Operation {
			t.Errorf("asked twice it is %+v, %v; want operation %s", again, err, first.Operation)
		}
		if state, err := c.Enrollment(t.Context(), member); err != nil || state == account.EnrollmentSucceeded {
			t.Errorf("an account is %q, %v, before the unit is registered", state, err)
		}
		time.Sleep(12 * time.Hour)
		last, err := c.Registered(t.Context(), first.Operation)
		if err != nil || !last.Ended || last.Failed {
			t.Errorf("it ends %+v, %v", last, err)
		}
		if state, err := c.Enrollment(t.Context(), member); err != nil || state != account.EnrollmentSucceeded {
			t.Errorf("an account of the unit is %q, %v", state, err)
		}
		if done, err := c.Register(t.Context(), arn); err != nil || !done.Ended {
			t.Errorf("a unit that is registered: %+v, %v", done, err)
		}
		calls, _ := s.Calls()
		if calls["controltower.EnableBaseline"] != 1 || calls["controltower.ResetEnabledBaseline"] != 0 {
			t.Errorf("calls %v", calls)
		}
	})
}

func TestErrorsOfRegisteringAreJudged(t *testing.T) {
	t.Parallel()
	_, c := landingZone(t, "")
	if _, err := c.Register(t.Context(), "arn:aws:organizations::111111111111:ou/o-abcdefghij/ou-ab12-99999999"); awstest.Verdict(err) == "fine" {
		t.Error("a unit that there is not is registered")
	}
}
