package ssoadmin

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

type inPolicy struct {
	inSet
	Policy string `json:"ManagedPolicyArn"`
}

func (s *service) policy(in *inPolicy) (*world.PermissionSet, error) {
	invalid := new(wire.Invalid)
	invalid.Required("managedPolicyArn", in.Policy)
	invalid.Length("managedPolicyArn", in.Policy, 20, 2048)
	invalid.Pattern("managedPolicyArn", in.Policy, managedPolicy)
	return s.changing(in.inSet, invalid)
}

// mostPolicies is how many AWS managed and customer managed policies a permission set has, together (IAM Identity Center
// User Guide, "IAM Identity Center quotas").
const mostPolicies = 20

func policies(p *world.PermissionSet) int { return len(p.ManagedPolicies) + len(p.CustomerPolicies) }

func tooManyPolicies() error {
	return wire.Fail("ServiceQuotaExceededException", "You have exceeded the number of managed policies of a permission set.")
}

var (
	managedPolicy = pattern.Compile(`arn:aws(-[a-z]{1,5}){0,3}:iam::aws:policy((/[A-Za-z0-9\.,\+@=_-]+)*)/([A-Za-z0-9\.,\+=@_-]+)`)
	document      = pattern.Compile(`[\t\n\r\x{20}-\x{FF}]+`)
)

// attachManagedPolicy is AttachManagedPolicyToPermissionSet.
func (s *service) attachManagedPolicy(_ *wire.Call, in *inPolicy) (*nothing, error) {
	p, err := s.policy(in)
	switch {
	case err != nil:
		return nil, err
	case slices.Contains(p.ManagedPolicies, in.Policy):
		return nil, wire.Fail("ConflictException", "Policy with ARN "+in.Policy+" is already attached.")
	case policies(p) >= mostPolicies:
		return nil, tooManyPolicies()
	}
	p.ManagedPolicies = append(p.ManagedPolicies, in.Policy)
	s.w.IdentityCenter.Change(p)
	return &nothing{}, nil
}

// detachManagedPolicy is DetachManagedPolicyFromPermissionSet.
func (s *service) detachManagedPolicy(_ *wire.Call, in *inPolicy) (*nothing, error) {
	p, err := s.policy(in)
	if err != nil {
		return nil, err
	}
	at := slices.Index(p.ManagedPolicies, in.Policy)
	if at < 0 {
		return nil, notFound("Policy with ARN " + in.Policy + " is not attached.")
	}
	p.ManagedPolicies = slices.Delete(p.ManagedPolicies, at, at+1)
	s.w.IdentityCenter.Change(p)
	return &nothing{}, nil
}

type policy struct {
	Name string `json:"Name"`
	ARN  string `json:"Arn"`
}

type policiesOutput struct {
	Policies  []policy `json:"AttachedManagedPolicies"`
	NextToken string   `json:"NextToken,omitempty"`
}

// listManagedPolicies is ListManagedPoliciesInPermissionSet.
func (s *service) listManagedPolicies(_ *wire.Call, in *struct {
	inSet
	pageInput
},
) (*policiesOutput, error) {
	p, err := s.set(in.inSet, new(wire.Invalid))
	if err != nil {
		return nil, err
	}
	var all []policy
	for _, arn := range p.ManagedPolicies {
		all = append(all, policy{Name: arn[strings.LastIndex(arn, "/")+1:], ARN: arn})
	}
	found, next, err := page(all, in.pageInput, 100)
	if err != nil {
		return nil, err
	}
	return &policiesOutput{Policies: found, NextToken: next}, nil
}

// putInlinePolicy is PutInlinePolicyToPermissionSet.
func (s *service) putInlinePolicy(_ *wire.Call, in *struct {
	inSet
	Policy string `json:"InlinePolicy"`
},
) (*nothing, error) {
	invalid := new(wire.Invalid)
	invalid.Required("inlinePolicy", in.Policy)
	invalid.Length("inlinePolicy", in.Policy, 1, 32768)
	invalid.Pattern("inlinePolicy", in.Policy, document)
	p, err := s.changing(in.inSet, invalid)
	switch {
	case err != nil:
		return nil, err
	case !json.Valid([]byte(in.Policy)):
		return nil, wire.Fail("ValidationException", "The inline policy is not valid JSON.")
	case solid(in.Policy) > mostInline:
		return nil, wire.Fail("ServiceQuotaExceededException", "You have exceeded the size of the inline policy of a permission set.")
	}
	p.InlinePolicy = in.Policy
	s.w.IdentityCenter.Change(p)
	return &nothing{}, nil
}

// mostInline is the size of an inline policy without its blanks (IAM Identity Center User Guide, "IAM Identity Center
// quotas").
const mostInline = 10240

// solid is the length of a text without its blanks.
func solid(text string) int { return len(strings.Join(strings.Fields(text), "")) }

type inlineOutput struct {
	Policy string `json:"InlinePolicy"`
}

// getInlinePolicy is GetInlinePolicyForPermissionSet: empty when there is none.
func (s *service) getInlinePolicy(_ *wire.Call, in *inSet) (*inlineOutput, error) {
	p, err := s.set(*in, new(wire.Invalid))
	if err != nil {
		return nil, err
	}
	return &inlineOutput{Policy: p.InlinePolicy}, nil
}

// deleteInlinePolicy is DeleteInlinePolicyFromPermissionSet.
func (s *service) deleteInlinePolicy(_ *wire.Call, in *inSet) (*nothing, error) {
	p, err := s.changing(*in, new(wire.Invalid))
	if err != nil {
		return nil, err
	}
	p.InlinePolicy = ""
	s.w.IdentityCenter.Change(p)
	return &nothing{}, nil
}
