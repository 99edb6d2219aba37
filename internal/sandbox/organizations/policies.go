package organizations

import (
	"slices"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// policy is a service control policy.
type policy struct {
	ID      string `json:"Id"`
	ARN     string `json:"Arn"`
	Name    string `json:"Name"`
	Type    string `json:"Type"`
	Managed bool   `json:"AwsManaged"`
}

type policiesOutput struct {
	Policies  []policy `json:"Policies"`
	NextToken string   `json:"NextToken,omitempty"`
}

// listPoliciesForTarget is ListPoliciesForTarget: the policies directly attached. Everything has FullAWSAccess; a registered
// unit has that of Control Tower's mandatory controls, too.
func (s *service) listPoliciesForTarget(_ *wire.Call, in *struct {
	TargetID string `json:"TargetId"`
	Filter   string `json:"Filter"`
	pageInput
},
) (*policiesOutput, error) {
	if err := wellFormed("TargetId", in.TargetID, resourceID); err != nil {
		return nil, err
	}
	types := []string{
		"SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY", "TAG_POLICY", "BACKUP_POLICY", "AISERVICES_OPT_OUT_POLICY", "CHATBOT_POLICY",
		"DECLARATIVE_POLICY_EC2", "SECURITYHUB_POLICY",
	}
	if !slices.Contains(types, in.Filter) {
		return nil, invalid("INVALID_ENUM", "You specified an invalid value for Filter.")
	}
	all := []policy{{
		ID: "p-FullAWSAccess", ARN: "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess", Name: "FullAWSAccess",
		Type: "SERVICE_CONTROL_POLICY", Managed: true,
	}}
	var names []string
	if a := s.w.Account(in.TargetID); a != nil {
		names = a.ControlPolicies
	} else if u := s.w.Unit(in.TargetID); u == nil {
		return nil, wire.Fail("TargetNotFoundException", "You specified a target that doesn't exist.")
	} else if u.Registered() {
		names = []string{"aws-guardrails-" + world.Hexadecimal("guardrails/"+u.ID, 6)}
	}
	for _, name := range names {
		id := "p-" + world.Hexadecimal("policy/"+name, 10)
		all = append(all, policy{
			ID: id, ARN: "arn:aws:organizations::" + s.w.Management.ID + ":policy/" + s.w.OrganizationID + "/service_control_policy/" + id,
			Name: name, Type: "SERVICE_CONTROL_POLICY",
		})
	}
	if in.Filter != "SERVICE_CONTROL_POLICY" {
		all = nil
	}
	found, next, err := page("policies/"+in.TargetID, all, in.pageInput)
	if err != nil {
		return nil, err
	}
	return &policiesOutput{Policies: found, NextToken: next}, nil
}
