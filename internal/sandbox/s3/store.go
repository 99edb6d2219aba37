package s3

import (
	"fmt"
	"iter"
	"slices"
	"sort"
	"strings"
	"time"
)

// null is the id of a version that was written while versioning was not enabled (User Guide, "How S3 Versioning works").
const null = "null"

// The states of a bucket's versioning; a bucket that never had it has none.
const (
	enabled   = "Enabled"
	suspended = "Suspended"
)

// version is one version of an object, or a delete marker. Nothing of it changes but its tags.
type version struct {
	id        string
	marker    bool
	body      []byte
	etag      string // without quotes
	modified  time.Time
	sequencer string
	attributes
	tags     []tag
	checksum checksum
	parts    []*part // of a multipart upload
}

// attributes are what is said about an object besides its data.
type attributes struct {
	fields     map[string]string // Content-Type …
	metadata   map[string]string // x-amz-meta-…, lower case, without the prefix
	class      string
	encryption string // AES256, aws:kms …
	kmsKey     string
	bucketKey  bool
}

// current is the newest version of a key, a delete marker perhaps; nil when there is none.
func (b *bucket) current(key string) *version {
	if versions := b.objects[key]; len(versions) > 0 {
		return versions[0]
	}
	return nil
}

// version finds a version by id, nil when there is none.
func (b *bucket) version(key, id string) *version {
	for _, v := range b.objects[key] {
		if v.id == id {
			return v
		}
	}
	return nil
}

// add makes v the current version of key: a new one where versioning is enabled, else in place of the null version
// (User Guide, "Adding objects to versioning-enabled buckets", "… versioning-suspended buckets").
func (s *service) add(b *bucket, key string, v *version) {
	v.modified = s.w.Now().UTC().Truncate(time.Second)
	v.sequencer = s.nextSequencer()
	v.id = null
	if b.versioning == enabled {
		v.id = s.w.Identifier("s3-version", 32, versionAlphabet)
	} else {
		b.remove(key, null)
	}
	if at, found := slices.BinarySearch(b.keys, key); !found {
		b.keys = slices.Insert(b.keys, at, key)
	}
	b.objects[key] = slices.Insert(b.objects[key], 0, v)
}

// remove takes a version away and returns it, nil when there was none.
func (b *bucket) remove(key, id string) *version {
	versions := b.objects[key]
	i := slices.IndexFunc(versions, func(v *version) bool { return v.id == id })
	if i < 0 {
		return nil
	}
	gone := versions[i]
	b.objects[key] = slices.Delete(versions, i, i+1)
	if len(b.objects[key]) == 0 {
		delete(b.objects, key)
		if at, found := slices.BinarySearch(b.keys, key); found {
			b.keys = slices.Delete(b.keys, at, at+1)
		}
	}
	return gone
}

const versionAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._"

// nextSequencer counts writes: a hexadecimal number that only grows, also when the clock does not (User Guide, "Event
// message structure").
func (s *service) nextSequencer() string {
	s.sequencer = max(s.sequencer+1, uint64(s.w.Now().UnixNano()))
	return fmt.Sprintf("%018X", s.sequencer)
}

// entry is one line of a list: a key, or the prefix that several keys have in common.
type entry struct {
	name   string
	common bool
}

// entries walks through the sorted keys after a key, rolling up those that share a prefix that ends with the delimiter
// (User Guide, "Organizing objects using prefixes"). Keys that are not shown count nowhere.
func entries(keys []string, prefix, delimiter, after string, shown func(key string) bool) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		i := sort.SearchStrings(keys, max(prefix, after))
		for i < len(keys) && strings.HasPrefix(keys[i], prefix) {
			key := keys[i]
			i++
			if key <= after && after != "" || !shown(key) {
				continue
			}
			e := entry{name: key}
			if delimiter != "" {
				if at := strings.Index(key[len(prefix):], delimiter); at >= 0 {
					e = entry{name: key[:len(prefix)+at+len(delimiter)], common: true}
					i += sort.Search(len(keys)-i, func(j int) bool { return !strings.HasPrefix(keys[i+j], e.name) })
				}
			}
			if e.common && e.name == after {
				continue
			}
			if !yield(e) {
				return
			}
		}
	}
}
