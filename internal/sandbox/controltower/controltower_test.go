package controltower_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/controltower"
	"github.com/aws/aws-sdk-go-v2/service/controltower/document"
	"github.com/aws/aws-sdk-go-v2/service/controltower/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/sandbox/world"
	"github.com/vend-cli/vend/samples"
)

const legacy = "ou-ab12-14444444"

func start(t *testing.T, changes ...string) (*world.World, *controltower.Client) {
	t.Helper()
	file := bytes.Replace(samples.LandingZone, []byte(`"configRecorders": ["eu-west-1"], "deliveryChannels": ["eu-west-1"]`), []byte(`"configRecorders": []`), 1)
	file = []byte(strings.NewReplacer(changes...).Replace(string(file)))
	s, err := sandbox.New(sandbox.Options{World: file})
	if err != nil {
		t.Fatal(err)
	}
	return s.World(), controltower.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://sandbox.test"), HTTPClient: &http.Client{Transport: s.RoundTripper()},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
	})
}

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return fmt.Sprint(err)
}

func listed(t *testing.T, client *controltower.Client, in *controltower.ListEnabledBaselinesInput) map[string]types.EnabledBaselineSummary {
	t.Helper()
	found := map[string]types.EnabledBaselineSummary{}
	for pages := controltower.NewListEnabledBaselinesPaginator(client, in); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range page.EnabledBaselines {
			found[*b.TargetIdentifier] = b
		}
	}
	return found
}

func enable(w *world.World, unit string) *controltower.EnableBaselineInput {
	return &controltower.EnableBaselineInput{
		BaselineIdentifier: aws.String(w.BaselineARN(world.ControlTowerBaseline)), BaselineVersion: aws.String("4.0"),
		TargetIdentifier: aws.String(w.UnitARN(w.Unit(unit))),
		Parameters: []types.EnabledBaselineParameter{{
			Key: aws.String("IdentityCenterEnabledBaselineArn"), Value: document.NewLazyDocument(w.EnabledBaselineARN("identity-center")),
		}},
	}
}

func TestLandingZone(t *testing.T) {
	t.Parallel()
	_, client := start(t)
	zones, err := client.ListLandingZones(t.Context(), &controltower.ListLandingZonesInput{})
	if err != nil {
		t.Fatal(err)
	}
	zone, err := client.GetLandingZone(t.Context(), &controltower.GetLandingZoneInput{LandingZoneIdentifier: zones.LandingZones[0].Arn})
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Regions  []string `document:"governedRegions"`
		Security struct {
			AccountID string `document:"accountId"`
		} `document:"securityRoles"`
	}
	if err := zone.LandingZone.Manifest.UnmarshalSmithyDocument(&manifest); err != nil {
		t.Fatal(err)
	}
	got := []string{
		string(zone.LandingZone.Status), string(zone.LandingZone.DriftStatus.Status), *zone.LandingZone.Version, manifest.Security.AccountID,
		fmt.Sprint(manifest.Regions),
	}
	if diff := cmp.Diff([]string{"ACTIVE", "IN_SYNC", "3.3", "222222222102", "[us-east-1 eu-west-1]"}, got); diff != "" {
		t.Errorf("the landing zone (-want +got):\n%s", diff)
	}
	if zone.LandingZone.RemediationTypes != nil { // the model has them one by one, or not at all
		t.Errorf("remediation types of a landing zone without any: %v", zone.LandingZone.RemediationTypes)
	}
	baselines, err := client.ListBaselines(t.Context(), &controltower.ListBaselinesInput{})
	if err != nil || len(baselines.Baselines) != 4 {
		t.Errorf("baselines: %v, %v", baselines, err)
	}
	_, err = client.GetLandingZone(t.Context(), &controltower.GetLandingZoneInput{LandingZoneIdentifier: aws.String("other")})
	if code(err) != "ResourceNotFoundException" {
		t.Errorf("another landing zone: %v", err)
	}
}

func TestTheManifestNamesTheSharedAccounts(t *testing.T) {
	t.Parallel()
	const logs, audit = "222222222101", "222222222102"
	for name, test := range map[string]struct {
		changes []string
		want    string
	}{
		"landing zone 3.x": {nil, `{"accessManagement":{"enabled":true},"centralizedLogging":{"accountId":"` + logs + `","enabled":true},` +
			`"governedRegions":["us-east-1","eu-west-1"],"organizationStructure":{"security":{"name":"Security"}},"securityRoles":{"accountId":"` + audit + `"}}`},
		"landing zone 4.0": {[]string{`"version": "3.3"`, `"version": "4.0"`}, `{"accessManagement":{"enabled":true},` +
			`"centralizedLogging":{"accountId":"` + logs + `","enabled":true},"config":{"accountId":"` + audit + `","enabled":true},` +
			`"governedRegions":["us-east-1","eu-west-1"],"securityRoles":{"accountId":"` + audit + `","enabled":true}}`},
		"without shared accounts": {[]string{`"Log Archive"`, `"Logs"`, `"Audit"`, `"Eyes"`}, `{"accessManagement":{"enabled":true},` +
			`"centralizedLogging":{"enabled":true},"governedRegions":["us-east-1","eu-west-1"],"securityRoles":{}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, client := start(t, test.changes...)
			zone, err := client.GetLandingZone(t.Context(), &controltower.GetLandingZoneInput{LandingZoneIdentifier: aws.String(w.LandingZoneARN())})
			if err != nil {
				t.Fatal(err)
			}
			var manifest map[string]any
			if err := zone.LandingZone.Manifest.UnmarshalSmithyDocument(&manifest); err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(manifest) // its members in order of their names
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Errorf("the manifest (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAUnitIsRegisteredThroughItsBaseline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, client := start(t)
		out, err := client.EnableBaseline(t.Context(), enable(w, legacy))
		if err != nil {
			t.Fatal(err)
		}
		operation := func() string {
			o, err := client.GetBaselineOperation(t.Context(), &controltower.GetBaselineOperationInput{OperationIdentifier: out.OperationIdentifier})
			if err != nil {
				t.Fatal(err)
			}
			return string(o.BaselineOperation.OperationType) + " " + string(o.BaselineOperation.Status)
		}
		if got := operation(); got != "ENABLE_BASELINE IN_PROGRESS" {
			t.Errorf("the operation is %s", got)
		}
		changing := listed(t, client, &controltower.ListEnabledBaselinesInput{
			Filter: &types.EnabledBaselineFilter{Statuses: []types.EnablementStatus{types.EnablementStatusUnderChange}},
		})
		if _, ok := changing[w.UnitARN(w.Unit(legacy))]; !ok || len(changing) != 1 {
			t.Errorf("under change are %v", changing)
		}
		if _, err := client.EnableBaseline(t.Context(), enable(w, legacy)); code(err) != "ConflictException" {
			t.Errorf("a second operation: %v", err)
		}
		time.Sleep(time.Hour)
		if got := operation(); got != "ENABLE_BASELINE SUCCEEDED" {
			t.Errorf("the operation is %s", got)
		}
		children := listed(t, client, &controltower.ListEnabledBaselinesInput{
			IncludeChildren: true, MaxResults: aws.Int32(5), Filter: &types.EnabledBaselineFilter{ParentIdentifiers: []string{*out.Arn}},
		})
		if len(children) != 5 {
			t.Errorf("the unit's accounts have %d baselines, want 5", len(children))
		}
		shown, err := client.GetEnabledBaseline(t.Context(), &controltower.GetEnabledBaselineInput{EnabledBaselineIdentifier: out.Arn})
		if err != nil || len(shown.EnabledBaselineDetails.Parameters) != 1 {
			t.Errorf("the baseline is %+v, %v", shown, err)
		}
		_, err = client.UpdateEnabledBaseline(t.Context(), &controltower.UpdateEnabledBaselineInput{
			EnabledBaselineIdentifier: out.Arn, BaselineVersion: aws.String("4.0"),
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		reset, err := client.ResetEnabledBaseline(t.Context(), &controltower.ResetEnabledBaselineInput{EnabledBaselineIdentifier: out.Arn})
		if err != nil || reset.OperationIdentifier == nil {
			t.Errorf("reset: %v, %v", reset, err)
		}
		time.Sleep(time.Hour)
		if _, err := client.DisableBaseline(t.Context(), &controltower.DisableBaselineInput{EnabledBaselineIdentifier: out.Arn}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if _, err := client.GetEnabledBaseline(t.Context(), &controltower.GetEnabledBaselineInput{EnabledBaselineIdentifier: out.Arn}); code(err) != "ResourceNotFoundException" {
			t.Errorf("after disabling: %v", err)
		}
	})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*world.World, *controltower.EnableBaselineInput)
		want   string
	}{
		"an account": {func(w *world.World, in *controltower.EnableBaselineInput) {
			in.TargetIdentifier = aws.String(w.AccountARN(w.Account("222222222201")))
		}, "ValidationException"},
		"a unit that has it": {func(w *world.World, in *controltower.EnableBaselineInput) {
			in.TargetIdentifier = aws.String(w.UnitARN(w.Unit("ou-ab12-11111113")))
		}, "ConflictException"},
		"a version that does not fit": {func(_ *world.World, in *controltower.EnableBaselineInput) {
			in.BaselineVersion = aws.String("1.0")
		}, "ValidationException"},
		"no word of Identity Center": {func(_ *world.World, in *controltower.EnableBaselineInput) {
			in.Parameters = nil
		}, "ValidationException"},
		"a unit below one that is not registered": {func(w *world.World, in *controltower.EnableBaselineInput) {
			w.Do(func() {
				child, err := w.CreateUnit(w.Unit(legacy), "child", nil)
				if err != nil {
					panic(err)
				}
				in.TargetIdentifier = aws.String(w.UnitARN(child))
			})
		}, "ValidationException"},
		"a baseline that there is not": {func(_ *world.World, in *controltower.EnableBaselineInput) {
			in.BaselineIdentifier = aws.String("arn:aws:controltower:us-east-1::baseline/0000000000000000")
		}, "ResourceNotFoundException"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, client := start(t)
			in := enable(w, legacy)
			test.change(w, in)
			_, err := client.EnableBaseline(t.Context(), in)
			if got := code(err); got != test.want {
				t.Errorf("got %s, want %s (%v)", got, test.want, err)
			}
		})
	}
}

func TestWhatNobodyHasVerifiedCanBeSwitched(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		assume := func(name string) []string {
			return []string{`"assumptions": {}`, `"assumptions": {"` + name + `": true}`}
		}

		w, client := start(t, assume("baseline-already-enabled-code")...)
		if _, err := client.EnableBaseline(t.Context(), enable(w, "ou-ab12-11111113")); code(err) != "ValidationException" {
			t.Errorf("a unit that has the baseline: %v", err)
		}

		w, client = start(t, append(assume("register-suspended"), `"email": "legacy-5@example.com",`, `"email": "legacy-5@example.com", "state": "SUSPENDED",`)...)
		if _, err := client.EnableBaseline(t.Context(), enable(w, legacy)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		w.Do(func() {})
		if w.Unit(legacy).Registered() {
			t.Error("a unit with a suspended account was registered")
		}

		w, client = start(t, append(assume("baseline-event"), `"email": "legacy-5@example.com",`, `"email": "legacy-5@example.com", "state": "SUSPENDED",`)...)
		w.OnEvent(func(e world.Event) { t.Errorf("an event: %s", e.Detail) })
		if _, err := client.EnableBaseline(t.Context(), enable(w, legacy)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		w.Do(func() {})
		if !w.Unit(legacy).Registered() || w.Account("222222222205").Enrolled() || !w.Account("222222222201").Enrolled() {
			t.Error("the unit was not registered, or its suspended account was not passed over")
		}

		for want, changes := range map[string][]string{
			"4.0": {`"version": "3.3"`, `"version": "4.0"`},
			"5.0": append(assume("landing-zone-4-baseline"), `"version": "3.3"`, `"version": "4.0"`),
			"2.0": {`"version": "3.3"`, `"version": "2.9"`},
			"1.0": {`"version": "3.3"`, `"version": "2.7"`},
		} {
			if w, _ := start(t, changes...); w.BaselineVersion() != want {
				t.Errorf("the baseline's version is %s, want %s", w.BaselineVersion(), want)
			}
		}
	})
}

func TestAMovedAccountIsDrift(t *testing.T) {
	t.Parallel()
	w, client := start(t)
	w.Do(func() {
		a := w.Account("222222222111")
		if err := w.Move(a, a.Parent, w.Unit("ou-ab12-11111113")); err != nil {
			t.Fatal(err)
		}
	})
	drifted := listed(t, client, &controltower.ListEnabledBaselinesInput{
		IncludeChildren: true,
		Filter:          &types.EnabledBaselineFilter{InheritanceDriftStatuses: []types.EnabledBaselineDriftStatus{types.EnabledBaselineDriftStatusDrifted}},
	})
	for _, want := range []string{w.AccountARN(w.Account("222222222111")), w.UnitARN(w.Unit("ou-ab12-11111113"))} {
		if _, ok := drifted[want]; !ok {
			t.Errorf("%s has not drifted", want)
		}
	}
}
