// Package servicecatalog is AWS Service Catalog with one product in it: AWS Control Tower Account Factory.
//
// It follows the AWS Service Catalog API Reference, and the AWS Control Tower User Guide for what Account Factory does
// with an order. Whoever is not associated with the portfolio sees no product and finds no launch path.
package servicecatalog

import (
	"errors"
	"strconv"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// New makes the service.
func New(w *world.World) wire.Service {
	s := &service{w}
	return &wire.RPC{
		SigningName: "servicecatalog",
		Target:      "AWS242ServiceCatalogService.",
		Operations: map[string]wire.Operation{
			"SearchProducts":                     op(w, s.searchProducts),
			"SearchProductsAsAdmin":              op(w, s.searchProductsAsAdmin),
			"DescribeProduct":                    op(w, s.describeProduct),
			"DescribeProductAsAdmin":             op(w, s.describeProductAsAdmin),
			"ListProvisioningArtifacts":          op(w, s.listProvisioningArtifacts),
			"DescribeProvisioningArtifact":       op(w, s.describeProvisioningArtifact),
			"ListLaunchPaths":                    op(w, s.listLaunchPaths),
			"DescribeProvisioningParameters":     op(w, s.describeProvisioningParameters),
			"ProvisionProduct":                   op(w, s.provisionProduct),
			"UpdateProvisionedProduct":           op(w, s.updateProvisionedProduct),
			"TerminateProvisionedProduct":        op(w, s.terminateProvisionedProduct),
			"DescribeRecord":                     op(w, s.describeRecord),
			"ListRecordHistory":                  op(w, s.listRecordHistory),
			"DescribeProvisionedProduct":         op(w, s.describeProvisionedProduct),
			"GetProvisionedProductOutputs":       op(w, s.getProvisionedProductOutputs),
			"SearchProvisionedProducts":          op(w, s.searchProvisionedProducts),
			"ScanProvisionedProducts":            op(w, s.scanProvisionedProducts),
			"ListPortfolios":                     op(w, s.listPortfolios),
			"ListPortfoliosForProduct":           op(w, s.listPortfoliosForProduct),
			"ListPrincipalsForPortfolio":         op(w, s.listPrincipalsForPortfolio),
			"AssociatePrincipalWithPortfolio":    op(w, s.associatePrincipalWithPortfolio),
			"DisassociatePrincipalFromPortfolio": op(w, s.disassociatePrincipalFromPortfolio),
		},
	}
}

type service struct{ w *world.World }

func op[In, Out any](w *world.World, f func(*wire.Call, *In) (*Out, error)) wire.Operation {
	return wire.Op(func(c *wire.Call, in *In) (*Out, error) {
		out, err := world.Answer(w, world.Caller(c.Caller), func() (*Out, error) { return f(c, in) })
		var r *world.Refusal
		if errors.As(err, &r) {
			return nil, wire.Fail(r.Code, r.Message)
		}
		return out, err
	})
}

// notFound is a ResourceNotFoundException; the API Reference gives it status 400.
func notFound(message string) error { return wire.Fail("ResourceNotFoundException", message) }

func bad(message string) error { return wire.Fail("InvalidParametersException", message) }

// locale stands in nearly every input; the sandbox speaks English.
type locale struct {
	AcceptLanguage string `json:"AcceptLanguage"`
}

type pageInput struct {
	PageSize  *int   `json:"PageSize"`
	PageToken string `json:"PageToken"`
}

// page cuts a page out of a list: at most so many, and the token of the next page.
func page[T any](all []T, in pageInput, most int) ([]T, string, error) {
	var invalid wire.Invalid
	invalid.Range("pageSize", in.PageSize, 0, most)
	invalid.Length("pageToken", in.PageToken, 1, 2024)
	if err := invalid.Err(); err != nil {
		return nil, "", err
	}
	size, from := most, 0
	if in.PageSize != nil && *in.PageSize > 0 {
		size = *in.PageSize
	}
	if in.PageToken != "" {
		n, err := strconv.ParseInt(in.PageToken, 36, 32)
		if err != nil || n < 0 || int(n) > len(all) {
			return nil, "", bad("Invalid page token.")
		}
		from = int(n)
	}
	to, next := min(from+size, len(all)), ""
	if to < len(all) {
		next = strconv.FormatInt(int64(to), 36)
	}
	return append([]T{}, all[from:to]...), next, nil
}

var (
	idPattern    = pattern.Compile(`[a-zA-Z0-9_\-]*`)
	namePattern  = pattern.Compile(`[a-zA-Z0-9][a-zA-Z0-9._-]*`)
	tokenPattern = pattern.Compile(`[a-zA-Z0-9][a-zA-Z0-9_-]*`)
)

func checkID(i *wire.Invalid, name, value string) {
	i.Length(name, value, 1, 100)
	i.Pattern(name, value, idPattern)
}

// product makes sure that Account Factory is meant, by id or by name. It is there in the home Region only.
func (s *service) product(c *wire.Call, id, name string) error {
	var invalid wire.Invalid
	checkID(&invalid, "productId", id)
	if err := invalid.Err(); err != nil {
		return err
	}
	switch {
	case (id == "") == (name == ""):
		return bad("You must provide either the ID or the name of the product, but not both.")
	case !s.home(c), id != "" && id != s.w.AccountFactory.ProductID, name != "" && name != world.FactoryProduct:
		return notFound("Product with " + named(id, name) + " not found")
	default:
		return nil
	}
}

func (s *service) home(c *wire.Call) bool { return c.Region == s.w.Region }

// launchable makes sure that the caller may use the product (AWS Control Tower User Guide, "Troubleshooting").
func (s *service) launchable(c *wire.Call, id, name string) error {
	if err := s.product(c, id, name); err != nil {
		return err
	}
	if !s.w.AccountFactory.Allows(world.Caller(c.Caller)) {
		return notFound("No launch paths found for resource: " + s.w.AccountFactory.ProductID)
	}
	return nil
}
