package cloudformation

import (
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// deploymentTargets say which accounts are meant (AWS CloudFormation API Reference, DeploymentTargets).
type deploymentTargets struct {
	Accounts []string `json:"Accounts,omitempty"`
	URL      string   `json:"AccountsUrl,omitempty"`
	Units    []string `json:"OrganizationalUnitIds,omitempty"`
	Filter   string   `json:"AccountFilterType,omitempty"`
}

var (
	unitPattern    = pattern.Compile(`(ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}|r-[a-z0-9]{4,32})`)
	accountPattern = pattern.Compile(`[0-9]{12}`)
)

// mostUnits is how many units one call may target.
const mostUnits = 50

// check refuses targets that make no sense for stack sets with service-managed permissions; accounts are those of the
// request itself, which are for the other kind (AWS CloudFormation User Guide, "Account level targets").
func (s *service) check(d *deploymentTargets, accounts []string, creating bool) error {
	if len(accounts) > 0 {
		return invalid("Only OrganizationalUnitIds are supported as targets of stack sets with service-managed permissions; use DeploymentTargets")
	}
	if d == nil || len(d.Units) == 0 {
		return invalid("OrganizationalUnitIds are required for stack sets with service-managed permissions")
	}
	if d.URL != "" {
		if err := s.enlist(d); err != nil {
			return err
		}
	}
	var wrong wire.Invalid
	for _, u := range d.Units {
		wrong.Pattern("organizationalUnitIds", u, unitPattern)
	}
	for _, a := range d.Accounts {
		wrong.Pattern("accounts", a, accountPattern)
	}
	wrong.Enum("accountFilterType", d.Filter, "NONE", "INTERSECTION", "DIFFERENCE", "UNION")
	if err := wrong.Err(); err != nil {
		return err
	}
	switch {
	case len(d.Units) > mostUnits:
		return invalid("The number of organizational units exceeds the limit of 50")
	case len(d.Accounts) > 0 && d.Filter == "":
		return invalid("AccountFilterType must be specified when both OrganizationalUnitIds and Accounts are specified")
	case len(d.Accounts) > 0 && d.Filter == "NONE", len(d.Accounts) == 0 && d.Filter != "" && d.Filter != "NONE":
		return invalid("AccountFilterType " + d.Filter + " does not go with the accounts that are specified")
	case creating && d.Filter == "UNION":
		return invalid("AccountFilterType UNION is not supported for CreateStackInstances operations")
	}
	for _, u := range d.Units {
		if s.w.Unit(u) == nil {
			return invalid("StackSets could not find the organizational unit " + u)
		}
	}
	return nil
}

// target is an account that is meant, and the unit through which it is.
type target struct{ account, unit string }

// accounts are those in the units and below them, as the filter leaves them, by id. The management account is never one.
func (s *service) accounts(d *deploymentTargets) []target {
	var found []target
	add := func(a *world.Account, unit string) {
		known := slices.ContainsFunc(found, func(t target) bool { return t.account == a.ID })
		if a.ID != s.w.Management.ID && !known && d.passes(a.ID) {
			found = append(found, target{a.ID, unit})
		}
	}
	for _, id := range d.Units {
		top := s.w.Unit(id)
		if top == nil {
			continue // it was deleted while the operation waited
		}
		for u := range top.All() {
			for _, a := range u.Accounts {
				add(a, id)
			}
		}
	}
	if d.Filter == "UNION" {
		for _, id := range d.Accounts {
			if a := s.w.Account(id); a != nil {
				add(a, a.Parent.ID)
			}
		}
	}
	slices.SortFunc(found, func(a, b target) int { return strings.Compare(a.account, b.account) })
	return found
}

func (d *deploymentTargets) passes(account string) bool {
	switch d.Filter {
	case "INTERSECTION":
		return slices.Contains(d.Accounts, account)
	case "DIFFERENCE":
		return !slices.Contains(d.Accounts, account)
	default:
		return true
	}
}

// existing are the instances of a set that are meant: of accounts that stand in the units, and of those that were deployed to
// through them and have moved since.
func (s *service) existing(t *set, d *deploymentTargets, regions []string) []*instance {
	here := s.accounts(d)
	var found []*instance
	for _, i := range t.instances {
		meant := slices.ContainsFunc(here, func(t target) bool { return t.account == i.account })
		if !meant && slices.Contains(d.Units, i.unit) && d.passes(i.account) {
			meant = !s.w.Otherwise("stack-set-moved-account")
		}
		if meant && slices.Contains(regions, i.region) {
			found = append(found, i)
		}
	}
	return found
}
