package s3

import (
	"errors"
	"net/http"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// deleteObject follows DeleteObject: what is not there is deleted just as well.
func (s *service) deleteObject(r *request) (any, error) {
	gone, err := s.erase(r, r.key, r.query.Get("versionId"), r.sent.Get("If-Match"))
	if err != nil {
		return nil, err
	}
	if gone.marker {
		r.header.Set("x-amz-delete-marker", "true")
	}
	if gone.id != "" {
		r.header.Set("x-amz-version-id", gone.id)
	}
	return noContent(r)
}

// erased says what a deletion came to.
type erased struct {
	marker bool   // a delete marker was made, or taken away
	id     string // of the version or marker
}

// erase deletes a version for good, or lets a delete marker hide the object (User Guide, "Deleting object versions from a
// versioning-enabled bucket", "… from versioning-suspended buckets").
func (s *service) erase(r *request, key, id, match string) (erased, error) {
	b := r.bucket
	if id != "" {
		if err := checkVersionID(id); err != nil {
			return erased{}, err
		}
	}
	if match != "" {
		v := b.current(key)
		if id != "" {
			v = b.version(key, id)
		}
		if v == nil || v.marker {
			return erased{}, noSuchKey(key)
		}
		if !same(match, v.etag) {
			return erased{}, preconditionFailed("If-Match")
		}
	}
	switch {
	case id != "":
		v := b.remove(key, id)
		s.removed(r, key, v)
		return erased{marker: v != nil && v.marker, id: id}, nil
	case b.versioning == "":
		s.removed(r, key, b.remove(key, null))
		return erased{}, nil
	}
	marker := &version{marker: true, etag: "d41d8cd98f00b204e9800998ecf8427e"} // of nothing
	s.add(b, key, marker)
	s.happened(r, occurrence{
		name: "ObjectRemoved:DeleteMarkerCreated", kind: deleted, reason: "DeleteObject", deletion: markerCreated,
		key: key, version: marker, sequence: marker.sequencer,
	})
	return erased{marker: true, id: marker.id}, nil
}

// removed tells of a deletion for good. Nobody says whether S3 tells of deleting what was not there.
func (s *service) removed(r *request, key string, v *version) {
	if v == nil && !s.w.Otherwise("s3-event-for-deleting-nothing") {
		return
	}
	s.happened(r, occurrence{
		name: "ObjectRemoved:Delete", kind: deleted, reason: "DeleteObject", deletion: permanently,
		key: key, version: v, sequence: s.nextSequencer(),
	})
}

// deleteObjects follows DeleteObjects: up to 1,000 keys, each with its own outcome.
func (s *service) deleteObjects(r *request) (any, error) {
	if r.sent.Get("Content-MD5") == "" && !r.payload.verified {
		return nil, invalidRequest("Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
	}
	var in struct {
		Quiet  bool
		Object []struct {
			Key       string
			VersionID string `xml:"VersionId"`
			ETag      string
			Rest      *rest `xml:",any"`
		}
		Rest *rest `xml:",any"`
	}
	if err := r.decode("Delete", &in); err != nil {
		return nil, err
	}
	if len(in.Object) == 0 || len(in.Object) > 1000 {
		return nil, refuse(http.StatusBadRequest, "MalformedXML",
			"The XML you provided was not well-formed or did not validate against our published schema")
	}
	type done struct {
		Key                   string
		VersionID             string `xml:"VersionId,omitempty"`
		DeleteMarker          bool   `xml:",omitempty"`
		DeleteMarkerVersionID string `xml:"DeleteMarkerVersionId,omitempty"`
	}
	type failure struct {
		Key       string
		VersionID string `xml:"VersionId,omitempty"`
		Code      string
		Message   string
	}
	var out struct {
		Deleted []done
		Error   []failure
	}
	for _, o := range in.Object {
		gone, err := s.erase(r, o.Key, o.VersionID, o.ETag)
		if err != nil {
			var refusal *wire.Error
			if !errors.As(err, &refusal) {
				return nil, err
			}
			out.Error = append(out.Error, failure{o.Key, o.VersionID, refusal.Code, refusal.Message})
			continue
		}
		if in.Quiet {
			continue
		}
		line := done{Key: o.Key, VersionID: o.VersionID, DeleteMarker: gone.marker}
		if gone.marker {
			line.DeleteMarkerVersionID = gone.id
		}
		out.Deleted = append(out.Deleted, line)
	}
	return document{"DeleteResult", out}, nil
}
