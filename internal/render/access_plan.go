package render

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/vend-cli/vend/internal/access"
	"github.com/vend-cli/vend/internal/account"
)

// AccessPlan writes what would be made and deleted, and what is refused and why.
func (p Printer) AccessPlan(plan access.Plan) error {
	var b strings.Builder
	for _, e := range plan.Delete {
		b.WriteString(p.paint(red, "- ") + AccessEntry(e) + "\n")
	}
	for _, e := range plan.Create {
		b.WriteString(p.paint(green, "+ ") + AccessEntry(e) + "\n")
	}
	for _, r := range plan.Refused {
		b.WriteString(p.paint(yellow, "! ") + AccessEntry(r.Entry) + ": " + r.Reason + "\n")
	}
	fmt.Fprintf(&b, "%d to make, %d to delete, %d as they should be, %d refused\n", len(plan.Create), len(plan.Delete), len(plan.Stay), len(plan.Refused))
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// AccessEntry is one assignment on one line.
func AccessEntry(e access.Entry) string {
	kind := "user"
	if e.PrincipalType == account.GroupPrincipal {
		kind = "group"
	}
	return Text(fmt.Sprintf("%s for %s %s in %s (%s)", cmp.Or(e.PermissionSet, e.PermissionSetARN), kind, cmp.Or(e.Principal, e.PrincipalID),
		cmp.Or(e.AccountName, "account"), e.AccountID))
}
