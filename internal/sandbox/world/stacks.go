package world

import (
	"cmp"
	"slices"
	"time"
)

// Stack is a CloudFormation stack of an account.
type Stack struct {
	ID, Name, Region string
	Status           string // CREATE_COMPLETE, UPDATE_COMPLETE …
	Created, Updated time.Time
}

// StackID makes up the id of a stack that is made now.
func (w *World) StackID(account, region, name string) string {
	return "arn:aws:cloudformation:" + region + ":" + account + ":stack/" + name + "/" + w.uuid("stack")
}

// RemoveStack takes a stack out of the account, if it is there, and the roles that it made, but for those that are retained.
func (a *Account) RemoveStack(id string) {
	a.Stacks = slices.DeleteFunc(a.Stacks, func(s *Stack) bool { return s.ID == id })
	a.Roles = slices.DeleteFunc(a.Roles, func(r *Role) bool { return r.Stack == id && !r.Retained })
	for _, r := range a.Roles {
		if r.Stack == id {
			r.Stack, r.Retained = "", false
		}
	}
}

// InstanceFault lets stack instances fail.
type InstanceFault struct {
	Account string // id of the account whose instances fail; empty: all
	Reason  string // StatusReason
}

// FailInstances lets stack instances of the operation that is asked for next end FAILED.
func (w *World) FailInstances(f InstanceFault) { w.instanceFaults = append(w.instanceFaults, f) }

// TakeInstanceFaults hands out what [World.FailInstances] has announced, once.
func (w *World) TakeInstanceFaults() []InstanceFault {
	taken := w.instanceFaults
	w.instanceFaults = nil
	return taken
}

// OnPlaced sets who hears, within [World.Do], that an account has come to stand elsewhere in the organization, or is new.
func (w *World) OnPlaced(hear func(*Account)) { w.placed = hear }

// stackInFile is a stack of an account.
type stackInFile struct {
	ID      string    `json:"id,omitempty"`
	Name    string    `json:"name"`
	Region  string    `json:"region,omitempty"` // left out: the home Region
	Status  string    `json:"status,omitempty"` // left out: CREATE_COMPLETE
	Created time.Time `json:"created,omitzero"`
	Updated time.Time `json:"updated,omitzero"`
}

func (w *World) buildStacks(a *Account, files []stackInFile) {
	for _, f := range files {
		s := &Stack{
			ID: f.ID, Name: f.Name, Region: cmp.Or(f.Region, w.Region), Status: cmp.Or(f.Status, "CREATE_COMPLETE"),
			Created: f.Created, Updated: f.Updated,
		}
		if s.Created.IsZero() {
			s.Created = w.before()
		}
		if s.ID == "" {
			s.ID = w.StackID(a.ID, s.Region, s.Name)
		}
		a.Stacks = append(a.Stacks, s)
	}
}

func stacksState(stacks []*Stack) []stackInFile {
	var files []stackInFile
	for _, s := range stacks {
		files = append(files, stackInFile{ID: s.ID, Name: s.Name, Region: s.Region, Status: s.Status, Created: s.Created, Updated: s.Updated})
	}
	return files
}
