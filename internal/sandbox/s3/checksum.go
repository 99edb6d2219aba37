package s3

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/xml"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

const checksumPrefix = "x-amz-checksum-"

// How the checksum of a multipart upload comes from its parts (User Guide, "Checking object integrity in Amazon S3").
const (
	composite  = "COMPOSITE"   // the checksum of the parts' checksums, and "-" and their number
	fullObject = "FULL_OBJECT" // the checksum of the whole
)

// algorithm is a way to checksum an object. The xxHash family is not implemented.
type algorithm struct {
	name  string   // CRC32
	types []string // of a multipart upload; the first one is the default
	hash  func() hash.Hash
}

var (
	nvme       = sync.OnceValue(func() *crc64.Table { return crc64.MakeTable(0x9a6c9329ac4bc9b5) })
	crc64nvme  = &algorithm{"CRC64NVME", []string{fullObject}, func() hash.Hash { return crc64.New(nvme()) }}
	algorithms = []*algorithm{
		{"CRC32", []string{composite, fullObject}, func() hash.Hash { return crc32.NewIEEE() }},
		{"CRC32C", []string{composite, fullObject}, func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }},
		crc64nvme, // what S3 itself adds when a client sends no checksum
		{"SHA1", []string{composite}, sha1.New},
		{"SHA256", []string{composite}, sha256.New},
		{"SHA512", []string{composite}, sha512.New},
		{"MD5", []string{composite}, md5.New},
	}
)

// header is the algorithm's header: x-amz-checksum-crc32.
func (a *algorithm) header() string { return checksumPrefix + strings.ToLower(a.name) }

func (a *algorithm) sum(parts ...[]byte) checksum {
	h := a.hash()
	for _, part := range parts {
		h.Write(part)
	}
	return checksum{algorithm: a, kind: fullObject, value: base64.StdEncoding.EncodeToString(h.Sum(nil))}
}

// combine is the composite checksum of parts.
func (a *algorithm) combine(parts []*part) checksum {
	h := a.hash()
	for _, p := range parts {
		raw, _ := base64.StdEncoding.DecodeString(p.checksum.value) // we wrote it
		h.Write(raw)
	}
	value := base64.StdEncoding.EncodeToString(h.Sum(nil)) + "-" + strconv.Itoa(len(parts))
	return checksum{algorithm: a, kind: composite, value: value}
}

// named finds the algorithm of that name; none for an empty name.
func named(name, argument string) (*algorithm, error) {
	if name == "" {
		return nil, nil
	}
	for _, a := range algorithms {
		if strings.EqualFold(a.name, name) {
			return a, nil
		}
	}
	if strings.HasPrefix(strings.ToUpper(name), "XXHASH") {
		return nil, &wire.Unsupported{What: "checksum algorithm " + name}
	}
	return nil, invalidRequest("Checksum algorithm provided is unsupported. Please try again with any of the valid types for " +
		argument + ": [CRC32, CRC32C, CRC64NVME, SHA1, SHA256, SHA512, MD5]")
}

// checksum is one checksum of an object or a part; the zero value is none.
type checksum struct {
	algorithm *algorithm
	kind      string // FULL_OBJECT or COMPOSITE
	value     string // base64, with "-n" when composite
}

// announce puts the checksum into the headers of an answer.
func (c checksum) announce(h http.Header) {
	if c.algorithm != nil {
		h.Set(c.algorithm.header(), c.value)
		h.Set("x-amz-checksum-type", c.kind)
	}
}

// MarshalXML writes <ChecksumCRC32>…</ChecksumCRC32> and <ChecksumType/>.
func (c checksum) MarshalXML(e *xml.Encoder, _ xml.StartElement) error {
	if c.algorithm == nil {
		return nil
	}
	if err := e.EncodeElement(c.value, xml.StartElement{Name: xml.Name{Local: "Checksum" + c.algorithm.name}}); err != nil {
		return err
	}
	if c.kind == "" {
		return nil
	}
	return e.EncodeElement(c.kind, xml.StartElement{Name: xml.Name{Local: "ChecksumType"}})
}

// named is the algorithm's name, for lists.
func (c checksum) named() string {
	if c.algorithm == nil {
		return ""
	}
	return c.algorithm.name
}

// declared reads the checksum that came in headers, or in the trailer of an aws-chunked body; the zero value if none did.
func declared(h http.Header) (checksum, error) {
	var found []checksum
	for name, values := range h {
		suffix, ok := strings.CutPrefix(strings.ToLower(name), checksumPrefix)
		if !ok || suffix == "mode" || suffix == "type" || suffix == "algorithm" || len(values) == 0 {
			continue
		}
		a, err := named(suffix, checksumPrefix+"*")
		if err != nil {
			return checksum{}, err
		}
		raw, err := base64.StdEncoding.DecodeString(strings.SplitN(values[0], "-", 2)[0])
		if err != nil || len(raw) != a.hash().Size() {
			return checksum{}, invalidRequest("Value for " + a.header() + " header is invalid.")
		}
		found = append(found, checksum{algorithm: a, value: values[0]})
	}
	if len(found) > 1 {
		return checksum{}, invalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
	}
	if len(found) == 0 {
		return checksum{}, nil
	}
	return found[0], nil
}

// kindFor says which type a multipart upload's checksum has when the request names one, or none.
func (a *algorithm) kindFor(given string) (string, error) {
	if given == "" {
		return a.types[0], nil
	}
	if given != composite && given != fullObject {
		return "", invalidRequest("Value for x-amz-checksum-type header is invalid.")
	}
	if !slices.Contains(a.types, given) {
		return "", invalidRequest("The " + given + " checksum type cannot be used with the " + strings.ToLower(a.name) +
			" checksum algorithm.")
	}
	return given, nil
}
