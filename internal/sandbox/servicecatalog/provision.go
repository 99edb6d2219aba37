package servicecatalog

import (
	"unicode/utf8"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

type tag struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

type keyValue struct {
	Key      string  `json:"Key"`
	Value    *string `json:"Value"`
	Previous bool    `json:"UsePreviousValue"`
}

// stackSets are preferences for products that are stack sets; they say nothing to Account Factory.
type stackSets struct {
	Accounts              []string `json:"StackSetAccounts"`
	Regions               []string `json:"StackSetRegions"`
	ToleranceCount        *int     `json:"StackSetFailureToleranceCount"`
	TolerancePercentage   *int     `json:"StackSetFailureTolerancePercentage"`
	ConcurrencyCount      *int     `json:"StackSetMaxConcurrencyCount"`
	ConcurrencyPercentage *int     `json:"StackSetMaxConcurrencyPercentage"`
	OperationType         string   `json:"StackSetOperationType"`
}

type provisionInput struct {
	locale
	artifactInput
	Name          string     `json:"ProvisionedProductName"`
	Token         string     `json:"ProvisionToken"`
	PathID        string     `json:"PathId"`
	PathName      string     `json:"PathName"`
	Parameters    []keyValue `json:"ProvisioningParameters"`
	Preferences   *stackSets `json:"ProvisioningPreferences"`
	Notifications []string   `json:"NotificationArns"`
	Tags          []tag      `json:"Tags"`
}

type recordOutput struct {
	Record record `json:"RecordDetail"`
}

func (s *service) recordOutput(r *world.Record, err error) (*recordOutput, error) {
	if err != nil {
		return nil, err
	}
	return &recordOutput{Record: s.show(r)}, nil
}

// provisionProduct is ProvisionProduct.
func (s *service) provisionProduct(c *wire.Call, in *provisionInput) (*recordOutput, error) {
	var invalid wire.Invalid
	invalid.Required("provisionedProductName", in.Name)
	invalid.Length("provisionedProductName", in.Name, 1, 128)
	invalid.Pattern("provisionedProductName", in.Name, namePattern)
	checkToken(&invalid, "provisionToken", in.Token)
	checkParameters(&invalid, in.Parameters)
	checkTags(&invalid, in.Tags)
	if len(in.Notifications) > 5 {
		invalid.Add("notificationArns", in.Notifications, "have length less than or equal to 5")
	}
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	a, err := s.artifact(c, in.artifactInput)
	if err != nil {
		return nil, err
	}
	if err := s.launchable(c, in.ProductID, in.ProductName); err != nil {
		return nil, err
	}
	if err := s.pathGiven(in.PathID, in.PathName); err != nil {
		return nil, err
	}
	return s.recordOutput(s.w.Provision(world.Order{
		Name: in.Name, Token: in.Token, Artifact: a, Parameters: given(in.Parameters), Tags: tagMap(in.Tags),
		User: world.Caller(c.Caller), Extras: len(in.Notifications) > 0,
	}))
}

type updateInput struct {
	locale
	artifactInput
	ID          string     `json:"ProvisionedProductId"`
	Name        string     `json:"ProvisionedProductName"`
	Token       string     `json:"UpdateToken"`
	PathID      string     `json:"PathId"`
	PathName    string     `json:"PathName"`
	Parameters  []keyValue `json:"ProvisioningParameters"`
	Preferences *stackSets `json:"ProvisioningPreferences"`
	Tags        []tag      `json:"Tags"`
}

// updateProvisionedProduct is UpdateProvisionedProduct. Product and artifact that are not given stay as they are.
func (s *service) updateProvisionedProduct(c *wire.Call, in *updateInput) (*recordOutput, error) {
	var invalid wire.Invalid
	checkToken(&invalid, "updateToken", in.Token)
	checkParameters(&invalid, in.Parameters)
	checkTags(&invalid, in.Tags)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	p, err := s.provisioned(in.ID, in.Name)
	if err != nil {
		return nil, err
	}
	if in.ProductID == "" && in.ProductName == "" {
		in.ProductID = s.w.AccountFactory.ProductID
	}
	if in.ArtifactID == "" && in.ArtifactName == "" {
		in.ArtifactID = p.Artifact
	}
	a, err := s.artifact(c, in.artifactInput)
	if err != nil {
		return nil, err
	}
	if err := s.launchable(c, in.ProductID, in.ProductName); err != nil {
		return nil, err
	}
	if err := s.pathGiven(in.PathID, in.PathName); err != nil {
		return nil, err
	}
	return s.recordOutput(s.w.Update(p, world.Order{
		Name: p.Name, Token: in.Token, Artifact: a, Parameters: given(in.Parameters), User: world.Caller(c.Caller),
	}))
}

// terminateProvisionedProduct is TerminateProvisionedProduct. Errors that are to be ignored, and resources that are to be
// retained, make no difference to Account Factory: the account stays open anyway.
func (s *service) terminateProvisionedProduct(c *wire.Call, in *struct {
	locale
	ID              string `json:"ProvisionedProductId"`
	Name            string `json:"ProvisionedProductName"`
	Token           string `json:"TerminateToken"`
	IgnoreErrors    bool   `json:"IgnoreErrors"`
	RetainResources bool   `json:"RetainPhysicalResources"`
},
) (*recordOutput, error) {
	var invalid wire.Invalid
	checkToken(&invalid, "terminateToken", in.Token)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	p, err := s.provisioned(in.ID, in.Name)
	if err != nil {
		return nil, err
	}
	return s.recordOutput(s.w.Terminate(p, in.Token, world.Caller(c.Caller)))
}

// provisioned finds a provisioned product by its id or its name.
func (s *service) provisioned(id, name string) (*world.Product, error) {
	var invalid wire.Invalid
	checkID(&invalid, "provisionedProductId", id)
	invalid.Length("provisionedProductName", name, 1, 1224)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	if (id == "") == (name == "") {
		return nil, bad("You must provide either the ID or the name of the provisioned product, but not both.")
	}
	p := s.w.AccountFactory.Product(id, name)
	if p == nil {
		return nil, notFound("Provisioned product with " + named(id, name) + " not found")
	}
	return p, nil
}

func checkToken(i *wire.Invalid, name, token string) {
	i.Required(name, token)
	i.Length(name, token, 1, 128)
	i.Pattern(name, token, tokenPattern)
}

func checkParameters(i *wire.Invalid, parameters []keyValue) {
	for _, p := range parameters {
		i.Length("provisioningParameters.key", p.Key, 1, 1000)
		if p.Value != nil && utf8.RuneCountInString(*p.Value) > 4096 {
			i.Add("provisioningParameters.value", *p.Value, "have length less than or equal to 4096")
		}
	}
}

func checkTags(i *wire.Invalid, tags []tag) {
	if len(tags) > 50 {
		i.Add("tags", tags, "have length less than or equal to 50")
	}
	for _, t := range tags {
		i.Required("tags.key", t.Key)
		i.Length("tags.key", t.Key, 1, 128)
		i.Required("tags.value", t.Value)
		i.Length("tags.value", t.Value, 1, 256)
	}
}

// given are the values that stand in a request; those that are to stay as they were do not.
func given(parameters []keyValue) map[string]string {
	values := map[string]string{}
	for _, p := range parameters {
		if !p.Previous && p.Value != nil {
			values[p.Key] = *p.Value
		}
	}
	return values
}

func tagMap(tags []tag) map[string]string {
	if tags == nil {
		return nil
	}
	m := map[string]string{}
	for _, t := range tags {
		m[t.Key] = t.Value
	}
	return m
}
