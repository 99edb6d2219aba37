package world

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// controlInFile is a control that is enabled on a unit.
type controlInFile struct {
	Control    string             `json:"control"`              // its name, or either of its ARNs
	ARN        string             `json:"arn,omitempty"`        // of the enabled control; left out: made up
	Status     string             `json:"status,omitempty"`     // left out: SUCCEEDED
	Drift      string             `json:"drift,omitempty"`      // left out: NOT_CHECKING
	Operation  string             `json:"operation,omitempty"`  // id of the last one
	Parameters []ControlParameter `json:"parameters,omitempty"` // as EnableControl takes them
	Tags       map[string]string  `json:"tags,omitempty"`
}

func controlsState(all []*EnabledControl) []controlInFile {
	var files []controlInFile
	for _, e := range all {
		files = append(files, controlInFile{
			Control: e.Identifier, ARN: e.ARN, Status: e.Status, Drift: e.Drift, Operation: e.Operation,
			Parameters: slices.Clone(e.Parameters), Tags: maps.Clone(e.Tags),
		})
	}
	return files
}

// restoreControls gives units the controls of the file, and lets operations go on that had not ended: from their beginning.
func (w *World) restoreControls(f *file) error {
	for i := range f.ControlOperations {
		o := f.ControlOperations[i]
		switch {
		case !slices.Contains([]string{enablesControl, disablesControl, updatesControl, resetsControl}, o.Type):
			return fmt.Errorf("controlOperations[%d].type: %q is no type of operation on a control", i, o.Type)
		case !slices.Contains([]string{"IN_PROGRESS", "SUCCEEDED", "FAILED"}, o.Status):
			return fmt.Errorf("controlOperations[%d].status: %q; use IN_PROGRESS, SUCCEEDED or FAILED", i, o.Status)
		}
		w.controlOperations = append(w.controlOperations, &o)
	}
	if err := w.restoreUnitControls("root", w.Root, &f.Root); err != nil {
		return err
	}
	for _, o := range w.controlOperations {
		if o.Status == "IN_PROGRESS" {
			w.controlChanging(o)
		}
	}
	for u := range w.Root.All() {
		for _, e := range u.Controls {
			if e.Status == "UNDER_CHANGE" && !slices.ContainsFunc(w.controlOperations, func(o *ControlOperation) bool { return o.ID == e.Operation && o.Status == "IN_PROGRESS" }) {
				w.changeControl(e, enablesControl)
			}
		}
	}
	return nil
}

func (w *World) restoreUnitControls(place string, u *Unit, f *unitInFile) error {
	for i := range f.Controls {
		if err := w.restoreControl(fmt.Sprintf("%s.controls[%d]", place, i), u, &f.Controls[i]); err != nil {
			return err
		}
	}
	for i := range f.Units {
		if err := w.restoreUnitControls(fmt.Sprintf("%s.organizationalUnits[%d]", place, i), u.Units[i], &f.Units[i]); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) restoreControl(place string, u *Unit, f *controlInFile) error {
	c := ControlNamed(f.Control[strings.LastIndex(f.Control, "/")+1:])
	switch {
	case u == w.Root:
		return fmt.Errorf("%s: the root can't have controls", place)
	case c == nil:
		return fmt.Errorf("%s.control: the sandbox knows no control %q", place, f.Control)
	case c.Fixed:
		return fmt.Errorf("%s.control: %s can't be enabled; mandatory controls are there by themselves", place, c.Name)
	case u.control(c) != nil:
		return fmt.Errorf("%s.control: %s is given twice", place, c.Name)
	}
	e := &EnabledControl{
		ARN: f.ARN, Control: c, Identifier: f.Control, Unit: u, Status: cmp.Or(f.Status, "SUCCEEDED"), Drift: cmp.Or(f.Drift, w.driftOf(c)),
		Operation: f.Operation, Parameters: slices.Clone(f.Parameters), Tags: maps.Clone(f.Tags),
	}
	if !strings.HasPrefix(e.Identifier, "arn:") {
		e.Identifier = w.ControlARN(c)
	}
	if e.ARN == "" {
		e.ARN = w.newControlARN(c, u)
	}
	if !slices.Contains([]string{"SUCCEEDED", "FAILED", "UNDER_CHANGE"}, e.Status) {
		return fmt.Errorf("%s.status: %q; use SUCCEEDED, FAILED or UNDER_CHANGE", place, e.Status)
	}
	if !slices.Contains([]string{"DRIFTED", "IN_SYNC", "NOT_CHECKING", "UNKNOWN"}, e.Drift) {
		return fmt.Errorf("%s.drift: %q; use DRIFTED, IN_SYNC, NOT_CHECKING or UNKNOWN", place, e.Drift)
	}
	if err := c.fits(e.Parameters); err != nil {
		return fmt.Errorf("%s.parameters: %w", place, err)
	}
	u.Controls = append(u.Controls, e)
	return nil
}
