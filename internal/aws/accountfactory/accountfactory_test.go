package accountfactory_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/accountfactory"
	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/sandbox"
)

func landingZone(t *testing.T, faults string) (*sandbox.Sandbox, *accountfactory.Client) {
	t.Helper()
	var o sandbox.Options
	if faults != "" {
		o.Faults = []byte(faults)
	}
	s, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s, accountfactory.New(awstest.Config(s.RoundTripper()), accountfactory.Options{})
}

var dev = account.OrganizationalUnit{ID: "ou-ab12-11111113", Name: "Dev", Path: "Workloads/Dev"}

func order(product, email string) accountfactory.OrderInput {
	return accountfactory.OrderInput{
		Product: product, Token: "order-" + product, Name: "Team A", Email: email, Unit: dev,
		User: account.User{Email: "developer@example.com", FirstName: "Dana", LastName: "Developer"},
	}
}

func calls(s *sandbox.Sandbox, operation string) int {
	known, _ := s.Calls()
	return known[operation]
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestOrderToTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := landingZone(t, "")
		if _, ok, err := c.Product(t.Context(), "vend-r-1-g1"); ok || err != nil {
			t.Fatalf("Product before the order: %v, %v", ok, err)
		}
		ordered := must[accountfactory.Record](t)(c.Order(t.Context(), order("vend-r-1-g1", "team-a@example.com")))
		if ordered.ID == "" || ordered.ProductID == "" || ordered.Type != "PROVISION_PRODUCT" || ordered.Status != "CREATED" || ordered.CreatedAt.IsZero() {
			t.Fatalf("the order's record is %+v", ordered)
		}
		again := must[accountfactory.Record](t)(c.Order(t.Context(), order("vend-r-1-g1", "team-a@example.com")))
		if again.ID != ordered.ID {
			t.Errorf("the same order twice has the records %s and %s", ordered.ID, again.ID)
		}

		time.Sleep(10 * time.Minute)
		searches := calls(s, "servicecatalog.SearchProvisionedProducts")
		p, ok, err := c.Product(t.Context(), "vend-r-1-g1")
		if err != nil || !ok || p.Status != "UNDER_CHANGE" || p.ID != ordered.ProductID || p.LastRecordID != ordered.ID || p.Token != "order-vend-r-1-g1" || p.AccountID != "" {
			t.Errorf("after ten minutes the product is %+v, %v, %v", p, ok, err)
		}
		if n := calls(s, "servicecatalog.SearchProvisionedProducts") - searches; n != 0 {
			t.Errorf("%d searches for a product under change, whose details say it all", n)
		}
		r, ok, err := c.Record(t.Context(), ordered.ID)
		if err != nil || !ok || r.Status != "IN_PROGRESS" || r.AccountID != "" {
			t.Errorf("after ten minutes the record is %+v, %v, %v", r, ok, err)
		}

		time.Sleep(20 * time.Minute)
		r, ok, err = c.Record(t.Context(), ordered.ID)
		if err != nil || !ok || r.Status != "SUCCEEDED" || len(r.AccountID) != 12 || r.ProductName != "vend-r-1-g1" {
			t.Errorf("in the end the record is %+v, %v, %v", r, ok, err)
		}
		p, ok, err = c.Product(t.Context(), "vend-r-1-g1")
		if err != nil || !ok || p.Status != "AVAILABLE" || p.AccountID != r.AccountID || p.LastSuccessfulRecordID != r.ID {
			t.Errorf("in the end the product is %+v, %v, %v", p, ok, err)
		}

		gone := must[accountfactory.Record](t)(c.Terminate(t.Context(), p.ID, "clear-vend-r-1-g1"))
		if gone.Type != "TERMINATE_PROVISIONED_PRODUCT" || gone.ID == r.ID {
			t.Errorf("the termination's record is %+v", gone)
		}
		time.Sleep(10 * time.Minute)
		if _, ok, err := c.Product(t.Context(), "vend-r-1-g1"); ok || err != nil {
			t.Errorf("Product after its termination: %v, %v", ok, err)
		}
		if r, ok, err := c.Record(t.Context(), gone.ID); err != nil || !ok || r.Status != "SUCCEEDED" || r.AccountID != "" {
			t.Errorf("the termination's record is %+v, %v, %v", r, ok, err)
		}
		if _, err := c.Terminate(t.Context(), p.ID, "clear-2"); awstest.Verdict(err) != "wait" {
			t.Errorf("terminating what is gone: %v, want to wait and look", err)
		}
		if _, ok, err := c.Record(t.Context(), "rec-nobody"); ok || err != nil {
			t.Errorf("Record of nobody: %v, %v", ok, err)
		}
		if n := calls(s, "servicecatalog.DescribeProduct"); n != 1 {
			t.Errorf("Account Factory was looked for %d times", n)
		}
		if _, unknown := s.Calls(); len(unknown) > 0 {
			t.Errorf("the sandbox does not know %v", unknown)
		}
	})
}

func TestFailedOrdersAreJudged(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		faults string
		email  string
		unit   account.OrganizationalUnit
		want   string
	}{
		"an e-mail that is in use elsewhere":     {email: "taken@example.com", unit: dev, want: "V2001 terminal"},
		"a unit that is not registered":          {email: "a@example.com", unit: account.OrganizationalUnit{ID: "ou-ab12-14444444", Name: "Legacy"}, want: "V2002"},
		"an enrollment without the role":         {email: "legacy-1@example.com", unit: dev, want: "V2006"},
		"an enrollment with a Config of its own": {email: "legacy-3@example.com", unit: dev, want: "V2006"}, // one thing at a time, says AWS
		"another operation": {
			email: "a@example.com", unit: dev, want: "wait",
			faults: `[{"operation":"servicecatalog.ProvisionProduct","nth":1,"times":1,"kind":"fail-record","code":"ResourceInUseException","message":"busy"}]`,
		},
		"something else": {
			email: "a@example.com", unit: dev, want: "V2011",
			faults: `[{"operation":"servicecatalog.ProvisionProduct","nth":1,"times":1,"kind":"fail-record","code":"InternalFailure","message":"the moon","account":"created"}]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, c := landingZone(t, test.faults)
				in := order("vend-r-2-g1", test.email)
				in.Unit = test.unit
				ordered := must[accountfactory.Record](t)(c.Order(t.Context(), in))
				time.Sleep(time.Hour)
				r, ok, err := c.Record(t.Context(), ordered.ID)
				if err != nil || !ok || r.Status != "FAILED" {
					t.Fatalf("the record is %+v, %v, %v; want FAILED", r, ok, err)
				}
				verdict := accountfactory.JudgeRecord(r.Errors)
				if got := awstest.Verdict(verdict); got != test.want {
					t.Errorf("%v is judged %q, want %q", r.Errors, got, test.want)
				}
				if len(r.Errors) == 0 || !strings.Contains(verdict.Error(), r.Errors[0].Description) && test.want != "wait" {
					t.Errorf("%q does not give AWS's words %v", verdict, r.Errors)
				}
				p, ok, err := c.Product(t.Context(), "vend-r-2-g1")
				if err != nil || !ok || p.Status != "ERROR" || p.LastSuccessfulRecordID != "" || p.StatusMessage == "" {
					t.Errorf("the product is %+v, %v, %v", p, ok, err)
				}
				if made := test.want == "V2011" || test.want == "V2006"; (p.AccountID != "") != made {
					t.Errorf("the product holds the account %q", p.AccountID)
				}
			})
		})
	}
}

func TestOrderWhoseNameIsTaken(t *testing.T) {
	t.Parallel()
	_, c := landingZone(t, "")
	first := must[accountfactory.Record](t)(c.Order(t.Context(), order("vend-r-3-g1", "a@example.com")))
	other := order("vend-r-3-g1", "b@example.com")
	other.Token = "order-other"
	if _, err := c.Order(t.Context(), other); awstest.Verdict(err) != "wait" {
		t.Errorf("%v, want to wait and look by name", err)
	}
	if p, ok, err := c.Product(t.Context(), "vend-r-3-g1"); !ok || err != nil || p.LastRecordID != first.ID {
		t.Errorf("by name it is %+v, %v, %v", p, ok, err)
	}
}

func TestOrderAfterTheVersionChanged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := landingZone(t, "")
		before := must[accountfactory.Factory](t)(c.Factory(t.Context()))
		s.World().Do(func() {
			if _, err := s.World().Govern(s.World().Unit("ou-ab12-14444444"), "ENABLE_BASELINE", "4.0"); err != nil {
				t.Error(err)
			}
			s.World().Unit("ou-ab12-14444444").Accounts = nil // none that could keep it from being registered
		})
		for range 4 { // within the ten minutes that the version is kept
			s.World().Advance(15 * time.Minute)
		}
		if kept := must[accountfactory.Factory](t)(c.Factory(t.Context())); kept != before {
			t.Fatal("the version was not kept, so this test shows nothing")
		}
		must[accountfactory.Record](t)(c.Order(t.Context(), order("vend-r-4-g1", "a@example.com")))
		if after := must[accountfactory.Factory](t)(c.Factory(t.Context())); after == before {
			t.Error("the version did not change, so this test shows nothing")
		}
		if n := calls(s, "servicecatalog.ProvisionProduct"); n != 2 {
			t.Errorf("%d orders, want one of the old version and one of the new", n)
		}
	})
}

// The active version is asked for every ten minutes, the product twice a day, and both where an order is refused for them.
func TestWhatIsKeptOfTheFactory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := landingZone(t, `[{"operation":"servicecatalog.ProvisionProduct","nth":1,"times":1,"kind":"error","code":"ResourceNotFoundException","status":400}]`)
		for _, step := range []struct {
			after              time.Duration
			products, versions int
			order              bool
		}{
			{0, 1, 1, false},
			{9 * time.Minute, 1, 1, false},
			{2 * time.Minute, 1, 2, false},
			{11 * time.Hour, 1, 3, false},
			{time.Minute, 2, 4, true},
			{time.Hour, 2, 5, false},
			{12 * time.Hour, 3, 6, false},
		} {
			time.Sleep(step.after)
			if step.order {
				_, _ = c.Order(t.Context(), order("vend-r-6-g1", "b@example.com")) // the same is found again: the refusal stands
			}
			must[accountfactory.Factory](t)(c.Factory(t.Context()))
			if p, v := calls(s, "servicecatalog.DescribeProduct"), calls(s, "servicecatalog.ListProvisioningArtifacts"); p != step.products || v != step.versions {
				t.Errorf("%s later the product was asked for %d times, its versions %d times; want %d, %d", step.after, p, v, step.products, step.versions)
			}
		}
	})
}

func TestLostAnswerIsNoVerdict(t *testing.T) {
	t.Parallel()
	s, c := landingZone(t, `[{"operation":"servicecatalog.ProvisionProduct","nth":1,"times":1,"kind":"drop-after-effect"}]`)
	if _, err := c.Order(t.Context(), order("vend-r-5-g1", "a@example.com")); awstest.Verdict(err) != "again" {
		t.Errorf("a lost answer is %v, want an error that is no verdict", err)
	}
	if n := calls(s, "servicecatalog.ProvisionProduct"); n != 1 {
		t.Errorf("%d attempts, want one", n)
	}
	if p, ok, err := c.Product(t.Context(), "vend-r-5-g1"); !ok || err != nil || p.LastRecordID == "" {
		t.Errorf("by name it is %+v, %v, %v", p, ok, err)
	}
}

func TestLandingZoneAndWhatItGoverns(t *testing.T) {
	t.Parallel()
	s, c := landingZone(t, "")
	z, ok, err := c.LandingZone(t.Context())
	want := accountfactory.LandingZone{
		ARN: z.ARN, Version: "3.3", Latest: z.Latest, Status: "ACTIVE", Drift: "IN_SYNC", GovernedRegions: []string{"us-east-1", "eu-west-1"},
		SharedAccounts: []string{"222222222101", "222222222102"},
	}
	if diff := cmp.Diff(want, z); diff != "" || !ok || err != nil || z.ARN == "" || z.Latest == "" {
		t.Errorf("%v, %v, -want +got:\n%s", ok, err, diff)
	}
	governed, err := c.Governed(t.Context())
	wantUnits := map[string]bool{
		"ou-ab12-10000001": true, "ou-ab12-11111111": true, "ou-ab12-11111112": true, "ou-ab12-11111113": true,
		"ou-ab12-12222222": true, "ou-ab12-13333331": true, "ou-ab12-13333332": true,
	}
	if diff := cmp.Diff(wantUnits, governed.Units); diff != "" || err != nil {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
	if governed.Accounts["222222222201"] || !governed.Accounts["222222222112"] {
		t.Errorf("enrolled are %v; want one of a registered unit, and none of Legacy", governed.Accounts)
	}
	for id, want := range map[string]bool{"222222222112": true, "222222222201": false} {
		var arn string
		s.World().Do(func() { arn = s.World().AccountARN(s.World().Account(id)) })
		if enrolled, err := c.Enrolled(t.Context(), arn); err != nil || enrolled != want {
			t.Errorf("account %s is enrolled: %v, %v", id, enrolled, err)
		}
	}
	if n := calls(s, "controltower.ListBaselines") + calls(s, "controltower.ListLandingZones"); n != 2 {
		t.Errorf("%d calls for what never changes, want two", n)
	}
}
