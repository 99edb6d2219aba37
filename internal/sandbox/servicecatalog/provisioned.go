package servicecatalog

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// product is a provisioned product (AWS Service Catalog API Reference, ProvisionedProductDetail).
type product struct {
	Name           string    `json:"Name"`
	ARN            string    `json:"Arn"`
	Type           string    `json:"Type"`
	ID             string    `json:"Id"`
	Status         string    `json:"Status"`
	StatusMessage  string    `json:"StatusMessage,omitempty"`
	Created        wire.Time `json:"CreatedTime"`
	Token          string    `json:"IdempotencyToken"`
	LastRecord     string    `json:"LastRecordId"`
	LastProvision  string    `json:"LastProvisioningRecordId,omitempty"`
	LastSuccessful string    `json:"LastSuccessfulProvisioningRecordId,omitempty"`
	ProductID      string    `json:"ProductId"`
	Artifact       string    `json:"ProvisioningArtifactId"`
}

func (s *service) detailOf(p *world.Product) product {
	return product{
		Name: p.Name, ARN: s.w.ProductARN(p), Type: world.FactoryType, ID: p.ID, Status: p.Status, StatusMessage: p.StatusMessage,
		Created: wire.Time{Time: p.Created}, Token: p.Token, LastRecord: p.LastRecord, LastProvision: p.LastProvisioning,
		LastSuccessful: p.LastSuccessful, ProductID: s.w.AccountFactory.ProductID, Artifact: p.Artifact,
	}
}

// attributes is what the search shows of a provisioned product (ProvisionedProductAttribute).
type attributes struct {
	product
	PhysicalID   string `json:"PhysicalId,omitempty"`
	ProductName  string `json:"ProductName"`
	ArtifactName string `json:"ProvisioningArtifactName"`
	UserARN      string `json:"UserArn"`
	UserSession  string `json:"UserArnSession"`
	Tags         []tag  `json:"Tags"`
}

func (s *service) attributesOf(p *world.Product) attributes {
	shown := attributes{
		product: s.detailOf(p), PhysicalID: p.PhysicalID, ProductName: world.FactoryProduct,
		UserARN: p.User.Principal(), UserSession: p.User.ARN, Tags: []tag{},
	}
	if a := s.w.AccountFactory.Artifact(p.Artifact, ""); a != nil {
		shown.ArtifactName = a.Name
	}
	for _, key := range slices.Sorted(maps.Keys(p.Tags)) {
		shown.Tags = append(shown.Tags, tag{Key: key, Value: p.Tags[key]})
	}
	return shown
}

type describeProvisionedOutput struct {
	Detail     product  `json:"ProvisionedProductDetail"`
	Dashboards []string `json:"CloudWatchDashboards"`
}

// describeProvisionedProduct is DescribeProvisionedProduct.
func (s *service) describeProvisionedProduct(_ *wire.Call, in *describeProductInput) (*describeProvisionedOutput, error) {
	p, err := s.provisioned(in.ID, in.Name)
	if err != nil {
		return nil, err
	}
	return &describeProvisionedOutput{Detail: s.detailOf(p), Dashboards: []string{}}, nil
}

type outputsOutput struct {
	Outputs   []output `json:"Outputs"`
	NextToken string   `json:"NextPageToken,omitempty"`
}

// getProvisionedProductOutputs is GetProvisionedProductOutputs: those of the last success; a product that never succeeded
// is refused.
func (s *service) getProvisionedProductOutputs(_ *wire.Call, in *struct {
	locale
	pageInput
	ID   string   `json:"ProvisionedProductId"`
	Name string   `json:"ProvisionedProductName"`
	Keys []string `json:"OutputKeys"`
},
) (*outputsOutput, error) {
	p, err := s.provisioned(in.ID, in.Name)
	if err != nil {
		return nil, err
	}
	if p.LastSuccessful == "" {
		return nil, bad("Last Successful Provisioning Record doesn't exist.")
	}
	all := outputs(s.w.AccountFactory.Record(p.LastSuccessful))
	for _, key := range in.Keys {
		if !slices.ContainsFunc(all, func(o output) bool { return o.Key == key }) {
			return nil, bad("Invalid output key: " + key)
		}
	}
	if len(in.Keys) > 0 {
		all = slices.DeleteFunc(all, func(o output) bool { return !slices.Contains(in.Keys, o.Key) })
	}
	found, next, err := page(all, in.pageInput, 20)
	if err != nil {
		return nil, err
	}
	return &outputsOutput{Outputs: found, NextToken: next}, nil
}

type searchProvisionedOutput struct {
	Products  []attributes `json:"ProvisionedProducts"`
	Total     int          `json:"TotalResultsCount"`
	NextToken string       `json:"NextPageToken,omitempty"`
}

// searchProvisionedProducts is SearchProvisionedProducts: the whole account's, unless another access level is given.
func (s *service) searchProvisionedProducts(c *wire.Call, in *struct {
	locale
	pageInput
	Access    *accessLevel        `json:"AccessLevelFilter"`
	Filters   map[string][]string `json:"Filters"`
	SortBy    string              `json:"SortBy"`
	SortOrder string              `json:"SortOrder"`
},
) (*searchProvisionedOutput, error) {
	var invalid wire.Invalid
	invalid.Enum("sortOrder", in.SortOrder, "ASCENDING", "DESCENDING")
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	visible, err := sees(c, in.Access, "Account")
	if err != nil {
		return nil, err
	}
	for key := range in.Filters {
		if key != "SearchQuery" {
			return nil, bad("Invalid filter key: " + key)
		}
	}
	shown := []attributes{}
	for _, p := range s.w.AccountFactory.Products {
		a := s.attributesOf(p)
		hit, err := a.meets(in.Filters["SearchQuery"])
		if err != nil {
			return nil, err
		}
		if hit && visible(p.User) {
			shown = append(shown, a)
		}
	}
	if err := arrange(shown, in.SortBy, in.SortOrder == "DESCENDING"); err != nil {
		return nil, err
	}
	found, next, err := page(shown, in.pageInput, 100)
	if err != nil {
		return nil, err
	}
	return &searchProvisionedOutput{Products: found, Total: len(shown), NextToken: next}, nil
}

// fields are what a search query can name (AWS Service Catalog API Reference, SearchProvisionedProducts).
func (a attributes) fields() map[string]string {
	tags := make([]string, len(a.Tags))
	for i, t := range a.Tags {
		tags[i] = t.Key + "=" + t.Value
	}
	return map[string]string{
		"arn": a.ARN, "createdTime": a.Created.UTC().Format("2006-01-02T15:04:05Z"), "id": a.ID, "lastRecordId": a.LastRecord,
		"idempotencyToken": a.Token, "name": a.Name, "physicalId": a.PhysicalID, "productId": a.ProductID,
		"provisioningArtifactId": a.Artifact, "type": a.Type, "status": a.Status, "tags": strings.Join(tags, ","),
		"userArn": a.UserARN, "userArnSession": a.UserSession, "lastProvisioningRecordId": a.LastProvision,
		"lastSuccessfulProvisioningRecordId": a.LastSuccessful, "productName": a.ProductName, "provisioningArtifactName": a.ArtifactName,
	}
}

// meets says whether the product meets every term of the query: "field:value", or a bare text that stands in some field.
func (a attributes) meets(query []string) (bool, error) {
	fields := a.fields()
	for _, term := range query {
		field, want, named := strings.Cut(term, ":")
		if !named {
			if !slices.ContainsFunc(slices.Collect(maps.Values(fields)), func(v string) bool { return strings.Contains(v, term) }) {
				return false, nil
			}
			continue
		}
		have, ok := fields[field]
		if !ok {
			return false, bad("Invalid search query field: " + field)
		}
		if !strings.EqualFold(have, strings.Trim(want, `"`)) {
			return false, nil
		}
	}
	return true, nil
}

func arrange(shown []attributes, by string, descending bool) error {
	if by == "" {
		return nil
	}
	if !slices.Contains([]string{"arn", "id", "name", "lastRecordId", "createdTime"}, by) {
		return bad("Invalid sort field: " + by)
	}
	slices.SortStableFunc(shown, func(a, b attributes) int {
		order := cmp.Compare(a.fields()[by], b.fields()[by])
		if descending {
			return -order
		}
		return order
	})
	return nil
}

type scanOutput struct {
	Products  []product `json:"ProvisionedProducts"`
	NextToken string    `json:"NextPageToken,omitempty"`
}

// scanProvisionedProducts is ScanProvisionedProducts: the caller's own, unless another access level is given.
func (s *service) scanProvisionedProducts(c *wire.Call, in *struct {
	locale
	pageInput
	Access *accessLevel `json:"AccessLevelFilter"`
},
) (*scanOutput, error) {
	visible, err := sees(c, in.Access, "User")
	if err != nil {
		return nil, err
	}
	shown := []product{}
	for _, p := range s.w.AccountFactory.Products {
		if visible(p.User) {
			shown = append(shown, s.detailOf(p))
		}
	}
	found, next, err := page(shown, in.pageInput, 20)
	if err != nil {
		return nil, err
	}
	return &scanOutput{Products: found, NextToken: next}, nil
}
