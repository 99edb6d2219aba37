package s3_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

func TestWhatIsPutComesBack(t *testing.T) {
	t.Parallel()
	s := open(t, "us-east-1")
	s.bucket("lists")
	put, err := s.PutObject(t.Context(), &awss3.PutObjectInput{
		Bucket: aws.String("lists"), Key: aws.String("incoming/a file (1)+ü.csv"), Body: strings.NewReader("hello"),
		ContentType: aws.String("text/csv"), CacheControl: aws.String("no-cache"), ContentEncoding: aws.String("identity"),
		Metadata: map[string]string{"uploaded-by": "me"}, Tagging: aws.String("team=a&stage=dev"),
		ChecksumAlgorithm: types.ChecksumAlgorithmSha256, StorageClass: types.StorageClassStandardIa,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := aws.ToString(put.ETag), `"5d41402abc4b2a76b9719d911017c592"`; got != want {
		t.Errorf("etag %s, want the MD5 %s", got, want)
	}
	if put.VersionId != nil || aws.ToString(put.ChecksumSHA256) != "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=" {
		t.Errorf("version %v, checksum %v", put.VersionId, aws.ToString(put.ChecksumSHA256))
	}
	got, err := s.GetObject(t.Context(), &awss3.GetObjectInput{
		Bucket: aws.String("lists"), Key: aws.String("incoming/a file (1)+ü.csv"), ChecksumMode: types.ChecksumModeEnabled,
	})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(got.Body)
	if err != nil || string(body) != "hello" {
		t.Errorf("body %q, %v", body, err)
	}
	type facts struct {
		Type, Cache, Encoding, Meta, ETag, Checksum, SSE, Class string
		Kind                                                    types.ChecksumType
		Tags                                                    int32
		Length                                                  int64
		Modified                                                time.Time
	}
	want := facts{
		Type: "text/csv", Cache: "no-cache", Encoding: "identity", Meta: "me", ETag: aws.ToString(put.ETag),
		Checksum: aws.ToString(put.ChecksumSHA256), SSE: "AES256", Class: "STANDARD_IA", Kind: types.ChecksumTypeFullObject,
		Tags: 2, Length: 5, Modified: time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC),
	}
	have := facts{
		Type: aws.ToString(got.ContentType), Cache: aws.ToString(got.CacheControl), Encoding: aws.ToString(got.ContentEncoding),
		Meta: got.Metadata["uploaded-by"], ETag: aws.ToString(got.ETag), Checksum: aws.ToString(got.ChecksumSHA256),
		SSE: string(got.ServerSideEncryption), Class: string(got.StorageClass), Kind: got.ChecksumType,
		Tags: aws.ToInt32(got.TagCount), Length: aws.ToInt64(got.ContentLength), Modified: aws.ToTime(got.LastModified),
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Error(diff)
	}
}

func TestReading(t *testing.T) {
	t.Parallel()
	s := open(t, "us-east-1")
	s.bucket("lists")
	s.put("lists", "k", "0123456789")
	s.put("lists", "empty", "")
	etag := `"781e5e245d69b566979b86e28d23f2c7"`
	before, after := "Sun, 01 Nov 2026 09:59:59 GMT", "Sun, 01 Nov 2026 10:00:00 GMT"
	for name, test := range map[string]struct {
		target  string
		headers []string
		status  int
		body    string
		header  map[string]string
	}{
		"all of it":                        {target: "/lists/k", status: 200, body: "0123456789", header: map[string]string{"Content-Length": "10", "Accept-Ranges": "bytes", "Content-Type": "application/octet-stream"}},
		"the first bytes":                  {target: "/lists/k", headers: []string{"Range", "bytes=0-3"}, status: 206, body: "0123", header: map[string]string{"Content-Range": "bytes 0-3/10", "Content-Length": "4"}},
		"from a byte on":                   {target: "/lists/k", headers: []string{"Range", "bytes=7-"}, status: 206, body: "789", header: map[string]string{"Content-Range": "bytes 7-9/10"}},
		"the last bytes":                   {target: "/lists/k", headers: []string{"Range", "bytes=-2"}, status: 206, body: "89", header: map[string]string{"Content-Range": "bytes 8-9/10"}},
		"more last bytes than there are":   {target: "/lists/k", headers: []string{"Range", "bytes=-99"}, status: 206, body: "0123456789", header: map[string]string{"Content-Range": "bytes 0-9/10"}},
		"past the end is cut off":          {target: "/lists/k", headers: []string{"Range", "bytes=8-99"}, status: 206, body: "89"},
		"beyond the end":                   {target: "/lists/k", headers: []string{"Range", "bytes=10-"}, status: 416, body: "<Code>InvalidRange</Code>"},
		"no last bytes":                    {target: "/lists/k", headers: []string{"Range", "bytes=-0"}, status: 416, body: "<ActualObjectSize>10</ActualObjectSize>"},
		"a range of nothing":               {target: "/lists/empty", headers: []string{"Range", "bytes=0-"}, status: 416, body: "InvalidRange"},
		"a range that is none":             {target: "/lists/k", headers: []string{"Range", "lines=1-2"}, status: 200, body: "0123456789"},
		"two ranges are not supported":     {target: "/lists/k", headers: []string{"Range", "bytes=0-1,3-4"}, status: 200, body: "0123456789"},
		"a backward range":                 {target: "/lists/k", headers: []string{"Range", "bytes=5-3"}, status: 200, body: "0123456789"},
		"part 1 of an object in one piece": {target: "/lists/k?partNumber=1", status: 206, body: "0123456789"},
		"part 2 of an object in one piece": {target: "/lists/k?partNumber=2", status: 416, body: "InvalidPartNumber"},
		"part and range":                   {target: "/lists/k?partNumber=1", headers: []string{"Range", "bytes=0-1"}, status: 400, body: "InvalidRequest"},
		"the same ETag":                    {target: "/lists/k", headers: []string{"If-Match", etag}, status: 200, body: "0123456789"},
		"another ETag":                     {target: "/lists/k", headers: []string{"If-Match", `"other"`}, status: 412, body: "<Condition>If-Match</Condition>"},
		"nothing new by ETag":              {target: "/lists/k", headers: []string{"If-None-Match", etag}, status: 304, header: map[string]string{"ETag": etag}},
		"news by ETag":                     {target: "/lists/k", headers: []string{"If-None-Match", `"old"`}, status: 200, body: "0123456789"},
		"nothing new by time":              {target: "/lists/k", headers: []string{"If-Modified-Since", after}, status: 304},
		"news by time":                     {target: "/lists/k", headers: []string{"If-Modified-Since", before}, status: 200, body: "0123456789"},
		"changed since":                    {target: "/lists/k", headers: []string{"If-Unmodified-Since", before}, status: 412, body: "PreconditionFailed"},
		"the ETag outweighs the time":      {target: "/lists/k", headers: []string{"If-Match", etag, "If-Unmodified-Since", before}, status: 200, body: "0123456789"},
		"the new ETag outweighs the time":  {target: "/lists/k", headers: []string{"If-None-Match", `"old"`, "If-Modified-Since", after}, status: 200, body: "0123456789"},
		"another content type, on request": {target: "/lists/k?response-content-type=text/plain", status: 200, body: "0123456789", header: map[string]string{"Content-Type": "text/plain"}},
		"a key that is not there":          {target: "/lists/nothing", status: 404, body: "<Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>nothing</Key>"},
		"a bucket that is not there":       {target: "/elsewhere/k", status: 404, body: "<BucketName>elsewhere</BucketName>"},
		"a version that is not there":      {target: "/lists/k?versionId=" + strings.Repeat("x", 32), status: 404, body: "NoSuchVersion"},
		"a version that can be none":       {target: "/lists/k?versionId=?", status: 400, body: "Invalid version id specified"},
		"the null version":                 {target: "/lists/k?versionId=null", status: 200, body: "0123456789"},
		"the owner expected":               {target: "/lists/k", headers: []string{"x-amz-expected-bucket-owner", "111111111111"}, status: 200, body: "0123456789"},
		"another owner expected":           {target: "/lists/k", headers: []string{"x-amz-expected-bucket-owner", "222222222222"}, status: 403, body: "AccessDenied"},
		"a header that is not implemented": {target: "/lists/k", headers: []string{"x-amz-server-side-encryption-customer-algorithm", "AES256"}, status: 501, body: "NotImplemented"},
		"a virtual host":                   {target: "/k", headers: []string{"Host", "lists.localhost:4566"}, status: 200, body: "0123456789"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRequest(t, "GET", test.target, test.headers)
			rec := s.record(r)
			if rec.Code != test.status || !strings.Contains(rec.Body.String(), test.body) {
				t.Errorf("%d %s\nwant %d %s", rec.Code, rec.Body, test.status, test.body)
			}
			for name, want := range test.header {
				if got := rec.Header().Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			if rec.Header().Get("x-amz-request-id") == "" || rec.Header().Get("x-amz-id-2") == "" {
				t.Error("an answer without request ids")
			}
			head := newRequest(t, "HEAD", test.target, test.headers)
			if rec := s.record(head); rec.Code != test.status || rec.Body.Len() > 0 {
				t.Errorf("HEAD: %d with %d bytes, want %d and none", rec.Code, rec.Body.Len(), test.status)
			}
		})
	}
}

func TestChecksumsComeWithWholeObjectsOnly(t *testing.T) {
	t.Parallel()
	s := open(t, "us-east-1")
	s.bucket("lists")
	s.put("lists", "k", "0123456789")
	for name, test := range map[string]struct {
		mode, span string
		want       string
	}{
		"a whole object, asked for": {"ENABLED", "", "poTHxg=="},
		"a whole object, not asked": {"", "", ""},
		"a piece":                   {"ENABLED", "bytes=0-3", ""},
		"a range that is the whole": {"ENABLED", "bytes=0-9", "poTHxg=="},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRequest(t, "GET", "/lists/k", []string{"Range", test.span, "x-amz-checksum-mode", test.mode})
			if got := s.record(r).Header().Get("x-amz-checksum-crc32"); got != test.want {
				t.Errorf("checksum %q, want %q", got, test.want)
			}
		})
	}
}

func TestConditionalWrites(t *testing.T) {
	t.Parallel()
	const etag = `"5d41402abc4b2a76b9719d911017c592"`
	for name, test := range map[string]struct {
		there     bool
		hidden    bool // by a delete marker
		match     string
		noneMatch string
		want      string
	}{
		"nothing there, and none wanted":         {noneMatch: "*"},
		"something there, and none wanted":       {there: true, noneMatch: "*", want: "412 PreconditionFailed"},
		"a delete marker counts as nothing":      {there: true, hidden: true, noneMatch: "*"},
		"the ETag that is there":                 {there: true, match: etag},
		"the ETag that was there":                {there: true, match: `"old"`, want: "412 PreconditionFailed"},
		"an ETag where nothing is":               {match: etag, want: "404 NoSuchKey"},
		"an ETag behind a delete marker":         {there: true, hidden: true, match: etag, want: "404 NoSuchKey"},
		"If-None-Match knows nothing but a star": {noneMatch: etag, want: "501 NotImplemented"},
		"both conditions at once are not for S3": {match: etag, noneMatch: "*", want: "501 NotImplemented"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, "us-east-1")
			s.bucket("lists", "Enabled")
			if test.there {
				s.put("lists", "k", "hello")
			}
			if test.hidden {
				if _, err := s.DeleteObject(t.Context(), &awss3.DeleteObjectInput{Bucket: aws.String("lists"), Key: aws.String("k")}); err != nil {
					t.Fatal(err)
				}
			}
			in := &awss3.PutObjectInput{Bucket: aws.String("lists"), Key: aws.String("k"), Body: strings.NewReader("new")}
			if test.match != "" {
				in.IfMatch = &test.match
			}
			if test.noneMatch != "" {
				in.IfNoneMatch = &test.noneMatch
			}
			_, err := s.PutObject(t.Context(), in)
			if got := code(err); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
			if got, _ := s.get(t.Context(), "lists", "k", ""); (got == "new") != (test.want == "") {
				t.Errorf("the object is %q", got)
			}
		})
	}
}

func TestOnlyOneOfManyCreates(t *testing.T) {
	t.Parallel()
	s := open(t, "us-east-1")
	s.bucket("lists")
	const n = 20
	results := make(chan string, n)
	for range n {
		go func() {
			status, _, _ := s.send("PUT", "/lists/lock", "mine", "If-None-Match", "*")
			results <- http.StatusText(status)
		}()
	}
	count := map[string]int{}
	for range n {
		count[<-results]++
	}
	if diff := cmp.Diff(map[string]int{"OK": 1, "Precondition Failed": n - 1}, count); diff != "" {
		t.Error(diff)
	}
}
