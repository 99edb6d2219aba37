package sandbox_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/sandbox"
)

// TestAnEmptyBodyIsExpectedToo: boto3 asks before it sends an object, also an empty one, and a final answer at once makes
// it wait forever for the answer to its next request on that connection.
func TestAnEmptyBodyIsExpectedToo(t *testing.T) {
	t.Parallel()
	s, _ := start(t, sandbox.Options{})
	server := httptest.NewServer(s.Handler())
	defer server.Close()
	var dialer net.Dialer
	c, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewReader(c)
	for range 2 {
		_, err := fmt.Fprintf(c, "PUT /bucket HTTP/1.1\r\nHost: s3\r\nExpect: 100-continue\r\nContent-Length: 0\r\nX-Amz-Date: %s\r\n"+
			"Authorization: AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n",
			time.Now().UTC().Format("20060102T150405Z"))
		if err != nil {
			t.Fatal(err)
		}
		if line, err := answers.ReadString('\n'); err != nil || line != "HTTP/1.1 100 Continue\r\n" {
			t.Fatalf("an empty body is answered with %q, %v", line, err)
		}
		if _, err := answers.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		answer, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("the bucket is answered with %s, %v", answer.Status, err)
		}
	}
}
