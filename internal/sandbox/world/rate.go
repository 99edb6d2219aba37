package world

// AskIdentityCenter counts a call of Identity Center or of the identity store, and refuses it where the
// calls of this second are used up (IAM Identity Center User Guide, "IAM Identity Center quotas": all of its APIs
// have 20 calls a second together). Call it within [World.Do].
func (w *World) AskIdentityCenter() error {
	perSecond, ic := float64(w.Quotas.IdentityCenterCalls), w.IdentityCenter
	if perSecond <= 0 {
		return nil
	}
	most := perSecond
	if w.Otherwise("identity-center-burst") {
		most = 1
	}
	now := w.now()
	if ic.asked.IsZero() {
		ic.spare = most
	} else {
		ic.spare = min(most, ic.spare+now.Sub(ic.asked).Seconds()*perSecond)
	}
	ic.asked = now
	const rounding = 1e-6 // of clocks that tick in whole nanoseconds
	if ic.spare+rounding < 1 {
		return refuse("ThrottlingException", "Rate exceeded")
	}
	ic.spare--
	return nil
}
