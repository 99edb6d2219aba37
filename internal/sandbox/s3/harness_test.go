package s3_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/vend-cli/vend/internal/sandbox/s3"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// site is an S3 in a world of its own, with a clock that the test moves, and a queue that takes what is delivered.
type site struct {
	*awss3.Client
	t       *testing.T
	service wire.Service
	world   *world.World

	mu       sync.Mutex
	clock    time.Time
	requests int
	last     http.Header // of the last answer
	unknown  []string
	events   []world.Event
	messages []map[string]any
}

const queue = "arn:aws:sqs:us-east-1:111111111111:uploads"

// open starts an S3; regions other than us-east-1 and assumptions come from the world file's own form.
func open(t *testing.T, region string, assumptions ...string) *site {
	t.Helper()
	s := &site{t: t, clock: time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)}
	flipped := map[string]bool{}
	for _, name := range assumptions {
		flipped[name] = true
	}
	file, err := json.Marshal(map[string]any{
		"managementAccount": map[string]string{"id": "111111111111", "email": "management@example.com"},
		"region":            region, "assumptions": flipped, "root": map[string]any{"id": "r-ab12"},
		"timing": map[string]string{"eventDelay": "2s"},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.world, err = world.New(file, 1, s.now)
	if err != nil {
		t.Fatal(err)
	}
	s.world.Do(func() {
		s.world.OnEvent(func(e world.Event) { s.events = append(s.events, e) })
		s.world.AddTarget(func(arn string, body []byte) bool {
			if arn != queue {
				return false
			}
			message := map[string]any{}
			if err := json.Unmarshal(body, &message); err != nil {
				t.Errorf("message %q: %v", body, err)
			}
			s.messages = append(s.messages, message)
			return true
		})
	})
	s.service = s3.New(s.world)
	s.Client = s.client(region, s)
	return s
}

func (s *site) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock
}

// pass lets time go by, and what falls due happen.
func (s *site) pass(d time.Duration) {
	s.mu.Lock()
	s.clock = s.clock.Add(d)
	s.mu.Unlock()
	s.world.Do(func() {})
}

func (s *site) client(region string, transport http.RoundTripper, options ...func(*awss3.Options)) *awss3.Client {
	return awss3.New(awss3.Options{
		Region: region, BaseEndpoint: aws.String("http://127.0.0.1:1"), Retryer: aws.NopRetryer{},
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported, // as config.LoadDefaultConfig has it
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
		Credentials:                credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "secret", ""),
		HTTPClient:                 &http.Client{Transport: transport},
	}, options...)
}

// RoundTrip answers in process.
func (s *site) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	if in.Host == "" {
		in.Host = in.URL.Host
	}
	s.ServeHTTP(rec, in)
	out := rec.Result()
	out.Request = r
	return out, nil
}

// ServeHTTP is the least of a router.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	s.mu.Lock()
	s.requests++
	c := &wire.Call{
		Service: "s3", Region: s.world.Region, AccessKey: "AKIAEXAMPLE", Body: body, Request: r,
		RequestID: fmt.Sprintf("%016X", s.requests),
	}
	s.mu.Unlock()
	if _, scope, ok := strings.Cut(r.Header.Get("Authorization"), "Credential="); ok {
		c.AccessKey, c.Region = strings.Split(scope, "/")[0], strings.Split(scope, "/")[2]
	}
	s.world.Do(func() { c.Caller = wire.Caller(s.world.Caller(c.AccessKey)) })
	s.service.Resolve(c)
	if !s.service.Implements(c.Operation) {
		s.mu.Lock()
		s.unknown = append(s.unknown, c.Operation)
		s.mu.Unlock()
		wire.WriteError(w, c, "", &wire.Unsupported{What: "s3." + c.Operation})
		return
	}
	s.service.Serve(w, c)
	s.mu.Lock()
	s.last = w.Header().Clone()
	s.mu.Unlock()
}

// send is one request as it stands, without a client in between; the sum of headers is name, value, name, value.
func (s *site) send(method, target, body string, headers ...string) (int, http.Header, string) {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, "http://127.0.0.1:1"+target, strings.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, r)
	return rec.Code, rec.Header(), rec.Body.String()
}

// bucket makes a bucket, with versioning if it is named.
func (s *site) bucket(name string, versioning ...string) {
	s.t.Helper()
	if status, _, body := s.send("PUT", "/"+name, ""); status != http.StatusOK {
		s.t.Fatalf("create bucket %s: %d %s", name, status, body)
	}
	for _, v := range versioning {
		s.versioning(name, v)
	}
}

func (s *site) versioning(bucket, status string) {
	s.t.Helper()
	document := "<VersioningConfiguration><Status>" + status + "</Status></VersioningConfiguration>"
	if status, _, body := s.send("PUT", "/"+bucket+"?versioning", document); status != http.StatusOK {
		s.t.Fatalf("put versioning: %d %s", status, body)
	}
}

// put writes an object and returns its version id.
func (s *site) put(bucket, key, body string) string {
	s.t.Helper()
	out, err := s.PutObject(s.t.Context(), &awss3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(body)})
	if err != nil {
		s.t.Fatal(err)
	}
	return aws.ToString(out.VersionId)
}

// get reads an object, by version if that is not empty.
func (s *site) get(ctx context.Context, bucket, key, version string) (string, error) {
	in := &awss3.GetObjectInput{Bucket: &bucket, Key: &key}
	if version != "" {
		in.VersionId = &version
	}
	out, err := s.GetObject(ctx, in)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(out.Body)
	return string(body), errors.Join(err, out.Body.Close())
}

// code is the status and the AWS code of an error, "" of none.
func code(err error) string {
	var api smithy.APIError
	var response *awshttp.ResponseError
	if err == nil {
		return ""
	}
	if !errors.As(err, &api) || !errors.As(err, &response) {
		return err.Error()
	}
	return fmt.Sprint(response.HTTPStatusCode(), " ", api.ErrorCode())
}

func big(n int) []byte { return bytes.Repeat([]byte("0123456789abcdef"), n/16) }

func newRequest(t *testing.T, method, target string, headers []string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "http://127.0.0.1:1"+target, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		switch {
		case headers[i] == "Host":
			r.Host = headers[i+1]
		case headers[i+1] != "":
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	return r
}

func (s *site) record(r *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, r)
	return rec
}
