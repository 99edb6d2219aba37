package world

import (
	"reflect"
	"slices"
	"strings"
	"time"
)

// EnabledControl is a control on a unit (AWS Control Tower API Reference, EnabledControlDetails).
type EnabledControl struct {
	ARN        string
	Control    *Control
	Identifier string // the ARN by which it was enabled
	Unit       *Unit
	Parent     string // ARN of the enabled control of a unit above that it comes from; empty for one of its own
	Status     string // SUCCEEDED, FAILED, UNDER_CHANGE
	Drift      string // DRIFTED, IN_SYNC, NOT_CHECKING, UNKNOWN
	Operation  string // the last one's id; empty for mandatory ones
	Parameters []ControlParameter
	Tags       map[string]string
}

// ControlParameter configures a control.
type ControlParameter struct {
	Key   string `json:"key"`
	Value any    `json:"value"` // as JSON has it
}

// EnableControl begins to enable a control on a unit (AWS Control Tower API Reference, EnableControl). identifier is the ARN
// that it was asked for with.
func (w *World) EnableControl(c *Control, identifier string, u *Unit, parameters []ControlParameter, tags map[string]string) (*EnabledControl, *ControlOperation, error) {
	if err := w.mayHaveControl(c, u); err != nil {
		return nil, nil, err
	}
	if enabled := u.control(c); enabled != nil {
		if err := w.mayChangeControls(enabled.ARN, u); err != nil {
			return nil, nil, err
		}
		code := "ValidationException"
		if w.Otherwise("control-already-enabled-code") {
			code = "ConflictException"
		}
		return nil, nil, refuse(code, "Guardrail %s is already enabled on organizational unit %s", c.Name, u.ID)
	}
	if err := c.fits(parameters); err != nil {
		return nil, nil, err
	}
	if err := w.mayChangeControls("", u); err != nil {
		return nil, nil, err
	}
	enabled := &EnabledControl{
		ARN: w.newControlARN(c, u), Control: c, Identifier: identifier, Unit: u, Drift: w.driftOf(c),
		Parameters: parameters, Tags: tags,
	}
	u.Controls = append(u.Controls, enabled)
	return enabled, w.changeControl(enabled, enablesControl), nil
}

// DisableControl begins to disable a control (AWS Control Tower API Reference, DisableControl).
func (w *World) DisableControl(enabled *EnabledControl) (*ControlOperation, error) {
	if err := w.mayChangeControl(enabled); err != nil {
		return nil, err
	}
	return w.changeControl(enabled, disablesControl), nil
}

// UpdateControl begins to configure an enabled control anew (AWS Control Tower API Reference, UpdateEnabledControl): one that is
// well wants other parameters than it has, and one that has drifted must be reset instead.
func (w *World) UpdateControl(enabled *EnabledControl, parameters []ControlParameter) (*ControlOperation, error) {
	if err := w.mayChangeControl(enabled); err != nil {
		return nil, err
	}
	switch {
	case enabled.Drift == "DRIFTED":
		return nil, refuse("ValidationException", "The enabled control %s has drifted. Reset it, or disable and enable it again.", enabled.ARN)
	case len(enabled.Control.Parameters) == 0:
		return nil, refuse("ValidationException", "The control %s has no parameters.", enabled.Control.Name)
	case enabled.Status == "SUCCEEDED" && reflect.DeepEqual(enabled.Parameters, parameters):
		return nil, refuse("ValidationException", "The enabled control %s has these parameters already.", enabled.ARN)
	}
	if err := enabled.Control.fits(parameters); err != nil {
		return nil, err
	}
	enabled.Parameters = parameters
	return w.changeControl(enabled, updatesControl), nil
}

// ResetControl begins to deploy an enabled control again (AWS Control Tower API Reference, ResetEnabledControl): not one that is
// a service control policy.
func (w *World) ResetControl(enabled *EnabledControl) (*ControlOperation, error) {
	if err := w.mayChangeControl(enabled); err != nil {
		return nil, err
	}
	if enabled.Control.Policy && !w.Otherwise("reset-preventive-control") {
		return nil, refuse("ValidationException", "The control %s is implemented with a service control policy, and can't be reset.", enabled.Control.Name)
	}
	return w.changeControl(enabled, resetsControl), nil
}

// mayHaveControl refuses what the API can't enable, and units that are not registered. With landing zone 4.0 a control that
// prevents goes without (AWS Control Tower User Guide, "Register an existing organizational unit").
func (w *World) mayHaveControl(c *Control, u *Unit) error {
	if c.Fixed {
		return w.fixed(c)
	}
	if u.governed() || (c.Policy && w.controlsAnywhere()) {
		return nil
	}
	return NotRegistered(u)
}

// NotRegistered is how Control Tower refuses a unit that has no controls because it is not registered.
func NotRegistered(u *Unit) error {
	return refuse("ResourceNotFoundException", "Organizational unit %s is not registered with AWS Control Tower.", u.ID)
}

// HasControls says whether ListEnabledControls may be asked for a unit.
func (w *World) HasControls(u *Unit) bool { return u.governed() || w.controlsAnywhere() }

func (w *World) controlsAnywhere() bool {
	return w.landingZone4() && !w.Otherwise("control-on-unregistered-unit")
}

func (w *World) landingZone4() bool {
	major, _, _ := strings.Cut(w.LandingZone.Version, ".")
	return major >= "4"
}

// governed says whether the unit is registered, also while that is being renewed.
func (u *Unit) governed() bool { return u.Baseline != nil && u.Baseline.Status != "FAILED" }

func (w *World) fixed(c *Control) error {
	code := "ValidationException"
	if w.Otherwise("mandatory-control-code") {
		code = "AccessDeniedException"
	}
	return refuse(code, "The control %s can't be enabled, disabled or changed by means of the AWS Control Tower APIs.", c.Name)
}

func (w *World) mayChangeControl(enabled *EnabledControl) error {
	if enabled.Control.Fixed {
		return w.fixed(enabled.Control)
	}
	if enabled.Parent != "" {
		return refuse("ValidationException", "The enabled control %s is inherited from %s.", enabled.ARN, enabled.Parent)
	}
	return w.mayChangeControls(enabled.ARN, enabled.Unit)
}

// mostControlOperations may be under way at once (AWS Control Tower User Guide, "Limitations and quotas").
const mostControlOperations = 100

// mayChangeControls says whether an operation on a control may begin now. In general Control Tower does one thing at a time;
// controls are an exception, and so are accounts (AWS Control Tower User Guide, "Limitations and quotas").
func (w *World) mayChangeControls(arn string, u *Unit) error {
	running, target := 0, w.UnitARN(u)
	for _, o := range w.controlOperations {
		if o.Status != "IN_PROGRESS" {
			continue
		}
		running++
		if o.Enabled == arn || (o.Target == target && w.Otherwise("control-conflict-scope")) {
			return refuse("ConflictException", "AWS Control Tower can't start this operation because another operation on this control is in progress.")
		}
	}
	switch {
	case w.governsAnew() || (w.Otherwise("controls-beside-accounts") && w.running() > 0):
		return refuse("ConflictException", "AWS Control Tower can't start this operation because another AWS Control Tower operation is in progress.")
	case running >= mostControlOperations:
		return refuse("ServiceQuotaExceededException", "You have reached the limit of %d concurrent control operations.", mostControlOperations)
	default:
		return nil
	}
}

// fits refuses parameters that the control does not have (AWS Control Catalog API Reference, ControlParameter).
func (c *Control) fits(parameters []ControlParameter) error {
	seen := map[string]bool{}
	for _, p := range parameters {
		if !slices.Contains(c.Parameters, p.Key) || seen[p.Key] {
			return refuse("ValidationException", "The parameter %s is given twice, or is none of the control %s.", p.Key, c.Name)
		}
		seen[p.Key] = true
		list, ok := p.Value.([]any)
		texts := ok && len(list) > 0 && !slices.ContainsFunc(list, func(v any) bool { _, text := v.(string); return !text })
		if p.Key == exemptAssumeRoot && p.Value != true {
			return refuse("ValidationException", "The parameter %s takes no other value than true.", p.Key)
		}
		if p.Key != exemptAssumeRoot && !texts {
			return refuse("ValidationException", "The parameter %s must be a list of strings.", p.Key)
		}
	}
	return nil
}

func (u *Unit) control(c *Control) *EnabledControl {
	for _, enabled := range u.Controls {
		if enabled.Control == c {
			return enabled
		}
	}
	return nil
}

// EnabledControls are the controls on a unit: the mandatory ones of a registered unit, and those that somebody enabled, in the
// order in which that was.
func (w *World) EnabledControls(u *Unit) []*EnabledControl {
	var all []*EnabledControl
	if u.governed() && !w.Otherwise("mandatory-controls-listed") {
		for i := range controls {
			c := &controls[i]
			if (c.everywhere || (c.security && w.isSecurity(u))) && !(c.before4 && w.landingZone4()) {
				all = append(all, w.given(c, u, ""))
			}
		}
	}
	all = append(all, u.Controls...)
	if !w.Otherwise("control-inherited-by-units-below") || !u.governed() {
		return all
	}
	for above := u.Parent; above != nil; above = above.Parent {
		for _, enabled := range above.Controls {
			if enabled.Control.Policy && enabled.Status == "SUCCEEDED" && !slices.ContainsFunc(all, func(e *EnabledControl) bool { return e.Control == enabled.Control }) {
				all = append(all, w.given(enabled.Control, u, enabled.ARN))
			}
		}
	}
	return all
}

// given is an enabled control that nobody enabled on that unit.
func (w *World) given(c *Control, u *Unit, parent string) *EnabledControl {
	return &EnabledControl{
		ARN: w.controlTowerARN("enabledcontrol/" + spell("givencontrol/"+w.UnitARN(u)+"/"+c.Name, 16, alphabetUp)), Control: c,
		Identifier: w.ControlARN(c), Unit: u, Parent: parent, Status: "SUCCEEDED", Drift: "NOT_CHECKING",
	}
}

// ControlARN is the ARN of a control in the home Region.
func (w *World) ControlARN(c *Control) string {
	return "arn:aws:controltower:" + w.Region + "::control/" + c.Name
}

// isSecurity says whether the unit is that of the shared accounts.
func (w *World) isSecurity(u *Unit) bool {
	return slices.ContainsFunc(u.Accounts, func(a *Account) bool { return a.Name == "Log Archive" || a.Name == "Audit" })
}

// SameControl says whether two identifiers mean one control: it has one in its Region, and one in Control Catalog.
func (w *World) SameControl(one, other string) bool {
	a, b := ControlNamed(one[strings.LastIndex(one, "/")+1:]), ControlNamed(other[strings.LastIndex(other, "/")+1:])
	return one == other || (a != nil && a == b && !w.Otherwise("control-identifiers-apart"))
}

// newControlARN makes up the ARN of an enabled control; one that was disabled never comes back.
func (w *World) newControlARN(c *Control, u *Unit) string {
	prefix := w.controlTowerARN("enabledcontrol/")
	return prefix + made("enabledcontrol", w.UnitARN(u)+"/"+c.Name, 16, alphabetUp, func(id string) bool {
		return w.enabledControl(prefix+id) != nil ||
			slices.ContainsFunc(w.controlOperations, func(o *ControlOperation) bool { return o.Enabled == prefix+id })
	})
}

func (w *World) enabledControl(arn string) *EnabledControl {
	for u := range w.Root.All() {
		for _, enabled := range u.Controls {
			if enabled.ARN == arn {
				return enabled
			}
		}
	}
	return nil
}

// controlling says whether a control is under change somewhere.
func (w *World) controlling() bool {
	return slices.ContainsFunc(w.controlOperations, func(o *ControlOperation) bool { return o.Status == "IN_PROGRESS" })
}

// The time that an operation on a control takes, of the world's own.
func (w *World) controlDuration() time.Duration {
	if w.Otherwise("control-operation-duration") {
		return 10 * w.Timing.Provision / 25
	}
	return w.Timing.Provision / 25
}
