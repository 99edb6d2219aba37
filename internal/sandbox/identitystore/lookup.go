package identitystore

import (
	"encoding/json"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// lookupInput asks for an id by another attribute. External ids are not modelled: no group or user has one.
type lookupInput struct {
	inStore
	Alternate *struct {
		Unique *struct {
			Path  string          `json:"AttributePath"`
			Value json.RawMessage `json:"AttributeValue"`
		} `json:"UniqueAttribute"`
		External *struct {
			Issuer string `json:"Issuer"`
			ID     string `json:"Id"`
		} `json:"ExternalId"`
	} `json:"AlternateIdentifier"`
}

// attribute is the path and the value that are looked for, for paths that the kind of thing has.
func (s *service) attribute(in *lookupInput, kind string, paths ...string) (path, value string, err error) {
	invalid := new(wire.Invalid)
	if in.Alternate == nil {
		invalid.Required("alternateIdentifier", "")
	}
	if err := s.store(in.inStore, invalid); err != nil {
		return "", "", err
	}
	switch {
	case in.Alternate.External != nil && in.Alternate.Unique == nil:
		return "", "", noSuch(kind)
	case in.Alternate.Unique == nil || in.Alternate.External != nil:
		return "", "", wire.Fail("ValidationException", "AlternateIdentifier needs exactly one of UniqueAttribute and ExternalId.")
	}
	path = in.Alternate.Unique.Path
	invalid.Required("alternateIdentifier.uniqueAttribute.attributePath", path)
	invalid.Enum("alternateIdentifier.uniqueAttribute.attributePath", path, paths...)
	if err := invalid.Err(); err != nil {
		return "", "", err
	}
	if err := json.Unmarshal(in.Alternate.Unique.Value, &value); err != nil {
		return "", "", wire.Fail("ValidationException", "The attribute value must be a string.")
	}
	return path, value, nil
}

// noSuch is a ResourceNotFoundException without a ResourceId: nothing is known that looks like one.
func noSuch(kind string) error {
	e := wire.Fail("ResourceNotFoundException", kind+" not found.")
	e.Members = map[string]any{"ResourceType": kind}
	return e
}

type groupIDOutput struct {
	StoreID string `json:"IdentityStoreId"`
	ID      string `json:"GroupId"`
}

// getGroupID is GetGroupId: by displayName.
func (s *service) getGroupID(_ *wire.Call, in *lookupInput) (*groupIDOutput, error) {
	_, name, err := s.attribute(in, "GROUP", "displayName")
	if err != nil {
		return nil, err
	}
	g := s.w.IdentityCenter.GroupNamed(name)
	if g == nil {
		return nil, noSuch("GROUP")
	}
	return &groupIDOutput{StoreID: in.StoreID, ID: g.ID}, nil
}

type userIDOutput struct {
	StoreID string `json:"IdentityStoreId"`
	ID      string `json:"UserId"`
}

// getUserID is GetUserId: by userName or emails.value.
func (s *service) getUserID(_ *wire.Call, in *lookupInput) (*userIDOutput, error) {
	path, value, err := s.attribute(in, "USER", "userName", "emails.value")
	if err != nil {
		return nil, err
	}
	for _, u := range s.w.IdentityCenter.Users {
		if (path == "userName" && sameName(u.UserName, value)) || (path == "emails.value" && u.Email != "" && sameName(u.Email, value)) {
			return &userIDOutput{StoreID: in.StoreID, ID: u.ID}, nil
		}
	}
	return nil, noSuch("USER")
}
