package s3

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// completedPart is one part that the client wants in the object.
type completedPart struct {
	PartNumber int
	ETag       string
	Others     []struct {
		XMLName xml.Name
		Value   string `xml:",chardata"`
	} `xml:",any"`
}

// checksum is the checksum that the client says the part has, and the algorithm's name; empty if it says nothing.
func (p completedPart) checksum() (name, value string) {
	for _, e := range p.Others {
		if name, ok := strings.CutPrefix(e.XMLName.Local, "Checksum"); ok {
			return name, e.Value
		}
	}
	return "", ""
}

// completeMultipartUpload follows CompleteMultipartUpload.
func (s *service) completeMultipartUpload(r *request) (any, error) {
	u, err := r.upload()
	if err != nil {
		return nil, err
	}
	var in struct {
		Part []completedPart
		Rest *rest `xml:",any"`
	}
	if err := r.decode("CompleteMultipartUpload", &in); err != nil {
		return nil, err
	}
	parts, err := u.assemble(in.Part)
	if err != nil {
		return nil, err
	}
	v := &version{attributes: u.attributes, tags: u.tags}
	hash := md5.New()
	for _, p := range parts {
		hash.Write(p.md5[:])
		v.body = append(v.body, p.body...)
		v.parts = append(v.parts, &part{number: p.number, size: p.size, md5: p.md5, checksum: p.checksum, modified: p.modified})
	}
	// "The entity tag may or may not be an MD5 digest of the object data": of parts it is the digest of their digests.
	v.etag = fmt.Sprintf("%s-%d", hex.EncodeToString(hash.Sum(nil)), len(parts))
	if v.checksum, err = u.checksum(r, v); err != nil {
		return nil, err
	}
	if size := r.sent.Get("x-amz-mp-object-size"); size != "" && size != strconv.Itoa(len(v.body)) {
		return nil, invalidRequest("The provided 'x-amz-mp-object-size' header does not match what was computed.")
	}
	if err := r.mayWrite(); err != nil {
		return nil, err
	}
	r.bucket.end(u)
	s.write(r, v, "ObjectCreated:CompleteMultipartUpload", "CompleteMultipartUpload")
	return document{"CompleteMultipartUploadResult", struct {
		Location, Bucket, Key, ETag string
		Checksum                    checksum
	}{"http://" + r.Request.Host + r.Request.URL.EscapedPath(), r.bucketName, r.key, quoted(v.etag), v.checksum}}, nil
}

// assemble finds the parts that the client lists, and refuses the list for the reasons that CompleteMultipartUpload names.
func (u *upload) assemble(list []completedPart) ([]*part, error) {
	if len(list) == 0 {
		return nil, refuse(http.StatusBadRequest, "MalformedXML",
			"The XML you provided was not well-formed or did not validate against our published schema")
	}
	for i := range list[1:] {
		if list[i+1].PartNumber <= list[i].PartNumber {
			return nil, refuse(http.StatusBadRequest, "InvalidPartOrder",
				"The list of parts was not in ascending order. The parts list must be specified in order by part number.",
				"UploadId", u.id)
		}
	}
	parts := make([]*part, 0, len(list))
	for i, c := range list {
		name, value := c.checksum()
		if name == "" && u.chosen && u.kind == composite {
			return nil, invalidRequest(fmt.Sprintf("The upload was created using a %s checksum. The complete request must "+
				"include the checksum for each part. It was missing for part %d in the request.",
				strings.ToLower(u.algorithm.name), c.PartNumber))
		}
		p := u.parts[c.PartNumber]
		wrong := p == nil || !same(c.ETag, p.etag())
		if !wrong && name != "" {
			wrong = name != p.checksum.algorithm.name || value != p.checksum.value
		}
		if wrong {
			return nil, refuse(http.StatusBadRequest, "InvalidPart",
				"One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified "+
					"entity tag may not match the part's entity tag.",
				"UploadId", u.id, "PartNumber", strconv.Itoa(c.PartNumber), "ETag", strings.Trim(c.ETag, `"`))
		}
		if u.chosen && c.PartNumber != i+1 {
			// "PartNumber must start at 1 and the part numbers must be consecutive. Otherwise, Amazon S3 generates an HTTP
			// 500 Internal Server Error" (API Reference, CompletedPart, of uploads with additional checksums).
			return nil, refuse(http.StatusInternalServerError, "InternalError", "We encountered an internal error. Please try again.")
		}
		parts = append(parts, p)
	}
	for _, p := range parts[:len(parts)-1] {
		if p.size < minPart {
			return nil, refuse(http.StatusBadRequest, "EntityTooSmall",
				"Your proposed upload is smaller than the minimum allowed size", "ProposedSize", strconv.Itoa(p.size),
				"MinSizeAllowed", strconv.Itoa(minPart), "PartNumber", strconv.Itoa(p.number), "ETag", p.etag())
		}
	}
	return parts, nil
}

// checksum is the object's, held against the one that the request expects.
func (u *upload) checksum(r *request, v *version) (checksum, error) {
	sum := u.algorithm.sum(v.body)
	if u.kind == composite {
		sum = u.algorithm.combine(v.parts)
	}
	if given := r.sent.Get("x-amz-checksum-type"); given != "" && given != sum.kind {
		return sum, invalidRequest("The upload was created using the " + u.kind + " checksum mode. The complete request must " +
			"use the same checksum mode.")
	}
	expected, err := declared(r.sent)
	if err != nil || expected.algorithm == nil {
		return sum, err
	}
	if expected.algorithm != sum.algorithm {
		sum = expected.algorithm.sum(v.body)
	}
	if bare, _, _ := strings.Cut(sum.value, "-"); expected.value != sum.value && expected.value != bare {
		return sum, refuse(http.StatusBadRequest, "BadDigest",
			"The "+expected.algorithm.name+" you specified did not match the calculated checksum.")
	}
	return sum, nil
}
