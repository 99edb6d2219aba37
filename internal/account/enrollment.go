package account

import "time"

// Planting is how Control Tower's execution role comes into an account that lacks it: through operations of a stack set,
// one after the other.
type Planting struct {
	Operation string    `json:"operation,omitempty"`        // id of the operation; saved before the call that uses it
	Parent    string    `json:"parent,omitempty"`           // the unit, or the root, that the operation names beside the account
	Release   bool      `json:"release,omitempty"`          // the operation takes out an instance whose role is gone
	Tries     int       `json:"tries,omitempty"`            // operations so far: ids never come again
	At        time.Time `json:"at,omitempty,omitzero"`      // when the operation was first asked for, or resumed
	EndedAt   time.Time `json:"endedAt,omitempty,omitzero"` // when the instance was found in place
}

// Again is a planting that begins anew, with another operation.
func (p Planting) Again() Planting { return Planting{Tries: p.Tries} }

// PlantingOperation is the id of the stack-set operation after so many others.
func (r Request) PlantingOperation() string {
	return r.productName("role-") + "-" + itoa(r.Planting.Tries)
}

// Move is an enrollment without a provisioned product: a landing zone that enrolls by itself does so when the account is
// moved into a registered unit (AWS Control Tower User Guide, "Move and enroll accounts with auto-enrollment").
type Move struct {
	From string `json:"from,omitempty"` // the unit, or the root, that it is moved from; saved before the move
	Done bool   `json:"done,omitempty"` // the account is in the unit that was asked for
}

// UnderWay says that AWS has begun an operation on the request's account and not said its last word.
func (r Request) UnderWay() bool {
	return r.Order.RecordID != "" && !r.Order.Failed || r.Clearing.RecordID != "" || r.Move.Done && !r.Order.Failed
}

// StackOperation is an operation of a stack set, as far as one account is concerned.
type StackOperation struct {
	Known  bool
	Ended  bool
	Status string // RUNNING, SUCCEEDED, FAILED, STOPPING, STOPPED or QUEUED
	Reason string // why it did not succeed for the account, in AWS's words
}

// StackInstance is what a stack set has in one account and Region.
type StackInstance struct {
	AccountID, Region string
	ParentID          string // the unit that it was deployed through
	Status            string // CURRENT, OUTDATED or INOPERABLE
	Detail            string // SUCCEEDED, FAILED, PENDING, SKIPPED_SUSPENDED_ACCOUNT …
	Reason            string
}

// InPlace says whether the instance is as the stack set wants it.
func (i StackInstance) InPlace() bool {
	return i.Status == "CURRENT" && (i.Detail == "SUCCEEDED" || i.Detail == "")
}

// Finding is something that keeps an account from being enrolled.
type Finding struct {
	Check   string
	Region  string
	Message string
	Remedy  string // a command, or what to do
}

// Fitness is what a look at an account before its enrollment came to.
type Fitness struct {
	Failed []Finding
	Unseen []Finding // what could not be seen this time, and may be another time
}

// EnrollmentState is how far Control Tower is with an account: empty where it does not govern it.
type EnrollmentState string

// The states of an enrollment (AWS Control Tower API Reference, EnablementStatusSummary).
const (
	EnrollmentUnderWay  EnrollmentState = "UNDER_CHANGE"
	EnrollmentSucceeded EnrollmentState = "SUCCEEDED"
	EnrollmentFailed    EnrollmentState = "FAILED"
)
