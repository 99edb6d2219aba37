package cloudformation

import (
	"errors"
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
	Status  string       `json:"StackStatus"`
}

func showStack(k *world.Stack) stackSummary {
	return stackSummary{k.ID, k.Name, wire.ISOTime{Time: k.Created}, wire.ISOTime{Time: k.Updated}, k.Status}
}

type listStacksOutput struct {
	Summaries []stackSummary `json:"StackSummaries"`
	NextToken string         `json:"NextToken,omitempty"`
}

// listStacks is ListStacks: those of the account in the Region; deleted ones are forgotten at once.
func (s *service) listStacks(c *wire.Call, in *struct {
	NextToken string   `json:"NextToken"`
	Statuses  []string `json:"StackStatusFilter"`
},
) (*listStacksOutput, error) {
	out := &listStacksOutput{}
	err := s.within(c, func(a *world.Account) (err error) {
		var all []stackSummary
		for _, k := range s.w.AllStacks(a, c.Region) {
			if len(in.Statuses) == 0 || slices.Contains(in.Statuses, k.Status) {
				all = append(all, showStack(k))
			}
		}
		out.Summaries, out.NextToken, err = page(all, pageInput{NextToken: in.NextToken})
		return err
	})
	return out, err
}

type describeStacksOutput struct {
	Stacks    []stackSummary `json:"Stacks"`
	NextToken string         `json:"NextToken,omitempty"`
}

// describeStacks is DescribeStacks: one by its name or id, or all.
func (s *service) describeStacks(c *wire.Call, in *struct {
	Name      string `json:"StackName"`
	NextToken string `json:"NextToken"`
},
) (*describeStacksOutput, error) {
	out := &describeStacksOutput{}
	err := s.within(c, func(a *world.Account) (err error) {
		var all []stackSummary
		for _, k := range s.w.AllStacks(a, c.Region) {
			if in.Name == "" || in.Name == k.Name || in.Name == k.ID {
				all = append(all, showStack(k))
			}
		}
		if in.Name != "" && len(all) == 0 {
			return invalid("Stack with id " + in.Name + " does not exist")
		}
		out.Stacks, out.NextToken, err = page(all, pageInput{NextToken: in.NextToken})
		return err
	})
	return out, err
}

// deleteStack is DeleteStack: the stack goes at once, and the roles that it made; of one that there is not it says nothing.
func (s *service) deleteStack(c *wire.Call, in *struct {
	Name  string `json:"StackName"`
	Token string `json:"ClientRequestToken"`
},
) (*nothingAtAll, error) {
	var wrong wire.Invalid
	wrong.Required("stackName", in.Name)
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	return nil, s.within(c, func(a *world.Account) error {
		for _, k := range s.w.AllStacks(a, c.Region) {
			if in.Name == k.Name || in.Name == k.ID {
				a.RemoveStack(k.ID)
			}
		}
		return nil
	})
}
