package contracttest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/schemas"
)

// verbsOf names the suite that runs the command itself, as a process: it needs a server with an address.
const verbsOf = "verbs"

// errBroken is what the command never does, whatever a server answers: end in a way that is not documented, or ask for a
// report where the server is what is wrong.
var errBroken = errors.New("the command is broken")

// verb is one run of the command, and what has to come of it.
type verb struct {
	behaviour string
	args      []string
	exits     []int
	schema    string // of what is written to stdout; empty: none is asked for
	says      string // somewhere in what is written
}

const oneRow = "AccountName,SSOUserEmail,AccountEmail,SSOUserFirstName,SSOUserLastName,OrgUnit\n" +
	"contract,owner@example.com,contract-verb@example.com,Olivia,Owner,Sandbox\n"

// verbChecks is what the command shows of a server that has an organization, and nothing of a pipeline but its resources.
func verbChecks(s *setUp) []check {
	list := "s3://" + s.name("verbs") + "/incoming/contract.csv"
	checks := []check{{"the scene is set", func(ctx context.Context) error { return setVerbScene(ctx, s) }}}
	for _, v := range []verb{
		{"status shows a list that nobody has read", []string{"status"}, []int{0}, "status", `"state": "uploaded"`},
		{"validate reads a list in the bucket", []string{"validate", list}, []int{0}, "validate", `"rows": 1`},
		{"validate says that there is no such object", []string{"validate", list + "x"}, []int{3}, "", "there is no such object"},
		{"validate says that there is no such bucket", []string{"validate", "s3://" + s.name("nowhere") + "/x.csv"}, []int{4}, "", "V3003"},
		{"submit hands in what lies in the bucket", []string{"submit", "verbs.csv"}, []int{0}, "submit", `"rows": 1`},
		{"pause holds the pipeline", []string{"pause"}, []int{0}, "", ""},
		{"status says that it is paused", []string{"status"}, []int{0}, "status", "V3013"},
		{"resume ends the pause", []string{"resume", "--paused"}, []int{0}, "", ""},
		{"history of a request that is not there", []string{"history", "r-nobody"}, []int{10}, "", "V9003"},
		{"a table that is not there is told", []string{"status", "--table", "nowhere"}, []int{4}, "", "V3004"},
		{"config show reads the settings of the table", []string{"config", "show"}, []int{0}, "", ""},
		{"access list says who has what", []string{"access", "list"}, []int{0}, "access", s.permissionSet()},
		{"access export writes it as a file", []string{"access", "export", "--format", "yaml"}, []int{0}, "", s.permissionSet()},
		{"access permission-sets list reads each", []string{"access", "permission-sets", "list"}, []int{0}, "permission-set-list", s.permissionSet()},
		{"doctor finds the organization", []string{"doctor"}, []int{0, 4}, "doctor", `"management account",` + "\n      " + `"result": "pass"`},
		{"doctor finds the topic", []string{"doctor"}, []int{0, 4}, "doctor", `"topic",` + "\n      " + `"result": "pass"`},
		{"doctor finds the landing zone", []string{"doctor"}, []int{0, 4}, "doctor", `"landing zone",` + "\n      " + `"result": "pass"`},
		{"doctor finds Account Factory", []string{"doctor"}, []int{0, 4}, "doctor", `"account factory",` + "\n      " + `"result": "pass"`},
		{"validate --online looks at what Control Tower governs", []string{"validate", "--online", "verbs.csv"}, []int{0, 3}, "validate", ""},
		{"plan says what would be done", []string{"plan", "verbs.csv"}, []int{0, 3}, "plan", ""},
		{"enroll --check looks into the account", []string{"enroll", "--email", "Contract" + s.unique + "@example.com", "--to-ou", "Sandbox", "--check"}, []int{0, 5}, "checks", ""},
	} {
		checks = append(checks, check{v.behaviour, func(ctx context.Context) error { return v.run(ctx, s) }})
	}
	return checks
}

// run runs the command. A server that lacks something is answered with exit code 4 and a cause; all else is the command's
// own fault.
func (v verb) run(ctx context.Context, s *setUp) error {
	args := slices.Clone(v.args)
	if !slices.Contains(args, "--format") {
		args = append(args, "-o", "json")
	}
	command := exec.CommandContext(ctx, s.vend, args...)
	command.Dir, command.Env = s.folder, []string{
		"HOME=" + s.folder, "AWS_ENDPOINT_URL=" + aws.ToString(s.cfg.BaseEndpoint), "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=secret",
		"AWS_REGION=" + s.cfg.Region, "AWS_EC2_METADATA_DISABLED=true", "VEND_TABLE=" + s.name("queue"), "VEND_BUCKET=" + s.name("verbs"),
		"VEND_QUEUE_URL=" + s.queueURL, "VEND_TOPIC_ARN=" + s.topicARN,
	}
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := command.Run(); err != nil && !errors.As(err, &exit) {
		return err
	}
	code, said := command.ProcessState.ExitCode(), stdout.String()+stderr.String()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case strings.Contains(said, "V9001") || strings.Contains(said, "goroutine ") || !slices.Contains(append([]int{4}, v.exits...), code):
		return fmt.Errorf("%w: exit code %d: %s", errBroken, code, said)
	case !slices.Contains(v.exits, code):
		return fmt.Errorf("exit code %d: %s", code, said)
	}
	if v.schema != "" {
		if err := follows(v.schema, stdout.Bytes()); err != nil {
			return fmt.Errorf("%w: %w", errBroken, err)
		}
	}
	return want(strings.Contains(said, v.says), nil, "it does not say %s: %.400s", v.says, said)
}

// follows holds JSON against a schema that users have.
func follows(name string, text []byte) error {
	content, err := schemas.Get(name)
	if err != nil {
		return err
	}
	var schema any
	if err := json.Unmarshal(content, &schema); err != nil {
		return err
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", schema); err != nil {
		return err
	}
	compiled, err := compiler.Compile("schema.json")
	if err != nil {
		return err
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return compiled.Validate(document)
}

// setVerbScene makes what a pipeline has, and an account in an organization.
func setVerbScene(ctx context.Context, s *setUp) error {
	place, err := setScene(ctx, s)
	if err != nil {
		return err
	}
	if err := setAccess(ctx, s, place.account); err != nil {
		return err
	}
	lists := s3.NewFromConfig(s.cfg, func(o *s3.Options) { o.UsePathStyle = true })
	name := aws.String(s.name("verbs"))
	if _, err := lists.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: name}); err != nil {
		return err
	}
	if _, err := lists.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: name, VersioningConfiguration: &types.VersioningConfiguration{Status: "Enabled"}}); err != nil {
		return err
	}
	if _, err := lists.PutObject(ctx, &s3.PutObjectInput{Bucket: name, Key: aws.String("incoming/contract.csv"), Body: strings.NewReader(oneRow)}); err != nil {
		return err
	}
	messages, err := sqs.NewFromConfig(s.cfg).CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String(s.name("inbox"))})
	if err != nil {
		return err
	}
	topic, err := sns.NewFromConfig(s.cfg).CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String(s.name("topic"))})
	if err != nil {
		return err
	}
	s.queueURL, s.topicARN = aws.ToString(messages.QueueUrl), aws.ToString(topic.TopicArn)
	return queue.New(s.cfg, queue.Options{Table: s.name("queue"), Lease: 20 * time.Second, Concurrency: 1, Now: time.Now}).CreateTable(ctx)
}

// setAccess gives a group a permission set in an account, by the SDK alone.
func setAccess(ctx context.Context, s *setUp, accountID string) error {
	admin, store := ssoadmin.NewFromConfig(s.cfg), identitystore.NewFromConfig(s.cfg)
	instances, err := admin.ListInstances(ctx, &ssoadmin.ListInstancesInput{})
	if err != nil {
		return err
	}
	instance := instances.Instances[0]
	group, err := store.CreateGroup(ctx, &identitystore.CreateGroupInput{IdentityStoreId: instance.IdentityStoreId, DisplayName: aws.String(s.name("group"))})
	if err != nil {
		return err
	}
	set, err := admin.CreatePermissionSet(ctx, &ssoadmin.CreatePermissionSetInput{
		InstanceArn: instance.InstanceArn, Name: aws.String(s.permissionSet()), SessionDuration: aws.String("PT1H"),
	})
	if err != nil {
		return err
	}
	begun, err := admin.CreateAccountAssignment(ctx, &ssoadmin.CreateAccountAssignmentInput{
		InstanceArn: instance.InstanceArn, PermissionSetArn: set.PermissionSet.PermissionSetArn, TargetId: &accountID, TargetType: "AWS_ACCOUNT",
		PrincipalType: "GROUP", PrincipalId: group.GroupId,
	})
	if err != nil {
		return err
	}
	return until(ctx, func() (bool, error) {
		out, err := admin.DescribeAccountAssignmentCreationStatus(ctx, &ssoadmin.DescribeAccountAssignmentCreationStatusInput{
			InstanceArn: instance.InstanceArn, AccountAssignmentCreationRequestId: begun.AccountAssignmentCreationStatus.RequestId,
		})
		if err != nil {
			return false, err
		}
		status := out.AccountAssignmentCreationStatus
		return status.Status == "SUCCEEDED", want(status.Status != "FAILED", nil, "the assignment failed: %s", aws.ToString(status.FailureReason))
	})
}
