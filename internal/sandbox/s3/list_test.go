package s3_test

import (
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"
)

var shelf = []string{"a", "b/1", "b/2", "b/c/3", "b0", "d/", "d/4", "e f+g"}

func shelved(t *testing.T) *site {
	t.Helper()
	s := open(t, "us-east-1")
	s.bucket("lists")
	for _, key := range slices.Backward(shelf) {
		s.put("lists", key, key)
	}
	return s
}

func TestListsOfObjects(t *testing.T) {
	t.Parallel()
	s := shelved(t)
	for name, test := range map[string]struct {
		prefix, delimiter, after string
		want                     []string
	}{
		"everything":                           {want: shelf},
		"under a prefix":                       {prefix: "b/", want: []string{"b/1", "b/2", "b/c/3"}},
		"one level":                            {delimiter: "/", want: []string{"a", "b/*", "b0", "d/*", "e f+g"}},
		"one level under a prefix":             {prefix: "b/", delimiter: "/", want: []string{"b/1", "b/2", "b/c/*"}},
		"a folder's own key":                   {prefix: "d/", delimiter: "/", want: []string{"d/", "d/4"}},
		"after a key":                          {after: "b/2", want: shelf[3:]},
		"after what is no key":                 {after: "b/z", want: shelf[4:]},
		"after a common prefix":                {delimiter: "/", after: "b/", want: []string{"b0", "d/*", "e f+g"}},
		"under a prefix, after what is before": {prefix: "d", after: "a", want: []string{"d/", "d/4"}},
		"under a prefix, after what is beyond": {prefix: "b", after: "c", want: nil},
		"nothing":                              {prefix: "x", want: nil},
		"another delimiter":                    {delimiter: "c/", want: []string{"a", "b/1", "b/2", "b/c/*", "b0", "d/", "d/4", "e f+g"}},
	} {
		for n := int32(1); n < 10; n += 2 {
			t.Run(fmt.Sprint(name, " by ", n), func(t *testing.T) {
				t.Parallel()
				var got, old []string
				in := &awss3.ListObjectsV2Input{
					Bucket: aws.String("lists"), MaxKeys: &n, Prefix: &test.prefix, Delimiter: &test.delimiter, StartAfter: &test.after,
				}
				for p := awss3.NewListObjectsV2Paginator(s.Client, in); p.HasMorePages(); {
					page, err := p.NextPage(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					if count := len(page.Contents) + len(page.CommonPrefixes); count > int(n) || count != int(aws.ToInt32(page.KeyCount)) {
						t.Errorf("%d on a page of %d, KeyCount %d", count, n, aws.ToInt32(page.KeyCount))
					}
					for _, o := range page.Contents {
						got = append(got, aws.ToString(o.Key))
						if int(aws.ToInt64(o.Size)) != len(aws.ToString(o.Key)) {
							t.Errorf("%s has %d bytes", *o.Key, *o.Size)
						}
					}
					for _, c := range page.CommonPrefixes {
						got = append(got, aws.ToString(c.Prefix)+"*")
					}
				}
				first := &awss3.ListObjectsInput{Bucket: aws.String("lists"), MaxKeys: &n, Prefix: &test.prefix, Delimiter: &test.delimiter, Marker: &test.after}
				for more := true; more; {
					page, err := s.ListObjects(t.Context(), first)
					if err != nil {
						t.Fatal(err)
					}
					for _, o := range page.Contents {
						old = append(old, aws.ToString(o.Key))
					}
					for _, c := range page.CommonPrefixes {
						old = append(old, aws.ToString(c.Prefix)+"*")
					}
					more = aws.ToBool(page.IsTruncated)
					if first.Marker = page.NextMarker; more && first.Marker == nil {
						first.Marker = page.Contents[len(page.Contents)-1].Key
					}
				}
				sort.Strings(got)
				sort.Strings(old)
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("version 2: %s", diff)
				}
				if diff := cmp.Diff(test.want, old); diff != "" {
					t.Errorf("version 1: %s", diff)
				}
			})
		}
	}
}

func TestListParameters(t *testing.T) {
	t.Parallel()
	s := shelved(t)
	for name, test := range map[string]struct {
		query  string
		status int
		want   string
	}{
		"encoded names":             {"list-type=2&encoding-type=url&prefix=e+", 200, "<Key>e+f%2Bg</Key>"},
		"an encoding that is none":  {"list-type=2&encoding-type=rot13", 400, "InvalidArgument"},
		"no keys at all":            {"list-type=2&max-keys=0", 200, "<KeyCount>0</KeyCount><MaxKeys>0</MaxKeys><IsTruncated>false</IsTruncated>"},
		"more keys than there may":  {"list-type=2&max-keys=5000", 200, "<MaxKeys>1000</MaxKeys>"},
		"fewer than none":           {"list-type=2&max-keys=-1", 400, "InvalidArgument"},
		"a number that is none":     {"list-type=2&max-keys=many", 400, "InvalidArgument"},
		"a token that is none":      {"list-type=2&continuation-token=?", 400, "The continuation token provided is incorrect"},
		"an empty token":            {"list-type=2&continuation-token=", 400, "The continuation token provided is incorrect"},
		"a type that is none":       {"list-type=3", 400, "InvalidArgument"},
		"the owner, when asked for": {"list-type=2&fetch-owner=true", 200, "<Owner><ID>"},
		"the owner, in version 1":   {"prefix=a", 200, "<Owner><ID>"},
		"the checksum's algorithm":  {"list-type=2&prefix=a", 200, "<ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType><Size>1</Size><StorageClass>STANDARD</StorageClass></Contents>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, _, body := s.send(http.MethodGet, "/lists?"+test.query, "")
			if status != test.status || !strings.Contains(body, test.want) {
				t.Errorf("%d %s\nwant %d %s", status, body, test.status, test.want)
			}
		})
	}
}

func TestDeletedObjectsAreNotListed(t *testing.T) {
	t.Parallel()
	s := open(t, "us-east-1")
	s.bucket("lists", "Enabled")
	for _, key := range []string{"gone/1", "gone/2", "here"} {
		s.put("lists", key, "x")
	}
	s.remove("gone/1", "")
	s.remove("gone/2", "")
	_, _, body := s.send(http.MethodGet, "/lists?list-type=2&delimiter=/", "")
	if strings.Contains(body, "gone") || !strings.Contains(body, "<Key>here</Key>") {
		t.Error(body)
	}
}
