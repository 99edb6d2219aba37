package cloudformation

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
)

// bucket calls S3 about the thing's bucket.
func (t *thing) bucket(h hands, method, operation, query string, body []byte) error {
	_, err := h.do(Call{Service: "s3", Operation: operation, Method: method, Path: "/" + t.ref, RawQuery: query, Body: body})
	return err
}

func bucketExists(h hands, t *thing) (bool, error) {
	err := t.bucket(h, http.MethodHead, "HeadBucket", "", nil)
	if missing(err) {
		return false, nil
	}
	return err == nil, err
}

// taken is how a handler answers where there is one of that name already.
func (t *thing) taken() error {
	return &refusal{service: t.kind, code: "AlreadyExists", status: http.StatusConflict, message: t.ref + " already exists"}
}

func createBucket(h hands, t *thing) error {
	if there, err := bucketExists(h, t); there || err != nil {
		return errors.Join(err, onlyIf(there, t.taken()))
	}
	var body []byte
	if h.region != "us-east-1" {
		body = []byte(`<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>` + h.region + `</LocationConstraint></CreateBucketConfiguration>`)
	}
	if err := t.bucket(h, http.MethodPut, "CreateBucket", "", body); err != nil {
		return err
	}
	return t.configureBucket(h)
}

func onlyIf(yes bool, err error) error {
	if yes {
		return err
	}
	return nil
}

func removeBucket(h hands, t *thing) error {
	return t.bucket(h, http.MethodDelete, "DeleteBucket", "", nil)
}

// configureBucket sets what the template says of a bucket.
func (t *thing) configureBucket(h hands) error {
	if v, ok := t.resolved["VersioningConfiguration"]; ok {
		if err := t.bucket(h, http.MethodPut, "PutBucketVersioning", "versioning", element("VersioningConfiguration", v)); err != nil {
			return err
		}
	}
	if v, ok := t.resolved["PublicAccessBlockConfiguration"]; ok {
		if err := t.bucket(h, http.MethodPut, "PutPublicAccessBlock", "publicAccessBlock", element("PublicAccessBlockConfiguration", v)); err != nil {
			return err
		}
	}
	if v, ok := t.resolved["BucketEncryption"].(map[string]any); ok {
		if err := t.bucket(h, http.MethodPut, "PutBucketEncryption", "encryption", encryption(v)); err != nil {
			return err
		}
	}
	if v, ok := t.resolved["NotificationConfiguration"].(map[string]any); ok {
		content := ""
		if on, _ := v["EventBridgeConfiguration"].(map[string]any); on["EventBridgeEnabled"] == true || text(on["EventBridgeEnabled"]) == "true" {
			content = "<EventBridgeConfiguration></EventBridgeConfiguration>"
		}
		body := `<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` + content + `</NotificationConfiguration>`
		if err := t.bucket(h, http.MethodPut, "PutBucketNotificationConfiguration", "notification", []byte(body)); err != nil {
			return err
		}
	}
	return nil
}

func encryption(v map[string]any) []byte {
	var b bytes.Buffer
	b.WriteString(`<ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">`)
	rules, _ := v["ServerSideEncryptionConfiguration"].([]any)
	for _, each := range rules {
		r, _ := each.(map[string]any)
		by, _ := r["ServerSideEncryptionByDefault"].(map[string]any)
		b.WriteString("<Rule><ApplyServerSideEncryptionByDefault>")
		write(&b, "SSEAlgorithm", by["SSEAlgorithm"])
		if by["KMSMasterKeyID"] != nil {
			write(&b, "KMSMasterKeyID", by["KMSMasterKeyID"])
		}
		b.WriteString("</ApplyServerSideEncryptionByDefault>")
		if r["BucketKeyEnabled"] != nil {
			write(&b, "BucketKeyEnabled", r["BucketKeyEnabled"])
		}
		b.WriteString("</Rule>")
	}
	b.WriteString("</ServerSideEncryptionConfiguration>")
	return b.Bytes()
}

// element writes a flat object of the template as S3 takes it.
func element(name string, value any) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<%s xmlns="http://s3.amazonaws.com/doc/2006-03-01/">`, name)
	members, _ := value.(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(members)) {
		write(&b, key, members[key])
	}
	fmt.Fprintf(&b, "</%s>", name)
	return b.Bytes()
}

func write(b *bytes.Buffer, name string, value any) {
	fmt.Fprintf(b, "<%s>", name)
	_ = xml.EscapeText(b, []byte(text(value))) // a buffer takes everything
	fmt.Fprintf(b, "</%s>", name)
}

func putBucketPolicy(h hands, t *thing) error {
	return t.bucket(h, http.MethodPut, "PutBucketPolicy", "policy", document(t.resolved["PolicyDocument"]))
}

// document is a policy as its service takes it.
func document(v any) []byte {
	out, err := json.Marshal(v)
	if err != nil {
		panic("sandbox: policy: " + err.Error()) // it came out of a template
	}
	return out
}
