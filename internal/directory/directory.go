// Package directory is the organization and Identity Center as seen at one moment, and how a name is resolved there.
//
// People name organizational units, permission sets, groups and users as they please; AWS wants ids. [Organization.Unit]
// and [Resolve] find what is meant, or say what it might have been ([UnknownUnit], [AmbiguousUnit],
// [UnknownPermissionSet], [UnknownPrincipal]). Nothing is guessed: an account in the wrong unit is worse than a refusal.
//
// It imports account.
package directory

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

// Organization is what AWS Organizations knew at TakenAt. Its look-ups are safe for concurrent use; nobody changes it
// once it is handed out.
type Organization struct {
	ManagementAccountID string
	RootID              string
	Units               []Unit    // all of them, parents before their children
	Accounts            []Account // all of them, in every state
	TakenAt             time.Time // before the first call that this was read with

	index sync.Once
	units map[string]Unit    // by id
	byID  map[string]Account // by account id
	byKey map[string]Account // by lower-case e-mail
}

// Unit is an organizational unit, somewhere below the root.
type Unit struct {
	account.OrganizationalUnit
	ParentID   string // of the unit above, or the root's
	Registered bool   // with Control Tower
}

// Account is a member of the organization, or its management account.
type Account struct {
	ID, Name, Email string
	ARN             string
	State           string // PENDING_ACTIVATION, ACTIVE, SUSPENDED, PENDING_CLOSURE or CLOSED
	ParentID        string // of the unit it is in, or the root's; empty where that was not asked for
	Enrolled        bool   // in Control Tower; false where that was not asked for
	Shared          bool   // it is the log archive's or the auditors', which belong to the landing zone; likewise
	JoinedAt        time.Time
}

// Governed is what Control Tower governs, by ids.
type Governed struct {
	Units    map[string]bool // registered
	Accounts map[string]bool // enrolled
	Shared   map[string]bool // accounts of the landing zone itself
}

// Active says whether the account can be worked with.
func (a Account) Active() bool { return a.State == "ACTIVE" }

// ByEmail finds the account with that root e-mail address, whatever its state and the case of the letters: AWS lets each
// address be used once, and closed accounts keep theirs.
func (o *Organization) ByEmail(email string) (Account, bool) {
	o.build()
	a, ok := o.byKey[emailKey(email)]
	return a, ok
}

// ByID finds an account by its 12 digits.
func (o *Organization) ByID(id string) (Account, bool) {
	o.build()
	a, ok := o.byID[id]
	return a, ok
}

// UnitByID finds a unit by its id; false for the root, too.
func (o *Organization) UnitByID(id string) (Unit, bool) {
	o.build()
	u, ok := o.units[id]
	return u, ok
}

// In lists the accounts that are directly in a unit, or in the root.
func (o *Organization) In(parentID string) []Account {
	return o.accounts(func(a Account) bool { return a.ParentID == parentID })
}

// Below lists the accounts that are in a unit, or in the root, or anywhere below it.
func (o *Organization) Below(parentID string) []Account {
	within := map[string]bool{parentID: true}
	for _, u := range o.Units {
		within[u.ID] = within[u.ID] || within[u.ParentID]
	}
	return o.accounts(func(a Account) bool { return within[a.ParentID] })
}

func (o *Organization) accounts(wanted func(Account) bool) []Account {
	return slices.DeleteFunc(slices.Clone(o.Accounts), func(a Account) bool { return !wanted(a) })
}

func (o *Organization) build() {
	o.index.Do(func() {
		o.units = make(map[string]Unit, len(o.Units))
		for _, u := range o.Units {
			o.units[u.ID] = u
		}
		o.byID = make(map[string]Account, len(o.Accounts))
		o.byKey = make(map[string]Account, len(o.Accounts))
		for _, a := range o.Accounts {
			o.byID[a.ID] = a
			o.byKey[emailKey(a.Email)] = a
		}
	})
}

func emailKey(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
