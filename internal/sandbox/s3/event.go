package s3

import (
	"encoding/json"
	"net"
	"net/url"
	"strings"
)

// occurrence is something that happened to an object.
type occurrence struct {
	name     string // of S3's own notifications: ObjectCreated:Put
	kind     string // the detail-type at EventBridge: Object Created
	reason   string // the API operation, where EventBridge tells it
	deletion string // of a deletion: Permanently Deleted, Delete Marker Created
	key      string
	version  *version // what was written, tagged or taken away; nil for the deletion of what was not there
	sequence string   // of a write or a deletion
}

const (
	created     = "Object Created"
	deleted     = "Object Deleted"
	tagsAdded   = "Object Tags Added"
	tagsDeleted = "Object Tags Deleted"

	permanently   = "Permanently Deleted"
	markerCreated = "Delete Marker Created"
)

// happened tells whoever the bucket's notifications name.
func (s *service) happened(r *request, o occurrence) {
	b := r.bucket
	// The event is put on the bus of the bucket's Region; the world has the one of the home Region.
	if live := b.notifications.live; live != nil && *live && b.region == s.w.Region {
		s.w.Publish("aws.s3", o.kind, []string{arn(b.name)}, s.detail(r, o))
	}
	for _, q := range b.notifications.queues {
		if !q.wants(o.name, o.key) {
			continue
		}
		body := s.record(r, o, q.ID)
		s.w.After(s.w.Timing.EventDelay, func() { s.w.Deliver(q.Queue, body) })
	}
}

// detail is the detail of an event as the User Guide, "EventBridge event message structure", has it.
type detail struct {
	Version string `json:"version"`
	Bucket  struct {
		Name string `json:"name"`
	} `json:"bucket"`
	Object struct {
		Key       string `json:"key"`
		Size      *int   `json:"size,omitempty"`
		ETag      string `json:"etag,omitempty"`
		VersionID string `json:"version-id,omitempty"`
		Sequencer string `json:"sequencer,omitempty"`
	} `json:"object"`
	RequestID    string `json:"request-id"`
	Requester    string `json:"requester"`
	SourceIP     string `json:"source-ip-address"`
	Reason       string `json:"reason,omitempty"`
	DeletionType string `json:"deletion-type,omitempty"`
}

func (s *service) detail(r *request, o occurrence) detail {
	d := detail{
		Version: "0", RequestID: r.RequestID, Requester: r.Caller.Account, SourceIP: sourceIP(r),
		Reason: o.reason, DeletionType: o.deletion,
	}
	d.Bucket.Name = r.bucket.name
	d.Object.Key = o.key
	if s.w.Otherwise("s3-eventbridge-key-encoding") {
		d.Object.Key = encodeKey(o.key)
	}
	if v := o.version; v != nil {
		d.Object.ETag, d.Object.VersionID = v.etag, r.bucket.told(v)
		if o.kind == created {
			d.Object.Size = new(len(v.body))
		}
	}
	d.Object.Sequencer = o.sequence
	return d
}

// record is a message as the User Guide, "Event message structure", has it: keys are encoded, names have no s3:.
func (s *service) record(r *request, o occurrence, configuration string) []byte {
	type identity struct {
		PrincipalID string `json:"principalId"`
	}
	var rec struct {
		EventVersion      string            `json:"eventVersion"`
		EventSource       string            `json:"eventSource"`
		Region            string            `json:"awsRegion"`
		EventTime         string            `json:"eventTime"`
		EventName         string            `json:"eventName"`
		UserIdentity      identity          `json:"userIdentity"`
		RequestParameters map[string]string `json:"requestParameters"`
		ResponseElements  map[string]string `json:"responseElements"`
		S3                struct {
			SchemaVersion   string `json:"s3SchemaVersion"`
			ConfigurationID string `json:"configurationId"`
			Bucket          struct {
				Name  string   `json:"name"`
				Owner identity `json:"ownerIdentity"`
				ARN   string   `json:"arn"`
			} `json:"bucket"`
			Object struct {
				Key       string `json:"key"`
				Size      *int   `json:"size,omitempty"`
				ETag      string `json:"eTag,omitempty"`
				VersionID string `json:"versionId,omitempty"`
				Sequencer string `json:"sequencer,omitempty"`
			} `json:"object"`
		} `json:"s3"`
	}
	rec.EventVersion, rec.EventSource, rec.Region = "2.1", "aws:s3", r.bucket.region
	rec.EventTime, rec.EventName = s.w.Now().UTC().Format("2006-01-02T15:04:05.000Z"), o.name
	rec.UserIdentity.PrincipalID = "AWS:" + r.Caller.UserID
	rec.RequestParameters = map[string]string{"sourceIPAddress": sourceIP(r)}
	rec.ResponseElements = map[string]string{"x-amz-request-id": r.RequestID, "x-amz-id-2": r.hostID()}
	rec.S3.SchemaVersion, rec.S3.ConfigurationID = "1.0", configuration
	rec.S3.Bucket.Name, rec.S3.Bucket.ARN = r.bucket.name, arn(r.bucket.name)
	rec.S3.Bucket.Owner.PrincipalID = strings.ToUpper(s.owner().ID[:14])
	d := s.detail(r, o)
	rec.S3.Object.Key, rec.S3.Object.Size, rec.S3.Object.ETag = encodeKey(o.key), d.Object.Size, d.Object.ETag
	rec.S3.Object.VersionID, rec.S3.Object.Sequencer = d.Object.VersionID, d.Object.Sequencer
	if o.deletion == permanently { // "eTag" is there for what still exists
		rec.S3.Object.ETag = ""
	}
	body, err := json.Marshal(map[string]any{"Records": []any{rec}})
	if err != nil {
		panic("sandbox: s3 event record: " + err.Error()) // a programming error: it is our own struct
	}
	return body
}

func sourceIP(r *request) string {
	if host, _, err := net.SplitHostPort(r.Request.RemoteAddr); err == nil {
		return host
	}
	return "127.0.0.1"
}

// encodeKey is the form encoding that S3 uses in messages and in lists with encoding-type url: a blank is a plus, a slash
// stays.
func encodeKey(key string) string {
	return strings.NewReplacer("%2F", "/", "%2A", "*", "~", "%7E").Replace(url.QueryEscape(key))
}
