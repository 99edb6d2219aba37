package controltower

import (
	"github.com/vend-cli/vend/internal/sandbox/wire"
)

type arn struct {
	ARN string `json:"arn"`
}

type landingZonesOutput struct {
	LandingZones []arn  `json:"landingZones"`
	NextToken    string `json:"nextToken,omitempty"`
}

// listLandingZones is ListLandingZones: there is one, in the home Region.
func (s *service) listLandingZones(c *wire.Call, in *pageInput) (*landingZonesOutput, error) {
	var all []arn
	if c.Region == s.w.Region {
		all = append(all, arn{s.w.LandingZoneARN()})
	}
	found, next, err := page(all, *in, 1, 1)
	if err != nil {
		return nil, err
	}
	return &landingZonesOutput{LandingZones: found, NextToken: next}, nil
}

type landingZone struct {
	ARN         string   `json:"arn"`
	Version     string   `json:"version"`
	Latest      string   `json:"latestAvailableVersion"`
	Status      string   `json:"status"`
	Drift       status   `json:"driftStatus"`
	Manifest    manifest `json:"manifest"`
	Remediation []string `json:"remediationTypes,omitempty"`
}

type status struct {
	Status string `json:"status"`
}

// manifest is a landing zone's manifest (AWS Control Tower User Guide, "Landing zone schemas").
type manifest struct {
	Regions   []string         `json:"governedRegions"`
	Structure map[string]named `json:"organizationStructure"`
	Logging   shared           `json:"centralizedLogging"`
	Security  shared           `json:"securityRoles"`
	Access    enabled          `json:"accessManagement"`
}

type named struct {
	Name string `json:"name"`
}

type shared struct {
	AccountID string `json:"accountId,omitempty"`
	Enabled   *bool  `json:"enabled,omitempty"`
}

type enabled struct {
	Enabled bool `json:"enabled"`
}

type landingZoneOutput struct {
	LandingZone landingZone `json:"landingZone"`
}

// getLandingZone is GetLandingZone.
func (s *service) getLandingZone(c *wire.Call, in *struct {
	ID string `json:"landingZoneIdentifier"`
},
) (*landingZoneOutput, error) {
	var invalid wire.Invalid
	invalid.Required("landingZoneIdentifier", in.ID)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	if in.ID != s.w.LandingZoneARN() || c.Region != s.w.Region {
		return nil, fail("ResourceNotFoundException", "AWS Control Tower could not find the landing zone.")
	}
	zone, yes := s.w.LandingZone, true
	out := landingZone{
		ARN: in.ID, Version: zone.Version, Latest: zone.Version, Status: zone.Status, Drift: status{zone.Drift},
		Manifest: manifest{
			Regions: zone.GovernedRegions, Structure: map[string]named{}, Logging: shared{Enabled: &yes}, Access: enabled{true},
		},
	}
	if zone.AutoEnroll {
		out.Remediation = append(out.Remediation, "INHERITANCE_DRIFT")
	}
	for _, a := range s.w.Accounts() {
		switch a.Name {
		case "Log Archive":
			out.Manifest.Logging.AccountID = a.ID
			out.Manifest.Structure["security"] = named{a.Parent.Name}
		case "Audit":
			out.Manifest.Security.AccountID = a.ID
		}
	}
	return &landingZoneOutput{LandingZone: out}, nil
}

type baseline struct {
	ARN         string `json:"arn"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

type baselinesOutput struct {
	Baselines []baseline `json:"baselines"`
	NextToken string     `json:"nextToken,omitempty"`
}

// listBaselines is ListBaselines.
func (s *service) listBaselines(_ *wire.Call, in *pageInput) (*baselinesOutput, error) {
	var all []baseline
	for _, b := range []baseline{
		{Name: "AuditBaseline", Description: "Sets up resources to monitor security and compliance of accounts in your organization."},
		{Name: "LogArchiveBaseline", Description: "Sets up a central repository for logs of API activities and resource configurations."},
		{Name: "IdentityCenterBaseline", Description: "Sets up shared resources for AWS IAM Identity Center."},
		{Name: "AWSControlTowerBaseline", Description: "Sets up resources and mandatory controls for member accounts within the target OU."},
	} {
		b.ARN = s.w.BaselineARN(b.Name)
		all = append(all, b)
	}
	found, next, err := page(all, *in, 4, 100)
	if err != nil {
		return nil, err
	}
	return &baselinesOutput{Baselines: found, NextToken: next}, nil
}
