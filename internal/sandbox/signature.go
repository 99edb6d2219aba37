package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// signature is what a request says about who signed it, for whom, and when.
type signature struct {
	accessKey, region, service string
	at                         time.Time
	presigned                  time.Duration // X-Amz-Expires; 0 when it is signed in its header
}

const stamp = "20060102T150405Z"

// readSignature reads the Authorization header, or the query of a presigned request (AWS Signature Version 4 for API
// requests).
func readSignature(r *http.Request) (signature, error) {
	query := r.URL.Query()
	header := r.Header.Get("Authorization")
	credential, date := query.Get("X-Amz-Credential"), query.Get("X-Amz-Date")
	if header != "" {
		date = r.Header.Get("X-Amz-Date")
		if _, rest, ok := strings.Cut(header, "Credential="); ok && strings.HasPrefix(header, "AWS4-HMAC-SHA256 ") {
			credential, _, _ = strings.Cut(rest, ",")
		}
	}
	if query.Has("AWSAccessKeyId") || strings.HasPrefix(header, "AWS ") {
		return signature{}, &wire.Error{ // Signature Version 2, as boto3 presigns unless it is told otherwise
			Code:    "InvalidRequest",
			Message: "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
		}
	}
	if credential == "" && header == "" {
		return signature{}, &wire.Error{
			Code: "MissingAuthenticationToken", Status: http.StatusForbidden, Message: "Request is missing Authentication Token",
		}
	}
	incomplete := &wire.Error{
		Code: "IncompleteSignature", Status: http.StatusForbidden, Message: "Request does not bear a complete AWS4-HMAC-SHA256 signature",
	}
	parts := strings.Split(strings.TrimSpace(credential), "/")
	if len(parts) < 5 || parts[len(parts)-1] != "aws4_request" {
		return signature{}, incomplete
	}
	n := len(parts) // an access key may hold slashes, the rest may not
	sig := signature{accessKey: strings.Join(parts[:n-4], "/"), region: parts[n-3], service: parts[n-2]}
	at, err := time.Parse(stamp, date)
	if err != nil {
		if at, err = http.ParseTime(r.Header.Get("Date")); err != nil {
			return sig, incomplete
		}
	}
	sig.at = at
	if header == "" {
		seconds, err := strconv.Atoi(query.Get("X-Amz-Expires"))
		if err != nil || seconds < 1 || seconds > 604_800 {
			return sig, incomplete
		}
		sig.presigned = time.Duration(seconds) * time.Second
	}
	return sig, nil
}

// accept refuses keys that have expired and signatures that are too old or not yet valid. Signatures live for 5 minutes,
// those of S3 for 15 (Amazon S3 API Reference, RequestTimeTooSkewed).
func (s *Sandbox) accept(c *wire.Call, sig signature) error {
	var expired bool
	s.world.Do(func() { expired = s.keys.Expired(c.AccessKey) })
	now := s.world.Now().UTC()
	allowed := 5 * time.Minute
	if c.Service == "s3" || s.world.Otherwise("signature-age") {
		allowed = 15 * time.Minute
	}
	switch {
	case expired:
		return expiredToken(c)
	case sig.presigned > 0 && now.After(sig.at.Add(sig.presigned)):
		return &wire.Error{
			Code: "AccessDenied", Status: http.StatusForbidden, Message: "Request has expired",
			Members: map[string]any{"Expires": sig.at.Add(sig.presigned).Format(time.RFC3339), "ServerTime": now.Format(time.RFC3339)},
		}
	case sig.presigned == 0 && now.Sub(sig.at) > allowed:
		return skewed(c, sig.at, now, allowed, fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - %d min.)",
			sig.at.Format(stamp), now.Add(-allowed).Format(stamp), now.Format(stamp), int(allowed.Minutes())))
	case sig.at.Sub(now) > allowed:
		return skewed(c, sig.at, now, allowed, fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + %d min.)",
			sig.at.Format(stamp), now.Add(allowed).Format(stamp), now.Format(stamp), int(allowed.Minutes())))
	}
	return nil
}

func skewed(c *wire.Call, at, now time.Time, allowed time.Duration, message string) error {
	switch c.Protocol {
	case wire.RESTXML:
		return &wire.Error{
			Code: "RequestTimeTooSkewed", Status: http.StatusForbidden,
			Message: "The difference between the request time and the current time is too large.",
			Members: map[string]any{
				"RequestTime": at.Format(stamp), "ServerTime": now.Format(time.RFC3339), "MaxAllowedSkewMilliseconds": allowed.Milliseconds(),
			},
		}
	case wire.Query, wire.EC2:
		return &wire.Error{Code: "SignatureDoesNotMatch", Status: http.StatusForbidden, Message: message}
	default:
		return &wire.Error{Code: "InvalidSignatureException", Message: message}
	}
}

func expiredToken(c *wire.Call) error {
	switch c.Protocol {
	case wire.RESTXML:
		return &wire.Error{Code: "ExpiredToken", Message: "The provided token has expired."}
	case wire.EC2:
		return &wire.Error{Code: "RequestExpired", Message: "Request has expired."}
	case wire.Query:
		return &wire.Error{Code: "ExpiredToken", Status: http.StatusForbidden, Message: "The security token included in the request is expired"}
	default:
		return &wire.Error{Code: "ExpiredTokenException", Message: "The security token included in the request is expired"}
	}
}
