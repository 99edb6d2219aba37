package s3

import (
	"crypto/md5"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The limits of multipart uploads (User Guide, "Amazon S3 multipart upload limits").
const (
	maxParts = 10000
	minPart  = 5 << 20 // of every part but the last
)

// upload is a multipart upload in progress.
type upload struct {
	id, key   string
	initiated time.Time
	attributes
	tags      []tag
	algorithm *algorithm
	kind      string // COMPOSITE or FULL_OBJECT
	chosen    bool   // the client named the algorithm
	parts     map[int]*part
}

// part is one part, of an upload or of the object that it became; the latter keeps no body of its own.
type part struct {
	number   int
	size     int
	body     []byte
	md5      [md5.Size]byte
	checksum checksum
	modified time.Time
}

func (p *part) etag() string { return hex.EncodeToString(p.md5[:]) }

// createMultipartUpload follows CreateMultipartUpload. Without x-amz-checksum-algorithm S3 checksums the whole object with
// CRC64NVME (User Guide, "Checking object integrity in Amazon S3").
func (s *service) createMultipartUpload(r *request) (any, error) {
	u := &upload{key: r.key, initiated: s.w.Now().UTC().Truncate(time.Second), parts: map[int]*part{}, algorithm: crc64nvme}
	var err error
	if u.attributes, err = r.attributes(); err != nil {
		return nil, err
	}
	if u.tags, err = r.sentTags(); err != nil {
		return nil, err
	}
	kind := r.sent.Get("x-amz-checksum-type")
	a, err := named(r.sent.Get("x-amz-checksum-algorithm"), "x-amz-checksum-algorithm")
	if err != nil {
		return nil, err
	}
	if a != nil {
		u.algorithm, u.chosen = a, true
	} else if kind != "" {
		return nil, invalidRequest("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
	}
	if u.kind, err = u.algorithm.kindFor(kind); err != nil {
		return nil, err
	}
	u.id = s.w.Identifier("s3-upload", 64, versionAlphabet)
	r.bucket.uploads = append(r.bucket.uploads, u)
	if u.chosen {
		r.header.Set("x-amz-checksum-algorithm", u.algorithm.name)
		r.header.Set("x-amz-checksum-type", u.kind)
	}
	u.tellEncryption(r.header)
	return document{"InitiateMultipartUploadResult", struct {
		Bucket, Key string
		UploadID    string `xml:"UploadId"`
	}{r.bucketName, r.key, u.id}}, nil
}

// upload finds the upload that the request speaks of.
func (r *request) upload() (*upload, error) {
	id := r.query.Get("uploadId")
	for _, u := range r.bucket.uploads {
		if u.id == id && u.key == r.key {
			return u, nil
		}
	}
	return nil, noSuchUpload(id)
}

// end takes the upload off the bucket's list.
func (b *bucket) end(u *upload) {
	b.uploads = slices.DeleteFunc(b.uploads, func(other *upload) bool { return other == u })
}

// uploadPart follows UploadPart: a part that is sent again replaces the one before.
func (s *service) uploadPart(r *request) (any, error) {
	u, err := r.upload()
	if err != nil {
		return nil, err
	}
	given := r.query.Get("partNumber")
	n, err := strconv.Atoi(given)
	if err != nil || n < 1 || n > maxParts {
		return nil, invalidArgument("Part number must be an integer between 1 and 10000, inclusive", "partNumber", given)
	}
	sum := r.payload.checksum
	if sum.algorithm != u.algorithm {
		if r.payload.verified && u.chosen {
			return nil, invalidRequest("Checksum Type mismatch occurred, expected checksum Type: " +
				strings.ToLower(u.algorithm.name) + ", actual checksum Type: " + strings.ToLower(sum.algorithm.name))
		}
		if !r.payload.verified {
			sum = u.algorithm.sum(r.payload.body)
		}
	}
	sum.kind = "" // a part's checksum has no type
	u.parts[n] = &part{
		number: n, size: len(r.payload.body), body: r.payload.body, md5: r.payload.md5, checksum: sum,
		modified: s.w.Now().UTC().Truncate(time.Second),
	}
	r.header.Set("ETag", quoted(u.parts[n].etag()))
	r.header.Set(sum.algorithm.header(), sum.value)
	u.tellEncryption(r.header)
	return nil, nil
}

// abortMultipartUpload follows AbortMultipartUpload.
func (s *service) abortMultipartUpload(r *request) (any, error) {
	u, err := r.upload()
	if err != nil {
		return nil, err
	}
	r.bucket.end(u)
	r.status = http.StatusNoContent
	return nil, nil
}

type listedPart struct {
	PartNumber   int
	LastModified string
	ETag         string
	Size         int
	Checksum     checksum
}

// listParts follows ListParts.
func (s *service) listParts(r *request) (any, error) {
	u, err := r.upload()
	if err != nil {
		return nil, err
	}
	most, err := r.number("max-parts", maxKeys)
	if err != nil {
		return nil, err
	}
	after, err := r.number("part-number-marker", maxParts)
	if err != nil {
		return nil, err
	}
	if !r.query.Has("part-number-marker") {
		after = 0
	}
	out := struct {
		Bucket, Key          string
		UploadID             string `xml:"UploadId"`
		PartNumberMarker     int
		NextPartNumberMarker int
		MaxParts             int
		IsTruncated          bool
		Part                 []listedPart
		Initiator, Owner     *owner
		StorageClass         string
		ChecksumAlgorithm    string `xml:",omitempty"`
		ChecksumType         string `xml:",omitempty"`
	}{
		Bucket: r.bucketName, Key: r.key, UploadID: u.id, PartNumberMarker: after, MaxParts: most,
		Initiator: s.owner(), Owner: s.owner(), StorageClass: u.class,
	}
	if u.chosen {
		out.ChecksumAlgorithm, out.ChecksumType = u.algorithm.name, u.kind
	}
	for _, p := range u.sorted() {
		if p.number <= after {
			continue
		}
		if len(out.Part) == most {
			out.IsTruncated = true
			break
		}
		line := listedPart{PartNumber: p.number, LastModified: stamp(p.modified), ETag: quoted(p.etag()), Size: p.size}
		if u.chosen {
			line.Checksum = p.checksum
		}
		out.Part = append(out.Part, line)
		out.NextPartNumberMarker = p.number
	}
	return document{"ListPartsResult", out}, nil
}

func (u *upload) sorted() []*part {
	parts := make([]*part, 0, len(u.parts))
	for _, p := range u.parts {
		parts = append(parts, p)
	}
	slices.SortFunc(parts, func(a, b *part) int { return a.number - b.number })
	return parts
}

type listedUpload struct {
	Key               string
	UploadID          string `xml:"UploadId"`
	Initiator, Owner  *owner
	StorageClass      string
	Initiated         string
	ChecksumAlgorithm string `xml:",omitempty"`
	ChecksumType      string `xml:",omitempty"`
}

// listMultipartUploads follows ListMultipartUploads: by key, then "in ascending order based on the upload initiation time".
func (s *service) listMultipartUploads(r *request) (any, error) {
	most, err := r.number("max-uploads", maxKeys)
	if err != nil {
		return nil, err
	}
	encode, err := r.encoding()
	if err != nil {
		return nil, err
	}
	keyMarker, idMarker := r.query.Get("key-marker"), r.query.Get("upload-id-marker")
	out := struct {
		Bucket             string
		KeyMarker          string
		UploadIDMarker     string `xml:"UploadIdMarker"`
		NextKeyMarker      string `xml:",omitempty"`
		NextUploadIDMarker string `xml:"NextUploadIdMarker,omitempty"`
		Prefix             string
		Delimiter          string `xml:",omitempty"`
		EncodingType       string `xml:",omitempty"`
		MaxUploads         int
		IsTruncated        bool
		Upload             []listedUpload
		CommonPrefixes     []commonPrefix
	}{
		Bucket: r.bucketName, KeyMarker: encode(keyMarker), UploadIDMarker: idMarker, MaxUploads: most,
		Prefix: encode(r.query.Get("prefix")), Delimiter: encode(r.query.Get("delimiter")),
		EncodingType: r.query.Get("encoding-type"),
	}
	byKey := map[string][]*upload{}
	var keys []string
	for _, u := range r.bucket.uploads {
		if byKey[u.key] == nil {
			keys = append(keys, u.key)
		}
		byKey[u.key] = append(byKey[u.key], u)
	}
	slices.Sort(keys)
	var last *upload
	full := func() bool {
		if len(out.Upload)+len(out.CommonPrefixes) < most {
			return false
		}
		out.IsTruncated = most > 0
		return true
	}
	add := func(uploads []*upload) bool {
		for _, u := range uploads {
			if full() {
				return false
			}
			line := listedUpload{
				Key: encode(u.key), UploadID: u.id, Initiator: s.owner(), Owner: s.owner(), StorageClass: u.class,
				Initiated: stamp(u.initiated),
			}
			if u.chosen {
				line.ChecksumAlgorithm, line.ChecksumType = u.algorithm.name, u.kind
			}
			out.Upload, last = append(out.Upload, line), u
		}
		return true
	}
	uploads := byKey[keyMarker]
	from := slices.IndexFunc(uploads, func(u *upload) bool { return u.id == idMarker }) + 1
	ok := idMarker == "" || add(uploads[from:])
	if ok {
		shown := func(string) bool { return true }
		for e := range entries(keys, out.Prefix, r.query.Get("delimiter"), keyMarker, shown) {
			if e.common {
				if full() {
					break
				}
				out.CommonPrefixes, last = append(out.CommonPrefixes, commonPrefix{encode(e.name)}), &upload{key: e.name}
			} else if !add(byKey[e.name]) {
				break
			}
		}
	}
	if out.IsTruncated {
		out.NextKeyMarker, out.NextUploadIDMarker = encode(last.key), last.id
	}
	return document{"ListMultipartUploadsResult", out}, nil
}
