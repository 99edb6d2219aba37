package account

// Stage is how far a request is.
type Stage string

// The stages of a request. [Rejected] is a row's, never a request's.
const (
	Queued       Stage = "queued"
	Preparing    Stage = "preparing"
	Provisioning Stage = "provisioning"
	Recovering   Stage = "recovering"
	Assigning    Stage = "assigning"
	Done         Stage = "done"
	Failed       Stage = "failed"
	Cancelled    Stage = "cancelled"
	Rejected     Stage = "rejected"
)

// Transition is one arrow of the stage diagram.
type Transition struct {
	From, To Stage
	By       string // what moves the request along it
}

// Stages lists every stage in the order in which people read them.
var Stages = []Stage{Queued, Preparing, Provisioning, Recovering, Assigning, Done, Failed, Cancelled}

// Transitions is the table of all moves. A save that follows no arrow of it is refused, and the diagram in the README is
// drawn from it.
var Transitions = []Transition{
	{Queued, Provisioning, "a slot is free"},
	{Queued, Preparing, "the account exists"},
	{Queued, Cancelled, "vend cancel"},
	{Preparing, Provisioning, "fit, role in place"},
	{Preparing, Assigning, "enrolled already"},
	{Provisioning, Assigning, "record SUCCEEDED"},
	{Recovering, Provisioning, "product is gone or fine"},
	{Recovering, Preparing, "product is gone, account exists"},
	{Assigning, Done, "all assignments exist"},
	{Done, Assigning, "an upload asks for more"},
	{Queued, Failed, "refused"},
	{Preparing, Failed, "refused"},
	{Provisioning, Failed, "refused, or past the deadline"},
	{Recovering, Failed, "refused"},
	{Assigning, Failed, "refused"},
	{Failed, Queued, "vend resume, or a newer upload"},
	{Failed, Preparing, "vend resume"},
	{Failed, Provisioning, "vend resume, or a late success"},
	{Failed, Recovering, "vend resume --recover"},
	{Failed, Assigning, "vend resume, or a newer upload"},
	{Failed, Cancelled, "vend cancel"},
	{Cancelled, Queued, "a newer upload"},
	{Cancelled, Assigning, "a newer upload"},
}

// Open says whether work is left to do in the stage.
func (s Stage) Open() bool {
	switch s {
	case Queued, Preparing, Provisioning, Recovering, Assigning:
		return true
	}
	return false
}

// Reachable says whether a request may move from one stage to the other in one step. Staying is always allowed.
func Reachable(from, to Stage) bool {
	if from == to {
		return true
	}
	for _, t := range Transitions {
		if t.From == from && t.To == to {
			return true
		}
	}
	return false
}
