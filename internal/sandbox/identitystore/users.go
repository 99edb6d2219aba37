package identitystore

import (
	"slices"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

type name struct {
	Family          string `json:"FamilyName,omitempty"`
	Given           string `json:"GivenName,omitempty"`
	Formatted       string `json:"Formatted,omitempty"`
	Middle          string `json:"MiddleName,omitempty"`
	HonorificPrefix string `json:"HonorificPrefix,omitempty"`
	HonorificSuffix string `json:"HonorificSuffix,omitempty"`
}

type email struct {
	Value   string `json:"Value"`
	Type    string `json:"Type,omitempty"`
	Primary bool   `json:"Primary"`
}

type user struct {
	ID       string  `json:"UserId"`
	StoreID  string  `json:"IdentityStoreId"`
	UserName string  `json:"UserName"`
	Display  string  `json:"DisplayName,omitempty"`
	Name     name    `json:"Name,omitzero"`
	Emails   []email `json:"Emails,omitempty"`
	Status   string  `json:"UserStatus"`
}

func (s *service) showUser(u *world.User) user {
	shown := user{
		ID: u.ID, StoreID: s.w.IdentityCenter.StoreID, UserName: u.UserName, Display: u.Display,
		Name: name{Given: u.First, Family: u.Last}, Status: "ENABLED",
	}
	if u.Email != "" {
		shown.Emails = []email{{Value: u.Email, Type: "work", Primary: true}}
	}
	return shown
}

type inUser struct {
	inStore
	ID         string   `json:"UserId"`
	Extensions []string `json:"Extensions"`
}

// describeUser is DescribeUser.
func (s *service) describeUser(_ *wire.Call, in *inUser) (*user, error) {
	u, err := s.user(in.inStore, in.ID)
	if err != nil {
		return nil, err
	}
	out := s.showUser(u)
	return &out, nil
}

type usersOutput struct {
	Users     []user `json:"Users"`
	NextToken string `json:"NextToken,omitempty"`
}

// listUsers is ListUsers.
func (s *service) listUsers(_ *wire.Call, in *struct {
	inStore
	pageInput
	Filters    filters  `json:"Filters"`
	Extensions []string `json:"Extensions"`
},
) (*usersOutput, error) {
	invalid := new(wire.Invalid)
	wanted, every := in.Filters.wanted(invalid, "UserName")
	if err := s.store(in.inStore, invalid); err != nil {
		return nil, err
	}
	var all []user
	for _, u := range s.w.IdentityCenter.Users {
		if every || sameName(u.UserName, wanted) {
			all = append(all, s.showUser(u))
		}
	}
	found, next, err := page(all, in.pageInput)
	if err != nil {
		return nil, err
	}
	return &usersOutput{Users: found, NextToken: next}, nil
}

// createUser is CreateUser: names and addresses are unique. What else a user can have is not modelled.
func (s *service) createUser(_ *wire.Call, in *struct {
	inStore
	UserName string  `json:"UserName"`
	Display  string  `json:"DisplayName"`
	Name     *name   `json:"Name"`
	Emails   []email `json:"Emails"`
},
) (*userIDOutput, error) {
	invalid := new(wire.Invalid)
	invalid.Length("userName", in.UserName, 1, 128)
	if err := s.store(in.inStore, invalid); err != nil {
		return nil, err
	}
	switch {
	case in.UserName == "":
		return nil, wire.Fail("ValidationException", "userName is a required attribute")
	case in.Name == nil || in.Name.Given == "" || in.Name.Family == "":
		return nil, wire.Fail("ValidationException", "name.givenName and name.familyName are required attributes")
	case in.Display == "":
		return nil, wire.Fail("ValidationException", "displayName is a required attribute")
	case len(in.Emails) > 1:
		return nil, wire.Fail("ValidationException", "A user has at most one e-mail address.")
	case s.w.IdentityCenter.UserNamed(in.UserName) != nil:
		return nil, taken("Duplicate UserName")
	}
	u := &world.User{UserName: in.UserName, Display: in.Display, First: in.Name.Given, Last: in.Name.Family}
	if len(in.Emails) == 1 {
		u.Email = in.Emails[0].Value
		if slices.ContainsFunc(s.w.IdentityCenter.Users, func(other *world.User) bool { return sameName(other.Email, u.Email) }) {
			return nil, taken("Duplicate UserEmail")
		}
	}
	s.w.IdentityCenter.AddUser(u)
	return &userIDOutput{StoreID: in.StoreID, ID: u.ID}, nil
}

// deleteUser is DeleteUser.
func (s *service) deleteUser(_ *wire.Call, in *inUser) (*nothing, error) {
	u, err := s.user(in.inStore, in.ID)
	if err != nil {
		return nil, err
	}
	s.w.IdentityCenter.DeleteUser(u)
	return &nothing{}, nil
}
