package contracttest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/bucket"
)

// bucketChecks is what the bucket relies on: versions, conditional writes, and lists that spell every key.
func bucketChecks(s *setUp) []check {
	const key = "incoming/new accounts + more(1).csv"
	var first, second string
	raw := func() *s3.Client {
		return s3.NewFromConfig(s.cfg, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil })
	}
	c := func() *bucket.Client { return bucket.New(s.cfg, s.name("lists")) }
	put := func(ctx context.Context, key, content string) (string, error) {
		return c().Put(ctx, key, strings.NewReader(content), false)
	}
	reads := func(ctx context.Context, version, content string) error {
		body, object, err := c().Open(ctx, key, version)
		if err != nil {
			return err
		}
		defer func() { _ = body.Close() }() // it was read
		got, err := io.ReadAll(body)
		return want(string(got) == content && (version == "" || object.Version == version) && object.Size == int64(len(content)), err,
			"version %q is %q, %+v", version, got, object)
	}
	// listed are the newest versions by key, and the keys as they came.
	listed := func(ctx context.Context, prefix string) (versions map[string]string, keys []string, err error) {
		versions = map[string]string{}
		for object, err := range c().List(ctx, prefix) {
			if err != nil {
				return nil, nil, err
			}
			versions[object.Key], keys = object.Version, append(keys, object.Key)
		}
		return versions, keys, nil
	}
	lists := func(keys ...string) func(context.Context) error {
		return func(ctx context.Context) error {
			all, prefix := map[string]string{}, keys[0][:strings.Index(keys[0], "/")+1]
			for _, key := range keys {
				for _, content := range []string{"old", "new"} {
					version, err := put(ctx, key, content)
					if err != nil {
						return fmt.Errorf("key %q: %w", key, err)
					}
					all[key] = version
				}
			}
			got, order, err := listed(ctx, prefix)
			return want(maps.Equal(all, got) && slices.IsSorted(order) && len(order) == len(all), err, "written %q, listed %q", all, got)
		}
	}
	return []check{
		{"a bucket that is not there is told from an object that is not", func(ctx context.Context) error {
			_, _, err := c().Open(ctx, "a.csv", "")
			return want(awstest.Verdict(err) == "V3003 pause", nil, "open: %v", err)
		}},
		{"an object keeps its versions", func(ctx context.Context) (err error) {
			if err := makeBucket(ctx, s, raw()); err != nil {
				return err
			}
			if first, err = put(ctx, key, "one"); err != nil {
				return err
			}
			if second, err = put(ctx, key, "two, longer"); err != nil {
				return err
			}
			return errors.Join(want(first != "" && first != second, nil, "versions %q and %q", first, second),
				reads(ctx, first, "one"), reads(ctx, second, "two, longer"), reads(ctx, "", "two, longer"))
		}},
		{"what was deleted is not there, its older versions are", func(ctx context.Context) error {
			if _, err := raw().DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String(s.name("lists")), Key: aws.String(key)}); err != nil {
				return err
			}
			if err := reads(ctx, "", ""); !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("after it was deleted: %w", err)
			}
			got, _, err := listed(ctx, "incoming/")
			return errors.Join(want(len(got) == 0, err, "listed %q", got), reads(ctx, first, "one"))
		}},
		{"a write where nothing may be finds what is there", func(ctx context.Context) error {
			if _, err := c().Put(ctx, "locks/a.txt", strings.NewReader("mine"), true); err != nil {
				return err
			}
			_, err := c().Put(ctx, "locks/a.txt", strings.NewReader("theirs"), true)
			return want(errors.Is(err, fs.ErrExist), nil, "a second one: %v", err)
		}},
		{"a list has the newest versions in the order of their keys", lists("plain/b.csv", "plain/a.csv", "plain/a/c.csv", "plain/ä.csv")},
		{"a list spells keys with blanks, signs and percents", lists("signs/a+b.csv", "signs/a b.csv", "signs/100%.csv", "signs/100%25.csv", "signs/<&>\"'.csv", "signs/x,y;z.csv")},
		{"a list spells keys with characters that XML does not have", lists("control/\x01\x1f.csv", "control/line\nbreak.csv")},
		{"the digest of a plan, and consent, stay with their list", func(ctx context.Context) error {
			if _, err := c().PutPlanned(ctx, "planned/a.csv", strings.NewReader("x"), "0123abcd", true); err != nil {
				return err
			}
			body, object, err := c().Open(ctx, "planned/a.csv", "")
			if err != nil {
				return err
			}
			return want(object.Plan == "0123abcd" && object.AtRoot, body.Close(), "object %+v", object)
		}},
		{"the bucket says that it keeps versions", func(ctx context.Context) error {
			settings, err := c().Settings(ctx)
			return want(settings.Versioned, err, "settings %+v", settings)
		}},
		{"the bucket says that it sends events to EventBridge", func(ctx context.Context) error {
			if _, err := raw().PutBucketNotificationConfiguration(ctx, &s3.PutBucketNotificationConfigurationInput{
				Bucket:                    aws.String(s.name("lists")),
				NotificationConfiguration: &types.NotificationConfiguration{EventBridgeConfiguration: &types.EventBridgeConfiguration{}},
			}); err != nil {
				return err
			}
			settings, err := c().Settings(ctx)
			return want(settings.Announces, err, "settings %+v", settings)
		}},
	}
}

func makeBucket(ctx context.Context, s *setUp, raw *s3.Client) error {
	name := aws.String(s.name("lists"))
	in := &s3.CreateBucketInput{Bucket: name}
	if s.cfg.Region != "us-east-1" {
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(s.cfg.Region)}
	}
	if _, err := raw.CreateBucket(ctx, in); err != nil {
		return err
	}
	s.later(func(ctx context.Context) error {
		pages := s3.NewListObjectVersionsPaginator(raw, &s3.ListObjectVersionsInput{Bucket: name, EncodingType: types.EncodingTypeUrl})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return err
			}
			all := map[*string]string{}
			for _, v := range page.Versions {
				all[v.VersionId] = aws.ToString(v.Key)
			}
			for _, m := range page.DeleteMarkers {
				all[m.VersionId] = aws.ToString(m.Key)
			}
			for version, key := range all {
				if key, err = url.QueryUnescape(key); err != nil {
					return err
				}
				if _, err := raw.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: name, Key: &key, VersionId: version}); err != nil {
					return err
				}
			}
		}
		_, err := raw.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: name})
		return err
	})
	_, err := raw.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
		Bucket: name, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	return err
}
