package s3_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const (
	unsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
	signedChunks    = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	signedTrailer   = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
)

func TestPayloadsAreVerified(t *testing.T) {
	t.Parallel()
	sig := ";chunk-signature=" + strings.Repeat("a", 64)
	trailing := []string{"x-amz-trailer", "x-amz-checksum-crc32", "x-amz-decoded-content-length", "5"}
	hello := "x-amz-checksum-crc32:NhCmhg==\r\n"
	small := strings.Repeat("x", 100)
	for name, test := range map[string]struct {
		kind    string // x-amz-content-sha256
		body    string
		headers []string
		want    string // the code, or what is stored
	}{
		"the right hash":                {kind: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", body: "hello", want: "hello"},
		"the wrong hash":                {kind: strings.Repeat("0", 64), body: "hello", want: "400 XAmzContentSHA256Mismatch"},
		"no hash at all":                {kind: "UNSIGNED-PAYLOAD", body: "hello", want: "hello"},
		"a hash that is none":           {kind: "whatever", body: "hello", want: "400 InvalidArgument"},
		"the right MD5":                 {body: "hello", headers: []string{"Content-MD5", "XUFAKrxLKna5cZ2REBfFkg=="}, want: "hello"},
		"the wrong MD5":                 {body: "hellO", headers: []string{"Content-MD5", "XUFAKrxLKna5cZ2REBfFkg=="}, want: "400 BadDigest"},
		"an MD5 that is none":           {body: "hello", headers: []string{"Content-MD5", "aGVsbG8="}, want: "400 InvalidDigest"},
		"the right CRC32":               {body: "hello", headers: []string{"x-amz-checksum-crc32", "NhCmhg=="}, want: "hello"},
		"the wrong CRC32":               {body: "hellO", headers: []string{"x-amz-checksum-crc32", "NhCmhg=="}, want: "400 BadDigest"},
		"the right CRC32C":              {body: "123456789", headers: []string{"x-amz-checksum-crc32c", "4waSgw=="}, want: "123456789"},
		"the right CRC64NVME":           {body: "123456789", headers: []string{"x-amz-checksum-crc64nvme", "rosUhgp5mIg="}, want: "123456789"},
		"the right SHA1":                {body: "hello", headers: []string{"x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00="}, want: "hello"},
		"a checksum of another length":  {body: "hello", headers: []string{"x-amz-checksum-sha1", "NhCmhg=="}, want: "400 InvalidRequest"},
		"two checksums":                 {body: "hello", headers: []string{"x-amz-checksum-crc32", "NhCmhg==", "x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00="}, want: "400 InvalidRequest"},
		"a checksum that is not made":   {body: "hello", headers: []string{"x-amz-checksum-xxhash64", "NhCmhg=="}, want: "501 NotImplemented"},
		"a checksum promised, not sent": {body: "hello", headers: []string{"x-amz-sdk-checksum-algorithm", "CRC32"}, want: "400 InvalidRequest"},

		"unsigned chunks with a trailer":    {kind: unsignedTrailer, headers: trailing, body: "5\r\nhello\r\n0\r\n" + hello + "\r\n", want: "hello"},
		"the empty line may be left out":    {kind: unsignedTrailer, headers: trailing, body: "5\r\nhello\r\n0\r\n" + hello, want: "hello"},
		"a trailer with another checksum":   {kind: unsignedTrailer, headers: trailing, body: "5\r\nhellO\r\n0\r\n" + hello + "\r\n", want: "400 BadDigest"},
		"a trailer that is missing":         {kind: unsignedTrailer, headers: trailing, body: "5\r\nhello\r\n0\r\n\r\n", want: "400 MalformedTrailerError"},
		"a trailer without a value":         {kind: unsignedTrailer, headers: trailing, body: "5\r\nhello\r\n0\r\nx-amz-checksum-crc32\r\n\r\n", want: "400 MalformedTrailerError"},
		"a trailer that nobody announced":   {kind: unsignedTrailer, headers: trailing[2:], body: "5\r\nhello\r\n0\r\n" + hello + "\r\n", want: "400 MalformedTrailerError"},
		"fewer bytes than announced":        {kind: unsignedTrailer, headers: trailing, body: "4\r\nhell\r\n0\r\n" + hello + "\r\n", want: "400 IncompleteBody"},
		"a chunk that is cut off":           {kind: unsignedTrailer, headers: trailing, body: "5\r\nhel", want: "400 IncompleteBody"},
		"no last chunk":                     {kind: unsignedTrailer, headers: trailing, body: "5\r\nhello\r\n", want: "400 IncompleteBody"},
		"a chunk longer than it says":       {kind: unsignedTrailer, headers: trailing, body: "3\r\nhello\r\n0\r\n\r\n", want: "400 IncompleteBody"},
		"a size that is no number":          {kind: unsignedTrailer, headers: trailing, body: "x\r\nhello\r\n0\r\n\r\n", want: "400 InvalidRequest"},
		"a size beyond all bounds":          {kind: unsignedTrailer, headers: trailing, body: "7fffffffffffffff\r\nhello\r\n0\r\n\r\n", want: "400 IncompleteBody"},
		"small chunks before the last":      {kind: unsignedTrailer, headers: []string{"x-amz-decoded-content-length", "200"}, body: "64\r\n" + small + "\r\n64\r\n" + small + "\r\n0\r\n\r\n", want: "403 InvalidChunkSizeError"},
		"something after the end":           {kind: unsignedTrailer, headers: trailing, body: "5\r\nhello\r\n0\r\n" + hello + "\r\nmore", want: "400 MalformedTrailerError"},
		"no decoded length":                 {kind: unsignedTrailer, headers: trailing[:2], body: "5\r\nhello\r\n0\r\n" + hello + "\r\n", want: "411 MissingContentLength"},
		"more than 5 GiB":                   {kind: unsignedTrailer, headers: []string{"x-amz-decoded-content-length", "5368709121"}, body: "", want: "400 EntityTooLarge"},
		"signed chunks":                     {kind: signedChunks, headers: trailing[2:], body: "5" + sig + "\r\nhello\r\n0" + sig + "\r\n\r\n", want: "hello"},
		"signed chunks without a signature": {kind: signedChunks, headers: trailing[2:], body: "5\r\nhello\r\n0\r\n\r\n", want: "403 SignatureDoesNotMatch"},
		"a signed trailer":                  {kind: signedTrailer, headers: trailing, body: "5" + sig + "\r\nhello\r\n0" + sig + "\r\n" + hello + "x-amz-trailer-signature:" + strings.Repeat("b", 64) + "\r\n\r\n", want: "hello"},
		"a signed trailer without one":      {kind: signedTrailer, headers: trailing, body: "5" + sig + "\r\nhello\r\n0" + sig + "\r\n" + hello + "\r\n", want: "400 MalformedTrailerError"},
		"another way to sign":               {kind: "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", body: "", want: "501 NotImplemented"},
		"more metadata than 2 KB":           {body: "hello", headers: []string{"x-amz-meta-a", strings.Repeat("x", 2048)}, want: "400 MetadataTooLarge"},
		"a storage class that is none":      {body: "hello", headers: []string{"x-amz-storage-class", "WARM"}, want: "400 InvalidStorageClass"},
		"a storage class that must thaw":    {body: "hello", headers: []string{"x-amz-storage-class", "GLACIER"}, want: "501 NotImplemented"},
		"an ACL":                            {body: "hello", headers: []string{"x-amz-acl", "public-read"}, want: "400 AccessControlListNotSupported"},
		"the only ACL there is":             {body: "hello", headers: []string{"x-amz-acl", "bucket-owner-full-control"}, want: "hello"},
		"eleven tags":                       {body: "hello", headers: []string{"x-amz-tagging", "a&b&c&d&e&f&g&h&i&j&k"}, want: "400 BadRequest"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, "us-east-1")
			s.bucket("lists")
			headers := append([]string{"Content-Encoding", "aws-chunked"}, test.headers...)
			if test.kind != "" {
				headers = append(headers, "x-amz-content-sha256", test.kind)
			}
			status, _, body := s.send("PUT", "/lists/k", test.body, headers...)
			got := fmt.Sprint(status, " ", between(body, "<Code>", "</Code>"))
			if status == http.StatusOK {
				var header http.Header
				_, header, got = s.send("GET", "/lists/k", "")
				if encoding := header.Get("Content-Encoding"); encoding != "" {
					t.Errorf("the transfer's encoding was kept: %s", encoding)
				}
			}
			if got != test.want {
				t.Errorf("%s, want %s\n%s", got, test.want, body)
			}
		})
	}
}

func between(text, from, to string) string {
	_, text, _ = strings.Cut(text, from)
	text, _, _ = strings.Cut(text, to)
	return text
}

func TestEveryAlgorithmTheSDKMakesIsVerifiedAndReturned(t *testing.T) {
	t.Parallel()
	s := open(t, "us-east-1")
	s.bucket("lists")
	for _, a := range []types.ChecksumAlgorithm{"CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"} {
		t.Run(string(a), func(t *testing.T) {
			t.Parallel()
			_, err := s.PutObject(t.Context(), &awss3.PutObjectInput{
				Bucket: aws.String("lists"), Key: aws.String(string(a)), Body: bytes.NewReader(big(1 << 16)), ChecksumAlgorithm: a,
			})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := s.get(t.Context(), "lists", string(a), ""); err != nil || got != string(big(1<<16)) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			head, err := s.HeadObject(t.Context(), &awss3.HeadObjectInput{Bucket: aws.String("lists"), Key: aws.String(string(a)), ChecksumMode: types.ChecksumModeEnabled})
			if err != nil || head.ChecksumType != types.ChecksumTypeFullObject {
				t.Errorf("%+v, %v", head, err)
			}
		})
	}
}

// A server of HTTP on the loopback, and a client that streams what it cannot rewind.
func TestStreamsOverTheNetwork(t *testing.T) {
	t.Parallel()
	s := open(t, "us-east-1")
	server := httptest.NewTLSServer(s)
	defer server.Close()
	s.bucket("lists")
	client := s.client("us-east-1", server.Client().Transport, func(o *awss3.Options) { o.BaseEndpoint = &server.URL })
	body := big(1 << 20)
	_, err := client.PutObject(t.Context(), &awss3.PutObjectInput{
		Bucket: aws.String("lists"), Key: aws.String("streamed"), Body: bytes.NewReader(body), ContentLength: aws.Int64(int64(len(body))),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.PutObject(t.Context(), &awss3.PutObjectInput{
		Bucket: aws.String("lists"), Key: aws.String("unrewound"), Body: bytes.NewBuffer(big(1 << 20)), ContentLength: aws.Int64(1 << 20),
	}, awss3.WithAPIOptions(v4.SwapComputePayloadSHA256ForUnsignedPayloadMiddleware))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"streamed", "unrewound"} {
		if got, err := s.get(t.Context(), "lists", key, ""); err != nil || got != string(body) {
			t.Errorf("%s: %d bytes, %v", key, len(got), err)
		}
	}
}

func FuzzChunkedBodies(f *testing.F) {
	f.Add([]byte("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"), 8192, false)
	f.Add([]byte("0\r\n\r\n"), 1, true)
	f.Add([]byte("ffffffffffffffff\r\n"), 0, false)
	f.Add([]byte("5;chunk-signature="), 100000, true)
	f.Add(bytes.Repeat([]byte("0\r\n"), 9000), 8192, true)
	f.Fuzz(func(t *testing.T, data []byte, chunk int, signed bool) {
		s := open(t, "us-east-1")
		s.bucket("lists")
		// As a body it is anything: it is taken or refused, and never more than was sent.
		for _, kind := range []string{unsignedTrailer, signedChunks, signedTrailer} {
			status, _, _ := s.send("PUT", "/lists/raw", string(data), "x-amz-content-sha256", kind,
				"x-amz-decoded-content-length", "5", "x-amz-trailer", "x-amz-checksum-crc32")
			if status != http.StatusOK && (status < 400 || status > 499) {
				t.Fatalf("%s: %d", kind, status)
			}
			if _, _, got := s.send("GET", "/lists/raw", ""); status == http.StatusOK && len(got) != 5 {
				t.Fatalf("%s: %q was stored", kind, got)
			}
		}
		// Cut into chunks it comes back as it was.
		chunk = 8192 + max(0, chunk%100000)
		extension, kind := "", unsignedTrailer
		if signed {
			extension, kind = ";chunk-signature="+strings.Repeat("0", 64), signedTrailer
		}
		var body bytes.Buffer
		for rest := data; len(rest) > 0; rest = rest[min(chunk, len(rest)):] {
			fmt.Fprintf(&body, "%x%s\r\n%s\r\n", min(chunk, len(rest)), extension, rest[:min(chunk, len(rest))])
		}
		sum := crc32.ChecksumIEEE(data)
		encoded := base64.StdEncoding.EncodeToString([]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
		fmt.Fprintf(&body, "0%s\r\nx-amz-checksum-crc32:%s\r\n", extension, encoded)
		if signed {
			body.WriteString("x-amz-trailer-signature:0\r\n")
		}
		body.WriteString("\r\n")
		status, _, answer := s.send("PUT", "/lists/k", body.String(), "x-amz-content-sha256", kind,
			"x-amz-decoded-content-length", strconv.Itoa(len(data)), "x-amz-trailer", "x-amz-checksum-crc32")
		if _, _, got := s.send("GET", "/lists/k", ""); status != http.StatusOK || got != string(data) {
			t.Fatalf("%d %s: %q became %q", status, answer, data, got)
		}
	})
}
