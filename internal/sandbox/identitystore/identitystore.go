// Package identitystore is the identity store of AWS IAM Identity Center: its users and groups.
//
// It follows the Identity Store API Reference. Names are compared without regard to case.
package identitystore

import (
	"errors"
	"strconv"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// New makes the service.
func New(w *world.World) wire.Service {
	s := &service{w}
	return &wire.RPC{
		SigningName: "identitystore",
		Target:      "AWSIdentityStore.",
		Message:     "Message",
		Operations: map[string]wire.Operation{
			"GetGroupId":            op(w, s.getGroupID),
			"GetUserId":             op(w, s.getUserID),
			"DescribeGroup":         op(w, s.describeGroup),
			"DescribeUser":          op(w, s.describeUser),
			"ListGroups":            op(w, s.listGroups),
			"ListUsers":             op(w, s.listUsers),
			"CreateGroup":           op(w, s.createGroup),
			"CreateUser":            op(w, s.createUser),
			"DeleteGroup":           op(w, s.deleteGroup),
			"DeleteUser":            op(w, s.deleteUser),
			"ListGroupMemberships":  op(w, s.listGroupMemberships),
			"CreateGroupMembership": op(w, s.createGroupMembership),
			"IsMemberInGroups":      op(w, s.isMemberInGroups),
		},
	}
}

type service struct{ w *world.World }

func op[In, Out any](w *world.World, f func(*wire.Call, *In) (*Out, error)) wire.Operation {
	return wire.Op(func(c *wire.Call, in *In) (*Out, error) {
		out, err := world.AnswerDelegated(w, world.Caller(c.Caller), func() (*Out, error) {
			if err := w.AskIdentityCenter(); err != nil {
				return nil, err
			}
			return f(c, in)
		})
		var r *world.Refusal
		var e *wire.Error
		switch {
		case errors.As(err, &r):
			e = wire.Fail(r.Code, r.Message)
		case !errors.As(err, &e):
			return out, err
		}
		if e.Members == nil {
			e.Members = map[string]any{}
		}
		e.Members["RequestId"] = c.RequestID
		return nil, e
	})
}

type nothing struct{}

// inStore stands in every input.
type inStore struct {
	StoreID string `json:"IdentityStoreId"`
}

var (
	storePattern  = pattern.Compile(`d-[0-9a-f]{10}|[0-9a-f]{8}\b-[0-9a-f]{4}\b-[0-9a-f]{4}\b-[0-9a-f]{4}\b-[0-9a-f]{12}`)
	memberPattern = pattern.Compile(`([0-9a-f]{10}-|)[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}`)
)

// store makes sure that the input is well-formed and means the store that there is.
func (s *service) store(in inStore, i *wire.Invalid) error {
	i.Required("identityStoreId", in.StoreID)
	i.Pattern("identityStoreId", in.StoreID, storePattern)
	if err := i.Err(); err != nil {
		return err
	}
	if in.StoreID != s.w.IdentityCenter.StoreID {
		return notFound("IDENTITY_STORE", in.StoreID, "IDENTITYSTORE not found.")
	}
	return nil
}

func notFound(kind, id, message string) error {
	e := wire.Fail("ResourceNotFoundException", message)
	e.Members = map[string]any{"ResourceType": kind, "ResourceId": id}
	return e
}

func checkID(i *wire.Invalid, name, id string) {
	i.Required(name, id)
	i.Length(name, id, 1, 47)
	i.Pattern(name, id, memberPattern)
}

func (s *service) group(in inStore, id string) (*world.Group, error) {
	invalid := new(wire.Invalid)
	checkID(invalid, "groupId", id)
	if err := s.store(in, invalid); err != nil {
		return nil, err
	}
	g := s.w.IdentityCenter.Group(id)
	if g == nil {
		return nil, notFound("GROUP", id, "GROUP not found.")
	}
	return g, nil
}

func (s *service) user(in inStore, id string) (*world.User, error) {
	invalid := new(wire.Invalid)
	checkID(invalid, "userId", id)
	if err := s.store(in, invalid); err != nil {
		return nil, err
	}
	u := s.w.IdentityCenter.User(id)
	if u == nil {
		return nil, notFound("USER", id, "USER not found.")
	}
	return u, nil
}

type pageInput struct {
	MaxResults *int   `json:"MaxResults"`
	NextToken  string `json:"NextToken"`
}

// page cuts a page out of a list, one hundred at most.
func page[T any](all []T, in pageInput) ([]T, string, error) {
	var invalid wire.Invalid
	invalid.Range("maxResults", in.MaxResults, 1, 100)
	if err := invalid.Err(); err != nil {
		return nil, "", err
	}
	size, from := 100, 0
	if in.MaxResults != nil {
		size = *in.MaxResults
	}
	if in.NextToken != "" {
		n, err := strconv.ParseInt(in.NextToken, 36, 32)
		if err != nil || n < 0 || int(n) > len(all) {
			return nil, "", wire.Fail("ValidationException", "The next token is not valid.")
		}
		from = int(n)
	}
	to, next := min(from+size, len(all)), ""
	if to < len(all) {
		next = strconv.FormatInt(int64(to), 36)
	}
	return append([]T{}, all[from:to]...), next, nil
}
