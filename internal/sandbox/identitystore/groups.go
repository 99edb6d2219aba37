package identitystore

import (
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

func sameName(a, b string) bool { return strings.EqualFold(a, b) }

type group struct {
	ID          string `json:"GroupId"`
	StoreID     string `json:"IdentityStoreId"`
	Name        string `json:"DisplayName"`
	Description string `json:"Description,omitempty"`
}

func (s *service) showGroup(g *world.Group) group {
	return group{ID: g.ID, StoreID: s.w.IdentityCenter.StoreID, Name: g.Name, Description: g.Description}
}

type inGroup struct {
	inStore
	ID string `json:"GroupId"`
}

// describeGroup is DescribeGroup.
func (s *service) describeGroup(_ *wire.Call, in *inGroup) (*group, error) {
	g, err := s.group(in.inStore, in.ID)
	if err != nil {
		return nil, err
	}
	out := s.showGroup(g)
	return &out, nil
}

// filters narrow a list down; AWS has them deprecated, and takes one at most.
type filters []struct {
	Path  string `json:"AttributePath"`
	Value string `json:"AttributeValue"`
}

// wanted is the value that is filtered for; all when there is no filter.
func (f filters) wanted(i *wire.Invalid, path string) (value string, all bool) {
	if len(f) == 0 {
		return "", true
	}
	if len(f) > 1 {
		i.Add("filters", len(f), "have length less than or equal to 1")
	}
	i.Required("filters.1.member.attributePath", f[0].Path)
	i.Enum("filters.1.member.attributePath", f[0].Path, path)
	return f[0].Value, false
}

type groupsOutput struct {
	Groups    []group `json:"Groups"`
	NextToken string  `json:"NextToken,omitempty"`
}

// listGroups is ListGroups.
func (s *service) listGroups(_ *wire.Call, in *struct {
	inStore
	pageInput
	Filters filters `json:"Filters"`
},
) (*groupsOutput, error) {
	invalid := new(wire.Invalid)
	name, every := in.Filters.wanted(invalid, "DisplayName")
	if err := s.store(in.inStore, invalid); err != nil {
		return nil, err
	}
	var all []group
	for _, g := range s.w.IdentityCenter.Groups {
		if every || sameName(g.Name, name) {
			all = append(all, s.showGroup(g))
		}
	}
	found, next, err := page(all, in.pageInput)
	if err != nil {
		return nil, err
	}
	return &groupsOutput{Groups: found, NextToken: next}, nil
}

func taken(message string) error {
	e := wire.Fail("ConflictException", message)
	e.Members = map[string]any{"Reason": "UNIQUENESS_CONSTRAINT_VIOLATION"}
	return e
}

// createGroup is CreateGroup: names are unique.
func (s *service) createGroup(_ *wire.Call, in *struct {
	inStore
	Name        string `json:"DisplayName"`
	Description string `json:"Description"`
},
) (*groupIDOutput, error) {
	invalid := new(wire.Invalid)
	invalid.Length("displayName", in.Name, 1, 1024)
	invalid.Length("description", in.Description, 1, 1024)
	if err := s.store(in.inStore, invalid); err != nil {
		return nil, err
	}
	if in.Name == "" {
		return nil, wire.Fail("ValidationException", "displayName is a required attribute")
	}
	if s.w.IdentityCenter.GroupNamed(in.Name) != nil {
		return nil, taken("Duplicate GroupDisplayName")
	}
	g := s.w.IdentityCenter.AddGroup(&world.Group{Name: in.Name, Description: in.Description})
	return &groupIDOutput{StoreID: in.StoreID, ID: g.ID}, nil
}

// deleteGroup is DeleteGroup.
func (s *service) deleteGroup(_ *wire.Call, in *inGroup) (*nothing, error) {
	g, err := s.group(in.inStore, in.ID)
	if err != nil {
		return nil, err
	}
	s.w.IdentityCenter.DeleteGroup(g)
	return &nothing{}, nil
}

type member struct {
	UserID string `json:"UserId"`
}

type membership struct {
	StoreID  string `json:"IdentityStoreId"`
	ID       string `json:"MembershipId"`
	GroupID  string `json:"GroupId,omitempty"`
	MemberID member `json:"MemberId,omitzero"`
}

type membershipsOutput struct {
	Memberships []membership `json:"GroupMemberships"`
	NextToken   string       `json:"NextToken,omitempty"`
}

// listGroupMemberships is ListGroupMemberships.
func (s *service) listGroupMemberships(_ *wire.Call, in *struct {
	inGroup
	pageInput
},
) (*membershipsOutput, error) {
	if _, err := s.group(in.inStore, in.ID); err != nil {
		return nil, err
	}
	var all []membership
	for _, m := range s.w.IdentityCenter.Memberships {
		if m.Group == in.ID {
			all = append(all, membership{StoreID: in.StoreID, ID: m.ID, GroupID: m.Group, MemberID: member{m.User}})
		}
	}
	found, next, err := page(all, in.pageInput)
	if err != nil {
		return nil, err
	}
	return &membershipsOutput{Memberships: found, NextToken: next}, nil
}

// createGroupMembership is CreateGroupMembership.
func (s *service) createGroupMembership(_ *wire.Call, in *struct {
	inGroup
	Member member `json:"MemberId"`
},
) (*membership, error) {
	if _, err := s.group(in.inStore, in.ID); err != nil {
		return nil, err
	}
	if _, err := s.user(in.inStore, in.Member.UserID); err != nil {
		return nil, err
	}
	ic := s.w.IdentityCenter
	if slices.ContainsFunc(ic.Memberships, func(m world.Membership) bool { return m.Group == in.ID && m.User == in.Member.UserID }) {
		return nil, taken("Member and Group relationship already exists.")
	}
	m := ic.AddMember(in.ID, in.Member.UserID)
	return &membership{StoreID: in.StoreID, ID: m.ID}, nil
}

type existence struct {
	GroupID  string `json:"GroupId"`
	MemberID member `json:"MemberId"`
	Exists   bool   `json:"MembershipExists"`
}

type existencesOutput struct {
	Results []existence `json:"Results"`
}

// isMemberInGroups is IsMemberInGroups.
func (s *service) isMemberInGroups(_ *wire.Call, in *struct {
	inStore
	Member member   `json:"MemberId"`
	Groups []string `json:"GroupIds"`
},
) (*existencesOutput, error) {
	if _, err := s.user(in.inStore, in.Member.UserID); err != nil {
		return nil, err
	}
	out := &existencesOutput{}
	for _, id := range in.Groups {
		if _, err := s.group(in.inStore, id); err != nil {
			return nil, err
		}
		exists := slices.ContainsFunc(s.w.IdentityCenter.Memberships, func(m world.Membership) bool {
			return m.Group == id && m.User == in.Member.UserID
		})
		out.Results = append(out.Results, existence{GroupID: id, MemberID: in.Member, Exists: exists})
	}
	return out, nil
}
