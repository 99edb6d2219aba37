package s3

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// maxPut is the most that one PutObject, UploadPart or CopyObject may carry (User Guide, "Amazon S3 multipart upload
// limits").
const maxPut = 5 << 30

// payload is a request's body, decoded and found to be what its headers say.
type payload struct {
	body     []byte
	md5      [md5.Size]byte
	checksum checksum // the one sent, else CRC64NVME
	verified bool     // a checksum was sent
}

// readPayload decodes and verifies the body: aws-chunked framing, x-amz-content-sha256, Content-MD5, x-amz-checksum-*
// (API Reference, "Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks",
// PutObject).
func (r *request) readPayload() error {
	p := &r.payload
	p.body = r.Body
	hashed := r.sent.Get("x-amz-content-sha256")
	sums := r.sent
	switch {
	case strings.HasPrefix(hashed, "STREAMING-"):
		trailer, err := r.unchunk(hashed)
		if err != nil {
			return err
		}
		sums = sums.Clone()
		for name, values := range trailer {
			sums[name] = values
		}
	case hashed == "" || hashed == "UNSIGNED-PAYLOAD":
	case len(hashed) != 2*sha256.Size || strings.Trim(hashed, "0123456789abcdefABCDEF") != "":
		return invalidArgument("x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "+
			"STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
			"x-amz-content-sha256", hashed)
	default:
		if sum := sha256.Sum256(p.body); !strings.EqualFold(hashed, hex.EncodeToString(sum[:])) {
			return refuse(http.StatusBadRequest, "XAmzContentSHA256Mismatch",
				"The provided 'x-amz-content-sha256' header does not match what was computed.",
				"ClientComputedContentSHA256", hashed, "S3ComputedContentSHA256", hex.EncodeToString(sum[:]))
		}
	}
	p.md5 = md5.Sum(p.body)
	if given := r.sent.Get("Content-MD5"); given != "" {
		raw, err := base64.StdEncoding.DecodeString(given)
		if err != nil || len(raw) != md5.Size {
			return refuse(http.StatusBadRequest, "InvalidDigest", "The Content-MD5 you specified was invalid.", "Content-MD5", given)
		}
		if !bytes.Equal(raw, p.md5[:]) {
			return badDigest("Content-MD5")
		}
	}
	return r.verify(sums)
}

// verify compares the checksum that was sent with the body, and adds S3's own where none was (User Guide, "Checking
// object integrity in Amazon S3").
func (r *request) verify(sums http.Header) error {
	p := &r.payload
	given, err := declared(sums)
	if err != nil {
		return err
	}
	if r.Operation == "CompleteMultipartUpload" {
		return nil // there it is the object's, not the body's
	}
	if given.algorithm == nil {
		if name := r.sent.Get("x-amz-sdk-checksum-algorithm"); name != "" && len(r.Body) > 0 {
			return invalidRequest("x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or " +
				"x-amz-trailer headers were found.")
		}
		p.checksum = crc64nvme.sum(p.body)
		return nil
	}
	p.checksum, p.verified = given.algorithm.sum(p.body), true
	if p.checksum.value != given.value {
		return refuse(http.StatusBadRequest, "BadDigest",
			"The "+given.algorithm.name+" you specified did not match the calculated checksum.")
	}
	return nil
}

// unchunk takes the aws-chunked framing off the body and returns its trailer.
func (r *request) unchunk(hashed string) (http.Header, error) {
	framing, ok := framings[hashed]
	if !ok {
		return nil, &wire.Unsupported{What: "payload signature " + hashed}
	}
	given := r.sent.Get("x-amz-decoded-content-length")
	if given == "" {
		return nil, refuse(http.StatusLengthRequired, "MissingContentLength",
			"You must provide the Content-Length HTTP header.")
	}
	length, err := strconv.ParseInt(given, 10, 64)
	if err != nil || length < 0 {
		return nil, invalidArgument("x-amz-decoded-content-length must be a number", "x-amz-decoded-content-length", given)
	}
	if length > maxPut {
		return nil, refuse(http.StatusBadRequest, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size",
			"ProposedSize", given, "MaxSizeAllowed", strconv.Itoa(maxPut))
	}
	body, trailer, err := decodeChunked(r.Body, framing)
	if err != nil {
		return nil, err
	}
	if int64(len(body)) != length {
		return nil, incompleteBody
	}
	for name := range strings.SplitSeq(r.sent.Get("x-amz-trailer"), ",") {
		if name = strings.TrimSpace(name); name != "" && trailer.Get(name) == "" {
			return nil, malformedTrailer
		}
	}
	if r.sent.Get("x-amz-trailer") == "" && len(trailer) > 0 {
		return nil, malformedTrailer
	}
	r.payload.body = body
	return trailer, nil
}
