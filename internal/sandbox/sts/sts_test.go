package sts_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/vend-cli/vend/internal/sandbox"
)

const legacy = "arn:aws:iam::222222222201:role/OrganizationAccountAccessRole"

var landingZone = []byte(`{"managementAccount":{"id":"111111111111","email":"root@example.com"},"region":"us-east-1",
 "root":{"id":"r-ab12","accounts":[
  {"id":"222222222201","name":"one","email":"one@example.com","state":"ACTIVE","roles":["OrganizationAccountAccessRole"]},
  {"id":"222222222202","name":"two","email":"two@example.com","state":"SUSPENDED","roles":["OrganizationAccountAccessRole"]}]}}`)

func start(t *testing.T) aws.Config {
	t.Helper()
	s, err := sandbox.New(sandbox.Options{World: landingZone})
	if err != nil {
		t.Fatal(err)
	}
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://sandbox.test"), Retryer: func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		HTTPClient:  &http.Client{Transport: s.RoundTripper()},
	}
}

func assume(t *testing.T, c aws.Config, role, session string) (aws.Config, error) {
	t.Helper()
	out, err := sts.NewFromConfig(c).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: &role, RoleSessionName: &session, DurationSeconds: aws.Int32(900),
	})
	if err != nil {
		return c, err
	}
	if left := time.Until(*out.Credentials.Expiration); left > 15*time.Minute || left < 14*time.Minute {
		t.Errorf("the session lasts for %v, want 15 minutes", left)
	}
	c.Credentials = credentials.NewStaticCredentialsProvider(
		*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
	return c, nil
}

func refused(t *testing.T, err error, code string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestWhoAmI(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := start(t)
		me, err := sts.NewFromConfig(c).GetCallerIdentity(t.Context(), nil)
		if err != nil || *me.Account != "111111111111" || !strings.HasPrefix(*me.Arn, "arn:aws:iam::111111111111:user/") {
			t.Errorf("any key: %+v, %v", me, err)
		}
		c, err = assume(t, c, legacy, "look")
		if err != nil {
			t.Fatal(err)
		}
		me, err = sts.NewFromConfig(c).GetCallerIdentity(t.Context(), nil)
		want := "arn:aws:sts::222222222201:assumed-role/OrganizationAccountAccessRole/look"
		if err != nil || *me.Arn != want || !strings.HasSuffix(*me.UserId, ":look") {
			t.Errorf("the role: %+v, %v", me, err)
		}
		if _, err := sqs.NewFromConfig(c).CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("q")}); err != nil {
			t.Error(err)
		}
		time.Sleep(15 * time.Minute)
		_, err = sts.NewFromConfig(c).GetCallerIdentity(t.Context(), nil)
		refused(t, err, "ExpiredToken")
		_, err = sqs.NewFromConfig(c).ListQueues(t.Context(), nil)
		refused(t, err, "ExpiredTokenException")
	})
}

func TestAssumeRoleRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ role, session, code string }{
		"a role that the account does not have": {"arn:aws:iam::222222222201:role/AWSControlTowerExecution", "s1", "AccessDenied"},
		"an account outside the organization":   {"arn:aws:iam::999999999999:role/OrganizationAccountAccessRole", "s1", "AccessDenied"},
		"an account that is suspended":          {"arn:aws:iam::222222222202:role/OrganizationAccountAccessRole", "s1", "AccessDenied"},
		"a name that is no ARN":                 {"OrganizationAccountAccessRole", "s1", "ValidationError"},
		"a session name with a blank":           {legacy, "a b", "ValidationError"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := assume(t, start(t), test.role, test.session)
			refused(t, err, test.code)
		})
	}
	t.Run("a member account that wants into another", func(t *testing.T) {
		t.Parallel()
		c, err := assume(t, start(t), legacy, "s1")
		if err != nil {
			t.Fatal(err)
		}
		_, err = assume(t, c, legacy, "s2")
		refused(t, err, "AccessDenied")
	})
}
