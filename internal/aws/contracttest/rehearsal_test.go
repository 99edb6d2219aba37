//go:build conformance

package contracttest_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
)

// unused is an account of the sandbox that is in the root and not enrolled.
const unused = "222222222299"

// TestTheRunAgainstAWSIsRehearsed lets the run against AWS ask a sandbox, in all of its parts, and looks at what it leaves
// behind: no more than what the package comment says.
func TestTheRunAgainstAWSIsRehearsed(t *testing.T) {
	vend := build(t)
	cfg := started(t, "sandbox", func(port string) *exec.Cmd {
		return exec.Command(vend, "sandbox", "--listen", "127.0.0.1:"+port, "--speed", "6000")
	})
	none := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": *cfg.BaseEndpoint, "AWS_REGION": cfg.Region, "AWS_PROFILE": "", "AWS_CONFIG_FILE": none, "AWS_SHARED_CREDENTIALS_FILE": none,
		"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "", "AWS_EC2_METADATA_DISABLED": "true",
		"VEND_CONFORMANCE_ACCOUNT": unused, "VEND_CONFORMANCE_STACKSETS": "1",
	} {
		t.Setenv(name, value)
	}
	before := things(t, cfg)
	if !slices.Contains(before, "child "+unused) {
		t.Fatalf("the account is not in the root: %v", before)
	}
	t.Run("run", askAWS)
	for _, thing := range things(t, cfg) {
		if !slices.Contains(before, thing) {
			t.Errorf("it left behind: %s", thing)
		}
		before = slices.DeleteFunc(before, func(b string) bool { return b == thing })
	}
	if len(before) > 0 {
		t.Errorf("it took away: %v", before)
	}
}

// things are the names of all that the run could leave behind, or take away.
func things(t *testing.T, cfg aws.Config) (all []string) {
	t.Helper()
	ctx := t.Context()
	try := func(what string, list func(context.Context, func(*string)) error) {
		err := list(ctx, func(name *string) { all = append(all, what+" "+aws.ToString(name)) })
		if err != nil {
			t.Fatalf("list each %s: %v", what, err)
		}
	}
	try("table", func(ctx context.Context, add func(*string)) error {
		out, err := dynamodb.NewFromConfig(cfg).ListTables(ctx, &dynamodb.ListTablesInput{})
		if err != nil {
			return err
		}
		for _, name := range out.TableNames {
			add(&name)
		}
		return nil
	})
	try("bucket", func(ctx context.Context, add func(*string)) error {
		out, err := s3.NewFromConfig(cfg).ListBuckets(ctx, &s3.ListBucketsInput{})
		if err != nil {
			return err
		}
		for _, b := range out.Buckets {
			add(b.Name)
		}
		return nil
	})
	try("queue", func(ctx context.Context, add func(*string)) error {
		out, err := sqs.NewFromConfig(cfg).ListQueues(ctx, &sqs.ListQueuesInput{})
		if err != nil {
			return err
		}
		for _, url := range out.QueueUrls {
			add(&url)
		}
		return nil
	})
	org := organizations.NewFromConfig(cfg)
	roots, err := org.ListRoots(ctx, &organizations.ListRootsInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []types.ChildType{types.ChildTypeAccount, types.ChildTypeOrganizationalUnit} {
		try("child", func(ctx context.Context, add func(*string)) error {
			in := &organizations.ListChildrenInput{ParentId: roots.Roots[0].Id, ChildType: kind}
			for pages := organizations.NewListChildrenPaginator(org, in); pages.HasMorePages(); {
				page, err := pages.NextPage(ctx)
				if err != nil {
					return err
				}
				for _, c := range page.Children {
					add(c.Id)
				}
			}
			return nil
		})
	}
	sso := ssoadmin.NewFromConfig(cfg)
	instances, err := sso.ListInstances(ctx, &ssoadmin.ListInstancesInput{})
	if err != nil {
		t.Fatal(err)
	}
	instance := instances.Instances[0]
	try("permission set", func(ctx context.Context, add func(*string)) error {
		for pages := ssoadmin.NewListPermissionSetsPaginator(sso, &ssoadmin.ListPermissionSetsInput{InstanceArn: instance.InstanceArn}); pages.HasMorePages(); {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return err
			}
			for _, arn := range page.PermissionSets {
				add(&arn)
			}
		}
		return nil
	})
	try("group", func(ctx context.Context, add func(*string)) error {
		store := identitystore.NewFromConfig(cfg)
		for pages := identitystore.NewListGroupsPaginator(store, &identitystore.ListGroupsInput{IdentityStoreId: instance.IdentityStoreId}); pages.HasMorePages(); {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return err
			}
			for _, g := range page.Groups {
				add(g.DisplayName)
			}
		}
		return nil
	})
	try("stack set", func(ctx context.Context, add func(*string)) error {
		out, err := cloudformation.NewFromConfig(cfg).ListStackSets(ctx, &cloudformation.ListStackSetsInput{Status: "ACTIVE"})
		if err != nil {
			return err
		}
		for _, s := range out.Summaries {
			add(s.StackSetName)
		}
		return nil
	})
	return all
}
