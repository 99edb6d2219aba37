package s3_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

// story writes k before versioning, while it is enabled, and while it is suspended.
func story(t *testing.T) (s *site, first, second string) {
	t.Helper()
	s = open(t, "us-east-1")
	s.bucket("lists")
	s.put("lists", "k", "before")
	s.versioning("lists", "Enabled")
	first = s.put("lists", "k", "one")
	second = s.put("lists", "k", "two")
	return s, first, second
}

func (s *site) remove(key, version string) *awss3.DeleteObjectOutput {
	s.t.Helper()
	in := &awss3.DeleteObjectInput{Bucket: aws.String("lists"), Key: &key}
	if version != "" {
		in.VersionId = &version
	}
	out, err := s.DeleteObject(s.t.Context(), in)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// versions lists all versions as "key body latest", a page of n at a time.
func (s *site) versions(n int32, in awss3.ListObjectVersionsInput) (lines []string) {
	s.t.Helper()
	in.Bucket, in.MaxKeys = aws.String("lists"), &n
	for p := awss3.NewListObjectVersionsPaginator(s.Client, &in); p.HasMorePages(); {
		page, err := p.NextPage(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		if got := len(page.Versions) + len(page.DeleteMarkers) + len(page.CommonPrefixes); got > int(n) {
			s.t.Errorf("a page of %d, asked for %d", got, n)
		}
		for _, v := range page.Versions {
			body, err := s.get(s.t.Context(), "lists", aws.ToString(v.Key), aws.ToString(v.VersionId))
			if err != nil {
				s.t.Fatal(err)
			}
			lines = append(lines, fmt.Sprint(aws.ToString(v.Key), " ", body, " ", aws.ToBool(v.IsLatest)))
		}
		for _, m := range page.DeleteMarkers {
			lines = append(lines, fmt.Sprint(aws.ToString(m.Key), " marker ", aws.ToBool(m.IsLatest)))
		}
		for _, c := range page.CommonPrefixes {
			lines = append(lines, aws.ToString(c.Prefix))
		}
	}
	return lines
}

func TestVersionsAreKept(t *testing.T) {
	t.Parallel()
	s, first, second := story(t)
	if first == second || len(first) != 32 {
		t.Errorf("version ids %s and %s", first, second)
	}
	for version, want := range map[string]string{"": "two", first: "one", second: "two", "null": "before"} {
		if got, err := s.get(t.Context(), "lists", "k", version); err != nil || got != want {
			t.Errorf("version %q: %q, %v", version, got, err)
		}
	}
	marker := s.remove("k", "")
	if !aws.ToBool(marker.DeleteMarker) || aws.ToString(marker.VersionId) == "" {
		t.Errorf("%+v", marker)
	}
	_, err := s.get(t.Context(), "lists", "k", "")
	if got := code(err); got != "404 NoSuchKey" || s.last.Get("x-amz-delete-marker") != "true" {
		t.Errorf("behind a delete marker: %s, %v", got, s.last)
	}
	_, err = s.get(t.Context(), "lists", "k", aws.ToString(marker.VersionId))
	if got := code(err); got != "405 MethodNotAllowed" || s.last.Get("Allow") != "DELETE" {
		t.Errorf("the delete marker itself: %s, %v", got, s.last)
	}
	_, err = s.HeadObject(t.Context(), &awss3.HeadObjectInput{Bucket: aws.String("lists"), Key: aws.String("k"), VersionId: marker.VersionId})
	if got := code(err); !strings.HasPrefix(got, "405 ") {
		t.Errorf("head of the delete marker: %s", got)
	}
	want := []string{"k two false", "k one false", "k before false", "k marker true"}
	if diff := cmp.Diff(want, s.versions(1000, awss3.ListObjectVersionsInput{})); diff != "" {
		t.Error(diff)
	}
	if again := s.remove("k", aws.ToString(marker.VersionId)); !aws.ToBool(again.DeleteMarker) {
		t.Error("the delete marker was not called one")
	}
	s.remove("k", second)
	if got, err := s.get(t.Context(), "lists", "k", ""); err != nil || got != "one" {
		t.Errorf("the newest that is left: %q, %v", got, err)
	}
}

func TestSuspendedVersioningHasOneNullVersion(t *testing.T) {
	t.Parallel()
	s, _, second := story(t)
	s.versioning("lists", "Suspended")
	if got := s.put("lists", "k", "after"); got != "null" {
		t.Errorf("version id %q", got)
	}
	s.put("lists", "k", "later")
	want := []string{"k later true", "k two false", "k one false"}
	if diff := cmp.Diff(want, s.versions(1000, awss3.ListObjectVersionsInput{})); diff != "" {
		t.Error(diff)
	}
	if out := s.remove("k", ""); aws.ToString(out.VersionId) != "null" || !aws.ToBool(out.DeleteMarker) {
		t.Errorf("%+v", out)
	}
	want = []string{"k two false", "k one false", "k marker true"}
	if diff := cmp.Diff(want, s.versions(1000, awss3.ListObjectVersionsInput{})); diff != "" {
		t.Error(diff)
	}
	if got, err := s.get(t.Context(), "lists", "k", second); err != nil || got != "two" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestListsOfVersionsComeInPages(t *testing.T) {
	t.Parallel()
	s := open(t, "us-east-1")
	s.bucket("lists", "Enabled")
	for _, key := range []string{"a", "b/1", "b/2", "c d"} {
		s.put("lists", key, "1")
		s.put("lists", key, "2")
	}
	all := []string{"a 2 true", "a 1 false", "b/1 2 true", "b/1 1 false", "b/2 2 true", "b/2 1 false", "c d 2 true", "c d 1 false"}
	for n := int32(1); n < 9; n++ {
		if diff := cmp.Diff(all, s.versions(n, awss3.ListObjectVersionsInput{})); diff != "" {
			t.Errorf("pages of %d: %s", n, diff)
		}
	}
	want := []string{"a 2 true", "a 1 false", "b/", "c d 2 true", "c d 1 false"}
	if diff := cmp.Diff(want, s.versions(1, awss3.ListObjectVersionsInput{Delimiter: aws.String("/")})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(all[2:6], s.versions(3, awss3.ListObjectVersionsInput{Prefix: aws.String("b/")})); diff != "" {
		t.Error(diff)
	}
	status, _, body := s.send("GET", "/lists?versions&version-id-marker=null", "")
	if status != http.StatusBadRequest || !strings.Contains(body, "A version-id marker cannot be specified without a key marker.") {
		t.Error(body)
	}
}

func TestEmptyingABucketPageByPage(t *testing.T) {
	t.Parallel()
	s := open(t, "us-east-1")
	s.bucket("lists", "Enabled")
	for i := range 25 {
		s.put("lists", fmt.Sprint("k", i%3), "x")
	}
	s.remove("k1", "")
	in := &awss3.ListObjectVersionsInput{Bucket: aws.String("lists"), MaxKeys: aws.Int32(4)}
	deleted := 0
	for p := awss3.NewListObjectVersionsPaginator(s.Client, in); p.HasMorePages(); {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var ids []types.ObjectIdentifier
		for _, v := range page.Versions {
			ids = append(ids, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range page.DeleteMarkers {
			ids = append(ids, types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		out, err := s.DeleteObjects(t.Context(), &awss3.DeleteObjectsInput{Bucket: aws.String("lists"), Delete: &types.Delete{Objects: ids}})
		if err != nil || len(out.Errors) > 0 {
			t.Fatal(err, out.Errors)
		}
		deleted += len(out.Deleted)
	}
	if deleted != 26 {
		t.Errorf("%d of 26 were deleted", deleted)
	}
	if _, err := s.DeleteBucket(t.Context(), &awss3.DeleteBucketInput{Bucket: aws.String("lists")}); err != nil {
		t.Error(err)
	}
}

func TestDeletingMany(t *testing.T) {
	t.Parallel()
	s := open(t, "us-east-1")
	s.bucket("lists")
	s.put("lists", "a", "x")
	s.put("lists", "b", "x")
	out, err := s.DeleteObjects(t.Context(), &awss3.DeleteObjectsInput{Bucket: aws.String("lists"), Delete: &types.Delete{
		Objects: []types.ObjectIdentifier{
			{Key: aws.String("a")},
			{Key: aws.String("nothing")},
			{Key: aws.String("b"), ETag: aws.String(`"other"`)},
			{Key: aws.String("b"), VersionId: aws.String("?")},
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range out.Deleted {
		got = append(got, aws.ToString(d.Key))
	}
	for _, e := range out.Errors {
		got = append(got, aws.ToString(e.Key)+" "+aws.ToString(e.Code))
	}
	if diff := cmp.Diff([]string{"a", "nothing", "b PreconditionFailed", "b InvalidArgument"}, got); diff != "" {
		t.Error(diff)
	}
	for body, want := range map[string]string{
		"<Delete><Object><Key>b</Key></Object></Delete>":               "Missing required header for this request: Content-MD5",
		"<Delete><Object><Key>b</Key><Size>1</Size></Object></Delete>": "Missing required header",
		"<Delete>" + strings.Repeat("<Object/>", 1001) + "</Delete>":   "Missing required header",
	} {
		if _, _, answer := s.send("POST", "/lists?delete", body); !strings.Contains(answer, want) {
			t.Errorf("%.60s: %s", body, answer)
		}
	}
}

func TestCopies(t *testing.T) {
	t.Parallel()
	s, first, second := story(t)
	s.bucket("other")
	for name, test := range map[string]struct {
		source string
		change func(*awss3.CopyObjectInput)
		want   string // what is there then, or the code
		from   string // version id of the source
	}{
		"the current version":         {source: "lists/k", want: "two", from: second},
		"with a slash in front":       {source: "/lists/k", want: "two", from: second},
		"an older version":            {source: "lists/k?versionId=" + first, want: "one", from: first},
		"what is not there":           {source: "lists/x", want: "404 NoSuchKey"},
		"from what is not there":      {source: "nowhere/k", want: "404 NoSuchBucket"},
		"a version that is not there": {source: "lists/k?versionId=" + strings.Repeat("x", 32), want: "404 NoSuchVersion"},
		"nothing that can be found":   {source: "lists", want: "400 InvalidArgument"},
		"if it is another":            {source: "lists/k", change: func(in *awss3.CopyObjectInput) { in.CopySourceIfMatch = aws.String("x") }, want: "412 PreconditionFailed"},
		"if it has changed":           {source: "lists/k", change: func(in *awss3.CopyObjectInput) { in.CopySourceIfModifiedSince = aws.Time(time.Now().AddDate(99, 0, 0)) }, want: "412 PreconditionFailed"},
		"onto what must not be there": {source: "lists/k", change: func(in *awss3.CopyObjectInput) {
			in.Bucket, in.Key, in.IfNoneMatch = aws.String("lists"), aws.String("k"), aws.String("*")
			in.MetadataDirective = "REPLACE"
		}, want: "412 PreconditionFailed"},
		"onto itself, nothing changed": {source: "lists/k", change: func(in *awss3.CopyObjectInput) { in.Bucket, in.Key = aws.String("lists"), aws.String("k") }, want: "400 InvalidRequest"},
		"through an access point":      {source: "arn:aws:s3:us-east-1:111111111111:accesspoint/a/object/k", want: "501 NotImplemented"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key := strings.ReplaceAll(name, " ", "-")
			in := &awss3.CopyObjectInput{Bucket: aws.String("other"), Key: &key, CopySource: &test.source}
			if test.change != nil {
				test.change(in)
			}
			out, err := s.CopyObject(t.Context(), in)
			got := code(err)
			if err == nil {
				if from := aws.ToString(out.CopySourceVersionId); from != test.from {
					t.Errorf("from version %s, want %s", from, test.from)
				}
				if aws.ToString(out.CopyObjectResult.ChecksumCRC32) == "" {
					t.Error("the copy has lost its checksum")
				}
				got, err = s.get(t.Context(), "other", key, "")
				if err != nil {
					t.Error(err)
				}
			}
			if got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestCopiesKeepOrReplaceWhatIsSaid(t *testing.T) {
	t.Parallel()
	for directive, want := range map[types.MetadataDirective]string{"": "text/csv map[a:old] 1", "COPY": "text/csv map[a:old] 1", "REPLACE": "text/plain map[b:new] 1"} {
		t.Run("directive "+string(directive), func(t *testing.T) {
			t.Parallel()
			s := open(t, "us-east-1")
			s.bucket("lists")
			_, err := s.PutObject(t.Context(), &awss3.PutObjectInput{
				Bucket: aws.String("lists"), Key: aws.String("k e+y"), Body: strings.NewReader("x"), ContentType: aws.String("text/csv"),
				Metadata: map[string]string{"a": "old"}, Tagging: aws.String("t=1"),
			})
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.CopyObject(t.Context(), &awss3.CopyObjectInput{
				Bucket: aws.String("lists"), Key: aws.String("copy"), CopySource: aws.String("lists/k%20e%2By"),
				MetadataDirective: directive, ContentType: aws.String("text/plain"), Metadata: map[string]string{"b": "new"},
			})
			if err != nil {
				t.Fatal(err)
			}
			head, err := s.HeadObject(t.Context(), &awss3.HeadObjectInput{Bucket: aws.String("lists"), Key: aws.String("copy")})
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprintf("%s %v %d", aws.ToString(head.ContentType), head.Metadata, aws.ToInt32(head.TagCount))
			if got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
}

func TestTagsOfObjects(t *testing.T) {
	t.Parallel()
	s, first, _ := story(t)
	bucket, key := aws.String("lists"), aws.String("k")
	_, err := s.PutObjectTagging(t.Context(), &awss3.PutObjectTaggingInput{
		Bucket: bucket, Key: key, VersionId: &first,
		Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	count := func(version *string) int {
		t.Helper()
		out, err := s.GetObjectTagging(t.Context(), &awss3.GetObjectTaggingInput{Bucket: bucket, Key: key, VersionId: version})
		if err != nil {
			t.Fatal(err)
		}
		return len(out.TagSet)
	}
	if count(&first) != 1 || count(nil) != 0 {
		t.Error("the tags are not where they were put")
	}
	_, err = s.DeleteObjectTagging(t.Context(), &awss3.DeleteObjectTaggingInput{Bucket: bucket, Key: key, VersionId: &first})
	if err != nil || count(&first) != 0 {
		t.Error("the tags are still there", err)
	}
}
