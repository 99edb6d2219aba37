package controltower_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/controltower"
	"github.com/aws/aws-sdk-go-v2/service/controltower/types"
	"github.com/google/go-cmp/cmp"
)

func TestControlsAndRegistrationsExcludeEachOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tower := startTower(t)
		if _, err := tower.enable(detects, dev); err != nil {
			t.Fatal(err)
		}
		if _, err := tower.client.EnableBaseline(t.Context(), enable(tower.w, legacy)); code(err) != "ConflictException" {
			t.Errorf("a registration while a control is enabled: %v", err)
		}
		time.Sleep(2 * time.Minute)
		if _, err := tower.client.EnableBaseline(t.Context(), enable(tower.w, legacy)); err != nil {
			t.Fatal(err)
		}
		if _, err := tower.enable(prevents, dev); code(err) != "ConflictException" {
			t.Errorf("a control while a unit is registered: %v", err)
		}
		time.Sleep(time.Hour)
		tower.has(prevents, legacy)
		again := aws.String(tower.w.EnabledBaselineARN(*tower.arn(legacy)))
		if _, err := tower.client.ResetEnabledBaseline(t.Context(), &controltower.ResetEnabledBaselineInput{EnabledBaselineIdentifier: again}); err != nil {
			t.Fatal(err)
		}
		if got := tower.lists(false, &controltower.ListEnabledControlsInput{TargetIdentifier: tower.arn(legacy)}); len(got) != 1 {
			t.Errorf("while the unit is registered anew it has %v", got)
		}
	})
}

func TestAHundredOperationsOnControlsAtOnce(t *testing.T) {
	t.Parallel()
	tower := startTower(t)
	taken := 0
	for _, unit := range []string{dev, sandboxes, workloads, "ou-ab12-11111112"} {
		for _, name := range strings.Fields(`ENCRYPTED_VOLUMES EBS_OPTIMIZED_INSTANCE EC2_VOLUME_INUSE_CHECK RDS_INSTANCE_PUBLIC_ACCESS_CHECK
			RDS_SNAPSHOTS_PUBLIC_PROHIBITED RDS_STORAGE_ENCRYPTED RESTRICTED_COMMON_PORTS RESTRICTED_SSH RESTRICT_ROOT_USER
			RESTRICT_ROOT_USER_ACCESS_KEYS ROOT_ACCOUNT_MFA_ENABLED S3_BUCKET_PUBLIC_READ_PROHIBITED S3_BUCKET_PUBLIC_WRITE_PROHIBITED
			AUDIT_BUCKET_ENCRYPTION_ENABLED AUDIT_BUCKET_LOGGING_ENABLED IAM_USER_MFA_ENABLED S3_VERSIONING_ENABLED
			DISALLOW_VPN_CONNECTIONS DMS_REPLICATION_NOT_PUBLIC EC2_INSTANCE_NO_PUBLIC_IP EKS_ENDPOINT_NO_PUBLIC_ACCESS
			ELASTICSEARCH_IN_VPC_ONLY EMR_MASTER_NO_PUBLIC_IP NO_UNRESTRICTED_ROUTE_TO_IGW SSM_DOCUMENT_NOT_PUBLIC SAGEMAKER_NOTEBOOK_NO_DIRECT_INTERNET_ACCESS`) {
			switch _, err := tower.enable("arn:aws:controltower:us-east-1::control/AWS-GR_"+name, unit); {
			case err == nil:
				taken++
			case code(err) != "ServiceQuotaExceededException":
				t.Fatalf("%s on %s: %v", name, unit, err)
			}
		}
	}
	if taken != 100 {
		t.Errorf("%d operations were taken, want 100", taken)
	}
}

func TestADriftedControlIsResetAndNotUpdated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tower := startTower(t, append(assume("reset-preventive-control"), `"id": "`+dev+`",`, `"id": "`+dev+`", "controls": [
			{"control": "AWS-GR_RESTRICT_ROOT_USER", "drift": "DRIFTED"}, {"control": "`+detects+`", "status": "FAILED", "drift": "UNKNOWN"}],`)...)
		listed, err := tower.client.ListEnabledControls(t.Context(), &controltower.ListEnabledControlsInput{
			Filter: &types.EnabledControlFilter{DriftStatuses: []types.DriftStatus{"DRIFTED"}},
		})
		if err != nil || len(listed.EnabledControls) != 1 {
			t.Fatalf("drifted are %v, %v", listed, err)
		}
		arn := listed.EnabledControls[0].Arn
		if err := tower.update(arn, exempt("arn:aws:iam::*:role/x")); code(err) != "ValidationException" {
			t.Errorf("an update of what has drifted: %v", err)
		}
		if err := tower.reset(arn); err != nil {
			t.Error(err)
		}
		time.Sleep(2 * time.Minute)
		if err := tower.update(arn, exempt("arn:aws:iam::*:role/x")); err != nil {
			t.Errorf("an update after the reset: %v", err)
		}
		failed, err := tower.client.ListEnabledControls(t.Context(), &controltower.ListEnabledControlsInput{
			Filter: &types.EnabledControlFilter{Statuses: []types.EnablementStatus{"FAILED"}},
		})
		if err != nil || len(failed.EnabledControls) != 1 {
			t.Fatalf("failed are %v, %v", failed, err)
		}
		if err := tower.reset(failed.EnabledControls[0].Arn); err != nil {
			t.Error(err)
		}
		time.Sleep(2 * time.Minute)
		want := []string{"AWS-GR_RESTRICT_ROOT_USER ou-ab12-11111113 SUCCEEDED NOT_CHECKING", "AWS-GR_ENCRYPTED_VOLUMES ou-ab12-11111113 SUCCEEDED NOT_CHECKING"}
		if diff := cmp.Diff(want, tower.lists(false, &controltower.ListEnabledControlsInput{})); diff != "" {
			t.Errorf("in the end (-want +got):\n%s", diff)
		}
	})
}

func TestADeletedUnitTakesItsControlsAlong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tower := startTower(t)
		tower.has(detects, sandboxes)
		out, err := tower.enable(prevents, sandboxes)
		if err != nil {
			t.Fatal(err)
		}
		tower.w.Do(func() {
			if err := tower.w.DeleteUnit(tower.w.Unit(sandboxes)); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(2 * time.Minute)
		if got := tower.operation(out.OperationIdentifier); !strings.HasPrefix(got, "ENABLE_CONTROL FAILED: ") {
			t.Errorf("the operation is %s", got)
		}
		if got := tower.lists(false, &controltower.ListEnabledControlsInput{}); len(got) > 0 {
			t.Errorf("left is %v", got)
		}
	})
}
