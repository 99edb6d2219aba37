// Package recording writes what vend and AWS said to each other into a file that its owner can give away.
//
// A recording is one JSON object a line, an [Exchange] for each request that was sent, retries included. It keeps what tells
// how AWS behaves: operations, members and their types, states, times, error codes, HTTP statuses. It keeps nothing that
// tells whose AWS it was:
//
//   - Of every text only what is known to be AWS's own word is kept, such as a status. Whatever else a text says is replaced
//     by a pseudonym, the same for the same text throughout a recording: account 000000000001, person-2@example.com, name-7.
//     Pseudonyms are numbered as they are met, so that nothing can be computed from them.
//   - Of AWS's messages the ordinary words are kept, one by one; see words.txt.
//   - Of headers those in a short list are kept. Credentials and signatures are not among them.
//   - What the pipeline itself stores in S3, DynamoDB, SQS and SNS, and CloudFormation's templates, is left out.
//
// `make replay` holds the sandbox against such a file: see the tests.
package recording

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// Exchange is a request and its answer.
type Exchange struct {
	At        int64   `json:"at"` // milliseconds since the recording began
	Service   string  `json:"service"`
	Operation string  `json:"operation"`
	Region    string  `json:"region,omitempty"`
	Caller    string  `json:"caller,omitempty"` // a pseudonym of the access key
	Request   Message `json:"request"`
	Answer    Message `json:"answer"`
}

// Message is a request or an answer, without what is nobody's business.
type Message struct {
	Method   string            `json:"method,omitempty"`
	Path     string            `json:"path,omitempty"`
	Status   int               `json:"status,omitempty"` // 0 in an answer: there was none
	Header   map[string]string `json:"header,omitempty"`
	Body     any               `json:"body,omitempty"`     // JSON as it is, a form by its names, XML by its elements
	Withheld bool              `json:"withheld,omitempty"` // some of the body was left out
	Bytes    int64             `json:"bytes,omitempty"`    // of the body as it was
}

// Client sends HTTP requests, as the AWS SDK wants it done.
type Client interface {
	Do(*http.Request) (*http.Response, error)
}

// Recorder writes exchanges. It is safe for use by many goroutines.
type Recorder struct {
	mu       sync.Mutex
	out      io.Writer
	now      func() time.Time
	began    time.Time
	redactor *redactor
	err      error
}

// New makes a recorder that writes to out.
func New(out io.Writer, now func() time.Time) *Recorder {
	return &Recorder{out: out, now: now, began: now(), redactor: newRedactor()}
}

// Err is the first error that kept an exchange from being recorded; the calls themselves are never hindered.
func (r *Recorder) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// Around is c, with every exchange recorded.
func (r *Recorder) Around(c Client) Client { return recorded{c, r} }

type recorded struct {
	client Client
	r      *Recorder
}

// Do sends the request. A body of S3 is left as the stream that it is; others are short.
func (c recorded) Do(request *http.Request) (*http.Response, error) {
	at := c.r.now()
	service, region, caller := scope(request)
	sent := make([]byte, 0)
	if request.Body != nil && service != "s3" {
		var err error
		if sent, err = io.ReadAll(request.Body); err != nil {
			return nil, fmt.Errorf("read the body of the request: %w", err)
		}
		_ = request.Body.Close() // it was read to its end
		request.Body = io.NopCloser(bytes.NewReader(sent))
	}
	answer, err := c.client.Do(request)
	var received []byte
	if err == nil && (service != "s3" || answer.StatusCode >= http.StatusMultipleChoices) {
		body := answer.Body
		var broken error
		received, broken = io.ReadAll(body)
		answer.Body = &replayed{io.MultiReader(bytes.NewReader(received), failing{broken}), body}
	}
	e := Exchange{At: at.Sub(c.r.began).Milliseconds(), Service: service, Operation: operation(service, request, sent), Region: region, Caller: caller}
	c.r.write(e, request, sent, answer, received)
	return answer, err
}

// replayed is a body that was read already.
type replayed struct {
	io.Reader
	body io.Closer
}

func (r *replayed) Close() error { return r.body.Close() }

// failing ends a body as it ended when it was read.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

func (r *Recorder) write(e Exchange, request *http.Request, sent []byte, answer *http.Response, received []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.Region = r.redactor.region(e.Region)
	if e.Caller != "" {
		e.Caller = r.redactor.pseudonym(e.Caller)
	}
	e.Request = r.redactor.request(e.Service, request, sent)
	if answer != nil {
		e.Answer = r.redactor.answer(e.Service, answer, received)
	}
	line, err := json.Marshal(e)
	if err == nil {
		_, err = r.out.Write(append(line, '\n'))
	}
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("record %s.%s: %w", e.Service, e.Operation, err)
	}
}
