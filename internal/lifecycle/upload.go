package lifecycle

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// record is one record of an S3 event notification.
type record struct {
	EventSource string
	EventName   string
	S3          struct {
		Bucket struct{ Name string }
		Object struct {
			Key, VersionID, Sequencer, ETag string
			Size                            int64
		}
	}
}

func records(all []record) (Event, error) {
	var e Event
	for _, r := range all {
		if r.EventSource != "aws:s3" {
			return Event{}, fmt.Errorf("%w: a record of %q", ErrForeign, clip(r.EventSource, 64))
		}
		e.What = clip(r.EventName, 64)
		if !strings.HasPrefix(strings.TrimPrefix(r.EventName, "s3:"), "ObjectCreated:") {
			continue
		}
		o := r.S3.Object
		u := Upload{
			Bucket: r.S3.Bucket.Name, Key: o.Key, Version: version(o.VersionID),
			Sequencer: o.Sequencer, ETag: strings.Trim(o.ETag, `"`), Size: o.Size,
		}
		if plain, err := url.QueryUnescape(o.Key); err == nil { // keys are encoded as in an HTML form, a blank is a plus
			u.Key = plain
		}
		if err := u.check(); err != nil {
			return Event{}, err
		}
		e.Uploads = append(e.Uploads, u)
	}
	return e, nil
}

// bridgedUpload reads S3's event as EventBridge sends it. Its samples show keys as they are; whether they are never
// encoded is not documented, so the decoded key goes along.
func bridgedUpload(m message) (Event, error) {
	if m.DetailType != "Object Created" {
		return Event{What: clip(m.DetailType, 64)}, nil
	}
	var d struct {
		Bucket struct{ Name string }
		Object struct {
			Key, ETag, Sequencer string
			VersionID            string `json:"version-id"`
			Size                 int64
		}
	}
	if err := json.Unmarshal(m.Detail, &d); err != nil {
		return Event{}, fmt.Errorf("read event Object Created: %w", err)
	}
	u := Upload{
		Bucket: d.Bucket.Name, Key: d.Object.Key, Version: version(d.Object.VersionID),
		Sequencer: d.Object.Sequencer, ETag: strings.Trim(d.Object.ETag, `"`), Size: d.Object.Size,
	}
	if decoded, err := url.QueryUnescape(u.Key); err == nil && decoded != u.Key {
		u.AlternativeKey = decoded
	}
	if err := u.check(); err != nil {
		return Event{}, err
	}
	return Event{What: m.DetailType, Uploads: []Upload{u}}, nil
}

func (u Upload) check() error {
	switch {
	case u.Bucket == "":
		return errors.New("read event: an upload without a bucket")
	case u.Key == "":
		return errors.New("read event: an upload without a key")
	}
	return nil
}

// version is a version id as the object's reader wants it: a bucket without versions calls its only one "null".
func version(id string) string {
	if id == "null" {
		return ""
	}
	return id
}
