package organizations

import (
	"maps"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

type tag struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

const mostTags = 50

// tagged adds tags to those that are there (AWS Organizations API Reference, Tag).
func tagged(have map[string]string, add []tag) (map[string]string, error) {
	tags := maps.Clone(have)
	if tags == nil {
		tags = map[string]string{}
	}
	for _, t := range add {
		switch {
		case len(t.Key) < 1 || len(t.Key) > 128:
			return nil, invalid("INVALID_PATTERN", "A tag key has 1 to 128 characters.")
		case len(t.Value) > 256:
			return nil, invalid("MAX_LENGTH_EXCEEDED", "A tag value has at most 256 characters.")
		case strings.HasPrefix(strings.ToLower(t.Key), "aws:"):
			return nil, invalid("INVALID_SYSTEM_TAGS_PARAMETER", "You specified a tag key that is a system tag.")
		}
		tags[t.Key] = t.Value
	}
	if len(tags) > mostTags {
		return nil, failReason("ConstraintViolationException", "You have exceeded the number of tags allowed on this resource.",
			"MAX_TAG_LIMIT_EXCEEDED")
	}
	return tags, nil
}

// tags are the tags of an account, a unit or the root, to be changed in place.
func (s *service) tags(id string) (*map[string]string, error) {
	if err := wellFormed("ResourceId", id, resourceID); err != nil {
		return nil, err
	}
	if a := s.w.Account(id); a != nil {
		return &a.Tags, nil
	}
	if u := s.w.Unit(id); u != nil {
		return &u.Tags, nil
	}
	return nil, wire.Fail("TargetNotFoundException", "You specified a target that doesn't exist.")
}

// tagResource is TagResource.
func (s *service) tagResource(_ *wire.Call, in *struct {
	ResourceID string `json:"ResourceId"`
	Tags       []tag  `json:"Tags"`
},
) (*nothing, error) {
	tags, err := s.tags(in.ResourceID)
	if err != nil {
		return nil, err
	}
	changed, err := tagged(*tags, in.Tags)
	if err != nil {
		return nil, err
	}
	*tags = changed
	return nil, nil
}

// untagResource is UntagResource.
func (s *service) untagResource(_ *wire.Call, in *struct {
	ResourceID string   `json:"ResourceId"`
	Keys       []string `json:"TagKeys"`
},
) (*nothing, error) {
	tags, err := s.tags(in.ResourceID)
	if err != nil {
		return nil, err
	}
	for _, key := range in.Keys {
		delete(*tags, key)
	}
	return nil, nil
}

type tagsOutput struct {
	Tags      []tag  `json:"Tags"`
	NextToken string `json:"NextToken,omitempty"`
}

// listTagsForResource is ListTagsForResource.
func (s *service) listTagsForResource(_ *wire.Call, in *struct {
	ResourceID string `json:"ResourceId"`
	NextToken  string `json:"NextToken"`
},
) (*tagsOutput, error) {
	tags, err := s.tags(in.ResourceID)
	if err != nil {
		return nil, err
	}
	shown := make([]tag, 0, len(*tags))
	for _, key := range slices.Sorted(maps.Keys(*tags)) {
		shown = append(shown, tag{Key: key, Value: (*tags)[key]})
	}
	found, next, err := page("tags/"+in.ResourceID, shown, pageInput{NextToken: in.NextToken})
	if err != nil {
		return nil, err
	}
	return &tagsOutput{Tags: found, NextToken: next}, nil
}
