package sandbox

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// RoundTripper returns a transport that answers in the caller's own goroutine, without any network: for the demo, and for
// tests inside testing/synctest. A request whose context ends while it waits returns the context's error; an effect that
// has happened by then has happened. A dropped answer is io.ErrUnexpectedEOF.
func (s *Sandbox) RoundTripper() http.RoundTripper { return inProcess{s} }

// Handler returns the sandbox as a handler for an HTTP server.
func (s *Sandbox) Handler() http.Handler { return s }

type inProcess struct{ sandbox *Sandbox }

// RoundTrip answers one request.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }() // it was read, or nobody needs it
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	a := &answer{header: http.Header{}}
	if err := serve(t.sandbox, a, asServerSees(r)); err != nil {
		if ended := r.Context().Err(); ended != nil {
			err = ended
		}
		return nil, err
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	body := a.body.Bytes()
	if r.Method == http.MethodHead || a.status == http.StatusNoContent || a.status == http.StatusNotModified {
		body = nil
	}
	length := int64(len(body))
	if n, err := strconv.ParseInt(a.header.Get("Content-Length"), 10, 64); err == nil && r.Method == http.MethodHead {
		length = n
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: length, Request: r,
	}, nil
}

// serve runs the handler, and turns its aborting into an error.
func serve(h http.Handler, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			err = fmt.Errorf("read answer: %w", io.ErrUnexpectedEOF)
		default:
			panic(p)
		}
	}()
	h.ServeHTTP(w, r)
	return nil
}

// asServerSees turns a client's request into a server's.
func asServerSees(r *http.Request) *http.Request {
	seen := r.Clone(r.Context())
	seen.RequestURI = r.URL.RequestURI()
	seen.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	if seen.URL.Path == "" {
		seen.URL.Path = "/"
	}
	if seen.Host == "" {
		seen.Host = r.URL.Host
	}
	if r.URL.Scheme == "https" {
		seen.TLS = &tls.ConnectionState{}
	}
	if seen.Body == nil {
		seen.Body = http.NoBody
	}
	seen.Proto, seen.ProtoMajor, seen.ProtoMinor = "HTTP/1.1", 1, 1
	seen.RemoteAddr = "127.0.0.1:49152"
	return seen
}
