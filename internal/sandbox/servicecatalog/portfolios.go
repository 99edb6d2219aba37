package servicecatalog

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

type portfolio struct {
	ID          string    `json:"Id"`
	ARN         string    `json:"ARN"`
	Name        string    `json:"DisplayName"`
	Description string    `json:"Description"`
	Provider    string    `json:"ProviderName"`
	Created     wire.Time `json:"CreatedTime"`
}

type portfoliosOutput struct {
	Portfolios []portfolio `json:"PortfolioDetails"`
	NextToken  string      `json:"NextPageToken,omitempty"`
}

type listInput struct {
	locale
	pageInput
}

// listPortfolios is ListPortfolios: there is one.
func (s *service) listPortfolios(c *wire.Call, in *listInput) (*portfoliosOutput, error) {
	f := s.w.AccountFactory
	var all []portfolio
	if s.home(c) {
		all = append(all, portfolio{
			ID: f.PortfolioID, ARN: "arn:aws:catalog:" + s.w.Region + ":" + s.w.Management.ID + ":portfolio/" + f.PortfolioID,
			Name: world.FactoryPortfolio, Description: world.FactoryPortfolio, Provider: world.FactoryOwner,
			Created: wire.Time{Time: f.Created},
		})
	}
	found, next, err := page(all, in.pageInput, 20)
	if err != nil {
		return nil, err
	}
	return &portfoliosOutput{Portfolios: found, NextToken: next}, nil
}

// listPortfoliosForProduct is ListPortfoliosForProduct.
func (s *service) listPortfoliosForProduct(c *wire.Call, in *struct {
	listInput
	ProductID string `json:"ProductId"`
},
) (*portfoliosOutput, error) {
	if err := s.product(c, in.ProductID, ""); err != nil {
		return nil, err
	}
	return s.listPortfolios(c, &in.listInput)
}

func (s *service) portfolio(id string) error {
	var invalid wire.Invalid
	invalid.Required("portfolioId", id)
	checkID(&invalid, "portfolioId", id)
	if err := invalid.Err(); err != nil {
		return err
	}
	if id != s.w.AccountFactory.PortfolioID {
		return notFound("Portfolio " + id + " not found")
	}
	return nil
}

type principal struct {
	ARN  string `json:"PrincipalARN"`
	Type string `json:"PrincipalType"`
}

type principalsOutput struct {
	Principals []principal `json:"Principals"`
	NextToken  string      `json:"NextPageToken,omitempty"`
}

// listPrincipalsForPortfolio is ListPrincipalsForPortfolio.
func (s *service) listPrincipalsForPortfolio(_ *wire.Call, in *struct {
	listInput
	PortfolioID string `json:"PortfolioId"`
},
) (*principalsOutput, error) {
	if err := s.portfolio(in.PortfolioID); err != nil {
		return nil, err
	}
	shown := []principal{}
	for _, p := range s.w.AccountFactory.Principals {
		shown = append(shown, principal(p))
	}
	found, next, err := page(shown, in.pageInput, 20)
	if err != nil {
		return nil, err
	}
	return &principalsOutput{Principals: found, NextToken: next}, nil
}

type associationInput struct {
	locale
	PortfolioID string `json:"PortfolioId"`
	ARN         string `json:"PrincipalARN"`
	Type        string `json:"PrincipalType"`
}

func (s *service) association(in *associationInput) error {
	var invalid wire.Invalid
	invalid.Required("principalARN", in.ARN)
	invalid.Length("principalARN", in.ARN, 1, 1000)
	invalid.Enum("principalType", in.Type, "IAM", "IAM_PATTERN")
	if err := invalid.Err(); err != nil {
		return err
	}
	if err := s.portfolio(in.PortfolioID); err != nil {
		return err
	}
	if !strings.HasPrefix(in.ARN, "arn:aws:iam::") {
		return bad("Invalid principal ARN: " + in.ARN)
	}
	return nil
}

type nothing struct{}

// Limits of principals of a portfolio (AWS Service Catalog Administrator Guide, "AWS Service Catalog default service
// quotas").
const (
	mostPrincipals = 100
	mostPatterns   = 10
)

// associatePrincipalWithPortfolio is AssociatePrincipalWithPortfolio; a principal that is associated already stays.
func (s *service) associatePrincipalWithPortfolio(_ *wire.Call, in *associationInput) (*nothing, error) {
	if in.Type == "" {
		var invalid wire.Invalid
		invalid.Required("principalType", in.Type)
		return nil, invalid.Err()
	}
	if err := s.association(in); err != nil {
		return nil, err
	}
	f := s.w.AccountFactory
	add := world.Principal{ARN: in.ARN, Type: in.Type}
	if slices.Contains(f.Principals, add) {
		return &nothing{}, nil
	}
	patterns := 0
	for _, p := range f.Principals {
		if p.Type == "IAM_PATTERN" {
			patterns++
		}
	}
	if len(f.Principals) >= mostPrincipals || (in.Type == "IAM_PATTERN" && patterns >= mostPatterns) {
		return nil, wire.Fail("LimitExceededException", "The portfolio has as many principals as it may have.")
	}
	f.Principals = append(f.Principals, add)
	return &nothing{}, nil
}

// disassociatePrincipalFromPortfolio is DisassociatePrincipalFromPortfolio.
func (s *service) disassociatePrincipalFromPortfolio(_ *wire.Call, in *associationInput) (*nothing, error) {
	if err := s.association(in); err != nil {
		return nil, err
	}
	f := s.w.AccountFactory
	gone := world.Principal{ARN: in.ARN, Type: cmp.Or(in.Type, "IAM")}
	at := slices.Index(f.Principals, gone)
	if at < 0 {
		return nil, notFound("Principal " + in.ARN + " is not associated with portfolio " + in.PortfolioID)
	}
	f.Principals = slices.Delete(f.Principals, at, at+1)
	return &nothing{}, nil
}
