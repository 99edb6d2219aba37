package account

import (
	"fmt"
	"time"
)

// Batch is one version of one uploaded file.
type Batch struct {
	ID          string        `json:"id"`
	Bucket      string        `json:"bucket"`
	Key         string        `json:"key"`
	Version     string        `json:"version,omitempty"`
	Sequence    string        `json:"sequence"`           // orders uploads: newer ones sort later, as text
	Uploader    string        `json:"uploader,omitempty"` // who says to have uploaded it: nobody has checked that
	State       BatchState    `json:"state"`
	Rows        int           `json:"rows"` // non-blank records, good or bad
	Summary     map[Stage]int `json:"summary,omitempty"`
	Revision    int           `json:"revision,omitempty"` // of the settings it was read under
	SubmittedAt time.Time     `json:"submittedAt,omitempty,omitzero"`
	FinishedAt  time.Time     `json:"finishedAt,omitempty,omitzero"`
	Failure     *Failure      `json:"failure,omitempty"` // why the file could not be read at all
}

// Turn is the place of the batch's nth line in the order of batches and rows, see [Request.Turn].
func (b Batch) Turn(line int) string { return fmt.Sprintf("%s%08d", b.Turns(), line) }

// Turns is what the turns of all its lines begin with.
func (b Batch) Turns() string { return b.Sequence + "#" + b.ID + "#" }

// BatchState is how far the reading of a batch is.
type BatchState string

// The states of a batch. A batch that is refused whole is finished with a failure.
const (
	BatchUploaded BatchState = "uploaded" // the table does not know it yet: nobody has begun to read it
	BatchReading  BatchState = "reading"
	BatchOpen     BatchState = "open"
	BatchFinished BatchState = "finished"
)

// Unread says whether rows of the batch may still come into the queue.
func (s BatchState) Unread() bool { return s == BatchUploaded || s == BatchReading }

// Source is the batch's object as an s3:// URL.
func (b Batch) Source() string { return "s3://" + b.Bucket + "/" + b.Key }

// Disposition is what a row's batch did with it.
type Disposition string

// The dispositions of a row.
const (
	Added      Disposition = "added"
	Changed    Disposition = "changed"
	Unchanged  Disposition = "unchanged"
	NotApplied Disposition = "not applied" // the request is in flight, or done and differs
	RowRefused Disposition = "rejected"
)

// Row is one line of a batch: which request it asks for, and what became of it.
type Row struct {
	Batch       string      `json:"batch"`
	Line        int         `json:"line"`
	RequestID   string      `json:"requestId,omitempty"` // none where no e-mail could be read
	Disposition Disposition `json:"disposition"`
	Name        string      `json:"name,omitempty"`
	Email       string      `json:"email,omitempty"`
	Unit        string      `json:"unit,omitempty"` // as the row named it
	Failure     *Failure    `json:"failure,omitempty"`
}

// Pause is why no new account operation is started.
type Pause struct {
	Since  time.Time `json:"since"`
	Code   string    `json:"code"`
	Reason string    `json:"reason"`
	Told   bool      `json:"-"` // people were told of it; kept beside the pause
}

// Worker is a process that was seen at work.
type Worker struct {
	Owner  string    `json:"owner"`
	Kind   string    `json:"kind"` // worker, lambda or cli
	SeenAt time.Time `json:"seenAt"`
	// DeadLetters is how many messages the worker has seen that nobody could handle.
	DeadLetters int `json:"deadLetters,omitempty"`
}

// Overview is where everything stands.
type Overview struct {
	Paused   *Pause
	Workers  []Worker
	Batches  []Batch   // open ones first, then by time, newest first
	Requests []Request // of the batches shown
	Rejected []Row     // of the batches shown
	Omitted  int       // how many of both are left out
	ToGo     *Estimate // until the account operations of all batches have ended; nil where nobody has reckoned
	// Forecasts are what can be expected of requests that are open, by their ids; nil where nobody has reckoned.
	Forecasts map[string]Forecast
}

// Event is one line of a request's history.
type Event struct {
	At           time.Time `json:"at"`
	Stage        Stage     `json:"stage"`
	What         string    `json:"what"`
	AWSRequestID string    `json:"awsRequestId,omitempty"`
	RecordID     string    `json:"recordId,omitempty"`
	Failure      *Failure  `json:"error,omitempty"`
}
