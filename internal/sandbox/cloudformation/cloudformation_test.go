package cloudformation_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/sandbox/world"
	"github.com/vend-cli/vend/samples"
)

const (
	legacy    = "ou-ab12-14444444"
	suspended = "ou-ab12-15555555"
	execution = "AWSControlTowerExecution"
	setName   = "roles"

	roleTemplate = `
Parameters:
  Trusted: {Type: String, AllowedPattern: '\d{12}'}
Resources:
  Execution:
    Type: AWS::IAM::Role
    Properties:
      RoleName: AWSControlTowerExecution
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub "arn:${AWS::Partition}:iam::${Trusted}:root"}
            Action: sts:AssumeRole
      ManagedPolicyArns: [!Sub "arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess"]
`
)

// box is a sandbox, and clients of it.
type box struct {
	t     *testing.T
	world *world.World
	box   *sandbox.Sandbox
	*cloudformation.Client
}

func start(t *testing.T, changes ...string) *box {
	t.Helper()
	s, err := sandbox.New(sandbox.Options{World: []byte(strings.NewReplacer(changes...).Replace(string(samples.LandingZone)))})
	if err != nil {
		t.Fatal(err)
	}
	return &box{t, s.World(), s, cloudformation.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://sandbox.test"), HTTPClient: &http.Client{Transport: s.RoundTripper()},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
	})}
}

func assume(name string) []string {
	return []string{`"assumptions": {}`, `"assumptions": {"` + name + `": true}`}
}

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return fmt.Sprint(err)
}

func status(err error) int {
	var answer interface{ HTTPStatusCode() int }
	if errors.As(err, &answer) {
		return answer.HTTPStatusCode()
	}
	return 0
}

func newSet() *cloudformation.CreateStackSetInput {
	return &cloudformation.CreateStackSetInput{
		StackSetName: aws.String(setName), TemplateBody: aws.String(roleTemplate), PermissionModel: types.PermissionModelsServiceManaged,
		AutoDeployment: &types.AutoDeployment{Enabled: aws.Bool(false)}, Capabilities: []types.Capability{types.CapabilityCapabilityNamedIam},
		Parameters:         []types.Parameter{{ParameterKey: aws.String("Trusted"), ParameterValue: aws.String("111111111111")}},
		ClientRequestToken: aws.String("once"),
	}
}

func (b *box) create(change func(*cloudformation.CreateStackSetInput)) {
	b.t.Helper()
	in := newSet()
	if change != nil {
		change(in)
	}
	if _, err := b.CreateStackSet(b.t.Context(), in); err != nil {
		b.t.Fatal(err)
	}
}

func instances(accounts ...string) *cloudformation.CreateStackInstancesInput {
	return &cloudformation.CreateStackInstancesInput{
		StackSetName: aws.String(setName), Regions: []string{"us-east-1"}, DeploymentTargets: intersection(legacy, accounts...),
	}
}

func intersection(unit string, accounts ...string) *types.DeploymentTargets {
	d := &types.DeploymentTargets{OrganizationalUnitIds: []string{unit}}
	if len(accounts) > 0 {
		d.Accounts, d.AccountFilterType = accounts, types.AccountFilterTypeIntersection
	}
	return d
}

// deploy creates instances and waits for the end of the operation.
func (b *box) deploy(in *cloudformation.CreateStackInstancesInput) *types.StackSetOperation {
	b.t.Helper()
	out, err := b.CreateStackInstances(b.t.Context(), in)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.ended(*out.OperationId)
}

func (b *box) operation(id string) *types.StackSetOperation {
	b.t.Helper()
	out, err := b.DescribeStackSetOperation(b.t.Context(), &cloudformation.DescribeStackSetOperationInput{
		StackSetName: aws.String(setName), OperationId: aws.String(id),
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return out.StackSetOperation
}

func (b *box) ended(id string) *types.StackSetOperation {
	b.t.Helper()
	for {
		if o := b.operation(id); o.EndTimestamp != nil {
			return o
		}
		time.Sleep(time.Second)
	}
}

// found tells of each instance: "222222222201 CURRENT SUCCEEDED".
func (b *box) found() []string {
	b.t.Helper()
	var all []string
	pages := cloudformation.NewListStackInstancesPaginator(b.Client, &cloudformation.ListStackInstancesInput{
		StackSetName: aws.String(setName), MaxResults: aws.Int32(2),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(b.t.Context())
		if err != nil {
			b.t.Fatal(err)
		}
		for _, i := range page.Summaries {
			all = append(all, fmt.Sprintf("%s %s %s", *i.Account, i.Status, i.StackInstanceStatus.DetailedStatus))
		}
	}
	return all
}

func (b *box) role(account, name string) *world.Role {
	var r *world.Role
	b.world.Do(func() { r = b.world.Account(account).Role(name) })
	return r
}

func TestTheRoleComesAndGoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		b.create(nil)
		began := time.Now()
		o := b.deploy(instances("222222222201", "222222222202"))
		if o.Status != types.StackSetOperationStatusSucceeded || *o.StatusDetails.FailedStackInstancesCount != 0 || o.Action != types.StackSetOperationActionCreate {
			t.Errorf("the operation: %+v", o)
		}
		if took := time.Since(began); took < time.Minute || took > 2*time.Minute {
			t.Errorf("two accounts one after the other, 30 s each, took %s", took)
		}
		if diff := cmp.Diff([]string{"222222222201 CURRENT SUCCEEDED", "222222222202 CURRENT SUCCEEDED"}, b.found()); diff != "" {
			t.Errorf("instances (-want +got)\n%s", diff)
		}
		r := b.role("222222222201", execution)
		if r == nil || !strings.Contains(r.Trust, `"arn:aws:iam::111111111111:root"`) || !strings.Contains(r.Trust, `"2012-10-17"`) ||
			!cmp.Equal(r.Policies, []string{world.AdministratorAccess}) {
			t.Fatalf("the role: %+v", r)
		}
		b.world.Do(func() {
			if !b.world.MayAssume(b.world.Caller("AKIDEXAMPLE"), "222222222201", execution) {
				t.Error("the management account may not assume the role")
			}
		})
		if b.role("222222222205", execution) != nil {
			t.Error("an account beside those that were named has the role")
		}

		remove := func(retain bool, account string) {
			out, err := b.DeleteStackInstances(t.Context(), &cloudformation.DeleteStackInstancesInput{
				StackSetName: aws.String(setName), Regions: []string{"us-east-1"}, DeploymentTargets: intersection(legacy, account), RetainStacks: aws.Bool(retain),
			})
			if err != nil {
				t.Fatal(err)
			}
			if o := b.ended(*out.OperationId); o.Status != types.StackSetOperationStatusSucceeded || *o.RetainStacks != retain {
				t.Errorf("the operation: %+v", o)
			}
		}
		remove(true, "222222222201")
		if b.role("222222222201", execution) == nil {
			t.Error("the role of a stack that is retained is gone")
		}
		if _, err := b.DeleteStackSet(t.Context(), &cloudformation.DeleteStackSetInput{StackSetName: aws.String(setName)}); code(err) != "StackSetNotEmptyException" || status(err) != 409 {
			t.Errorf("a set with instances is deleted: %v", err)
		}
		remove(false, "222222222202")
		if b.role("222222222202", execution) != nil {
			t.Error("the role is still there")
		}
		if _, err := b.DeleteStackSet(t.Context(), &cloudformation.DeleteStackSetInput{StackSetName: aws.String(setName)}); err != nil {
			t.Error(err)
		}
	})
}

func TestARoleThatIsRetained(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		kept := strings.Replace(roleTemplate, "Type: AWS::IAM::Role", "Type: AWS::IAM::Role\n    DeletionPolicy: Retain\n    UpdateReplacePolicy: Retain", 1)
		if kept == roleTemplate {
			t.Fatal("the template has no role")
		}
		b.create(func(in *cloudformation.CreateStackSetInput) { in.TemplateBody = &kept })
		b.deploy(instances("222222222201"))
		out, err := b.DeleteStackInstances(t.Context(), &cloudformation.DeleteStackInstancesInput{
			StackSetName: aws.String(setName), Regions: []string{"us-east-1"}, DeploymentTargets: intersection(legacy, "222222222201"), RetainStacks: aws.Bool(false),
		})
		if err != nil {
			t.Fatal(err)
		}
		if o := b.ended(*out.OperationId); o.Status != types.StackSetOperationStatusSucceeded {
			t.Errorf("the operation: %+v", o)
		}
		if r := b.role("222222222201", execution); r == nil || r.Stack != "" {
			t.Errorf("the role whose stack was deleted: %+v", r)
		}
		if len(b.found()) > 0 {
			t.Errorf("instances: %v", b.found())
		}
	})
}

func TestARoleThatIsThereAlready(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		b.create(nil)
		in := instances("222222222201", "222222222204", "222222222205")
		in.OperationPreferences = &types.StackSetOperationPreferences{FailureToleranceCount: aws.Int32(1), MaxConcurrentCount: aws.Int32(2)}
		o := b.deploy(in)
		if o.Status != types.StackSetOperationStatusSucceeded || *o.StatusDetails.FailedStackInstancesCount != 1 {
			t.Errorf("within its tolerance the operation is %s with %d failed", o.Status, *o.StatusDetails.FailedStackInstancesCount)
		}
		want := []string{"222222222201 CURRENT SUCCEEDED", "222222222204 OUTDATED FAILED", "222222222205 CURRENT SUCCEEDED"}
		if diff := cmp.Diff(want, b.found()); diff != "" {
			t.Errorf("instances (-want +got)\n%s", diff)
		}
		out, err := b.DescribeStackInstance(t.Context(), &cloudformation.DescribeStackInstanceInput{
			StackSetName: aws.String(setName), StackInstanceAccount: aws.String("222222222204"), StackInstanceRegion: aws.String("us-east-1"),
		})
		if err != nil || !strings.Contains(*out.StackInstance.StatusReason, "AWSControlTowerExecution' already exists") {
			t.Errorf("the instance: %+v, %v", out, err)
		}
		if r := b.role("222222222204", execution); r.Stack != "" {
			t.Error("the role that was there belongs to the stack now")
		}
	})
}

func TestFailuresBeyondTheTolerance(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		b.create(nil)
		rule := `[{"operation":"cloudformation.CreateStackInstances","kind":"fail-instance","account":"222222222201","message":"Out of luck."}]`
		asked, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://sandbox.test/_sandbox/faults", strings.NewReader(rule))
		if err != nil {
			t.Fatal(err)
		}
		if answer, err := b.box.RoundTripper().RoundTrip(asked); err != nil || answer.StatusCode != http.StatusNoContent {
			t.Fatalf("the rule is answered with %+v, %v", answer, err)
		}
		o := b.deploy(instances("222222222201", "222222222202"))
		if o.Status != types.StackSetOperationStatusFailed || *o.StatusDetails.FailedStackInstancesCount != 1 {
			t.Errorf("the operation: %+v", o)
		}
		if diff := cmp.Diff([]string{"222222222201 OUTDATED FAILED", "222222222202 OUTDATED CANCELLED"}, b.found()); diff != "" {
			t.Errorf("instances (-want +got)\n%s", diff)
		}
		results, err := b.ListStackSetOperationResults(t.Context(), &cloudformation.ListStackSetOperationResultsInput{
			StackSetName: aws.String(setName), OperationId: o.OperationId,
			Filters: []types.OperationResultFilter{{Name: types.OperationResultFilterNameOperationResultStatus, Values: aws.String("FAILED")}},
		})
		if err != nil || len(results.Summaries) != 1 || *results.Summaries[0].StatusReason != "Out of luck." {
			t.Errorf("the results: %+v, %v", results, err)
		}
		if o := b.deploy(instances("222222222201", "222222222202")); o.Status != types.StackSetOperationStatusSucceeded {
			t.Errorf("once more: %+v", o)
		}
	})
}

func TestWhoIsDeployedTo(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		targets *types.DeploymentTargets
		want    []string
	}{
		"an account that is not in the unit": {intersection(suspended, "222222222201"), nil},
		"through the root":                   {intersection("r-ab12", "222222222299"), []string{"222222222299 CURRENT SUCCEEDED"}},
		"the management account never":       {intersection("r-ab12", "111111111111"), nil},
		"a suspended account is skipped":     {intersection(suspended), []string{"222222222301 OUTDATED SKIPPED_SUSPENDED_ACCOUNT"}},
		"a difference": {
			&types.DeploymentTargets{OrganizationalUnitIds: []string{suspended}, Accounts: []string{"222222222301"}, AccountFilterType: types.AccountFilterTypeDifference}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t)
				b.create(nil)
				in := instances()
				in.DeploymentTargets = test.targets
				if o := b.deploy(in); o.Status != types.StackSetOperationStatusSucceeded {
					t.Errorf("the operation is %s", o.Status)
				}
				if diff := cmp.Diff(test.want, b.found()); diff != "" {
					t.Errorf("instances (-want +got)\n%s", diff)
				}
			})
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	deploy := func(change func(*cloudformation.CreateStackInstancesInput)) func(context.Context, *box) error {
		return func(ctx context.Context, b *box) error {
			b.create(nil)
			in := instances("222222222201")
			change(in)
			_, err := b.CreateStackInstances(ctx, in)
			return err
		}
	}
	make := func(change func(*cloudformation.CreateStackSetInput)) func(context.Context, *box) error {
		return func(ctx context.Context, b *box) error {
			in := newSet()
			change(in)
			_, err := b.CreateStackSet(ctx, in)
			return err
		}
	}
	for name, test := range map[string]struct {
		ask    func(context.Context, *box) error
		code   string
		status int
	}{
		"no automatic deployment, nor none": {make(func(in *cloudformation.CreateStackSetInput) { in.AutoDeployment = nil }), "ValidationError", 400},
		"a named role that was not acknowledged": {make(func(in *cloudformation.CreateStackSetInput) {
			in.Capabilities = []types.Capability{types.CapabilityCapabilityIam}
		}), "InsufficientCapabilitiesException", 400},
		"a parameter without a value": {make(func(in *cloudformation.CreateStackSetInput) { in.Parameters = nil }), "ValidationError", 400},
		"a value that does not match": {make(func(in *cloudformation.CreateStackSetInput) { in.Parameters[0].ParameterValue = aws.String("x") }), "ValidationError", 400},
		"a template that is none":     {make(func(in *cloudformation.CreateStackSetInput) { in.TemplateBody = aws.String("a: [") }), "ValidationError", 400},
		"a reference to nothing": {make(func(in *cloudformation.CreateStackSetInput) {
			in.TemplateBody = aws.String(strings.Replace(roleTemplate, "${Trusted}", "${Trusty}", 1))
		}), "ValidationError", 400},
		"another resource": {make(func(in *cloudformation.CreateStackSetInput) {
			in.TemplateBody = aws.String("Resources: {Bucket: {Type: AWS::S3::Bucket}}")
		}), "NotImplemented", 501},
		"a template that nobody reads": {make(func(in *cloudformation.CreateStackSetInput) {
			in.TemplateBody, in.TemplateURL = nil, aws.String("https://example.com/none.yaml")
		}), "NotImplemented", 501},
		"the name once more": {func(ctx context.Context, b *box) error {
			b.create(nil)
			in := newSet()
			in.ClientRequestToken = aws.String("other")
			_, err := b.CreateStackSet(ctx, in)
			return err
		}, "NameAlreadyExistsException", 409},
		"the same request once more": {func(ctx context.Context, b *box) error {
			b.create(nil)
			_, err := b.CreateStackSet(ctx, newSet())
			return err
		}, "<nil>", 0},
		"no trusted access": {func(ctx context.Context, b *box) error {
			if _, err := b.DeactivateOrganizationsAccess(ctx, nil); err != nil {
				return err
			}
			_, err := b.CreateStackSet(ctx, newSet())
			return err
		}, "ValidationError", 400},
		"accounts without a unit": {deploy(func(in *cloudformation.CreateStackInstancesInput) {
			in.DeploymentTargets = &types.DeploymentTargets{Accounts: []string{"222222222201"}}
		}), "ValidationError", 400},
		"accounts of the other kind of set": {deploy(func(in *cloudformation.CreateStackInstancesInput) {
			in.DeploymentTargets, in.Accounts = nil, []string{"222222222201"}
		}), "ValidationError", 400},
		"accounts without a filter": {deploy(func(in *cloudformation.CreateStackInstancesInput) { in.DeploymentTargets.AccountFilterType = "" }), "ValidationError", 400},
		"a union": {deploy(func(in *cloudformation.CreateStackInstancesInput) {
			in.DeploymentTargets.AccountFilterType = types.AccountFilterTypeUnion
		}), "ValidationError", 400},
		"a unit that there is not": {deploy(func(in *cloudformation.CreateStackInstancesInput) {
			in.DeploymentTargets.OrganizationalUnitIds = []string{"ou-ab12-00000000"}
		}), "ValidationError", 400},
		"a set that there is not": {deploy(func(in *cloudformation.CreateStackInstancesInput) { in.StackSetName = aws.String("none") }), "StackSetNotFoundException", 404},
		"an operation while another one runs": {func(ctx context.Context, b *box) error {
			b.create(nil)
			if _, err := b.CreateStackInstances(ctx, instances("222222222201")); err != nil {
				return err
			}
			_, err := b.CreateStackInstances(ctx, instances("222222222202"))
			return err
		}, "OperationInProgressException", 409},
		"an operation id once more": {func(ctx context.Context, b *box) error {
			b.create(nil)
			in := instances("222222222201")
			in.OperationId = aws.String("mine")
			b.deploy(in)
			_, err := b.CreateStackInstances(ctx, in)
			return err
		}, "OperationIdAlreadyExistsException", 409},
		"an operation that there is not": {func(ctx context.Context, b *box) error {
			b.create(nil)
			_, err := b.DescribeStackSetOperation(ctx, &cloudformation.DescribeStackSetOperationInput{StackSetName: aws.String(setName), OperationId: aws.String("none")})
			return err
		}, "OperationNotFoundException", 404},
		"an instance that there is not": {func(ctx context.Context, b *box) error {
			b.create(nil)
			_, err := b.DescribeStackInstance(ctx, &cloudformation.DescribeStackInstanceInput{
				StackSetName: aws.String(setName), StackInstanceAccount: aws.String("222222222201"), StackInstanceRegion: aws.String("us-east-1"),
			})
			return err
		}, "StackInstanceNotFoundException", 404},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				err := test.ask(t.Context(), start(t))
				if code(err) != test.code || status(err) != test.status {
					t.Errorf("got %s with status %d, want %s with %d: %v", code(err), status(err), test.code, test.status, err)
				}
			})
		})
	}
}

func TestASetThatChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t, `"templates": {}`, `"templates": {"https://example.com/role.json": "{\"Resources\":{\"R\":{\"Type\":\"AWS::IAM::Role\",\"Properties\":{`+
			`\"RoleName\":{\"Fn::Join\":[\"-\",[\"role\",{\"Ref\":\"AWS::Region\"}]]},\"Path\":\"/of/\",\"AssumeRolePolicyDocument\":{\"Statement\":[]}}}}}"}`)
		b.create(nil)
		b.deploy(instances("222222222201"))
		in := &cloudformation.UpdateStackSetInput{
			StackSetName: aws.String(setName), TemplateURL: aws.String("https://example.com/role.json"),
			Capabilities: []types.Capability{types.CapabilityCapabilityNamedIam},
		}
		out, err := b.UpdateStackSet(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if o := b.ended(*out.OperationId); o.Status != types.StackSetOperationStatusSucceeded || o.Action != types.StackSetOperationActionUpdate {
			t.Errorf("the operation: %+v", o)
		}
		if b.role("222222222201", execution) != nil || b.role("222222222201", "role-us-east-1") == nil {
			t.Error("the account has the old role, or not the new one")
		}
		if _, err := b.CreateStackSet(t.Context(), newSet()); code(err) != "CreatedButModifiedException" {
			t.Errorf("the first request once more: %v", err)
		}
		shown, err := b.DescribeStackSet(t.Context(), &cloudformation.DescribeStackSetInput{StackSetName: aws.String(setName)})
		if err != nil || !cmp.Equal(shown.StackSet.OrganizationalUnitIds, []string{legacy}) || !strings.Contains(*shown.StackSet.TemplateBody, "role") {
			t.Errorf("the set: %+v, %v", shown, err)
		}
	})
}

func TestAnOperationIsStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		b.create(nil)
		out, err := b.CreateStackInstances(t.Context(), instances("222222222201", "222222222202"))
		if err != nil {
			t.Fatal(err)
		}
		in := &cloudformation.StopStackSetOperationInput{StackSetName: aws.String(setName), OperationId: out.OperationId}
		if _, err := b.StopStackSetOperation(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		if o := b.operation(*out.OperationId); o.Status != types.StackSetOperationStatusStopping {
			t.Errorf("it is %s", o.Status)
		}
		if o := b.ended(*out.OperationId); o.Status != types.StackSetOperationStatusStopped {
			t.Errorf("it is %s", o.Status)
		}
		if diff := cmp.Diff([]string{"222222222201 CURRENT SUCCEEDED", "222222222202 OUTDATED CANCELLED"}, b.found()); diff != "" {
			t.Errorf("instances (-want +got)\n%s", diff)
		}
		if _, err := b.StopStackSetOperation(t.Context(), in); code(err) != "InvalidOperationException" {
			t.Errorf("once more: %v", err)
		}
	})
}

func TestManagedExecutionAndAutomaticDeployment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		b.create(func(in *cloudformation.CreateStackSetInput) {
			in.ManagedExecution = &types.ManagedExecution{Active: aws.Bool(true)}
			in.AutoDeployment = &types.AutoDeployment{Enabled: aws.Bool(true), RetainStacksOnAccountRemoval: aws.Bool(false)}
		})
		if _, err := b.CreateStackInstances(t.Context(), instances("222222222201")); err != nil {
			t.Fatal(err)
		}
		out, err := b.CreateStackInstances(t.Context(), instances("222222222202"))
		if err != nil {
			t.Fatal(err)
		}
		if o := b.operation(*out.OperationId); o.Status != types.StackSetOperationStatusQueued {
			t.Errorf("the second operation is %s", o.Status)
		}
		if o := b.ended(*out.OperationId); o.Status != types.StackSetOperationStatusSucceeded {
			t.Errorf("the second operation is %s", o.Status)
		}
		move := func(account, to string) {
			b.world.Do(func() {
				a := b.world.Account(account)
				if err := b.world.Move(a, a.Parent, b.world.Unit(to)); err != nil {
					t.Fatal(err)
				}
			})
			time.Sleep(time.Hour)
			b.world.Do(func() {})
		}
		move("222222222299", legacy)
		if b.role("222222222299", execution) == nil {
			t.Error("an account that came into the unit has no role")
		}
		move("222222222202", "r-ab12")
		if b.role("222222222202", execution) != nil {
			t.Error("an account that left the unit has the role")
		}
	})
}

func TestWhatNobodyHasVerifiedCanBeSwitched(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t, assume("stack-set-operation-id-repeated")...)
		b.create(nil)
		in := instances("222222222201")
		in.OperationId = aws.String("mine")
		b.deploy(in)
		if out, err := b.CreateStackInstances(t.Context(), in); err != nil || *out.OperationId != "mine" {
			t.Errorf("an operation id once more: %+v, %v", out, err)
		}

		b = start(t, assume("stack-set-capabilities")...)
		b.create(func(in *cloudformation.CreateStackSetInput) { in.Capabilities = nil })
		if o := b.deploy(instances("222222222201")); o.Status != types.StackSetOperationStatusFailed {
			t.Errorf("without a capability that is needed the operation is %s", o.Status)
		}

		b = start(t, assume("stack-set-no-target")...)
		b.create(nil)
		in = instances("222222222201")
		in.DeploymentTargets.OrganizationalUnitIds = []string{suspended}
		if _, err := b.CreateStackInstances(t.Context(), in); code(err) != "ValidationError" {
			t.Errorf("targets that leave no account: %v", err)
		}

		b = start(t, assume("stack-set-suspended-result")...)
		b.create(nil)
		in = instances()
		in.DeploymentTargets = intersection(suspended)
		o := b.deploy(in)
		results, err := b.ListStackSetOperationResults(t.Context(), &cloudformation.ListStackSetOperationResultsInput{StackSetName: aws.String(setName), OperationId: o.OperationId})
		if err != nil || results.Summaries[0].Status != types.StackSetOperationResultStatusCancelled {
			t.Errorf("a suspended account: %+v, %v", results, err)
		}

		b = start(t, assume("delete-missing-stack-set")...)
		if _, err := b.DeleteStackSet(t.Context(), &cloudformation.DeleteStackSetInput{StackSetName: aws.String(setName)}); code(err) != "StackSetNotFoundException" {
			t.Errorf("deleting what there is not: %v", err)
		}

		for want, changes := range map[int][]string{0: nil, 1: assume("stack-set-moved-account")} {
			b = start(t, changes...)
			b.create(nil)
			b.deploy(instances("222222222201"))
			b.world.Do(func() {
				a := b.world.Account("222222222201")
				if err := b.world.Move(a, a.Parent, b.world.Root); err != nil {
					t.Fatal(err)
				}
			})
			out, err := b.DeleteStackInstances(t.Context(), &cloudformation.DeleteStackInstancesInput{
				StackSetName: aws.String(setName), Regions: []string{"us-east-1"}, DeploymentTargets: intersection(legacy, "222222222201"), RetainStacks: aws.Bool(true),
			})
			if err != nil {
				t.Fatal(err)
			}
			b.ended(*out.OperationId)
			if got := len(b.found()); got != want {
				t.Errorf("after the account has moved %d instances are left, want %d", got, want)
			}
		}
	})
}
