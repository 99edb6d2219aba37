package directory_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/directory"
)

func TestAccounts(t *testing.T) {
	t.Parallel()
	o := organization()
	if a, ok := o.ByEmail(" oNe@example.COM "); !ok || a.ID != "222222222201" || !a.Active() {
		t.Errorf("ByEmail finds %+v, %v: the case of letters is nothing", a, ok)
	}
	if a, ok := o.ByEmail("two@example.com"); !ok || a.Active() {
		t.Errorf("ByEmail finds %+v, %v: a suspended account keeps its address", a, ok)
	}
	if a, ok := o.ByEmail("four@example.com"); ok {
		t.Errorf("ByEmail makes up %+v", a)
	}
	if a, ok := o.ByID("222222222203"); !ok || a.Name != "three" {
		t.Errorf("ByID finds %+v, %v", a, ok)
	}
	if _, ok := o.UnitByID("r-ab12"); ok {
		t.Error("the root is taken for a unit")
	}
	if diff := cmp.Diff([]string{"222222222202"}, ids(o.In("ou-ab12-00000001"))); diff != "" {
		t.Errorf("In, -want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"222222222201", "222222222202"}, ids(o.Below("ou-ab12-00000001"))); diff != "" {
		t.Errorf("Below a unit, -want +got:\n%s", diff)
	}
	if diff := cmp.Diff(ids(o.Accounts), ids(o.Below("r-ab12"))); diff != "" {
		t.Errorf("Below the root, -want +got:\n%s", diff)
	}
}

func ids(accounts []directory.Account) (ids []string) {
	for _, a := range accounts {
		ids = append(ids, a.ID)
	}
	return ids
}

const (
	groupID = "9067642ac2-aa11bb22-cc33-dd44-ee55-ff6677889900"
	userID  = "12345678-aaaa-bbbb-cccc-123456789012"
	setARN  = "arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-1234567890abcdef"
)

type identity struct{ down error }

func (i identity) PermissionSet(_ context.Context, text string) (string, error) {
	if text == "ReadOnly" || text == setARN {
		return setARN, i.down
	}
	return "", &directory.UnknownPermissionSet{Text: text, Suggestions: directory.Similar(text, []string{"ReadOnly", "Admin"})}
}

func (i identity) Principal(_ context.Context, kind account.PrincipalType, name string) (string, error) {
	switch {
	case kind == account.GroupPrincipal && name == "Auditors":
		return groupID, nil
	case kind == account.UserPrincipal && name == "dev@example.com":
		return userID, nil
	}
	return "", &directory.UnknownPrincipal{Type: kind, Text: name}
}

func (i identity) PrincipalByID(_ context.Context, kind account.PrincipalType, id string) (bool, error) {
	if id == "" {
		return false, errors.New("ValidationException")
	}
	return kind == account.GroupPrincipal && id == groupID || kind == account.UserPrincipal && id == userID, nil
}

func TestResolve(t *testing.T) {
	t.Parallel()
	down := errors.New("AWS can't be reached")
	group, user := account.GroupPrincipal, account.UserPrincipal
	for name, test := range map[string]struct {
		identity identity
		in       account.Assignment
		id       string
		err      error
	}{
		"a group by name":       {in: account.Assignment{PermissionSet: "ReadOnly", PrincipalType: group, Principal: "Auditors"}, id: groupID},
		"a user by name":        {in: account.Assignment{PermissionSet: "ReadOnly", PrincipalType: user, Principal: "dev@example.com"}, id: userID},
		"by ARN and id":         {in: account.Assignment{PermissionSet: setARN, PrincipalType: group, Principal: groupID, PrincipalByID: true}, id: groupID},
		"what it was yesterday": {in: account.Assignment{PermissionSet: "ReadOnly", PermissionSetARN: "old", PrincipalType: group, Principal: "Auditors", PrincipalID: "old"}, id: groupID},
		"no such set": {
			in:  account.Assignment{PermissionSet: "readonly", PrincipalType: group, Principal: "Auditors"},
			err: &directory.UnknownPermissionSet{Text: "readonly", Suggestions: []string{"ReadOnly"}},
		},
		"no such group": {
			in:  account.Assignment{PermissionSet: "ReadOnly", PrincipalType: group, Principal: "Nobody"},
			err: &directory.UnknownPrincipal{Type: group, Text: "Nobody"},
		},
		"a user's id given as a group's": {
			in:  account.Assignment{PermissionSet: "ReadOnly", PrincipalType: group, Principal: userID, PrincipalByID: true},
			err: &directory.UnknownPrincipal{Type: group, Text: userID, ByID: true},
		},
		"an id that can't be one is not asked for": {
			in:  account.Assignment{PermissionSet: "ReadOnly", PrincipalType: user, Principal: "dev", PrincipalByID: true},
			err: &directory.UnknownPrincipal{Type: user, Text: "dev", ByID: true},
		},
		"no answer": {identity: identity{down}, in: account.Assignment{PermissionSet: "ReadOnly", PrincipalType: group, Principal: "Auditors"}, err: down},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := directory.Resolve(t.Context(), test.identity, test.in)
			want := test.in
			if test.err == nil {
				want.PermissionSetARN, want.PrincipalID = setARN, test.id
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			switch {
			case test.err == nil && err != nil, test.err != nil && err == nil:
				t.Errorf("error %v, want %v", err, test.err)
			case err != nil && err.Error() != test.err.Error():
				t.Errorf("error %v, want %v", err, test.err)
			}
		})
	}
}
