package s3

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// request is one call and the answer that grows with it.
type request struct {
	*wire.Call
	bucketName, key string
	query           url.Values
	sent            http.Header // what was sent, presigned query parameters among it
	payload         payload
	bucket          *bucket // nil for CreateBucket and ListBuckets

	header http.Header // of the answer, an error's too
	status int         // of the answer when all is well; 0 is 200
}

func newRequest(c *wire.Call) *request {
	r := &request{Call: c, query: c.Request.URL.Query(), sent: c.Request.Header.Clone(), header: http.Header{}}
	r.bucketName, r.key = address(c.Request)
	if r.sent == nil {
		r.sent = http.Header{}
	}
	// A presigned request may carry its headers as parameters (API Reference, "Authenticating Requests: Using Query
	// Parameters").
	for name, values := range r.query {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-amz-") && r.sent.Get(name) == "" && len(values) > 0 {
			r.sent.Set(name, values[0])
		}
	}
	return r
}

// accepted are the x-amz- headers that are heeded, or that change nothing here.
var accepted = map[string]bool{
	// the signature, and what the body is
	"x-amz-algorithm": true, "x-amz-credential": true, "x-amz-date": true, "x-amz-expires": true, "x-amz-security-token": true,
	"x-amz-signature": true, "x-amz-signedheaders": true, "x-amz-user-agent": true, "x-amz-content-sha256": true,
	"x-amz-decoded-content-length": true, "x-amz-trailer": true, "x-amz-sdk-checksum-algorithm": true,
	// everywhere
	"x-amz-expected-bucket-owner": true, "x-amz-request-payer": true, "x-amz-acl": true,
	// what is put
	"x-amz-storage-class": true, "x-amz-tagging": true, "x-amz-server-side-encryption": true,
	"x-amz-server-side-encryption-aws-kms-key-id": true, "x-amz-server-side-encryption-bucket-key-enabled": true,
	"x-amz-mp-object-size": true,
	// what is copied
	copySource: true, "x-amz-metadata-directive": true, "x-amz-tagging-directive": true,
	"x-amz-source-expected-bucket-owner": true, "x-amz-copy-source-if-match": true, "x-amz-copy-source-if-none-match": true,
	"x-amz-copy-source-if-modified-since": true, "x-amz-copy-source-if-unmodified-since": true,
	// what is asked for
	"x-amz-object-attributes": true, "x-amz-max-parts": true, "x-amz-part-number-marker": true,
	// buckets
	"x-amz-object-ownership": true, "x-amz-skip-destination-validation": true, "x-amz-bucket-object-lock-enabled": true,
}

// check refuses what cannot be answered, before anything is read or done.
func (r *request) check() error {
	for name := range r.sent {
		lower := strings.ToLower(name)
		if strings.HasPrefix(lower, "x-amz-") && !accepted[lower] &&
			!strings.HasPrefix(lower, metaPrefix) && !strings.HasPrefix(lower, checksumPrefix) {
			return &wire.Unsupported{What: "header " + lower + " of " + r.Operation}
		}
	}
	if len(r.key) > 1024 {
		return refuse(http.StatusBadRequest, "KeyTooLongError", "Your key is too long", "Size", strconv.Itoa(len(r.key)),
			"MaxSizeAllowed", "1024")
	}
	if !utf8.ValidString(r.key) {
		return refuse(http.StatusBadRequest, "InvalidURI", "Couldn't parse the specified URI.", "URI", r.Request.URL.EscapedPath())
	}
	// New buckets have the bucket owner enforced setting, under which only this ACL is taken (User Guide, "Controlling
	// ownership of objects and disabling ACLs"); private says the same of an object that nobody else wrote.
	switch acl := r.sent.Get("x-amz-acl"); {
	case acl == "" || acl == "private" || acl == "bucket-owner-full-control":
	case r.Operation == "CreateBucket":
		return refuse(http.StatusBadRequest, "InvalidBucketAclWithObjectOwnership",
			"Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting")
	default:
		return refuse(http.StatusBadRequest, "AccessControlListNotSupported", "The bucket does not allow ACLs")
	}
	return nil
}

// number reads a parameter of a list page: n when it is absent, never above n.
func (r *request) number(name string, n int) (int, error) {
	text := r.query.Get(name)
	if text == "" {
		return n, nil
	}
	given, err := strconv.ParseInt(text, 10, 32)
	if err != nil || given < 0 {
		return 0, invalidArgument("Provided "+name+" not an integer or within integer range", name, text)
	}
	return min(int(given), n), nil
}

// document is an answer in XML: the content under a root element in S3's namespace.
type document struct {
	root    string
	content any
}

// content is the answer to GetObject and HeadObject, and a policy.
type content []byte

const namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

func (r *request) write(w http.ResponseWriter, out any, err error) {
	for name, values := range r.header {
		w.Header()[name] = values
	}
	w.Header().Set("X-Amz-Request-Id", r.RequestID)
	w.Header().Set("X-Amz-Id-2", r.hostID())
	if r.Request.Method == http.MethodHead {
		w = headers{w} // "a HEAD request has no response body", errors included (API Reference, HeadObject)
	}
	if errors.Is(err, errNotModified) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if err != nil {
		wire.WriteError(w, r.Call, "", err)
		return
	}
	status := r.status
	if status == 0 {
		status = http.StatusOK
	}
	var body []byte
	switch out := out.(type) {
	case document:
		w.Header().Set("Content-Type", "application/xml")
		if body, err = out.encode(); err != nil {
			wire.WriteError(w, r.Call, "", err)
			return
		}
	case content:
		body = out
	}
	if status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone away is its own problem
}

func (r *request) hostID() string { return base64.StdEncoding.EncodeToString([]byte(r.RequestID)) }

func (d document) encode() ([]byte, error) {
	b := bytes.NewBufferString(xml.Header)
	e := xml.NewEncoder(b)
	if err := e.EncodeElement(d.content, xml.StartElement{Name: xml.Name{Space: namespace, Local: d.root}}); err != nil {
		return nil, err
	}
	return b.Bytes(), e.Close()
}

// decode reads the body's XML document. An element that v does not have is [wire.Unsupported] where v's structs have a
// [rest].
func (r *request) decode(root string, v any) error {
	d := xml.NewDecoder(bytes.NewReader(r.payload.body))
	malformed := refuse(http.StatusBadRequest, "MalformedXML",
		"The XML you provided was not well-formed or did not validate against our published schema")
	for {
		token, err := d.Token()
		if err != nil {
			return malformed
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if start.Name.Local != root {
			return malformed
		}
		if err := d.DecodeElement(v, &start); err != nil {
			if u := new(wire.Unsupported); errors.As(err, &u) {
				return err
			}
			return malformed
		}
		break
	}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if _, more := token.(xml.StartElement); err != nil || more {
			return malformed
		}
	}
}

// rest takes the elements that a struct does not name, and refuses them. Use: Rest *rest `xml:",any"`.
type rest struct{}

// UnmarshalXML refuses the element.
func (*rest) UnmarshalXML(_ *xml.Decoder, start xml.StartElement) error {
	return &wire.Unsupported{What: "element " + start.Name.Local + " of Amazon S3"}
}

// headers is an answer without its body.
type headers struct{ http.ResponseWriter }

// Write drops b.
func (headers) Write(b []byte) (int, error) { return len(b), nil }

// stamp is a time as S3 writes it in XML: milliseconds, which are always zero.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func quoted(etag string) string { return `"` + etag + `"` }
