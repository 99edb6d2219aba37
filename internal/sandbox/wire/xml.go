package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// writeQuery answers with <XResponse><XResult>…</XResult><ResponseMetadata/></XResponse>.
func writeQuery(w http.ResponseWriter, c *Call, xmlns string, out any) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<%sResponse xmlns="%s">`, c.Operation, xmlns)
	if !isNil(out) {
		element(&b, spelling{name: c.Operation + "Result"}, reflect.ValueOf(out))
	}
	b.WriteString("<ResponseMetadata>")
	text(&b, "RequestId", c.RequestID)
	fmt.Fprintf(&b, "</ResponseMetadata></%sResponse>\n", c.Operation)
	w.Header().Set("X-Amzn-Requestid", c.RequestID)
	writeXML(w, http.StatusOK, "text/xml", b.Bytes())
}

// writeQueryError answers with <ErrorResponse>; services that answer in JSON, too, have other codes here.
func writeQueryError(w http.ResponseWriter, c *Call, status int, e *Error) {
	code, fault := e.Code, "Sender"
	switch {
	case e.QueryCode != "":
		code = e.QueryCode
	case code == "ValidationException": // what the framework finds has another name here: see [Invalid]
		code = "ValidationError"
	}
	if status >= http.StatusInternalServerError {
		fault = "Receiver"
	}
	var b bytes.Buffer
	b.WriteString("<ErrorResponse><Error>")
	text(&b, "Type", fault)
	text(&b, "Code", code)
	text(&b, "Message", e.Message)
	b.WriteString("<Detail/></Error>")
	text(&b, "RequestId", c.RequestID)
	b.WriteString("</ErrorResponse>\n")
	w.Header().Set("X-Amzn-Requestid", c.RequestID)
	writeXML(w, status, "text/xml", b.Bytes())
}

// writeEC2 answers in Amazon EC2's manner: the members stand beside the request's id.
func writeEC2(w http.ResponseWriter, c *Call, xmlns string, out any) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<%sResponse xmlns="%s">`, c.Operation, xmlns)
	text(&b, "requestId", c.RequestID)
	if !isNil(out) {
		for _, f := range fields(reflect.ValueOf(out).Elem()) {
			element(&b, f.spelling, f.value)
		}
	}
	fmt.Fprintf(&b, "</%sResponse>\n", c.Operation)
	w.Header().Set("X-Amzn-Requestid", c.RequestID)
	writeXML(w, http.StatusOK, "text/xml;charset=UTF-8", b.Bytes())
}

// writeEC2Error answers with <Response><Errors>.
func writeEC2Error(w http.ResponseWriter, c *Call, status int, e *Error) {
	var b bytes.Buffer
	b.WriteString(xml.Header + "<Response><Errors><Error>")
	text(&b, "Code", e.Code)
	text(&b, "Message", e.Message)
	b.WriteString("</Error></Errors>")
	text(&b, "RequestID", c.RequestID)
	b.WriteString("</Response>")
	w.Header().Set("X-Amzn-Requestid", c.RequestID)
	writeXML(w, status, "text/xml;charset=UTF-8", b.Bytes())
}

// writeXMLError answers in S3's manner: one <Error>, members as further elements.
func writeXMLError(w http.ResponseWriter, c *Call, status int, e *Error) {
	var b bytes.Buffer
	b.WriteString(xml.Header + "<Error>")
	text(&b, "Code", e.Code)
	text(&b, "Message", e.Message)
	names := make([]string, 0, len(e.Members))
	for name := range e.Members {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		text(&b, name, fmt.Sprint(e.Members[name]))
	}
	text(&b, "RequestId", c.RequestID)
	text(&b, "HostId", hostID(c))
	b.WriteString("</Error>")
	w.Header().Set("X-Amz-Request-Id", c.RequestID)
	w.Header().Set("X-Amz-Id-2", hostID(c))
	writeXML(w, status, "application/xml", b.Bytes())
}

func hostID(c *Call) string { return base64.StdEncoding.EncodeToString([]byte(c.RequestID)) }

func writeXML(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone away is its own problem
}

// element writes one named value; lists are <member>s and maps <entry>s inside it, or repeat the name where they are flat.
func element(b *bytes.Buffer, s spelling, v reflect.Value) {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return
		}
		v, s.omit = v.Elem(), false
	}
	if s.omit && absent(v) {
		return
	}
	switch {
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8:
		item := spelling{name: "member"}
		if s.item {
			item.name = "item"
		}
		if s.flat {
			item.name = s.name
		}
		wrapped(b, s, func() {
			for i := range v.Len() {
				element(b, item, v.Index(i))
			}
		})
	case v.Kind() == reflect.Map:
		item := "entry"
		if s.flat {
			item = s.name
		}
		wrapped(b, s, func() {
			for _, key := range slices.SortedFunc(slices.Values(v.MapKeys()), byText) {
				open(b, item)
				text(b, s.key, key.String())
				element(b, spelling{name: s.value}, v.MapIndex(key))
				closing(b, item)
			}
		})
	case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[Time]() && v.Type() != reflect.TypeFor[ISOTime]():
		open(b, s.name)
		for _, f := range fields(v) {
			element(b, f.spelling, f.value)
		}
		closing(b, s.name)
	default:
		text(b, s.name, scalar(v))
	}
}

func byText(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) }

func wrapped(b *bytes.Buffer, s spelling, inner func()) {
	if s.flat {
		inner()
		return
	}
	open(b, s.name)
	inner()
	closing(b, s.name)
}

func scalar(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case Time:
		return iso(x.Time)
	case ISOTime:
		return iso(x.Time)
	case []byte:
		return base64.StdEncoding.EncodeToString(x)
	default:
		return fmt.Sprint(x)
	}
}

func absent(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	default:
		return v.IsZero()
	}
}

func text(b *bytes.Buffer, name, value string) {
	open(b, name)
	_ = xml.EscapeText(b, []byte(value)) // a buffer takes everything
	closing(b, name)
}

func open(b *bytes.Buffer, name string)    { b.WriteString("<" + name + ">") }
func closing(b *bytes.Buffer, name string) { b.WriteString("</" + name + ">") }
