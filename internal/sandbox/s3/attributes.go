package s3

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

type partChecksum struct {
	PartNumber int
	Size       int
	Checksum   checksum
}

type objectParts struct {
	PartsCount           int
	PartNumberMarker     int
	NextPartNumberMarker int
	MaxParts             int
	IsTruncated          bool
	Part                 []partChecksum
}

// getObjectAttributes follows GetObjectAttributes: it tells what x-amz-object-attributes asks for, the ETag unquoted.
func (s *service) getObjectAttributes(r *request) (any, error) {
	v, err := r.chosen()
	if err != nil {
		return nil, err
	}
	var out struct {
		ETag         string `xml:",omitempty"`
		Checksum     *struct{ Checksum checksum }
		ObjectParts  *objectParts
		StorageClass string `xml:",omitempty"`
		ObjectSize   *int
	}
	asked := strings.Join(r.sent.Values("x-amz-object-attributes"), ",")
	for name := range strings.SplitSeq(asked, ",") {
		switch strings.TrimSpace(name) {
		case "ETag":
			out.ETag = v.etag
		case "Checksum":
			out.Checksum = &struct{ Checksum checksum }{v.checksum}
		case "ObjectParts":
			if out.ObjectParts, err = v.listParts(r); err != nil {
				return nil, err
			}
		case "StorageClass":
			out.StorageClass = v.class
		case "ObjectSize":
			out.ObjectSize = new(len(v.body))
		default:
			return nil, invalidArgument("Invalid attribute name specified.", "x-amz-object-attributes", asked)
		}
	}
	r.header.Set("Last-Modified", v.modified.Format(http.TimeFormat))
	r.tellVersion(v)
	return document{"GetObjectAttributesResponse", out}, nil
}

// listParts is a page of the parts, none for an object that was put in one piece. Parts are told one by one only where
// they have checksums of their own.
func (v *version) listParts(r *request) (*objectParts, error) {
	if len(v.parts) == 0 {
		return nil, nil
	}
	out := &objectParts{PartsCount: len(v.parts), MaxParts: maxKeys}
	for name, target := range map[string]*int{"x-amz-max-parts": &out.MaxParts, "x-amz-part-number-marker": &out.PartNumberMarker} {
		given := r.sent.Get(name)
		if given == "" {
			continue
		}
		n, err := strconv.Atoi(given)
		if err != nil || n < 0 {
			return nil, invalidArgument("Provided "+name+" not an integer or within integer range", name, given)
		}
		*target = min(n, maxKeys*10)
	}
	out.MaxParts = min(out.MaxParts, maxKeys)
	if v.checksum.kind != composite {
		return out, nil
	}
	from := slices.IndexFunc(v.parts, func(p *part) bool { return p.number > out.PartNumberMarker })
	if from < 0 {
		return out, nil
	}
	to := min(len(v.parts), from+out.MaxParts)
	for _, p := range v.parts[from:to] {
		out.Part = append(out.Part, partChecksum{p.number, p.size, p.checksum})
		out.NextPartNumberMarker = p.number
	}
	out.IsTruncated = to < len(v.parts)
	return out, nil
}
