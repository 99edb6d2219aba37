package config

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/logging"

	"github.com/vend-cli/vend/internal/account"
)

// AWS is the configuration of the SDK: credentials, Region and endpoint as the AWS CLI finds them, under the profile and
// the Region of this run. Credentials are fetched once, so that a run without any ends here with an [account.Refused]
// and not in the middle of its work.
func (c Config) AWS(ctx context.Context) (aws.Config, error) {
	options := []func(*awsconfig.LoadOptions) error{
		awsconfig.WithHTTPClient(client()), awsconfig.WithRetryer(retryer), awsconfig.WithAppID("vend"), awsconfig.WithLogger(logging.Nop{}),
	}
	if c.Profile != "" {
		options = append(options, awsconfig.WithSharedConfigProfile(c.Profile))
	}
	if c.Region != "" {
		options = append(options, awsconfig.WithRegion(c.Region))
	}
	cfg, err := awsconfig.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, account.Refused{
			Code: "V3011", Reason: "the AWS configuration can't be used: " + err.Error(),
			Hint: "Check --profile, AWS_PROFILE and ~/.aws/config; `aws configure list` shows what the AWS CLI finds.",
		}
	}
	if cfg.Region == "" {
		return aws.Config{}, account.Refused{
			Code: "V3012", Reason: "no AWS Region was given",
			Hint: "Give the home Region of Control Tower as --region, as AWS_REGION, or in the AWS profile.",
		}
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		if ctx.Err() != nil {
			return aws.Config{}, ctx.Err()
		}
		return aws.Config{}, account.Refused{
			Code: "V3001", Reason: "no usable AWS credentials: " + whyNone(err),
			Hint: "Run `aws sso login`, or set AWS_PROFILE; `aws sts get-caller-identity` shows who you are.",
		}
	}
	if c.Recorder != nil { // only now: how credentials were had is nobody's business
		cfg.HTTPClient = c.Recorder.Around(cfg.HTTPClient)
	}
	return cfg, nil
}

// Fixed is the configuration of the SDK for an endpoint that is known, such as a sandbox: it looks at no file and no
// variable. A nil transport is the network.
func Fixed(region, endpoint, keyID, secret string, transport http.RoundTripper) *aws.Config {
	var speak aws.HTTPClient = client()
	if transport != nil {
		speak = &http.Client{Transport: transport}
	}
	return &aws.Config{
		Region: region, BaseEndpoint: aws.String(endpoint), HTTPClient: speak, Retryer: retryer,
		Credentials: credentials.NewStaticCredentialsProvider(keyID, secret, ""),
		AppID:       "vend", Logger: logging.Nop{},
	}
}

// client gives up on a peer that does not answer; how long a whole answer takes is the caller's to say. It is the
// SDK's own kind, which AWS_CA_BUNDLE needs.
func client() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = 5 * time.Second }).
		WithTransportOptions(func(t *http.Transport) { t.ResponseHeaderTimeout = 60 * time.Second })
}

// retryer is the one retry layer of reads: standard back-off, without the token bucket that would stop retrying after a
// day of throttling.
func retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = 8
		o.RateLimiter = ratelimit.None
		o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(nobodyThere)}, o.Retryables...)
	})
}

// nobodyThere ends retries where nobody listens, or the name leads nowhere: that does not pass within seconds, and
// whoever waits at a terminal is told at once. A worker looks again later by itself.
func nobodyThere(err error) aws.Ternary {
	var name *net.DNSError
	if errors.Is(err, syscall.ECONNREFUSED) || errors.As(err, &name) && name.IsNotFound {
		return aws.FalseTernary
	}
	return aws.UnknownTernary
}

// whyNone says why there are no credentials. What the SDK says of an SSO session is about its own cache ("no such file"); it
// has no type for it, only the word.
func whyNone(err error) string {
	if said := err.Error(); strings.Contains(said, "SSO token") || strings.Contains(said, "SSO session") {
		return "the SSO session has ended, or was never begun"
	}
	return innermost(err).Error()
}

// innermost is the cause at the bottom of an error: the SDK wraps credentials errors many times, each time in words
// about itself.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
