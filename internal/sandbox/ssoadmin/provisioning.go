package ssoadmin

import (
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

type provisioningStatus struct {
	Status        string    `json:"Status"`
	RequestID     string    `json:"RequestId"`
	AccountID     string    `json:"AccountId,omitempty"`
	SetARN        string    `json:"PermissionSetArn,omitempty"`
	FailureReason string    `json:"FailureReason,omitempty"`
	Created       wire.Time `json:"CreatedDate"`
}

type provisioningOutput struct {
	Status provisioningStatus `json:"PermissionSetProvisioningStatus"`
}

func showProvisioning(r *world.AssignmentRequest) *provisioningOutput {
	return &provisioningOutput{provisioningStatus{
		Status: r.Status, RequestID: r.ID, AccountID: r.Account, SetARN: r.PermissionSet, FailureReason: r.FailureReason,
		Created: wire.Time{Time: r.Created},
	}}
}

// provisionPermissionSet is ProvisionPermissionSet: what was changed in a permission set reaches the accounts that have it.
func (s *service) provisionPermissionSet(_ *wire.Call, in *struct {
	inSet
	TargetType string `json:"TargetType"`
	TargetID   string `json:"TargetId"`
},
) (*provisioningOutput, error) {
	invalid := new(wire.Invalid)
	invalid.Required("targetType", in.TargetType)
	invalid.Enum("targetType", in.TargetType, "AWS_ACCOUNT", "ALL_PROVISIONED_ACCOUNTS")
	if in.TargetType == "AWS_ACCOUNT" {
		checkAccount(invalid, "targetId", in.TargetID)
	}
	p, err := s.set(in.inSet, invalid)
	if err != nil {
		return nil, err
	}
	if in.TargetType == "ALL_PROVISIONED_ACCOUNTS" && in.TargetID != "" {
		return nil, wire.Fail("ValidationException", "TargetId is not allowed with ALL_PROVISIONED_ACCOUNTS.")
	}
	r, err := s.w.Request(world.ProvisionsPolicies, world.Assignment{Account: in.TargetID, PermissionSet: p.ARN})
	if err != nil {
		return nil, err
	}
	return showProvisioning(r), nil
}

// describeProvisioning is DescribePermissionSetProvisioningStatus.
func (s *service) describeProvisioning(_ *wire.Call, in *struct {
	inInstance
	ID string `json:"ProvisionPermissionSetRequestId"`
},
) (*provisioningOutput, error) {
	r, err := s.requested(in.inInstance, world.ProvisionsPolicies, "provisionPermissionSetRequestId", in.ID)
	if err != nil {
		return nil, err
	}
	return showProvisioning(r), nil
}

type provisioningsOutput struct {
	Statuses  []requestStatus `json:"PermissionSetsProvisioningStatus"`
	NextToken string          `json:"NextToken,omitempty"`
}

// listProvisionings is ListPermissionSetProvisioningStatus.
func (s *service) listProvisionings(_ *wire.Call, in *listRequestsInput) (*provisioningsOutput, error) {
	found, next, err := s.requests(world.ProvisionsPolicies, in)
	if err != nil {
		return nil, err
	}
	return &provisioningsOutput{Statuses: found, NextToken: next}, nil
}
