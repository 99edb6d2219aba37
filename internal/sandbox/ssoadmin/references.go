package ssoadmin

import (
	"cmp"
	"slices"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// reference names a customer managed policy; which accounts have it shows when the permission set gets there.
type reference struct {
	Name string `json:"Name"`
	Path string `json:"Path,omitempty"`
}

var (
	policyName = pattern.Compile(`[\w+=,.@-]+`)
	policyPath = pattern.Compile(`((/[A-Za-z0-9\.,\+@=_-]+)*)/`)
)

func (r *reference) check(i *wire.Invalid, at string) {
	if r == nil {
		i.Required(at, "")
		return
	}
	i.Required(at+".name", r.Name)
	i.Length(at+".name", r.Name, 1, 128)
	i.Pattern(at+".name", r.Name, policyName)
	i.Length(at+".path", r.Path, 1, 512)
	i.Pattern(at+".path", r.Path, policyPath)
}

func (r reference) of() world.PolicyReference {
	return world.PolicyReference{Name: r.Name, Path: cmp.Or(r.Path, "/")}
}

func showReference(p world.PolicyReference) reference {
	return reference{Name: p.Name, Path: cmp.Or(p.Path, "/")}
}

type inReference struct {
	inSet
	Reference *reference `json:"CustomerManagedPolicyReference"`
}

// referring finds the permission set, and where in it the policy stands; -1 where it does not.
func (s *service) referring(in *inReference) (p *world.PermissionSet, at int, err error) {
	invalid := new(wire.Invalid)
	in.Reference.check(invalid, "customerManagedPolicyReference")
	if p, err = s.changing(in.inSet, invalid); err != nil {
		return nil, 0, err
	}
	return p, slices.IndexFunc(p.CustomerPolicies, func(other world.PolicyReference) bool {
		return other.String() == in.Reference.of().String()
	}), nil
}

// attachReference is AttachCustomerManagedPolicyReferenceToPermissionSet.
func (s *service) attachReference(_ *wire.Call, in *inReference) (*nothing, error) {
	p, at, err := s.referring(in)
	switch {
	case err != nil:
		return nil, err
	case at >= 0:
		return nil, wire.Fail("ConflictException", "Policy with name "+in.Reference.Name+" is already attached.")
	case policies(p) >= mostPolicies:
		return nil, tooManyPolicies()
	}
	p.CustomerPolicies = append(p.CustomerPolicies, in.Reference.of())
	s.w.IdentityCenter.Change(p)
	return &nothing{}, nil
}

// detachReference is DetachCustomerManagedPolicyReferenceFromPermissionSet.
func (s *service) detachReference(_ *wire.Call, in *inReference) (*nothing, error) {
	p, at, err := s.referring(in)
	if err != nil {
		return nil, err
	}
	if at < 0 {
		return nil, notFound("Policy with name " + in.Reference.Name + " is not attached.")
	}
	p.CustomerPolicies = slices.Delete(p.CustomerPolicies, at, at+1)
	s.w.IdentityCenter.Change(p)
	return &nothing{}, nil
}

type referencesOutput struct {
	References []reference `json:"CustomerManagedPolicyReferences"`
	NextToken  string      `json:"NextToken,omitempty"`
}

// listReferences is ListCustomerManagedPolicyReferencesInPermissionSet.
func (s *service) listReferences(_ *wire.Call, in *struct {
	inSet
	pageInput
},
) (*referencesOutput, error) {
	p, err := s.set(in.inSet, new(wire.Invalid))
	if err != nil {
		return nil, err
	}
	var all []reference
	for _, r := range p.CustomerPolicies {
		all = append(all, showReference(r))
	}
	found, next, err := page(all, in.pageInput, 100)
	if err != nil {
		return nil, err
	}
	return &referencesOutput{References: found, NextToken: next}, nil
}

// boundary is one of both.
type boundary struct {
	Reference *reference `json:"CustomerManagedPolicyReference,omitempty"`
	Policy    string     `json:"ManagedPolicyArn,omitempty"`
}

// putBoundary is PutPermissionsBoundaryToPermissionSet: it replaces the one that there is.
func (s *service) putBoundary(_ *wire.Call, in *struct {
	inSet
	Boundary *boundary `json:"PermissionsBoundary"`
},
) (*nothing, error) {
	invalid, b := new(wire.Invalid), in.Boundary
	if b == nil {
		invalid.Required("permissionsBoundary", "")
		b = &boundary{}
	}
	if b.Reference != nil {
		b.Reference.check(invalid, "permissionsBoundary.customerManagedPolicyReference")
	}
	invalid.Length("permissionsBoundary.managedPolicyArn", b.Policy, 20, 2048)
	invalid.Pattern("permissionsBoundary.managedPolicyArn", b.Policy, managedPolicy)
	p, err := s.changing(in.inSet, invalid)
	switch {
	case err != nil:
		return nil, err
	case (b.Reference == nil) == (b.Policy == ""):
		return nil, wire.Fail("ValidationException", "PermissionsBoundary needs exactly one of CustomerManagedPolicyReference and ManagedPolicyArn.")
	}
	p.Boundary = &world.Boundary{ManagedPolicy: b.Policy}
	if b.Reference != nil {
		of := b.Reference.of()
		p.Boundary.CustomerPolicy = &of
	}
	s.w.IdentityCenter.Change(p)
	return &nothing{}, nil
}

type boundaryOutput struct {
	Boundary boundary `json:"PermissionsBoundary"`
}

// getBoundary is GetPermissionsBoundaryForPermissionSet.
func (s *service) getBoundary(_ *wire.Call, in *inSet) (*boundaryOutput, error) {
	p, err := s.set(*in, new(wire.Invalid))
	switch {
	case err != nil:
		return nil, err
	case p.Boundary == nil:
		return nil, notFound("PermissionSet with ARN " + p.ARN + " has no permissions boundary.")
	}
	out := &boundaryOutput{boundary{Policy: p.Boundary.ManagedPolicy}}
	if p.Boundary.CustomerPolicy != nil {
		shown := showReference(*p.Boundary.CustomerPolicy)
		out.Boundary.Reference = &shown
	}
	return out, nil
}

// deleteBoundary is DeletePermissionsBoundaryFromPermissionSet.
func (s *service) deleteBoundary(_ *wire.Call, in *inSet) (*nothing, error) {
	p, err := s.changing(*in, new(wire.Invalid))
	switch {
	case err != nil:
		return nil, err
	case p.Boundary == nil:
		return nil, notFound("PermissionSet with ARN " + p.ARN + " has no permissions boundary.")
	}
	p.Boundary = nil
	s.w.IdentityCenter.Change(p)
	return &nothing{}, nil
}
