package servicecatalog

import (
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

type artifactDetail struct {
	ID          string    `json:"Id"`
	Name        string    `json:"Name"`
	Description string    `json:"Description"`
	Type        string    `json:"Type"`
	Created     wire.Time `json:"CreatedTime"`
	Active      bool      `json:"Active"`
	Guidance    string    `json:"Guidance"`
}

func showArtifact(a *world.Artifact) artifactDetail {
	return artifactDetail{
		ID: a.ID, Name: a.Name, Description: "AWS Control Tower Account Factory", Type: world.FactoryType,
		Created: wire.Time{Time: a.Created}, Active: a.Active, Guidance: "DEFAULT",
	}
}

type artifactsOutput struct {
	Artifacts []artifactDetail `json:"ProvisioningArtifactDetails"`
}

// listProvisioningArtifacts is ListProvisioningArtifacts: all versions, in no documented order, one of them active.
func (s *service) listProvisioningArtifacts(c *wire.Call, in *struct {
	locale
	ProductID string `json:"ProductId"`
},
) (*artifactsOutput, error) {
	if err := s.product(c, in.ProductID, ""); err != nil {
		return nil, err
	}
	out := &artifactsOutput{}
	for _, a := range s.w.AccountFactory.Artifacts {
		out.Artifacts = append(out.Artifacts, showArtifact(a))
	}
	return out, nil
}

type artifactInput struct {
	ProductID    string `json:"ProductId"`
	ProductName  string `json:"ProductName"`
	ArtifactID   string `json:"ProvisioningArtifactId"`
	ArtifactName string `json:"ProvisioningArtifactName"`
}

func (s *service) artifact(c *wire.Call, in artifactInput) (*world.Artifact, error) {
	var invalid wire.Invalid
	checkID(&invalid, "provisioningArtifactId", in.ArtifactID)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	if err := s.product(c, in.ProductID, in.ProductName); err != nil {
		return nil, err
	}
	if (in.ArtifactID == "") == (in.ArtifactName == "") {
		return nil, bad("You must provide either the ID or the name of the provisioning artifact, but not both.")
	}
	a := s.w.AccountFactory.Artifact(in.ArtifactID, in.ArtifactName)
	if a == nil {
		return nil, notFound("Provisioning artifact with " + named(in.ArtifactID, in.ArtifactName) + " not found")
	}
	return a, nil
}

type artifactOutput struct {
	Detail     artifactDetail    `json:"ProvisioningArtifactDetail"`
	Status     string            `json:"Status"`
	Info       map[string]string `json:"Info"`
	Parameters []parameter       `json:"ProvisioningArtifactParameters,omitempty"`
}

// describeProvisioningArtifact is DescribeProvisioningArtifact.
func (s *service) describeProvisioningArtifact(c *wire.Call, in *struct {
	locale
	artifactInput
	Verbose    bool `json:"Verbose"`
	Parameters bool `json:"IncludeProvisioningArtifactParameters"`
},
) (*artifactOutput, error) {
	a, err := s.artifact(c, in.artifactInput)
	if err != nil {
		return nil, err
	}
	out := &artifactOutput{Detail: showArtifact(a), Status: "AVAILABLE", Info: map[string]string{}}
	if in.Parameters {
		out.Parameters = s.parameters()
	}
	return out, nil
}

type parameter struct {
	Key         string      `json:"ParameterKey"`
	Type        string      `json:"ParameterType"`
	NoEcho      bool        `json:"IsNoEcho"`
	Description string      `json:"Description"`
	Constraints constraints `json:"ParameterConstraints"`
}

type constraints struct {
	AllowedValues  []string `json:"AllowedValues"`
	AllowedPattern string   `json:"AllowedPattern,omitempty"`
}

// parameters are those of the product's template (AWS Control Tower User Guide, "Automate account provisioning in AWS
// Control Tower by Service Catalog APIs"); ManagedOrganizationalUnit lists the units that can be chosen.
func (s *service) parameters() []parameter {
	const emails = `[^\s@]+@[^\s@]+\.[^\s@]+`
	patterns := map[string]string{
		"AccountEmail": emails, "SSOUserEmail": emails, "AccountName": ".+", "SSOUserFirstName": ".+", "SSOUserLastName": ".+",
	}
	parameters := make([]parameter, len(world.Parameters))
	for i, key := range world.Parameters {
		parameters[i] = parameter{
			Key: key, Type: "String", Description: key, Constraints: constraints{AllowedValues: []string{}, AllowedPattern: patterns[key]},
		}
		if key == "ManagedOrganizationalUnit" {
			parameters[i].Constraints.AllowedValues = s.w.Eligible()
		}
	}
	return parameters
}

type outputKey struct {
	Key         string `json:"Key"`
	Description string `json:"Description"`
}

type parametersOutput struct {
	Parameters  []parameter `json:"ProvisioningArtifactParameters"`
	Outputs     []outputKey `json:"ProvisioningArtifactOutputKeys"`
	Constraints []string    `json:"ConstraintSummaries"`
	Usage       []string    `json:"UsageInstructions"`
	TagOptions  []tag       `json:"TagOptions"`
}

// describeProvisioningParameters is DescribeProvisioningParameters.
func (s *service) describeProvisioningParameters(c *wire.Call, in *struct {
	locale
	artifactInput
	PathID   string `json:"PathId"`
	PathName string `json:"PathName"`
},
) (*parametersOutput, error) {
	if _, err := s.artifact(c, in.artifactInput); err != nil {
		return nil, err
	}
	if err := s.launchable(c, in.ProductID, in.ProductName); err != nil {
		return nil, err
	}
	if err := s.pathGiven(in.PathID, in.PathName); err != nil {
		return nil, err
	}
	out := &parametersOutput{
		Parameters: s.parameters(), Constraints: []string{}, Usage: []string{}, TagOptions: []tag{},
	}
	for _, key := range []string{"AccountId", "AccountEmail", "SSOUserEmail", "SSOUserPortal"} {
		out.Outputs = append(out.Outputs, outputKey{Key: key, Description: key})
	}
	return out, nil
}

// pathGiven makes sure that a launch path that is given is the one that there is.
func (s *service) pathGiven(id, name string) error {
	switch {
	case id != "" && name != "":
		return bad("You must provide either the ID or the name of the launch path, but not both.")
	case id != "" && id != s.w.AccountFactory.PathID:
		return notFound("Launch path with id " + id + " not found")
	case name != "" && name != world.FactoryPortfolio:
		return notFound("Launch path with name " + name + " not found")
	default:
		return nil
	}
}
