// Package ssoadmin is the administration of AWS IAM Identity Center: permission sets and who has them where.
//
// It follows the IAM Identity Center API Reference. There is one instance, owned by the management account. Assignments
// are asynchronous, are limited in number while they are under way, and fail late.
package ssoadmin

import (
	"errors"
	"strconv"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// New makes the service. Its signing name is "sso".
func New(w *world.World) wire.Service {
	s := &service{w}
	return &wire.RPC{
		SigningName: "sso",
		Target:      "SWBExternalService.",
		Message:     "Message",
		Operations: map[string]wire.Operation{
			"ListInstances":                                         op(w, s.listInstances),
			"DescribeInstance":                                      op(w, s.describeInstance),
			"ListPermissionSets":                                    op(w, s.listPermissionSets),
			"DescribePermissionSet":                                 op(w, s.describePermissionSet),
			"CreatePermissionSet":                                   op(w, s.createPermissionSet),
			"UpdatePermissionSet":                                   op(w, s.updatePermissionSet),
			"DeletePermissionSet":                                   op(w, s.deletePermissionSet),
			"AttachManagedPolicyToPermissionSet":                    op(w, s.attachManagedPolicy),
			"DetachManagedPolicyFromPermissionSet":                  op(w, s.detachManagedPolicy),
			"ListManagedPoliciesInPermissionSet":                    op(w, s.listManagedPolicies),
			"PutInlinePolicyToPermissionSet":                        op(w, s.putInlinePolicy),
			"GetInlinePolicyForPermissionSet":                       op(w, s.getInlinePolicy),
			"DeleteInlinePolicyFromPermissionSet":                   op(w, s.deleteInlinePolicy),
			"AttachCustomerManagedPolicyReferenceToPermissionSet":   op(w, s.attachReference),
			"DetachCustomerManagedPolicyReferenceFromPermissionSet": op(w, s.detachReference),
			"ListCustomerManagedPolicyReferencesInPermissionSet":    op(w, s.listReferences),
			"PutPermissionsBoundaryToPermissionSet":                 op(w, s.putBoundary),
			"GetPermissionsBoundaryForPermissionSet":                op(w, s.getBoundary),
			"DeletePermissionsBoundaryFromPermissionSet":            op(w, s.deleteBoundary),
			"ListPermissionSetProvisioningStatus":                   op(w, s.listProvisionings),
			"ListTagsForResource":                                   op(w, s.listTagsForResource),
			"TagResource":                                           op(w, s.tagResource),
			"UntagResource":                                         op(w, s.untagResource),
			"ProvisionPermissionSet":                                op(w, s.provisionPermissionSet),
			"DescribePermissionSetProvisioningStatus":               op(w, s.describeProvisioning),
			"CreateAccountAssignment":                               op(w, s.createAccountAssignment),
			"DescribeAccountAssignmentCreationStatus":               op(w, s.describeCreation),
			"ListAccountAssignmentCreationStatus":                   op(w, s.listCreations),
			"DeleteAccountAssignment":                               op(w, s.deleteAccountAssignment),
			"DescribeAccountAssignmentDeletionStatus":               op(w, s.describeDeletion),
			"ListAccountAssignmentDeletionStatus":                   op(w, s.listDeletions),
			"ListAccountAssignments":                                op(w, s.listAccountAssignments),
			"ListAccountAssignmentsForPrincipal":                    op(w, s.listAccountAssignmentsForPrincipal),
			"ListPermissionSetsProvisionedToAccount":                op(w, s.listPermissionSetsProvisionedToAccount),
			"ListAccountsForProvisionedPermissionSet":               op(w, s.listAccountsForProvisionedPermissionSet),
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
		if errors.As(err, &r) {
			return nil, wire.Fail(r.Code, r.Message)
		}
		return out, err
	})
}

type nothing struct{}

// inInstance stands in every input but that of ListInstances.
type inInstance struct {
	InstanceARN string `json:"InstanceArn"`
}

var (
	instancePattern = pattern.Compile(`arn:aws(-[a-z]{1,5}){0,3}:sso:::instance/(sso)?ins-[a-zA-Z0-9-.]{16}`)
	setPattern      = pattern.Compile(`arn:aws(-[a-z]{1,5}){0,3}:sso:::permissionSet/(sso)?ins-[a-zA-Z0-9-.]{16}/ps-[a-zA-Z0-9-./]{16}`)
	principalID     = pattern.Compile(`([0-9a-f]{10}-|)[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}`)
	accountID       = pattern.Compile(`\d{12}`)
	requestID       = pattern.Compile(`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`)
	setName         = pattern.Compile(`[\w+=,.@-]+`)
)

func notFound(message string) error { return wire.Fail("ResourceNotFoundException", message) }

func (in inInstance) check(i *wire.Invalid) {
	i.Required("instanceArn", in.InstanceARN)
	i.Pattern("instanceArn", in.InstanceARN, instancePattern)
}

// instance makes sure that the input is well-formed and means the instance that there is.
func (s *service) instance(in inInstance, i *wire.Invalid) error {
	in.check(i)
	if err := i.Err(); err != nil {
		return err
	}
	if in.InstanceARN != s.w.IdentityCenter.InstanceARN {
		return notFound("Instance with ARN " + in.InstanceARN + " does not exist.")
	}
	return nil
}

// inSet stands in inputs that speak of a permission set.
type inSet struct {
	inInstance
	SetARN string `json:"PermissionSetArn"`
}

func (s *service) set(in inSet, i *wire.Invalid) (*world.PermissionSet, error) {
	i.Required("permissionSetArn", in.SetARN)
	i.Pattern("permissionSetArn", in.SetARN, setPattern)
	if err := s.instance(in.inInstance, i); err != nil {
		return nil, err
	}
	p := s.w.IdentityCenter.PermissionSet(in.SetARN)
	if p == nil {
		return nil, notFound("PermissionSet with ARN " + in.SetARN + " does not exist.")
	}
	return p, nil
}

type pageInput struct {
	MaxResults *int   `json:"MaxResults"`
	NextToken  string `json:"NextToken"`
}

// page cuts a page out of a list, one hundred at most.
func page[T any](all []T, in pageInput, most int) ([]T, string, error) {
	var invalid wire.Invalid
	invalid.Range("maxResults", in.MaxResults, 1, most)
	invalid.Length("nextToken", in.NextToken, 0, 2048)
	if err := invalid.Err(); err != nil {
		return nil, "", err
	}
	size, from := most, 0
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

type instance struct {
	ARN     string    `json:"InstanceArn"`
	StoreID string    `json:"IdentityStoreId"`
	Owner   string    `json:"OwnerAccountId"`
	Created wire.Time `json:"CreatedDate"`
	Status  string    `json:"Status"`
	Region  string    `json:"PrimaryRegion,omitempty"`
}

func (s *service) shown() instance {
	ic := s.w.IdentityCenter
	return instance{
		ARN: ic.InstanceARN, StoreID: ic.StoreID, Owner: s.w.Management.ID, Created: wire.Time{Time: ic.Created}, Status: "ACTIVE",
		Region: s.w.Region,
	}
}

type instancesOutput struct {
	Instances []instance `json:"Instances"`
	NextToken string     `json:"NextToken,omitempty"`
}

// listInstances is ListInstances: in the home Region there is one, in others none.
func (s *service) listInstances(c *wire.Call, in *struct {
	pageInput
	RegionScope string `json:"RegionScope"`
},
) (*instancesOutput, error) {
	var all []instance
	if c.Region == s.w.Region {
		all = append(all, s.shown())
	}
	found, next, err := page(all, in.pageInput, 10)
	if err != nil {
		return nil, err
	}
	return &instancesOutput{Instances: found, NextToken: next}, nil
}

// describeInstance is DescribeInstance.
func (s *service) describeInstance(_ *wire.Call, in *inInstance) (*instance, error) {
	if err := s.instance(*in, new(wire.Invalid)); err != nil {
		return nil, err
	}
	out := s.shown()
	return &out, nil
}
