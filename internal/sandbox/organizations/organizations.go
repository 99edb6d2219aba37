// Package organizations is AWS Organizations: the tree of units and accounts.
//
// It follows the AWS Organizations API Reference. Lists come in pages of at most twenty, and now and then in an empty page
// with a token for more, as AWS warns of its own lists. Only the management account may ask, but for a member that leaves;
// delegated administrators are not modelled. What becomes of an account that has left is not followed.
package organizations

import (
	"errors"
	"strings"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// New makes the service.
func New(w *world.World) wire.Service {
	s := &service{w}
	return &wire.RPC{
		SigningName: "organizations",
		Target:      "AWSOrganizationsV20161128.",
		Message:     "Message",
		Operations: map[string]wire.Operation{
			"DescribeOrganization":                op(w, s.describeOrganization),
			"ListRoots":                           op(w, s.listRoots),
			"ListOrganizationalUnitsForParent":    op(w, s.listOrganizationalUnitsForParent),
			"DescribeOrganizationalUnit":          op(w, s.describeOrganizationalUnit),
			"CreateOrganizationalUnit":            op(w, s.createOrganizationalUnit),
			"UpdateOrganizationalUnit":            op(w, s.updateOrganizationalUnit),
			"DeleteOrganizationalUnit":            op(w, s.deleteOrganizationalUnit),
			"ListAccounts":                        op(w, s.listAccounts),
			"ListAccountsForParent":               op(w, s.listAccountsForParent),
			"DescribeAccount":                     op(w, s.describeAccount),
			"MoveAccount":                         op(w, s.moveAccount),
			"CloseAccount":                        op(w, s.closeAccount),
			"RemoveAccountFromOrganization":       op(w, s.removeAccount),
			"LeaveOrganization":                   anybody(w, s.leaveOrganization),
			"ListParents":                         op(w, s.listParents),
			"ListChildren":                        op(w, s.listChildren),
			"CreateAccount":                       op(w, s.createAccount),
			"DescribeCreateAccountStatus":         op(w, s.describeCreateAccountStatus),
			"ListCreateAccountStatus":             op(w, s.listCreateAccountStatus),
			"TagResource":                         op(w, s.tagResource),
			"UntagResource":                       op(w, s.untagResource),
			"ListTagsForResource":                 op(w, s.listTagsForResource),
			"ListDelegatedAdministrators":         op(w, s.listDelegatedAdministrators),
			"ListAWSServiceAccessForOrganization": op(w, s.listServiceAccess),
			"ListPoliciesForTarget":               op(w, s.listPoliciesForTarget),
		},
	}
}

type service struct{ w *world.World }

func op[In, Out any](w *world.World, f func(*wire.Call, *In) (*Out, error)) wire.Operation {
	return wire.Op(func(c *wire.Call, in *In) (*Out, error) {
		ask := world.Answer[*Out]
		if strings.HasPrefix(c.Operation, "List") || strings.HasPrefix(c.Operation, "Describe") {
			ask = world.AnswerDelegated[*Out]
		}
		out, err := ask(w, world.Caller(c.Caller), func() (*Out, error) {
			if err := w.AskOrganizations(); err != nil {
				return nil, err
			}
			return f(c, in)
		})
		return out, answer(err)
	})
}

// anybody lets an operation happen that is for members, too.
func anybody[In, Out any](w *world.World, f func(*wire.Call, *In) (*Out, error)) wire.Operation {
	return wire.Op(func(c *wire.Call, in *In) (out *Out, err error) {
		w.Do(func() {
			if err = w.AskOrganizations(); err == nil {
				out, err = f(c, in)
			}
		})
		return out, answer(err)
	})
}

// answer puts a refusal of the world on the wire.
func answer(err error) error {
	var r *world.Refusal
	if !errors.As(err, &r) {
		return err
	}
	return failReason(r.Code, r.Message, r.Reason)
}

func failReason(code, message, reason string) error {
	e := wire.Fail(code, message)
	if reason != "" {
		e.Members = map[string]any{"Reason": reason}
	}
	return e
}

// invalid is how Organizations refuses what is not well-formed (AWS Organizations API Reference, InvalidInputException).
func invalid(reason, message string) error {
	return failReason("InvalidInputException", message, reason)
}

var (
	accountID  = pattern.Compile(`^\d{12}$`)
	parentID   = pattern.Compile(`^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$`)
	unitID     = pattern.Compile(`^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$`)
	childID    = pattern.Compile(`^(\d{12}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$`)
	requestID  = pattern.Compile(`^car-[a-z0-9]{8,32}$`)
	resourceID = pattern.Compile(`^(\d{12}|r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$`)
)

func wellFormed(name, value string, pattern *pattern.Pattern) error {
	switch {
	case value == "":
		return invalid("INPUT_REQUIRED", "You must provide a value for "+name+".")
	case !pattern.MatchString(value):
		return invalid("INVALID_PATTERN", "You provided a value that does not match the required pattern.")
	default:
		return nil
	}
}

func (s *service) account(name, id string) (*world.Account, error) {
	if err := wellFormed(name, id, accountID); err != nil {
		return nil, err
	}
	a := s.w.Account(id)
	if a == nil {
		return nil, wire.Fail("AccountNotFoundException", "You specified an account that doesn't exist.")
	}
	return a, nil
}

func (s *service) unit(name, id, code string) (*world.Unit, error) {
	if err := wellFormed(name, id, parentID); err != nil {
		return nil, err
	}
	u := s.w.Unit(id)
	if u == nil {
		return nil, wire.Fail(code, "You specified a parent or an organizational unit that doesn't exist.")
	}
	return u, nil
}
