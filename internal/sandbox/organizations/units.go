package organizations

import (
	"slices"
	"unicode/utf8"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

type unit struct {
	ID   string `json:"Id"`
	ARN  string `json:"Arn"`
	Name string `json:"Name"`
	Path string `json:"Path,omitempty"`
}

func (s *service) showUnit(u *world.Unit) unit {
	return unit{ID: u.ID, ARN: s.w.UnitARN(u), Name: u.Name, Path: s.w.Path(u)}
}

type policyType struct {
	Type   string `json:"Type"`
	Status string `json:"Status"`
}

var policyTypes = []policyType{{Type: "SERVICE_CONTROL_POLICY", Status: "ENABLED"}}

type organization struct {
	ID              string       `json:"Id"`
	ARN             string       `json:"Arn"`
	FeatureSet      string       `json:"FeatureSet"`
	ManagementARN   string       `json:"MasterAccountArn"`
	ManagementID    string       `json:"MasterAccountId"`
	ManagementEmail string       `json:"MasterAccountEmail"`
	PolicyTypes     []policyType `json:"AvailablePolicyTypes"`
}

type organizationOutput struct {
	Organization organization `json:"Organization"`
}

// describeOrganization is DescribeOrganization.
func (s *service) describeOrganization(*wire.Call, *nothing) (*organizationOutput, error) {
	w := s.w
	return &organizationOutput{Organization: organization{
		ID: w.OrganizationID, ARN: "arn:aws:organizations::" + w.Management.ID + ":organization/" + w.OrganizationID,
		FeatureSet: "ALL", ManagementARN: w.AccountARN(w.Account(w.Management.ID)), ManagementID: w.Management.ID,
		ManagementEmail: w.Management.Email, PolicyTypes: policyTypes,
	}}, nil
}

type root struct {
	ID          string       `json:"Id"`
	ARN         string       `json:"Arn"`
	Name        string       `json:"Name"`
	PolicyTypes []policyType `json:"PolicyTypes"`
}

type rootsOutput struct {
	Roots     []root `json:"Roots"`
	NextToken string `json:"NextToken,omitempty"`
}

// listRoots is ListRoots: there is one.
func (s *service) listRoots(_ *wire.Call, in *pageInput) (*rootsOutput, error) {
	r := s.w.Root
	found, next, err := page("roots", []root{{ID: r.ID, ARN: s.w.UnitARN(r), Name: r.Name, PolicyTypes: policyTypes}}, *in)
	if err != nil {
		return nil, err
	}
	return &rootsOutput{Roots: found, NextToken: next}, nil
}

type unitsOutput struct {
	Units     []unit `json:"OrganizationalUnits"`
	NextToken string `json:"NextToken,omitempty"`
}

// listOrganizationalUnitsForParent is ListOrganizationalUnitsForParent: those directly in it.
func (s *service) listOrganizationalUnitsForParent(_ *wire.Call, in *parentInput) (*unitsOutput, error) {
	u, err := s.unit("ParentId", in.ParentID, "ParentNotFoundException")
	if err != nil {
		return nil, err
	}
	shown := make([]unit, len(u.Units))
	for i, child := range u.Units {
		shown[i] = s.showUnit(child)
	}
	found, next, err := page("units/"+u.ID, shown, in.pageInput)
	if err != nil {
		return nil, err
	}
	return &unitsOutput{Units: found, NextToken: next}, nil
}

type unitOutput struct {
	Unit unit `json:"OrganizationalUnit"`
}

// describeOrganizationalUnit is DescribeOrganizationalUnit.
func (s *service) describeOrganizationalUnit(_ *wire.Call, in *struct {
	ID string `json:"OrganizationalUnitId"`
},
) (*unitOutput, error) {
	u, err := s.unitBelowRoot(in.ID)
	if err != nil {
		return nil, err
	}
	return &unitOutput{Unit: s.showUnit(u)}, nil
}

// unitBelowRoot finds an organizational unit; the root is none.
func (s *service) unitBelowRoot(id string) (*world.Unit, error) {
	if err := wellFormed("OrganizationalUnitId", id, unitID); err != nil {
		return nil, err
	}
	return s.unit("OrganizationalUnitId", id, "OrganizationalUnitNotFoundException")
}

func unitName(name string) error {
	switch n := utf8.RuneCountInString(name); {
	case n < 1:
		return invalid("MIN_LENGTH_EXCEEDED", "The name of an organizational unit has 1 to 128 characters.")
	case n > 128:
		return invalid("MAX_LENGTH_EXCEEDED", "The name of an organizational unit has 1 to 128 characters.")
	}
	return nil
}

type createUnitInput struct {
	ParentID string `json:"ParentId"`
	Name     string `json:"Name"`
	Tags     []tag  `json:"Tags"`
}

// createOrganizationalUnit is CreateOrganizationalUnit.
func (s *service) createOrganizationalUnit(_ *wire.Call, in *createUnitInput) (*unitOutput, error) {
	parent, err := s.unit("ParentId", in.ParentID, "ParentNotFoundException")
	if err != nil {
		return nil, err
	}
	if err := unitName(in.Name); err != nil {
		return nil, err
	}
	tags, err := tagged(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	u, err := s.w.CreateUnit(parent, in.Name, tags)
	if err != nil {
		return nil, err
	}
	return &unitOutput{Unit: s.showUnit(u)}, nil
}

// updateOrganizationalUnit is UpdateOrganizationalUnit: without a name it changes nothing.
func (s *service) updateOrganizationalUnit(_ *wire.Call, in *struct {
	ID   string  `json:"OrganizationalUnitId"`
	Name *string `json:"Name"`
},
) (*unitOutput, error) {
	u, err := s.unitBelowRoot(in.ID)
	if err != nil {
		return nil, err
	}
	if in.Name != nil {
		if err := unitName(*in.Name); err != nil {
			return nil, err
		}
		if err := s.w.RenameUnit(u, *in.Name); err != nil {
			return nil, err
		}
	}
	return &unitOutput{Unit: s.showUnit(u)}, nil
}

// deleteOrganizationalUnit is DeleteOrganizationalUnit.
func (s *service) deleteOrganizationalUnit(_ *wire.Call, in *struct {
	ID string `json:"OrganizationalUnitId"`
},
) (*nothing, error) {
	u, err := s.unitBelowRoot(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.w.DeleteUnit(u)
}

type relative struct {
	ID   string `json:"Id"`
	Type string `json:"Type"`
}

type parentsOutput struct {
	Parents   []relative `json:"Parents"`
	NextToken string     `json:"NextToken,omitempty"`
}

// listParents is ListParents: an account or a unit has exactly one.
func (s *service) listParents(_ *wire.Call, in *struct {
	ChildID string `json:"ChildId"`
	pageInput
},
) (*parentsOutput, error) {
	if err := wellFormed("ChildId", in.ChildID, childID); err != nil {
		return nil, err
	}
	var parent *world.Unit
	if a := s.w.Account(in.ChildID); a != nil {
		parent = a.Parent
	} else if u := s.w.Unit(in.ChildID); u != nil {
		parent = u.Parent
	}
	if parent == nil {
		return nil, wire.Fail("ChildNotFoundException", "You specified a child that doesn't exist.")
	}
	kind := "ORGANIZATIONAL_UNIT"
	if parent == s.w.Root {
		kind = "ROOT"
	}
	found, next, err := page("parents/"+in.ChildID, []relative{{ID: parent.ID, Type: kind}}, in.pageInput)
	if err != nil {
		return nil, err
	}
	return &parentsOutput{Parents: found, NextToken: next}, nil
}

type childrenOutput struct {
	Children  []relative `json:"Children"`
	NextToken string     `json:"NextToken,omitempty"`
}

// listChildren is ListChildren: the accounts or the units directly in a parent.
func (s *service) listChildren(_ *wire.Call, in *struct {
	ParentID  string `json:"ParentId"`
	ChildType string `json:"ChildType"`
	pageInput
},
) (*childrenOutput, error) {
	u, err := s.unit("ParentId", in.ParentID, "ParentNotFoundException")
	if err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"ACCOUNT", "ORGANIZATIONAL_UNIT"}, in.ChildType) {
		return nil, invalid("INVALID_ENUM", "You specified an invalid value for ChildType.")
	}
	var children []relative
	if in.ChildType == "ACCOUNT" {
		for _, a := range u.Accounts {
			children = append(children, relative{ID: a.ID, Type: in.ChildType})
		}
	} else {
		for _, child := range u.Units {
			children = append(children, relative{ID: child.ID, Type: in.ChildType})
		}
	}
	found, next, err := page("children/"+u.ID+"/"+in.ChildType, children, in.pageInput)
	if err != nil {
		return nil, err
	}
	return &childrenOutput{Children: found, NextToken: next}, nil
}
