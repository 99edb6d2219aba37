package world

import "time"

// allowance is how many calls of some kind may still come at once.
type allowance struct {
	spare float64   // at the time of the last call
	asked time.Time // when that was
}

// take takes one call, if there is one left: of most that may come at once, perSecond come back in a second, evenly.
func (a *allowance) take(now time.Time, perSecond, most float64) bool {
	if a.asked.IsZero() {
		a.spare = most
	} else {
		a.spare = min(most, a.spare+now.Sub(a.asked).Seconds()*perSecond)
	}
	a.asked = now
	const rounding = 1e-6 // of clocks that tick in whole nanoseconds
	if a.spare+rounding < 1 {
		return false
	}
	a.spare--
	return true
}

// AskIdentityCenter counts a call of Identity Center or of the identity store, and refuses it where the
// calls of this second are used up (IAM Identity Center User Guide, "IAM Identity Center quotas": all of its APIs
// have 20 calls a second together). Call it within [World.Do].
func (w *World) AskIdentityCenter() error {
	perSecond := float64(w.Quotas.IdentityCenterCalls)
	if perSecond <= 0 {
		return nil
	}
	most := perSecond
	if w.Otherwise("identity-center-burst") {
		most = 1
	}
	if !w.IdentityCenter.calls.take(w.now(), perSecond, most) {
		return refuse("ThrottlingException", "Rate exceeded")
	}
	return nil
}

// organizationsCalls is how many calls Organizations takes in a second where the world says that it counts them: a low
// guess, for that shows what a client makes of it.
const organizationsCalls = 5

// AskOrganizations counts a call of Organizations, and refuses it where there were too many (Organizations API Reference,
// TooManyRequestsException). Call it within [World.Do].
func (w *World) AskOrganizations() error {
	if w.Otherwise("organizations-call-rate") && !w.organizationsCalls.take(w.now(), organizationsCalls, organizationsCalls) {
		return refuse("TooManyRequestsException", "You have sent too many requests in too short a period of time.")
	}
	return nil
}
