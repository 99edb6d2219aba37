package s3

import (
	"encoding/xml"
	"slices"
)

// listedVersion is one Version or DeleteMarker of ListObjectVersions; which of them says the element's name.
type listedVersion struct {
	XMLName           xml.Name
	Key               string
	VersionID         string `xml:"VersionId"`
	IsLatest          bool
	LastModified      string
	ETag              string `xml:",omitempty"`
	ChecksumAlgorithm string `xml:",omitempty"`
	ChecksumType      string `xml:",omitempty"`
	Size              *int
	StorageClass      string `xml:",omitempty"`
	Owner             *owner
}

// versionPage collects a page of versions; it is full one line before it knows that there is more.
type versionPage struct {
	lines           []listedVersion
	common          []commonPrefix
	most            int
	lastKey, lastID string
	more            bool
	encode          func(string) string
	owner           *owner
}

func (p *versionPage) full() bool {
	if len(p.lines)+len(p.common) < p.most {
		return false
	}
	p.more = p.most > 0
	return true
}

func (p *versionPage) add(key string, v *version, latest bool) bool {
	if p.full() {
		return false
	}
	line := listedVersion{
		Key: p.encode(key), VersionID: v.id, IsLatest: latest, LastModified: stamp(v.modified), Owner: p.owner,
		XMLName: xml.Name{Local: "DeleteMarker"},
	}
	if !v.marker {
		line.XMLName.Local = "Version"
		line.ETag, line.Size, line.StorageClass = quoted(v.etag), new(len(v.body)), v.class
		line.ChecksumAlgorithm, line.ChecksumType = v.checksum.named(), v.checksum.kind
	}
	p.lines, p.lastKey, p.lastID = append(p.lines, line), key, v.id
	return true
}

// listObjectVersions follows ListObjectVersions: keys in order, of each the versions newest first.
func (s *service) listObjectVersions(r *request) (any, error) {
	keyMarker, idMarker := r.query.Get("key-marker"), r.query.Get("version-id-marker")
	if idMarker != "" && keyMarker == "" {
		return nil, invalidArgument("A version-id marker cannot be specified without a key marker.", "version-id-marker", idMarker)
	}
	most, err := r.number("max-keys", maxKeys)
	if err != nil {
		return nil, err
	}
	encode, err := r.encoding()
	if err != nil {
		return nil, err
	}
	p := versionPage{most: most, encode: encode, owner: s.owner()}
	s.collect(r, &p, keyMarker, idMarker)
	out := struct {
		Name                string
		Prefix              string
		KeyMarker           string
		VersionIDMarker     string `xml:"VersionIdMarker"`
		NextKeyMarker       string `xml:",omitempty"`
		NextVersionIDMarker string `xml:"NextVersionIdMarker,omitempty"`
		MaxKeys             int
		Delimiter           string `xml:",omitempty"`
		EncodingType        string `xml:",omitempty"`
		IsTruncated         bool
		Lines               []listedVersion
		CommonPrefixes      []commonPrefix
	}{
		Name: r.bucketName, Prefix: encode(r.query.Get("prefix")), KeyMarker: encode(keyMarker), VersionIDMarker: idMarker,
		MaxKeys: most, Delimiter: encode(r.query.Get("delimiter")), EncodingType: r.query.Get("encoding-type"),
		IsTruncated: p.more, Lines: p.lines, CommonPrefixes: p.common,
	}
	if p.more {
		out.NextKeyMarker, out.NextVersionIDMarker = encode(p.lastKey), p.lastID
	}
	return document{"ListVersionsResult", out}, nil
}

// collect fills the page with what comes after the markers.
func (s *service) collect(r *request, p *versionPage, keyMarker, idMarker string) {
	b := r.bucket
	if idMarker != "" {
		// The rest of the marker's key. A marker that was deleted since the last page is not found, and nothing of what
		// is left of its key may be missed.
		versions := b.objects[keyMarker]
		from := slices.IndexFunc(versions, func(v *version) bool { return v.id == idMarker }) + 1
		for i, v := range versions[from:] {
			if !p.add(keyMarker, v, from+i == 0) {
				return
			}
		}
	}
	shown := func(string) bool { return true }
	for e := range entries(b.keys, r.query.Get("prefix"), r.query.Get("delimiter"), keyMarker, shown) {
		if e.common {
			if p.full() {
				return
			}
			p.common, p.lastKey, p.lastID = append(p.common, commonPrefix{p.encode(e.name)}), e.name, ""
			continue
		}
		for i, v := range b.objects[e.name] {
			if !p.add(e.name, v, i == 0) {
				return
			}
		}
	}
}
