package controltower

import (
	"slices"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// enabledControl is a control on a unit (AWS Control Tower API Reference, EnabledControlSummary).
type enabledControl struct {
	ARN     string              `json:"arn"`
	Control string              `json:"controlIdentifier"`
	Target  string              `json:"targetIdentifier"`
	Parent  string              `json:"parentIdentifier,omitempty"`
	Status  lastStatus          `json:"statusSummary"`
	Drift   controlDriftSummary `json:"driftStatusSummary"`
}

type controlDriftSummary struct {
	Status string            `json:"driftStatus"`
	Types  controlDriftTypes `json:"types,omitzero"`
}

type controlDriftTypes struct {
	Inheritance status `json:"inheritance,omitzero"`
	Resource    status `json:"resource,omitzero"`
}

func (s *service) showControl(c *world.EnabledControl) enabledControl {
	shown := enabledControl{
		ARN: c.ARN, Control: c.Identifier, Target: s.w.UnitARN(c.Unit), Parent: c.Parent,
		Status: lastStatus{Status: c.Status, Operation: c.Operation}, Drift: controlDriftSummary{Status: c.Drift},
	}
	if c.Control.Fixed { // examples show nothing else of mandatory ones
		return shown
	}
	shown.Drift.Types.Resource.Status = c.Drift
	if !s.w.Otherwise("control-inheritance-drift") {
		shown.Drift.Types.Inheritance.Status = "IN_SYNC"
		if drifted(c.Unit) {
			shown.Drift.Types.Inheritance.Status = "DRIFTED"
		}
	}
	return shown
}

type controlFilter struct {
	Controls    []string `json:"controlIdentifiers"`
	Statuses    []string `json:"statuses"`
	Drifts      []string `json:"driftStatuses"`
	Parents     []string `json:"parentIdentifiers"`
	Inheritance []string `json:"inheritanceDriftStatuses"`
	Resource    []string `json:"resourceDriftStatuses"`
}

func (f controlFilter) check(invalid *wire.Invalid) {
	one(invalid, "filter.controlIdentifiers", f.Controls)
	one(invalid, "filter.statuses", f.Statuses, "SUCCEEDED", "FAILED", "UNDER_CHANGE")
	one(invalid, "filter.parentIdentifiers", f.Parents)
	drifts := []string{"DRIFTED", "IN_SYNC", "NOT_CHECKING", "UNKNOWN"}
	one(invalid, "filter.driftStatuses", f.Drifts, drifts...)
	one(invalid, "filter.inheritanceDriftStatuses", f.Inheritance, drifts...)
	one(invalid, "filter.resourceDriftStatuses", f.Resource, drifts...)
}

func (s *service) passes(f controlFilter, c enabledControl) bool {
	return (len(f.Controls) == 0 || s.w.SameControl(f.Controls[0], c.Control)) && wants(f.Statuses, c.Status.Status) &&
		wants(f.Drifts, c.Drift.Status) && wants(f.Parents, c.Parent) &&
		wants(f.Inheritance, c.Drift.Types.Inheritance.Status) && wants(f.Resource, c.Drift.Types.Resource.Status)
}

type enabledControlsOutput struct {
	Controls  []enabledControl `json:"enabledControls"`
	NextToken string           `json:"nextToken,omitempty"`
}

// listEnabledControls is ListEnabledControls: of one unit, with includeChildren also of those below, or of all.
func (s *service) listEnabledControls(_ *wire.Call, in *struct {
	pageInput
	Target   string         `json:"targetIdentifier"`
	Filter   *controlFilter `json:"filter"`
	Children bool           `json:"includeChildren"`
},
) (*enabledControlsOutput, error) {
	var invalid wire.Invalid
	isARN(&invalid, "targetIdentifier", in.Target)
	if in.Filter != nil {
		in.Filter.check(&invalid)
	}
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	units := slices.Collect(s.w.Root.All())
	if in.Target != "" {
		u, err := s.controlTarget(in.Target)
		if err != nil {
			return nil, err
		}
		if !s.w.HasControls(u) {
			return nil, world.NotRegistered(u)
		}
		if units = []*world.Unit{u}; in.Children {
			units = slices.Collect(u.All())
		}
	}
	var rows []enabledControl
	for _, u := range units {
		for _, c := range s.w.EnabledControls(u) {
			if shown := s.showControl(c); in.Filter == nil || s.passes(*in.Filter, shown) {
				rows = append(rows, shown)
			}
		}
	}
	found, next, err := page(rows, in.pageInput, 1, 200)
	if err != nil {
		return nil, err
	}
	return &enabledControlsOutput{Controls: found, NextToken: next}, nil
}

type enabledControlOutput struct {
	Details struct {
		enabledControl
		Regions    []region                 `json:"targetRegions"`
		Parameters []world.ControlParameter `json:"parameters"`
	} `json:"enabledControlDetails"`
}

type region struct {
	Name string `json:"name"`
}

// getEnabledControl is GetEnabledControl.
func (s *service) getEnabledControl(_ *wire.Call, in *enabledControlInput) (*enabledControlOutput, error) {
	var invalid wire.Invalid
	in.check(&invalid)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	c, err := s.enabledControl(in.ID)
	if err != nil {
		return nil, err
	}
	out := &enabledControlOutput{}
	out.Details.enabledControl, out.Details.Parameters = s.showControl(c), append([]world.ControlParameter{}, c.Parameters...)
	for _, name := range slices.Sorted(slices.Values(s.w.LandingZone.GovernedRegions)) {
		out.Details.Regions = append(out.Details.Regions, region{name})
	}
	return out, nil
}
