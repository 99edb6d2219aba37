package sandbox

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// maxBody is how much of a request the sandbox takes: above what the product accepts, below what hurts.
const maxBody = 256 << 20

// ServeHTTP answers one request.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Expect") == "100-continue" && r.ContentLength == 0 {
		// net/http says so only when a body is read, and there is none; botocore waits for it nevertheless, and takes the
		// answer to its next request for part of this one when it does not come.
		w.WriteHeader(http.StatusContinue)
	}
	s.date(w)
	s.stacks.Settle()
	if strings.HasPrefix(r.URL.Path, "/_sandbox/") {
		s.door(w, r)
		return
	}
	c, sig, err := s.read(r)
	service := s.services[c.Service]
	if service != nil {
		service.Resolve(c)
	}
	if err != nil {
		wire.WriteError(w, c, "", err)
		return
	}
	a := &answer{header: http.Header{}}
	drop := s.answer(a, c, sig, service)
	s.calls.finish(c.Service+"."+c.Operation, a.status, s.world.Now())
	if drop || r.Context().Err() != nil {
		panic(http.ErrAbortHandler) // net/http and the RoundTripper close the connection
	}
	s.date(w) // again: it may have taken long
	a.copyTo(w)
}

// date sets the Date header, by which clients see that their clock is wrong.
func (s *Sandbox) date(w http.ResponseWriter) {
	w.Header().Set("Date", s.world.Now().UTC().Format(http.TimeFormat))
}

// answer writes the answer into a, and says whether it is dropped on its way.
func (s *Sandbox) answer(a *answer, c *wire.Call, sig signature, service wire.Service) (drop bool) {
	request := Request{
		Sequence: s.calls.begin(), Operation: c.Service + "." + c.Operation, HTTP: c.Request, Body: c.Body,
	}
	fault := s.faults.api(request.Operation)
	if decided, drop := s.ask(request, c, a); decided {
		return drop
	}
	if service == nil || !service.Implements(c.Operation) {
		wire.WriteError(a, c, "", &wire.Unsupported{What: "operation " + request.Operation})
		return false
	}
	if err := s.accept(c, sig); err != nil {
		wire.WriteError(a, c, "", err)
		return false
	}
	if fault != nil {
		switch fault.Kind {
		case kindError:
			a.fail(c, fault.Code, fault.Message, fault.Status)
			return false
		case kindDelay:
			if !pause(c.Request.Context(), fault.Milliseconds) {
				return true
			}
		case kindFailRecord:
			s.world.Do(func() {
				if fault.Operation == createAssignment || fault.Operation == deleteAssignment {
					s.world.FailAssignment(fault.Message)
					return
				}
				s.world.FailRecord(fault.record())
			})
		case kindFailInstance:
			s.world.Do(func() { s.world.FailInstances(fault.instance()) })
		}
	}
	service.Serve(a, c)
	s.restatus(a, c)
	request.Done, request.Status = true, a.status
	if decided, drop := s.ask(request, c, a); decided {
		return drop
	}
	if fault == nil {
		return false
	}
	if fault.Kind == kindErrorAfterEffect {
		a.fail(c, fault.Code, fault.Message, fault.Status)
	}
	return fault.Kind == kindDropAfterEffect
}

// ask puts the request to the hook: does it decide, and does it drop the answer?
func (s *Sandbox) ask(r Request, c *wire.Call, a *answer) (decided, drop bool) {
	hook := s.hook.Load()
	if hook == nil {
		return false, false
	}
	v := (*hook)(r)
	if v.Code != "" {
		a.fail(c, v.Code, v.Message, v.Status)
	}
	return v.Drop || v.Code != "", v.Drop
}

// read tells what is asked and by whom. The call is good enough to answer with the error.
func (s *Sandbox) read(r *http.Request) (*wire.Call, signature, error) {
	c := &wire.Call{Request: r, JSONType: r.Header.Get("Content-Type")}
	s.world.Do(func() { c.RequestID = s.world.UUID("request") })
	c.Protocol, c.Operation = guess(r)
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	switch {
	case err != nil:
		return c, signature{}, wire.Fail("IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header.")
	case len(body) > maxBody:
		return c, signature{}, &wire.Error{Code: "RequestEntityTooLargeException", Status: http.StatusRequestEntityTooLarge, Message: "Request size exceeded"}
	}
	c.Body = body
	if form, err := url.ParseQuery(string(body)); c.Protocol == wire.Query && err == nil {
		c.Form, c.Operation = form, form.Get("Action")
	}
	sig, err := readSignature(r)
	if err != nil {
		return c, sig, err
	}
	c.Service, c.Region, c.AccessKey = sig.service, sig.region, sig.accessKey
	s.world.Do(func() { c.Caller = wire.Caller(s.world.Caller(c.AccessKey)) })
	return c, sig, nil
}

// guess names protocol and operation of a request whose service is not known, or not there.
func guess(r *http.Request) (wire.Protocol, string) {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return wire.JSON, target[strings.LastIndex(target, ".")+1:]
	}
	switch t := r.Header.Get("Content-Type"); {
	case strings.HasPrefix(t, "application/x-www-form-urlencoded"):
		return wire.Query, ""
	case strings.HasPrefix(t, "application/json"):
		return wire.RESTJSON, r.Method + " " + r.URL.Path
	default:
		return wire.RESTXML, r.Method + " " + r.URL.Path
	}
}

// answer is an HTTP answer on hold: until it is copied, nobody has seen it.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header is the header to fill in.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader sets the status, once; one that only announces another one is left out.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= http.StatusOK {
		a.status = status
	}
}

// Write adds to the body.
func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// fail replaces the answer with an error.
func (a *answer) fail(c *wire.Call, code, message string, status int) {
	*a = answer{header: http.Header{}}
	if message == "" {
		message = "A fault that was asked for."
	}
	wire.WriteError(a, c, "", c.Spell(&wire.Error{Code: code, Message: message, Status: status}))
}

func (a *answer) copyTo(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes()) // a client that has gone away is its own problem
}
