package bucket_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/bucket"
	"github.com/vend-cli/vend/internal/sandbox"
)

// made makes a bucket, "lists", that keeps the versions of its objects, or does not.
func made(t *testing.T, versioned bool) (*bucket.Client, *s3.Client) {
	t.Helper()
	s, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cfg := awstest.Config(s.RoundTripper())
	raw := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	if _, err := raw.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("lists")}); err != nil {
		t.Fatal(err)
	}
	if versioned {
		if _, err := raw.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
			Bucket: aws.String("lists"), VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
		}); err != nil {
			t.Fatal(err)
		}
	}
	return bucket.New(cfg, "lists"), raw
}

func put(t *testing.T, c *bucket.Client, key, content string) string {
	t.Helper()
	version, err := c.Put(t.Context(), key, strings.NewReader(content), false)
	if err != nil {
		t.Fatal(err)
	}
	return version
}

func read(ctx context.Context, c *bucket.Client, key, version string) (string, bucket.Object, error) {
	body, object, err := c.Open(ctx, key, version)
	if err != nil {
		return "", object, err
	}
	defer func() { _ = body.Close() }() // it was read
	content, err := io.ReadAll(body)
	return string(content), object, err
}

func TestObjectVersions(t *testing.T) {
	t.Parallel()
	c, raw := made(t, true)
	const key = "incoming/new accounts + more(1).csv"
	first, second := put(t, c, key, "one"), put(t, c, key, "two, longer")
	if first == "" || first == second {
		t.Fatalf("versions %q and %q", first, second)
	}
	for version, want := range map[string]string{first: "one", second: "two, longer", "": "two, longer"} {
		content, object, err := read(t.Context(), c, key, version)
		wanted := version
		if wanted == "" {
			wanted = second
		}
		if err != nil || content != want || object.Version != wanted || object.Size != int64(len(want)) || object.Key != key ||
			object.ETag == "" || strings.Contains(object.ETag, `"`) || object.LastModified.IsZero() {
			t.Errorf("version %q: %q, %+v, %v", version, content, object, err)
		}
	}
	head, err := raw.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("lists"), Key: aws.String(key)})
	if err != nil || aws.ToString(head.ContentType) != "text/csv; charset=utf-8" {
		t.Errorf("content type %q, %v", aws.ToString(head.ContentType), err)
	}

	gone, err := raw.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("lists"), Key: aws.String(key)})
	if err != nil {
		t.Fatal(err)
	}
	for name, version := range map[string]string{"the current version": "", "the delete marker": aws.ToString(gone.VersionId)} {
		if _, _, err := read(t.Context(), c, key, version); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s after it was deleted: %v, want that it does not exist", name, err)
		}
	}
	if content, _, err := read(t.Context(), c, key, first); err != nil || content != "one" {
		t.Errorf("an older version after the object was deleted: %q, %v", content, err)
	}
	if _, _, err := read(t.Context(), c, "incoming/other.csv", ""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an object that never was: %v", err)
	}
}

func TestPutOnlyWhereNothingIs(t *testing.T) {
	t.Parallel()
	for name, versioned := range map[string]bool{"with versions": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := made(t, versioned)
			version, err := c.Put(t.Context(), "a.txt", strings.NewReader("mine"), true)
			if err != nil || (version != "") != versioned {
				t.Fatalf("version %q, %v", version, err)
			}
			if _, err := c.Put(t.Context(), "a.txt", strings.NewReader("theirs"), true); !errors.Is(err, fs.ErrExist) {
				t.Errorf("%v, want that it exists", err)
			}
			if content, _, err := read(t.Context(), c, "a.txt", ""); content != "mine" || err != nil {
				t.Errorf("%q, %v", content, err)
			}
		})
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	for name, versioned := range map[string]bool{"with versions": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, raw := made(t, versioned)
			odd := []string{
				"incoming/ blank.csv", "incoming/a+b.csv", "incoming/a b.csv", "incoming/ä/ü.csv", "incoming/100%.csv", "incoming/100%25.csv",
				"incoming/<&>\"'.csv", "incoming/control\x01\x1f.csv", "incoming/line\nbreak.csv", "incoming/x,y;z.csv",
			}
			want := map[string]string{}
			for _, key := range odd {
				want[key] = put(t, c, key, key)
			}
			for i := range 3 { // only the newest counts
				want["incoming/many.csv"] = put(t, c, "incoming/many.csv", fmt.Sprint(i))
			}
			put(t, c, "incoming/gone.csv", "x")
			if _, err := raw.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("lists"), Key: aws.String("incoming/gone.csv")}); err != nil {
				t.Fatal(err)
			}
			put(t, c, "results/other.csv", "x")

			got, keys := map[string]string{}, []string(nil)
			for object, err := range c.List(t.Context(), "incoming/") {
				if err != nil {
					t.Fatal(err)
				}
				got[object.Key], keys = object.Version, append(keys, object.Key)
				if content, _, err := read(t.Context(), c, object.Key, object.Version); err != nil || int64(len(content)) != object.Size || object.ETag == "" || object.LastModified.IsZero() {
					t.Errorf("what was listed as %+v can't be read: %q, %v", object, content, err)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if !slices.IsSorted(keys) || len(keys) != len(got) {
				t.Errorf("keys are not in order, or come twice: %q", keys)
			}
			for range c.List(t.Context(), "incoming/") { // whoever has seen enough may stop
				break
			}
		})
	}
}

func TestListOfManyPages(t *testing.T) {
	t.Parallel()
	c, _ := made(t, true)
	for i := range 700 {
		key := fmt.Sprintf("incoming/%04d +.csv", i)
		put(t, c, key, "1")
		put(t, c, key, "2")
		if i%7 == 0 {
			put(t, c, key, "3")
		}
	}
	n := 0
	for object, err := range c.List(t.Context(), "incoming/") {
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("incoming/%04d +.csv", n); object.Key != want {
			t.Fatalf("object %d is %q, want %q", n, object.Key, want)
		}
		n++
	}
	if n != 700 {
		t.Errorf("%d objects, want 700", n)
	}
}

func TestMissingBucket(t *testing.T) {
	t.Parallel()
	s, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := bucket.New(awstest.Config(s.RoundTripper()), "nobodys-lists")
	if _, _, err := c.Open(t.Context(), "a.csv", ""); awstest.Verdict(err) != "V3003 pause" {
		t.Errorf("Open: %v", err)
	}
	for _, err := range c.List(t.Context(), "") {
		if awstest.Verdict(err) != "V3003 pause" {
			t.Errorf("List: %v", err)
		}
	}
}
