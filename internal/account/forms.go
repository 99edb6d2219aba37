package account

import (
	"regexp"
	"strings"
	"sync"
)

// The forms that every row of a list is held against are plain code. Those that few rows need are regular expressions,
// compiled when the first one does.
var (
	scientific      = compile(`^[0-9]([.,][0-9]+)?[eE]\+?[0-9]{1,2}$`)
	unitInBrackets  = compile(`^(.*\S) ?\((ou-[^()]*)\)$`)
	permissionSetID = compile(`^arn:aws(-[a-z]{1,5}){0,3}:sso:::permissionSet/(sso)?ins-[a-zA-Z0-9-.]{16}/ps-[a-zA-Z0-9-./]{16}`)
	principalID     = compile(`^([0-9a-f]{10}-)?[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}$`)
)

func compile(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

// isAccountID is ^[0-9]{12}$.
func isAccountID(id string) bool {
	return len(id) == 12 && strings.Trim(id, "0123456789") == ""
}

// isRootID is ^r-[0-9a-z]{4,32}$.
func isRootID(id string) bool {
	rest, ok := strings.CutPrefix(id, "r-")
	return ok && isLowerAlphanumeric(rest, 4, 32)
}

// isUnitID is ^ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}$.
func isUnitID(id string) bool {
	rest, ok := strings.CutPrefix(id, "ou-")
	root, own, _ := strings.Cut(rest, "-")
	return ok && isLowerAlphanumeric(root, 4, 32) && isLowerAlphanumeric(own, 8, 32)
}

// isPermissionSetName is ^[0-9A-Za-z_+=,.@-]{1,32}$.
func isPermissionSetName(name string) bool {
	for _, c := range []byte(name) {
		if !isAlphanumeric(c) && strings.IndexByte("_+=,.@-", c) < 0 {
			return false
		}
	}
	return 1 <= len(name) && len(name) <= 32
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func isLowerAlphanumeric(text string, shortest, longest int) bool {
	for _, c := range []byte(text) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return shortest <= len(text) && len(text) <= longest
}
