package s3

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// getObject follows GetObject and HeadObject, which differ in the body only.
func (s *service) getObject(r *request) (any, error) {
	v, err := r.chosen()
	if err != nil {
		return nil, err
	}
	if err := r.mayRead(v); err != nil {
		return nil, err
	}
	part, err := r.part(v)
	if err != nil {
		return nil, err
	}
	v.describe(r)
	return part.serve(r, v), nil
}

// chosen is the version that the request speaks of: by versionId, else the current one (User Guide, "Working with delete
// markers", has the answers to those).
func (r *request) chosen() (*version, error) {
	if !r.query.Has("versionId") {
		v := r.bucket.current(r.key)
		if v == nil {
			return nil, noSuchKey(r.key)
		}
		if v.marker {
			r.header.Set("x-amz-delete-marker", "true")
			r.tellVersion(v)
			return nil, noSuchKey(r.key)
		}
		return v, nil
	}
	id := r.query.Get("versionId")
	if err := checkVersionID(id); err != nil {
		return nil, err
	}
	v := r.bucket.version(r.key, id)
	if v == nil {
		return nil, noSuchVersion(r.key, id)
	}
	if v.marker {
		r.header.Set("x-amz-delete-marker", "true")
		r.header.Set("Last-Modified", v.modified.Format(http.TimeFormat))
		r.header.Set("Allow", "DELETE")
		r.tellVersion(v)
		return nil, refuse(http.StatusMethodNotAllowed, "MethodNotAllowed",
			"The specified method is not allowed against this resource.", "Method", r.Request.Method, "ResourceType", "DeleteMarker")
	}
	return v, nil
}

// checkVersionID refuses what can be no version id.
func checkVersionID(id string) error {
	if id == null || len(id) == 32 && strings.Trim(id, versionAlphabet) == "" {
		return nil
	}
	return invalidArgument("Invalid version id specified", "versionId", id)
}

// mayRead holds the conditional headers against the version. If-Match overrules If-Unmodified-Since, and If-None-Match
// overrules If-Modified-Since (API Reference, GetObject: "Conditional requests").
func (r *request) mayRead(v *version) error {
	err := conditions{
		match: r.sent.Get("If-Match"), noneMatch: r.sent.Get("If-None-Match"),
		modified: r.sent.Get("If-Modified-Since"), unmodified: r.sent.Get("If-Unmodified-Since"),
	}.hold(v)
	if errors.Is(err, errNotModified) {
		r.header.Set("ETag", quoted(v.etag))
		r.header.Set("Last-Modified", v.modified.Format(http.TimeFormat))
		r.tellVersion(v)
	}
	return err
}

// conditions are the four headers under which something is read.
type conditions struct{ match, noneMatch, modified, unmodified string }

func (c conditions) hold(v *version) error {
	if c.match != "" {
		if !same(c.match, v.etag) {
			return preconditionFailed("If-Match")
		}
	} else if since, err := http.ParseTime(c.unmodified); err == nil && v.modified.After(since) {
		return preconditionFailed("If-Unmodified-Since")
	}
	if c.noneMatch != "" {
		if same(c.noneMatch, v.etag) {
			return errNotModified
		}
	} else if since, err := http.ParseTime(c.modified); err == nil && !v.modified.After(since) {
		return errNotModified
	}
	return nil
}

// overrides are the parameters that replace a header of the answer (API Reference, GetObject: "Overriding response header
// values").
var overrides = map[string]string{
	"response-cache-control": "Cache-Control", "response-content-disposition": "Content-Disposition",
	"response-content-encoding": "Content-Encoding", "response-content-language": "Content-Language",
	"response-content-type": "Content-Type", "response-expires": "Expires",
}

// describe puts everything but size and checksum into the answer's headers.
func (v *version) describe(r *request) {
	h := r.header
	h.Set("ETag", quoted(v.etag))
	h.Set("Last-Modified", v.modified.Format(http.TimeFormat))
	h.Set("Accept-Ranges", "bytes")
	for name, value := range v.fields {
		h.Set(name, value)
	}
	for parameter, name := range overrides {
		if value := r.query.Get(parameter); value != "" {
			h.Set(name, value)
		}
	}
	for key, value := range v.metadata {
		h[metaPrefix+key] = []string{value} // lower case, as S3 sends it: clients take the key from it
	}
	if v.class != "STANDARD" {
		h.Set("x-amz-storage-class", v.class)
	}
	if len(v.tags) > 0 {
		h.Set("x-amz-tagging-count", strconv.Itoa(len(v.tags)))
	}
	v.tellEncryption(h)
	r.tellVersion(v)
}

// span is the piece of an object that is asked for.
type span struct {
	from, to int // to is exclusive
	partial  bool
	checksum checksum
	parts    int // of the object, when one was asked for by number
}

// serve answers with the piece. A checksum is of the whole object, so that a piece goes without.
func (p span) serve(r *request, v *version) any {
	if p.partial {
		r.status = http.StatusPartialContent
		r.header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", p.from, p.to-1, len(v.body)))
	}
	if p.parts > 0 {
		r.header.Set("x-amz-mp-parts-count", strconv.Itoa(p.parts))
	}
	if strings.EqualFold(r.sent.Get("x-amz-checksum-mode"), "ENABLED") {
		p.checksum.announce(r.header)
	}
	return content(v.body[p.from:p.to])
}

// part tells the piece from Range or partNumber. A Range header that is not one range of bytes is passed over, as RFC
// 9110 has it; S3 "doesn't support retrieving multiple ranges of data" (API Reference, GetObject).
func (r *request) part(v *version) (span, error) {
	whole := span{to: len(v.body), checksum: v.checksum}
	given := r.sent.Get("Range")
	if r.query.Has("partNumber") {
		if given != "" {
			return span{}, invalidRequest("Cannot specify both Range header and partNumber query parameter")
		}
		return r.numbered(v)
	}
	ask, ok := strings.CutPrefix(given, "bytes=")
	first, last, dash := strings.Cut(ask, "-")
	if !ok || !dash || strings.Contains(ask, ",") {
		return whole, nil
	}
	size := int64(len(v.body))
	from, errFrom := strconv.ParseInt(first, 10, 64)
	to, errTo := strconv.ParseInt(last, 10, 64)
	switch {
	case first == "" && errTo == nil:
		from, to = max(0, size-to), size-1
	case errFrom == nil && last == "":
		to = size - 1
	case errFrom != nil || errTo != nil || from < 0 || to < from:
		return whole, nil //nolint:nilerr // S3 takes a range that it can't read for none
	}
	to = min(to, size-1)
	if from > to {
		return span{}, refuse(http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "The requested range is not satisfiable",
			"RangeRequested", given, "ActualObjectSize", strconv.FormatInt(size, 10))
	}
	p := span{from: int(from), to: int(to) + 1, partial: true}
	if p.to-p.from == len(v.body) {
		p.checksum = v.checksum
	}
	return p, nil
}

// numbered is one part of what was a multipart upload; any other object is its own part 1.
func (r *request) numbered(v *version) (span, error) {
	given := r.query.Get("partNumber")
	n, err := strconv.Atoi(given)
	if err != nil || n < 1 || n > maxParts {
		return span{}, invalidArgument("Part number must be an integer between 1 and 10000, inclusive", "partNumber", given)
	}
	if len(v.parts) == 0 && n == 1 {
		return span{to: len(v.body), partial: len(v.body) > 0, checksum: v.checksum}, nil
	}
	if n > len(v.parts) {
		return span{}, refuse(http.StatusRequestedRangeNotSatisfiable, "InvalidPartNumber",
			"The requested partnumber is not satisfiable", "PartNumberRequested", given,
			"ActualPartCount", strconv.Itoa(max(1, len(v.parts))))
	}
	p := span{partial: true, parts: len(v.parts)}
	for _, earlier := range v.parts[:n-1] {
		p.from += earlier.size
	}
	p.to = p.from + v.parts[n-1].size
	if v.checksum.kind == composite {
		p.checksum = v.parts[n-1].checksum
		p.checksum.kind = composite
	}
	return p, nil
}
