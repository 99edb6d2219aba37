package sandbox_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/configservice"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/samples"
)

// legacy is an account of the default world with OrganizationAccountAccessRole and nothing else.
const legacy = "222222222201"

// member starts a sandbox in which that account has more members, and becomes that role in it.
func member(t *testing.T, more string) (*sandbox.Sandbox, aws.Config, aws.Config) {
	t.Helper()
	file := strings.Replace(string(samples.LandingZone), `"email": "legacy-1@example.com",`, `"email": "legacy-1@example.com", `+more, 1)
	s, c := start(t, sandbox.Options{World: []byte(file)})
	return s, c, inside(t, c, "OrganizationAccountAccessRole")
}

func assume(t *testing.T, c aws.Config, role, region string) (*sts.AssumeRoleOutput, error) {
	t.Helper()
	return sts.NewFromConfig(c).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::" + legacy + ":role/" + role), RoleSessionName: aws.String("test"),
	}, func(o *sts.Options) { o.Region = region })
}

func inside(t *testing.T, c aws.Config, role string) aws.Config {
	t.Helper()
	out, err := assume(t, c, role, "us-east-1")
	if err != nil {
		t.Fatal(err)
	}
	keys := out.Credentials
	c.Credentials = credentials.NewStaticCredentialsProvider(*keys.AccessKeyId, *keys.SecretAccessKey, *keys.SessionToken)
	return c
}

// raw sends a request of a service whose client is not here, and returns the answer.
func raw(t *testing.T, s *sandbox.Sandbox, c aws.Config, service, region, target, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := c.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	r.Header.Set("X-Amz-Date", now.Format("20060102T150405Z"))
	r.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s/%s/%s/aws4_request, SignedHeaders=host, Signature=0",
		keys.AccessKeyID, now.Format("20060102"), region, service))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if target != "" {
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		r.Header.Set("X-Amz-Target", target)
	}
	answer, err := s.RoundTripper().RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func recorders(t *testing.T, c aws.Config, region string) (int, error) {
	t.Helper()
	out, err := configservice.NewFromConfig(c).DescribeConfigurationRecorders(t.Context(), nil, func(o *configservice.Options) { o.Region = region })
	if err != nil {
		return 0, err
	}
	return len(out.ConfigurationRecorders), nil
}

func TestARegionOfAMemberAccount(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		more, region string
		want, sts    string // error codes
	}{
		"any":                                 {`"state": "ACTIVE",`, "eu-west-1", "<nil>", "<nil>"},
		"one that is not enabled":             {`"state": "ACTIVE",`, "eu-south-1", "UnrecognizedClientException", "InvalidClientTokenId"},
		"one that was opted in to":            {`"enabledRegions": ["eu-south-1"],`, "eu-south-1", "<nil>", "<nil>"},
		"one that a policy denies":            {`"deniedRegions": ["eu-west-1"],`, "eu-west-1", "AccessDeniedException", "<nil>"},
		"one in which STS is not active":      {`"stsInactiveRegions": ["eu-west-1"],`, "eu-west-1", "<nil>", "RegionDisabledException"},
		"one beside that, where STS is":       {`"stsInactiveRegions": ["eu-west-1"],`, "eu-west-2", "<nil>", "<nil>"},
		"one beside that, which is allowed":   {`"deniedRegions": ["eu-west-1"],`, "eu-west-2", "<nil>", "<nil>"},
		"one with a recorder that is stopped": {`"configRecorders": ["eu-west-1"], "stoppedConfigRecorders": ["eu-west-1"],`, "eu-west-1", "<nil>", "<nil>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, c, there := member(t, test.more)
			if _, err := recorders(t, there, test.region); codeOf(err) != test.want {
				t.Errorf("Config answers with %v, want %s", err, test.want)
			}
			if _, err := assume(t, c, "OrganizationAccountAccessRole", test.region); codeOf(err) != test.sts {
				t.Errorf("STS answers with %v, want %s", err, test.sts)
			}
		})
	}
}

func codeOf(err error) string {
	if err == nil {
		return "<nil>"
	}
	return errorCode(err)
}

func TestSTSMayBeInactiveForCallersOnly(t *testing.T) {
	t.Parallel()
	file := strings.NewReplacer(`"assumptions": {}`, `"assumptions": {"sts-inactive-for-callers-only": true}`,
		`"email": "legacy-1@example.com",`, `"email": "legacy-1@example.com", "stsInactiveRegions": ["eu-west-1"],`).Replace(string(samples.LandingZone))
	_, c := start(t, sandbox.Options{World: []byte(file)})
	if _, err := assume(t, c, "OrganizationAccountAccessRole", "eu-west-1"); err != nil {
		t.Errorf("the management account is refused: %v", err)
	}
	_, err := sts.NewFromConfig(inside(t, c, "OrganizationAccountAccessRole")).GetCallerIdentity(t.Context(), nil, func(o *sts.Options) { o.Region = "eu-west-1" })
	refused(t, err, "RegionDisabledException")
}

func TestARoleMayWhatItsPoliciesAllow(t *testing.T) {
	t.Parallel()
	_, c, there := member(t, `"state": "ACTIVE",`)
	roles := iam.NewFromConfig(there)
	create := func(name, trusted string) {
		trust := fmt.Sprintf(`{"Statement":[{"Effect":"Allow","Principal":{"AWS":%q},"Action":["sts:AssumeRole","sts:TagSession"]}]}`, trusted)
		if _, err := roles.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust}); err != nil {
			t.Fatal(err)
		}
	}
	create("Nobody", "arn:aws:iam::999999999999:root")
	_, err := assume(t, c, "Nobody", "us-east-1")
	refused(t, err, "AccessDenied")

	create("Reader", "111111111111")
	reader := inside(t, c, "Reader")
	_, err = recorders(t, reader, "us-east-1")
	refused(t, err, "AccessDeniedException")
	attach := &iam.AttachRolePolicyInput{RoleName: aws.String("Reader"), PolicyArn: aws.String("arn:aws:iam::aws:policy/SecurityAudit")}
	if _, err := roles.AttachRolePolicy(t.Context(), attach); err != nil {
		t.Fatal(err)
	}
	if _, err := recorders(t, reader, "us-east-1"); err != nil {
		t.Errorf("who may look may not look: %v", err)
	}
	_, err = configservice.NewFromConfig(reader).DeleteConfigurationRecorder(t.Context(),
		&configservice.DeleteConfigurationRecorderInput{ConfigurationRecorderName: aws.String("default")})
	refused(t, err, "AccessDeniedException")

	detach := &iam.DetachRolePolicyInput{RoleName: aws.String("OrganizationAccountAccessRole"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")}
	if _, err := roles.DetachRolePolicy(t.Context(), detach); err != nil {
		t.Fatal(err)
	}
	_, err = roles.ListRoles(t.Context(), nil)
	refused(t, err, "AccessDenied")
}

func TestWhatIsLeftOfAnEarlierLife(t *testing.T) {
	t.Parallel()
	s, c, there := member(t, `"logGroups": ["/aws/lambda/aws-controltower-NotificationForwarder"], "topics": [{"name": "aws-controltower-SecurityNotifications", "region": "eu-west-1"}],
		"stacks": [{"name": "StackSet-AWSControlTowerBP-BASELINE-ROLES-1"}], "serviceControlPolicies": ["mine"],`)
	stacks, err := cloudformation.NewFromConfig(there).ListStacks(t.Context(), nil)
	if err != nil || len(stacks.StackSummaries) != 1 || *stacks.StackSummaries[0].StackName != "StackSet-AWSControlTowerBP-BASELINE-ROLES-1" {
		t.Errorf("stacks: %+v, %v", stacks, err)
	}
	topics, err := sns.NewFromConfig(there).ListTopics(t.Context(), nil, func(o *sns.Options) { o.Region = "eu-west-1" })
	if err != nil || len(topics.Topics) != 1 || !strings.HasSuffix(*topics.Topics[0].TopicArn, ":222222222201:aws-controltower-SecurityNotifications") {
		t.Errorf("topics: %+v, %v", topics, err)
	}
	status, groups := raw(t, s, there, "logs", "us-east-1", "Logs_20140328.DescribeLogGroups", `{"logGroupNamePrefix":"/aws/lambda/"}`)
	if status != http.StatusOK || !strings.Contains(groups, `"logGroupName":"/aws/lambda/aws-controltower-NotificationForwarder"`) {
		t.Errorf("log groups: %d %s", status, groups)
	}
	if status, answer := raw(t, s, there, "logs", "us-east-1", "Logs_20140328.DeleteLogGroup", `{"logGroupName":"/aws/lambda/aws-controltower-NotificationForwarder"}`); status != http.StatusOK {
		t.Errorf("deleting the log group: %d %s", status, answer)
	}
	if _, groups := raw(t, s, there, "logs", "us-east-1", "Logs_20140328.DescribeLogGroups", `{}`); !strings.Contains(groups, `"logGroups":[]`) {
		t.Errorf("log groups afterwards: %s", groups)
	}
	policies, err := organizations.NewFromConfig(c).ListPoliciesForTarget(t.Context(),
		&organizations.ListPoliciesForTargetInput{TargetId: aws.String(legacy), Filter: types.PolicyTypeServiceControlPolicy})
	if err != nil || len(policies.Policies) != 2 && policies.NextToken == nil {
		t.Errorf("policies: %+v, %v", policies, err)
	}
}

func TestTheDefaultVPC(t *testing.T) {
	t.Parallel()
	s, _, there := member(t, `"defaultVpcInUse": true,`)
	ask := func(region, action string, more ...string) (int, string) {
		form := url.Values{"Action": {action}, "Version": {"2016-11-15"}}
		for i := 0; i < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		return raw(t, s, there, "ec2", region, "", form.Encode())
	}
	_, vpcs := ask("us-east-1", "DescribeVpcs", "Filter.1.Name", "is-default", "Filter.1.Value.1", "true")
	_, rest, _ := strings.Cut(vpcs, "<vpcSet><item><vpcId>")
	id, _, ok := strings.Cut(rest, "</vpcId>")
	if !ok || !strings.HasPrefix(id, "vpc-") || !strings.Contains(vpcs, "<isDefault>true</isDefault>") {
		t.Fatalf("default VPCs: %s", vpcs)
	}
	for _, action := range []string{"DescribeNetworkInterfaces", "DescribeInstances"} {
		if status, found := ask("us-east-1", action, "Filter.1.Name", "vpc-id", "Filter.1.Value.1", id); status != http.StatusOK || !strings.Contains(found, "<vpcId>"+id) {
			t.Errorf("%s: %d %s", action, status, found)
		}
		if _, found := ask("eu-west-1", action); strings.Contains(found, "<vpcId>") {
			t.Errorf("%s in another Region: %s", action, found)
		}
	}
	if status, answer := ask("eu-south-1", "DescribeVpcs"); status != http.StatusUnauthorized || !strings.Contains(answer, "<Code>AuthFailure</Code>") {
		t.Errorf("in a Region that is not enabled: %d %s", status, answer)
	}
	if status, answer := ask("us-east-1", "DescribeVpcs", "Filter.1.Name", "tag:x", "Filter.1.Value.1", "y"); status != http.StatusNotImplemented {
		t.Errorf("a filter that is not known: %d %s", status, answer)
	}
}

func TestAWorldThatIsReadAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _, there := member(t, `"stacks": [{"name": "s"}], "topics": ["t"], "stsInactiveRegions": ["eu-west-2"],`)
		trust := `{"Version":"2012-10-17","Statement":[]}`
		if _, err := iam.NewFromConfig(there).CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("Mine"), Path: aws.String("/p/"), AssumeRolePolicyDocument: &trust}); err != nil {
			t.Fatal(err)
		}
		_, before := door(t, s, "GET", "state", "")
		again, _ := start(t, sandbox.Options{World: []byte(before)})
		_, after := door(t, again, "GET", "state", "")
		if before != after {
			t.Errorf("before\n%s\nafter\n%s", before, after)
		}
		if !strings.Contains(before, `"path": "/p/"`) {
			t.Errorf("the role is not in the state: %s", before)
		}
	})
}
