package s3

import (
	"encoding/hex"
	"net/http"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

const metaPrefix = "x-amz-meta-"

// fields are the headers that are kept with an object and come back with it.
var fields = []string{
	"Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Type", "Expires",
}

// putObject follows PutObject.
func (s *service) putObject(r *request) (any, error) {
	v := &version{body: r.payload.body, etag: hex.EncodeToString(r.payload.md5[:]), checksum: r.payload.checksum}
	var err error
	if v.attributes, err = r.attributes(); err != nil {
		return nil, err
	}
	if v.tags, err = r.sentTags(); err != nil {
		return nil, err
	}
	if err := r.mayWrite(); err != nil {
		return nil, err
	}
	s.write(r, v, "ObjectCreated:Put", "PutObject")
	r.header.Set("ETag", quoted(v.etag))
	v.checksum.announce(r.header)
	return nil, nil
}

// write adds a version, says so in the answer's headers, and tells of it.
func (s *service) write(r *request, v *version, name, reason string) {
	if v.encryption != "AES256" {
		// The ETag of an object under SSE-KMS "is not an MD5 digest of its object data" (API Reference, Object).
		v.etag = s.w.Identifier("s3-etag", 32, "0123456789abcdef") + v.etag[min(32, len(v.etag)):]
	}
	s.add(r.bucket, r.key, v)
	r.tellVersion(v)
	v.tellEncryption(r.header)
	s.happened(r, occurrence{name: name, kind: created, reason: reason, key: r.key, version: v, sequence: v.sequencer})
}

// tellVersion puts the version's id into the answer, where the bucket has or had versioning.
func (r *request) tellVersion(v *version) {
	if r.bucket.versioning != "" {
		r.header.Set("x-amz-version-id", v.id)
	}
}

// told is the version's id in events: only of "a versioning-enabled bucket".
func (b *bucket) told(v *version) string {
	if v.id == null && b.versioning != enabled {
		return ""
	}
	return v.id
}

func (a *attributes) tellEncryption(h http.Header) {
	h.Set("x-amz-server-side-encryption", a.encryption)
	if a.kmsKey != "" {
		h.Set("x-amz-server-side-encryption-aws-kms-key-id", a.kmsKey)
	}
	if a.bucketKey {
		h.Set("x-amz-server-side-encryption-bucket-key-enabled", "true")
	}
}

// attributes reads what the request says about the object that it writes.
func (r *request) attributes() (attributes, error) {
	a := attributes{fields: map[string]string{}, metadata: map[string]string{}}
	for _, name := range fields {
		value := r.sent.Get(name)
		if name == "Content-Encoding" {
			value = withoutChunks(value)
		}
		if value != "" {
			a.fields[name] = value
		}
	}
	if a.fields["Content-Type"] == "" {
		a.fields["Content-Type"] = "binary/octet-stream"
	}
	size := 0
	for name, values := range r.sent {
		if key, ok := strings.CutPrefix(strings.ToLower(name), metaPrefix); ok {
			a.metadata[key] = strings.Join(values, ",")
			size += len(key) + len(a.metadata[key])
		}
	}
	if size > 2<<10 { // User Guide, "Working with object metadata"
		return a, refuse(http.StatusBadRequest, "MetadataTooLarge",
			"Your metadata headers exceed the maximum allowed metadata size")
	}
	if err := a.classify(r); err != nil {
		return a, err
	}
	return a, a.encrypt(r)
}

// withoutChunks takes the framing of the transfer out of a Content-Encoding: it is not kept with the object.
func withoutChunks(encoding string) string {
	var kept []string
	for part := range strings.SplitSeq(encoding, ",") {
		if part = strings.TrimSpace(part); part != "" && part != "aws-chunked" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, ",")
}

// classes are the storage classes whose objects can be read at once, and those that need more than the sandbox has.
var (
	classes     = []string{"STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"}
	coldClasses = []string{"GLACIER", "DEEP_ARCHIVE", "OUTPOSTS", "SNOW", "EXPRESS_ONEZONE", "FSX_OPENZFS", "FSX_ONTAP"}
)

func (a *attributes) classify(r *request) error {
	a.class = r.sent.Get("x-amz-storage-class")
	switch {
	case a.class == "":
		a.class = "STANDARD"
	case slices.Contains(coldClasses, a.class):
		return &wire.Unsupported{What: "storage class " + a.class}
	case !slices.Contains(classes, a.class):
		return refuse(http.StatusBadRequest, "InvalidStorageClass", "The storage class you specified is not valid",
			"StorageClassRequested", a.class)
	}
	return nil
}

// encrypt settles the encryption: the request's, else the bucket's.
func (a *attributes) encrypt(r *request) error {
	a.encryption = r.sent.Get("x-amz-server-side-encryption")
	a.kmsKey = r.sent.Get("x-amz-server-side-encryption-aws-kms-key-id")
	a.bucketKey = strings.EqualFold(r.sent.Get("x-amz-server-side-encryption-bucket-key-enabled"), "true")
	switch {
	case a.encryption == "" && a.kmsKey != "":
		return invalidArgument("Server Side Encryption with AWS KMS managed key requires HTTP header "+
			"x-amz-server-side-encryption : aws:kms", "x-amz-server-side-encryption", "")
	case a.encryption == "":
		rule := r.bucket.encryption
		a.encryption, a.kmsKey = rule.Default.SSEAlgorithm, rule.Default.KMSMasterKeyID
		a.bucketKey = rule.BucketKeyEnabled && a.encryption == "aws:kms"
	case !slices.Contains(encryptions, a.encryption):
		return invalidArgument("The encryption method specified is not supported", "x-amz-server-side-encryption", a.encryption)
	}
	return nil
}

// mayWrite holds the request's If-None-Match and If-Match against what is there (User Guide, "How to prevent object
// overwrites with conditional writes"): a delete marker is as good as nothing.
func (r *request) mayWrite() error {
	match, none := r.sent.Get("If-Match"), r.sent.Get("If-None-Match")
	now := r.bucket.current(r.key)
	exists := now != nil && !now.marker
	switch {
	case match != "" && none != "" || none != "" && none != "*":
		return refuse(http.StatusNotImplemented, "NotImplemented",
			"A header you provided implies functionality that is not implemented", "Header", "If-None-Match")
	case none != "" && exists:
		return preconditionFailed("If-None-Match")
	case match != "" && !exists:
		return noSuchKey(r.key)
	case match != "" && !same(match, now.etag):
		return preconditionFailed("If-Match")
	}
	return nil
}

// same compares an ETag as clients send it, quoted or not, with ours.
func same(given, etag string) bool { return given == "*" || strings.Trim(given, `"`) == etag }
