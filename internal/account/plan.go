package account

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// Plan is what a worker would do with an account list if it read it now.
type Plan struct {
	File     string
	SHA256   string // of the list's bytes
	Actions  []Action
	Duration Estimate
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
	Assignments []Assignment       `json:"assignments"` // that would be made
	Code        string             `json:"code,omitempty"`
	Reason      string             `json:"reason,omitempty"`
}

// Estimate is how long the account operations of a plan take, at least and at most as far as one can tell.
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

// Digest stands for what the plan does: two plans with one digest do the same with the same list.
func (p Plan) Digest() string {
	actions := make([]Action, len(p.Actions))
	for i, a := range p.Actions {
		a.Reason = "" // words may change with the time
		actions[i] = a
	}
	raw, err := json.Marshal(struct {
		SHA256  string
		Actions []Action
	}{p.SHA256, actions})
	if err != nil {
		panic("account: plan: " + err.Error()) // a programming error: a plan is plain data
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}
