package engine_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/doctor"
	"github.com/vend-cli/vend/internal/engine"
)

type answering func(*http.Request) *http.Response

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) { return a(r), nil }

func TestAnAnswerThatIsNotOfAWSIsToldAsSuch(t *testing.T) {
	t.Parallel()
	page := func() io.Reader { return strings.NewReader("<!doctype html>\n<html lang=en>\n<title>Log in</title>") }
	for name, c := range map[string]struct {
		status  int
		content string
		body    io.Reader
		want    string
	}{
		"a server without the service": {500, "text/html", page(), "V3015 127.0.0.1 does not answer STS.GetCallerIdentity as AWS does (HTTP status 500, text/html)"},
		"a page that is not there":     {404, "", page(), "V3015 127.0.0.1 does not answer STS.GetCallerIdentity as AWS does (HTTP status 404, no media type)"},
		"a login page":                 {200, "text/html; charset=utf-8", page(), "V3015 127.0.0.1 does not answer STS.GetCallerIdentity as AWS does (HTTP status 200, text/html; charset=utf-8)"},
		"an answer that was cut off":   {200, "text/xml", io.MultiReader(strings.NewReader("<GetCallerIdentityResponse>"), iotest.ErrReader(io.ErrUnexpectedEOF)), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := awstest.Config(answering(func(r *http.Request) *http.Response {
				return &http.Response{StatusCode: c.status, Header: http.Header{"Content-Type": {c.content}}, Body: io.NopCloser(c.body), Request: r}
			}))
			var checks []string
			err := engine.Examine(t.Context(), config.Config{}, engine.Options{AWS: &cfg}, func(c doctor.Check) {
				checks = append(checks, c.Code+" "+c.Message)
			})
			if err != nil {
				t.Fatal(err)
			}
			if c.want == "" {
				if len(checks) != 1 || strings.Contains(checks[0], "as AWS does") {
					t.Errorf("checks %q", checks)
				}
				return
			}
			if diff := cmp.Diff([]string{c.want}, checks); diff != "" {
				t.Errorf("checks (-want +got):\n%s", diff)
			}
		})
	}
}
