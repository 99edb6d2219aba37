package controltower_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/controltower"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox/world"
)

// TestWhatNobodyHasVerifiedOfControls does the same with each assumption about controls as it is and switched.
func TestWhatNobodyHasVerifiedOfControls(t *testing.T) {
	t.Parallel()
	const catalog = "arn:aws:controlcatalog:::control/5kvme4m5d2b4d7if2fs5yg2ui"
	baseline := func(tower tower, unit string) error {
		_, err := tower.client.DisableBaseline(tower.Context(), &controltower.DisableBaselineInput{
			EnabledBaselineIdentifier: aws.String(tower.w.EnabledBaselineARN(*tower.arn(unit))),
		})
		return err
	}
	everything := &controltower.ListEnabledControlsInput{}
	for name, test := range map[string]struct {
		changes []string
		do      func(tower) string
		we, or  string
	}{
		"mandatory-controls-listed": {nil, func(t tower) string {
			if len(t.lists(true, &controltower.ListEnabledControlsInput{TargetIdentifier: t.arn(dev)})) > 0 {
				return "listed"
			}
			return code(t.disable("arn:aws:controltower:us-east-1::control/AWS-GR_CLOUDTRAIL_ENABLED", dev))
		}, "listed", "ValidationException"},
		"mandatory-control-code": {nil, func(t tower) string {
			_, err := t.enable("arn:aws:controltower:us-east-1::control/AWS-GR_CLOUDTRAIL_ENABLED", dev)
			return code(err)
		}, "ValidationException", "AccessDeniedException"},
		"control-already-enabled-code": {nil, func(t tower) string {
			t.has(detects, dev)
			_, err := t.enable(detects, dev)
			return code(err)
		}, "ValidationException", "ConflictException"},
		"control-identifiers-apart": {nil, func(t tower) string {
			t.has(prevents, dev)
			return code(t.disable(catalog, dev))
		}, "<nil>", "ResourceNotFoundException"},
		"control-on-unregistered-unit": {[]string{`"version": "3.3"`, `"version": "4.0"`}, func(t tower) string {
			_, detecting := t.enable(detects, legacy)
			_, preventing := t.enable(prevents, legacy)
			return code(detecting) + " " + code(preventing)
		}, "ResourceNotFoundException <nil>", "ResourceNotFoundException ResourceNotFoundException"},
		"control-conflict-scope": {nil, func(t tower) string {
			if _, err := t.enable(detects, dev); err != nil {
				t.Fatal(err)
			}
			_, err := t.enable(prevents, dev)
			return code(err)
		}, "<nil>", "ConflictException"},
		"controls-beside-accounts": {nil, func(t tower) string {
			if _, err := t.enable(detects, dev); err != nil {
				t.Fatal(err)
			}
			var record *world.Record
			t.w.Do(func() {
				var err error
				record, err = t.w.Provision(world.Order{
					Name: "vended", Token: "vended", Artifact: t.w.AccountFactory.Artifacts[1], User: t.w.Caller(""), Parameters: map[string]string{
						"AccountName": "vended", "AccountEmail": "vended@example.com", "ManagedOrganizationalUnit": "Dev (" + dev + ")",
						"SSOUserEmail": "new@example.com", "SSOUserFirstName": "New", "SSOUserLastName": "User",
					},
				})
				if err != nil {
					t.Fatal(err)
				}
			})
			time.Sleep(40 * time.Second)
			t.w.Do(func() {})
			return record.Status
		}, "IN_PROGRESS", "FAILED"},
		"control-operation-duration": {nil, func(t tower) string {
			out, err := t.enable(detects, dev)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Minute)
			return t.operation(out.OperationIdentifier)
		}, "ENABLE_CONTROL SUCCEEDED: Operation was successful.", "ENABLE_CONTROL IN_PROGRESS: Operation is in progress."},
		"control-fails-with-account": {[]string{`"email": "shop-dev@example.com"`, `"email": "shop-dev@example.com", "deniedRegions": ["eu-west-1"]`}, func(t tower) string {
			if _, err := t.enable(detects, dev); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Minute)
			return strings.Join(t.lists(false, everything), ", ")
		}, "AWS-GR_ENCRYPTED_VOLUMES ou-ab12-11111113 FAILED UNKNOWN", "AWS-GR_ENCRYPTED_VOLUMES ou-ab12-11111113 SUCCEEDED NOT_CHECKING"},
		"reset-preventive-control": {nil, func(t tower) string {
			if err := t.reset(t.has(detects, dev)); err != nil {
				t.Fatal(err)
			}
			return code(t.reset(t.has(prevents, dev)))
		}, "ValidationException", "<nil>"},
		"control-drift-checked": {
			nil, func(t tower) string {
				t.has(detects, dev)
				t.has(prevents, dev)
				return strings.Join(t.lists(false, everything), ", ")
			}, "AWS-GR_ENCRYPTED_VOLUMES ou-ab12-11111113 SUCCEEDED NOT_CHECKING, AWS-GR_RESTRICT_ROOT_USER ou-ab12-11111113 SUCCEEDED NOT_CHECKING",
			"AWS-GR_ENCRYPTED_VOLUMES ou-ab12-11111113 SUCCEEDED NOT_CHECKING, AWS-GR_RESTRICT_ROOT_USER ou-ab12-11111113 SUCCEEDED IN_SYNC",
		},
		"control-inheritance-drift": {nil, func(t tower) string {
			arn := t.has(detects, dev)
			t.w.Do(func() {
				a := t.w.Account("222222222111")
				if err := t.w.Move(a, a.Parent, t.w.Unit(dev)); err != nil {
					t.Fatal(err)
				}
			})
			out, err := t.client.GetEnabledControl(t.Context(), &controltower.GetEnabledControlInput{EnabledControlIdentifier: arn})
			if err != nil {
				t.Fatal(err)
			}
			if inheritance := out.EnabledControlDetails.DriftStatusSummary.Types.Inheritance; inheritance != nil {
				return string(inheritance.Status)
			}
			return "nothing"
		}, "DRIFTED", "nothing"},
		"control-inherited-by-units-below": {nil, func(t tower) string {
			arn := t.has(prevents, workloads)
			t.has(detects, workloads)
			parents := map[string]bool{}
			out, err := t.client.ListEnabledControls(t.Context(), &controltower.ListEnabledControlsInput{TargetIdentifier: t.arn(dev)})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range out.EnabledControls {
				if c.ParentIdentifier == nil {
					continue
				}
				parents[*c.ParentIdentifier] = true
				if err := t.disable(prevents, dev); code(err) != "ValidationException" {
					t.Errorf("disabling what is inherited: %v", err)
				}
			}
			return map[bool]string{true: "inherited", false: "not there"}[parents[*arn] && len(parents) == 1]
		}, "not there", "inherited"},
		"controls-of-deregistered-unit": {nil, func(t tower) string {
			t.has(detects, sandboxes)
			if err := baseline(t, sandboxes); err != nil {
				return code(err)
			}
			time.Sleep(time.Hour)
			return strings.Join(t.lists(false, everything), ", ")
		}, "", "ConflictException"},
		"control-event": {nil, func(t tower) string {
			var heard []string
			t.w.OnEvent(func(e world.Event) { heard = append(heard, string(e.Detail)) })
			t.has(detects, dev)
			if err := t.disable(detects, dev); err != nil {
				t.Fatal(err)
			}
			time.Sleep(15 * time.Minute)
			t.w.Do(func() {})
			told := ""
			for i, event := range []string{`"eventName":"EnableGuardrail"`, `"eventName":"DisableGuardrail"`} {
				if i < len(heard) && strings.Contains(heard[i], event) && strings.Contains(heard[i], `"guardrails":[{"guardrailId":"AWS-GR_ENCRYPTED_VOLUMES","guardrailBehavior":"DETECTIVE"}]`) {
					told += "told "
				}
			}
			return told
		}, "told told ", ""},
	} {
		for switched, want := range map[bool]string{false: test.we, true: test.or} {
			t.Run(name+map[bool]string{true: " switched"}[switched], func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					changes := test.changes
					if switched {
						changes = append(assume(name), changes...)
					}
					if diff := cmp.Diff(want, test.do(startTower(t, changes...))); diff != "" {
						t.Errorf("(-want +got):\n%s", diff)
					}
				})
			})
		}
	}
}
