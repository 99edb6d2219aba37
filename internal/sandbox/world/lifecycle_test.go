package world_test

import (
	"bytes"
	"encoding/json"
	"strings"
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

// TestAccountsOfAUnitAreEnrolledOneAfterTheOther looks at a registration while it runs, and at one with an account that cannot
// be enrolled.
func TestAccountsOfAUnitAreEnrolledOneAfterTheOther(t *testing.T) {
	t.Parallel()
	statuses := func(w *world.World) string {
		var all []string
		w.Do(func() {
			for _, a := range w.Unit("ou-ab12-14444444").Accounts {
				status := "-"
				if a.Baseline != nil {
					status = a.Baseline.Status
				}
				all = append(all, status)
			}
			all = append(all, w.Unit("ou-ab12-14444444").Baseline.Status)
		})
		return strings.Join(all, " ")
	}
	govern := func(t *testing.T, w *world.World) {
		w.Do(func() {
			if _, err := w.Govern(w.Unit("ou-ab12-14444444"), "ENABLE_BASELINE", w.BaselineVersion()); err != nil {
				t.Fatal(err)
			}
		})
	}
	for name, test := range map[string]struct {
		assumptions string
		mended      bool
		want        []string // after 9, 13 and 60 minutes
	}{
		"all fit": {`{}`, true, []string{
			"- - - - - UNDER_CHANGE", "SUCCEEDED UNDER_CHANGE UNDER_CHANGE UNDER_CHANGE UNDER_CHANGE UNDER_CHANGE",
			"SUCCEEDED SUCCEEDED SUCCEEDED SUCCEEDED SUCCEEDED SUCCEEDED",
		}},
		"one is not fit": {`{}`, false, []string{"- - - - - UNDER_CHANGE", "- - - - - FAILED", "- - - - - FAILED"}},
		"one is not fit, and the others do not mind": {`{"register-fit-accounts":true}`, false, []string{
			"- - - - - UNDER_CHANGE", "SUCCEEDED UNDER_CHANGE UNDER_CHANGE UNDER_CHANGE UNDER_CHANGE UNDER_CHANGE",
			"SUCCEEDED SUCCEEDED FAILED SUCCEEDED SUCCEEDED FAILED",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := start(t, with(t, "assumptions", test.assumptions))
				if test.mended {
					w.Do(func() { a := w.Account("222222222203"); a.ConfigRecorders, a.DeliveryChannels = nil, nil })
				}
				govern(t, w)
				var got []string
				for _, wait := range []time.Duration{9 * time.Minute, 4 * time.Minute, 47 * time.Minute} {
					time.Sleep(wait)
					got = append(got, statuses(w))
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("statuses (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestWhatStandsInTheWayOfAnEnrollment orders the enrollment of an account that lacks something, or has too much.
func TestWhatStandsInTheWayOfAnEnrollment(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		assumptions string
		change      func(*world.World, *world.Account)
		want        string // in the record's error; empty: it succeeds
	}{
		"nothing": {`{}`, func(*world.World, *world.Account) {}, ""},
		"a role that trusts somebody else": {`{}`, func(_ *world.World, a *world.Account) {
			a.Role("AWSControlTowerExecution").Trust = `{"Statement":{"Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":"sts:AssumeRole"}}`
		}, "unable to assume the AWSControlTowerExecution role"},
		"a role that may nothing": {`{}`, func(_ *world.World, a *world.Account) { a.Role("AWSControlTowerExecution").Policies = nil }, "unable to assume"},
		"a delivery channel":      {`{}`, func(_ *world.World, a *world.Account) { a.DeliveryChannels = []string{"us-east-1"} }, "delivery channel because one already exists"},
		"a recorder elsewhere":    {`{}`, func(_ *world.World, a *world.Account) { a.ConfigRecorders = []string{"eu-north-1"} }, ""},
		"an authorization":        {`{}`, func(_ *world.World, a *world.Account) { a.Aggregations = []string{"us-east-1"} }, "aggregation authorization because one already exists"},
		"a recorder that was put later": {`{}`, func(_ *world.World, a *world.Account) {
			a.PutRecorder(world.ConfigSetting{Region: "eu-west-1", Name: "mine"})
		}, "configuration recorder because one already exists"},
		"an authorization of another account": {`{}`, func(w *world.World, a *world.Account) {
			w.Authorize(a, "eu-west-1", "222222222102", "us-east-1")
		}, "aggregation authorization because one already exists"},
		"an authorization that was taken back": {`{}`, func(w *world.World, a *world.Account) {
			w.Authorize(a, "eu-west-1", "222222222102", "us-east-1")
			w.Unauthorize(a, "eu-west-1", "222222222102", "us-east-1")
		}, ""},
		"a denied Region":         {`{}`, func(_ *world.World, a *world.Account) { a.DeniedRegions = []string{"eu-west-1"} }, "failed to deploy one or more stack set instances"},
		"STS that is not active":  {`{}`, func(_ *world.World, a *world.Account) { a.InactiveSTS = []string{"eu-west-1"} }, "role can't be assumed"},
		"the same, and no matter": {`{"sts-inactive-enrolls":true}`, func(_ *world.World, a *world.Account) { a.InactiveSTS = []string{"eu-west-1"} }, ""},
		"a role of Control Tower": {`{}`, func(_ *world.World, a *world.Account) { a.AddRole("aws-controltower-ConfigRecorderRole") }, "because the role already exists"},
		"a log group of it": {`{}`, func(_ *world.World, a *world.Account) {
			a.LogGroups = []world.Regional{{Name: "/aws/lambda/aws-controltower-NotificationForwarder", Region: "us-east-1"}}
		}, "because the log group already exists"},
		"a topic of it, adopted": {`{"remnants-are-adopted":true}`, func(_ *world.World, a *world.Account) {
			a.Topics = []world.Regional{{Name: "aws-controltower-SecurityNotifications", Region: "us-east-1"}}
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := start(t, with(t, "assumptions", test.assumptions))
				w.Do(func() { test.change(w, w.Account("222222222204")) })
				r := provision(t, w, order(w, "legacy-4", "legacy-4@example.com", dev))
				time.Sleep(time.Hour)
				w.Do(func() {
					switch {
					case test.want == "" && r.Status != "SUCCEEDED":
						t.Errorf("the record is %s: %v", r.Status, r.Errors)
					case test.want != "" && (r.Status != "FAILED" || !strings.Contains(r.Errors[0].Description, test.want)):
						t.Errorf("the record is %s: %v, want %q", r.Status, r.Errors, test.want)
					case test.want != "" && w.AccountFactory.Product("", r.ProductName).Status != "ERROR":
						t.Error("the product is not in ERROR")
					}
				})
			})
		})
	}
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
