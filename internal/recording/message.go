package recording

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/vend-cli/vend/internal/pattern"
)

// own are the services in which the pipeline keeps its own data: of them only operations, outcomes and sizes are recorded.
var own = map[string]bool{"s3": true, "dynamodb": true, "sqs": true, "sns": true, "logs": true}

// kept are the headers that are recorded.
var kept = []string{"Content-Type", "X-Amz-Target", "X-Amzn-Errortype"}

// scope is the service, the Region and the access key in the credential scope of a signed request.
func scope(r *http.Request) (service, region, key string) {
	_, rest, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	rest, _, _ = strings.Cut(rest, ",")
	parts := strings.Split(strings.TrimSpace(rest), "/")
	if n := len(parts); n >= 5 {
		return parts[n-2], parts[n-3], strings.Join(parts[:n-4], "/")
	}
	return "unsigned", "", ""
}

// operation names what a request asks for.
func operation(service string, r *http.Request, body []byte) string {
	if _, name, found := strings.Cut(r.Header.Get("X-Amz-Target"), "."); found {
		return name
	}
	if form, err := url.ParseQuery(string(body)); err == nil && form.Get("Action") != "" {
		return form.Get("Action")
	}
	if name := r.URL.Query().Get("x-id"); name != "" {
		return name
	}
	if service == "s3" {
		return r.Method
	}
	return pathOf(r)
}

// fixed is a path that a service has for one of its operations.
var fixed = pattern.Compile(`^/[a-z-]*$`)

func pathOf(r *http.Request) string {
	if fixed.MatchString(r.URL.Path) {
		return r.URL.Path
	}
	return "/…"
}

func (d *redactor) request(service string, r *http.Request, body []byte) Message {
	m := Message{Method: r.Method, Header: d.header(r.Header), Bytes: max(int64(len(body)), r.ContentLength)}
	if own[service] {
		m.Withheld = true
		return m
	}
	m.Path = pathOf(r)
	m.Body, m.Withheld = d.body(r.Header.Get("Content-Type"), body)
	return m
}

func (d *redactor) answer(service string, r *http.Response, body []byte) Message {
	m := Message{Status: r.StatusCode, Header: d.header(r.Header), Bytes: max(int64(len(body)), r.ContentLength)}
	m.Body, m.Withheld = d.body(r.Header.Get("Content-Type"), body)
	if own[service] {
		m.Withheld = true
		m.Body = only(m.Body, "__type", "message", "Code", "Message")
	}
	return m
}

// only is what a body says under these names at its top, or in the one element that it has there.
func only(body any, names ...string) any {
	object, _ := body.(map[string]any)
	left := map[string]any{}
	for _, name := range names {
		if value, found := object[name]; found {
			left[name] = value
		}
	}
	if len(left) == 0 && len(object) == 1 {
		for _, inner := range object {
			return only(inner, names...)
		}
	}
	if len(left) == 0 {
		return nil
	}
	return left
}

func (d *redactor) header(h http.Header) map[string]string {
	left := map[string]string{}
	for _, name := range kept {
		if value := h.Get(name); ofAWS.MatchString(value) {
			left[name] = value
		}
	}
	if len(left) == 0 {
		return nil
	}
	return left
}

// body reads a body by its type, and redacts it. One of another type, or that can't be read, is withheld.
func (d *redactor) body(contentType string, raw []byte) (body any, withheld bool) {
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, false
	}
	tree, err := decode(contentType, raw)
	if err != nil {
		return nil, true
	}
	d.withheld = false
	redacted := d.tree("", tree)
	if form, ok := redacted.(map[string]any); ok && strings.Contains(contentType, "form") {
		for _, name := range []string{"Action", "Version"} { // which the SDK says, not its user
			form[name] = tree.(map[string]any)[name]
		}
	}
	return redacted, d.withheld
}

func decode(contentType string, raw []byte) (tree any, err error) {
	switch {
	case strings.Contains(contentType, "json"):
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		err = decoder.Decode(&tree)
	case strings.Contains(contentType, "xml"):
		tree, err = elements(xml.NewDecoder(bytes.NewReader(raw)))
	case strings.Contains(contentType, "x-www-form-urlencoded"):
		tree, err = fields(string(raw))
	default:
		err = errors.ErrUnsupported
	}
	return tree, err
}

func fields(raw string) (any, error) {
	form, err := url.ParseQuery(raw)
	if err != nil {
		return nil, err
	}
	tree := map[string]any{}
	for name, values := range form {
		tree[name] = values[0]
	}
	return tree, nil
}

// elements reads XML: an element with others in it is an object, a list where they are called member or item, and a text
// where there are none. Attributes say nothing in AWS's answers but the namespace.
func elements(d *xml.Decoder) (any, error) {
	top := map[string]any{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && len(top) > 0 {
			return top, nil
		}
		if err != nil {
			return nil, err
		}
		if start, ok := token.(xml.StartElement); ok {
			if top[start.Name.Local], err = element(d); err != nil {
				return nil, err
			}
		}
	}
}

func element(d *xml.Decoder) (any, error) {
	var text strings.Builder
	var list []any
	object := map[string]any{}
	for {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			inner, err := element(d)
			if err != nil {
				return nil, err
			}
			if t.Name.Local == "member" || t.Name.Local == "item" {
				list = append(list, inner)
			} else {
				object[t.Name.Local] = inner
			}
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			switch {
			case list != nil:
				return list, nil
			case len(object) > 0:
				return object, nil
			}
			return text.String(), nil
		}
	}
}
