// Package lifecycle reads what S3 and Control Tower send to the inbox.
//
// An event never says what is true, it says where to look: a message names uploads or an account, and whoever hears of it
// asks AWS. So a lost, doubled, late or forged message costs at most one look. [Parse] takes what is missing lightly and
// what is not understood as an error that says what came.
//
// It imports account.
package lifecycle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

// Event is what one message speaks of. One that is understood and speaks of nothing to do has neither uploads nor an
// account: a test message, a removed object, a registered organizational unit.
type Event struct {
	What    string // in AWS's words: "ObjectCreated:Put", "s3:TestEvent", "CreateManagedAccount"
	Uploads []Upload
	Account *AccountEvent
}

// Upload is one version of an object that appeared in a bucket.
type Upload struct {
	Bucket         string
	Key            string
	AlternativeKey string // how else Key may have to be read, when there is no such object; mostly empty
	Version        string // empty in a bucket without versions
	Sequencer      string // orders the writes of one key: hexadecimal, the shorter one padded with zeros at its end
	ETag           string // without quotes; not always a hash of the content
	Size           int64
}

// AccountEvent is Control Tower's word that it made, enrolled or changed an account, or that it could not.
type AccountEvent struct {
	Name              string // CreateManagedAccount or UpdateManagedAccount; enrolling sends either
	State             string // SUCCEEDED or FAILED
	AccountName       string
	AccountID         string // 12 digits, or empty: no account came about
	OU                account.OrganizationalUnit
	Message           string // AWS's words
	RequestedAt       time.Time
	At                time.Time // when it ended; the best time that the event has
	ManagementAccount string    // 12 digits, or empty
}

// ErrForeign means that a message is from somewhere else than S3 or Control Tower.
var ErrForeign = errors.New("not an event of S3 or Control Tower")

// MaxSize is how long a message is read; SQS takes none that is longer (Amazon SQS Developer Guide, message quotas).
const MaxSize = 1 << 20

// Parse reads the body of an inbox message: an S3 event notification with its records (Amazon S3 User Guide, event message
// structure), S3's test message, S3's or Control Tower's event as EventBridge sends it (Amazon S3 User Guide, EventBridge
// event structure; AWS Control Tower User Guide, lifecycle events), or any of these within a notification of SNS. Members
// that are missing or say "Not Available" are empty. The error is [ErrForeign], or says why the message can't be read.
func Parse(body []byte) (Event, error) {
	for range 3 { // a notification of a notification is as deep as anybody builds it
		if len(body) > MaxSize {
			return Event{}, fmt.Errorf("read event: %d bytes are more than a message can have", len(body))
		}
		var m message
		if err := json.Unmarshal(body, &m); err != nil {
			return Event{}, fmt.Errorf("read event: %w", err)
		}
		if bytes.Equal(bytes.TrimSpace(body), []byte("null")) {
			return Event{}, errors.New("read event: null")
		}
		switch {
		case m.Records != nil:
			return records(m.Records)
		case m.Event == "s3:TestEvent":
			return Event{What: m.Event}, nil
		case m.Source == "aws.s3":
			return bridgedUpload(m)
		case m.Source == "aws.controltower":
			return controlTower(m)
		case m.Type == "Notification" && m.Message != "":
			body = []byte(m.Message)
			continue
		}
		return Event{}, fmt.Errorf("%w: source %q, detail-type %q", ErrForeign, clip(m.Source, 64), clip(m.DetailType, 64))
	}
	return Event{}, errors.New("read event: a notification within a notification, and so on")
}

// message is any of the outer forms.
type message struct {
	Records []record // S3's own notifications
	Event   string   // S3's test message

	Type, Message string // SNS's envelope

	Source     string // EventBridge's envelope
	DetailType string `json:"detail-type"`
	Account    string
	Time       string
	Detail     json.RawMessage
}

// clip shortens what came from outside to at most n bytes, at the border of a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n] + "…"
}
