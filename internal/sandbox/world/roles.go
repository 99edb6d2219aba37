package world

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Role is an IAM role of an account.
type Role struct {
	Name        string
	Path        string // "/" or "/…/"
	Description string
	Trust       string   // its trust policy as JSON; empty: the management account may assume it
	Policies    []string // ARNs of the managed policies that are attached to it
	Created     time.Time
	Stack       string // id of the stack that made it; empty when none did
	Retained    bool   // it stays when that stack goes (DeletionPolicy)
}

// AdministratorAccess is the managed policy that allows everything.
const AdministratorAccess = "arn:aws:iam::aws:policy/AdministratorAccess"

// Role finds an IAM role by its name, which counts without regard to case; nil when the account has none.
func (a *Account) Role(name string) *Role {
	for _, r := range a.Roles {
		if strings.EqualFold(r.Name, name) {
			return r
		}
	}
	return nil
}

// HasRole says whether the account has an IAM role of exactly that name.
func (a *Account) HasRole(name string) bool {
	r := a.Role(name)
	return r != nil && r.Name == name
}

// AddRole puts an IAM role into the account that the management account may assume, and that may do everything; one that is
// there already stays.
func (a *Account) AddRole(name string) {
	if a.Role(name) == nil {
		a.Roles = append(a.Roles, &Role{Name: name, Path: "/", Policies: []string{AdministratorAccess}})
	}
}

// RemoveRole takes an IAM role out of the account, if it is there.
func (a *Account) RemoveRole(name string) {
	a.Roles = slices.DeleteFunc(a.Roles, func(r *Role) bool { return strings.EqualFold(r.Name, name) })
}

// RoleARN is the ARN of a role of an account.
func RoleARN(a *Account, r *Role) string { return "arn:aws:iam::" + a.ID + ":role" + r.Path + r.Name }

// RoleID is the unique id of a role of an account.
func RoleID(a *Account, r *Role) string {
	return "AROA" + spell(fmt.Sprintf("role/%s/%s/%d", a.ID, r.Name, r.Created.UnixNano()), 17, alphabetUp)
}

// TrustPolicy is a role's trust policy as JSON.
func (w *World) TrustPolicy(r *Role) string {
	if r.Trust != "" {
		return r.Trust
	}
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + w.Management.ID +
		`:root"},"Action":"sts:AssumeRole"}]}`
}

// MayAssume says whether the caller may assume a role: the account is in use, has the role, and the role trusts the caller
// or its account (IAM User Guide, "AWS JSON policy elements: Principal"). Conditions are not looked at.
func (w *World) MayAssume(c Caller, account, role string) bool {
	a := w.byID[account]
	return a != nil && a.Active() && a.HasRole(role) && trusts(w.TrustPolicy(a.Role(role)), c)
}

// trusts reads a trust policy. One that cannot be read trusts nobody.
func trusts(policy string, c Caller) bool {
	var document struct {
		Statement oneOrMore[struct {
			Effect    string
			Action    oneOrMore[string]
			Principal json.RawMessage
		}]
	}
	if err := json.Unmarshal([]byte(policy), &document); err != nil {
		return false
	}
	allowed := false
	for _, s := range document.Statement {
		if !slices.ContainsFunc(s.Action, func(action string) bool { return matches(strings.ToLower(action), "sts:assumerole") }) ||
			!slices.ContainsFunc(principals(s.Principal), func(p string) bool { return names(p, c) }) {
			continue
		}
		if s.Effect == "Deny" {
			return false
		}
		allowed = true
	}
	return allowed
}

// principals are the AWS principals of a statement.
func principals(raw json.RawMessage) []string {
	var all string
	if json.Unmarshal(raw, &all) == nil {
		return []string{all}
	}
	var kinds struct {
		AWS oneOrMore[string]
	}
	if err := json.Unmarshal(raw, &kinds); err != nil {
		return nil
	}
	return kinds.AWS
}

// names says whether a principal of a policy is the caller, its account or everybody.
func names(principal string, c Caller) bool {
	return slices.Contains([]string{"*", c.Account, "arn:aws:iam::" + c.Account + ":root", c.Principal(), c.ARN}, principal)
}

// oneOrMore is a member of a policy that may be a single value or a list.
type oneOrMore[T any] []T

// UnmarshalJSON reads both.
func (o *oneOrMore[T]) UnmarshalJSON(b []byte) error {
	if strings.HasPrefix(string(b), "[") {
		return json.Unmarshal(b, (*[]T)(o))
	}
	var one T
	if err := json.Unmarshal(b, &one); err != nil {
		return err
	}
	*o = oneOrMore[T]{one}
	return nil
}

// roleInFile is a role of the world file: its name, if it trusts the management account and may do everything, or an object.
type roleInFile struct {
	Name        string          `json:"name"`
	Path        string          `json:"path,omitempty"`
	Description string          `json:"description,omitempty"`
	Trust       json.RawMessage `json:"trust,omitempty"`
	Policies    *[]string       `json:"policies,omitempty"`
	Created     time.Time       `json:"created,omitzero"`
	Stack       string          `json:"stack,omitempty"`
	Retained    bool            `json:"retained,omitempty"`
}

// UnmarshalJSON reads a name or an object.
func (f *roleInFile) UnmarshalJSON(b []byte) error {
	if strings.HasPrefix(string(b), `"`) {
		return json.Unmarshal(b, &f.Name)
	}
	type plain roleInFile
	return json.Unmarshal(b, (*plain)(f))
}

// MarshalJSON writes a name where that says all.
func (f roleInFile) MarshalJSON() ([]byte, error) {
	if f.Path == "" && f.Description == "" && f.Trust == nil && f.Policies == nil && f.Created.IsZero() && f.Stack == "" && !f.Retained {
		return json.Marshal(f.Name)
	}
	type plain roleInFile
	return json.Marshal(plain(f))
}

func buildRoles(place string, files []roleInFile) ([]*Role, error) {
	a := &Account{}
	for i, f := range files {
		switch {
		case f.Name == "":
			return nil, fmt.Errorf("%s.roles[%d].name: a role needs a name", place, i)
		case a.Role(f.Name) != nil:
			return nil, fmt.Errorf("%s.roles[%d].name: %s is given twice", place, i, f.Name)
		case f.Path != "" && (!strings.HasPrefix(f.Path, "/") || !strings.HasSuffix(f.Path, "/")):
			return nil, fmt.Errorf("%s.roles[%d].path: %q must begin and end with a slash", place, i, f.Path)
		}
		a.AddRole(f.Name)
		r := a.Role(f.Name)
		r.Description, r.Trust, r.Created, r.Stack, r.Retained = f.Description, string(f.Trust), f.Created, f.Stack, f.Retained
		if f.Path != "" {
			r.Path = f.Path
		}
		if f.Policies != nil {
			r.Policies = slices.Clone(*f.Policies)
		}
	}
	return a.Roles, nil
}

func rolesState(roles []*Role) *[]roleInFile {
	files := make([]roleInFile, len(roles))
	for i, r := range roles {
		f := roleInFile{Name: r.Name, Description: r.Description, Created: r.Created, Stack: r.Stack, Retained: r.Retained}
		if r.Path != "/" {
			f.Path = r.Path
		}
		if r.Trust != "" {
			f.Trust = json.RawMessage(r.Trust)
		}
		if !slices.Equal(r.Policies, []string{AdministratorAccess}) {
			policies := append([]string{}, r.Policies...)
			f.Policies = &policies
		}
		files[i] = f
	}
	return &files
}
