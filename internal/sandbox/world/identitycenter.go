package world

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// IdentityCenter is the organization's instance of IAM Identity Center with its own identity store.
type IdentityCenter struct {
	InstanceARN    string
	StoreID        string // d-…
	Created        time.Time
	Management     bool   // the caller may assign access to the management account
	Administrator  string // id of the account that administers beside the management account; empty: none
	Groups         []*Group
	Users          []*User
	Memberships    []Membership
	PermissionSets []*PermissionSet
	Assignments    []Assignment // in the order in which they were made

	requests []*AssignmentRequest
	failing  *string         // why the next creation or deletion of an assignment ends FAILED; nil: it does not have to
	retired  map[string]bool // ids of users and groups that there are no more
	arriving []*arrival      // groups and users that cannot be seen yet
	calls    allowance       // that may come at once
}

// Group is a group of the identity store.
type Group struct {
	ID, Name, Description string
}

// User is a user of the identity store.
type User struct {
	ID, UserName, Email, First, Last, Display string

	awaits []string // names of groups that it is in, and that cannot be seen yet
}

// Membership says that a user is in a group.
type Membership struct {
	ID, Group, User string
}

// PermissionSet is a permission set of the instance.
type PermissionSet struct {
	ARN, Name, Description      string
	SessionDuration, RelayState string
	ManagedPolicies             []string
	CustomerPolicies            []PolicyReference
	InlinePolicy                string
	Boundary                    *Boundary // nil: none
	Tags                        map[string]string
	Created                     time.Time
	Outdated                    []string // accounts that it was provisioned to before its last change

	changes int // so far
}

// PolicyReference names a customer managed policy: one that each account has, or has not, as its own.
type PolicyReference struct {
	Name string `json:"name"`
	Path string `json:"path,omitempty"` // empty: /
}

// String is what an account has the policy under: "/path/Name".
func (p PolicyReference) String() string { return cmp.Or(p.Path, "/") + p.Name }

// references are the policies that each account has to have as its own before the permission set works there (IAM Identity
// Center User Guide, "Custom permissions": policies with these names must exist in every account).
func (p *PermissionSet) references() []PolicyReference {
	if p.Boundary != nil && p.Boundary.CustomerPolicy != nil {
		return append(slices.Clone(p.CustomerPolicies), *p.Boundary.CustomerPolicy)
	}
	return p.CustomerPolicies
}

// Boundary is a permissions boundary: one of both.
type Boundary struct {
	ManagedPolicy  string           `json:"managedPolicy,omitempty"` // ARN
	CustomerPolicy *PolicyReference `json:"customerPolicy,omitempty"`
}

// Assignment gives a principal the permission set in an account.
type Assignment struct {
	Account, PermissionSet string // id, ARN
	PrincipalType          string // GROUP or USER
	Principal              string // id
}

// UserNamed finds a user by its name, without regard to case; nil when there is none.
func (ic *IdentityCenter) UserNamed(name string) *User {
	for _, u := range ic.Users {
		if strings.EqualFold(u.UserName, name) {
			return u
		}
	}
	return nil
}

// GroupNamed finds a group by its name, without regard to case; nil when there is none.
func (ic *IdentityCenter) GroupNamed(name string) *Group {
	for _, g := range ic.Groups {
		if strings.EqualFold(g.Name, name) {
			return g
		}
	}
	return nil
}

// Group finds a group by its id; nil when there is none.
func (ic *IdentityCenter) Group(id string) *Group {
	for _, g := range ic.Groups {
		if g.ID == id {
			return g
		}
	}
	return nil
}

// User finds a user by its id; nil when there is none.
func (ic *IdentityCenter) User(id string) *User {
	for _, u := range ic.Users {
		if u.ID == id {
			return u
		}
	}
	return nil
}

// PermissionSet finds a permission set by its ARN; nil when there is none.
func (ic *IdentityCenter) PermissionSet(arn string) *PermissionSet {
	for _, p := range ic.PermissionSets {
		if p.ARN == arn {
			return p
		}
	}
	return nil
}

// PermissionSetNamed finds a permission set by its name; nil when there is none.
func (ic *IdentityCenter) PermissionSetNamed(name string) *PermissionSet {
	for _, p := range ic.PermissionSets {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// AddGroup adds a group and makes up the id that it has not.
func (ic *IdentityCenter) AddGroup(g *Group) *Group {
	if g.ID == "" {
		g.ID = ic.principalID("group/"+g.Name, func(id string) bool { return ic.Group(id) != nil })
	}
	ic.Groups = append(ic.Groups, g)
	return g
}

// AddUser adds a user and makes up the id that it has not.
func (ic *IdentityCenter) AddUser(u *User) *User {
	if u.ID == "" {
		u.ID = ic.principalID("user/"+strings.ToLower(u.UserName), func(id string) bool { return ic.User(id) != nil })
	}
	if u.Display == "" {
		u.Display = strings.TrimSpace(u.First + " " + u.Last)
	}
	ic.Users = append(ic.Users, u)
	return u
}

// AddMember puts a user into a group; one that is in it already stays.
func (ic *IdentityCenter) AddMember(group, user string) Membership {
	for _, m := range ic.Memberships {
		if m.Group == group && m.User == user {
			return m
		}
	}
	m := Membership{ID: ic.principalID("membership/"+group+"/"+user, func(string) bool { return false }), Group: group, User: user}
	ic.Memberships = append(ic.Memberships, m)
	return m
}

// DeleteGroup takes a group away; assignments to it stay, and lead nowhere.
func (ic *IdentityCenter) DeleteGroup(g *Group) {
	ic.Groups = slices.DeleteFunc(ic.Groups, func(other *Group) bool { return other == g })
	ic.Memberships = slices.DeleteFunc(ic.Memberships, func(m Membership) bool { return m.Group == g.ID })
	ic.retired[g.ID] = true
}

// DeleteUser takes a user away; assignments to it stay, and lead nowhere.
func (ic *IdentityCenter) DeleteUser(u *User) {
	ic.Users = slices.DeleteFunc(ic.Users, func(other *User) bool { return other == u })
	ic.Memberships = slices.DeleteFunc(ic.Memberships, func(m Membership) bool { return m.User == u.ID })
	ic.retired[u.ID] = true
}

// AddPermissionSet adds a permission set and makes up what it has not.
func (ic *IdentityCenter) AddPermissionSet(w *World, p *PermissionSet) *PermissionSet {
	if p.ARN == "" {
		prefix := strings.Replace(ic.InstanceARN, ":instance/", ":permissionSet/", 1) + "/ps-"
		taken := func(id string) bool { return ic.PermissionSet(prefix+id) != nil }
		p.ARN = prefix + made("ps", p.Name, 16, hexadecimal, taken)
	}
	if p.SessionDuration == "" {
		p.SessionDuration = "PT1H"
	}
	if p.Created.IsZero() {
		p.Created = w.stamp()
	}
	ic.PermissionSets = append(ic.PermissionSets, p)
	return p
}

// DeletePermissionSet takes a permission set away, unless somebody has it somewhere (IAM Identity Center API Reference,
// DeletePermissionSet).
func (ic *IdentityCenter) DeletePermissionSet(p *PermissionSet) error {
	if slices.ContainsFunc(ic.Assignments, func(a Assignment) bool { return a.PermissionSet == p.ARN }) {
		return refuse("ConflictException", "The permission set %s has account assignments.", p.ARN)
	}
	ic.PermissionSets = slices.DeleteFunc(ic.PermissionSets, func(other *PermissionSet) bool { return other == p })
	return nil
}

// Changeable says why a permission set cannot be changed now; nil when it can.
func (w *World) Changeable(p *PermissionSet) error {
	provisioned := slices.ContainsFunc(w.IdentityCenter.requests, func(r *AssignmentRequest) bool {
		return r.Kind == ProvisionsPolicies && r.PermissionSet == p.ARN && r.Status == "IN_PROGRESS"
	})
	if provisioned && w.Otherwise("change-while-provisioning") {
		return refuse("ConflictException", "There is a conflicting operation in process. Please try again.")
	}
	return nil
}

// Change notes that a permission set was changed: the accounts that have it keep the old one until it is provisioned again
// (IAM Identity Center API Reference, ProvisionPermissionSet).
func (ic *IdentityCenter) Change(p *PermissionSet) {
	p.Outdated = ic.ProvisionedTo(p)
	p.changes++
}

// ProvisionedTo are the accounts in which somebody has the permission set.
func (ic *IdentityCenter) ProvisionedTo(p *PermissionSet) []string {
	accounts := []string{}
	for _, a := range ic.Assignments {
		if a.PermissionSet == p.ARN && !slices.Contains(accounts, a.Account) {
			accounts = append(accounts, a.Account)
		}
	}
	return accounts
}

func (ic *IdentityCenter) principalID(seed string, taken func(string) bool) string {
	prefix := strings.TrimPrefix(ic.StoreID, "d-") + "-"
	if len(prefix) != 11 {
		prefix = ""
	}
	for {
		id := prefix + dashed(spell(seed, 32, hexadecimal))
		if !taken(id) && !ic.retired[id] {
			return id
		}
		seed += "+"
	}
}

func (ic *IdentityCenter) assign(a Assignment) {
	if !slices.Contains(ic.Assignments, a) {
		ic.Assignments = append(ic.Assignments, a)
	}
}

// exists says whether the principal of an assignment is in the store.
func (ic *IdentityCenter) exists(a Assignment) bool {
	if a.PrincipalType == "GROUP" {
		return ic.Group(a.Principal) != nil
	}
	return ic.User(a.Principal) != nil
}
