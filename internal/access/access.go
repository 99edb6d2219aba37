// Package access says who has which permission set where: desired, actual, the difference.
//
// It is all values: what there is comes from the adapters, and what differs is brought about by the engine.
//
// It imports account and directory.
package access

import (
	"cmp"
	"slices"

	"github.com/vend-cli/vend/internal/directory"
)

// Entry is one assignment with the names of all it speaks of. A name is empty where there is no such thing any more.
type Entry struct {
	directory.Grant
	AccountName   string
	Path          string // of the unit that the account is in; empty in the root
	PermissionSet string
	Principal     string
}

// Sort puts entries in the order in which people read them: by path, account, permission set and principal.
func Sort(entries []Entry) {
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(
			cmp.Compare(a.Path, b.Path), cmp.Compare(a.AccountName, b.AccountName), cmp.Compare(a.AccountID, b.AccountID),
			cmp.Compare(a.PermissionSet, b.PermissionSet), cmp.Compare(a.PermissionSetARN, b.PermissionSetARN),
			cmp.Compare(a.PrincipalType, b.PrincipalType), cmp.Compare(a.Principal, b.Principal), cmp.Compare(a.PrincipalID, b.PrincipalID))
	})
}

// Names are what ids are called.
type Names struct {
	Organization   *directory.Organization
	PermissionSets map[string]string // by ARN
	Holders        map[directory.Holder]string
}

// Entry names all that a grant speaks of.
func (n Names) Entry(g directory.Grant) Entry {
	e := Entry{
		Grant: g, PermissionSet: n.PermissionSets[g.PermissionSetARN],
		Principal: n.Holders[directory.Holder{Type: g.PrincipalType, ID: g.PrincipalID}],
	}
	if a, ok := n.Organization.ByID(g.AccountID); ok {
		u, _ := n.Organization.UnitByID(a.ParentID)
		e.AccountName, e.Path = a.Name, u.Path
	}
	return e
}
