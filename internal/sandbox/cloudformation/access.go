package cloudformation

import (
	"slices"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// trusted is the service principal by which the organization trusts StackSets.
const trusted = "member.org.stacksets.cloudformation.amazonaws.com"

func (s *service) active() bool { return slices.Contains(s.w.TrustedAccess, trusted) }

// activateOrganizationsAccess is ActivateOrganizationsAccess.
func (s *service) activateOrganizationsAccess(*wire.Call, *struct{}) (*nothingAtAll, error) {
	if !s.active() {
		s.w.TrustedAccess = append(s.w.TrustedAccess, trusted)
		slices.Sort(s.w.TrustedAccess)
	}
	return &nothingAtAll{}, nil
}

// deactivateOrganizationsAccess is DeactivateOrganizationsAccess: stack sets stay, and can no longer be worked on; what they
// depend on is forgotten.
func (s *service) deactivateOrganizationsAccess(*wire.Call, *struct{}) (*nothingAtAll, error) {
	s.w.TrustedAccess = slices.DeleteFunc(s.w.TrustedAccess, func(p string) bool { return p == trusted })
	for _, t := range s.sets {
		t.auto.DependsOn = nil
	}
	return &nothingAtAll{}, nil
}

type accessOutput struct {
	Status string `json:"Status"`
}

// describeOrganizationsAccess is DescribeOrganizationsAccess.
func (s *service) describeOrganizationsAccess(_ *wire.Call, in *callAs) (*accessOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	if s.active() {
		return &accessOutput{"ENABLED"}, nil
	}
	return &accessOutput{"DISABLED"}, nil
}

// mayDeploy refuses what needs trusted access while there is none.
func (s *service) mayDeploy() error {
	if s.active() {
		return nil
	}
	return invalid("You must enable organizations access to operate a service managed stack set")
}
