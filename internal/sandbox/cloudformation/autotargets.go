package cloudformation

import (
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

type autoTarget struct {
	Unit    string   `json:"OrganizationalUnitId"`
	Regions []string `json:"Regions"`
}

type autoTargetsOutput struct {
	Summaries []autoTarget `json:"Summaries"`
	NextToken string       `json:"NextToken,omitempty"`
}

// listAutoDeploymentTargets is ListStackSetAutoDeploymentTargets: the units that the set was deployed to, and the Regions in which
// an account that comes into them gets it, where automatic deployment is enabled.
func (s *service) listAutoDeploymentTargets(c *wire.Call, in *struct {
	named
	pageInput
},
) (*autoTargetsOutput, error) {
	t, err := s.find(c, in.Name, in.callAs)
	if err != nil {
		return nil, err
	}
	var all []autoTarget
	if regions := t.regions(); len(regions) > 0 {
		for _, unit := range t.units {
			all = append(all, autoTarget{unit, regions})
		}
	}
	slices.SortFunc(all, func(a, b autoTarget) int { return strings.Compare(a.Unit, b.Unit) })
	found, next, err := page(all, in.pageInput)
	return &autoTargetsOutput{found, next}, err
}
