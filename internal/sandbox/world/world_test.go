package world_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox/world"
	"github.com/vend-cli/vend/samples"
)

func start(t *testing.T, file []byte) *world.World {
	t.Helper()
	w, err := world.New(file, 1, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// with is the default world file with a member of it replaced.
func with(t *testing.T, path, value string) []byte {
	t.Helper()
	var file, into any
	if err := json.Unmarshal(samples.LandingZone, &file); err != nil {
		t.Fatal(err)
	}
	into = file
	names := strings.Split(path, ".")
	for _, name := range names[:len(names)-1] {
		into = into.(map[string]any)[name]
	}
	into.(map[string]any)[names[len(names)-1]] = json.RawMessage(value)
	b, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func state(t *testing.T, w *world.World) string {
	t.Helper()
	var b []byte
	var err error
	w.Do(func() { b, err = json.MarshalIndent(w.State(), "", " ") })
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func order(w *world.World, name, email, unit string) world.Order {
	artifacts := w.AccountFactory.Artifacts
	return world.Order{
		Name: name, Token: "token-" + name, Artifact: artifacts[len(artifacts)-1], User: w.Caller(""),
		Parameters: map[string]string{
			"AccountName": name, "AccountEmail": email, "ManagedOrganizationalUnit": unit,
			"SSOUserEmail": "new.user@example.com", "SSOUserFirstName": "New", "SSOUserLastName": "User",
		},
	}
}

const dev = "Dev (ou-ab12-11111113)"

func provision(t *testing.T, w *world.World, o world.Order) (r *world.Record) {
	t.Helper()
	var err error
	w.Do(func() { r, err = w.Provision(o) })
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestDefaultWorldHoldsWhatIsPromised(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	paths := map[string]*world.Unit{}
	for u := range w.Root.All() {
		path := u.Name
		for at := u.Parent; at != nil && at.Parent != nil; at = at.Parent {
			path = at.Name + "/" + path
		}
		paths[path] = u
	}
	for path, registered := range map[string]bool{
		"Workloads": true, "Workloads/Prod": true, "Workloads/Dev": true, "Sandbox": true, "Platform/Prod": true, "Security": true,
		"Legacy": false,
	} {
		if u := paths[path]; u == nil || u.Registered() != registered {
			t.Errorf("unit %s: got %v, want one that is registered: %v", path, u, registered)
		}
	}
	recorders, suspended := 0, 0
	for _, a := range paths["Legacy"].Accounts {
		recorders += len(a.ConfigRecorders)
	}
	for _, a := range w.Accounts() {
		if a.State == "SUSPENDED" {
			suspended++
		}
	}
	got := []int{len(paths["Legacy"].Accounts), recorders, suspended, len(w.Root.Accounts)}
	if diff := cmp.Diff([]int{5, 1, 1, 2}, got); diff != "" {
		t.Errorf("accounts in Legacy, with a recorder, suspended, in the root with the management account (-want +got):\n%s", diff)
	}
	for _, name := range []string{"Platform Team", "Auditors"} {
		if w.IdentityCenter.GroupNamed(name) == nil {
			t.Errorf("there is no group %s", name)
		}
	}
	for _, name := range []string{"Log Archive", "Audit"} {
		found := false
		for _, a := range paths["Security"].Accounts {
			found = found || (a.Name == name && a.Enrolled())
		}
		if !found {
			t.Errorf("there is no enrolled account %s in Security", name)
		}
	}
}

func TestStateIsAWorldFile(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	w, err := world.New(nil, 1, func() time.Time { return at })
	if err != nil {
		t.Fatal(err)
	}
	provision(t, w, order(w, "vended", "vended@example.com", dev))
	provision(t, w, order(w, "legacy-1", "legacy-1@example.com", dev))
	at = at.Add(30 * time.Minute)
	w.Do(func() {
		if err := w.CloseAccount(w.Account("222222222112")); err != nil {
			t.Error(err)
		}
		if err := w.Move(w.Account("222222222111"), w.Account("222222222111").Parent, w.Root); err != nil {
			t.Error(err)
		}
		w.IdentityCenter.DeleteGroup(w.IdentityCenter.GroupNamed("Auditors"))
	})
	first := state(t, w)
	again, err := world.New([]byte(first), 1, func() time.Time { return at })
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, state(t, again)); diff != "" {
		t.Errorf("the state of a world that was made of a state (-first +again):\n%s", diff)
	}
	for _, want := range []string{`"vended@example.com"`, `"PENDING_CLOSURE"`, `"ERROR"`, `"AVAILABLE"`} {
		if !strings.Contains(first, want) {
			t.Errorf("the state lacks %s:\n%s", want, first)
		}
	}
}

func TestOperationsGoOnWhereAStateWasTaken(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{0, time.Minute, 3 * time.Minute, 10 * time.Minute, 24 * time.Minute} {
		t.Run(after.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := start(t, nil)
				r := provision(t, w, order(w, "vended", "vended@example.com", dev))
				time.Sleep(after)
				again := start(t, []byte(state(t, w)))
				time.Sleep(40 * time.Minute)
				again.Do(func() {
					if got := again.AccountFactory.Record(r.ID); got.Status != "SUCCEEDED" {
						t.Errorf("the record is %s %v", got.Status, got.Errors)
					}
					if a := again.AccountByEmail("vended@example.com"); a == nil || a.Parent.NameAndID() != dev || !a.Enrolled() {
						t.Errorf("the account is %+v", a)
					}
				})
			})
		})
	}
}

func TestIDsDoNotDependOnWhatElseThereIs(t *testing.T) {
	t.Parallel()
	const file = `{"managementAccount":{"id":"111111111111","email":"m@example.com"},"region":"eu-west-1",
	 "root":{"organizationalUnits":[%{"name":"Dev","registered":true,"accounts":[{"name":"a","email":"a@example.com"}]}]},
	 "identityCenter":{"groups":[{"name":"Auditors"}],"permissionSets":[{"name":"P"}]}}`
	ids := func(file string) []string {
		w := start(t, []byte(file))
		dev := w.Root.Units[len(w.Root.Units)-1]
		return []string{w.Root.ID, dev.ID, dev.Accounts[0].ID, w.IdentityCenter.Groups[0].ID, w.IdentityCenter.PermissionSets[0].ARN}
	}
	short := ids(strings.Replace(file, "%", "", 1))
	long := ids(strings.Replace(file, "%", `{"name":"Other","accounts":[{"name":"b","email":"b@example.com"}]},`, 1))
	if diff := cmp.Diff(short, long); diff != "" {
		t.Errorf("ids changed when something else was added (-without +with):\n%s", diff)
	}
}

func TestWorldFilesAreReadStrictly(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file []byte
		want []string
	}{
		"an unknown member":                 {with(t, "landingZone.regions", `[]`), []string{"landingZone.regions: unknown member", "governedRegions"}},
		"an unknown member far inside":      {with(t, "root.accounts", `[{"name":"a","emial":"a@example.com"}]`), []string{"root.accounts[0].emial", "email"}},
		"a member of the wrong kind":        {with(t, "region", `7`), []string{"line 1", "region is a number", "string"}},
		"broken JSON":                       {[]byte("{\n \"region\": \"us-east-1\",,\n}"), []string{"line 2"}},
		"an empty file":                     {[]byte(" "), []string{"line 1", "too early"}},
		"something after the world":         {append(with(t, "region", `"us-east-1"`), "{}"...), []string{"one JSON object"}},
		"a time span without a unit":        {with(t, "timing.provision", `"25"`), []string{"timing.provision", "25m"}},
		"an assumption that nobody makes":   {with(t, "assumptions", `{"no-such":true}`), []string{"assumptions.no-such", "bare-ou-name"}},
		"a bad account id":                  {with(t, "managementAccount.id", `"1"`), []string{"managementAccount.id", "twelve digits"}},
		"an address given twice":            {with(t, "root.accounts", `[{"name":"a","email":"LEGACY-1@example.com"}]`), []string{"legacy-1@example.com", "given twice"}},
		"an account id given twice":         {with(t, "root.accounts", `[{"name":"a","email":"a@example.com","id":"222222222201"}]`), []string{"222222222201", "given twice"}},
		"an unknown state of an account":    {with(t, "root.accounts", `[{"name":"a","email":"a@example.com","state":"GONE"}]`), []string{"root.accounts[0].state", "ACTIVE"}},
		"units of one name side by side":    {with(t, "root.organizationalUnits", `[{"name":"A"},{"name":"A"}]`), []string{"root.organizationalUnits[1]", "already exists"}},
		"units that stand too deep":         {with(t, "root.organizationalUnits", strings.Repeat(`[{"name":"A","organizationalUnits":`, 6)+`[]`+strings.Repeat(`}]`, 6)), []string{"levels"}},
		"an assignment to a missing group":  {with(t, "identityCenter.assignments", `[{"account":"222222222201","permissionSet":"AWSReadOnlyAccess","group":"X"}]`), []string{"identityCenter.assignments[0]", `"X"`}},
		"an assignment of a missing set":    {with(t, "identityCenter.assignments", `[{"account":"222222222201","permissionSet":"X","group":"Auditors"}]`), []string{"assignments[0].permissionSet", "add it"}},
		"an assignment in no account":       {with(t, "identityCenter.assignments", `[{"account":"999999999999","permissionSet":"X","group":"Auditors"}]`), []string{"assignments[0].account"}},
		"an assignment to user and group":   {with(t, "identityCenter.assignments", `[{"account":"222222222201","permissionSet":"AWSReadOnlyAccess","group":"Auditors","user":"x"}]`), []string{"one of group and user"}},
		"a group given twice in other case": {with(t, "identityCenter.groups", `[{"name":"A"},{"name":"a"}]`), []string{"identityCenter.groups[1].name"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := world.New(test.file, 1, time.Now)
			if err == nil {
				t.Fatal("the world was accepted")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, which lacks %q", err, want)
				}
			}
		})
	}
}

func TestSampleAccountsFitTheSampleLandingZone(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	rows, err := csv.NewReader(bytes.NewReader(samples.Accounts)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	const header = "AccountName,SSOUserEmail,AccountEmail,SSOUserFirstName,SSOUserLastName,OrgUnit,Status,AccountId,ErrorMsg,Assignments"
	if got := strings.Join(rows[0], ","); got != header {
		t.Errorf("the header is %s", got)
	}
	units := map[string]bool{}
	for _, row := range rows[1:] {
		units[row[5]] = true
		at := w.Root
		for name := range strings.SplitSeq(row[5], "/") {
			i := slices.IndexFunc(at.Units, func(u *world.Unit) bool { return u.Name == name })
			if i < 0 {
				t.Fatalf("%s: there is no %s", row[0], row[5])
			}
			at = at.Units[i]
		}
		if !at.Registered() || w.AccountByEmail(row[2]) != nil {
			t.Errorf("%s cannot be created in %s", row[0], row[5])
		}
		for assignment := range strings.SplitSeq(row[9], ";") {
			set, principal, _ := strings.Cut(strings.TrimSpace(assignment), "/")
			user, isUser := strings.CutPrefix(principal, "user:")
			known := (isUser && w.IdentityCenter.UserNamed(user) != nil) || (!isUser && w.IdentityCenter.GroupNamed(principal) != nil)
			if w.IdentityCenter.PermissionSetNamed(set) == nil || !known {
				t.Errorf("%s: there is nobody or nothing like %s", row[0], assignment)
			}
		}
	}
	if len(rows) != 4 || len(units) != 2 {
		t.Errorf("there are %d accounts in %d units, want 3 in 2", len(rows)-1, len(units))
	}
}

func TestSpeedDividesTheWorldsOwnTimes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, err := world.New(nil, 100, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		r := provision(t, w, order(w, "vended", "vended@example.com", dev))
		time.Sleep(15 * time.Second)
		w.Do(func() {
			if r.Status != "SUCCEEDED" {
				t.Errorf("25 minutes at a hundredfold speed have passed; the record is %s", r.Status)
			}
		})
	})
}

func TestRefusalIsAnError(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	w.Do(func() {
		_, err := w.CreateUnit(w.Root, "Legacy", nil)
		var r *world.Refusal
		if !errors.As(err, &r) || r.Code != "DuplicateOrganizationalUnitException" {
			t.Errorf("got %v", err)
		}
	})
}

func TestNamesOfUnitsThatDifferInCase(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		file    []byte
		refused bool
	}{
		"they are two names":                             {file: nil},
		"one name, as the ledger's other reading has it": {file: with(t, "assumptions", `{"unit-name-case":true}`), refused: true},
	}
	for sentence, test := range tests {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := start(t, test.file)
			w.Do(func() {
				if _, err := w.CreateUnit(w.Root, "LEGACY", nil); (err != nil) != test.refused {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}
