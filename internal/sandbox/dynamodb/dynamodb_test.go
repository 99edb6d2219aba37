package dynamodb_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox/dynamodb"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// land is a world with its DynamoDB, and a clock that stands still until the test moves it.
type land struct {
	t       testing.TB
	world   *world.World
	service wire.Service

	mu  sync.Mutex
	now time.Time
}

func newLand(t testing.TB) *land {
	t.Helper()
	l := &land{t: t, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	l.serve(nil, l.clock)
	return l
}

func (l *land) serve(file []byte, now func() time.Time) {
	l.t.Helper()
	w, err := world.New(file, 1, now)
	if err != nil {
		l.t.Fatal(err)
	}
	l.world, l.service = w, dynamodb.New(w)
}

func (l *land) clock() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

// pass moves the clock.
func (l *land) pass(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = l.now.Add(d)
}

var scope = regexp.MustCompile(`Credential=([^/]+)/[^/]+/([^/]+)/`)

// RoundTrip lets the SDK's client talk to the service without a network.
func (l *land) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	c := &wire.Call{Service: "dynamodb", RequestID: "request", Region: "us-east-1", AccessKey: "key", Body: body, Request: r}
	if m := scope.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		c.AccessKey, c.Region = m[1], m[2]
	}
	w := httptest.NewRecorder()
	if l.service.Resolve(c); l.service.Implements(c.Operation) {
		l.service.Serve(w, c)
	} else {
		wire.WriteError(w, c, "", &wire.Unsupported{What: c.Operation})
	}
	return w.Result(), nil
}

func (l *land) client() *sdk.Client { return l.clientIn("us-east-1", "key") }

func (l *land) clientIn(region, key string) *sdk.Client {
	return sdk.New(sdk.Options{
		Region:       region,
		BaseEndpoint: aws.String("http://sandbox"),
		HTTPClient:   &http.Client{Transport: l},
		Retryer:      aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: key, SecretAccessKey: "secret"}, nil
		}),
	})
}

// call sends a request as it stands and returns the answer as compact JSON with sorted members.
func (l *land) call(operation, in string) string {
	l.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://sandbox/", strings.NewReader(in))
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	answer, err := l.RoundTrip(r)
	if err != nil {
		l.t.Fatal(err)
	}
	var out any
	if err := json.NewDecoder(answer.Body).Decode(&out); err != nil {
		l.t.Fatalf("%s %s: %v", operation, in, err)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(out); err != nil {
		l.t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

// must is call for requests that succeed.
func (l *land) must(operation, in string) string {
	l.t.Helper()
	out := l.call(operation, in)
	if strings.Contains(out, `"__type"`) {
		l.t.Fatalf("%s %s: %s", operation, in, out)
	}
	return out
}

// refused is what a request that fails is told: the code, and the message.
func (l *land) refused(operation, in string) string {
	l.t.Helper()
	var e struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	out := l.call(operation, in)
	if err := json.Unmarshal([]byte(out), &e); err != nil || e.Type == "" {
		l.t.Fatalf("%s %s was not refused: %s", operation, in, out)
	}
	return e.Type[strings.IndexByte(e.Type, '#')+1:] + ": " + e.Message
}

// queue makes the table that most tests use, and lets it become ACTIVE.
func (l *land) queue() *land {
	l.t.Helper()
	l.must("CreateTable", `{"TableName":"queue","BillingMode":"PAY_PER_REQUEST",
		"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],
		"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"S"},
			{"AttributeName":"due","AttributeType":"N"},{"AttributeName":"lane","AttributeType":"S"}],
		"GlobalSecondaryIndexes":[
			{"IndexName":"timer","KeySchema":[{"AttributeName":"lane","KeyType":"HASH"},{"AttributeName":"due","KeyType":"RANGE"}],
			 "Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["stage"]}},
			{"IndexName":"whole","KeySchema":[{"AttributeName":"lane","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}]}`)
	l.pass(time.Second)
	return l
}

// expect compares an answer; members of want may stand in any order.
func (l *land) expect(sentence, got, want string) {
	l.t.Helper()
	var g, w any
	if err := json.Unmarshal([]byte(got), &g); err != nil {
		l.t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		l.t.Fatalf("%s: %v in %s", sentence, err, want)
	}
	if diff := cmp.Diff(w, g); diff != "" {
		l.t.Errorf("%s (-want +got):\n%s", sentence, diff)
	}
}

func quoted(text string) string {
	raw, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func decode(text string) (string, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	return string(raw), err
}

// cutPage is the items of a page, and its LastEvaluatedKey or "".
func cutPage(t *testing.T, page string) (items []string, last string) {
	t.Helper()
	var p struct {
		Items            []json.RawMessage
		LastEvaluatedKey json.RawMessage
	}
	if err := json.Unmarshal([]byte(page), &p); err != nil {
		t.Fatal(err)
	}
	for _, i := range p.Items {
		items = append(items, string(i))
	}
	return items, string(p.LastEvaluatedKey)
}
