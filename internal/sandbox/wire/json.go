package wire

import (
	"bytes"
	"encoding/json"
	"hash/crc32"
	"net/http"
	"reflect"
	"strconv"
	"time"
)

// WriteJSON answers with a JSON body. A nil out (also a nil pointer) is an empty body, as AWS sends for operations that
// return nothing. DynamoDB's answers carry the CRC-32 of the body (Amazon DynamoDB Developer Guide, low-level API).
func WriteJSON(w http.ResponseWriter, c *Call, status int, out any) {
	var body []byte
	if !isNil(out) {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(out); err != nil {
			panic("sandbox: answer of " + c.Operation + ": " + err.Error()) // a programming error: answers are our own structs
		}
		body = bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	}
	h := w.Header()
	h.Set("Content-Type", contentType(c))
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("X-Amzn-Requestid", c.RequestID)
	if c.Service == "dynamodb" {
		h.Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone away is its own problem
}

func contentType(c *Call) string {
	switch {
	case c.Protocol == RESTJSON:
		return "application/json"
	case c.JSONType != "":
		return c.JSONType
	default:
		return "application/x-amz-json-1.1"
	}
}

func isNil(v any) bool {
	if v == nil {
		return true
	}
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Pointer && r.IsNil()
}

// Time is a timestamp: epoch seconds in awsJson, ISO-8601 in XML and forms. Tag optional ones omitzero.
type Time struct{ time.Time }

// MarshalJSON writes epoch seconds with as many of three decimals as are needed.
func (t Time) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(t.UnixMilli())/1000, 'f', -1, 64), nil
}

// UnmarshalJSON reads epoch seconds, with a fraction or without.
func (t *Time) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	var seconds float64
	if err := json.Unmarshal(b, &seconds); err != nil {
		return err
	}
	t.Time = time.UnixMilli(int64(seconds * 1000)).UTC()
	return nil
}

// ISOTime is a timestamp that is an ISO-8601 string in every protocol, as in restJson1 services. Tag optional ones omitzero.
type ISOTime struct{ time.Time }

// MarshalJSON writes an ISO-8601 string in UTC.
func (t ISOTime) MarshalJSON() ([]byte, error) { return []byte(`"` + iso(t.Time) + `"`), nil }

// UnmarshalJSON reads an ISO-8601 string.
func (t *ISOTime) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	return json.Unmarshal(b, &t.Time)
}

func iso(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
