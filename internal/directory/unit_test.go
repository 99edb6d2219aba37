package directory_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/directory"
)

func unit(id, parent, path string) directory.Unit {
	name := path[strings.LastIndex(path, "/")+1:]
	return directory.Unit{OrganizationalUnit: account.OrganizationalUnit{ID: id, Name: name, Path: path}, ParentID: parent}
}

func organization() *directory.Organization {
	slashed := unit("ou-ab12-000000a1", "ou-ab12-00000006", "Odd/R&D/2026")
	slashed.Name = "R&D/2026"
	return &directory.Organization{
		ManagementAccountID: "111111111111",
		RootID:              "r-ab12",
		Units: []directory.Unit{
			unit("ou-ab12-00000001", "r-ab12", "Workloads"),
			unit("ou-ab12-00000002", "ou-ab12-00000001", "Workloads/Prod"),
			unit("ou-ab12-00000003", "ou-ab12-00000001", "Workloads/Dev"),
			unit("ou-ab12-00000004", "r-ab12", "Infrastructure"),
			unit("ou-ab12-00000005", "ou-ab12-00000004", "Infrastructure/Prod"),
			unit("ou-ab12-00000006", "r-ab12", "Odd"),
			unit("ou-ab12-00000007", "ou-ab12-00000006", "Odd/Team (old)"),
			unit("ou-ab12-00000008", "ou-ab12-00000006", "Odd/Dev (ou-x)"),
			unit("ou-ab12-00000009", "ou-ab12-00000006", "Odd/Sandbox"),
			unit("ou-ab12-00000010", "r-ab12", "Sandbox"),
			slashed,
		},
		Accounts: []directory.Account{
			{ID: "222222222201", Name: "one", Email: "One@Example.com", State: "ACTIVE", ParentID: "ou-ab12-00000002"},
			{ID: "222222222202", Name: "two", Email: "two@example.com", State: "SUSPENDED", ParentID: "ou-ab12-00000001"},
			{ID: "222222222203", Name: "three", Email: "three@example.com", State: "ACTIVE", ParentID: "r-ab12"},
		},
	}
}

func TestUnit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"an id":                                      {"ou-ab12-00000002", "ou-ab12-00000002"},
		"blanks around are nothing":                  {"  ou-ab12-00000002 ", "ou-ab12-00000002"},
		"a name with its id":                         {"Prod (ou-ab12-00000005)", "ou-ab12-00000005"},
		"a path with its id":                         {"Infrastructure/Prod (ou-ab12-00000005)", "ou-ab12-00000005"},
		"a path":                                     {"Workloads/Prod", "ou-ab12-00000002"},
		"a path with its slash":                      {"/Workloads/Prod", "ou-ab12-00000002"},
		"a name that one unit bears":                 {"Dev", "ou-ab12-00000003"},
		"a name that holds parentheses":              {"Team (old)", "ou-ab12-00000007"},
		"a name that holds parentheses, with its id": {"Team (old) (ou-ab12-00000007)", "ou-ab12-00000007"},
		"a name that almost ends in an id":           {"Dev (ou-x)", "ou-ab12-00000008"},
		"a name that holds a slash":                  {"R&D/2026", "ou-ab12-000000a1"},
		"a path to a name that holds a slash":        {"Odd/R&D/2026", "ou-ab12-000000a1"},
		"the path of a name that two units bear":     {"/Sandbox", "ou-ab12-00000010"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := organization().Unit(test.text)
			if err != nil || got.ID != test.want {
				t.Errorf("Unit(%q) = %q, %v; want %q", test.text, got.ID, err, test.want)
			}
		})
	}
}

func TestUnknownUnit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want directory.UnknownUnit
	}{
		"nothing at all":           {"", directory.UnknownUnit{}},
		"an id that is not there":  {"ou-ab12-99999999", directory.UnknownUnit{Text: "ou-ab12-99999999"}},
		"the root":                 {"r-ab12", directory.UnknownUnit{Text: "r-ab12"}},
		"a name that is like none": {"Quarantine", directory.UnknownUnit{Text: "Quarantine"}},
		"another case is not guessed, but said": {"infrastructure", directory.UnknownUnit{
			Text: "infrastructure", Suggestions: []string{"Infrastructure (ou-ab12-00000004)"},
		}},
		"a slip of the pen": {"Worklods/Prod", directory.UnknownUnit{
			Text: "Worklods/Prod", Suggestions: []string{"Workloads/Prod (ou-ab12-00000002)"},
		}},
		"blanks around a slash": {"Workloads / Prod", directory.UnknownUnit{
			Text: "Workloads / Prod", Suggestions: []string{"Workloads/Prod (ou-ab12-00000002)", "Workloads/Dev (ou-ab12-00000003)", "Workloads (ou-ab12-00000001)"},
		}},
		"an id with another unit's name": {"Prod (ou-ab12-00000003)", directory.UnknownUnit{
			Text: "Prod (ou-ab12-00000003)", Named: "Dev", Suggestions: []string{"Workloads/Dev (ou-ab12-00000003)"},
		}},
		"a known name with an id that is not there": {"Infrastructure (ou-ab12-99999999)", directory.UnknownUnit{
			Text: "Infrastructure (ou-ab12-99999999)", Suggestions: []string{"Infrastructure (ou-ab12-00000004)"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := organization().Unit(test.text)
			var got *directory.UnknownUnit
			if !errors.As(err, &got) {
				t.Fatalf("Unit(%q): %v, want an UnknownUnit", test.text, err)
			}
			if diff := cmp.Diff(&test.want, got); diff != "" {
				t.Errorf("Unit(%q), -want +got:\n%s", test.text, diff)
			}
		})
	}
}

func TestAmbiguousUnit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"Prod":    {"ou-ab12-00000002", "ou-ab12-00000005"},
		"Sandbox": {"ou-ab12-00000009", "ou-ab12-00000010"}, // one at the top, one below: a bare name is no path
	} {
		_, err := organization().Unit(text)
		var ambiguous *directory.AmbiguousUnit
		if !errors.As(err, &ambiguous) {
			t.Errorf("Unit(%q): %v, want an AmbiguousUnit", text, err)
			continue
		}
		var got []string
		for _, u := range ambiguous.Candidates {
			got = append(got, u.ID)
			if !strings.Contains(err.Error(), u.Path+" ("+u.ID+")") {
				t.Errorf("%q does not name %s", err, u.Path)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Unit(%q), -want +got:\n%s", text, diff)
		}
	}
}

func FuzzUnit(f *testing.F) {
	for _, text := range []string{"", "Prod", "/", "Prod (ou-ab12-00000003)", "(ou-ab12-00000003)", " (ou-ab12-00000003)", "a//b", "\xff"} {
		f.Add(text)
	}
	o := organization()
	f.Fuzz(func(t *testing.T, text string) {
		u, err := o.Unit(text)
		if (err == nil) != (u.ID != "") {
			t.Errorf("Unit(%q) = %+v, %v", text, u, err)
		}
		if err == nil && !strings.Contains(text, u.ID) && !strings.Contains(text, u.Name) {
			t.Errorf("Unit(%q) = %s: nothing in the text says so", text, u)
		}
	})
}
