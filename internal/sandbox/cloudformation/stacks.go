package cloudformation

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// within lets something happen in the account that the caller acts in.
func (s *service) within(c *wire.Call, happen func(*world.Account) error) (err error) {
	s.w.Do(func() {
		var a *world.Account
		if a, err = s.w.Enter(world.Caller(c.Caller), c.Region, "cloudformation:"+c.Operation); err == nil {
			err = happen(a)
		}
	})
	var r *world.Refusal
	switch {
	case !errors.As(err, &r):
		return err
	case r.Code == world.InvalidToken:
		return &wire.Error{Code: "InvalidClientTokenId", Status: http.StatusForbidden, Message: r.Message}
	default:
		return &wire.Error{Code: "AccessDenied", Status: http.StatusForbidden, Message: r.Message}
	}
}

type stackSummary struct {
	ID      string       `json:"StackId"`
	Name    string       `json:"StackName"`
	Created wire.ISOTime `json:"CreationTime"`
	Updated wire.ISOTime `json:"LastUpdatedTime,omitzero"`
	Deleted wire.ISOTime `json:"DeletionTime,omitzero"`
	Status  string       `json:"StackStatus"`
	Reason  string       `json:"StackStatusReason,omitempty"`
}

func showStack(k *world.Stack) stackSummary {
	return stackSummary{ID: k.ID, Name: k.Name, Created: wire.ISOTime{Time: k.Created}, Updated: wire.ISOTime{Time: k.Updated}, Status: k.Status}
}

func (k *stack) summary() stackSummary {
	shown := showStack(k.Stack)
	shown.Deleted, shown.Reason = wire.ISOTime{Time: k.deleted}, k.reason
	return shown
}

// made finds what is known of a stack, beside the world's own; nil when that is all.
func (s *service) made(id string) *stack {
	for _, k := range s.stacks {
		if k.ID == id {
			return k
		}
	}
	return nil
}

type listStacksOutput struct {
	Summaries []stackSummary `json:"StackSummaries"`
	NextToken string         `json:"NextToken,omitempty"`
}

// listStacks is ListStacks: those of the account in the Region, and those that were deleted but for those of stack sets.
func (s *service) listStacks(c *wire.Call, in *struct {
	NextToken string   `json:"NextToken"`
	Statuses  []string `json:"StackStatusFilter"`
},
) (*listStacksOutput, error) {
	out := &listStacksOutput{}
	err := s.within(c, func(a *world.Account) (err error) {
		var all []stackSummary
		for _, k := range s.w.AllStacks(a, c.Region) {
			if made := s.made(k.ID); made != nil {
				all = append(all, made.summary())
			} else {
				all = append(all, showStack(k))
			}
		}
		for _, k := range s.stacks {
			if !k.deleted.IsZero() && k.account == a.ID && k.Region == c.Region {
				all = append(all, k.summary())
			}
		}
		all = slices.DeleteFunc(all, func(k stackSummary) bool { return len(in.Statuses) > 0 && !slices.Contains(in.Statuses, k.Status) })
		out.Summaries, out.NextToken, err = page(all, pageInput{NextToken: in.NextToken})
		return err
	})
	return out, err
}

type shownStack struct {
	stackSummary
	Description     string      `json:"Description,omitempty"`
	ChangeSetID     string      `json:"ChangeSetId,omitempty"`
	Parameters      []parameter `json:"Parameters,omitempty"`
	Outputs         []output    `json:"Outputs,omitempty"`
	Capabilities    []string    `json:"Capabilities,omitempty"`
	Tags            []tag       `json:"Tags,omitempty"`
	Protected       bool        `json:"EnableTerminationProtection"`
	DisableRollback bool        `json:"DisableRollback"`
}

func (k *stack) show() shownStack {
	shown := shownStack{
		stackSummary: k.summary(), Parameters: shownParameters(k.parameters), Outputs: k.outputs, Capabilities: k.capabilities, Tags: k.tags,
		Protected: k.protected,
	}
	if k.blueprint != nil {
		shown.Description = k.blueprint.description
	}
	if len(k.sets) > 0 {
		shown.ChangeSetID = k.sets[0].id
	}
	return shown
}

type describeStacksOutput struct {
	Stacks    []shownStack `json:"Stacks"`
	NextToken string       `json:"NextToken,omitempty"`
}

// describeStacks is DescribeStacks: one by its name or id, or all that are there; one that was deleted by its id.
func (s *service) describeStacks(c *wire.Call, in *struct {
	Name      string `json:"StackName"`
	NextToken string `json:"NextToken"`
},
) (*describeStacksOutput, error) {
	out := &describeStacksOutput{}
	err := s.within(c, func(a *world.Account) (err error) {
		var all []shownStack
		for _, k := range s.w.AllStacks(a, c.Region) {
			if in.Name != "" && in.Name != k.Name && in.Name != k.ID {
				continue
			}
			if made := s.made(k.ID); made != nil {
				all = append(all, made.show())
			} else {
				all = append(all, shownStack{stackSummary: showStack(k)})
			}
		}
		if k := s.made(in.Name); k != nil && !k.deleted.IsZero() && k.account == a.ID && k.Region == c.Region {
			all = append(all, k.show())
		}
		if in.Name != "" && len(all) == 0 {
			return invalid("Stack with id " + in.Name + " does not exist")
		}
		out.Stacks, out.NextToken, err = page(all, pageInput{NextToken: in.NextToken})
		return err
	})
	return out, err
}

// deleteStack is DeleteStack: a stack that change sets have made goes resource by resource, one of a stack set at once, with
// the roles that it made; of one that there is not it says nothing.
func (s *service) deleteStack(c *wire.Call, in *struct {
	Name   string   `json:"StackName"`
	Token  string   `json:"ClientRequestToken"`
	Retain []string `json:"RetainResources"`
},
) (*nothingAtAll, error) {
	var wrong wire.Invalid
	wrong.Required("stackName", in.Name)
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	return nil, s.within(c, func(a *world.Account) error {
		for _, k := range s.w.AllStacks(a, c.Region) {
			if in.Name != k.Name && in.Name != k.ID {
				continue
			}
			made := s.made(k.ID)
			switch {
			case made == nil:
				a.RemoveStack(k.ID)
			case made.protected:
				return invalid("Stack [" + k.Name + "] cannot be deleted while TerminationProtection is enabled")
			case len(in.Retain) > 0 && k.Status != "DELETE_FAILED":
				return invalid("Invalid operation on stack [" + k.ID + "]. RetainResources can only be specified for stacks in DELETE_FAILED state.")
			case k.Status == "DELETE_IN_PROGRESS":
			case made.going():
				return made.refuse("deleted")
			default:
				made.key, made.host, made.token, made.sets = c.AccessKey, c.Request.Host, in.Token, nil
				s.demolish(made, in.Retain)
			}
		}
		return nil
	})
}

// continueUpdateRollback is ContinueUpdateRollback: of a stack whose update could not be taken back.
func (s *service) continueUpdateRollback(c *wire.Call, in *struct {
	Name  string   `json:"StackName"`
	Skip  []string `json:"ResourcesToSkip"`
	Token string   `json:"ClientRequestToken"`
},
) (*struct{}, error) {
	k, err := s.findStack(c, in.Name)
	if err != nil {
		return nil, err
	}
	r := k.stuck
	if k.Status != "UPDATE_ROLLBACK_FAILED" || r == nil {
		return nil, invalid(fmt.Sprintf("Stack:%s is in %s state and can not continue UpdateRollback.", k.ID, k.Status))
	}
	k.stuck, k.key, k.host, k.token = nil, c.AccessKey, c.Request.Host, in.Token
	r.failed = nil
	r.todo = slices.DeleteFunc(r.todo, func(a *act) bool { return slices.Contains(in.Skip, a.id) })
	s.moves(k, s.w.Stamp(), "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")
	s.start(r.step)
	return &struct{}{}, nil
}
