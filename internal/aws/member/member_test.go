package member_test

import (
	"context"
	"errors"
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/configservice"
	"github.com/aws/aws-sdk-go-v2/service/configservice/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/member"
	"github.com/vend-cli/vend/internal/precheck"
	"github.com/vend-cli/vend/internal/sandbox"
)

const assumed = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIA1</AccessKeyId>` +
	`<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2036-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`

func management(context.Context) (string, error) { return "111111111111", nil }

func client(answer func(operation string) (any, error)) *member.Client {
	transport := &awstest.Transport{Answer: func(operation string, _ map[string]any) (any, error) { return answer(operation) }}
	return member.New(awstest.Config(transport), member.Options{Management: management})
}

func TestAnAccountIsEnteredThroughTheFirstRoleThatLetsItselfBeAssumed(t *testing.T) {
	t.Parallel()
	tries := 0
	c := client(func(string) (any, error) {
		if tries++; tries == 1 {
			return nil, &awstest.Error{Code: "AccessDenied", Status: 403}
		}
		return assumed, nil
	})
	a, err := c.Enter(t.Context(), "222222222201", []string{"AWSControlTowerExecution", "OrganizationAccountAccessRole"})
	if err != nil || a.Role() != "OrganizationAccountAccessRole" {
		t.Errorf("entered through %v, %v", a, err)
	}
	closed := client(func(string) (any, error) { return nil, &awstest.Error{Code: "AccessDenied", Status: 403} })
	if _, err := closed.Enter(t.Context(), "222222222201", []string{"A", "B"}); !errors.Is(err, precheck.ErrNoEntry) {
		t.Errorf("an account that nobody may enter: %v", err)
	}
	if ok, err := closed.Assumable(t.Context(), "222222222201"); ok || err != nil {
		t.Errorf("assumable %v, %v", ok, err)
	}
	broken := client(func(string) (any, error) { return nil, &awstest.Error{Code: "InternalFailure", Status: 500} })
	if _, err := broken.Enter(t.Context(), "222222222201", []string{"A"}); err == nil || errors.Is(err, precheck.ErrNoEntry) {
		t.Errorf("an answer that tells nothing: %v", err)
	}
}

func TestTrustPoliciesAreUnderstood(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		document string
		trusts   bool
	}{
		"as the guide has it":        {`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"sts:AssumeRole","Condition":{}}]}`, true},
		"one statement, many ids":    {`{"Statement":{"Effect":"Allow","Principal":{"AWS":["222222222222","111111111111"]},"Action":["sts:TagSession","sts:AssumeRole"]}}`, true},
		"another partition":          {`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws-cn:iam::111111111111:root"},"Action":"sts:*"}]}`, true},
		"another account":            {`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999999999999:root"},"Action":"sts:AssumeRole"}]}`, false},
		"a service":                  {`{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`, false},
		"on a condition":             {`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"x"}}}]}`, false},
		"a denial":                   {`{"Statement":[{"Effect":"Deny","Principal":{"AWS":"111111111111"},"Action":"sts:AssumeRole"}]}`, false},
		"only a user of the account": {`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:user/a"},"Action":"sts:AssumeRole"}]}`, false},
		"nothing that is a policy":   {`hello`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := client(func(operation string) (any, error) {
				switch operation {
				case "AssumeRole":
					return assumed, nil
				case "GetRole":
					return `<GetRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetRoleResult><Role><Path>/</Path><RoleName>AWSControlTowerExecution</RoleName><RoleId>AROA1</RoleId>` +
						`<Arn>arn:aws:iam::222222222201:role/AWSControlTowerExecution</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate><AssumeRolePolicyDocument>` +
						url.QueryEscape(test.document) + `</AssumeRolePolicyDocument></Role></GetRoleResult></GetRoleResponse>`, nil
				case "ListAttachedRolePolicies":
					return `<ListAttachedRolePoliciesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListAttachedRolePoliciesResult><IsTruncated>false</IsTruncated><AttachedPolicies>` +
						`<member><PolicyName>AdministratorAccess</PolicyName><PolicyArn>arn:aws:iam::aws:policy/AdministratorAccess</PolicyArn></member></AttachedPolicies></ListAttachedRolePoliciesResult></ListAttachedRolePoliciesResponse>`, nil
				}
				return nil, errors.New("nobody asked for " + operation)
			})
			a, err := c.Enter(t.Context(), "222222222201", []string{precheck.ExecutionRole})
			if err != nil {
				t.Fatal(err)
			}
			got, err := a.Execution(t.Context())
			if want := (precheck.Execution{Found: true, Trusts: test.trusts, Administrator: true}); err != nil || got != want {
				t.Errorf("role %+v, %v; want %+v", got, err, want)
			}
		})
	}
}

func TestWhatLastsIsToldFromWhatMayPass(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"AccessDenied": "V3002", "OptInRequired": "V3002", "Throttling": "again", "InternalFailure": "again", "RegionDisabledException": "again",
	} {
		c := client(func(operation string) (any, error) {
			if operation == "AssumeRole" {
				return assumed, nil
			}
			return nil, &awstest.Error{Code: code, Message: "in AWS's words"}
		})
		a, err := c.Enter(t.Context(), "222222222201", []string{precheck.ExecutionRole})
		if err != nil {
			t.Fatal(err)
		}
		_, err = a.Look(t.Context(), "eu-west-1", precheck.Reachable)
		if got := awstest.Verdict(err); got != want || errors.Is(err, precheck.ErrRegionDisabled) != (code == "RegionDisabledException") {
			t.Errorf("%s is judged %q (%v), want %q", code, got, err, want)
		}
	}
}

// TestWhatIsPutIntoAnAccountIsFound looks into an account of the sandbox before and after somebody has put AWS Config into it.
func TestWhatIsPutIntoAnAccountIsFound(t *testing.T) {
	t.Parallel()
	box, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := member.New(awstest.Config(box.RoundTripper()), member.Options{Management: management})
	a, err := c.Enter(t.Context(), "222222222201", []string{"OrganizationAccountAccessRole"})
	if err != nil {
		t.Fatal(err)
	}
	found := func() map[precheck.Kind][]precheck.Thing {
		all := map[precheck.Kind][]precheck.Thing{}
		for _, kind := range []precheck.Kind{precheck.Recorders, precheck.Channels, precheck.Aggregators} {
			things, err := a.Look(t.Context(), "eu-west-1", kind)
			if err != nil {
				t.Fatal(err)
			}
			if len(things) > 0 {
				all[kind] = things
			}
		}
		return all
	}
	if got := found(); len(got) > 0 {
		t.Errorf("before: %v", got)
	}
	keys, err := sts.NewFromConfig(awstest.Config(box.RoundTripper())).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::222222222201:role/OrganizationAccountAccessRole"), RoleSessionName: aws.String("test"),
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg := awstest.Config(box.RoundTripper())
	cfg.Region = "eu-west-1"
	cfg.Credentials = credentials.NewStaticCredentialsProvider(*keys.Credentials.AccessKeyId, *keys.Credentials.SecretAccessKey, *keys.Credentials.SessionToken)
	there := configservice.NewFromConfig(cfg)
	const role = "arn:aws:iam::222222222201:role/recorder"
	_, err = there.PutConfigurationRecorder(t.Context(), &configservice.PutConfigurationRecorderInput{
		ConfigurationRecorder: &types.ConfigurationRecorder{Name: aws.String("mine"), RoleARN: aws.String(role)},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = there.PutDeliveryChannel(t.Context(), &configservice.PutDeliveryChannelInput{
		DeliveryChannel: &types.DeliveryChannel{Name: aws.String("my channel"), S3BucketName: aws.String("a-bucket")},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = there.PutAggregationAuthorization(t.Context(), &configservice.PutAggregationAuthorizationInput{
		AuthorizedAccountId: aws.String("222222222102"), AuthorizedAwsRegion: aws.String("us-east-1"),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[precheck.Kind][]precheck.Thing{
		precheck.Recorders:   {{Name: "mine", Detail: role}},
		precheck.Channels:    {{Name: "my channel"}},
		precheck.Aggregators: {{Name: "222222222102", Detail: "us-east-1"}},
	}
	if diff := cmp.Diff(want, found()); diff != "" {
		t.Errorf("afterwards (-want +got):\n%s", diff)
	}
}
