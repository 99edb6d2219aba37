package world

import (
	"slices"
	"time"
)

// ControlOperation is one operation on a control (AWS Control Tower API Reference, ControlOperation).
type ControlOperation struct {
	ID      string    `json:"id"`
	Type    string    `json:"type"`
	Status  string    `json:"status"` // IN_PROGRESS, SUCCEEDED, FAILED
	Message string    `json:"message"`
	Start   time.Time `json:"start"`
	End     time.Time `json:"end,omitzero"`
	Control string    `json:"control"`        // the ARN by which the control was enabled
	Target  string    `json:"target"`         // ARN of the unit
	Enabled string    `json:"enabledControl"` // ARN of the enabled control
}

// The types of operations on controls.
const (
	enablesControl  = "ENABLE_CONTROL"
	disablesControl = "DISABLE_CONTROL"
	updatesControl  = "UPDATE_ENABLED_CONTROL"
	resetsControl   = "RESET_ENABLED_CONTROL"
)

// ControlOperations are those of the last 90 days, the newest first (AWS Control Tower API Reference, GetControlOperation).
func (w *World) ControlOperations() []*ControlOperation {
	var recent []*ControlOperation
	for _, o := range slices.Backward(w.controlOperations) {
		if w.now().Sub(o.Start) <= 90*24*time.Hour {
			recent = append(recent, o)
		}
	}
	return recent
}

func (w *World) changeControl(enabled *EnabledControl, operation string) *ControlOperation {
	id := w.uuid("control-operation")
	for slices.ContainsFunc(w.controlOperations, func(o *ControlOperation) bool { return o.ID == id }) {
		id = w.uuid("control-operation") // one of an earlier run of this world
	}
	o := &ControlOperation{
		ID: id, Type: operation, Status: "IN_PROGRESS", Message: "Operation is in progress.", Start: w.stamp(),
		Control: enabled.Identifier, Target: w.UnitARN(enabled.Unit), Enabled: enabled.ARN,
	}
	w.controlOperations = append(w.controlOperations, o)
	enabled.Status, enabled.Operation = "UNDER_CHANGE", o.ID
	w.controlChanging(o)
	return o
}

// controlChanging lets an operation on a control take its course.
func (w *World) controlChanging(o *ControlOperation) {
	w.After(w.controlDuration(), func() {
		enabled := w.enabledControl(o.Enabled)
		failure := "The organizational unit of the control is no longer there, or no longer registered."
		if enabled != nil {
			failure = w.controlChanged(enabled, o)
		}
		o.Status, o.Message, o.End = "SUCCEEDED", "Operation was successful.", w.stamp()
		if failure != "" {
			o.Status, o.Message = "FAILED", failure
		}
		if enabled != nil {
			w.publishControl(enabled, o)
		}
	})
}

// controlChanged brings about what the operation is for, and says why it can't.
func (w *World) controlChanged(enabled *EnabledControl, o *ControlOperation) (failure string) {
	if o.Type == disablesControl {
		enabled.Unit.Controls = slices.DeleteFunc(enabled.Unit.Controls, func(e *EnabledControl) bool { return e == enabled })
		return ""
	}
	if failure = w.hindered(enabled); failure != "" {
		enabled.Status, enabled.Drift = "FAILED", "UNKNOWN"
		return failure
	}
	enabled.Status, enabled.Drift = "SUCCEEDED", w.driftOf(enabled.Control)
	return ""
}

// driftOf is the drift of a control that is well: the pages of AWS show NOT_CHECKING for both kinds.
func (w *World) driftOf(c *Control) string {
	if c.Policy && w.Otherwise("control-drift-checked") {
		return "IN_SYNC"
	}
	return "NOT_CHECKING"
}

// hindered says why the rule of a control that detects can't be deployed to an account of its unit; empty when it can.
func (w *World) hindered(enabled *EnabledControl) string {
	if enabled.Control.Policy || w.Otherwise("control-fails-with-account") {
		return ""
	}
	for _, a := range enabled.Unit.Accounts {
		if a.Active() && a.Enrolled() && (w.governs(a.DeniedRegions) || w.governs(a.InactiveSTS)) {
			return "AWS Control Tower failed to deploy one or more stack set instances: StackSet Id: AWSControlTowerGuardrail" + enabled.Control.Name
		}
	}
	return ""
}

// controlStatus is what an event tells of a control (AWS Control Tower User Guide, "Lifecycle events in AWS Control Tower").
type controlStatus struct {
	Units     []unitInEvent    `json:"organizationalUnits"`
	Controls  []controlInEvent `json:"guardrails"`
	State     string           `json:"state"`
	Message   string           `json:"message"`
	Requested string           `json:"requestTimestamp"`
	Completed string           `json:"completedTimestamp"`
}

type controlInEvent struct {
	ID       string `json:"guardrailId"`
	Behavior string `json:"guardrailBehavior"`
}

// publishControl tells that a control was enabled or disabled, or was not.
func (w *World) publishControl(enabled *EnabledControl, o *ControlOperation) {
	name, key, message := "EnableGuardrail", "enableGuardrailStatus", "AWS Control Tower successfully enabled a guardrail on an organizational unit."
	switch {
	case w.Otherwise("control-event") || o.Type == updatesControl || o.Type == resetsControl:
		return
	case o.Type == disablesControl:
		name, key, message = "DisableGuardrail", "disableGuardrailStatus", "AWS Control Tower successfully disabled a guardrail on an organizational unit."
	}
	end := w.ended(o.Status == "SUCCEEDED", message, o.Start)
	if o.Status == "FAILED" {
		end.Message = o.Message
	}
	w.publishLifecycle(name, key, controlStatus{
		Units:    []unitInEvent{{Name: enabled.Unit.Name, ID: enabled.Unit.ID}},
		Controls: []controlInEvent{{ID: enabled.Control.Name, Behavior: enabled.Control.Behavior()}},
		State:    end.State, Message: end.Message, Requested: end.Requested, Completed: end.Completed,
	})
}
