package directory

import (
	"context"
	"fmt"
	"strings"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/pattern"
)

// Identity answers for IAM Identity Center.
type Identity interface {
	// PermissionSet finds the ARN of a permission set by its name or ARN; the error is an [UnknownPermissionSet] when there
	// is none.
	PermissionSet(ctx context.Context, nameOrARN string) (arn string, err error)
	// Principal finds the id of a group by its display name, or of a user by the user name; the error is an
	// [UnknownPrincipal] when there is none.
	Principal(ctx context.Context, kind account.PrincipalType, name string) (id string, err error)
	// PrincipalByID says whether a group or user with that id exists.
	PrincipalByID(ctx context.Context, kind account.PrincipalType, id string) (bool, error)
}

// UnknownPermissionSet says that Identity Center has no such permission set.
type UnknownPermissionSet struct {
	Text        string
	Suggestions []string // names that might have been meant; at most three
}

// Error names the text and what might have been meant.
func (e *UnknownPermissionSet) Error() string {
	return fmt.Sprintf("no permission set %q", e.Text) + meant(e.Suggestions)
}

// UnknownPrincipal says that the identity store has no such group or user.
type UnknownPrincipal struct {
	Type account.PrincipalType // empty: neither a group nor a user
	Text string                // a name or an id
	ByID bool

	Suggestions []string // names that might have been meant; at most three, and none where nobody looked
}

// Error names the group or user.
func (e *UnknownPrincipal) Error() string {
	kind := "group or user"
	if e.Type != "" {
		kind = strings.ToLower(string(e.Type))
	}
	if e.ByID {
		return fmt.Sprintf("no %s with the id %q", kind, e.Text)
	}
	return fmt.Sprintf("no %s %q", kind, e.Text) + meant(e.Suggestions)
}

// Resolve fills in the ARN of the permission set and the id of the principal that an assignment names. It asks again
// even where they are filled in: what bore the name yesterday may be gone. The error is an [UnknownPermissionSet], an
// [UnknownPrincipal], or what kept Identity from answering; the assignment is returned as it came then.
func Resolve(ctx context.Context, i Identity, a account.Assignment) (account.Assignment, error) {
	arn, err := i.PermissionSet(ctx, a.PermissionSet)
	if err != nil {
		return a, err
	}
	id := a.Principal
	if a.PrincipalByID {
		found := false
		if principalID.MatchString(id) { // Identity Center answers anything else with a ValidationException
			if found, err = i.PrincipalByID(ctx, a.PrincipalType, id); err != nil {
				return a, err
			}
		}
		if !found {
			return a, &UnknownPrincipal{Type: a.PrincipalType, Text: id, ByID: true}
		}
	} else if id, err = i.Principal(ctx, a.PrincipalType, a.Principal); err != nil {
		return a, err
	}
	a.PermissionSetARN, a.PrincipalID = arn, id
	return a, nil
}

// principalID is the pattern of PrincipalId (IAM Identity Center API Reference, CreateAccountAssignment).
var principalID = pattern.Compile(`^([0-9a-f]{10}-|)[A-Fa-f0-9]{8}(-[A-Fa-f0-9]{4}){3}-[A-Fa-f0-9]{12}$`)

// IsPrincipalID says whether a text has the form of a group's or user's id.
func IsPrincipalID(text string) bool { return principalID.MatchString(text) }

// Similar picks at most three names that a misspelt one may have meant, the nearest first.
func Similar(text string, names []string) []string {
	near := make([]suggestion, len(names))
	for i, n := range names {
		near[i] = suggestion{n, distance(text, n)}
	}
	return nearest(text, near)
}
