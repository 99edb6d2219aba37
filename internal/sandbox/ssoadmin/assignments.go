package ssoadmin

import (
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

type assignmentInput struct {
	inSet
	TargetID      string `json:"TargetId"`
	TargetType    string `json:"TargetType"`
	PrincipalType string `json:"PrincipalType"`
	PrincipalID   string `json:"PrincipalId"`
}

func checkPrincipal(i *wire.Invalid, kind, id string) {
	i.Required("principalType", kind)
	i.Enum("principalType", kind, "USER", "GROUP")
	i.Required("principalId", id)
	i.Length("principalId", id, 1, 47)
	i.Pattern("principalId", id, principalID)
}

func checkAccount(i *wire.Invalid, name, id string) {
	i.Required(name, id)
	i.Pattern(name, id, accountID)
}

// request begins to create or to delete an assignment.
func (s *service) request(c *wire.Call, kind world.RequestKind, in *assignmentInput) (*requestStatus, error) {
	invalid := new(wire.Invalid)
	checkAccount(invalid, "targetId", in.TargetID)
	invalid.Required("targetType", in.TargetType)
	invalid.Enum("targetType", in.TargetType, "AWS_ACCOUNT")
	checkPrincipal(invalid, in.PrincipalType, in.PrincipalID)
	p, err := s.set(in.inSet, invalid)
	if err != nil {
		return nil, err
	}
	if s.w.BeyondDelegation(world.Caller(c.Caller), in.TargetID, p) {
		return nil, wire.Fail("AccessDeniedException", "The operation can only be successfully performed by someone who has management account privileges")
	}
	r, err := s.w.Request(kind, world.Assignment{
		Account: in.TargetID, PermissionSet: p.ARN, PrincipalType: in.PrincipalType, Principal: in.PrincipalID,
	})
	if err != nil {
		return nil, err
	}
	return showRequest(r), nil
}

// requestStatus is how an operation on an assignment stands (IAM Identity Center API Reference,
// AccountAssignmentOperationStatus).
type requestStatus struct {
	Status        string    `json:"Status"`
	RequestID     string    `json:"RequestId"`
	FailureReason string    `json:"FailureReason,omitempty"`
	Created       wire.Time `json:"CreatedDate"`
	TargetID      string    `json:"TargetId,omitempty"`
	TargetType    string    `json:"TargetType,omitempty"`
	SetARN        string    `json:"PermissionSetArn,omitempty"`
	PrincipalType string    `json:"PrincipalType,omitempty"`
	PrincipalID   string    `json:"PrincipalId,omitempty"`
}

func showRequest(r *world.AssignmentRequest) *requestStatus {
	return &requestStatus{
		Status: r.Status, RequestID: r.ID, FailureReason: r.FailureReason, Created: wire.Time{Time: r.Created},
		TargetID: r.Account, TargetType: "AWS_ACCOUNT", SetARN: r.PermissionSet, PrincipalType: r.PrincipalType, PrincipalID: r.Principal,
	}
}

type creationOutput struct {
	Status *requestStatus `json:"AccountAssignmentCreationStatus"`
}

type deletionOutput struct {
	Status *requestStatus `json:"AccountAssignmentDeletionStatus"`
}

// createAccountAssignment is CreateAccountAssignment.
func (s *service) createAccountAssignment(c *wire.Call, in *assignmentInput) (*creationOutput, error) {
	status, err := s.request(c, world.CreatesAssignment, in)
	if err != nil {
		return nil, err
	}
	return &creationOutput{status}, nil
}

// deleteAccountAssignment is DeleteAccountAssignment.
func (s *service) deleteAccountAssignment(c *wire.Call, in *assignmentInput) (*deletionOutput, error) {
	status, err := s.request(c, world.DeletesAssignment, in)
	if err != nil {
		return nil, err
	}
	return &deletionOutput{status}, nil
}

// requested finds an operation by the id that it was answered with.
func (s *service) requested(in inInstance, kind world.RequestKind, name, id string) (*world.AssignmentRequest, error) {
	invalid := new(wire.Invalid)
	invalid.Required(name, id)
	invalid.Length(name, id, 36, 36)
	invalid.Pattern(name, id, requestID)
	if err := s.instance(in, invalid); err != nil {
		return nil, err
	}
	r := s.w.IdentityCenter.Request(kind, id)
	if r == nil {
		return nil, notFound("Request with id " + id + " does not exist.")
	}
	return r, nil
}

// describeCreation is DescribeAccountAssignmentCreationStatus.
func (s *service) describeCreation(_ *wire.Call, in *struct {
	inInstance
	ID string `json:"AccountAssignmentCreationRequestId"`
},
) (*creationOutput, error) {
	r, err := s.requested(in.inInstance, world.CreatesAssignment, "accountAssignmentCreationRequestId", in.ID)
	if err != nil {
		return nil, err
	}
	return &creationOutput{showRequest(r)}, nil
}

// describeDeletion is DescribeAccountAssignmentDeletionStatus.
func (s *service) describeDeletion(_ *wire.Call, in *struct {
	inInstance
	ID string `json:"AccountAssignmentDeletionRequestId"`
},
) (*deletionOutput, error) {
	r, err := s.requested(in.inInstance, world.DeletesAssignment, "accountAssignmentDeletionRequestId", in.ID)
	if err != nil {
		return nil, err
	}
	return &deletionOutput{showRequest(r)}, nil
}

type listRequestsInput struct {
	inInstance
	pageInput
	Filter *struct {
		Status string `json:"Status"`
	} `json:"Filter"`
}

// requests lists operations, the newest first, without their details.
func (s *service) requests(kind world.RequestKind, in *listRequestsInput) ([]requestStatus, string, error) {
	invalid := new(wire.Invalid)
	wanted := ""
	if in.Filter != nil {
		wanted = in.Filter.Status
		invalid.Enum("filter.status", wanted, "IN_PROGRESS", "FAILED", "SUCCEEDED")
	}
	if err := s.instance(in.inInstance, invalid); err != nil {
		return nil, "", err
	}
	var all []requestStatus
	for _, r := range s.w.IdentityCenter.Requests(kind) {
		if wanted == "" || r.Status == wanted {
			all = append(all, requestStatus{Status: r.Status, RequestID: r.ID, Created: wire.Time{Time: r.Created}})
		}
	}
	return page(all, in.pageInput, 100)
}

type creationsOutput struct {
	Statuses  []requestStatus `json:"AccountAssignmentsCreationStatus"`
	NextToken string          `json:"NextToken,omitempty"`
}

// listCreations is ListAccountAssignmentCreationStatus.
func (s *service) listCreations(_ *wire.Call, in *listRequestsInput) (*creationsOutput, error) {
	found, next, err := s.requests(world.CreatesAssignment, in)
	if err != nil {
		return nil, err
	}
	return &creationsOutput{Statuses: found, NextToken: next}, nil
}

type deletionsOutput struct {
	Statuses  []requestStatus `json:"AccountAssignmentsDeletionStatus"`
	NextToken string          `json:"NextToken,omitempty"`
}

// listDeletions is ListAccountAssignmentDeletionStatus.
func (s *service) listDeletions(_ *wire.Call, in *listRequestsInput) (*deletionsOutput, error) {
	found, next, err := s.requests(world.DeletesAssignment, in)
	if err != nil {
		return nil, err
	}
	return &deletionsOutput{Statuses: found, NextToken: next}, nil
}
