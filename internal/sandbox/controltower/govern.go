package controltower

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

type parameter struct {
	Key   string `json:"key"`
	Value any    `json:"value"`
}

const identityCenterParameter = "IdentityCenterEnabledBaselineArn"

var version = pattern.Compile(`\d+(?:\.\d+){0,2}`)

type operationOutput struct {
	Operation string `json:"operationIdentifier"`
	ARN       string `json:"arn,omitempty"`
}

// enableBaseline is EnableBaseline: AWSControlTowerBaseline on an organizational unit.
func (s *service) enableBaseline(_ *wire.Call, in *struct {
	Baseline   string            `json:"baselineIdentifier"`
	Version    string            `json:"baselineVersion"`
	Target     string            `json:"targetIdentifier"`
	Parameters []parameter       `json:"parameters"`
	Tags       map[string]string `json:"tags"`
},
) (*operationOutput, error) {
	var invalid wire.Invalid
	invalid.Required("baselineIdentifier", in.Baseline)
	invalid.Required("baselineVersion", in.Version)
	invalid.Pattern("baselineVersion", in.Version, version)
	invalid.Required("targetIdentifier", in.Target)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	u, err := s.target(in.Target)
	if err != nil {
		return nil, err
	}
	switch {
	case in.Baseline != s.w.BaselineARN(world.ControlTowerBaseline):
		return nil, fail("ResourceNotFoundException", "AWS Control Tower could not find a baseline "+in.Baseline+" for organizational units.")
	case in.Version != s.w.BaselineVersion():
		return nil, fail("ValidationException", "The baseline version "+in.Version+" is not compatible with the landing zone.")
	case !slices.Contains(in.Parameters, parameter{identityCenterParameter, s.identityCenter().ARN}):
		return nil, fail("ValidationException", "The parameter "+identityCenterParameter+" is missing or wrong.")
	}
	o, err := s.w.Govern(u, "ENABLE_BASELINE", in.Version)
	if err != nil {
		return nil, err
	}
	return &operationOutput{Operation: o.ID, ARN: u.Baseline.ARN}, nil
}

// target finds a unit by its ARN: baselines are enabled on units only.
func (s *service) target(arn string) (*world.Unit, error) {
	if !strings.Contains(arn, ":ou/") {
		return nil, fail("ValidationException", "The target "+arn+" is not an organizational unit.")
	}
	for u := range s.w.Root.All() {
		if s.w.UnitARN(u) == arn {
			return u, nil
		}
	}
	return nil, fail("ResourceNotFoundException", "AWS Control Tower could not find the target "+arn+".")
}

// unit is the unit of an enabled baseline that is to be changed.
func (s *service) unit(in enabledInput) (*world.Unit, error) {
	b, err := s.enabled(in)
	if err != nil {
		return nil, err
	}
	if b.unit == nil {
		return nil, fail("ValidationException", "The enabled baseline "+in.ID+" is not one of an organizational unit.")
	}
	return b.unit, nil
}

func (s *service) govern(in enabledInput, operation, to string) (*operationOutput, error) {
	u, err := s.unit(in)
	if err != nil {
		return nil, err
	}
	o, err := s.w.Govern(u, operation, cmp.Or(to, u.Baseline.Version))
	if err != nil {
		return nil, err
	}
	return &operationOutput{Operation: o.ID}, nil
}

// resetEnabledBaseline is ResetEnabledBaseline: accounts that stand in the unit and are not enrolled are enrolled.
func (s *service) resetEnabledBaseline(_ *wire.Call, in *enabledInput) (*operationOutput, error) {
	return s.govern(*in, "RESET_ENABLED_BASELINE", "")
}

// updateEnabledBaseline is UpdateEnabledBaseline.
func (s *service) updateEnabledBaseline(_ *wire.Call, in *struct {
	enabledInput
	Version    string      `json:"baselineVersion"`
	Parameters []parameter `json:"parameters"`
},
) (*operationOutput, error) {
	var invalid wire.Invalid
	invalid.Required("baselineVersion", in.Version)
	invalid.Pattern("baselineVersion", in.Version, version)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	if in.Version != s.w.BaselineVersion() {
		return nil, fail("ValidationException", "The baseline version "+in.Version+" is not compatible with the landing zone.")
	}
	return s.govern(in.enabledInput, "UPDATE_ENABLED_BASELINE", in.Version)
}

// disableBaseline is DisableBaseline.
func (s *service) disableBaseline(_ *wire.Call, in *enabledInput) (*operationOutput, error) {
	u, err := s.unit(*in)
	if err != nil {
		return nil, err
	}
	o, err := s.w.Release(u)
	if err != nil {
		return nil, err
	}
	return &operationOutput{Operation: o.ID}, nil
}

type operation struct {
	ID      string       `json:"operationIdentifier"`
	Type    string       `json:"operationType"`
	Status  string       `json:"status"`
	Start   wire.ISOTime `json:"startTime"`
	End     wire.ISOTime `json:"endTime,omitzero"`
	Message string       `json:"statusMessage,omitempty"`
}

type getOperationOutput struct {
	Operation operation `json:"baselineOperation"`
}

// getBaselineOperation is GetBaselineOperation.
func (s *service) getBaselineOperation(_ *wire.Call, in *struct {
	ID string `json:"operationIdentifier"`
},
) (*getOperationOutput, error) {
	var invalid wire.Invalid
	invalid.Required("operationIdentifier", in.ID)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	o := s.w.BaselineOperation(in.ID)
	if o == nil {
		return nil, fail("ResourceNotFoundException", "AWS Control Tower could not find the operation "+in.ID+".")
	}
	return &getOperationOutput{Operation: operation{
		ID: o.ID, Type: o.Type, Status: o.Status, Start: wire.ISOTime{Time: o.Start}, End: wire.ISOTime{Time: o.End}, Message: o.StatusMessage,
	}}, nil
}
