package account

// PrincipalType is who an assignment is for.
type PrincipalType string

// The principals of Identity Center.
const (
	GroupPrincipal PrincipalType = "GROUP"
	UserPrincipal  PrincipalType = "USER"
)

// AssignmentState is how far one assignment is.
type AssignmentState string

// The states of an assignment. The zero value is asked for, nothing done yet.
const (
	AssignmentPending  AssignmentState = "pending"
	AssignmentCreating AssignmentState = "creating"
	AssignmentDone     AssignmentState = "done"
	AssignmentFailed   AssignmentState = "failed"
)

// Assignment gives a group or a user a permission set in the request's account.
type Assignment struct {
	PermissionSet    string          `json:"permissionSet"` // as it was asked for: a name, or an ARN
	PermissionSetARN string          `json:"permissionSetArn,omitempty"`
	PrincipalType    PrincipalType   `json:"principalType"`
	Principal        string          `json:"principal"` // as it was asked for: a name, or an id
	PrincipalByID    bool            `json:"principalById,omitempty"`
	PrincipalID      string          `json:"principalId,omitempty"`
	State            AssignmentState `json:"state,omitempty"`
	RequestID        string          `json:"requestId,omitempty"` // of the creation that is under way
	Made             bool            `json:"made,omitempty"`      // the pipeline asked for its creation, and AWS did not say no
	Attempts         int             `json:"attempts,omitempty"`
	Failure          *Failure        `json:"failure,omitempty"`
}

// Same says whether two assignments ask for the same thing.
func (a Assignment) Same(b Assignment) bool {
	set := a.PermissionSet == b.PermissionSet || a.PermissionSetARN != "" && a.PermissionSetARN == b.PermissionSetARN
	who := a.Principal == b.Principal || a.PrincipalID != "" && a.PrincipalID == b.PrincipalID
	return set && who && a.PrincipalType == b.PrincipalType
}
