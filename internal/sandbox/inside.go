package sandbox

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/cloudformation"
	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// inside answers what CloudFormation asks of another service while it changes a stack: faults that are posted for the operation
// hit it, hooks and counters do not see it, for nobody has sent such a request.
func (s *Sandbox) inside(in cloudformation.Call) (status int, body []byte) {
	r := &http.Request{
		Method: in.Method, URL: &url.URL{Path: in.Path, RawQuery: in.RawQuery}, Host: in.Host, Header: http.Header{},
		Body: io.NopCloser(bytes.NewReader(in.Body)), ContentLength: int64(len(in.Body)), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	r.RequestURI = r.URL.RequestURI()
	if in.ContentType != "" {
		r.Header.Set("Content-Type", in.ContentType)
	}
	c := &wire.Call{Service: in.Service, Operation: in.Operation, Region: in.Region, AccessKey: in.AccessKey, Body: in.Body, JSONType: in.ContentType, Request: r}
	switch {
	case in.Target != "":
		r.Header.Set("X-Amz-Target", in.Target)
		c.Protocol = wire.JSON
	case strings.HasPrefix(in.ContentType, "application/x-www-form-urlencoded"):
		c.Protocol = wire.Query
	case in.Service == "s3":
		c.Protocol = wire.RESTXML
	}
	s.world.Do(func() {
		c.RequestID = s.world.UUID("request")
		c.Caller = wire.Caller(s.world.Caller(in.AccessKey))
	})
	a := &answer{header: http.Header{}}
	fault := s.faults.api(in.Service + "." + in.Operation)
	if fault != nil && fault.Kind == kindError {
		a.fail(c, fault.Code, fault.Message, fault.Status)
		return a.status, a.body.Bytes()
	}
	service := s.services[in.Service]
	if service == nil {
		return 0, nil
	}
	service.Resolve(c)
	if !service.Implements(c.Operation) {
		return 0, nil
	}
	service.Serve(a, c)
	if fault != nil && fault.Kind == kindErrorAfterEffect {
		a.fail(c, fault.Code, fault.Message, fault.Status)
	}
	return a.status, a.body.Bytes()
}
