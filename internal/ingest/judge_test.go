package ingest_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/sandbox"
)

func TestRowsAgainstTheOrganizationAndTheSettings(t *testing.T) {
	t.Parallel()
	nothing := func(*account.Settings) {}
	for name, test := range map[string]struct {
		row      string
		settings func(*account.Settings)
		want     string // disposition and code
	}{
		"a unit by its path":            {"one,one@example.com,Workloads/Prod", nothing, "added"},
		"by its id":                     {"one,one@example.com,ou-ab12-11111112", nothing, "added"},
		"by name and id":                {"one,one@example.com,Prod (ou-ab12-11111112)", nothing, "added"},
		"by a name that two bear":       {"one,one@example.com,Prod", nothing, "rejected V1402"},
		"by a name that nobody bears":   {"one,one@example.com,Prd", nothing, "rejected V1401"},
		"by the root":                   {"one,one@example.com,r-ab12", nothing, "rejected V1206"},
		"a unit that is not registered": {"one,one@example.com,Legacy", nothing, "rejected V1403"},
		"an excluded unit":              {"one,one@example.com,Sandbox", func(s *account.Settings) { s.Policy.ExcludedOrganizationalUnits = []string{"Sandbox"} }, "rejected V1412"},
		"a unit below an excluded one":  {"one,one@example.com,Platform/Prod", func(s *account.Settings) { s.Policy.ExcludedOrganizationalUnits = []string{"ou-ab12-13333331"} }, "rejected V1412"},
		"a unit beside an excluded one": {"one,one@example.com,Workloads/Prod", func(s *account.Settings) { s.Policy.ExcludedOrganizationalUnits = []string{"Platform/Prod"} }, "added"},
		"an allowed unit":               {"one,one@example.com,Sandbox", func(s *account.Settings) { s.Policy.AllowedOrganizationalUnits = []string{"Sandbox"} }, "added"},
		"one that is not allowed":       {"one,one@example.com,Platform", func(s *account.Settings) { s.Policy.AllowedOrganizationalUnits = []string{"Sandbox"} }, "rejected V1411"},
		"an allowed domain":             {"one,one@EXAMPLE.com,Sandbox", func(s *account.Settings) { s.Policy.AllowedEmailDomains = []string{"example.com"} }, "added"},
		"one that is not allowed, by e-mail": {
			"one,one@sub.example.com,Sandbox", func(s *account.Settings) { s.Policy.AllowedEmailDomains = []string{"example.com"} }, "rejected V1410",
		},

		"an e-mail of the organization":             {"one,shop-prod@example.com,Sandbox", nothing, "rejected V1404"},
		"in other letters":                          {"one,SHOP-prod@example.com,Sandbox", nothing, "rejected V1404"},
		"of a suspended account":                    {"one,closed-1@example.com,Sandbox", nothing, "rejected V1404"},
		"of the management account":                 {"one,aws-management@example.com,Sandbox", nothing, "rejected V1404"},
		"of an account in the root":                 {"one,forgotten@example.com,Sandbox", nothing, "rejected V1404"},
		"an e-mail that the file alone shows wrong": {"one,bad,Sandbox", nothing, "rejected V1203"},

		"an account that exists":              {",,Sandbox,,,222222222201", nothing, "added"},
		"with its name and e-mail":            {"legacy-1,LEGACY-1@example.com,Sandbox,,,222222222201", nothing, "added"},
		"with another name":                   {"legacy,,Sandbox,,,222222222201", nothing, "rejected V1408"},
		"with another e-mail":                 {",other@example.com,Sandbox,,,222222222201", nothing, "rejected V1409"},
		"one that does not":                   {",,Sandbox,,,999999999999", nothing, "rejected V1407"},
		"one that is suspended":               {",,Sandbox,,,222222222301", nothing, "rejected V1416"},
		"the management account":              {",,Sandbox,,,111111111111", nothing, "rejected V1414"},
		"one of the landing zone itself":      {",,Security,,,222222222102", nothing, "rejected V1415"},
		"one in the root":                     {",,Sandbox,,,222222222299", nothing, "rejected V1420"},
		"one that is enrolled, there":         {",,Workloads/Dev,,,222222222112", nothing, "added"},
		"one that is enrolled, elsewhere":     {",,Sandbox,,,222222222112", nothing, "rejected V1419"},
		"enrolled, so it needs no user":       {",,Workloads/Dev,,,222222222112", func(s *account.Settings) { s.Enrollment.User = account.User{} }, "added"},
		"one that is in an excluded unit":     {",,Sandbox,,,222222222201", func(s *account.Settings) { s.Policy.ExcludedOrganizationalUnits = []string{"Legacy"} }, "rejected V1412"},
		"without a user for it":               {",,Sandbox,,,222222222201", func(s *account.Settings) { s.Enrollment.User = account.User{} }, "rejected V1417"},
		"domains are for new accounts":        {",,Sandbox,,,222222222201", func(s *account.Settings) { s.Policy.AllowedEmailDomains = []string{"other.com"} }, "added"},
		"its unit is held against the policy": {",,Sandbox,,,222222222201", func(s *account.Settings) { s.Policy.ExcludedOrganizationalUnits = []string{"Sandbox"} }, "rejected V1412"},

		"a permission set that does not exist":   {"one,one@example.com,Sandbox,ReadOnly/Auditors", nothing, "rejected V1405"},
		"a group that does not exist yet":        {"one,one@example.com,Sandbox,AWSReadOnlyAccess/Later", nothing, "added"},
		"a denied permission set":                {"one,one@example.com,Sandbox,AdministratorAccess/Auditors", denyAdmin, "rejected V1413"},
		"in other letters, which it is not":      {"one,one@example.com,Sandbox,administratoraccess/Auditors", denyAdmin, "rejected V1405"},
		"for a group that does not exist":        {"one,one@example.com,Sandbox,AdministratorAccess/Later", denyAdmin, "rejected V1413"},
		"another permission set":                 {"one,one@example.com,Sandbox,AWSReadOnlyAccess/Auditors", denyAdmin, "added"},
		"a denied permission set nobody has yet": {"one,one@example.com,Sandbox,AWSReadOnlyAccess/Auditors", func(s *account.Settings) { s.Policy.DeniedPermissionSets = []string{"Later"} }, "added"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				test.settings(&h.settings)
				id := h.upload("incoming/x.csv", list("first,first@example.com,Workloads/Dev", test.row))
				got := h.dispositions(id)
				if len(got) != 2 || got[1] != "3 "+test.want {
					t.Errorf("rows %v, want 3 %s", got, test.want)
				}
			})
		})
	}
}

func denyAdmin(s *account.Settings) {
	s.Policy.DeniedPermissionSets = []string{"AdministratorAccess"}
}

// A permission set that is denied by its name is denied by its ARN, too, and the other way round.
func TestADeniedPermissionSetByItsARN(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		arn := h.permissionSet("AdministratorAccess")
		h.settings.Policy.DeniedPermissionSets = []string{"AdministratorAccess"}
		if got := h.dispositions(h.upload("incoming/x.csv", list("one,one@example.com,Sandbox,"+arn+"/Auditors"))); got[0] != "2 rejected V1413" {
			t.Errorf("denied by name, asked for by ARN: %v", got)
		}
		h.settings.Policy.DeniedPermissionSets = []string{arn}
		if got := h.dispositions(h.upload("incoming/y.csv", list("one,one@example.com,Sandbox,AdministratorAccess/Auditors"))); got[0] != "2 rejected V1413" {
			t.Errorf("denied by ARN, asked for by name: %v", got)
		}
	})
}

func (h *house) permissionSet(name string) string {
	h.t.Helper()
	client := ssoadmin.NewFromConfig(*h.aws)
	instances, err := client.ListInstances(h.t.Context(), &ssoadmin.ListInstancesInput{})
	if err != nil {
		h.t.Fatal(err)
	}
	sets, err := client.ListPermissionSets(h.t.Context(), &ssoadmin.ListPermissionSetsInput{InstanceArn: instances.Instances[0].InstanceArn})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, arn := range sets.PermissionSets {
		set, err := client.DescribePermissionSet(h.t.Context(), &ssoadmin.DescribePermissionSetInput{InstanceArn: instances.Instances[0].InstanceArn, PermissionSetArn: &arn})
		if err != nil {
			h.t.Fatal(err)
		}
		if *set.PermissionSet.Name == name {
			return arn
		}
	}
	h.t.Fatalf("no permission set %s", name)
	return ""
}

func TestDefaultAssignments(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.settings.Defaults = account.Defaults{
			Assignments: []string{"AWSReadOnlyAccess/Auditors"},
			OrganizationalUnits: map[string]account.UnitDefaults{
				"Workloads/Prod":   {Assignments: []string{"AdministratorAccess/Platform Team; AdministratorAccess/user:operator@example.com"}},
				"ou-ab12-12222222": {Assignments: []string{"AWSReadOnlyAccess/Nobody yet"}},
			},
		}
		h.upload("incoming/x.csv", list(
			"dev,dev@example.com,Workloads/Dev",
			"prod,prod@example.com,Workloads/Prod,AWSAdministratorAccess/Platform Team",
			"twice,twice@example.com,Workloads/Prod,AWSReadOnlyAccess/Auditors; AdministratorAccess/Platform Team",
			"byid,byid@example.com,Workloads/Dev,"+h.permissionSet("AWSReadOnlyAccess")+"/Auditors",
			"sandbox,sandbox@example.com,Sandbox",
			",,Workloads/Prod,,,222222222201",
		))
		const read, admin, operator = "AWSReadOnlyAccess/Auditors", "AdministratorAccess/Platform Team", "AdministratorAccess/user:operator@example.com"
		for email, want := range map[string][]string{
			"dev@example.com":      {read},
			"prod@example.com":     {"AWSAdministratorAccess/Platform Team", read, admin, operator},
			"twice@example.com":    {read, admin, operator},
			"byid@example.com":     {h.permissionSet("AWSReadOnlyAccess") + "/Auditors"},
			"sandbox@example.com":  {read, "AWSReadOnlyAccess/Nobody yet"},
			"legacy-1@example.com": {read, admin, operator},
		} {
			var got []string
			for _, a := range h.request(email).Assignments {
				got = append(got, a.String())
				if a.State != account.AssignmentPending || a.PermissionSetARN == "" || (a.PrincipalID == "") != (a.Principal == "Nobody yet") {
					t.Errorf("%s: %+v", email, a)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, -want +got:\n%s", email, diff)
			}
		}
	})
}

// A setting that names what nobody has is told by the batch, which waits until it is mended; no row is judged by it.
func TestSettingsThatAreWrong(t *testing.T) {
	t.Parallel()
	for name, wrong := range map[string]func(*account.Settings){
		"an allowed unit that nobody has":    func(s *account.Settings) { s.Policy.AllowedOrganizationalUnits = []string{"Nowhere"} },
		"an excluded unit that is ambiguous": func(s *account.Settings) { s.Policy.ExcludedOrganizationalUnits = []string{"Prod"} },
		"defaults of a unit that nobody has": func(s *account.Settings) {
			s.Defaults.OrganizationalUnits = map[string]account.UnitDefaults{"Nowhere": {}}
		},
		"defaults that can't be understood":   func(s *account.Settings) { s.Defaults.Assignments = []string{"AWSReadOnlyAccess"} },
		"a default permission set nobody has": func(s *account.Settings) { s.Defaults.Assignments = []string{"Nothing/Auditors"} },
		"defaults of a unit not understood": func(s *account.Settings) {
			s.Defaults.OrganizationalUnits = map[string]account.UnitDefaults{"Sandbox": {Assignments: []string{"x"}}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				good := h.settings
				wrong(&h.settings)
				u := h.put("incoming/x.csv", three)
				err := h.reader().Announce(t.Context(), u)
				var refused account.Refused
				if !errors.As(err, &refused) || refused.Code != "V3011" || !refused.Pause {
					t.Errorf("Announce: %v, want V3011", err)
				}
				b := h.batch(batchOf(u))
				if b.State != account.BatchReading || b.Failure == nil || b.Failure.Code != "V3011" || len(h.rows(b.ID)) != 0 {
					t.Errorf("the batch is %+v, its rows %v", b, h.rows(b.ID))
				}
				if err := h.reader().Announce(t.Context(), u); err != nil {
					t.Errorf("the same event again: %v", err)
				}
				h.settings = good
				time.Sleep(lease)
				h.proceed(b.ID)
				if b := h.batch(b.ID); b.State != account.BatchOpen || b.Failure != nil || b.Rows != 3 {
					t.Errorf("with the settings mended the batch is %+v", b)
				}
			})
		})
	}
}

// What AWS can't answer now is no verdict on any row: the batch goes on later.
func TestAWSThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{
		"organizations.ListAccounts", "sso.ListPermissionSets", "identitystore.GetGroupId", "s3.GetObject", "dynamodb.BatchGetItem",
	} {
		for _, code := range []string{"ThrottlingException", "AccessDeniedException", "InternalFailure"} {
			t.Run(operation+" "+code, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					h := newHouse(t)
					u := h.put("incoming/x.csv", list(asIs, "two,two@example.com,Sandbox"))
					down := true
					h.box.Intercept(func(r sandbox.Request) sandbox.Verdict {
						if down && r.Operation == operation && !r.Done {
							return sandbox.Verdict{Code: code, Status: map[string]int{"InternalFailure": 500, "AccessDeniedException": 403}[code]}
						}
						return sandbox.Verdict{}
					})
					if err := h.reader().Announce(t.Context(), u); err == nil {
						t.Error("nothing has gone wrong")
					}
					down = false
					if operation == "s3.GetObject" {
						h.sweep()
					}
					h.finish(batchOf(u))
					if diff := cmp.Diff([]string{"2 added", "3 added"}, h.dispositions(batchOf(u))); diff != "" {
						t.Errorf("-want +got:\n%s", diff)
					}
					if f := h.batch(batchOf(u)).Failure; f != nil {
						t.Errorf("the batch still tells of %+v", f)
					}
				})
			})
		}
	}
}

// finish goes on with a batch until it is read.
func (h *house) finish(id string) {
	h.t.Helper()
	for range 20 {
		if h.batch(id).State != account.BatchReading {
			return
		}
		if _, err := h.reader().Continue(h.t.Context(), id); err != nil && !errors.Is(err, account.ErrStale) {
			h.t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
	}
	h.t.Errorf("batch %s is not read", id)
}

// An enrollment goes by the name and the e-mail that Organizations knows, to the letter: Account Factory would make a new
// account of anything else.
func TestAnEnrollmentIsByTheOrganizationsWords(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]string{
		"the row names neither":          ",,Sandbox,,,222222222204",
		"the row has other letters":      "legacy-4,LEGACY-4@EXAMPLE.COM,Sandbox,,,222222222204",
		"a newer row without an account": "another-name,legacy-4@example.com,Workloads/Dev",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				if name == "a newer row without an account" {
					h.upload("incoming/x.csv", list(",,Sandbox,,,222222222204"))
				}
				h.upload("incoming/x.csv", list(row))
				r := h.request("legacy-4@example.com")
				if r.Kind != account.Enroll || r.Name != "legacy-4" || r.Email != "Legacy-4@example.com" || r.AccountID != "222222222204" {
					t.Errorf("the request is to %s %q, %s as %s", r.Kind, r.Name, r.Email, r.AccountID)
				}
			})
		})
	}
}
