package world

import (
	"slices"
	"strings"
	"time"
)

// waitingPeriod is how long an account that was created stays at least (AWS Organizations API Reference,
// ConstraintViolationException, WAIT_PERIOD_ACTIVE). It is real time, as what accounts joined at is.
const waitingPeriod = 4 * 24 * time.Hour

// Leave takes a member account out of the organization (AWS Organizations API Reference, RemoveAccountFromOrganization and
// LeaveOrganization). An account that the organization created has nothing to pay with, so only those that were invited can go.
// The account lives on by itself with its address, which stays taken; the sandbox follows it no further.
//
// Of what it had in the organization, IAM Identity Center cleans up the assignments (IAM Identity Center User Guide, "Using
// service-linked roles for IAM Identity Center"), and Control Tower sees drift: see [World.missed].
func (w *World) Leave(a *Account) error {
	if err := w.mayLeave(a); err != nil {
		return err
	}
	a.Parent.Accounts = slices.DeleteFunc(a.Parent.Accounts, func(other *Account) bool { return other == a })
	a.Parent = nil
	w.accounts = slices.DeleteFunc(w.accounts, func(other *Account) bool { return other == a })
	delete(w.byID, a.ID)
	w.elsewhere[strings.ToLower(a.Email)] = true
	ic := w.IdentityCenter
	ic.Assignments = slices.DeleteFunc(ic.Assignments, func(given Assignment) bool { return given.Account == a.ID })
	for _, set := range ic.PermissionSets {
		set.Outdated = slices.DeleteFunc(set.Outdated, func(id string) bool { return id == a.ID })
	}
	w.missed(a)
	if w.placed != nil {
		w.placed(a)
	}
	return nil
}

// mayLeave says why an account cannot leave the organization; nil when it can.
func (w *World) mayLeave(a *Account) error {
	violation := func(reason, message string) error {
		return &Refusal{Code: "ConstraintViolationException", Reason: reason, Message: message}
	}
	young := w.now().Sub(a.Joined) < waitingPeriod
	switch {
	case a.ID == w.Management.ID && w.Otherwise("remove-management-account-code"):
		return violation("ACCOUNT_CANNOT_LEAVE_ORGANIZATION", "You can't remove the management account from the organization.")
	case a.ID == w.Management.ID:
		return refuse("MasterCannotLeaveOrganizationException", "You can't remove the management account from an organization.")
	case a.ID == w.IdentityCenter.Administrator:
		return violation("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
			"You can't remove an account that is a delegated administrator; deregister it first.")
	case !a.Active() && w.Otherwise("leave-closed-account"):
		return violation("ACCOUNT_CREATION_NOT_COMPLETE", "The account is not fully active.")
	case a.JoinedMethod != "CREATED":
		return nil
	case young && !w.Otherwise("leave-wait-or-payment"):
		return violation("WAIT_PERIOD_ACTIVE", "You must wait until at least four days after the account was created.")
	default:
		return violation("MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED",
			"The member account must be configured with a valid payment method, such as a credit card.")
	}
}

// missed lets Control Tower see that an account has left (AWS Control Tower User Guide, "Types of governance drift", "Removed
// member account"): its enrollment is over, and the provisioned product stays TAINTED until somebody terminates it. Without one
// of the shared accounts it is the landing zone that has drifted.
func (w *World) missed(a *Account) {
	a.Baseline = nil
	if p := w.AccountFactory.owner(a); p != nil && p.Status != "UNDER_CHANGE" {
		p.Status, p.StatusMessage = "TAINTED", notMember(p)
	}
	if slices.Contains(sharedAccounts, a.Name) {
		w.LandingZone.Drift = "DRIFTED"
	}
}

// sharedAccounts are those in which Control Tower keeps what the landing zone has in common, by the names that it gives them.
var sharedAccounts = []string{"Log Archive", "Audit"}

func notMember(p *Product) string {
	return "The account of provisioned product " + p.ID + " is not in the organization."
}

// member says whether an account is in the organization: others may have left it while something went on in them.
func (w *World) member(a *Account) bool { return w.byID[a.ID] == a }
