package access

import (
	"strings"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/directory"
)

// Wish is an assignment that is to be there, or not to be there.
type Wish struct {
	Entry
	Absent bool
}

// Refusal is a wish that is not fulfilled, and why.
type Refusal struct {
	Wish
	Code, Reason string
}

// Plan is what has to happen so that the wishes come true.
type Plan struct {
	Create, Delete []Entry
	Pruned         []Entry // are deleted as well: vend made them, and nobody wishes for them any more
	Stay           []Entry // as they are wished already
	Refused        []Refusal
	Spared         []Refusal // would have been pruned
}

// Changes says whether anything would happen.
func (p Plan) Changes() bool { return p.Count() > 0 }

// Count is how many assignments are made and deleted.
func (p Plan) Count() int { return len(p.Create) + len(p.Delete) + len(p.Pruned) }

// Prune adds to the plan that those of the entries are deleted that no wish names, whichever way. The entries are there,
// and vend made them. What the guard objects to is spared.
func (p *Plan) Prune(made []Entry, wishes []Wish, guard Guard) {
	named := map[directory.Grant]bool{}
	for _, w := range wishes {
		named[w.Grant] = true
	}
	for _, e := range made {
		if named[e.Grant] {
			continue
		}
		if code, objection := guard.Objection(e); objection != "" {
			p.Spared = append(p.Spared, Refusal{Wish{e, true}, code, objection})
		} else {
			p.Pruned = append(p.Pruned, e)
		}
	}
	Sort(p.Pruned)
}

// Guard is what keeps wishes from being fulfilled.
type Guard struct {
	Organization    *directory.Organization
	AllowManagement bool // assignments in the management account may be changed

	// Delegated says that the caller is a delegated administrator, and Managements which permission sets, by ARN, the management
	// account has. Neither is theirs to assign (IAM Identity Center User Guide, "Delegated administration").
	Delegated   bool
	Managements map[string]bool
}

// ours are the groups that Control Tower makes and keeps for itself ("IAM Identity Center groups for AWS Control Tower",
// AWS Control Tower User Guide).
var ours = map[string]bool{
	"awscontroltoweradmins": true, "awsaccountfactory": true, "awsservicecatalogadmins": true, "awssecurityauditors": true,
	"awssecurityauditpowerusers": true, "awslogarchiveadmins": true, "awslogarchiveviewers": true, "awsauditaccountadmins": true,
}

// Protected says whether a group is one of Control Tower's own, whose assignments are never made, deleted or pruned.
func Protected(kind account.PrincipalType, name string) bool {
	return kind == account.GroupPrincipal && ours[strings.ToLower(strings.TrimSpace(name))]
}

// Objection is why an assignment may be neither made nor deleted, and its code; empty when it may.
func (g Guard) Objection(e Entry) (code, reason string) {
	a, member := g.Organization.ByID(e.AccountID)
	switch {
	case Protected(e.PrincipalType, e.Principal):
		return account.CodeGroupForbidden, "the group belongs to Control Tower"
	case e.AccountID == g.Organization.ManagementAccountID && g.Delegated:
		return account.CodeDelegated, "it is the management account, which a delegated administrator may not change"
	case g.Managements[e.PermissionSetARN] && g.Delegated:
		return account.CodeDelegated, "the permission set is used in the management account, so a delegated administrator may not assign it"
	case e.AccountID == g.Organization.ManagementAccountID && !g.AllowManagement:
		return account.CodeManagementRefused, "it is the management account; --allow-management lets it be changed"
	case !member:
		return account.CodeNotMember, "the account is not in the organization"
	case !a.Active():
		return account.CodeAccountNotActive, "the account is " + a.State + ", not ACTIVE"
	}
	return "", ""
}

// Diff compares wishes with what there is. A wish that is made twice counts once; one that contradicts an earlier one is
// refused, and so is what the guard objects to. What is as it is wished stays, whatever the guard says. What nobody wishes
// for is left alone.
func Diff(wishes []Wish, actual []directory.Grant, guard Guard) Plan {
	there := make(map[directory.Grant]bool, len(actual))
	for _, g := range actual {
		there[g] = true
	}
	var p Plan
	absent := map[directory.Grant]bool{}
	for _, w := range wishes {
		before, again := absent[w.Grant]
		if again && before == w.Absent {
			continue
		}
		code, objection := guard.Objection(w.Entry)
		switch {
		case again:
			p.Refused = append(p.Refused, Refusal{w, account.CodeAccessConflict, "the file wants it to be there and not to be there"})
			continue
		case there[w.Grant] == !w.Absent:
			p.Stay = append(p.Stay, w.Entry)
		case objection != "":
			p.Refused = append(p.Refused, Refusal{w, code, objection})
		case w.Absent:
			p.Delete = append(p.Delete, w.Entry)
		default:
			p.Create = append(p.Create, w.Entry)
		}
		absent[w.Grant] = w.Absent
	}
	Sort(p.Create)
	Sort(p.Delete)
	Sort(p.Stay)
	return p
}
