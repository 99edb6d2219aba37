package s3

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vend-cli/vend/internal/pattern"
)

// tag is one tag of a bucket or an object.
type tag struct{ Key, Value string }

type tagging struct {
	Tags []tag `xml:"TagSet>Tag"`
	Rest *rest `xml:",any"`
}

// How many tags there may be (User Guide, "Categorizing your objects using tags", "Using cost allocation S3 bucket tags").
const (
	objectTags = 10
	bucketTags = 50
)

var tagText = pattern.Compile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

func checkTags(tags []tag, most int) error {
	if len(tags) > most {
		what := map[int]string{objectTags: "Object tags cannot be greater than 10", bucketTags: "Bucket tag count cannot be greater than 50"}
		return refuse(http.StatusBadRequest, "BadRequest", what[most])
	}
	for i, t := range tags {
		invalid := func(message string) error {
			return refuse(http.StatusBadRequest, "InvalidTag", message, "TagKey", t.Key, "TagValue", t.Value)
		}
		switch {
		case t.Key == "" || utf8.RuneCountInString(t.Key) > 128 || !tagText.MatchString(t.Key):
			return invalid("The TagKey you have provided is invalid")
		case utf8.RuneCountInString(t.Value) > 256 || !tagText.MatchString(t.Value):
			return invalid("The TagValue you have provided is invalid")
		case strings.HasPrefix(strings.ToLower(t.Key), "aws:"):
			return invalid("System tags cannot be added/updated by requester")
		case slices.ContainsFunc(tags[:i], func(other tag) bool { return other.Key == t.Key }):
			return invalid("Cannot provide multiple Tags with the same key")
		}
	}
	return nil
}

// sentTags reads x-amz-tagging, "encoded as URL Query parameters" (API Reference, PutObject).
func (r *request) sentTags() ([]tag, error) {
	given := r.sent.Get("x-amz-tagging")
	values, err := url.ParseQuery(given)
	if err != nil {
		return nil, invalidArgument("The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters "+
			"without tag name duplicates.", "x-amz-tagging", given)
	}
	var tags []tag
	for key, all := range values {
		for _, value := range all {
			tags = append(tags, tag{key, value})
		}
	}
	slices.SortFunc(tags, func(a, b tag) int { return strings.Compare(a.Key, b.Key) })
	return tags, checkTags(tags, objectTags)
}

// getBucketTagging follows GetBucketTagging.
func (s *service) getBucketTagging(r *request) (any, error) {
	if len(r.bucket.tags) == 0 {
		return nil, absent("NoSuchTagSet", "The TagSet does not exist", r)
	}
	return document{"Tagging", tagging{Tags: r.bucket.tags}}, nil
}

// putBucketTagging follows PutBucketTagging: it replaces the whole set.
func (s *service) putBucketTagging(r *request) (any, error) {
	var in tagging
	if err := r.decode("Tagging", &in); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags, bucketTags); err != nil {
		return nil, err
	}
	r.bucket.tags = in.Tags
	return noContent(r)
}

// deleteBucketTagging follows DeleteBucketTagging.
func (s *service) deleteBucketTagging(r *request) (any, error) {
	r.bucket.tags = nil
	return noContent(r)
}

// getObjectTagging follows GetObjectTagging: without tags the set is empty.
func (s *service) getObjectTagging(r *request) (any, error) {
	v, err := r.chosen()
	if err != nil {
		return nil, err
	}
	r.tellVersion(v)
	return document{"Tagging", struct {
		TagSet struct{ Tag []tag }
	}{struct{ Tag []tag }{v.tags}}}, nil
}

// putObjectTagging follows PutObjectTagging.
func (s *service) putObjectTagging(r *request) (any, error) {
	var in tagging
	if err := r.decode("Tagging", &in); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags, objectTags); err != nil {
		return nil, err
	}
	return nil, s.retag(r, in.Tags, "ObjectTagging:Put", tagsAdded)
}

// deleteObjectTagging follows DeleteObjectTagging.
func (s *service) deleteObjectTagging(r *request) (any, error) {
	r.status = http.StatusNoContent
	return nil, s.retag(r, nil, "ObjectTagging:Delete", tagsDeleted)
}

func (s *service) retag(r *request, tags []tag, name, kind string) error {
	v, err := r.chosen()
	if err != nil {
		return err
	}
	v.tags = tags
	r.tellVersion(v)
	s.happened(r, occurrence{name: name, kind: kind, key: r.key, version: v})
	return nil
}
