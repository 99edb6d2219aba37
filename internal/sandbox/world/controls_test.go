package world_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox/world"
	"github.com/vend-cli/vend/samples"
)

const devUnit = "ou-ab12-11111113"

func enableControl(t *testing.T, w *world.World, name string, parameters ...world.ControlParameter) *world.EnabledControl {
	t.Helper()
	var enabled *world.EnabledControl
	w.Do(func() {
		c := world.ControlNamed(name)
		var err error
		if enabled, _, err = w.EnableControl(c, w.ControlARN(c), w.Unit(devUnit), parameters, map[string]string{"team": "platform"}); err != nil {
			t.Error(err)
		}
	})
	return enabled
}

// own are the controls of a unit that somebody enabled, as JSON.
func own(t *testing.T, w *world.World) string {
	t.Helper()
	var shown strings.Builder
	w.Do(func() {
		for _, e := range w.Unit(devUnit).Controls {
			b, err := json.Marshal([]any{e.ARN, e.Identifier, e.Status, e.Drift, e.Operation, e.Parameters, e.Tags})
			if err != nil {
				t.Error(err)
			}
			shown.Write(append(b, '\n'))
		}
		for _, o := range w.ControlOperations() {
			shown.WriteString(o.ID + " " + o.Type + " " + o.Status + " " + o.Enabled + "\n")
		}
	})
	return shown.String()
}

func TestControlsGoOnWhereAStateWasTaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := start(t, nil)
		first := enableControl(t, w, "AWS-GR_RESTRICT_ROOT_USER", world.ControlParameter{Key: "ExemptedPrincipalArns", Value: []any{"arn:aws:iam::*:role/x"}})
		time.Sleep(2 * time.Minute)
		enableControl(t, w, "AWS-GR_ENCRYPTED_VOLUMES")
		w.Do(func() {
			if _, err := w.DisableControl(first); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(30 * time.Second)
		again := start(t, []byte(state(t, w)))
		if diff := cmp.Diff(own(t, w), own(t, again)); diff != "" {
			t.Errorf("a world that was made of a state (-first +again):\n%s", diff)
		}
		if diff := cmp.Diff(state(t, w), state(t, again)); diff != "" {
			t.Errorf("the state of a world that was made of a state (-first +again):\n%s", diff)
		}
		time.Sleep(2 * time.Minute)
		if got := own(t, again); strings.Contains(got, "IN_PROGRESS") || strings.Contains(got, "UNDER_CHANGE") || strings.Contains(got, `"`+first.ARN+`"`) || strings.Count(got, " SUCCEEDED ") != 3 {
			t.Errorf("in the end:\n%s", got)
		}
		enabled := enableControl(t, again, "AWS-GR_RESTRICTED_SSH")
		if strings.Count(own(t, again), enabled.Operation) != 2 { // its own, and in the list
			t.Errorf("an operation of the second world has the id of one of the first:\n%s", own(t, again))
		}
	})
}

func TestControlsOfAWorldFile(t *testing.T) {
	t.Parallel()
	file := func(controls string) []byte {
		return []byte(strings.Replace(string(samples.LandingZone), `"id": "`+devUnit+`",`, `"id": "`+devUnit+`", "controls": [`+controls+`],`, 1))
	}
	synctest.Test(t, func(t *testing.T) {
		w := start(t, file(`{"control": "AWS-GR_ENCRYPTED_VOLUMES"}, {"control": "arn:aws:controlcatalog:::control/5kvme4m5d2b4d7if2fs5yg2ui", "status": "UNDER_CHANGE"}`))
		time.Sleep(2 * time.Minute)
		got := own(t, w)
		for _, want := range []string{
			`"arn:aws:controltower:us-east-1::control/AWS-GR_ENCRYPTED_VOLUMES","SUCCEEDED","NOT_CHECKING"`,
			`"arn:aws:controlcatalog:::control/5kvme4m5d2b4d7if2fs5yg2ui","SUCCEEDED"`, "ENABLE_CONTROL SUCCEEDED",
		} {
			if !strings.Contains(got, want) {
				t.Errorf("the controls lack %s:\n%s", want, got)
			}
		}
	})
	const place = "root.organizationalUnits[1].organizationalUnits[1].controls[0]"
	for controls, want := range map[string]string{
		`{"control": "AWS-GR_NO_SUCH"}`:                                                                             place + ".control",
		`{"control": "AWS-GR_CLOUDTRAIL_ENABLED"}`:                                                                  "mandatory",
		`{"control": "AWS-GR_ENCRYPTED_VOLUMES", "status": "GONE"}`:                                                 place + ".status",
		`{"control": "AWS-GR_ENCRYPTED_VOLUMES", "drift": "GONE"}`:                                                  place + ".drift",
		`{"control": "AWS-GR_ENCRYPTED_VOLUMES", "parameters": [{"key": "ExemptedPrincipalArns", "value": ["x"]}]}`: place + ".parameters",
		`{"control": "AWS-GR_ENCRYPTED_VOLUMES"}, {"control": "503uicglhjkokaajywfpt6ros"}`:                         "given twice",
	} {
		if _, err := world.New(file(controls), 1, time.Now); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, which lacks %q", controls, err, want)
		}
	}
	for operations, want := range map[string]string{
		`[{"type": "MAKE_CONTROL", "status": "SUCCEEDED"}]`:  "controlOperations[0].type",
		`[{"type": "ENABLE_CONTROL", "status": "FINISHED"}]`: "controlOperations[0].status",
	} {
		if _, err := world.New(with(t, "controlOperations", operations), 1, time.Now); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, which lacks %q", operations, err, want)
		}
	}
	if _, err := world.New(with(t, "root.controls", `[{"control": "AWS-GR_ENCRYPTED_VOLUMES"}]`), 1, time.Now); err == nil {
		t.Error("the root has a control")
	}
}

func TestControlsHaveOneOfEachName(t *testing.T) {
	t.Parallel()
	var all []string
	w := start(t, nil)
	w.Do(func() {
		for u := range w.Root.All() {
			for _, e := range w.EnabledControls(u) {
				all = append(all, e.ARN)
			}
		}
	})
	seen := map[string]bool{}
	for _, arn := range all {
		if seen[arn] {
			t.Errorf("two enabled controls have the ARN %s", arn)
		}
		seen[arn] = true
	}
	if !w.SameControl("arn:aws:controltower:us-east-1::control/AWS-GR_ENCRYPTED_VOLUMES", "arn:aws:controlcatalog:::control/503uicglhjkokaajywfpt6ros") {
		t.Error("the two ARNs of a control are not one control")
	}
	if w.SameControl("arn:aws:controltower:us-east-1::control/AWS-GR_ENCRYPTED_VOLUMES", "arn:aws:controlcatalog:::control/5kvme4m5d2b4d7if2fs5yg2ui") {
		t.Error("two controls are one")
	}
}
