package cloudformation_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

// shelf is a bucket with versions, and what puts documents there: the version's id is returned.
func (b *box) shelf() (put func(key, body string) string) {
	client := s3.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://sandbox.test"), HTTPClient: &http.Client{Transport: b.box.RoundTripper()},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	}, func(o *s3.Options) { o.UsePathStyle = true })
	if _, err := client.CreateBucket(b.t.Context(), &s3.CreateBucketInput{Bucket: aws.String("the.shelf")}); err != nil {
		b.t.Fatal(err)
	}
	if _, err := client.PutBucketVersioning(b.t.Context(), &s3.PutBucketVersioningInput{
		Bucket: aws.String("the.shelf"), VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled},
	}); err != nil {
		b.t.Fatal(err)
	}
	return func(key, body string) string {
		out, err := client.PutObject(b.t.Context(), &s3.PutObjectInput{Bucket: aws.String("the.shelf"), Key: &key, Body: strings.NewReader(body)})
		if err != nil {
			b.t.Fatal(err)
		}
		return *out.VersionId
	}
}

func TestTemplatesInBuckets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		put := b.shelf()
		first := put("a folder/role.yaml", roleTemplate)
		put("a folder/role.yaml", "Resources: {}")
		put("huge.yaml", roleTemplate+strings.Repeat("#", 1<<20))
		const path = "/a%20folder/role.yaml"
		for i, test := range []struct{ url, want string }{
			{"https://the.shelf.s3.amazonaws.com" + path + "?versionId=" + first, ""},
			{"https://the.shelf.s3.us-east-1.amazonaws.com" + path + "?versionId=" + first, ""},
			{"https://the.shelf.s3-us-east-1.amazonaws.com" + path + "?versionId=" + first, ""},
			{"https://s3.amazonaws.com/the.shelf" + path + "?versionId=" + first, ""},
			{"https://s3.us-east-1.amazonaws.com/the.shelf" + path + "?versionId=" + first, ""},
			{"http://sandbox.test/the.shelf" + path + "?versionId=" + first, ""},
			{"https://s3.amazonaws.com/the.shelf" + path, "ValidationError"}, // the newest has no resources
			{"https://s3.amazonaws.com/the.shelf/none.yaml", "ValidationError"},
			{"https://s3.amazonaws.com/no-shelf/role.yaml", "ValidationError"},
			{"https://s3.amazonaws.com/the.shelf/huge.yaml", "ValidationError"},
			{"http://s3.amazonaws.com/the.shelf" + path, "NotImplemented"},
			{"s3://the.shelf/a folder/role.yaml", "NotImplemented"},
		} {
			in := newSet()
			in.StackSetName, in.TemplateBody, in.TemplateURL = aws.String(fmt.Sprint("set-", i)), nil, &test.url
			_, err := b.CreateStackSet(t.Context(), in)
			if err == nil && test.want != "" || err != nil && code(err) != test.want {
				t.Errorf("a stack set of %s: %v, want %s", test.url, err, test.want)
			}
			_, err = b.ValidateTemplate(t.Context(), &cloudformation.ValidateTemplateInput{TemplateURL: &test.url})
			if err == nil && test.want != "" || err != nil && code(err) != test.want {
				t.Errorf("validating %s: %v, want %s", test.url, err, test.want)
			}
		}
	})
}

func TestAccountsInABucket(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		put := b.shelf()
		put("accounts.csv", "222222222201,222222222202\r\n222222222205\n")
		put("accounts.json", `["222222222201"]`)
		put("words.txt", "everybody")
		b.create(nil)
		targets := func(url string, accounts ...string) *types.DeploymentTargets {
			return &types.DeploymentTargets{
				OrganizationalUnitIds: []string{legacy}, AccountsUrl: &url, Accounts: accounts, AccountFilterType: types.AccountFilterTypeIntersection,
			}
		}
		const url = "s3://the.shelf/accounts.csv"
		in := instances()
		in.DeploymentTargets = targets(url)
		in.OperationPreferences = &types.StackSetOperationPreferences{MaxConcurrentCount: aws.Int32(3), FailureToleranceCount: aws.Int32(2)}
		o := b.deploy(in)
		if d := o.DeploymentTargets; aws.ToString(d.AccountsUrl) != url || len(d.Accounts) > 0 {
			t.Errorf("the operation's targets: %+v", d)
		}
		want := []string{"222222222201 CURRENT SUCCEEDED", "222222222202 CURRENT SUCCEEDED", "222222222205 CURRENT SUCCEEDED"}
		if diff := cmp.Diff(want, b.found()); diff != "" {
			t.Errorf("instances (-want +got):\n%s", diff)
		}
		for name, d := range map[string]*types.DeploymentTargets{
			"of another kind": targets("s3://the.shelf/accounts.json"), "without ids": targets("s3://the.shelf/words.txt"),
			"that is not there": targets("s3://the.shelf/none.csv"), "elsewhere": targets("https://example.com/accounts.csv"),
			"beside accounts": targets(url, "222222222201"),
		} {
			in.DeploymentTargets = d
			if _, err := b.CreateStackInstances(t.Context(), in); code(err) != "ValidationError" {
				t.Errorf("a file %s: %v", name, err)
			}
		}
		out, err := b.DeleteStackInstances(t.Context(), &cloudformation.DeleteStackInstancesInput{
			StackSetName: aws.String(setName), Regions: []string{"us-east-1"}, RetainStacks: aws.Bool(true), DeploymentTargets: targets(url),
		})
		if err != nil {
			t.Fatal(err)
		}
		b.ended(*out.OperationId)
		if got := b.found(); len(got) > 0 {
			t.Errorf("instances are left: %v", got)
		}
	})
}
