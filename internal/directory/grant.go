package directory

import "github.com/vend-cli/vend/internal/account"

// Grant is one assignment as Identity Center keeps it: a group or user has a permission set in an account. Two grants are
// the same when they are equal.
type Grant struct {
	AccountID        string
	PermissionSetARN string
	PrincipalType    account.PrincipalType
	PrincipalID      string
}

// Holder is a group or a user by its id.
type Holder struct {
	Type account.PrincipalType
	ID   string
}
