// Package logs is Amazon CloudWatch Logs as far as the names of log groups go.
//
// It follows the Amazon CloudWatch Logs API Reference: an account's log groups in a Region, and those that Control Tower has
// put into an enrolled account.
package logs

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// New makes the service.
func New(w *world.World) wire.Service {
	s := &service{w}
	return &wire.RPC{
		SigningName: "logs",
		Target:      "Logs_20140328.",
		Operations: map[string]wire.Operation{
			"DescribeLogGroups": wire.Op(s.describeLogGroups),
			"CreateLogGroup":    wire.Op(s.createLogGroup),
			"DeleteLogGroup":    wire.Op(s.deleteLogGroup),
		},
	}
}

type service struct{ w *world.World }

// within lets something happen in the account that the caller acts in.
func (s *service) within(c *wire.Call, happen func(*world.Account) error) (err error) {
	s.w.Do(func() {
		var a *world.Account
		if a, err = s.w.Enter(world.Caller(c.Caller), c.Region, "logs:"+c.Operation); err == nil {
			err = happen(a)
		}
	})
	var r *world.Refusal
	switch {
	case !errors.As(err, &r):
		return err
	case r.Code == world.InvalidToken:
		return wire.Fail("UnrecognizedClientException", r.Message)
	default:
		return wire.Fail("AccessDeniedException", r.Message)
	}
}

type group struct {
	Name    string `json:"logGroupName"`
	Created int64  `json:"creationTime"` // milliseconds since 1970
	Filters int    `json:"metricFilterCount"`
	ARN     string `json:"arn"`
	Bytes   int64  `json:"storedBytes"`
	Class   string `json:"logGroupClass"`
	GroupID string `json:"logGroupArn"`
}

type groupsOutput struct {
	Groups    []group `json:"logGroups"`
	NextToken string  `json:"nextToken,omitempty"`
}

// describeLogGroups is DescribeLogGroups: by name, at most fifty a page.
func (s *service) describeLogGroups(c *wire.Call, in *struct {
	Prefix    string `json:"logGroupNamePrefix"`
	Pattern   string `json:"logGroupNamePattern"`
	Limit     *int   `json:"limit"`
	NextToken string `json:"nextToken"`
},
) (*groupsOutput, error) {
	var invalid wire.Invalid
	invalid.Range("limit", in.Limit, 1, 50)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	if in.Prefix != "" && in.Pattern != "" {
		return nil, wire.Fail("InvalidParameterException", "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
	}
	out := &groupsOutput{Groups: []group{}}
	err := s.within(c, func(a *world.Account) error {
		var all []group
		for _, name := range s.w.AllLogGroups(a, c.Region) {
			if strings.HasPrefix(name, in.Prefix) && strings.Contains(strings.ToLower(name), strings.ToLower(in.Pattern)) {
				arn := "arn:aws:logs:" + c.Region + ":" + a.ID + ":log-group:" + name
				all = append(all, group{Name: name, Created: a.Joined.UnixMilli(), ARN: arn + ":*", Class: "STANDARD", GroupID: arn})
			}
		}
		size, from := 50, 0
		if in.Limit != nil {
			size = *in.Limit
		}
		if in.NextToken != "" {
			n, err := strconv.ParseInt(in.NextToken, 36, 32)
			if err != nil || n < 0 || int(n) > len(all) {
				return wire.Fail("InvalidParameterException", "The specified nextToken is invalid.")
			}
			from = int(n)
		}
		to := min(from+size, len(all))
		if to < len(all) {
			out.NextToken = strconv.FormatInt(int64(to), 36)
		}
		out.Groups = append(out.Groups, all[from:to]...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

type groupInput struct {
	Name string `json:"logGroupName"`
}

func (in groupInput) check() error {
	var invalid wire.Invalid
	invalid.Required("logGroupName", in.Name)
	invalid.Length("logGroupName", in.Name, 1, 512)
	return invalid.Err()
}

// createLogGroup is CreateLogGroup.
func (s *service) createLogGroup(c *wire.Call, in *groupInput) (*struct{}, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	return nil, s.within(c, func(a *world.Account) error {
		if slices.Contains(s.w.AllLogGroups(a, c.Region), in.Name) {
			return wire.Fail("ResourceAlreadyExistsException", "The specified log group already exists")
		}
		a.LogGroups = append(a.LogGroups, world.Regional{Name: in.Name, Region: c.Region})
		return nil
	})
}

// deleteLogGroup is DeleteLogGroup.
func (s *service) deleteLogGroup(c *wire.Call, in *groupInput) (*struct{}, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	return nil, s.within(c, func(a *world.Account) error {
		if a.RemoveLogGroup(in.Name, c.Region) {
			return nil
		}
		return wire.Fail("ResourceNotFoundException", "The specified log group does not exist.")
	})
}
