// Package servicequotas is Service Quotas: how much of everything an account may have.
//
// It follows the Service Quotas API Reference. It knows the quotas that account vending meets, and those alone (see
// quota.go); values that AWS has applied are the management account's, all others have the defaults. Nobody can ask it for
// more.
package servicequotas

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// New makes the service.
func New(w *world.World) wire.Service {
	s := &service{w}
	return &wire.RPC{
		SigningName: "servicequotas",
		Target:      "ServiceQuotasV20190624.",
		Message:     "Message",
		Operations: map[string]wire.Operation{
			"ListServices":                op(w, s.listServices),
			"ListServiceQuotas":           op(w, s.listServiceQuotas),
			"ListAWSDefaultServiceQuotas": op(w, s.listAWSDefaultServiceQuotas),
			"GetServiceQuota":             op(w, s.getServiceQuota),
			"GetAWSDefaultServiceQuota":   op(w, s.getAWSDefaultServiceQuota),
		},
	}
}

type service struct{ w *world.World }

// op lets an operation happen within [world.World.Do].
func op[In, Out any](w *world.World, f func(*wire.Call, *In) (*Out, error)) wire.Operation {
	return wire.Op(func(c *wire.Call, in *In) (out *Out, err error) {
		w.Do(func() { out, err = f(c, in) })
		return out, err
	})
}

type pageInput struct {
	MaxResults *int   `json:"MaxResults"`
	NextToken  string `json:"NextToken"`
}

type serviceInfo struct {
	Code string `json:"ServiceCode"`
	Name string `json:"ServiceName"`
}

type servicesOutput struct {
	Services  []serviceInfo `json:"Services"`
	NextToken string        `json:"NextToken,omitempty"`
}

// listServices is ListServices: those that have quotas in the Region.
func (s *service) listServices(c *wire.Call, in *pageInput) (*servicesOutput, error) {
	var all []serviceInfo
	for _, q := range s.quotas(c.Region) {
		all = append(all, serviceInfo{Code: q.service, Name: q.serviceName}) // a service has one quota here
	}
	found, next, err := page("services", all, *in, wire.Invalid{})
	if err != nil {
		return nil, err
	}
	return &servicesOutput{Services: found, NextToken: next}, nil
}

type quotasInput struct {
	Service string `json:"ServiceCode"`
	Quota   string `json:"QuotaCode"`
	Level   string `json:"QuotaAppliedAtLevel"`
	pageInput
}

type quotasOutput struct {
	Quotas    []serviceQuota `json:"Quotas"`
	NextToken string         `json:"NextToken,omitempty"`
}

// listServiceQuotas is ListServiceQuotas: a quota of which only the default is known is left out.
func (s *service) listServiceQuotas(c *wire.Call, in *quotasInput) (*quotasOutput, error) {
	var invalid wire.Invalid
	invalid.Length("quotaCode", in.Quota, 1, 128)
	invalid.Pattern("quotaCode", in.Quota, quotaCode)
	invalid.Enum("quotaAppliedAtLevel", in.Level, "ACCOUNT", "RESOURCE", "ALL")
	return s.list(c, "applied", in, invalid, func(q quota) (serviceQuota, bool) {
		shown, ok := s.applied(c, q)
		return shown, ok && (in.Quota == "" || in.Quota == q.code) && in.Level != "RESOURCE"
	})
}

type defaultsInput struct {
	Service string `json:"ServiceCode"`
	pageInput
}

// listAWSDefaultServiceQuotas is ListAWSDefaultServiceQuotas.
func (s *service) listAWSDefaultServiceQuotas(c *wire.Call, in *defaultsInput) (*quotasOutput, error) {
	all := &quotasInput{Service: in.Service, pageInput: in.pageInput}
	return s.list(c, "defaults", all, wire.Invalid{}, func(q quota) (serviceQuota, bool) { return byDefault(c, q), true })
}

func (s *service) list(
	c *wire.Call, list string, in *quotasInput, invalid wire.Invalid, show func(quota) (serviceQuota, bool),
) (*quotasOutput, error) {
	requireService(&invalid, in.Service)
	var all []serviceQuota
	known := false
	for _, q := range s.quotas(c.Region) {
		if q.service != in.Service {
			continue
		}
		known = true
		if shown, ok := show(q); ok {
			all = append(all, shown)
		}
	}
	found, next, err := page(list+"/"+in.Service, all, in.pageInput, invalid)
	switch {
	case err != nil:
		return nil, err
	case !known:
		return nil, noSuchResource()
	}
	return &quotasOutput{Quotas: found, NextToken: next}, nil
}

type quotaInput struct {
	Service string `json:"ServiceCode"`
	Quota   string `json:"QuotaCode"`
}

type quotaOutput struct {
	Quota serviceQuota `json:"Quota"`
}

// getServiceQuota is GetServiceQuota: where only the default is known, there is no such quota.
func (s *service) getServiceQuota(c *wire.Call, in *quotaInput) (*quotaOutput, error) {
	q, err := s.quota(c, in)
	if err != nil {
		return nil, err
	}
	shown, ok := s.applied(c, q)
	if !ok {
		return nil, noSuchResource()
	}
	return &quotaOutput{shown}, nil
}

// getAWSDefaultServiceQuota is GetAWSDefaultServiceQuota.
func (s *service) getAWSDefaultServiceQuota(c *wire.Call, in *quotaInput) (*quotaOutput, error) {
	q, err := s.quota(c, in)
	if err != nil {
		return nil, err
	}
	return &quotaOutput{byDefault(c, q)}, nil
}

func (s *service) quota(c *wire.Call, in *quotaInput) (quota, error) {
	var invalid wire.Invalid
	requireService(&invalid, in.Service)
	invalid.Required("quotaCode", in.Quota)
	invalid.Length("quotaCode", in.Quota, 1, 128)
	invalid.Pattern("quotaCode", in.Quota, quotaCode)
	if err := illegal(invalid); err != nil {
		return quota{}, err
	}
	for _, q := range s.quotas(c.Region) {
		if q.service == in.Service && q.code == in.Quota {
			return q, nil
		}
	}
	return quota{}, noSuchResource()
}

var (
	serviceCode = pattern.Compile(`[a-zA-Z][a-zA-Z0-9-]{1,63}`)
	quotaCode   = pattern.Compile(`[a-zA-Z][a-zA-Z0-9-]{1,128}`)
)

func requireService(invalid *wire.Invalid, code string) {
	invalid.Required("serviceCode", code)
	invalid.Length("serviceCode", code, 1, 63)
	invalid.Pattern("serviceCode", code, serviceCode)
}

// illegal is how Service Quotas refuses what is not well-formed: it models no ValidationException.
func illegal(invalid wire.Invalid) error {
	var e *wire.Error
	if errors.As(invalid.Err(), &e) {
		return wire.Fail("IllegalArgumentException", e.Message)
	}
	return nil
}

func noSuchResource() error {
	return wire.Fail("NoSuchResourceException", "The request failed because the specified service or quota does not exist.")
}

const largestPage = 100

// page cuts a page out of a list. The token names the list, so that it fits no other.
func page[T any](list string, all []T, in pageInput, invalid wire.Invalid) ([]T, string, error) {
	invalid.Range("maxResults", in.MaxResults, 1, largestPage)
	if err := illegal(invalid); err != nil {
		return nil, "", err
	}
	size, from := largestPage, 0
	if in.MaxResults != nil {
		size = *in.MaxResults
	}
	if in.NextToken != "" {
		plain, err := base64.StdEncoding.DecodeString(in.NextToken)
		rest, ok := strings.CutPrefix(string(plain), list+" ")
		if _, scan := fmt.Sscanf(rest, "%d", &from); err != nil || !ok || scan != nil || from < 0 || from > len(all) {
			return nil, "", wire.Fail("InvalidPaginationTokenException", "The pagination token is not valid.")
		}
	}
	to, next := min(from+size, len(all)), ""
	if to < len(all) {
		next = base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s %d", list, to))
	}
	return append([]T{}, all[from:to]...), next, nil
}
