package controltower_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/controltower"
	"github.com/aws/aws-sdk-go-v2/service/controltower/document"
	"github.com/aws/aws-sdk-go-v2/service/controltower/types"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox/world"
)

const (
	dev       = "ou-ab12-11111113"
	workloads = "ou-ab12-11111111"
	sandboxes = "ou-ab12-12222222"

	detects  = "arn:aws:controltower:us-east-1::control/AWS-GR_ENCRYPTED_VOLUMES"
	prevents = "arn:aws:controltower:us-east-1::control/AWS-GR_RESTRICT_ROOT_USER"
)

// tower is the API with the words of these tests.
type tower struct {
	*testing.T
	w      *world.World
	client *controltower.Client
}

func startTower(t *testing.T, changes ...string) tower {
	t.Helper()
	w, client := start(t, changes...)
	return tower{t, w, client}
}

func assume(name string) []string {
	return []string{`"assumptions": {}`, `"assumptions": {"` + name + `": true}`}
}

func (t tower) arn(unit string) *string { return aws.String(t.w.UnitARN(t.w.Unit(unit))) }

func (t tower) enable(control, unit string) (*controltower.EnableControlOutput, error) {
	return t.client.EnableControl(t.Context(), &controltower.EnableControlInput{ControlIdentifier: aws.String(control), TargetIdentifier: t.arn(unit)})
}

func (t tower) disable(control, unit string) error {
	_, err := t.client.DisableControl(t.Context(), &controltower.DisableControlInput{ControlIdentifier: aws.String(control), TargetIdentifier: t.arn(unit)})
	return err
}

func (t tower) reset(arn *string) error {
	_, err := t.client.ResetEnabledControl(t.Context(), &controltower.ResetEnabledControlInput{EnabledControlIdentifier: arn})
	return err
}

func (t tower) update(arn *string, parameters ...types.EnabledControlParameter) error {
	_, err := t.client.UpdateEnabledControl(t.Context(), &controltower.UpdateEnabledControlInput{EnabledControlIdentifier: arn, Parameters: parameters})
	return err
}

// has enables a control and waits for it.
func (t tower) has(control, unit string) *string {
	t.Helper()
	out, err := t.enable(control, unit)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(15 * time.Minute)
	if got := t.operation(out.OperationIdentifier); !strings.Contains(got, "SUCCEEDED") {
		t.Fatalf("the operation is %s", got)
	}
	return out.Arn
}

func (t tower) operation(id *string) string {
	t.Helper()
	out, err := t.client.GetControlOperation(t.Context(), &controltower.GetControlOperationInput{OperationIdentifier: id})
	if err != nil {
		t.Fatal(err)
	}
	o := out.ControlOperation
	return fmt.Sprintf("%s %s: %s", o.OperationType, o.Status, *o.StatusMessage)
}

// lists are names of controls and units, and how they are: those that the API can change, if all is not asked for.
func (t tower) lists(all bool, in *controltower.ListEnabledControlsInput) []string {
	t.Helper()
	got := []string{}
	for pages := controltower.NewListEnabledControlsPaginator(t.client, in); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page.EnabledControls {
			name := (*c.ControlIdentifier)[strings.LastIndex(*c.ControlIdentifier, "/")+1:]
			known := world.ControlNamed(name)
			if all || !known.Fixed {
				got = append(got, fmt.Sprintf("%s %s %s %s", name, (*c.TargetIdentifier)[strings.LastIndex(*c.TargetIdentifier, "/")+1:], c.StatusSummary.Status, c.DriftStatusSummary.DriftStatus))
			}
		}
	}
	return got
}

func exempt(principals ...string) types.EnabledControlParameter {
	return types.EnabledControlParameter{Key: aws.String("ExemptedPrincipalArns"), Value: document.NewLazyDocument(principals)}
}

func TestAControlIsEnabledChangedAndDisabled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tower := startTower(t)
		out, err := tower.client.EnableControl(t.Context(), &controltower.EnableControlInput{
			ControlIdentifier: aws.String("arn:aws:controlcatalog:::control/5kvme4m5d2b4d7if2fs5yg2ui"), TargetIdentifier: tower.arn(dev),
			Parameters: []types.EnabledControlParameter{exempt("arn:aws:iam::*:role/ReadOnly")}, Tags: map[string]string{"team": "platform"},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := tower.operation(out.OperationIdentifier); got != "ENABLE_CONTROL IN_PROGRESS: Operation is in progress." {
			t.Errorf("the operation is %s", got)
		}
		if _, err := tower.enable(prevents, dev); code(err) != "ConflictException" {
			t.Errorf("while it is enabled: %v", err)
		}
		want := []string{"5kvme4m5d2b4d7if2fs5yg2ui ou-ab12-11111113 UNDER_CHANGE NOT_CHECKING"}
		if diff := cmp.Diff(want, tower.lists(false, &controltower.ListEnabledControlsInput{})); diff != "" {
			t.Errorf("while it is enabled (-want +got):\n%s", diff)
		}
		time.Sleep(2 * time.Minute)
		if got := tower.operation(out.OperationIdentifier); got != "ENABLE_CONTROL SUCCEEDED: Operation was successful." {
			t.Errorf("the operation is %s", got)
		}
		if _, err := tower.enable(prevents, dev); code(err) != "ValidationException" || !strings.Contains(err.Error(), "Guardrail AWS-GR_RESTRICT_ROOT_USER is already enabled on organizational unit "+dev) {
			t.Errorf("once more: %v", err)
		}
		got, err := tower.client.GetEnabledControl(t.Context(), &controltower.GetEnabledControlInput{EnabledControlIdentifier: out.Arn})
		if err != nil {
			t.Fatal(err)
		}
		var principals []string
		d := got.EnabledControlDetails
		if err := d.Parameters[0].Value.UnmarshalSmithyDocument(&principals); err != nil {
			t.Fatal(err)
		}
		shown := []string{*d.ControlIdentifier, *d.TargetRegions[0].Name, *d.TargetRegions[1].Name, principals[0], *d.StatusSummary.LastOperationIdentifier, string(d.DriftStatusSummary.Types.Inheritance.Status)}
		if diff := cmp.Diff([]string{
			"arn:aws:controlcatalog:::control/5kvme4m5d2b4d7if2fs5yg2ui", "eu-west-1", "us-east-1", "arn:aws:iam::*:role/ReadOnly", *out.OperationIdentifier, "IN_SYNC",
		}, shown); diff != "" {
			t.Errorf("the enabled control (-want +got):\n%s", diff)
		}
		if err := tower.update(out.Arn, exempt("arn:aws:iam::*:role/ReadOnly")); code(err) != "ValidationException" {
			t.Errorf("an update that changes nothing: %v", err)
		}
		if err := tower.update(out.Arn, exempt("arn:aws:iam::*:role/Other")); err != nil {
			t.Error(err)
		}
		if err := tower.disable(prevents, dev); code(err) != "ConflictException" {
			t.Errorf("while it is updated: %v", err)
		}
		time.Sleep(2 * time.Minute)
		if err := tower.disable(prevents, dev); err != nil {
			t.Error(err)
		}
		time.Sleep(2 * time.Minute)
		if left := tower.lists(false, &controltower.ListEnabledControlsInput{}); len(left) > 0 {
			t.Errorf("left is %v", left)
		}
		if err := tower.disable(prevents, dev); code(err) != "ResourceNotFoundException" {
			t.Errorf("disabled again: %v", err)
		}
		again := tower.has(prevents, dev)
		if *again == *out.Arn {
			t.Error("another enabled control has the ARN of the one that was disabled")
		}
		operations, err := tower.client.ListControlOperations(t.Context(), &controltower.ListControlOperationsInput{
			Filter: &types.ControlOperationFilter{EnabledControlIdentifiers: []string{*out.Arn}},
		})
		if err != nil {
			t.Fatal(err)
		}
		var kinds []types.ControlOperationType
		for _, o := range operations.ControlOperations {
			kinds = append(kinds, o.OperationType)
		}
		if diff := cmp.Diff([]types.ControlOperationType{"DISABLE_CONTROL", "UPDATE_ENABLED_CONTROL", "ENABLE_CONTROL"}, kinds); diff != "" {
			t.Errorf("the operations (-want +got):\n%s", diff)
		}
		time.Sleep(91 * 24 * time.Hour)
		if _, err := tower.client.GetControlOperation(t.Context(), &controltower.GetControlOperationInput{OperationIdentifier: out.OperationIdentifier}); code(err) != "ResourceNotFoundException" {
			t.Errorf("an operation of long ago: %v", err)
		}
	})
}

func TestWhichControlsAUnitHas(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		changes    []string
		unit       string
		own, below int
	}{
		"a registered unit":                          {nil, dev, 15, 15},
		"the Security unit":                          {nil, "ou-ab12-10000001", 23, 23},
		"a registered unit with landing zone 4.0":    {[]string{`"version": "3.3"`, `"version": "4.0"`}, dev, 8, 8},
		"the Security unit with landing zone 4.0":    {[]string{`"version": "3.3"`, `"version": "4.0"`}, "ou-ab12-10000001", 8, 8},
		"an unregistered unit with landing zone 4.0": {[]string{`"version": "3.3"`, `"version": "4.0"`}, legacy, 0, 0},
		"a registered unit whose list has no such":   {assume("mandatory-controls-listed"), dev, 0, 0},
		"units below, where they are asked for, too": {nil, workloads, 15, 45},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tower := startTower(t, test.changes...)
			for children, want := range map[bool]int{false: test.own, true: test.below} {
				got := tower.lists(true, &controltower.ListEnabledControlsInput{TargetIdentifier: tower.arn(test.unit), IncludeChildren: children, MaxResults: aws.Int32(4)})
				if len(got) != want {
					t.Errorf("with children %v: %d controls, want %d: %v", children, len(got), want, got)
				}
				if slices.ContainsFunc(got, func(c string) bool { return !strings.HasSuffix(c, "SUCCEEDED NOT_CHECKING") }) {
					t.Errorf("the controls are %v", got)
				}
			}
		})
	}
}

func TestControlsThatAreRefused(t *testing.T) {
	t.Parallel()
	const mandatory = "arn:aws:controltower:us-east-1::control/AWS-GR_CLOUDTRAIL_ENABLED"
	for name, test := range map[string]struct {
		control, target, want string
	}{
		"a unit that is not registered":      {detects, legacy, "ResourceNotFoundException"},
		"a mandatory control":                {mandatory, dev, "ValidationException"},
		"the landing zone's Region deny":     {"arn:aws:controltower:us-east-1::control/AWS-GR_REGION_DENY", dev, "ValidationException"},
		"a control that there is not":        {"arn:aws:controltower:us-east-1::control/AWS-GR_NO_SUCH", dev, "ResourceNotFoundException"},
		"a control of another Region":        {"arn:aws:controltower:eu-west-1::control/AWS-GR_ENCRYPTED_VOLUMES", dev, "ResourceNotFoundException"},
		"a name where Control Catalog's are": {"arn:aws:controlcatalog:::control/AWS-GR_ENCRYPTED_VOLUMES", dev, "NotImplemented"},
		"a control that is not known here":   {"arn:aws:controlcatalog:::control/497wrm2xnk1wxlf4obrdo7mej", dev, "NotImplemented"},
		"what is no control":                 {"arn:aws:iam::111111111111:role/x", dev, "ValidationException"},
		"too short an ARN":                   {"arn:aws:x", dev, "ValidationException"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tower := startTower(t)
			_, err := tower.enable(test.control, test.target)
			if got := code(err); got != test.want {
				t.Errorf("enabling: %s, want %s (%v)", got, test.want, err)
			}
			if got := code(tower.disable(test.control, test.target)); got != test.want {
				t.Errorf("disabling: %s, want %s", got, test.want)
			}
		})
	}
	tower := startTower(t)
	for target, want := range map[string]string{
		tower.w.AccountARN(tower.w.Account("222222222112")):                   "NotImplemented",
		tower.w.UnitARN(tower.w.Root):                                         "ValidationException",
		"arn:aws:organizations::111111111111:ou/o-exampleorg/ou-ab12-0000000": "ResourceNotFoundException",
		*tower.arn(legacy): "ResourceNotFoundException",
	} {
		_, err := tower.client.ListEnabledControls(t.Context(), &controltower.ListEnabledControlsInput{TargetIdentifier: aws.String(target)})
		if code(err) != want {
			t.Errorf("listing %s: %v, want %s", target, err, want)
		}
	}
	if _, err := tower.client.DisableControl(t.Context(), &controltower.DisableControlInput{}); code(err) != "ValidationException" {
		t.Errorf("disabling nothing: %v", err)
	}
	none := aws.String("arn:aws:controltower:us-east-1:111111111111:enabledcontrol/2H2AWUG4SKG81855")
	if err := tower.reset(none); code(err) != "ResourceNotFoundException" {
		t.Errorf("resetting what there is not: %v", err)
	}
	if err := tower.update(none, exempt("arn:aws:iam::*:role/x")); code(err) != "ResourceNotFoundException" {
		t.Errorf("updating what there is not: %v", err)
	}
	listed, err := tower.client.ListEnabledControls(t.Context(), &controltower.ListEnabledControlsInput{TargetIdentifier: tower.arn(dev), MaxResults: aws.Int32(1)})
	if err != nil {
		t.Fatal(err)
	}
	if err := tower.reset(listed.EnabledControls[0].Arn); code(err) != "ValidationException" {
		t.Errorf("resetting a mandatory control: %v", err)
	}
}

func TestParametersOfControls(t *testing.T) {
	t.Parallel()
	text := func(key string, value any) types.EnabledControlParameter {
		return types.EnabledControlParameter{Key: aws.String(key), Value: document.NewLazyDocument(value)}
	}
	for name, test := range map[string]struct {
		control    string
		parameters []types.EnabledControlParameter
		want       string
	}{
		"that it has":              {prevents, []types.EnabledControlParameter{exempt("arn:aws:iam::*:role/x"), text("ExemptAssumeRoot", true)}, "<nil>"},
		"none of them":             {prevents, nil, "<nil>"},
		"of another control":       {prevents, []types.EnabledControlParameter{text("AllowedRegions", []string{"us-east-1"})}, "ValidationException"},
		"where there are none":     {detects, []types.EnabledControlParameter{exempt("arn:aws:iam::*:role/x")}, "ValidationException"},
		"given twice":              {prevents, []types.EnabledControlParameter{exempt("arn:aws:iam::*:role/x"), exempt("arn:aws:iam::*:role/y")}, "ValidationException"},
		"a text instead of a list": {prevents, []types.EnabledControlParameter{text("ExemptedPrincipalArns", "arn:aws:iam::*:role/x")}, "ValidationException"},
		"numbers":                  {prevents, []types.EnabledControlParameter{text("ExemptedPrincipalArns", []int{1})}, "ValidationException"},
		"false where true only is": {prevents, []types.EnabledControlParameter{text("ExemptAssumeRoot", false)}, "ValidationException"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tower := startTower(t)
			_, err := tower.client.EnableControl(t.Context(), &controltower.EnableControlInput{
				ControlIdentifier: aws.String(test.control), TargetIdentifier: tower.arn(dev), Parameters: test.parameters,
			})
			if got := code(err); got != test.want {
				t.Errorf("got %s, want %s (%v)", got, test.want, err)
			}
		})
	}
}

func TestListsOfControlsAreFiltered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tower := startTower(t)
		arn := tower.has(detects, dev)
		tower.has(prevents, dev)
		tower.has(prevents, sandboxes)
		for name, test := range map[string]struct {
			filter types.EnabledControlFilter
			want   int
		}{
			"the control":                      {types.EnabledControlFilter{ControlIdentifiers: []string{detects}}, 1},
			"the control by its other ARN":     {types.EnabledControlFilter{ControlIdentifiers: []string{"arn:aws:controlcatalog:::control/5kvme4m5d2b4d7if2fs5yg2ui"}}, 2},
			"what has failed":                  {types.EnabledControlFilter{Statuses: []types.EnablementStatus{"FAILED"}}, 0},
			"what is well":                     {types.EnabledControlFilter{Statuses: []types.EnablementStatus{"SUCCEEDED"}}, 3},
			"what has drifted":                 {types.EnabledControlFilter{DriftStatuses: []types.DriftStatus{"DRIFTED"}}, 0},
			"what nobody looks after":          {types.EnabledControlFilter{ResourceDriftStatuses: []types.DriftStatus{"NOT_CHECKING"}}, 3},
			"what is inherited as it should":   {types.EnabledControlFilter{InheritanceDriftStatuses: []types.DriftStatus{"IN_SYNC"}}, 3},
			"what comes from an enabled one":   {types.EnabledControlFilter{ParentIdentifiers: []string{*arn}}, 0},
			"a control, and that it is failed": {types.EnabledControlFilter{ControlIdentifiers: []string{detects}, Statuses: []types.EnablementStatus{"FAILED"}}, 0},
		} {
			if got := tower.lists(false, &controltower.ListEnabledControlsInput{Filter: &test.filter, MaxResults: aws.Int32(1)}); len(got) != test.want {
				t.Errorf("%s: %v, want %d", name, got, test.want)
			}
		}
		if _, err := tower.client.ListEnabledControls(t.Context(), &controltower.ListEnabledControlsInput{
			Filter: &types.EnabledControlFilter{ControlIdentifiers: []string{detects, prevents}},
		}); code(err) != "ValidationException" {
			t.Errorf("two values: %v", err)
		}
		for name, test := range map[string]struct {
			filter types.ControlOperationFilter
			want   int
		}{
			"by control": {types.ControlOperationFilter{ControlIdentifiers: []string{prevents}}, 2},
			"by target":  {types.ControlOperationFilter{TargetIdentifiers: []string{*tower.arn(sandboxes)}}, 1},
			"by status":  {types.ControlOperationFilter{Statuses: []types.ControlOperationStatus{"IN_PROGRESS"}}, 0},
			"by type":    {types.ControlOperationFilter{ControlOperationTypes: []types.ControlOperationType{"ENABLE_CONTROL"}}, 3},
		} {
			got := 0
			for pages := controltower.NewListControlOperationsPaginator(tower.client, &controltower.ListControlOperationsInput{Filter: &test.filter, MaxResults: aws.Int32(1)}); pages.HasMorePages(); {
				page, err := pages.NextPage(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				got += len(page.ControlOperations)
			}
			if got != test.want {
				t.Errorf("operations %s: %d, want %d", name, got, test.want)
			}
		}
	})
}
