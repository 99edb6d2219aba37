package cloudformation

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Call is what CloudFormation asks of another service, in the name of whoever changes a stack.
type Call struct {
	Service, Operation     string // "sqs", "CreateQueue"
	Host                   string // under which the sandbox was called
	Region, AccessKey      string
	Method, Path, RawQuery string // of REST services; others leave them out
	ContentType, Target    string
	Body                   []byte
}

// Calls hands a call to the service, and returns the HTTP status and the body of its answer; 0 where nobody answers for such
// a service.
type Calls func(Call) (status int, body []byte)

// hands make the resources of one stack.
type hands struct {
	calls                      Calls
	account, region, key, host string
	stack                      string
	unique                     func() string // hexadecimal digits that were not used yet
}

// refusal is an error answer of another service.
type refusal struct {
	service, code, message string
	status                 int
}

func (r *refusal) Error() string { return r.code + ": " + r.message }

// reason is how CloudFormation words it among a stack's events.
func (r *refusal) reason() string {
	handler := "GeneralServiceException"
	switch {
	case strings.Contains(r.code, "Denied") || strings.Contains(r.code, "Authorization"):
		handler = "AccessDenied"
	case missing(r):
		handler = "NotFound"
	case strings.Contains(r.code, "Exist") || strings.Contains(r.code, "AlreadyOwned"):
		handler = "AlreadyExists"
	case strings.Contains(r.code, "Throttl"):
		handler = "Throttling"
	}
	return fmt.Sprintf("Resource handler returned message: %q (RequestToken: 00000000-0000-0000-0000-000000000000, HandlerErrorCode: %s)",
		fmt.Sprintf("%s (Service: %s, Status Code: %d)", r.message, r.service, r.status), handler)
}

// missing says whether an error is that what was asked for is not there.
func missing(err error) bool {
	r, ok := errors.AsType[*refusal](err)
	return ok && (r.status == http.StatusNotFound || slices.ContainsFunc([]string{"NotFound", "NonExistent", "NoSuch", "DoesNotExist"}, func(part string) bool {
		return strings.Contains(r.code, part)
	}))
}

func (h hands) do(c Call) ([]byte, error) {
	c.Region, c.AccessKey, c.Host = h.region, h.key, h.host
	if c.Method == "" {
		c.Method, c.Path = http.MethodPost, "/"
	}
	status, body := h.calls(c)
	if status == 0 || status < http.StatusMultipleChoices {
		return body, nil
	}
	r := &refusal{service: c.Service, code: fmt.Sprint(status), message: http.StatusText(status), status: status}
	var inJSON struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	var inXML struct {
		Code    string `xml:"Code"`
		Message string `xml:"Message"`
		Error   struct {
			Code    string `xml:"Code"`
			Message string `xml:"Message"`
		} `xml:"Error"`
	}
	switch {
	case json.Unmarshal(body, &inJSON) == nil && inJSON.Type != "":
		r.code, r.message = inJSON.Type[strings.LastIndex(inJSON.Type, "#")+1:], inJSON.Message
	case xml.Unmarshal(body, &inXML) == nil && inXML.Error.Code != "":
		r.code, r.message = inXML.Error.Code, inXML.Error.Message
	case inXML.Code != "":
		r.code, r.message = inXML.Code, inXML.Message
	}
	return nil, r
}

// json calls a service that speaks JSON; out may be nil.
func (h hands) json(service, target, operation string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("write %s: %w", operation, err)
	}
	version := "1.1"
	if service == "sqs" || service == "dynamodb" {
		version = "1.0"
	}
	answer, err := h.do(Call{Service: service, Operation: operation, ContentType: "application/x-amz-json-" + version, Target: target + "." + operation, Body: body})
	if err != nil || out == nil || len(answer) == 0 {
		return err
	}
	return json.Unmarshal(answer, out)
}

// form calls a service that speaks the query protocol.
func (h hands) form(service, version, operation string, in url.Values) error {
	in.Set("Action", operation)
	in.Set("Version", version)
	_, err := h.do(Call{Service: service, Operation: operation, ContentType: "application/x-www-form-urlencoded", Body: []byte(in.Encode())})
	return err
}

// paper is a call to a service that the sandbox has not: what it would have made is only written down. A fault that is posted
// for the operation comes all the same.
func (h hands) paper(operation string) error {
	service, name, _ := strings.Cut(operation, ".")
	_, err := h.do(Call{Service: service, Operation: name})
	return err
}

func (h hands) arn(service, rest string) string {
	return "arn:aws:" + service + ":" + h.region + ":" + h.account + ":" + rest
}
