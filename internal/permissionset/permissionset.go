// Package permissionset compares the permission sets that a file asks for with those that Identity Center has.
//
// A file is the whole truth about each permission set that it names, but for a description that it leaves out, and says
// nothing of others. [Read] reads it, [Compare] makes a plan, and [Apply] brings the plan about:
//
//	file ─ Read ─▶ []Set ─┐
//	                      ├─ Compare ─▶ []Action ─ Apply ─▶ Center.Bring, Center.Provision
//	Identity Center ─▶ []Set
//
// Each step looks at what is there and does what is missing, so a run that was broken off is simply begun again.
//
// It imports account, and the YAML parser.
package permissionset

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Set is one permission set, whole. ARN, Accounts and Outdated are empty in one that a file asks for.
type Set struct {
	ARN         string
	Name        string
	Description string
	Session     time.Duration
	RelayState  string
	Managed     []string // policies of AWS: what stands behind "policy/" in their ARNs, in the order of the alphabet
	Customer    []Policy // policies that each account has as its own, in the order of the alphabet
	Inline      string   // a JSON document; empty: none
	Boundary    Boundary // the zero value: none
	Tags        map[string]string

	Accounts []string // that have it
	Outdated []string // of those, the ones that have it as it was before its last change
}

// Policy is a customer managed policy, which permission sets refer to by name and path.
type Policy struct {
	Name string `json:"name"`
	Path string `json:"path"` // begins and ends with a slash
}

// String is path and name, as an ARN has them behind "policy".
func (p Policy) String() string { return p.Path + p.Name }

// Boundary is a permissions boundary: a policy of AWS or one of the account, at most one of both.
type Boundary struct {
	Managed  string // as in [Set]
	Customer Policy
}

// String names the policy as the file does; empty where there is no boundary.
func (b Boundary) String() string {
	if b.Customer.Name != "" {
		return b.Customer.String()
	}
	return b.Managed
}

// The session of a permission set where nothing is said, and its bounds (IAM Identity Center User Guide, "Set session
// duration for AWS accounts").
const (
	DefaultSession  = time.Hour
	shortestSession = time.Hour
	longestSession  = 12 * time.Hour
)

// controlTowers are the permission sets that AWS Control Tower makes and keeps by itself (AWS Control Tower User Guide,
// "IAM Identity Center groups for AWS Control Tower").
var controlTowers = []string{
	"AWSAdministratorAccess", "AWSOrganizationsFullAccess", "AWSPowerUserAccess", "AWSReadOnlyAccess",
	"AWSServiceCatalogAdminFullAccess", "AWSServiceCatalogEndUserAccess",
}

// ControlTowers says whether a permission set is one of Control Tower's own, which are never changed or deleted.
func ControlTowers(name string) bool { return slices.Contains(controlTowers, name) }

// Difference is one thing that is other than it is wanted. Of members with several values it is one of them: From is empty
// where it is missing, To where it is too many. A tag is written key=value.
type Difference struct {
	Member string `json:"member"`
	From   string `json:"from,omitempty"`
	To     string `json:"to,omitempty"`
}

// The members of a permission set, as the file spells them.
const (
	Description = "description"
	Session     = "sessionDuration"
	RelayState  = "relayState"
	Managed     = "managedPolicies"
	Customer    = "customerManagedPolicies"
	Inline      = "inlinePolicy"
	Limit       = "permissionsBoundary"
	Tags        = "tags"
)

// Differences are what has to be done to a permission set so that it is what is wanted; policies go before others come,
// since their number is limited. A description that is not wanted stays, for AWS has no way to take one away.
func (s Set) Differences(want Set) []Difference {
	var all []Difference
	differ := func(member, from, to string) {
		if from != to {
			all = append(all, Difference{Member: member, From: from, To: to})
		}
	}
	differ(Description, s.Description, cmp.Or(want.Description, s.Description))
	differ(Session, Spoken(s.Session), Spoken(want.Session))
	differ(RelayState, s.RelayState, want.RelayState)
	each(Managed, s.Managed, want.Managed, &all)
	each(Customer, names(s.Customer), names(want.Customer), &all)
	if !SameDocument(s.Inline, want.Inline) {
		differ(Inline, s.Inline, want.Inline)
	}
	differ(Limit, s.Boundary.String(), want.Boundary.String())
	var keys []string
	for key := range s.Tags {
		keys = append(keys, key)
	}
	for key := range want.Tags {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		differ(Tags, tag(s.Tags, key), tag(want.Tags, key))
	}
	return all
}

func tag(tags map[string]string, key string) string {
	value, ok := tags[key]
	if !ok {
		return ""
	}
	return key + "=" + value
}

func each(member string, have, want []string, into *[]Difference) {
	for _, name := range have {
		if !slices.Contains(want, name) {
			*into = append(*into, Difference{Member: member, From: name})
		}
	}
	for _, name := range want {
		if !slices.Contains(have, name) {
			*into = append(*into, Difference{Member: member, To: name})
		}
	}
}

func names(policies []Policy) []string {
	var all []string
	for _, p := range policies {
		all = append(all, p.String())
	}
	return all
}

// Cut is the opposite of [Policy.String].
func Cut(text string) Policy {
	at := strings.LastIndexByte(text, '/') + 1
	return Policy{Path: text[:at], Name: text[at:]}
}
