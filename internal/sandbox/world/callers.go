package world

import (
	"slices"
	"strings"
)

// Caller is who asks: a principal of one account.
type Caller struct {
	Account string `json:"account"`
	ARN     string `json:"arn"` // arn:aws:iam::…:user/… or arn:aws:sts::…:assumed-role/…
	UserID  string `json:"userId"`
}

// Caller is who stands behind an access key: the session that [World.Grant] gave it to, else the management account's
// administrator.
func (w *World) Caller(accessKey string) Caller {
	if c, ok := w.sessions[accessKey]; ok {
		return c
	}
	return Caller{
		Account: w.Management.ID,
		ARN:     "arn:aws:iam::" + w.Management.ID + ":user/" + administrator,
		UserID:  "AIDA" + spell("user/"+w.Management.ID, 17, alphabetUp),
	}
}

// Grant lets an access key stand for a session.
func (w *World) Grant(accessKey string, c Caller) { w.sessions[accessKey] = c }

// Answer lets an operation of the organization's own services happen within [World.Do], if the caller is of the management
// account; others are denied, as is who has no business there.
func Answer[Out any](w *World, c Caller, happen func() (Out, error)) (out Out, err error) {
	if c.Account != w.Management.ID {
		return out, refuse("AccessDeniedException", "You don't have permissions to access this resource.")
	}
	w.Do(func() { out, err = happen() })
	return out, err
}

// AnswerDelegated is [Answer] for what Identity Center's delegated administrator may ask for as well (IAM Identity Center
// User Guide, "Delegated administration").
func AnswerDelegated[Out any](w *World, c Caller, happen func() (Out, error)) (Out, error) {
	if c.Account == w.IdentityCenter.Administrator {
		c.Account = w.Management.ID
	}
	return Answer(w, c, happen)
}

// BeyondDelegation says whether a caller is the delegated administrator, and may not assign the permission set in the
// account: the management account is not theirs, nor is what is provisioned there.
func (w *World) BeyondDelegation(c Caller, account string, set *PermissionSet) bool {
	return c.Account != w.Management.ID &&
		(account == w.Management.ID || slices.Contains(w.IdentityCenter.ProvisionedTo(set), w.Management.ID))
}

// Principal is the IAM identity of a caller: of a role session the role.
func (c Caller) Principal() string {
	rest, ok := strings.CutPrefix(c.ARN, "arn:aws:sts::"+c.Account+":assumed-role/")
	if !ok {
		return c.ARN
	}
	role, _, _ := strings.Cut(rest, "/")
	return "arn:aws:iam::" + c.Account + ":role/" + role
}

const administrator = "administrator"
