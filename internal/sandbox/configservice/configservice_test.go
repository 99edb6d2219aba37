package configservice_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/configservice"
	"github.com/aws/aws-sdk-go-v2/service/configservice/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox"
)

const (
	free     = "222222222201" // an account without AWS Config
	governed = "222222222112" // an enrolled one
	role     = "arn:aws:iam::222222222201:role/recorder"
)

// inside is a client in an account, in a Region that Control Tower governs.
func inside(t *testing.T, s *sandbox.Sandbox, account, as string) *configservice.Client {
	t.Helper()
	cfg := aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String("http://sandbox.test"), HTTPClient: &http.Client{Transport: s.RoundTripper()},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
	}
	out, err := sts.NewFromConfig(cfg).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::" + account + ":role/" + as), RoleSessionName: aws.String("test"),
	})
	if err != nil {
		t.Fatal(err)
	}
	k := out.Credentials
	cfg.Credentials = credentials.NewStaticCredentialsProvider(*k.AccessKeyId, *k.SecretAccessKey, *k.SessionToken)
	return configservice.NewFromConfig(cfg)
}

func start(t *testing.T, file []byte) *sandbox.Sandbox {
	t.Helper()
	s, err := sandbox.New(sandbox.Options{World: file})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

func TestPutConfigurationRecorder(t *testing.T) {
	t.Parallel()
	vpc, eip := []types.ResourceType{"AWS::EC2::VPC"}, []types.ResourceType{"AWS::EC2::EIP"}
	only := func(s types.RecordingStrategyType) *types.RecordingStrategy {
		return &types.RecordingStrategy{UseOnly: s}
	}
	for name, test := range map[string]struct {
		recorder *types.ConfigurationRecorder
		want     string // an error code
		strategy types.RecordingStrategyType
	}{
		"no group":         {&types.ConfigurationRecorder{RoleARN: aws.String(role)}, "", "ALL_SUPPORTED_RESOURCE_TYPES"},
		"all":              {group(&types.RecordingGroup{AllSupported: true}), "", "ALL_SUPPORTED_RESOURCE_TYPES"},
		"all, by strategy": {group(&types.RecordingGroup{RecordingStrategy: only("ALL_SUPPORTED_RESOURCE_TYPES")}), "", "ALL_SUPPORTED_RESOURCE_TYPES"},
		"some":             {group(&types.RecordingGroup{ResourceTypes: vpc}), "", "INCLUSION_BY_RESOURCE_TYPES"},
		"all but some": {
			group(&types.RecordingGroup{ExclusionByResourceTypes: &types.ExclusionByResourceTypes{ResourceTypes: vpc}}), "", "EXCLUSION_BY_RESOURCE_TYPES",
		},
		"nothing":      {group(&types.RecordingGroup{}), "InvalidRecordingGroupException", ""},
		"all and some": {group(&types.RecordingGroup{AllSupported: true, ResourceTypes: vpc}), "InvalidRecordingGroupException", ""},
		"some, and others not": {
			group(&types.RecordingGroup{ResourceTypes: vpc, ExclusionByResourceTypes: &types.ExclusionByResourceTypes{ResourceTypes: eip}}),
			"InvalidRecordingGroupException", "",
		},
		"all, under another strategy": {
			group(&types.RecordingGroup{AllSupported: true, RecordingStrategy: only("EXCLUSION_BY_RESOURCE_TYPES")}),
			"InvalidRecordingGroupException", "",
		},
		"some, under the strategy for all": {
			group(&types.RecordingGroup{ResourceTypes: vpc, RecordingStrategy: only("ALL_SUPPORTED_RESOURCE_TYPES")}),
			"InvalidRecordingGroupException", "",
		},
		"a type that there is not": {group(&types.RecordingGroup{ResourceTypes: []types.ResourceType{"VPC"}}), "InvalidRecordingGroupException", ""},
		"no role":                  {&types.ConfigurationRecorder{}, "InvalidRoleException", ""},
		"a role without an ARN":    {&types.ConfigurationRecorder{RoleARN: aws.String("recorder")}, "InvalidRoleException", ""},
		"a reserved name": {
			&types.ConfigurationRecorder{Name: aws.String("AWSConfigurationRecorderForX"), RoleARN: aws.String(role)},
			"InvalidConfigurationRecorderNameException", "",
		},
		"a name of 257 characters": {
			&types.ConfigurationRecorder{Name: aws.String(strings.Repeat("a", 257)), RoleARN: aws.String(role)}, "ValidationException", "",
		},
		"one of a service": {
			&types.ConfigurationRecorder{RoleARN: aws.String(role), ServicePrincipal: aws.String("x.amazonaws.com")}, "NotImplemented", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			there := inside(t, start(t, nil), free, "OrganizationAccountAccessRole")
			_, err := there.PutConfigurationRecorder(t.Context(), &configservice.PutConfigurationRecorderInput{ConfigurationRecorder: test.recorder})
			if code(err) != test.want {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			out, err := there.DescribeConfigurationRecorders(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(out.ConfigurationRecorders); (n == 1) != (test.want == "") {
				t.Fatalf("there are %d recorders", n)
			}
			for _, r := range out.ConfigurationRecorders {
				if *r.Name != "default" || *r.RoleARN != role || r.RecordingGroup.RecordingStrategy.UseOnly != test.strategy {
					t.Errorf("recorder %s of %s: %s", *r.Name, *r.RoleARN, r.RecordingGroup.RecordingStrategy.UseOnly)
				}
			}
		})
	}
}

func group(g *types.RecordingGroup) *types.ConfigurationRecorder {
	return &types.ConfigurationRecorder{RoleARN: aws.String(role), RecordingGroup: g}
}

func TestWhatControlTowerHasPutThereCannotBeChanged(t *testing.T) {
	t.Parallel()
	there := inside(t, start(t, nil), governed, "AWSControlTowerExecution")
	_, err := there.PutConfigurationRecorder(t.Context(), &configservice.PutConfigurationRecorderInput{ConfigurationRecorder: group(nil)})
	if code(err) != "AccessDeniedException" {
		t.Errorf("a recorder: %v", err)
	}
	_, err = there.PutDeliveryChannel(t.Context(), &configservice.PutDeliveryChannelInput{
		DeliveryChannel: &types.DeliveryChannel{S3BucketName: aws.String("a-bucket")},
	})
	if code(err) != "AccessDeniedException" {
		t.Errorf("a channel: %v", err)
	}
}

// TestWhatWasPutIsThereAfterwards puts all that can be put, and looks at it in the world that is made of the first one's state.
func TestWhatWasPutIsThereAfterwards(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	there := inside(t, s, free, "OrganizationAccountAccessRole")
	channel := &types.DeliveryChannel{
		Name: aws.String("mine"), S3BucketName: aws.String("a-bucket"), S3KeyPrefix: aws.String("p"),
		S3KmsKeyArn: aws.String("arn:aws:kms:eu-west-1:222222222201:key/k"), SnsTopicARN: aws.String("arn:aws:sns:eu-west-1:222222222201:t"),
		ConfigSnapshotDeliveryProperties: &types.ConfigSnapshotDeliveryProperties{DeliveryFrequency: types.MaximumExecutionFrequencyOneHour},
	}
	recorder := group(nil)
	recorder.Name = aws.String("mine")
	recorder.RecordingMode = &types.RecordingMode{RecordingFrequency: types.RecordingFrequencyDaily}
	if _, err := there.PutConfigurationRecorder(t.Context(), &configservice.PutConfigurationRecorderInput{ConfigurationRecorder: recorder}); err != nil {
		t.Fatal(err)
	}
	if _, err := there.PutDeliveryChannel(t.Context(), &configservice.PutDeliveryChannelInput{DeliveryChannel: channel}); err != nil {
		t.Fatal(err)
	}
	_, err := there.StartConfigurationRecorder(t.Context(), &configservice.StartConfigurationRecorderInput{ConfigurationRecorderName: recorder.Name})
	if err != nil {
		t.Fatal(err)
	}
	authorized, err := there.PutAggregationAuthorization(t.Context(), &configservice.PutAggregationAuthorizationInput{
		AuthorizedAccountId: aws.String("222222222102"), AuthorizedAwsRegion: aws.String("us-east-1"),
	})
	if err != nil {
		t.Fatal(err)
	}
	file, err := json.Marshal(s.World().State())
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*sandbox.Sandbox{"at once": s, "after a restart": start(t, file)} {
		there := inside(t, s, free, "OrganizationAccountAccessRole")
		channels, err := there.DescribeDeliveryChannels(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]types.DeliveryChannel{*channel}, channels.DeliveryChannels, cmp.FilterPath(unexported, cmp.Ignore())); diff != "" {
			t.Errorf("%s: channels (-put +described):\n%s", name, diff)
		}
		recorders, err := there.DescribeConfigurationRecorders(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if r := recorders.ConfigurationRecorders[0]; *r.Name != "mine" || r.RecordingMode.RecordingFrequency != "DAILY" {
			t.Errorf("%s: the recorder is %+v", name, r)
		}
		status, err := there.DescribeConfigurationRecorderStatus(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if !status.ConfigurationRecordersStatus[0].Recording {
			t.Errorf("%s: it does not record", name)
		}
		listed, err := there.DescribeAggregationAuthorizations(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if a := listed.AggregationAuthorizations; len(a) != 1 || *a[0].AggregationAuthorizationArn != *authorized.AggregationAuthorization.AggregationAuthorizationArn {
			t.Errorf("%s: authorizations %+v", name, a)
		}
	}
}

// unexported says whether a path leads into what the SDK keeps for itself.
func unexported(p cmp.Path) bool {
	field, ok := p.Last().(cmp.StructField)
	return ok && field.Name() == "noSmithyDocumentSerde"
}
