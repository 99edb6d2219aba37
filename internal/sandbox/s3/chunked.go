package s3

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
)

// framing is one way to send a body in chunks.
type framing struct{ signed, trailer bool }

// framings are the values of x-amz-content-sha256 that announce chunks.
var framings = map[string]framing{
	"STREAMING-UNSIGNED-PAYLOAD-TRAILER":         {trailer: true},
	"STREAMING-AWS4-HMAC-SHA256-PAYLOAD":         {signed: true},
	"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER": {signed: true, trailer: true},
}

const (
	minChunk         = 8 << 10
	trailerSignature = "x-amz-trailer-signature"
)

var (
	incompleteBody = refuse(http.StatusBadRequest, "IncompleteBody",
		"You did not provide the number of bytes specified by the Content-Length HTTP header")
	malformedTrailer = refuse(http.StatusBadRequest, "MalformedTrailerError",
		"The request contained trailing data that was not well-formed or did not conform to our published schema.")
	smallChunk = refuse(http.StatusForbidden, "InvalidChunkSizeError",
		"Only the last chunk is allowed to have a size less than 8192 bytes")
)

// decodeChunked reads a body of the form
//
//	<hex size>[;chunk-signature=<64 hex>]\r\n <data>\r\n … 0[;chunk-signature=…]\r\n [<name>:<value>\r\n …] \r\n
//
// and returns the data and the trailer (API Reference, "Transferring Payload in Multiple Chunks" and "… with Trailing
// Headers"). Signatures must be there where the framing has them; they are not verified: the sandbox knows no secrets.
func decodeChunked(body []byte, f framing) ([]byte, http.Header, error) {
	data := make([]byte, 0, len(body))
	for small := false; ; {
		line, after, ok := bytes.Cut(body, []byte("\r\n"))
		if !ok {
			return nil, nil, incompleteBody
		}
		size, err := chunkSize(string(line), f)
		if err != nil {
			return nil, nil, err
		}
		if size == 0 {
			trailer, err := readTrailer(after, f)
			return data, trailer, err
		}
		if small {
			return nil, nil, smallChunk
		}
		small = size < minChunk
		if size > uint64(len(after)) || !bytes.HasPrefix(after[size:], []byte("\r\n")) {
			return nil, nil, incompleteBody
		}
		data, body = append(data, after[:size]...), after[size+2:]
	}
}

func chunkSize(line string, f framing) (uint64, error) {
	number, extension, _ := strings.Cut(line, ";")
	size, err := strconv.ParseUint(number, 16, 63)
	if err != nil {
		return 0, refuse(http.StatusBadRequest, "InvalidRequest", "The chunk size is not a hexadecimal number")
	}
	signature, signed := strings.CutPrefix(extension, "chunk-signature=")
	if f.signed && (!signed || len(signature) != 64) {
		return 0, refuse(http.StatusForbidden, "SignatureDoesNotMatch", "The chunk carries no signature")
	}
	return size, nil
}

// readTrailer reads what follows the last chunk. The documentation's examples end with an empty line or without one.
func readTrailer(rest []byte, f framing) (http.Header, error) {
	trailer := http.Header{}
	for len(rest) > 0 {
		line, after, ok := bytes.Cut(rest, []byte("\r\n"))
		if !ok {
			return nil, malformedTrailer
		}
		rest = after
		if len(line) == 0 {
			break
		}
		name, value, ok := strings.Cut(string(line), ":")
		if !ok || !f.trailer {
			return nil, malformedTrailer
		}
		trailer.Set(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	if len(rest) > 0 || f.signed && f.trailer && trailer.Get(trailerSignature) == "" {
		return nil, malformedTrailer
	}
	trailer.Del(trailerSignature)
	return trailer, nil
}
