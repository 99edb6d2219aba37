package events_test

import (
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"github.com/vend-cli/vend/internal/sandbox"
)

// FuzzPatterns looks for a pattern that is neither read nor refused.
func FuzzPatterns(f *testing.F) {
	for _, pattern := range []string{
		`{"source":["aws.s3"]}`, `{"detail":{"n":[{"numeric":[">",1]}],"$or":[{"a":[1]},{"b":[null]}]}}`,
		`{"detail":{"text":[{"wildcard":"a\\**b"},{"anything-but":{"prefix":["x"]}},{"cidr":"::/0"},{"exists":false}]}}`,
	} {
		f.Add(pattern)
	}
	s, err := sandbox.New(sandbox.Options{})
	if err != nil {
		f.Fatal(err)
	}
	c := eventbridge.New(eventbridge.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://sandbox.test"), Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		HTTPClient:  &http.Client{Transport: s.RoundTripper()},
	})
	f.Fuzz(func(t *testing.T, pattern string) {
		_, err := c.TestEventPattern(t.Context(), &eventbridge.TestEventPatternInput{EventPattern: &pattern, Event: aws.String(event)})
		if err != nil {
			refused(t, err, "InvalidEventPatternException")
		}
	})
}
