package cloudformation

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// pointed is what stands behind a URL of a request, or why it cannot be had.
type pointed struct {
	body string
	err  error
}

// points is a request that may point at documents.
type points interface{ urls() []string }

func (in *source) urls() []string { return []string{in.URL} }

func (d *deploymentTargets) urls() []string {
	if d == nil {
		return nil
	}
	return []string{d.URL}
}

func (in *instancesInput) urls() []string { return in.Targets.urls() }

func (in *updateStackSetInput) urls() []string { return append(in.source.urls(), in.Targets.urls()...) }

// pointing is op for requests that may point at documents: what of them lies in buckets is read first, in the name of whoever
// asks, because another service cannot be called within the world's Do.
func pointing[In, Out any](s *service, w *world.World, f func(*wire.Call, *In) (*Out, error)) wire.Operation {
	return op(w, f, func(c *wire.Call, in *In) func() {
		documents := map[string]pointed{}
		if p, ok := any(in).(points); ok {
			for _, address := range p.urls() {
				if bucket, key, version := located(address, c.Request.Host); bucket != "" {
					documents[address] = s.fetch(c, bucket, key, version)
				}
			}
		}
		return func() { s.documents = documents }
	})
}

var (
	virtualHost = pattern.Compile(`^(.+)\.s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com$`)
	pathHost    = pattern.Compile(`^s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com$`)
)

// located reads the URL of an object as S3 writes it (Amazon S3 User Guide, "Virtual hosting of general purpose buckets"), or
// with the sandbox itself as the host. All is empty when it is none; CloudFormation wants https of S3.
func located(address, sandbox string) (bucket, key, version string) {
	u, err := url.Parse(address)
	if err != nil {
		return "", "", ""
	}
	path := strings.TrimPrefix(u.Path, "/")
	virtual := virtualHost.FindStringSubmatch(u.Host)
	switch {
	case u.Scheme == "s3":
		bucket, key = u.Host, path
	case u.Scheme == "https" && pathHost.MatchString(u.Host), strings.HasPrefix(u.Scheme, "http") && u.Host == sandbox:
		bucket, key, _ = strings.Cut(path, "/")
	case u.Scheme == "https" && virtual != nil:
		bucket, key = virtual[1], path
	}
	if bucket == "" || key == "" {
		return "", "", ""
	}
	return bucket, key, u.Query().Get("versionId")
}

// fetch reads an object in the name of the caller.
func (s *service) fetch(c *wire.Call, bucket, key, version string) pointed {
	query := ""
	if version != "" {
		query = url.Values{"versionId": {version}}.Encode()
	}
	h := hands{calls: s.calls, region: c.Region, key: c.AccessKey, host: c.Request.Host}
	body, err := h.do(Call{Service: "s3", Operation: "GetObject", Method: http.MethodGet, Path: "/" + bucket + "/" + key, RawQuery: query})
	if r, ok := errors.AsType[*refusal](err); ok {
		err = invalid("S3 error: " + r.message)
	}
	return pointed{string(body), err}
}

// behind is what stands behind a TemplateURL: in the world's templates, or in a bucket.
func (s *service) behind(address string) (string, error) {
	if body, ok := s.w.Templates[address]; ok {
		return body, nil
	}
	found, ok := s.documents[address]
	if !ok || strings.HasPrefix(address, "s3:") {
		return "", &wire.Unsupported{What: "a TemplateURL that is neither S3's nor among the templates of the world"}
	}
	return found.body, found.err
}

const largestList = 10 << 20

// enlist reads the accounts that AccountsUrl points at (AWS CloudFormation API Reference, DeploymentTargets): a .csv or .txt with
// ids between commas or in lines.
func (s *service) enlist(d *deploymentTargets) error {
	found, ok := s.documents[d.URL]
	switch {
	case len(d.Accounts) > 0:
		return invalid("Accounts and AccountsUrl can't both be specified")
	case !ok:
		return invalid("AccountsUrl must be the URL of an object in Amazon S3")
	case !slices.ContainsFunc([]string{".csv", ".txt"}, func(kind string) bool { return strings.HasSuffix(d.URL, kind) }):
		return invalid("AccountsUrl must point at a .csv or .txt file")
	case found.err != nil:
		return found.err
	case len(found.body) > largestList:
		return invalid(fmt.Sprintf("The file of AccountsUrl is larger than %d bytes", largestList))
	}
	d.Accounts = strings.FieldsFunc(found.body, func(c rune) bool { return strings.ContainsRune(", \t\r\n", c) })
	return nil
}
