package s3

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// copyObject follows CopyObject.
func (s *service) copyObject(r *request) (any, error) {
	source, err := s.copySource(r)
	if err != nil {
		return nil, err
	}
	v := &version{body: source.body, checksum: source.checksum}
	if v.attributes, err = r.attributes(); err != nil {
		return nil, err
	}
	replaces, err := directive(r, "x-amz-metadata-directive")
	if err != nil {
		return nil, err
	}
	if !replaces {
		v.fields, v.metadata = source.fields, source.metadata
	}
	if source == r.bucket.current(r.key) && !replaces && v.class == source.class &&
		r.sent.Get("x-amz-server-side-encryption") == "" {
		return nil, invalidRequest("This copy request is illegal because it is trying to copy an object to itself without " +
			"changing the object's metadata, storage class, website redirect location or encryption attributes.")
	}
	if v.tags = source.tags; r.sent.Get("x-amz-tagging-directive") != "" {
		retags, err := directive(r, "x-amz-tagging-directive")
		if err != nil {
			return nil, err
		}
		if retags {
			if v.tags, err = r.sentTags(); err != nil {
				return nil, err
			}
		}
	}
	if err := r.mayWrite(); err != nil {
		return nil, err
	}
	a, err := named(r.sent.Get("x-amz-checksum-algorithm"), "x-amz-checksum-algorithm")
	if err != nil {
		return nil, err
	}
	if a != nil || v.checksum.kind == composite { // a copy is one piece, whatever its source was
		if a == nil {
			a = v.checksum.algorithm
		}
		v.checksum = a.sum(v.body)
	}
	sum := md5.Sum(v.body)
	v.etag = hex.EncodeToString(sum[:])
	s.write(r, v, "ObjectCreated:Copy", "CopyObject")
	return document{"CopyObjectResult", struct {
		LastModified string
		ETag         string
		Checksum     checksum
	}{stamp(v.modified), quoted(v.etag), v.checksum}}, nil
}

// directive reads COPY (false, also when absent) or REPLACE (true).
func directive(r *request, name string) (bool, error) {
	switch value := r.sent.Get(name); value {
	case "", "COPY":
		return false, nil
	case "REPLACE":
		return true, nil
	default:
		return false, invalidArgument("Unknown "+strings.TrimPrefix(name, "x-amz-")+".", name, value)
	}
}

// copySource finds what x-amz-copy-source names, "bucket/key?versionId=…" with or without a slash before it, encoded, and
// holds the x-amz-copy-source-if- conditions against it.
func (s *service) copySource(r *request) (*version, error) {
	given := r.sent.Get(copySource)
	path, query, _ := strings.Cut(given, "?")
	path, errPath := url.PathUnescape(strings.TrimPrefix(path, "/"))
	from, key, ok := strings.Cut(path, "/")
	parameters, errQuery := url.ParseQuery(query)
	if errPath != nil || errQuery != nil || !ok || from == "" || key == "" {
		return nil, invalidArgument("Copy Source must mention the source bucket and key: sourcebucket/sourcekey", copySource, given)
	}
	if strings.HasPrefix(from, "arn:") {
		return nil, &wire.Unsupported{What: "access points of Amazon S3"}
	}
	if owner := r.sent.Get("x-amz-source-expected-bucket-owner"); owner != "" && owner != s.w.Management.ID {
		return nil, refuse(http.StatusForbidden, "AccessDenied", "Access Denied")
	}
	b := s.buckets[from]
	if b == nil {
		return nil, refuse(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist", "BucketName", from)
	}
	v := b.current(key)
	if id := parameters.Get("versionId"); id != "" {
		if err := checkVersionID(id); err != nil {
			return nil, err
		}
		if v = b.version(key, id); v == nil {
			return nil, noSuchVersion(key, id)
		}
		if v.marker {
			return nil, invalidRequest("The source of a copy request may not specifically refer to a delete marker by version id.")
		}
	}
	if v == nil || v.marker {
		return nil, noSuchKey(key)
	}
	err := conditions{
		match: r.sent.Get("x-amz-copy-source-if-match"), noneMatch: r.sent.Get("x-amz-copy-source-if-none-match"),
		modified: r.sent.Get("x-amz-copy-source-if-modified-since"), unmodified: r.sent.Get("x-amz-copy-source-if-unmodified-since"),
	}.hold(v)
	if errors.Is(err, errNotModified) {
		err = preconditionFailed("x-amz-copy-source-If-None-Match or -If-Modified-Since") // 412 here, not 304
	}
	if err != nil {
		return nil, err
	}
	if b.versioning != "" {
		r.header.Set("x-amz-copy-source-version-id", v.id)
	}
	return v, nil
}
