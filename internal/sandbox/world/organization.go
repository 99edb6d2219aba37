package world

import (
	"slices"
	"strings"
	"time"
)

// Unit is the organization's root or one of its organizational units.
type Unit struct {
	ID       string // r-… or ou-…
	Name     string
	Parent   *Unit // nil for the root
	Units    []*Unit
	Accounts []*Account
	Tags     map[string]string
	Baseline *Baseline         // AWSControlTowerBaseline on it; nil when it was never registered
	Controls []*EnabledControl // those that somebody enabled, in that order
}

// Registered says whether Control Tower governs the unit.
func (u *Unit) Registered() bool { return u.Baseline != nil && u.Baseline.Status == "SUCCEEDED" }

// Depth is 0 for the root.
func (u *Unit) Depth() int {
	depth := 0
	for at := u; at.Parent != nil; at = at.Parent {
		depth++
	}
	return depth
}

// NameAndID is the unit as Account Factory wants it: "Name (ou-…)".
func (u *Unit) NameAndID() string { return u.Name + " (" + u.ID + ")" }

// Account is one AWS account of the organization.
type Account struct {
	ID, Name, Email string
	State           string // ACTIVE, PENDING_CLOSURE, SUSPENDED …
	JoinedMethod    string // CREATED or INVITED
	Joined          time.Time
	Parent          *Unit
	Tags            map[string]string

	Roles            []*Role  // its IAM roles
	Stacks           []*Stack // its CloudFormation stacks
	ConfigRecorders  []string // Regions with an AWS Config recorder of its own
	DeliveryChannels []string // Regions with an AWS Config delivery channel of its own
	DefaultVPCInUse  bool
	Inside

	Policies []string  // its own IAM policies: "/path/Name"
	Baseline *Baseline // AWSControlTowerBaseline as it reaches the account; nil when it is not enrolled
	Known    bool      // Control Tower has had to do with it before
}

// Active says whether the account can be used.
func (a *Account) Active() bool { return a.State == "ACTIVE" }

// Enrolled says whether Control Tower governs the account.
func (a *Account) Enrolled() bool { return a.Baseline != nil && a.Baseline.Status == "SUCCEEDED" }

// Account finds an account by its id; nil when the organization has none.
func (w *World) Account(id string) *Account { return w.byID[id] }

// AccountByEmail finds an account of the organization by its address, without regard to case; nil when there is none.
func (w *World) AccountByEmail(email string) *Account {
	for _, a := range w.accounts {
		if strings.EqualFold(a.Email, email) {
			return a
		}
	}
	return nil
}

// Accounts are all accounts of the organization, the management account first, then in the order in which they joined.
func (w *World) Accounts() []*Account { return w.accounts }

// Unit finds the root or an organizational unit by its id; nil when there is none.
func (w *World) Unit(id string) *Unit {
	for u := range w.Root.All() {
		if u.ID == id {
			return u
		}
	}
	return nil
}

// All are the unit itself and everything below it, parents first.
func (u *Unit) All() func(func(*Unit) bool) {
	return func(yield func(*Unit) bool) { u.walk(yield) }
}

func (u *Unit) walk(yield func(*Unit) bool) bool {
	if !yield(u) {
		return false
	}
	for _, child := range u.Units {
		if !child.walk(yield) {
			return false
		}
	}
	return true
}

// AccountARN is the account's ARN in the organization.
func (w *World) AccountARN(a *Account) string {
	return "arn:aws:organizations::" + w.Management.ID + ":account/" + w.OrganizationID + "/" + a.ID
}

// UnitARN is the ARN of the root or of an organizational unit.
func (w *World) UnitARN(u *Unit) string {
	kind := "ou"
	if u.Parent == nil {
		kind = "root"
	}
	return "arn:aws:organizations::" + w.Management.ID + ":" + kind + "/" + w.OrganizationID + "/" + u.ID
}

// Path is where a unit stands, by ids: "o-…/r-…/ou-…/".
func (w *World) Path(u *Unit) string {
	if u.Parent == nil {
		return w.OrganizationID + "/" + u.ID + "/"
	}
	return w.Path(u.Parent) + u.ID + "/"
}

// CreateUnit makes an organizational unit (Organizations API Reference, CreateOrganizationalUnit).
func (w *World) CreateUnit(parent *Unit, name string, tags map[string]string) (*Unit, error) {
	if err := w.unitNameFree(parent, nil, name); err != nil {
		return nil, err
	}
	if parent.Depth() >= maximumDepth {
		return nil, &Refusal{
			Code: "ConstraintViolationException", Reason: "OU_DEPTH_LIMIT_EXCEEDED",
			Message: "You have exceeded the maximum number of levels of organizational units.",
		}
	}
	u := &Unit{ID: w.unitID(parent, name), Name: name, Parent: parent, Tags: tags}
	parent.Units = append(parent.Units, u)
	return u, nil
}

const maximumDepth = 5

// unitNameFree refuses a name that a unit below the parent has, other than the one that is to bear it.
func (w *World) unitNameFree(parent, bearer *Unit, name string) error {
	same := func(a, b string) bool { return a == b }
	if w.Otherwise("unit-name-case") {
		same = strings.EqualFold
	}
	for _, sibling := range parent.Units {
		if sibling != bearer && same(sibling.Name, name) {
			return refuse("DuplicateOrganizationalUnitException", "An OU with the same name already exists.")
		}
	}
	return nil
}

// RenameUnit gives an organizational unit another name; what is in it stays, and so does what is attached to it (Organizations
// API Reference, UpdateOrganizationalUnit).
func (w *World) RenameUnit(u *Unit, name string) error {
	if err := w.unitNameFree(u.Parent, u, name); err != nil {
		return err
	}
	u.Name = name
	return nil
}

// DeleteUnit takes away an organizational unit in which nothing is left, closed accounts neither (Organizations API
// Reference, DeleteOrganizationalUnit). Control Tower is not asked: what it knew of the unit goes with it, and accounts that were
// enrolled through the unit and moved away stay drifted. The id is never given to another unit.
func (w *World) DeleteUnit(u *Unit) error {
	if len(u.Units) > 0 || len(u.Accounts) > 0 {
		return refuse("OrganizationalUnitNotEmptyException", "The organizational unit still has accounts or organizational units in it.")
	}
	for _, a := range w.accounts {
		if a.Baseline != nil && a.Baseline.From == u {
			a.Baseline.From, a.Baseline.Drift = nil, "DRIFTED"
		}
	}
	u.Parent.Units = slices.DeleteFunc(u.Parent.Units, func(other *Unit) bool { return other == u })
	w.formerUnits[u.ID] = true
	return nil
}

// Move moves an account to another parent, as Organizations does when asked to (Organizations API Reference, MoveAccount;
// AWS Control Tower User Guide, "Move and enroll accounts with auto-enrollment"): Control Tower sees it as drift, or
// enrolls the account where the landing zone says so.
func (w *World) Move(a *Account, from, to *Unit) error {
	switch {
	case a.Parent == to && from == to:
		return refuse("DuplicateAccountException", "That account is already present in the specified destination.")
	case a.Parent != from:
		return refuse("SourceParentNotFoundException",
			"You provided an account that is not in the source parent you specified.")
	}
	w.place(a, to)
	w.moved(a)
	return nil
}

func (w *World) place(a *Account, to *Unit) {
	if a.Parent != nil {
		a.Parent.Accounts = slices.DeleteFunc(a.Parent.Accounts, func(other *Account) bool { return other == a })
	}
	a.Parent = to
	to.Accounts = append(to.Accounts, a)
	if w.placed != nil {
		w.placed(a)
	}
}

func (w *World) join(a *Account, to *Unit) {
	w.place(a, to)
	w.accounts = append(w.accounts, a)
	w.byID[a.ID] = a
}

// CloseAccount begins to close a member account (Organizations API Reference, CloseAccount). It is PENDING_CLOSURE first
// and SUSPENDED soon after; its address stays taken.
func (w *World) CloseAccount(a *Account) error {
	switch {
	case a.ID == w.Management.ID:
		return &Refusal{
			Code: "ConstraintViolationException", Reason: "CANNOT_CLOSE_MANAGEMENT_ACCOUNT",
			Message: "You can't close the management account of an organization.",
		}
	case a.State == "SUSPENDED":
		return refuse("AccountAlreadyClosedException", "You attempted to close an account that is already closed.")
	case !a.Active():
		return refuse("ConflictException", "The request failed because it conflicts with the current state of the specified resource.")
	}
	a.State = "PENDING_CLOSURE"
	w.After(w.Timing.Provision/10, func() { a.State = "SUSPENDED" })
	return nil
}

func (w *World) unitID(parent *Unit, name string) string {
	prefix := "ou-" + strings.TrimPrefix(w.Root.ID, "r-") + "-"
	return prefix + made("ou", w.Path(parent)+name, 8, alphabetLow, func(id string) bool { return w.Unit(prefix+id) != nil || w.formerUnits[prefix+id] })
}
