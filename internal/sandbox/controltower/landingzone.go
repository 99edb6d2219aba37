package controltower

import (
	"strings"

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

// manifest is a landing zone's manifest (AWS Control Tower User Guide, "Landing zone schemas"). Version 4.0 knows no
// organizationStructure; it has config instead, and enabled in securityRoles.
type manifest struct {
	Regions   []string         `json:"governedRegions"`
	Structure map[string]named `json:"organizationStructure,omitempty"`
	Logging   shared           `json:"centralizedLogging"`
	Security  shared           `json:"securityRoles"`
	Config    *shared          `json:"config,omitempty"`
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
	zone := s.w.LandingZone
	out := landingZone{
		ARN: in.ID, Version: zone.Version, Latest: zone.Version, Status: zone.Status, Drift: status{zone.Drift}, Manifest: s.manifest(),
	}
	if zone.AutoEnroll {
		out.Remediation = append(out.Remediation, "INHERITANCE_DRIFT")
	}
	return &landingZoneOutput{LandingZone: out}, nil
}

// manifest finds the shared accounts by the names that Control Tower gives them.
func (s *service) manifest() manifest {
	yes := true
	m := manifest{
		Regions: s.w.LandingZone.GovernedRegions, Structure: map[string]named{}, Logging: shared{Enabled: &yes}, Access: enabled{true},
	}
	for _, a := range s.w.Accounts() {
		switch a.Name {
		case "Log Archive":
			m.Logging.AccountID = a.ID
			m.Structure["security"] = named{a.Parent.Name}
		case "Audit":
			m.Security.AccountID = a.ID
		}
	}
	if major, _, _ := strings.Cut(s.w.LandingZone.Version, "."); major >= "4" {
		m.Structure, m.Security.Enabled = nil, &yes
		m.Config = &shared{AccountID: m.Security.AccountID, Enabled: &yes}
	}
	return m
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

// baselines are those of Control Tower itself, in the order of the page "Types of baselines"; those of AWS Backup are for
// landing zones that have it switched on.
func (s *service) baselines() []baseline {
	all := []baseline{
		{Name: "AuditBaseline", Description: "Sets up resources to monitor security and compliance of accounts in your organization."},
		{Name: "LogArchiveBaseline", Description: "Sets up a central repository for logs of API activities and resource configurations."},
		{Name: "IdentityCenterBaseline", Description: "Sets up shared resources for AWS IAM Identity Center."},
		{Name: "AWSControlTowerBaseline", Description: "Sets up resources and mandatory controls for member accounts within the target OU."},
	}
	for i := range all {
		all[i].ARN = s.w.BaselineARN(all[i].Name)
	}
	return all
}

// listBaselines is ListBaselines.
func (s *service) listBaselines(_ *wire.Call, in *pageInput) (*baselinesOutput, error) {
	found, next, err := page(s.baselines(), *in, 4, 100)
	if err != nil {
		return nil, err
	}
	return &baselinesOutput{Baselines: found, NextToken: next}, nil
}

// getBaseline is GetBaseline.
func (s *service) getBaseline(_ *wire.Call, in *struct {
	ARN string `json:"baselineIdentifier"`
},
) (*baseline, error) {
	var invalid wire.Invalid
	invalid.Required("baselineIdentifier", in.ARN)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	for _, b := range s.baselines() {
		if b.ARN == in.ARN {
			return &b, nil
		}
	}
	return nil, fail("ResourceNotFoundException", "AWS Control Tower could not find the baseline "+in.ARN+".")
}
