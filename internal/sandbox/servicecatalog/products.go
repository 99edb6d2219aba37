package servicecatalog

import (
	"maps"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

type productView struct {
	ID               string `json:"Id"`
	ProductID        string `json:"ProductId"`
	Name             string `json:"Name"`
	Owner            string `json:"Owner"`
	ShortDescription string `json:"ShortDescription"`
	Type             string `json:"Type"`
	Distributor      string `json:"Distributor"`
	HasDefaultPath   bool   `json:"HasDefaultPath"`
}

func (s *service) view() productView {
	return productView{
		ID: s.w.AccountFactory.ViewID, ProductID: s.w.AccountFactory.ProductID, Name: world.FactoryProduct, Owner: world.FactoryOwner,
		ShortDescription: "AWS Control Tower Account Factory", Type: world.FactoryType, Distributor: world.FactoryOwner,
	}
}

// filtered says whether the product passes the filters of a search (AWS Service Catalog API Reference, SearchProducts).
func (s *service) filtered(filters map[string][]string) (bool, error) {
	v := s.view()
	values := map[string][]string{
		"FullTextSearch":  {v.Name, v.Owner, v.ShortDescription, v.ProductID},
		"Owner":           {v.Owner},
		"ProductType":     {v.Type},
		"SourceProductId": {},
	}
	for _, key := range slices.Sorted(maps.Keys(filters)) {
		have, ok := values[key]
		if !ok {
			return false, bad("Invalid filter key: " + key)
		}
		if !slices.ContainsFunc(filters[key], func(want string) bool { return meets(key, want, have) }) {
			return false, nil
		}
	}
	return true, nil
}

func meets(key, want string, have []string) bool {
	if key != "FullTextSearch" {
		return slices.Contains(have, want)
	}
	return slices.ContainsFunc(have, func(text string) bool {
		return strings.Contains(strings.ToLower(text), strings.ToLower(want))
	})
}

type searchInput struct {
	locale
	pageInput
	Filters   map[string][]string `json:"Filters"`
	SortBy    string              `json:"SortBy"`
	SortOrder string              `json:"SortOrder"`
}

type searchOutput struct {
	Products  []productView `json:"ProductViewSummaries"`
	NextToken string        `json:"NextPageToken,omitempty"`
}

// searchProducts is SearchProducts: what the caller may use.
func (s *service) searchProducts(c *wire.Call, in *searchInput) (*searchOutput, error) {
	hit, err := s.filtered(in.Filters)
	if err != nil {
		return nil, err
	}
	products := []productView{}
	if hit && s.home(c) && s.w.AccountFactory.Allows(world.Caller(c.Caller)) {
		products = append(products, s.view())
	}
	found, next, err := page(products, in.pageInput, 100)
	if err != nil {
		return nil, err
	}
	return &searchOutput{Products: found, NextToken: next}, nil
}

type productDetail struct {
	View    productView `json:"ProductViewSummary"`
	ARN     string      `json:"ProductARN"`
	Status  string      `json:"Status"`
	Created wire.Time   `json:"CreatedTime"`
}

func (s *service) detail() productDetail {
	f := s.w.AccountFactory
	return productDetail{
		View: s.view(), ARN: "arn:aws:catalog:" + s.w.Region + ":" + s.w.Management.ID + ":product/" + f.ProductID,
		Status: "CREATED", Created: wire.Time{Time: f.Created},
	}
}

type searchAsAdminOutput struct {
	Products  []productDetail `json:"ProductViewDetails"`
	NextToken string          `json:"NextPageToken,omitempty"`
}

// searchProductsAsAdmin is SearchProductsAsAdmin: what there is.
func (s *service) searchProductsAsAdmin(c *wire.Call, in *struct {
	searchInput
	PortfolioID   string `json:"PortfolioId"`
	ProductSource string `json:"ProductSource"`
},
) (*searchAsAdminOutput, error) {
	if in.PortfolioID != "" {
		if err := s.portfolio(in.PortfolioID); err != nil {
			return nil, err
		}
	}
	hit, err := s.filtered(in.Filters)
	if err != nil {
		return nil, err
	}
	products := []productDetail{}
	if hit && s.home(c) {
		products = append(products, s.detail())
	}
	found, next, err := page(products, in.pageInput, 20)
	if err != nil {
		return nil, err
	}
	return &searchAsAdminOutput{Products: found, NextToken: next}, nil
}

type describeProductInput struct {
	locale
	ID   string `json:"Id"`
	Name string `json:"Name"`
}

type artifactView struct {
	ID       string    `json:"Id"`
	Name     string    `json:"Name"`
	Created  wire.Time `json:"CreatedTime"`
	Guidance string    `json:"Guidance,omitempty"`
}

type path struct {
	ID   string `json:"Id"`
	Name string `json:"Name"`
}

type describeProductOutput struct {
	View      productView    `json:"ProductViewSummary"`
	Artifacts []artifactView `json:"ProvisioningArtifacts"`
	Paths     []path         `json:"LaunchPaths"`
	Budgets   []string       `json:"Budgets"`
}

// describeProduct is DescribeProduct, the end user's view: only active artifacts.
func (s *service) describeProduct(c *wire.Call, in *describeProductInput) (*describeProductOutput, error) {
	if err := s.product(c, in.ID, in.Name); err != nil {
		return nil, err
	}
	if !s.w.AccountFactory.Allows(world.Caller(c.Caller)) {
		return nil, notFound("Product with " + named(in.ID, in.Name) + " not found")
	}
	out := &describeProductOutput{
		View: s.view(), Artifacts: []artifactView{}, Paths: []path{s.path()}, Budgets: []string{},
	}
	for _, a := range s.w.AccountFactory.Artifacts {
		if a.Active {
			out.Artifacts = append(out.Artifacts, artifactView{ID: a.ID, Name: a.Name, Created: wire.Time{Time: a.Created}, Guidance: "DEFAULT"})
		}
	}
	return out, nil
}

func named(id, name string) string {
	if id != "" {
		return "id " + id
	}
	return "name " + name
}

type describeProductAsAdminOutput struct {
	Detail     productDetail  `json:"ProductViewDetail"`
	Artifacts  []artifactView `json:"ProvisioningArtifactSummaries"`
	Tags       []tag          `json:"Tags"`
	TagOptions []tag          `json:"TagOptions"`
	Budgets    []string       `json:"Budgets"`
}

// describeProductAsAdmin is DescribeProductAsAdmin: all artifacts, without saying which one is active.
func (s *service) describeProductAsAdmin(c *wire.Call, in *struct {
	describeProductInput
	SourcePortfolioID string `json:"SourcePortfolioId"`
},
) (*describeProductAsAdminOutput, error) {
	if err := s.product(c, in.ID, in.Name); err != nil {
		return nil, err
	}
	out := &describeProductAsAdminOutput{
		Detail: s.detail(), Artifacts: []artifactView{}, Tags: []tag{}, TagOptions: []tag{}, Budgets: []string{},
	}
	for _, a := range s.w.AccountFactory.Artifacts {
		out.Artifacts = append(out.Artifacts, artifactView{ID: a.ID, Name: a.Name, Created: wire.Time{Time: a.Created}})
	}
	return out, nil
}

func (s *service) path() path {
	return path{ID: s.w.AccountFactory.PathID, Name: world.FactoryPortfolio}
}

type launchPath struct {
	path
	Constraints []string `json:"ConstraintSummaries"`
	Tags        []tag    `json:"Tags"`
}

type launchPathsOutput struct {
	Paths     []launchPath `json:"LaunchPathSummaries"`
	NextToken string       `json:"NextPageToken,omitempty"`
}

// listLaunchPaths is ListLaunchPaths: there is one, for those who may use the portfolio.
func (s *service) listLaunchPaths(c *wire.Call, in *struct {
	locale
	pageInput
	ProductID string `json:"ProductId"`
},
) (*launchPathsOutput, error) {
	if err := s.launchable(c, in.ProductID, ""); err != nil {
		return nil, err
	}
	found, next, err := page([]launchPath{{path: s.path(), Constraints: []string{}, Tags: []tag{}}}, in.pageInput, 20)
	if err != nil {
		return nil, err
	}
	return &launchPathsOutput{Paths: found, NextToken: next}, nil
}
