package controltower

import (
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// controlOperation is one operation on a control (AWS Control Tower API Reference, ControlOperation).
type controlOperation struct {
	operation
	Control string `json:"controlIdentifier"`
	Target  string `json:"targetIdentifier"`
	Enabled string `json:"enabledControlIdentifier"`
}

func showOperation(o *world.ControlOperation) controlOperation {
	return controlOperation{
		operation: operation{
			ID: o.ID, Type: o.Type, Status: o.Status, Start: wire.ISOTime{Time: o.Start}, End: wire.ISOTime{Time: o.End}, Message: o.Message,
		},
		Control: o.Control, Target: o.Target, Enabled: o.Enabled,
	}
}

type controlOperationOutput struct {
	Operation controlOperation `json:"controlOperation"`
}

// getControlOperation is GetControlOperation.
func (s *service) getControlOperation(_ *wire.Call, in *struct {
	ID string `json:"operationIdentifier"`
},
) (*controlOperationOutput, error) {
	var invalid wire.Invalid
	invalid.Required("operationIdentifier", in.ID)
	invalid.Length("operationIdentifier", in.ID, 36, 36)
	invalid.Pattern("operationIdentifier", in.ID, operationID)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	for _, o := range s.w.ControlOperations() {
		if o.ID == in.ID {
			return &controlOperationOutput{Operation: showOperation(o)}, nil
		}
	}
	return nil, fail("ResourceNotFoundException", "AWS Control Tower could not find the operation "+in.ID+".")
}

type operationFilter struct {
	Controls []string `json:"controlIdentifiers"`
	Targets  []string `json:"targetIdentifiers"`
	Enabled  []string `json:"enabledControlIdentifiers"`
	Statuses []string `json:"statuses"`
	Types    []string `json:"controlOperationTypes"`
}

func (f operationFilter) check(invalid *wire.Invalid) {
	one(invalid, "filter.controlIdentifiers", f.Controls)
	one(invalid, "filter.targetIdentifiers", f.Targets)
	one(invalid, "filter.enabledControlIdentifiers", f.Enabled)
	one(invalid, "filter.statuses", f.Statuses, "SUCCEEDED", "FAILED", "IN_PROGRESS")
	one(invalid, "filter.controlOperationTypes", f.Types, "ENABLE_CONTROL", "DISABLE_CONTROL", "UPDATE_ENABLED_CONTROL", "RESET_ENABLED_CONTROL")
}

type controlOperationsOutput struct {
	Operations []controlOperation `json:"controlOperations"`
	NextToken  string             `json:"nextToken,omitempty"`
}

// listControlOperations is ListControlOperations.
func (s *service) listControlOperations(_ *wire.Call, in *struct {
	pageInput
	Filter operationFilter `json:"filter"`
},
) (*controlOperationsOutput, error) {
	var invalid wire.Invalid
	in.Filter.check(&invalid)
	if in.NextToken != "" && strings.TrimSpace(in.NextToken) == "" {
		invalid.Add("nextToken", in.NextToken, `satisfy regular expression pattern: .*\S+.*`)
	}
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	var rows []controlOperation
	for _, o := range s.w.ControlOperations() {
		f := in.Filter
		if (len(f.Controls) == 0 || s.w.SameControl(f.Controls[0], o.Control)) && wants(f.Targets, o.Target) && wants(f.Enabled, o.Enabled) &&
			wants(f.Statuses, o.Status) && wants(f.Types, o.Type) {
			rows = append(rows, showOperation(o))
		}
	}
	found, next, err := page(rows, in.pageInput, 1, 100)
	if err != nil {
		return nil, err
	}
	return &controlOperationsOutput{Operations: found, NextToken: next}, nil
}
