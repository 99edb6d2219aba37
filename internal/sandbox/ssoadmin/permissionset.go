package ssoadmin

import (
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

type setsOutput struct {
	Sets      []string `json:"PermissionSets"`
	NextToken string   `json:"NextToken,omitempty"`
}

// listPermissionSets is ListPermissionSets: ARNs only.
func (s *service) listPermissionSets(_ *wire.Call, in *struct {
	inInstance
	pageInput
},
) (*setsOutput, error) {
	if err := s.instance(in.inInstance, new(wire.Invalid)); err != nil {
		return nil, err
	}
	var all []string
	for _, p := range s.w.IdentityCenter.PermissionSets {
		all = append(all, p.ARN)
	}
	found, next, err := page(all, in.pageInput, 100)
	if err != nil {
		return nil, err
	}
	return &setsOutput{Sets: found, NextToken: next}, nil
}

type permissionSet struct {
	ARN         string    `json:"PermissionSetArn"`
	Name        string    `json:"Name"`
	Description string    `json:"Description,omitempty"`
	Created     wire.Time `json:"CreatedDate"`
	Session     string    `json:"SessionDuration"`
	RelayState  string    `json:"RelayState,omitempty"`
}

type setOutput struct {
	Set permissionSet `json:"PermissionSet"`
}

func showSet(p *world.PermissionSet) *setOutput {
	return &setOutput{Set: permissionSet{
		ARN: p.ARN, Name: p.Name, Description: p.Description, Created: wire.Time{Time: p.Created}, Session: p.SessionDuration,
		RelayState: p.RelayState,
	}}
}

// describePermissionSet is DescribePermissionSet.
func (s *service) describePermissionSet(_ *wire.Call, in *inSet) (*setOutput, error) {
	p, err := s.set(*in, new(wire.Invalid))
	if err != nil {
		return nil, err
	}
	return showSet(p), nil
}

type tag struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

const mostPermissionSets = 3500

// createPermissionSet is CreatePermissionSet: names are unique.
func (s *service) createPermissionSet(_ *wire.Call, in *struct {
	inInstance
	Name        string `json:"Name"`
	Description string `json:"Description"`
	Session     string `json:"SessionDuration"`
	RelayState  string `json:"RelayState"`
	Tags        []tag  `json:"Tags"`
},
) (*setOutput, error) {
	invalid := new(wire.Invalid)
	invalid.Required("name", in.Name)
	invalid.Length("name", in.Name, 1, 32)
	invalid.Pattern("name", in.Name, setName)
	invalid.Length("description", in.Description, 1, 700)
	invalid.Length("relayState", in.RelayState, 1, 240)
	if err := s.instance(in.inInstance, invalid); err != nil {
		return nil, err
	}
	ic := s.w.IdentityCenter
	switch {
	case ic.PermissionSetNamed(in.Name) != nil:
		return nil, wire.Fail("ConflictException", "PermissionSet with name "+in.Name+" already exists.")
	case len(ic.PermissionSets) >= mostPermissionSets:
		return nil, wire.Fail("ServiceQuotaExceededException", "You have exceeded the number of permission sets.")
	}
	p := ic.AddPermissionSet(s.w, &world.PermissionSet{
		Name: in.Name, Description: in.Description, SessionDuration: in.Session, RelayState: in.RelayState, Tags: map[string]string{},
	})
	for _, t := range in.Tags {
		p.Tags[t.Key] = t.Value
	}
	return showSet(p), nil
}

// updatePermissionSet is UpdatePermissionSet: what is not given stays.
func (s *service) updatePermissionSet(_ *wire.Call, in *struct {
	inSet
	Description *string `json:"Description"`
	Session     *string `json:"SessionDuration"`
	RelayState  *string `json:"RelayState"`
},
) (*nothing, error) {
	p, err := s.set(in.inSet, new(wire.Invalid))
	if err != nil {
		return nil, err
	}
	for _, change := range []struct{ into, from *string }{
		{&p.Description, in.Description},
		{&p.SessionDuration, in.Session},
		{&p.RelayState, in.RelayState},
	} {
		if change.from != nil {
			*change.into = *change.from
		}
	}
	s.w.IdentityCenter.Change(p)
	return &nothing{}, nil
}

// deletePermissionSet is DeletePermissionSet.
func (s *service) deletePermissionSet(_ *wire.Call, in *inSet) (*nothing, error) {
	p, err := s.set(*in, new(wire.Invalid))
	if err != nil {
		return nil, err
	}
	if err := s.w.IdentityCenter.DeletePermissionSet(p); err != nil {
		return nil, err
	}
	return &nothing{}, nil
}

type inPolicy struct {
	inSet
	Policy string `json:"ManagedPolicyArn"`
}

func (s *service) policy(in *inPolicy) (*world.PermissionSet, error) {
	invalid := new(wire.Invalid)
	invalid.Required("managedPolicyArn", in.Policy)
	invalid.Length("managedPolicyArn", in.Policy, 20, 2048)
	return s.set(in.inSet, invalid)
}

const mostPolicies = 20

// attachManagedPolicy is AttachManagedPolicyToPermissionSet.
func (s *service) attachManagedPolicy(_ *wire.Call, in *inPolicy) (*nothing, error) {
	p, err := s.policy(in)
	switch {
	case err != nil:
		return nil, err
	case !strings.Contains(in.Policy, ":iam::aws:policy/"):
		return nil, notFound("Managed policy " + in.Policy + " does not exist.")
	case slices.Contains(p.ManagedPolicies, in.Policy):
		return nil, wire.Fail("ConflictException", "Policy with ARN "+in.Policy+" is already attached.")
	case len(p.ManagedPolicies) >= mostPolicies:
		return nil, wire.Fail("ServiceQuotaExceededException", "You have exceeded the number of managed policies of a permission set.")
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
	p, err := s.set(in.inSet, invalid)
	if err != nil {
		return nil, err
	}
	p.InlinePolicy = in.Policy
	s.w.IdentityCenter.Change(p)
	return &nothing{}, nil
}

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
	p, err := s.set(*in, new(wire.Invalid))
	if err != nil {
		return nil, err
	}
	p.InlinePolicy = ""
	s.w.IdentityCenter.Change(p)
	return &nothing{}, nil
}
