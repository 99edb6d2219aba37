package servicecatalog

import (
	"slices"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// record is an operation on a provisioned product (AWS Service Catalog API Reference, RecordDetail).
type record struct {
	ID         string        `json:"RecordId"`
	Name       string        `json:"ProvisionedProductName"`
	Status     string        `json:"Status"`
	Created    wire.Time     `json:"CreatedTime"`
	Updated    wire.Time     `json:"UpdatedTime"`
	Type       string        `json:"ProvisionedProductType"`
	RecordType string        `json:"RecordType"`
	Product    string        `json:"ProvisionedProductId"`
	ProductID  string        `json:"ProductId"`
	Artifact   string        `json:"ProvisioningArtifactId"`
	Path       string        `json:"PathId"`
	Errors     []recordError `json:"RecordErrors"`
	Tags       []tag         `json:"RecordTags"`
}

type recordError struct {
	Code        string `json:"Code,omitempty"`
	Description string `json:"Description"`
}

type output struct {
	Key         string `json:"OutputKey"`
	Value       string `json:"OutputValue"`
	Description string `json:"Description,omitempty"`
}

func (s *service) show(r *world.Record) record {
	shown := record{
		ID: r.ID, Name: r.ProductName, Status: r.Status, Created: wire.Time{Time: r.Created}, Updated: wire.Time{Time: r.Updated},
		Type: world.FactoryType, RecordType: r.Type, Product: r.ProductID, ProductID: s.w.AccountFactory.ProductID,
		Artifact: r.Artifact, Path: s.w.AccountFactory.PathID, Errors: []recordError{}, Tags: []tag{},
	}
	for _, e := range r.Errors {
		shown.Errors = append(shown.Errors, recordError(e))
	}
	return shown
}

func outputs(r *world.Record) []output {
	shown := []output{}
	if r != nil {
		for _, o := range r.Outputs {
			shown = append(shown, output(o))
		}
	}
	return shown
}

type describeRecordOutput struct {
	Record    record   `json:"RecordDetail"`
	Outputs   []output `json:"RecordOutputs"`
	NextToken string   `json:"NextPageToken,omitempty"`
}

// describeRecord is DescribeRecord.
func (s *service) describeRecord(_ *wire.Call, in *struct {
	locale
	pageInput
	ID string `json:"Id"`
},
) (*describeRecordOutput, error) {
	var invalid wire.Invalid
	invalid.Required("id", in.ID)
	checkID(&invalid, "id", in.ID)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	r := s.w.AccountFactory.Record(in.ID)
	if r == nil {
		return nil, notFound("Record with id " + in.ID + " not found")
	}
	found, next, err := page(outputs(r), in.pageInput, 20)
	if err != nil {
		return nil, err
	}
	return &describeRecordOutput{Record: s.show(r), Outputs: found, NextToken: next}, nil
}

// accessLevel says whose products are seen: all of the account's, those of the caller's role, the caller's own.
type accessLevel struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

// sees makes the test for an access level; byDefault is the level when none is given.
func sees(c *wire.Call, level *accessLevel, byDefault string) (func(world.Caller) bool, error) {
	var invalid wire.Invalid
	if level != nil {
		invalid.Required("accessLevelFilter.key", level.Key)
		invalid.Enum("accessLevelFilter.key", level.Key, "Account", "Role", "User")
		byDefault = level.Key
		if level.Value != "" && level.Value != "self" {
			return nil, bad("The value of an access level filter is \"self\".")
		}
	}
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	me := world.Caller(c.Caller)
	return func(owner world.Caller) bool {
		switch byDefault {
		case "Account":
			return true
		case "Role":
			return owner.Principal() == me.Principal()
		default:
			return owner.ARN == me.ARN
		}
	}, nil
}

type historyOutput struct {
	Records   []record `json:"RecordDetails"`
	NextToken string   `json:"NextPageToken,omitempty"`
}

// listRecordHistory is ListRecordHistory: the newest first.
func (s *service) listRecordHistory(c *wire.Call, in *struct {
	locale
	pageInput
	Access *accessLevel `json:"AccessLevelFilter"`
	Search *struct {
		Key   string `json:"Key"`
		Value string `json:"Value"`
	} `json:"SearchFilter"`
},
) (*historyOutput, error) {
	visible, err := sees(c, in.Access, "User")
	if err != nil {
		return nil, err
	}
	if in.Search != nil && !slices.Contains([]string{"product", "provisionedproduct"}, in.Search.Key) {
		return nil, bad("The key of a search filter is product or provisionedproduct.")
	}
	var shown []record
	for _, r := range slices.Backward(s.w.AccountFactory.Records) {
		switch {
		case !visible(r.User):
		case in.Search != nil && in.Search.Key == "product" && in.Search.Value != s.w.AccountFactory.ProductID:
		case in.Search != nil && in.Search.Key == "provisionedproduct" && in.Search.Value != r.ProductID:
		default:
			shown = append(shown, s.show(r))
		}
	}
	found, next, err := page(shown, in.pageInput, 20)
	if err != nil {
		return nil, err
	}
	return &historyOutput{Records: found, NextToken: next}, nil
}
