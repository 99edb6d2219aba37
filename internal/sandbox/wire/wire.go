// Package wire translates between the AWS wire protocols and Go values.
//
// A request comes in as a [Call]: who asks (signing name, Region, access key), what is asked (operation) and the body.
// A [Service] answers it. The JSON and query services are an [RPC]: a table of operations whose inputs and outputs are
// plain structs with AWS's own member names as json tags; REST services implement [Service] themselves.
//
// It imports nothing of the sandbox and nothing of the product.
package wire

import (
	"net/http"
	"net/url"
)

// Protocol is one of the AWS wire protocols, told from the request.
type Protocol int

// The protocols that the sandbox speaks.
const (
	JSON     Protocol = iota // awsJson1.0 and awsJson1.1: X-Amz-Target and a JSON body
	Query                    // awsQuery: a form in, XML out
	RESTJSON                 // restJson1: paths, JSON bodies
	RESTXML                  // restXml: S3
	EC2                      // ec2Query: a form in, XML out, in Amazon EC2's own manner
)

// Call is one AWS API request, read far enough to be routed.
type Call struct {
	Service       string     // signing name in the credential scope: "servicecatalog", "sso", "s3" …
	Operation     string     // "ProvisionProduct"; empty when the request names none
	Region        string     // Region of the credential scope
	AccessKey     string     // access key id of the credential scope
	RequestID     string     // id that the answer carries
	Caller        Caller     // who the access key is
	Protocol      Protocol   // how the answer is written
	JSONType      string     // Content-Type of a JSON answer: application/x-amz-json-1.0 or -1.1
	MessageMember string     // how the service spells the message of an error in JSON; empty: message
	Body          []byte     // the body as it was sent
	Form          url.Values // the decoded form of a [Query] or [EC2] request
	Request       *http.Request
}

// Caller is the principal behind an access key.
type Caller struct {
	Account string // "111111111111"
	ARN     string // "arn:aws:sts::222222222222:assumed-role/Admin/session"
	UserID  string // "AROA…:session"
}

// Service is one AWS service: it names the operation of a request, and answers it.
type Service interface {
	// Name is the service's signing name, as it stands in the credential scope.
	Name() string
	// Resolve fills in the call's Protocol, Operation and Form. An operation that the service knows by name but does not
	// implement keeps its name.
	Resolve(*Call)
	// Implements says whether the service answers the operation; the router answers 501 for all others.
	Implements(operation string) bool
	// Implemented lists the operations that the service answers, sorted.
	Implemented() []string
	// Serve answers a call whose operation is implemented.
	Serve(http.ResponseWriter, *Call)
}

// Error is an AWS error answer.
type Error struct {
	Code      string         // "ResourceNotFoundException", without a namespace
	Message   string         // what AWS says
	Status    int            // HTTP status; 0 is 400
	Namespace string         // put before the code in __type, "com.amazonaws.dynamodb.v20120810"
	QueryCode string         // code in the query protocol where it differs, sent as x-amzn-query-error too
	Members   map[string]any // further members of the error body: CancellationReasons, Item …; a Message stands instead of message in JSON
}

// Error returns code and message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Fail makes an error answer with HTTP status 400.
func Fail(code, message string) *Error { return &Error{Code: code, Message: message} }

// Unsupported is the answer to a request that is well-formed for AWS but uses what the sandbox does not implement. The
// router counts it as unknown and answers 501.
type Unsupported struct{ What string }

// Error says what is not implemented.
func (u *Unsupported) Error() string { return "the sandbox does not implement " + u.What }
