package account

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"time"
)

// Plan is what a worker would do with an account list if it read it now.
type Plan struct {
	File     string    `json:"file"`
	SHA256   string    `json:"sha256"`                     // of the list's bytes
	AtRoot   bool      `json:"createRoleAtRoot,omitempty"` // whoever made it agreed to enroll accounts out of the root
	MadeAt   time.Time `json:"madeAt"`
	Actions  []Action  `json:"actions"`
	Ahead    int       `json:"-"` // account operations that come first
	Duration Estimate  `json:"-"` // until its own have ended
	Quota    *Quota    `json:"-"` // nil: nobody could tell
}

// Quota is how many accounts the organization may have, and has: closed ones count until they are gone for good (AWS
// Organizations User Guide, "Quotas").
type Quota struct {
	Accounts, Used int
	Default        bool // AWS told its default alone: the organization may have been given more
}

// Lacking is how many of the plan's new accounts the quota has no room for; 0 where nobody can tell.
func (p Plan) Lacking() int {
	verbs, _ := p.Count()
	if p.Quota == nil || p.Quota.Default {
		return 0
	}
	return max(0, verbs[PlanCreate]-max(0, p.Quota.Accounts-p.Quota.Used))
}

// Verb is what an action does.
type Verb string

// The verbs of a plan.
const (
	PlanCreate    Verb = "create"
	PlanEnroll    Verb = "enroll"
	PlanChange    Verb = "change"    // of a request that is there
	PlanUnchanged Verb = "unchanged" // nothing to do
	PlanSkip      Verb = "skip"      // what the row asks for is not applied
	PlanReject    Verb = "reject"
)

// Action is what would be done with one row.
type Action struct {
	Row         int                `json:"row"`
	Verb        Verb               `json:"action"`
	Request     string             `json:"request,omitempty"`
	Name        string             `json:"accountName,omitempty"`
	Email       string             `json:"accountEmail,omitempty"`
	AccountID   string             `json:"accountId,omitempty"`
	Unit        OrganizationalUnit `json:"organizationalUnit,omitzero"`
	Assignments []Assignment       `json:"assignments"`           // that would be made
	RemovesUser bool               `json:"removesUser,omitempty"` // then takes away the direct assignment of Account Factory's user
	Code        string             `json:"code,omitempty"`
	Reason      string             `json:"reason,omitempty"`
}

// Estimate is how long account operations take, at least and at most as far as one can tell.
type Estimate struct{ Low, High time.Duration }

// Count is how many actions there are of each verb, and how many assignments would be made.
func (p Plan) Count() (verbs map[Verb]int, assignments int) {
	verbs = map[Verb]int{}
	for _, a := range p.Actions {
		verbs[a.Verb]++
		assignments += len(a.Assignments)
	}
	return verbs, assignments
}

// Changes says whether the plan would do anything.
func (p Plan) Changes() bool {
	verbs, _ := p.Count()
	return verbs[PlanCreate]+verbs[PlanEnroll]+verbs[PlanChange] > 0
}

// Of says whether the plan is one of a list with that content.
func (p Plan) Of(content []byte) bool {
	sum := sha256.Sum256(content)
	return p.SHA256 == hex.EncodeToString(sum[:])
}

// Digest stands for what the plan does: two plans with one digest do the same with the same list. Words and codes are not
// part of it, nor are the ids of groups and users, who are meant by name.
func (p Plan) Digest() string {
	actions := make([]Action, len(p.Actions))
	for i, a := range p.Actions {
		actions[i] = a.deed()
	}
	raw, err := json.Marshal(struct {
		SHA256  string
		AtRoot  bool `json:",omitempty"`
		Actions []Action
	}{p.SHA256, p.AtRoot, actions})
	if err != nil {
		panic("account: plan: " + err.Error()) // a programming error: a plan is plain data
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// deed is what an action does, without the words about it.
func (a Action) deed() Action {
	a.Reason, a.Code = "", ""
	assignments := make([]Assignment, len(a.Assignments))
	for i, as := range a.Assignments {
		assignments[i] = Assignment{
			PermissionSet: as.PermissionSet, PermissionSetARN: as.PermissionSetARN,
			PrincipalType: as.PrincipalType, Principal: as.Principal, PrincipalByID: as.PrincipalByID,
		}
	}
	a.Assignments = assignments
	return a
}

// Differs says what the other plan of the same list does otherwise, row by row; nothing where both do the same.
func (p Plan) Differs(other Plan) []string {
	if p.SHA256 != other.SHA256 {
		return []string{"the list is another one"}
	}
	var said []string
	for i := range max(len(p.Actions), len(other.Actions)) {
		switch {
		case i >= len(other.Actions):
			said = append(said, fmt.Sprintf("row %d is not there", p.Actions[i].Row))
		case i >= len(p.Actions):
			said = append(said, fmt.Sprintf("row %d is new", other.Actions[i].Row))
		case !reflect.DeepEqual(p.Actions[i].deed(), other.Actions[i].deed()):
			said = append(said, p.Actions[i].becomes(other.Actions[i]))
		}
	}
	return said
}

// becomes says how one action differs from the other one, of the same row.
func (a Action) becomes(b Action) string {
	row := fmt.Sprintf("row %d: ", a.Row)
	switch {
	case a.Verb != b.Verb && b.Reason != "":
		return row + fmt.Sprintf("was %s, is %s (%s %s)", a.Verb, b.Verb, b.Code, b.Reason)
	case a.Verb != b.Verb:
		return row + fmt.Sprintf("was %s, is %s", a.Verb, b.Verb)
	case a.Unit != b.Unit:
		return row + fmt.Sprintf("was in %s (%s), is in %s (%s)", a.Unit.Path, a.Unit.ID, b.Unit.Path, b.Unit.ID)
	case !reflect.DeepEqual(a.deed().Assignments, b.deed().Assignments):
		return row + fmt.Sprintf("had %d assignments to make, has %d, or others", len(a.Assignments), len(b.Assignments))
	}
	return row + "is about another account"
}
