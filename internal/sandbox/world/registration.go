package world

import (
	"strings"
)

// governing lets an operation on a unit take its course: prechecks first, then one account after the other.
func (w *World) governing(u *Unit, o *BaselineOperation) {
	w.After(10*w.Timing.Provision/25, func() {
		var unfit []string
		for _, a := range u.Accounts {
			if w.concerns(u, a) && w.unfit(a, false) != nil {
				unfit = append(unfit, a.ID)
			}
		}
		if len(unfit) > 0 && !w.Otherwise("register-fit-accounts") {
			w.registered(u, o, "Pre-checks prevented on accounts: "+strings.Join(unfit, ", ")+".")
			return
		}
		accounts := append([]*Account{}, u.Accounts...)
		for _, a := range accounts {
			if w.concerns(u, a) && !w.enrolledIn(u, a) {
				w.enrolling(a, u)
				a.Baseline.Operation = o.ID
			}
		}
		w.enrollNext(u, o, accounts, nil)
	})
}

// concerns says whether an operation on a unit is about an account in it.
func (w *World) concerns(u *Unit, a *Account) bool {
	return a.Parent == u && a.ID != w.Management.ID && (a.Active() || w.Otherwise("register-suspended"))
}

// enrolledIn says whether an account has all that its unit gives already.
func (w *World) enrolledIn(u *Unit, a *Account) bool {
	return a.Enrolled() && a.Baseline.From == u && a.Baseline.Drift == "IN_SYNC" && a.Baseline.Version == u.Baseline.Version
}

// enrollNext goes on with the accounts that are left of an operation on a unit.
func (w *World) enrollNext(u *Unit, o *BaselineOperation, left []*Account, failed []string) {
	if len(left) == 0 {
		message := ""
		if len(failed) > 0 {
			message = "Enrollment failed on accounts: " + strings.Join(failed, ", ") + "."
		}
		w.registered(u, o, message)
		return
	}
	a := left[0]
	w.After(2*w.Timing.Provision/25, func() {
		if w.concerns(u, a) && a.Baseline != nil && a.Baseline.Status == "UNDER_CHANGE" && a.Baseline.Operation == o.ID {
			ok := w.unfit(a, false) == nil
			w.enrolled(a, ok)
			if !ok {
				failed = append(failed, a.ID)
			}
		}
		w.enrollNext(u, o, left[1:], failed)
	})
}

// registered ends an operation on a unit; a message says why it failed.
func (w *World) registered(u *Unit, o *BaselineOperation, message string) {
	o.End = w.stamp()
	o.Status, u.Baseline.Status = "SUCCEEDED", "SUCCEEDED"
	if message != "" {
		o.Status, o.StatusMessage, u.Baseline.Status = "FAILED", message, "FAILED"
	} else {
		w.AccountFactory.renew(w)
	}
	w.publishUnit("RegisterOrganizationalUnit", u, o)
}
