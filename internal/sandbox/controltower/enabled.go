package controltower

import (
	"slices"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// enabledBaseline is a baseline on a unit or an account (AWS Control Tower API Reference, EnabledBaselineSummary).
type enabledBaseline struct {
	ARN      string       `json:"arn"`
	Baseline string       `json:"baselineIdentifier"`
	Version  string       `json:"baselineVersion"`
	Target   string       `json:"targetIdentifier"`
	Parent   string       `json:"parentIdentifier,omitempty"`
	Status   lastStatus   `json:"statusSummary"`
	Drift    driftSummary `json:"driftStatusSummary,omitzero"`

	unit *world.Unit
}

type lastStatus struct {
	Status    string `json:"status"`
	Operation string `json:"lastOperationIdentifier,omitempty"`
}

type driftSummary struct {
	Types struct {
		Inheritance status `json:"inheritance"`
	} `json:"types"`
}

func (s *service) show(b *world.Baseline, target string, unit *world.Unit) enabledBaseline {
	shown := enabledBaseline{
		ARN: b.ARN, Baseline: s.w.BaselineARN(world.ControlTowerBaseline), Version: b.Version, Target: target,
		Status: lastStatus{Status: b.Status, Operation: b.Operation}, unit: unit,
	}
	shown.Drift.Types.Inheritance.Status = b.Drift
	if b.From != nil {
		shown.Parent = s.w.EnabledBaselineARN(s.w.UnitARN(b.From))
	}
	return shown
}

// identityCenter is the IdentityCenterBaseline, which the landing zone enables on the management account.
func (s *service) identityCenter() enabledBaseline {
	target := s.w.AccountARN(s.w.Account(s.w.Management.ID))
	return enabledBaseline{
		ARN: s.w.EnabledBaselineARN("identity-center"), Baseline: s.w.BaselineARN(world.IdentityCenterBaseline), Version: "1.0",
		Target: target, Status: lastStatus{Status: "SUCCEEDED"},
	}
}

// all are the enabled baselines, units before their accounts. A unit with drifted accounts has drifted itself.
func (s *service) all(children bool) []enabledBaseline {
	rows := []enabledBaseline{s.identityCenter()}
	for u := range s.w.Root.All() {
		if u.Baseline != nil {
			row := s.show(u.Baseline, s.w.UnitARN(u), u)
			if drifted(u) {
				row.Drift.Types.Inheritance.Status = "DRIFTED"
			}
			rows = append(rows, row)
		}
		for _, a := range u.Accounts {
			if children && a.Baseline != nil {
				rows = append(rows, s.show(a.Baseline, s.w.AccountARN(a), nil))
			}
		}
	}
	return rows
}

// drifted says whether an account in a registered unit lacks what the unit would give it.
func drifted(u *world.Unit) bool {
	return u.Registered() && slices.ContainsFunc(u.Accounts, func(a *world.Account) bool {
		return a.Active() && (a.Baseline == nil || a.Baseline.From != u)
	})
}

type filter struct {
	Targets   []string `json:"targetIdentifiers"`
	Baselines []string `json:"baselineIdentifiers"`
	Parents   []string `json:"parentIdentifiers"`
	Statuses  []string `json:"statuses"`
	Drifts    []string `json:"inheritanceDriftStatuses"`
}

func (f filter) check() error {
	var invalid wire.Invalid
	for _, list := range []struct {
		name   string
		values []string
		most   int
	}{
		{"filter.targetIdentifiers", f.Targets, 5},
		{"filter.baselineIdentifiers", f.Baselines, 5},
		{"filter.parentIdentifiers", f.Parents, 5},
		{"filter.statuses", f.Statuses, 1},
		{"filter.inheritanceDriftStatuses", f.Drifts, 1},
	} {
		switch {
		case list.values != nil && len(list.values) == 0:
			invalid.Add(list.name, list.values, "have length greater than or equal to 1")
		case len(list.values) > list.most && list.most == 1:
			invalid.Add(list.name, list.values, "have length less than or equal to 1")
		case len(list.values) > list.most:
			invalid.Add(list.name, list.values, "have length less than or equal to 5")
		}
	}
	for _, value := range f.Statuses {
		invalid.Enum("filter.statuses", value, "SUCCEEDED", "FAILED", "UNDER_CHANGE")
	}
	for _, value := range f.Drifts {
		invalid.Enum("filter.inheritanceDriftStatuses", value, "IN_SYNC", "DRIFTED")
	}
	return invalid.Err()
}

func (f filter) passes(b enabledBaseline) bool {
	for _, test := range []struct {
		wanted []string
		value  string
	}{
		{f.Targets, b.Target},
		{f.Baselines, b.Baseline},
		{f.Parents, b.Parent},
		{f.Statuses, b.Status.Status},
		{f.Drifts, b.Drift.Types.Inheritance.Status},
	} {
		if len(test.wanted) > 0 && !slices.Contains(test.wanted, test.value) {
			return false
		}
	}
	return true
}

type enabledOutput struct {
	Baselines []enabledBaseline `json:"enabledBaselines"`
	NextToken string            `json:"nextToken,omitempty"`
}

// listEnabledBaselines is ListEnabledBaselines: those of accounts only with includeChildren.
func (s *service) listEnabledBaselines(_ *wire.Call, in *struct {
	pageInput
	Filter   *filter `json:"filter"`
	Children bool    `json:"includeChildren"`
},
) (*enabledOutput, error) {
	rows := s.all(in.Children)
	if in.Filter != nil {
		if err := in.Filter.check(); err != nil {
			return nil, err
		}
		rows = slices.DeleteFunc(rows, func(b enabledBaseline) bool { return !in.Filter.passes(b) })
	}
	found, next, err := page(rows, in.pageInput, 5, 100)
	if err != nil {
		return nil, err
	}
	return &enabledOutput{Baselines: found, NextToken: next}, nil
}

type enabledInput struct {
	ID string `json:"enabledBaselineIdentifier"`
}

func (s *service) enabled(in enabledInput) (*enabledBaseline, error) {
	var invalid wire.Invalid
	invalid.Required("enabledBaselineIdentifier", in.ID)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	for _, b := range s.all(true) {
		if b.ARN == in.ID {
			return &b, nil
		}
	}
	return nil, fail("ResourceNotFoundException", "AWS Control Tower could not find the enabled baseline "+in.ID+".")
}

type getEnabledOutput struct {
	Details struct {
		enabledBaseline
		Parameters []parameter `json:"parameters"`
	} `json:"enabledBaselineDetails"`
}

// getEnabledBaseline is GetEnabledBaseline.
func (s *service) getEnabledBaseline(_ *wire.Call, in *enabledInput) (*getEnabledOutput, error) {
	b, err := s.enabled(*in)
	if err != nil {
		return nil, err
	}
	out := &getEnabledOutput{}
	out.Details.enabledBaseline, out.Details.Parameters = *b, []parameter{}
	if b.unit != nil {
		out.Details.Parameters = append(out.Details.Parameters, parameter{identityCenterParameter, s.identityCenter().ARN})
	}
	return out, nil
}
