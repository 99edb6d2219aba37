// Package bucket reads account lists from an S3 bucket, and writes results beside them.
//
// An upload is one version of an object, and is read as that version. What is not there is [fs.ErrNotExist], what is
// there already is [fs.ErrExist].
//
// It imports account and retry.
package bucket

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net/url"
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/vend-cli/vend/internal/account"
)

// Client is one bucket.
type Client struct {
	s3       *s3.Client
	name     string
	uploader string
}

// Object is one version of an object.
type Object = account.Object

// New makes a client of the bucket with that name. Where an endpoint is configured, the bucket's name stands in the path
// and not in the host, which only AWS itself resolves.
func New(cfg aws.Config, bucket string) *Client {
	return &Client{name: bucket, s3: s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle = o.UsePathStyle || o.BaseEndpoint != nil
	})}
}

// As is the same bucket for somebody who says with each object that it was he who wrote it: the ARN of his role or user.
func (c *Client) As(uploader string) *Client {
	as := *c
	as.uploader = uploader
	return &as
}

// Open opens an object, in the given version or, when that is empty, in its current one, and says which it is. Reading
// fails when ctx ends. The error is [fs.ErrNotExist] where there is no such version, or where it is a delete marker
// (Amazon S3 API Reference, GetObject).
func (c *Client) Open(ctx context.Context, key, version string) (io.ReadCloser, Object, error) {
	in := &s3.GetObjectInput{Bucket: &c.name, Key: &key}
	if version != "" {
		in.VersionId = &version
	}
	out, err := c.s3.GetObject(ctx, in)
	if err != nil {
		return nil, Object{}, fmt.Errorf("open s3://%s/%s: %w", c.name, key, judge("s3.GetObject", err))
	}
	return out.Body, Object{
		Key: key, Version: known(out.VersionId), ETag: unquoted(out.ETag),
		Size: aws.ToInt64(out.ContentLength), LastModified: aws.ToTime(out.LastModified), Plan: out.Metadata[planMetadata],
		AtRoot: out.Metadata[atRootMetadata] == agreed, Uploader: out.Metadata[uploaderMetadata],
	}, nil
}

// User-defined metadata of a list, x-amz-meta-….
const (
	planMetadata   = "vend-plan"                // digest of its plan
	atRootMetadata = "vend-create-role-at-root" // that accounts in the root may be enrolled: agreed
	agreed         = "yes"

	uploaderMetadata = "vend-uploaded-by" // ARN of whoever has written it, as he says
)

// List goes through the current versions of all objects whose key begins with prefix, in the order of their keys; what
// has been deleted is not among them. It ends with the first error (Amazon S3 API Reference, ListObjectVersions).
func (c *Client) List(ctx context.Context, prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		// Keys may hold characters that XML does not have: they come encoded.
		in := &s3.ListObjectVersionsInput{Bucket: &c.name, Prefix: &prefix, EncodingType: types.EncodingTypeUrl}
		for {
			out, err := c.s3.ListObjectVersions(ctx, in)
			if err != nil {
				yield(Object{}, fmt.Errorf("list s3://%s/%s: %w", c.name, prefix, judge("s3.ListObjectVersions", err)))
				return
			}
			decode := aws.ToString
			if out.EncodingType == types.EncodingTypeUrl {
				decode = decoded
			}
			for _, v := range out.Versions {
				if aws.ToBool(v.IsLatest) && !yield(Object{
					Key: decode(v.Key), Version: known(v.VersionId), ETag: unquoted(v.ETag),
					Size: aws.ToInt64(v.Size), LastModified: aws.ToTime(v.LastModified),
				}, nil) {
					return
				}
			}
			if !aws.ToBool(out.IsTruncated) {
				return
			}
			in.KeyMarker, in.VersionIdMarker = aws.String(decode(out.NextKeyMarker)), out.NextVersionIdMarker
		}
	}
}

// Put writes an object and says which version it became. With ifNoneMatch the error is [fs.ErrExist] when the key has an
// object already. Body is read from where it stands (Amazon S3 API Reference, PutObject). It makes one attempt: when no
// answer came, the object may have been written.
func (c *Client) Put(ctx context.Context, key string, body io.ReadSeeker, ifNoneMatch bool) (version string, err error) {
	in := &s3.PutObjectInput{Key: &key, Body: body}
	if ifNoneMatch {
		in.IfNoneMatch = aws.String("*")
	}
	return c.put(ctx, in)
}

// PutPlanned writes an account list as [Client.Put] does, with the digest of its plan and, where atRoot says so, with the
// consent to enroll accounts out of the root.
func (c *Client) PutPlanned(ctx context.Context, key string, body io.ReadSeeker, plan string, atRoot bool) (version string, err error) {
	metadata := map[string]string{planMetadata: plan}
	if atRoot {
		metadata[atRootMetadata] = agreed
	}
	return c.put(ctx, &s3.PutObjectInput{Key: &key, Body: body, Metadata: metadata})
}

// PutAtRoot writes an account list as [Client.Put] does, with the consent to enroll accounts out of the root.
func (c *Client) PutAtRoot(ctx context.Context, key string, body io.ReadSeeker) (version string, err error) {
	return c.put(ctx, &s3.PutObjectInput{Key: &key, Body: body, Metadata: map[string]string{atRootMetadata: agreed}})
}

func (c *Client) put(ctx context.Context, in *s3.PutObjectInput) (version string, err error) {
	in.Bucket = &c.name
	if c.uploader != "" {
		if in.Metadata == nil {
			in.Metadata = map[string]string{}
		}
		in.Metadata[uploaderMetadata] = c.uploader
	}
	switch strings.ToLower(path.Ext(*in.Key)) {
	case ".csv":
		in.ContentType = aws.String("text/csv; charset=utf-8")
	case ".txt":
		in.ContentType = aws.String("text/plain; charset=utf-8")
	case ".json":
		in.ContentType = aws.String("application/json")
	}
	out, err := c.s3.PutObject(ctx, in, func(o *s3.Options) { o.Retryer = aws.NopRetryer{} })
	if err != nil {
		return "", fmt.Errorf("put s3://%s/%s: %w", c.name, *in.Key, judge("s3.PutObject", err))
	}
	return known(out.VersionId), nil
}

// known is a version id; the only version in a bucket without versions is called "null".
func known(version *string) string {
	if v := aws.ToString(version); v != "null" {
		return v
	}
	return ""
}

func unquoted(etag *string) string { return strings.Trim(aws.ToString(etag), `"`) }

// decoded undoes the encoding of keys in lists, which writes a blank as a plus.
func decoded(key *string) string {
	if plain, err := url.QueryUnescape(aws.ToString(key)); err == nil {
		return plain
	}
	return aws.ToString(key)
}
