package account_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
)

const (
	setARN  = "arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-0123456789abcdef"
	someID  = "1234567890-0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
	readers = "AWSReadOnlyAccess"
)

func group(set, name string) account.Assignment {
	return account.Assignment{PermissionSet: set, PrincipalType: account.GroupPrincipal, Principal: name}
}

func user(set, name string) account.Assignment {
	return account.Assignment{PermissionSet: set, PrincipalType: account.UserPrincipal, Principal: name}
}

func byID(a account.Assignment) account.Assignment {
	a.PrincipalByID = true
	return a
}

func TestAssignmentsOfACell(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text string
		want []account.Assignment
	}{
		"an empty cell":                           {"", nil},
		"nothing but separators":                  {" ; ;\n; ", nil},
		"a group without a word before it":        {"AWSReadOnlyAccess/Platform Team", []account.Assignment{group(readers, "Platform Team")}},
		"a group with the word before it":         {"AWSReadOnlyAccess/group:Auditors", []account.Assignment{group(readers, "Auditors")}},
		"the word in capitals, a blank behind it": {"AWSReadOnlyAccess/Group: Auditors", []account.Assignment{group(readers, "Auditors")}},
		"a user":                                       {"AWSReadOnlyAccess/user:dana@example.com", []account.Assignment{user(readers, "dana@example.com")}},
		"a group by id":                                {"AWSReadOnlyAccess/group-id:" + someID, []account.Assignment{byID(group(readers, someID))}},
		"a user by id":                                 {"AWSReadOnlyAccess/user-id:" + someID, []account.Assignment{byID(user(readers, someID))}},
		"a permission set by ARN":                      {setARN + "/group-id:" + someID, []account.Assignment{byID(group(setARN, someID))}},
		"an ARN whose id holds a slash":                {"arn:aws:sso:::permissionSet/ins-0123456789abcdef/ps-01234567/9abcdef/Auditors", []account.Assignment{group("arn:aws:sso:::permissionSet/ins-0123456789abcdef/ps-01234567/9abcdef", "Auditors")}},
		"only the first slash divides":                 {"AWSReadOnlyAccess/Team A/B", []account.Assignment{group(readers, "Team A/B")}},
		"a doubled semicolon is one of the name":       {"AWSReadOnlyAccess/A;;B; X/C", []account.Assignment{group(readers, "A;B"), group("X", "C")}},
		"blanks, line ends and empty items are free":   {" X / A ;\n ; Y/B ; ", []account.Assignment{group("X", "A"), group("Y", "B")}},
		"a colon in a group's name is part of it":      {"X/team:Auditors", []account.Assignment{group("X", "team:Auditors")}},
		"a name that begins with a word is said twice": {"X/group:user:A", []account.Assignment{group("X", "user:A")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := account.ParseAssignments(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			again, err := account.ParseAssignments(join(got))
			if diff := cmp.Diff(got, again); diff != "" || err != nil {
				t.Errorf("written as %q and read again: %v -want +got\n%s", join(got), err, diff)
			}
		})
	}
}

func TestAssignmentsThatCannotBeUnderstood(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text       string
		offset     int
		message    string
		suggestion string
	}{
		"no slash":                      {"X/A; AWSReadOnlyAccess", 5, "it has no slash", "AWSReadOnlyAccess/Group name"},
		"the slash of another system":   {`X\A`, 0, "it has no slash", "write \"PermissionSet/Group name\""},
		"a line for each assignment":    {"X/A\nY/B", 0, "LINE FEED", "semicolon"},
		"no permission set":             {"/Auditors", 0, "names no permission set", ""},
		"no principal":                  {"X/", 0, "names no group or user behind the slash", ""},
		"a word and no principal":       {"X/A;;B;X/user:", 7, "names no group or user behind the slash", ""},
		"a permission set with a blank": {"Read Only/Auditors", 0, "no name of a permission set", ""},
		"an ARN of something else":      {"arn:aws:iam::aws:policy/ReadOnlyAccess/Auditors", 0, "does not begin with the ARN of a permission set", "ssoins-"},
		"an ARN and nothing behind it":  {setARN, 0, "does not begin with the ARN of a permission set and a slash", ""},
		"an id that is none":            {"X/group-id:Auditors", 0, "no id of a group or user", "1234567890-"},
		"a line end inside a name":      {"X/A\nB", 0, "U+000A LINE FEED", ""},
		"a user's name without an end":  {"X/user:" + strings.Repeat("u", 129), 0, "has 129 characters", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := account.ParseAssignments(tt.text)
			var wrong *account.TextError
			if !errors.As(err, &wrong) {
				t.Fatalf("%v, %v, want a TextError", got, err)
			}
			if wrong.Offset != tt.offset || !strings.Contains(wrong.Message, tt.message) || !strings.Contains(wrong.Suggestion, tt.suggestion) {
				t.Errorf("%+v, want offset %d, message %q, suggestion %q", wrong, tt.offset, tt.message, tt.suggestion)
			}
		})
	}
}

func TestTagsOfACell(t *testing.T) {
	t.Parallel()
	got, err := account.ParseTags("CostCenter = 1234; Owner=a;;b ;; c; Empty=;;; ")
	want := []account.Tag{{Key: "CostCenter", Value: "1234"}, {Key: "Owner", Value: "a;b ; c"}, {Key: "Empty", Value: ";"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v -want +got\n%s", err, diff)
	}
	_, err = account.ParseTags("a=1; Owner")
	var wrong *account.TextError
	if !errors.As(err, &wrong) || wrong.Offset != 5 {
		t.Errorf("a tag without a value: %v", err)
	}
}

// Whatever can be read is written so that it is read the same.
func FuzzParseAssignments(f *testing.F) {
	for _, s := range []string{"", "X/A", "X/user:a;;b; Y/group-id:" + someID, setARN + "/A/B", "X/;;;", "X/group:group-id:x", "\x80/\xff;;"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := account.ParseAssignments(text)
		if err != nil {
			var wrong *account.TextError
			if !errors.As(err, &wrong) || wrong.Offset < 0 || wrong.Offset >= len(text) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		again, err := account.ParseAssignments(join(got))
		if diff := cmp.Diff(got, again); diff != "" || err != nil {
			t.Errorf("%q written as %q: %v\n%s", text, join(got), err, diff)
		}
	})
}

func join(assignments []account.Assignment) string {
	var items []string
	for _, a := range assignments {
		items = append(items, a.String())
	}
	return strings.Join(items, "; ")
}
