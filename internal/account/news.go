package account

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"sync"
	"time"
)

// News is what people are told of a batch at once: all that came about since they were told the last time.
type News struct {
	Batch    Batch
	Results  string        // where its results are, as an s3:// URL; empty where none are written
	Accepted bool          // it was read, and nobody was told of that yet
	Finished bool          // nothing of it is open any more, likewise
	Summary  map[Stage]int // its requests by stage
	Rejected []Row         // told together with the acceptance
	Done     []Request
	Failed   []Request
}

// Teller tells people. A message may come twice after a crash; one that can't be sent is an error, a verdict or another
// one, which hurts nobody.
type Teller interface {
	Batch(ctx context.Context, n News) error
	// Paused tells of the pause of the pipeline, unless it is not paused, or that was told.
	Paused(ctx context.Context) error
}

// Told is what people were told of a batch so far. It stands with the batch in the table, so that whoever goes on with the
// batch goes on with the telling.
type Told struct {
	Rows     []byte    `json:"rows,omitempty"` // what was told of each row; see [Told.Letters]
	At       time.Time `json:"at,omitempty,omitzero"`
	Accepted bool      `json:"accepted,omitempty"`
	Finished bool      `json:"finished,omitempty"`
	Pending  bool      `json:"pending,omitempty"` // something has come about that waits for the next digest
	Tries    int       `json:"tries,omitempty"`   // of a message that could not be sent
}

// Letters are what was told of each row, one letter a row in the order of their lines: d for done, f for failed, anything
// else for nothing that matters. Rows beyond its end are such, too.
func (t Told) Letters() []byte {
	zipped, err := gzip.NewReader(bytes.NewReader(t.Rows))
	if err != nil {
		return nil // nothing was told, or by another version: it is told again
	}
	letters, err := io.ReadAll(io.LimitReader(zipped, 1<<20))
	if err != nil {
		return nil
	}
	return letters
}

// zips are kept for the next batch: one takes most of a megabyte.
var zips = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// WithLetters keeps what was told of each row.
func (t Told) WithLetters(letters []byte) Told {
	var b bytes.Buffer
	zip := zips.Get().(*gzip.Writer)
	defer zips.Put(zip)
	zip.Reset(&b)
	_, _ = zip.Write(letters) // a buffer takes everything
	_ = zip.Close()
	t.Rows = b.Bytes()
	return t
}

// address is an e-mail address, also as it stands in a URL.
var address = compile(`[^\s"'<>(){}\[\]:;,/=\\]+(?:@|%40)[^\s"'<>(){}\[\]:;,/=\\]+`)

// HideAddresses replaces the e-mail addresses in a text: AWS repeats them in its messages, and people put them into file
// names.
func HideAddresses(s string) string { return address().ReplaceAllString(s, "(e-mail)") }
