// Package awstest answers for AWS where the sandbox can't: with an error of any code, with no answer at all, with pages
// that hold nothing. It is for the tests of the adapters.
package awstest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// Config is a configuration of the SDK whose requests go to the transport: management account, us-east-1, one attempt
// each.
func Config(transport http.RoundTripper) aws.Config {
	return aws.Config{
		Region:       "us-east-1",
		Credentials:  credentials.NewStaticCredentialsProvider("AKIAIOSFODNN7EXAMPLE", "secret", ""),
		HTTPClient:   &http.Client{Transport: transport},
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
		BaseEndpoint: aws.String("http://127.0.0.1"),
	}
}

// Transport answers requests by itself. It is safe for concurrent use.
type Transport struct {
	// Answer gives the body of an answer (anything that JSON can hold; a string is XML as it stands), or an [Error]. Operation is "ListAccounts", for
	// Control Tower "list-baselines", and empty for S3; the input is the request's JSON body.
	Answer func(operation string, input map[string]any) (any, error)

	mu    sync.Mutex
	calls map[string]int
}

// Calls is how many requests of an operation were made.
func (t *Transport) Calls(operation string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.calls[operation]
}

// Error is an error answer of AWS. With Members it has further members, as ConstraintViolationException its Reason.
type Error struct {
	Code, Message string
	Members       map[string]any
	Status        int // 0 is 400
}

// Error gives the code.
func (e *Error) Error() string { return e.Code }

// ErrLost makes the answer to a request get lost.
var ErrLost = errors.New("connection reset by peer")

// Always answers every request in the same way.
func Always(err error) *Transport {
	return &Transport{Answer: func(string, map[string]any) (any, error) { return nil, err }}
}

var signedFor = regexp.MustCompile(`Credential=[^/]+/\d+/[^/]*/([^/]+)/aws4_request`)

// RoundTrip answers in the protocol of the service that the request is signed for.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	var body []byte
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }() // nothing is left to read
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	var input map[string]any
	operation := operationOf(r)
	if form, err := url.ParseQuery(string(body)); err == nil && form.Get("Action") != "" {
		operation = form.Get("Action")
	}
	_ = json.Unmarshal(body, &input) // S3 and the query protocol send something else
	t.mu.Lock()
	if t.calls == nil {
		t.calls = map[string]int{}
	}
	t.calls[operation]++
	t.mu.Unlock()

	out, err := t.Answer(operation, input)
	var refused *Error
	switch {
	case errors.As(err, &refused):
		return refused.response(r), nil
	case err != nil:
		return nil, err
	}
	if body, ok := out.(string); ok {
		return response(r, http.StatusOK, "text/xml", []byte(body)), nil
	}
	answer, err := json.Marshal(out)
	if err != nil {
		return nil, err
	}
	return response(r, http.StatusOK, "application/x-amz-json-1.1", answer), nil
}

func operationOf(r *http.Request) string {
	if _, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		return operation
	}
	return strings.TrimPrefix(r.URL.Path, "/")
}

func (e *Error) response(r *http.Request) *http.Response {
	status := e.Status
	if status == 0 {
		status = http.StatusBadRequest
	}
	service := ""
	if found := signedFor.FindStringSubmatch(r.Header.Get("Authorization")); found != nil {
		service = found[1]
	}
	switch service {
	case "s3":
		return response(r, status, "application/xml", fmt.Appendf(nil, "<Error><Code>%s</Code><Message>%s</Message></Error>", e.Code, e.Message))
	case "sns", "sts", "iam", "cloudformation":
		return response(r, status, "text/xml", fmt.Appendf(nil,
			"<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>", e.Code, e.Message))
	}
	members := map[string]any{"__type": e.Code, "message": e.Message}
	for name, value := range e.Members {
		members[name] = value
	}
	body, err := json.Marshal(members)
	if err != nil {
		panic("awstest: " + err.Error()) // a test gave a member that JSON does not know
	}
	answer := response(r, status, "application/x-amz-json-1.1", body)
	answer.Header.Set("X-Amzn-Errortype", e.Code)
	return answer
}

func response(r *http.Request, status int, kind string, body []byte) *http.Response {
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r, ContentLength: int64(len(body)),
		Header: http.Header{"Content-Type": {kind}, "X-Amzn-Requestid": {"request-1"}, "X-Amz-Request-Id": {"request-1"}},
		Body:   io.NopCloser(bytes.NewReader(body)),
	}
}
