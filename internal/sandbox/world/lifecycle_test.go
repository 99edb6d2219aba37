package world_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vend-cli/vend/internal/sandbox/world"
)

// told is what matters in a lifecycle event.
type told struct {
	Event, Account, ID, Unit, UnitID, State, Message string
}

func listen(t *testing.T, w *world.World) *[]told {
	t.Helper()
	var heard []told
	w.OnEvent(func(e world.Event) {
		var detail struct {
			EventName           string
			ServiceEventDetails map[string]struct {
				Account            struct{ AccountName, AccountID string }
				OrganizationalUnit struct{ OrganizationalUnitName, OrganizationalUnitID string }
				State, Message     string
				RequestedTimestamp string
				CompletedTimestamp string
			}
		}
		if err := json.Unmarshal(e.Detail, &detail); err != nil {
			t.Error(err)
		}
		if e.Source != "aws.controltower" || e.DetailType != "AWS Service Event via CloudTrail" {
			t.Errorf("the event comes from %s as %s", e.Source, e.DetailType)
		}
		for _, s := range detail.ServiceEventDetails {
			heard = append(heard, told{
				Event: detail.EventName, Account: s.Account.AccountName, ID: s.Account.AccountID,
				Unit: s.OrganizationalUnit.OrganizationalUnitName, UnitID: s.OrganizationalUnit.OrganizationalUnitID,
				State: s.State, Message: s.Message,
			})
			for _, at := range []string{s.RequestedTimestamp, s.CompletedTimestamp} {
				if _, err := time.Parse("2006-01-02T15:04:05+0000", at); err != nil {
					t.Error(err)
				}
			}
		}
	})
	return &heard
}

func TestAccountOperationsTellOfTheirEnd(t *testing.T) {
	t.Parallel()
	const limit = `{"accounts":12}`
	for name, test := range map[string]struct {
		file  func(*testing.T) []byte
		order func(*world.World) world.Order
		fault *world.RecordFault
		want  []told
	}{
		"a new account": {
			order: func(w *world.World) world.Order { return order(w, "new", "new@example.com", dev) },
			want:  []told{{Event: "CreateManagedAccount", Account: "new", Unit: "Dev", UnitID: "ou-ab12-11111113", State: "SUCCEEDED"}},
		},
		"an existing account": {
			order: func(w *world.World) world.Order { return order(w, "legacy-4", "LEGACY-4@example.com", dev) },
			want: []told{{
				Event: "CreateManagedAccount", Account: "legacy-4", ID: "222222222204", Unit: "Dev", UnitID: "ou-ab12-11111113",
				State: "SUCCEEDED",
			}},
		},
		"an account that Control Tower knew": {
			order: func(w *world.World) world.Order { return order(w, "shop-prod", "shop-prod@example.com", dev) },
			want: []told{{
				Event: "UpdateManagedAccount", Account: "shop-prod", ID: "222222222111", Unit: "Dev", UnitID: "ou-ab12-11111113",
				State: "SUCCEEDED",
			}},
		},
		"no such unit": {
			order: func(w *world.World) world.Order { return order(w, "new", "new@example.com", "Nowhere") },
			want: []told{{
				Event: "CreateManagedAccount", Account: "new", ID: "Not Available", Unit: "Nowhere", UnitID: "Not Available", State: "FAILED",
				Message: "The parent organizational unit 'Nowhere' is not enrolled in AWS Control Tower.",
			}},
		},
		"an organization that is full": {
			file:  func(t *testing.T) []byte { return with(t, "quotas", limit) },
			order: func(w *world.World) world.Order { return order(w, "new", "new@example.com", dev) },
			want: []told{{
				Event: "CreateManagedAccount", Account: "new", ID: "Not Available", Unit: "Dev", UnitID: "ou-ab12-11111113", State: "FAILED",
				Message: "AWS Control Tower cannot create an account because you have reached the limit on the number of accounts in your organization",
			}},
		},
		"a fault after the account was created": {
			order: func(w *world.World) world.Order { return order(w, "new", "new@example.com", dev) },
			fault: &world.RecordFault{Code: "InternalFailure", Message: "boom", Account: "created"},
			want: []told{{
				Event: "CreateManagedAccount", Account: "new", Unit: "Dev", UnitID: "ou-ab12-11111113", State: "FAILED", Message: "boom",
			}},
		},
		"a failure of which nothing is told": {
			file:  func(t *testing.T) []byte { return with(t, "assumptions", `{"failed-event":true}`) },
			order: func(w *world.World) world.Order { return order(w, "new", "new@example.com", "Nowhere") },
		},
		"an event that lacks ids": {
			file:  func(t *testing.T) []byte { return with(t, "assumptions", `{"failed-event-not-available":true}`) },
			order: func(w *world.World) world.Order { return order(w, "new", "new@example.com", dev) },
			fault: &world.RecordFault{Code: "InternalFailure", Message: "boom", Account: "none"},
			want: []told{{
				Event: "CreateManagedAccount", Account: "new", Unit: "Dev", UnitID: "ou-ab12-11111113", State: "FAILED", Message: "boom",
			}},
		},
		"an enrollment that counts as an update": {
			file:  func(t *testing.T) []byte { return with(t, "assumptions", `{"enroll-event-name":true}`) },
			order: func(w *world.World) world.Order { return order(w, "legacy-4", "legacy-4@example.com", dev) },
			want: []told{{
				Event: "UpdateManagedAccount", Account: "legacy-4", ID: "222222222204", Unit: "Dev", UnitID: "ou-ab12-11111113",
				State: "SUCCEEDED",
			}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var file []byte
				if test.file != nil {
					file = test.file(t)
				}
				w := start(t, file)
				heard := listen(t, w)
				if test.fault != nil {
					w.Do(func() { w.FailRecord(*test.fault) })
				}
				r := provision(t, w, test.order(w))
				time.Sleep(time.Hour)
				w.Do(func() {})
				ignore := cmpopts.IgnoreFields(told{}, "Message")
				if r.Status == "FAILED" {
					ignore = cmp.Options{}
				}
				if a := w.AccountByEmail("new@example.com"); a != nil {
					test.want[0].ID = a.ID
				}
				if diff := cmp.Diff(test.want, *heard, ignore, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("events (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestRegistrationTellsOfItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := start(t, nil)
		heard := listen(t, w)
		w.Do(func() {
			for _, a := range w.Accounts() {
				a.ConfigRecorders, a.DeliveryChannels = nil, nil
			}
			legacy := w.Unit("ou-ab12-14444444")
			if _, err := w.Govern(legacy, "ENABLE_BASELINE", w.BaselineVersion()); err != nil {
				t.Fatal(err)
			}
		})
		time.Sleep(time.Hour)
		w.Do(func() {
			for _, a := range w.Unit("ou-ab12-14444444").Accounts {
				if !a.Enrolled() || !a.HasRole("AWSControlTowerExecution") {
					t.Errorf("account %s is not enrolled", a.Name)
				}
			}
		})
		want := []told{{
			Event: "RegisterOrganizationalUnit", Unit: "Legacy", UnitID: "ou-ab12-14444444", State: "SUCCEEDED",
			Message: "AWS Control Tower successfully registered an organizational unit.",
		}}
		if diff := cmp.Diff(want, *heard); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

func TestAutoEnrollment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := start(t, with(t, "landingZone.autoEnroll", "true"))
		heard := listen(t, w)
		move := func(id, to string) {
			w.Do(func() {
				a := w.Account(id)
				if err := w.Move(a, a.Parent, w.Unit(to)); err != nil {
					t.Fatal(err)
				}
			})
			time.Sleep(time.Hour)
			w.Do(func() {})
		}
		move("222222222201", "ou-ab12-11111113")
		if a := w.Account("222222222201"); !a.Enrolled() || !a.HasRole("AWSControlTowerExecution") {
			t.Errorf("moving into a registered unit did not enroll the account: %+v", a)
		}
		move("222222222203", "ou-ab12-11111113")
		if a := w.Account("222222222203"); a.Enrolled() {
			t.Error("an account with a Config recorder was enrolled")
		}
		move("222222222201", "r-ab12")
		if a := w.Account("222222222201"); a.Baseline != nil || a.HasRole("AWSControlTowerExecution") {
			t.Errorf("moving to the root did not unenroll the account: %+v", a)
		}
		var states []string
		for _, e := range *heard {
			states = append(states, e.Event+" "+e.ID+" "+e.State)
		}
		want := []string{"CreateManagedAccount 222222222201 SUCCEEDED", "CreateManagedAccount 222222222203 FAILED"}
		if diff := cmp.Diff(want, states); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

func TestAutoEnrollmentMayBeSilent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		file := bytes.Replace(with(t, "landingZone.autoEnroll", "true"), []byte(`"assumptions":{}`), []byte(`"assumptions":{"auto-enroll-event":true}`), 1)
		w := start(t, file)
		heard := listen(t, w)
		w.Do(func() {
			a := w.Account("222222222201")
			if err := w.Move(a, a.Parent, w.Unit("ou-ab12-11111113")); err != nil {
				t.Fatal(err)
			}
		})
		time.Sleep(time.Hour)
		w.Do(func() {})
		if !w.Account("222222222201").Enrolled() || len(*heard) > 0 {
			t.Errorf("the account was not enrolled, or something was told: %v", *heard)
		}
	})
}

func TestAdvance(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := start(t, nil)
		r := provision(t, w, order(w, "new", "new@example.com", dev))
		began := time.Now()
		w.Advance(12 * time.Minute)
		if r.Status != "IN_PROGRESS" {
			t.Errorf("after 12 minutes the record is %s", r.Status)
		}
		w.Advance(13 * time.Minute)
		if r.Status != "SUCCEEDED" {
			t.Errorf("after 12 and 13 minutes the record is %s", r.Status)
		}
		if r.Updated.After(began) {
			t.Errorf("the record was updated at %v, which is yet to come at %v", r.Updated, began)
		}
	})
}
