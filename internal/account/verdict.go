package account

import (
	"errors"
	"fmt"
	"time"
)

// Class says who has to act on a failure.
type Class string

// The classes of a failure.
const (
	ClassWait     Class = "wait"     // nobody: somebody else's work has to end first; no attempt is counted
	ClassRetry    Class = "retry"    // nobody: the same is tried again
	ClassOperator Class = "operator" // a human, then resume
	ClassTerminal Class = "terminal" // never tried again by itself; the row has to change
)

// Failure is why a request is not further, as people and scripts read it.
type Failure struct {
	Code         string `json:"code"`
	Class        Class  `json:"class"`
	Message      string `json:"message"`
	AWSCode      string `json:"awsCode,omitempty"`
	AWSMessage   string `json:"awsMessage,omitempty"` // word for word
	AWSRequestID string `json:"awsRequestId,omitempty"`
	Hint         string `json:"hint,omitempty"`
}

// Answer is what AWS said, in its own words.
type Answer struct {
	Operation string // "servicecatalog.ProvisionProduct"
	Code      string
	Message   string
	RequestID string
}

// Wait is a verdict: not now, look again later. No attempt is counted.
type Wait struct {
	For    time.Duration
	Why    string
	Answer Answer
}

// Error says what is waited for.
func (w Wait) Error() string { return "wait: " + w.Why }

// Refused is a verdict: it will not work until somebody changes something.
type Refused struct {
	Code   string // V2xxx for this request, V3xxx for the whole organization
	Class  Class  // ClassOperator when empty
	Reason string
	Hint   string
	Pause  bool // the cause holds for every request: the pipeline pauses, and no other row is burnt on it
	Answer Answer
}

// Error gives the reason, with AWS's words where there are any.
func (r Refused) Error() string {
	if r.Answer.Message != "" {
		return fmt.Sprintf("%s (%s: %s)", r.Reason, r.Answer.Code, r.Answer.Message)
	}
	return r.Reason
}

// Failure is the refusal as it is kept with the request.
func (r Refused) Failure() *Failure {
	class := r.Class
	if class == "" {
		class = ClassOperator
	}
	return &Failure{
		Code: r.Code, Class: class, Message: r.Reason, Hint: r.Hint,
		AWSCode: r.Answer.Code, AWSMessage: r.Answer.Message, AWSRequestID: r.Answer.RequestID,
	}
}

// ErrStale means that somebody else has changed what was about to be saved.
var ErrStale = errors.New("changed by somebody else meanwhile")

// ErrNoSlot means that no place for another account operation is free, or that the pipeline is paused.
var ErrNoSlot = errors.New("no place for another account operation is free")

// ErrForeign means that an upload is none of this pipeline's.
var ErrForeign = errors.New("not an upload of this pipeline")

// AnswerOf reads AWS's words out of an SDK error: code and message of the API error, and the request id. ok is false when
// AWS did not answer at all: the outcome of a mutating call is unknown then.
func AnswerOf(operation string, err error) (a Answer, ok bool) {
	a.Operation = operation
	var id interface{ ServiceRequestID() string }
	if errors.As(err, &id) {
		a.RequestID = id.ServiceRequestID()
	}
	var api interface {
		ErrorCode() string
		ErrorMessage() string
	}
	if !errors.As(err, &api) {
		return a, false
	}
	a.Code, a.Message = api.ErrorCode(), api.ErrorMessage()
	return a, true
}

// Foreign is the answer of something that does not speak AWS's protocols: a server that does not offer the service, a proxy,
// a login page on the way. It is retried as its status says, for a load balancer of AWS's may answer so for a moment.
type Foreign struct {
	Operation string // service and operation, such as "ControlTower.ListLandingZones"
	Host      string // who answered; empty where that is not known
	Status    int    // of HTTP
	Content   string // media type; empty where none was said
	Err       error  // of the SDK
}

// Error says who answered, and with what.
func (f Foreign) Error() string {
	who, content := f.Host, f.Content
	if who == "" {
		who = "the endpoint"
	}
	if content == "" {
		content = "no media type"
	}
	return fmt.Sprintf("%s does not answer %s as AWS does (HTTP status %d, %s)", who, f.Operation, f.Status, content)
}

// Unwrap gives the error of the SDK.
func (f Foreign) Unwrap() error { return f.Err }

// ServerFault says whether the answer was an error of AWS's own, which tells nothing about the effect of the call.
func ServerFault(err error) bool {
	var response interface{ HTTPStatusCode() int }
	return errors.As(err, &response) && response.HTTPStatusCode() >= 500
}
