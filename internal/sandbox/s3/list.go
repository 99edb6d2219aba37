package s3

import (
	"encoding/base64"
)

// maxKeys is the longest page of any list.
const maxKeys = 1000

// listedObject is one line of ListObjects and ListObjectsV2.
type listedObject struct {
	Key               string
	LastModified      string
	ETag              string
	ChecksumAlgorithm string `xml:",omitempty"`
	ChecksumType      string `xml:",omitempty"`
	Size              int
	StorageClass      string
	Owner             *owner
}

type commonPrefix struct{ Prefix string }

// objectPage is one page of a list of objects.
type objectPage struct {
	contents []listedObject
	common   []commonPrefix
	last     string // the last name on the page, as it is
	more     bool
}

// page lists current versions after a name; delete markers are not listed.
func (s *service) page(r *request, after string, owned bool) (objectPage, error) {
	var p objectPage
	most, err := r.number("max-keys", maxKeys)
	if err != nil {
		return p, err
	}
	encode, err := r.encoding()
	if err != nil {
		return p, err
	}
	b := r.bucket
	shown := func(key string) bool { return !b.current(key).marker }
	for e := range entries(b.keys, r.query.Get("prefix"), r.query.Get("delimiter"), after, shown) {
		if len(p.contents)+len(p.common) >= most {
			p.more = most > 0
			break
		}
		p.last = e.name
		if e.common {
			p.common = append(p.common, commonPrefix{encode(e.name)})
			continue
		}
		v := b.current(e.name)
		line := listedObject{
			Key: encode(e.name), LastModified: stamp(v.modified), ETag: quoted(v.etag), Size: len(v.body),
			ChecksumAlgorithm: v.checksum.named(), ChecksumType: v.checksum.kind, StorageClass: v.class,
		}
		if owned {
			line.Owner = s.owner()
		}
		p.contents = append(p.contents, line)
	}
	return p, nil
}

// encoding is how names are written into a list: encoding-type url, or as they are.
func (r *request) encoding() (func(string) string, error) {
	switch given := r.query.Get("encoding-type"); given {
	case "":
		return func(name string) string { return name }, nil
	case "url":
		return encodeKey, nil
	default:
		return nil, invalidArgument("Invalid Encoding Method specified in Request", "encoding-type", given)
	}
}

// token makes a name into an opaque continuation token.
func token(name string) string { return base64.StdEncoding.EncodeToString([]byte(name)) }

func (r *request) token(parameter string) (string, error) {
	given := r.query.Get(parameter)
	name, err := base64.StdEncoding.DecodeString(given)
	if err != nil || given == "" && r.query.Has(parameter) {
		return "", invalidArgument("The continuation token provided is incorrect", parameter, given)
	}
	return string(name), nil
}

// listObjects follows ListObjects: NextMarker is told only when there is a delimiter.
func (s *service) listObjects(r *request) (any, error) {
	p, err := s.page(r, r.query.Get("marker"), true)
	if err != nil {
		return nil, err
	}
	encode, _ := r.encoding()                // page would have failed
	most, _ := r.number("max-keys", maxKeys) // the same
	out := struct {
		Name           string
		Prefix         string
		Marker         string
		NextMarker     string `xml:",omitempty"`
		Delimiter      string `xml:",omitempty"`
		MaxKeys        int
		EncodingType   string `xml:",omitempty"`
		IsTruncated    bool
		Contents       []listedObject
		CommonPrefixes []commonPrefix
	}{
		Name: r.bucketName, Prefix: encode(r.query.Get("prefix")), Marker: encode(r.query.Get("marker")),
		Delimiter: encode(r.query.Get("delimiter")), MaxKeys: most, EncodingType: r.query.Get("encoding-type"),
		IsTruncated: p.more, Contents: p.contents, CommonPrefixes: p.common,
	}
	if p.more && out.Delimiter != "" {
		out.NextMarker = encode(p.last)
	}
	return document{"ListBucketResult", out}, nil
}

// listObjectsV2 follows ListObjectsV2.
func (s *service) listObjectsV2(r *request) (any, error) {
	if given := r.query.Get("list-type"); given != "2" {
		return nil, invalidArgument("Invalid List Type specified in Request", "list-type", given)
	}
	after, err := r.token("continuation-token")
	if err != nil {
		return nil, err
	}
	p, err := s.page(r, max(after, r.query.Get("start-after")), r.query.Get("fetch-owner") == "true")
	if err != nil {
		return nil, err
	}
	encode, _ := r.encoding()                // page would have failed
	most, _ := r.number("max-keys", maxKeys) // the same
	out := struct {
		Name                  string
		Prefix                string
		StartAfter            string `xml:",omitempty"`
		ContinuationToken     string `xml:",omitempty"`
		NextContinuationToken string `xml:",omitempty"`
		KeyCount              int
		MaxKeys               int
		Delimiter             string `xml:",omitempty"`
		EncodingType          string `xml:",omitempty"`
		IsTruncated           bool
		Contents              []listedObject
		CommonPrefixes        []commonPrefix
	}{
		Name: r.bucketName, Prefix: encode(r.query.Get("prefix")), StartAfter: encode(r.query.Get("start-after")),
		ContinuationToken: r.query.Get("continuation-token"), KeyCount: len(p.contents) + len(p.common), MaxKeys: most,
		Delimiter: encode(r.query.Get("delimiter")), EncodingType: r.query.Get("encoding-type"),
		IsTruncated: p.more, Contents: p.contents, CommonPrefixes: p.common,
	}
	if p.more {
		out.NextContinuationToken = token(p.last)
	}
	return document{"ListBucketResult", out}, nil
}
