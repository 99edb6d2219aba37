package deploy

import (
	"slices"
	"strings"
	"time"
)

// Stack is a CloudFormation stack as it is now. The zero value is one that is not there.
type Stack struct {
	Name       string
	ID         string // its ARN; it goes on standing for a stack that was deleted
	Status     string // CREATE_COMPLETE, UPDATE_IN_PROGRESS … (AWS CloudFormation User Guide, "Stack status codes")
	Reason     string // AWS's own words
	About      string // the description of its template
	Protected  bool   // against deletion
	Parameters map[string]string
	Outputs    map[string]string
}

// There says whether there is such a stack. One in review is not: it has a change set, and nothing else.
func (s Stack) There() bool {
	return s.Status != "" && s.Status != "DELETE_COMPLETE" && s.Status != "REVIEW_IN_PROGRESS"
}

// Reviewed says that somebody has made a change set for a stack that is not there.
func (s Stack) Reviewed() bool { return s.Status == "REVIEW_IN_PROGRESS" }

// Going says whether CloudFormation is at work on it.
func (s Stack) Going() bool { return strings.HasSuffix(s.Status, "_IN_PROGRESS") && !s.Reviewed() }

// Well says that the last change was made, and that it can be changed again.
func (s Stack) Well() bool {
	return slices.Contains([]string{"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}, s.Status)
}

// Changeable says whether a change set can be for it: after a change that was taken back, too.
func (s Stack) Changeable() bool {
	return s.Well() || s.Status == "UPDATE_ROLLBACK_COMPLETE" || s.Status == "IMPORT_ROLLBACK_COMPLETE"
}

// Unborn says that its making has failed: CloudFormation takes it for nothing but to be deleted.
func (s Stack) Unborn() bool {
	return slices.Contains([]string{"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"}, s.Status)
}

// Stuck says that a failed change could not be taken back.
func (s Stack) Stuck() bool { return s.Status == "UPDATE_ROLLBACK_FAILED" }

// Ours says whether the stack was made from this template, of this or another version. One in review has no template.
func (s Stack) Ours() bool {
	return s.Reviewed() || strings.HasPrefix(s.About, "vend - batch account vending")
}

// Change is what a change set does to one resource.
type Change struct {
	Action      string // add, modify, remove, import
	ID          string // its name in the template
	Type        string // AWS::SQS::Queue …
	Physical    string // what AWS calls it; empty where it is not there yet
	Replacement string // true: another one is put in its place; conditional: that is seen when it happens; else empty
	Kept        bool   // it leaves the stack and stays
	Properties  []string
}

// Loses says whether the change may take away something that is there.
func (c Change) Loses() bool { return c.Action == "remove" && !c.Kept || c.Replacement != "" }

// Resource is a part of a stack.
type Resource struct {
	ID, Type, Physical, Status string
}

// Event is a step of CloudFormation's.
type Event struct {
	Key      string // of the event
	At       time.Time
	ID       string // the resource's name in the template; the stack's own name for the stack itself
	Type     string
	Physical string
	Status   string
	Reason   string
}

// Failed says whether the event tells of a failure.
func (e Event) Failed() bool { return strings.HasSuffix(e.Status, "_FAILED") }

const stackType = "AWS::CloudFormation::Stack"

// OfStack says whether the event is about the stack as a whole.
func (e Event) OfStack() bool { return e.Type == stackType }

// Causes are the events among those of one change that say why it failed: not those of resources that were only cancelled
// because another one failed, and not the stack's own summary. They are in the order in which they happened.
func Causes(events []Event) []Event {
	var all []Event
	for _, e := range events {
		if e.Failed() && !e.OfStack() && !strings.HasSuffix(e.Reason, " cancelled") {
			all = append(all, e)
		}
	}
	return all
}
