package controltower

import (
	"maps"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

var (
	anyARN      = pattern.Compile(`arn:aws[0-9a-zA-Z_\-:\/]+`)
	operationID = pattern.Compile(`[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}`)
)

// isARN notes an identifier that can't be one.
func isARN(invalid *wire.Invalid, name, value string) {
	invalid.Length(name, value, 20, 2048)
	invalid.Pattern(name, value, anyARN)
}

type controlInput struct {
	Control string `json:"controlIdentifier"`
	Target  string `json:"targetIdentifier"`
}

// enableControl is EnableControl.
func (s *service) enableControl(_ *wire.Call, in *struct {
	controlInput
	Parameters []world.ControlParameter `json:"parameters"`
	Tags       map[string]string        `json:"tags"`
},
) (*operationOutput, error) {
	var invalid wire.Invalid
	invalid.Required("controlIdentifier", in.Control)
	invalid.Required("targetIdentifier", in.Target)
	isARN(&invalid, "controlIdentifier", in.Control)
	isARN(&invalid, "targetIdentifier", in.Target)
	checkParameters(&invalid, in.Parameters)
	checkTags(&invalid, in.Tags)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	u, err := s.controlTarget(in.Target)
	if err != nil {
		return nil, err
	}
	c, err := s.control(in.Control)
	if err != nil {
		return nil, err
	}
	enabled, o, err := s.w.EnableControl(c, in.Control, u, in.Parameters, in.Tags)
	if err != nil {
		return nil, err
	}
	return &operationOutput{Operation: o.ID, ARN: enabled.ARN}, nil
}

func checkParameters(invalid *wire.Invalid, parameters []world.ControlParameter) {
	for _, p := range parameters {
		invalid.Required("parameters.member.key", p.Key)
		if p.Value == nil {
			invalid.Add("parameters.member.value", nil, "not be null")
		}
	}
}

func checkTags(invalid *wire.Invalid, tags map[string]string) {
	if len(tags) > 200 {
		invalid.Add("tags", tags, "have length less than or equal to 200")
	}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		if key == "" {
			invalid.Add("tags.key", key, "have length greater than or equal to 1")
		}
		invalid.Length("tags.key", key, 1, 128)
		invalid.Length("tags.value", tags[key], 0, 256)
	}
}

// controlTarget finds the unit that is to have a control. Pages of AWS speak of accounts as targets, too, and do not say what
// comes of it.
func (s *service) controlTarget(arn string) (*world.Unit, error) {
	if strings.Contains(arn, ":account/") {
		return nil, &wire.Unsupported{What: "accounts as targets of controls"}
	}
	return s.target(arn)
}

// control finds a control by either of its ARNs (AWS Control Tower Controls Reference Guide, "Resource identifiers for APIs and
// controls"). Names that begin with AWS-GR_ are all documented; of those that say nothing the sandbox knows some only.
func (s *service) control(arn string) (*world.Control, error) {
	const catalog, regional = "arn:aws:controlcatalog:::control/", "arn:aws:controltower:"
	scope, name, ok := strings.Cut(arn, "::control/")
	global, inCatalog := strings.CutPrefix(arn, catalog)
	c := world.ControlNamed(name)
	switch {
	case inCatalog:
		if c = world.ControlNamed(global); c != nil && c.Global == global {
			return c, nil
		}
	case !ok || name == "" || !strings.HasPrefix(scope, regional):
		return nil, fail("ValidationException", "The control identifier "+arn+" is not valid.")
	case scope != regional+s.w.Region, strings.HasPrefix(name, "AWS-GR_") && c == nil:
		return nil, fail("ResourceNotFoundException", "AWS Control Tower could not find the control "+arn+".")
	case c != nil && c.Name == name:
		return c, nil
	}
	return nil, &wire.Unsupported{What: "the control " + arn + ": it knows those that the Controls Reference Guide names"}
}

// disableControl is DisableControl: of a control on a unit, or of an enabled control.
func (s *service) disableControl(_ *wire.Call, in *struct {
	controlInput
	Enabled string `json:"enabledControlIdentifier"`
},
) (*operationOutput, error) {
	var invalid wire.Invalid
	isARN(&invalid, "controlIdentifier", in.Control)
	isARN(&invalid, "targetIdentifier", in.Target)
	isARN(&invalid, "enabledControlIdentifier", in.Enabled)
	if in.Enabled == "" {
		invalid.Required("controlIdentifier", in.Control)
		invalid.Required("targetIdentifier", in.Target)
	}
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	var enabled *world.EnabledControl
	var err error
	switch {
	case in.Enabled == "":
		enabled, err = s.controlOn(in.controlInput)
	case in.Control != "" || in.Target != "":
		err = &wire.Unsupported{What: "controlIdentifier and targetIdentifier beside enabledControlIdentifier"}
	default:
		enabled, err = s.enabledControl(in.Enabled)
	}
	if err != nil {
		return nil, err
	}
	return begun(s.w.DisableControl(enabled))
}

// begun answers with the operation that was begun.
func begun(o *world.ControlOperation, err error) (*operationOutput, error) {
	if err != nil {
		return nil, err
	}
	return &operationOutput{Operation: o.ID}, nil
}

// controlOn finds what a control is on a unit.
func (s *service) controlOn(in controlInput) (*world.EnabledControl, error) {
	u, err := s.controlTarget(in.Target)
	if err != nil {
		return nil, err
	}
	c, err := s.control(in.Control)
	if err != nil {
		return nil, err
	}
	if !s.w.HasControls(u) {
		return nil, world.NotRegistered(u)
	}
	for _, enabled := range s.w.EnabledControls(u) {
		if enabled.Control == c && s.w.SameControl(enabled.Identifier, in.Control) {
			return enabled, nil
		}
	}
	if c.Fixed { // not shown, and there all the same
		return &world.EnabledControl{Control: c, Unit: u}, nil
	}
	return nil, fail("ResourceNotFoundException", "The control "+c.Name+" is not enabled on organizational unit "+u.ID+".")
}

type enabledControlInput struct {
	ID string `json:"enabledControlIdentifier"`
}

func (in enabledControlInput) check(invalid *wire.Invalid) {
	invalid.Required("enabledControlIdentifier", in.ID)
	isARN(invalid, "enabledControlIdentifier", in.ID)
}

func (s *service) enabledControl(arn string) (*world.EnabledControl, error) {
	for u := range s.w.Root.All() {
		for _, enabled := range s.w.EnabledControls(u) {
			if enabled.ARN == arn {
				return enabled, nil
			}
		}
	}
	return nil, fail("ResourceNotFoundException", "AWS Control Tower could not find the enabled control "+arn+".")
}

// resetEnabledControl is ResetEnabledControl.
func (s *service) resetEnabledControl(_ *wire.Call, in *enabledControlInput) (*operationOutput, error) {
	var invalid wire.Invalid
	in.check(&invalid)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	enabled, err := s.enabledControl(in.ID)
	if err != nil {
		return nil, err
	}
	return begun(s.w.ResetControl(enabled))
}

// updateEnabledControl is UpdateEnabledControl.
func (s *service) updateEnabledControl(_ *wire.Call, in *struct {
	enabledControlInput
	Parameters []world.ControlParameter `json:"parameters"`
},
) (*operationOutput, error) {
	var invalid wire.Invalid
	in.check(&invalid)
	if in.Parameters == nil {
		invalid.Add("parameters", nil, "not be null")
	}
	checkParameters(&invalid, in.Parameters)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	enabled, err := s.enabledControl(in.ID)
	if err != nil {
		return nil, err
	}
	return begun(s.w.UpdateControl(enabled, in.Parameters))
}

// one notes a filter that has not the one value that it must have.
func one(invalid *wire.Invalid, name string, values []string, allowed ...string) {
	switch {
	case values == nil:
	case len(values) == 0:
		invalid.Add(name, values, "have length greater than or equal to 1")
	case len(values) > 1:
		invalid.Add(name, values, "have length less than or equal to 1")
	case allowed == nil:
		isARN(invalid, name, values[0])
	default:
		invalid.Enum(name, values[0], allowed...)
	}
}

// wants says whether a filter lets the value pass.
func wants(values []string, value string) bool {
	return len(values) == 0 || slices.Contains(values, value)
}
