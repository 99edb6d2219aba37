package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Operation answers one operation of an [RPC] service.
type Operation func(*Call) (any, error)

// Op makes an [Operation] of a function over plain structs. Inputs are decoded strictly: a member that In does not have
// is [Unsupported], so nothing that a client asks for is silently left out.
func Op[In, Out any](f func(*Call, *In) (*Out, error)) Operation {
	return func(c *Call) (any, error) {
		in := new(In)
		if err := c.Decode(in); err != nil {
			return nil, err
		}
		out, err := f(c, in)
		if err != nil {
			return nil, err
		}
		return out, nil
	}
}

// RPC is a service that speaks awsJson or awsQuery, or both, over one path; or restJson1 with fixed paths.
type RPC struct {
	SigningName string               // "servicecatalog"
	Target      string               // prefix of X-Amz-Target with its dot: "AWS242ServiceCatalogService."
	Namespace   string               // namespace of error codes, if the service sends one
	XMLNS       string               // namespace of query answers
	Message     string               // how its errors spell their message in JSON, where it is not "message"
	EC2         bool                 // whether its query protocol is that of Amazon EC2
	Paths       map[string]string    // path to operation, where the service is restJson1: "/list-baselines": "ListBaselines"
	Operations  map[string]Operation // what is implemented
}

var _ Service = (*RPC)(nil)

// Name is the signing name.
func (s *RPC) Name() string { return s.SigningName }

// Implements says whether the table has the operation.
func (s *RPC) Implements(operation string) bool { return s.Operations[operation] != nil }

// Implemented lists the table.
func (s *RPC) Implemented() []string { return slices.Sorted(maps.Keys(s.Operations)) }

// Resolve reads the operation from X-Amz-Target, from the path, or from the form's Action.
func (s *RPC) Resolve(c *Call) {
	if s.Paths != nil {
		c.Protocol = RESTJSON
		c.Operation = s.Paths[c.Request.URL.Path]
		return
	}
	if target := c.Request.Header.Get("X-Amz-Target"); target != "" {
		c.Protocol = JSON
		c.JSONType = c.Request.Header.Get("Content-Type")
		c.MessageMember = s.Message
		if op, ok := strings.CutPrefix(target, s.Target); ok {
			c.Operation = op
		}
		return
	}
	c.Protocol = Query
	if s.EC2 {
		c.Protocol = EC2
	}
	raw := string(c.Body)
	if raw == "" {
		raw = c.Request.URL.RawQuery
	}
	if form, err := url.ParseQuery(raw); err == nil {
		c.Form = form
		c.Operation = form.Get("Action")
	}
}

// Serve decodes, answers and encodes.
func (s *RPC) Serve(w http.ResponseWriter, c *Call) {
	out, err := s.Operations[c.Operation](c)
	if err != nil {
		WriteError(w, c, s.Namespace, c.Spell(err))
		return
	}
	switch c.Protocol {
	case Query:
		writeQuery(w, c, s.XMLNS, out)
	case EC2:
		writeEC2(w, c, s.XMLNS, out)
	default:
		WriteJSON(w, c, http.StatusOK, out)
	}
}

// Decode reads the body, or the form of a [Query] request, into a struct with AWS's member names as json tags. A member
// that the struct does not have is [Unsupported].
func (c *Call) Decode(in any) error {
	if c.Protocol == Query || c.Protocol == EC2 {
		return decodeForm(c.Form, in)
	}
	body := bytes.TrimSpace(c.Body)
	if len(body) == 0 {
		body = []byte("{}")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	d.UseNumber()
	if err := d.Decode(in); err != nil {
		if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
			return &Unsupported{What: fmt.Sprintf("member %s of %s", field, c.Operation)}
		}
		return Fail("SerializationException", err.Error())
	}
	return nil
}

// Spell puts the message of an error into the member that the call's service has for it. What is refused before a service has
// looked at it is not spelled so.
func (c *Call) Spell(err error) error {
	var e *Error
	if c.MessageMember == "" || !errors.As(err, &e) {
		return err
	}
	with := *e
	with.Members = map[string]any{c.MessageMember: e.Message}
	maps.Copy(with.Members, e.Members)
	return &with
}

// WriteError answers with an error in the call's protocol. An error that is not an [Error] is an InternalFailure (500),
// an [Unsupported] is NotImplemented (501).
func WriteError(w http.ResponseWriter, c *Call, namespace string, err error) {
	var e *Error
	var u *Unsupported
	switch {
	case errors.As(err, &e):
	case errors.As(err, &u):
		e = &Error{Code: "NotImplemented", Message: u.Error(), Status: http.StatusNotImplemented}
	default:
		e = &Error{Code: "InternalFailure", Message: err.Error(), Status: http.StatusInternalServerError}
	}
	status := e.Status
	if status == 0 {
		status = http.StatusBadRequest
	}
	switch c.Protocol {
	case Query:
		writeQueryError(w, c, status, e)
	case EC2:
		writeEC2Error(w, c, status, e)
	case RESTXML:
		writeXMLError(w, c, status, e)
	default:
		if e.Namespace != "" {
			namespace = e.Namespace
		}
		body := map[string]any{}
		if _, spelled := e.Members["Message"]; !spelled {
			body["message"] = e.Message
		}
		maps.Copy(body, e.Members)
		body["__type"] = e.Code
		if namespace != "" {
			body["__type"] = namespace + "#" + e.Code
		}
		if c.Protocol == RESTJSON {
			delete(body, "__type")
			w.Header().Set("X-Amzn-Errortype", e.Code)
		}
		if e.QueryCode != "" {
			w.Header().Set("X-Amzn-Query-Error", e.QueryCode+";Sender")
		}
		WriteJSON(w, c, status, body)
	}
}
