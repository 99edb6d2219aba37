package ssoadmin

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// mostTags is how many tags a permission set has (IAM Identity Center User Guide, "Tagging resources").
const mostTags = 50

func tooManyTags() error {
	return wire.Fail("ServiceQuotaExceededException", "You have exceeded the number of tags of a resource.")
}

var tagText = pattern.Compile(`[\p{L}\p{Z}\p{N}_.:/=+\-@]*`)

func checkTags(i *wire.Invalid, tags []tag) {
	if len(tags) > 75 {
		i.Add("tags", len(tags), "have length less than or equal to 75")
	}
	for n, t := range tags {
		at := fmt.Sprintf("tags.%d.member.", n+1)
		i.Required(at+"key", t.Key)
		i.Length(at+"key", t.Key, 1, 128)
		i.Pattern(at+"key", t.Key, tagText)
		i.Length(at+"value", t.Value, 0, 256)
		i.Pattern(at+"value", t.Value, tagText)
		if strings.HasPrefix(strings.ToLower(t.Key), "aws:") {
			i.Add(at+"key", t.Key, "not begin with aws:, which is AWS's own")
		}
	}
}

type inResource struct {
	inInstance
	Resource string `json:"ResourceArn"`
}

// tagged finds the permission set whose tags are meant; the instance's own ARN is given or not.
func (s *service) tagged(in inResource, i *wire.Invalid) (*world.PermissionSet, error) {
	if in.InstanceARN == "" {
		in.InstanceARN = s.w.IdentityCenter.InstanceARN
	}
	return s.set(inSet{inInstance: in.inInstance, SetARN: in.Resource}, i)
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
	p, err := s.tagged(in.inResource, new(wire.Invalid))
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
	invalid := new(wire.Invalid)
	checkTags(invalid, in.Tags)
	p, err := s.tagged(in.inResource, invalid)
	if err != nil {
		return nil, err
	}
	tags := map[string]string{}
	maps.Copy(tags, p.Tags)
	for _, t := range in.Tags {
		tags[t.Key] = t.Value
	}
	if len(tags) > mostTags {
		return nil, tooManyTags()
	}
	p.Tags = tags
	return &nothing{}, nil
}

// untagResource is UntagResource.
func (s *service) untagResource(_ *wire.Call, in *struct {
	inResource
	Keys []string `json:"TagKeys"`
},
) (*nothing, error) {
	invalid := new(wire.Invalid)
	if n := len(in.Keys); n < 1 || n > 75 {
		invalid.Add("tagKeys", n, "have length between 1 and 75")
	}
	p, err := s.tagged(in.inResource, invalid)
	if err != nil {
		return nil, err
	}
	for _, key := range in.Keys {
		delete(p.Tags, key)
	}
	return &nothing{}, nil
}
