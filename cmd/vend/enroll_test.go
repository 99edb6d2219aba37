package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/configservice"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vend-cli/vend/internal/config"
)

const callsKey = "calls"

// calls asks the sandbox how often each operation was called.
func calls(ts *testscript.TestScript) map[string]int {
	answer, err := http.Get(ts.Getenv("AWS_ENDPOINT_URL") + "/_sandbox/calls")
	ts.Check(err)
	defer answer.Body.Close()
	var all map[string]json.RawMessage
	ts.Check(json.NewDecoder(answer.Body).Decode(&all))
	counts := map[string]int{}
	for operation, raw := range all {
		n := 0
		if json.Unmarshal(raw, &n) == nil {
			counts[operation] = n
		} else {
			ts.Fatalf("unknown operations were called: %s", raw)
		}
	}
	return counts
}

func snapshot(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: snapshot")
	}
	*ts.Value(callsKey).(*map[string]int) = calls(ts)
}

// looks are the names of operations that change nothing. To become a role for a while changes nothing either.
var looks = regexp.MustCompile(`\.(List|Describe|Get|Query|BatchGet|Head|Search|AssumeRole)`)

func unchanged(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: unchanged")
	}
	before := *ts.Value(callsKey).(*map[string]int)
	for operation, n := range calls(ts) {
		if n > before[operation] && !looks.MatchString(operation) {
			ts.Fatalf("%s was called %d times", operation, n-before[operation])
		}
	}
}

func worldNow(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: world FILE")
	}
	answer, err := http.Get(ts.Getenv("AWS_ENDPOINT_URL") + "/_sandbox/state")
	ts.Check(err)
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	ts.Check(err)
	var world struct {
		Root json.RawMessage `json:"root"`
	}
	ts.Check(json.Unmarshal(content, &world))
	var lines []string
	accountsBelow(ts, world.Root, "", &lines)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Join(lines, "\n")+"\n"), 0o600))
}

// accountsBelow writes "path id {…}" for each account of a unit and those below it.
func accountsBelow(ts *testscript.TestScript, raw json.RawMessage, path string, lines *[]string) {
	var unit struct {
		Name     string            `json:"name"`
		Accounts []json.RawMessage `json:"accounts"`
		Units    []json.RawMessage `json:"organizationalUnits"`
	}
	ts.Check(json.Unmarshal(raw, &unit))
	path += "/" + unit.Name
	for _, raw := range unit.Accounts {
		var account struct {
			ID string `json:"id"`
		}
		ts.Check(json.Unmarshal(raw, &account))
		compact, err := json.Marshal(raw)
		ts.Check(err)
		*lines = append(*lines, strings.TrimLeft(path, "/")+" "+account.ID+" "+string(compact))
	}
	for _, below := range unit.Units {
		accountsBelow(ts, below, path, lines)
	}
}

func sdk(ts *testscript.TestScript) aws.Config {
	return *config.Fixed("us-east-1", ts.Getenv("AWS_ENDPOINT_URL"), "AKIDEXAMPLE", "secret", nil)
}

func mend(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mend ACCOUNT REGION")
	}
	ctx, cfg := context.Background(), sdk(ts)
	session, err := sts.NewFromConfig(cfg).AssumeRole(ctx, &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::" + args[0] + ":role/OrganizationAccountAccessRole"), RoleSessionName: aws.String("somebody"),
	})
	ts.Check(err)
	cfg.Region = args[1]
	cfg.Credentials = credentials.NewStaticCredentialsProvider(*session.Credentials.AccessKeyId, *session.Credentials.SecretAccessKey, *session.Credentials.SessionToken)
	client := configservice.NewFromConfig(cfg)
	recorders, err := client.DescribeConfigurationRecorders(ctx, &configservice.DescribeConfigurationRecordersInput{})
	ts.Check(err)
	for _, r := range recorders.ConfigurationRecorders {
		_, err := client.DeleteConfigurationRecorder(ctx, &configservice.DeleteConfigurationRecorderInput{ConfigurationRecorderName: r.Name})
		ts.Check(err)
	}
	channels, err := client.DescribeDeliveryChannels(ctx, &configservice.DescribeDeliveryChannelsInput{})
	ts.Check(err)
	for _, c := range channels.DeliveryChannels {
		_, err := client.DeleteDeliveryChannel(ctx, &configservice.DeleteDeliveryChannelInput{DeliveryChannelName: c.Name})
		ts.Check(err)
	}
}

func moveByHand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: move ACCOUNT FROM TO")
	}
	_, err := organizations.NewFromConfig(sdk(ts)).MoveAccount(context.Background(), &organizations.MoveAccountInput{
		AccountId: &args[0], SourceParentId: &args[1], DestinationParentId: &args[2],
	})
	ts.Check(err)
}

// uploadByHand puts a file into the bucket as somebody does who has no vend, with metadata if he gives some.
func uploadByHand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: upload FILE KEY [NAME=VALUE…]")
	}
	metadata := map[string]string{}
	for _, arg := range args[2:] {
		name, value, _ := strings.Cut(arg, "=")
		metadata[name] = value
	}
	client := s3.NewFromConfig(sdk(ts), func(o *s3.Options) { o.UsePathStyle = true })
	_, err := client.PutObject(context.Background(), &s3.PutObjectInput{
		Bucket: aws.String(ts.Getenv("VEND_BUCKET")), Key: &args[1], Body: strings.NewReader(ts.ReadFile(args[0])), Metadata: metadata,
	})
	ts.Check(err)
}

func plantByHand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: plant OPERATION ACCOUNT UNIT")
	}
	_, err := cloudformation.NewFromConfig(sdk(ts)).CreateStackInstances(context.Background(), &cloudformation.CreateStackInstancesInput{
		StackSetName: aws.String("vend-control-tower-execution-role"), OperationId: &args[0], Regions: []string{"us-east-1"},
		DeploymentTargets: &types.DeploymentTargets{OrganizationalUnitIds: []string{args[2]}, Accounts: []string{args[1]}, AccountFilterType: types.AccountFilterTypeIntersection},
	})
	ts.Check(err)
}
