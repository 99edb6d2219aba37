package wire_test

import (
	"encoding/json"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

type input struct {
	Name   string            `json:"Name"`
	Count  *int              `json:"Count"`
	Ratio  float64           `json:"Ratio"`
	On     bool              `json:"On"`
	Blob   []byte            `json:"Blob"`
	When   wire.Time         `json:"When"`
	Inner  *inner            `json:"Inner"`
	Items  []inner           `json:"Items"`
	Names  []string          `json:"Names" query:"Label,flat"`
	Map    map[string]string `json:"Map"`
	Flat   map[string]string `json:"Flat" query:"Attribute,flat,key=Name,value=Value"`
	Values map[string]inner  `json:"Values" query:",key=Name,value=Value"`
}

type inner struct {
	ID     string   `json:"Id"`
	Labels []string `json:"Labels"`
}

func decode(body string) (*input, error) {
	var got *input
	s := &wire.RPC{Operations: map[string]wire.Operation{"Look": wire.Op(func(_ *wire.Call, in *input) (*struct{}, error) {
		got = in
		return nil, nil
	})}}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	c := &wire.Call{Request: r, Body: []byte(body)}
	if strings.HasPrefix(body, "{") {
		r.Header.Set("X-Amz-Target", "Look")
	}
	s.Resolve(c)
	if !s.Implements(c.Operation) {
		return nil, wire.Fail("NoOperation", c.Operation) // as the router does
	}
	w := httptest.NewRecorder()
	s.Serve(w, c)
	if w.Code != http.StatusOK {
		return nil, &wire.Error{Code: strconv.Itoa(w.Code), Message: w.Body.String()}
	}
	return got, nil
}

func TestDecode(t *testing.T) {
	t.Parallel()
	two := 2
	for name, test := range map[string]struct {
		body string
		want input
	}{
		"a form with every kind of member": {
			"Action=Look&Version=1&Name=n&Count=2&Ratio=0.5&On=true&Blob=aGk%3D&When=2026-01-02T03:04:05Z&Inner.Id=i&Inner.Labels.member.1=x",
			input{
				Name: "n", Count: &two, Ratio: 0.5, On: true, Blob: []byte("hi"),
				When: wire.Time{Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}, Inner: &inner{ID: "i", Labels: []string{"x"}},
			},
		},
		"lists in the order of their numbers": {
			"Action=Look&Items.member.10.Id=j&Items.member.2.Id=b&Items.member.2.Labels.member.1=l&Label.2=y&Label.1=x",
			input{Items: []inner{{ID: "b", Labels: []string{"l"}}, {ID: "j"}}, Names: []string{"x", "y"}},
		},
		"an empty list is there":                             {"Action=Look&Items=", input{Items: []inner{}}},
		"an empty flat list is there, as botocore writes it": {"Action=Look&Names=", input{Names: []string{}}},
		"maps, wrapped, flat and of structures": {
			"Action=Look&Map.entry.1.key=a&Map.entry.1.value=1&Attribute.1.Name=b&Attribute.1.Value=2&Values.entry.1.Name=c&Values.entry.1.Value.Id=3",
			input{Map: map[string]string{"a": "1"}, Flat: map[string]string{"b": "2"}, Values: map[string]inner{"c": {ID: "3"}}},
		},
		"JSON, null as absent, a fraction of a second": {
			`{"Name":"n","Count":2,"Inner":null,"When":1767323045.25,"Blob":"aGk=","Items":[{"Id":"b"}]}`,
			input{
				Name: "n", Count: &two, Blob: []byte("hi"), Items: []inner{{ID: "b"}},
				When: wire.Time{Time: time.Date(2026, 1, 2, 3, 4, 5, 250_000_000, time.UTC)},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := decode(test.body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ body, want string }{
		"a parameter that nobody knows":          {"Action=Look&Nmae=n", "NotImplemented"},
		"a nested parameter that nobody knows":   {"Action=Look&Inner.Nmae=n", "Inner.Nmae"},
		"a member that nobody knows":             {`{"Nmae":"n"}`, "NotImplemented"},
		"a member of an item that nobody knows":  {`{"Items":[{"Nmae":"n"}]}`, "NotImplemented"},
		"a number that is none":                  {"Action=Look&Count=two", "MalformedInput"},
		"a list without numbers":                 {"Action=Look&Items.member.x.Id=1", "MalformedInput"},
		"a structure where a value should stand": {"Action=Look&Name.x=1", "MalformedInput"},
		"a value where a structure should stand": {"Action=Look&Inner=1", "MalformedInput"},
		"a map's entry without its key":          {"Action=Look&Map.entry.1.value=1", "MalformedInput"},
		"JSON that is none":                      {`{"Name":`, "SerializationException"},
		"JSON of another type":                   {`{"Name":1}`, "SerializationException"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := decode(test.body); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

type output struct {
	Name    string            `json:"Name,omitempty"`
	Count   *int              `json:"Count,omitempty"`
	When    wire.Time         `json:"When,omitzero"`
	ISO     wire.ISOTime      `json:"ISO,omitzero"`
	Items   []inner           `json:"Items"`
	Missing []string          `json:"Missing,omitempty"`
	Names   []string          `json:"Names,omitempty" query:"Label,flat"`
	Map     map[string]string `json:"Map,omitempty"`
	Flat    map[string]string `json:"Flat,omitempty" query:"Attribute,flat,key=Name,value=Value"`
}

func answer(c *wire.Call, out any, err error) *httptest.ResponseRecorder {
	s := &wire.RPC{XMLNS: "http://x/", Namespace: "com.x", Operations: map[string]wire.Operation{
		"Look": func(*wire.Call) (any, error) { return out, err },
	}}
	w := httptest.NewRecorder()
	c.Operation, c.RequestID = "Look", "id-1"
	s.Serve(w, c)
	return w
}

func TestAServiceSpellsItsMessages(t *testing.T) {
	t.Parallel()
	e := wire.Fail("Bad", "m")
	s := &wire.RPC{Target: "T.", Message: "Message", Operations: map[string]wire.Operation{"Look": func(*wire.Call) (any, error) { return nil, e }}}
	for range 2 { // the error itself stays as it is
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set("X-Amz-Target", "T.Look")
		c := &wire.Call{Request: r}
		s.Resolve(c)
		s.Serve(w, c)
		if got, want := strings.TrimSpace(w.Body.String()), `{"Message":"m","__type":"Bad"}`; got != want || e.Members != nil {
			t.Errorf("got %s, want %s; the error has members %v", got, want, e.Members)
		}
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	zero := 0
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	full := &output{
		Name: "<a>", Count: &zero, When: wire.Time{Time: at}, ISO: wire.ISOTime{Time: at}, Items: []inner{{ID: "1", Labels: []string{"x"}}},
		Names: []string{"p", "q"}, Map: map[string]string{"b": "2", "a": "1"}, Flat: map[string]string{"k": "v"},
	}
	for name, test := range map[string]struct {
		protocol wire.Protocol
		out      any
		err      error
		status   int
		want     string
	}{
		"JSON": {
			wire.JSON, full, nil, 200,
			`{"Name":"<a>","Count":0,"When":1767323045,"ISO":"2026-01-02T03:04:05.000Z","Items":[{"Id":"1","Labels":["x"]}],` +
				`"Names":["p","q"],"Map":{"a":"1","b":"2"},"Flat":{"k":"v"}}`,
		},
		"JSON without a result": {wire.JSON, (*output)(nil), nil, 200, ``},
		"a query": {
			wire.Query, full, nil, 200,
			`<LookResponse xmlns="http://x/"><LookResult><Name>&lt;a&gt;</Name><Count>0</Count><When>2026-01-02T03:04:05.000Z</When>` +
				`<ISO>2026-01-02T03:04:05.000Z</ISO><Items><member><Id>1</Id><Labels><member>x</member></Labels></member></Items>` +
				`<Label>p</Label><Label>q</Label><Map><entry><key>a</key><value>1</value></entry><entry><key>b</key><value>2</value></entry></Map>` +
				`<Attribute><Name>k</Name><Value>v</Value></Attribute></LookResult><ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></LookResponse>`,
		},
		"a query without a result": {
			wire.Query, nil, nil, 200,
			`<LookResponse xmlns="http://x/"><ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></LookResponse>`,
		},
		"an error in JSON": {
			wire.JSON, nil, &wire.Error{Code: "Bad", Message: "m", Status: 403, Members: map[string]any{"Reason": "R"}},
			403, `{"Reason":"R","__type":"com.x#Bad","message":"m"}`,
		},
		"an error that spells its message": {
			wire.JSON, nil, &wire.Error{Code: "Bad", Message: "m", Members: map[string]any{"Message": "m"}}, 400, `{"Message":"m","__type":"com.x#Bad"}`,
		},
		"an error in restJson1": {wire.RESTJSON, nil, wire.Fail("Bad", "m"), 400, `{"message":"m"}`},
		"an error of a query": {
			wire.Query, nil, &wire.Error{Code: "Bad", QueryCode: "X.Bad", Message: "m & m"}, 400,
			`<ErrorResponse><Error><Type>Sender</Type><Code>X.Bad</Code><Message>m &amp; m</Message><Detail/></Error><RequestId>id-1</RequestId></ErrorResponse>`,
		},
		"an error of S3": {
			wire.RESTXML, nil, &wire.Error{Code: "NoSuchKey", Status: 404, Message: "m", Members: map[string]any{"Key": "k"}}, 404,
			`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<Error><Code>NoSuchKey</Code><Message>m</Message><Key>k</Key><RequestId>id-1</RequestId><HostId>aWQtMQ==</HostId></Error>`,
		},
		"what is not implemented": {
			wire.JSON, nil, &wire.Unsupported{What: "x"}, 501, `{"__type":"com.x#NotImplemented","message":"the sandbox does not implement x"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := answer(&wire.Call{Protocol: test.protocol, Service: "dynamodb"}, test.out, test.err)
			if diff := cmp.Diff(test.want, strings.TrimSuffix(w.Body.String(), "\n")); diff != "" {
				t.Errorf("body (-want +got)\n%s", diff)
			}
			if w.Code != test.status {
				t.Errorf("status %d, want %d", w.Code, test.status)
			}
			if got := w.Header().Get("X-Amz-Crc32"); test.protocol == wire.JSON && got != strconv.FormatUint(uint64(crc32.ChecksumIEEE(w.Body.Bytes())), 10) {
				t.Errorf("X-Amz-Crc32 is %s, and not that of the body", got)
			}
		})
	}
}

func TestInvalid(t *testing.T) {
	t.Parallel()
	var none wire.Invalid
	if err := none.Err(); err != nil {
		t.Error(err)
	}
	var i wire.Invalid
	i.Required("name", "")
	i.Length("title", "abc", 1, 2)
	i.Enum("state", "ON", "UP", "DOWN")
	n := 7
	i.Range("size", &n, 1, 5)
	want := "ValidationException: 4 validation errors detected: Value null at 'name' failed to satisfy constraint: Member must not be null; " +
		"Value 'abc' at 'title' failed to satisfy constraint: Member must have length less than or equal to 2; " +
		"Value 'ON' at 'state' failed to satisfy constraint: Member must satisfy enum value set: [UP, DOWN]; " +
		"Value '7' at 'size' failed to satisfy constraint: Member must have value less than or equal to 5"
	if diff := cmp.Diff(want, i.Err().Error()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func FuzzDecodeForm(f *testing.F) {
	f.Add("Action=Look&Items.member.1.Id=1&Map.entry.1.key=a&Label.1=x")
	f.Add("Action=Look&Inner.Id=1&Count=9999999999999999999999")
	f.Add("Action=Look&....=1&Items.member.01=")
	f.Fuzz(func(t *testing.T, form string) {
		got, err := decode("Action=Look&" + form) // must not panic
		if err == nil && !strings.HasPrefix(form, "{") {
			if _, err := json.Marshal(got); err != nil {
				t.Error(err)
			}
		}
	})
}
