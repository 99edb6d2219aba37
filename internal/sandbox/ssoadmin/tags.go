package ssoadmin

import (
	"maps"
	"slices"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

type inResource struct {
	inInstance
	Resource string `json:"ResourceArn"`
}

// tagged finds the permission set whose tags are meant; the instance's own ARN is given or not.
func (s *service) tagged(in inResource) (*world.PermissionSet, error) {
	if in.InstanceARN == "" {
		in.InstanceARN = s.w.IdentityCenter.InstanceARN
	}
	return s.set(inSet{inInstance: in.inInstance, SetARN: in.Resource}, new(wire.Invalid))
}

type tagsOutput struct {
	Tags      []tag  `json:"Tags"`
	NextToken string `json:"NextToken,omitempty"`
}

// listTagsForResource is ListTagsForResource.
func (s *service) listTagsForResource(_ *wire.Call, in *struct {
	inResource
	NextToken string `json:"NextToken"`
},
) (*tagsOutput, error) {
	p, err := s.tagged(in.inResource)
	if err != nil {
		return nil, err
	}
	all := []tag{}
	for _, key := range slices.Sorted(maps.Keys(p.Tags)) {
		all = append(all, tag{Key: key, Value: p.Tags[key]})
	}
	found, next, err := page(all, pageInput{NextToken: in.NextToken}, 50)
	if err != nil {
		return nil, err
	}
	return &tagsOutput{Tags: found, NextToken: next}, nil
}

// tagResource is TagResource.
func (s *service) tagResource(_ *wire.Call, in *struct {
	inResource
	Tags []tag `json:"Tags"`
},
) (*nothing, error) {
	p, err := s.tagged(in.inResource)
	if err != nil {
		return nil, err
	}
	if p.Tags == nil {
		p.Tags = map[string]string{}
	}
	for _, t := range in.Tags {
		p.Tags[t.Key] = t.Value
	}
	return &nothing{}, nil
}

// untagResource is UntagResource.
func (s *service) untagResource(_ *wire.Call, in *struct {
	inResource
	Keys []string `json:"TagKeys"`
},
) (*nothing, error) {
	p, err := s.tagged(in.inResource)
	if err != nil {
		return nil, err
	}
	for _, key := range in.Keys {
		delete(p.Tags, key)
	}
	return &nothing{}, nil
}
