package stacksets_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/stacksets"
	"github.com/vend-cli/vend/internal/sandbox"
)

const (
	legacy = "ou-ab12-14444444"
	root   = "r-ab12"
	one    = "222222222201"
	two    = "222222222202"
)

func landingZone(t *testing.T, faults string) (*sandbox.Sandbox, *stacksets.Client) {
	t.Helper()
	var o sandbox.Options
	if faults != "" {
		o.Faults = []byte(faults)
	}
	s, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	c := stacksets.New(awstest.Config(s.RoundTripper()), stacksets.Options{Management: management})
	for _, err := range []error{c.Activate(t.Context()), c.Activate(t.Context())} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return s, c
}

// hasRole says which accounts have the execution role.
func hasRole(s *sandbox.Sandbox, id string) (has bool) {
	s.World().Do(func() { has = s.World().Account(id).HasRole("AWSControlTowerExecution") })
	return has
}

// ended waits for an operation.
func ended(t *testing.T, c *stacksets.Client, operation, accountID string) account.StackOperation {
	t.Helper()
	for range 100 {
		o, err := c.Operation(t.Context(), operation, accountID)
		if err != nil || !o.Known {
			t.Fatalf("operation %s is %+v, %v", operation, o, err)
		}
		if o.Ended {
			return o
		}
		time.Sleep(10 * time.Second)
	}
	t.Fatalf("operation %s does not end", operation)
	return account.StackOperation{}
}

func TestTheRoleComesIntoJustTheAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := landingZone(t, "")
		ready(t, c)
		ready(t, c)
		if o, err := c.Operation(t.Context(), "role-1", one); err != nil || o.Known {
			t.Errorf("an operation that nobody began: %+v, %v", o, err)
		}
		for range 2 { // the second time the answer to the first was lost
			if err := c.Plant(t.Context(), "role-1", one, legacy); err != nil && awstest.Verdict(err) != "wait" {
				t.Fatal(err)
			}
		}
		if err := c.Plant(t.Context(), "role-2", two, legacy); awstest.Verdict(err) != "wait" {
			t.Errorf("a second operation beside the first: %v", err)
		}
		if o := ended(t, c, "role-1", one); o.Status != "SUCCEEDED" || o.Reason != "" {
			t.Errorf("operation %+v", o)
		}
		there, found, err := c.Instance(t.Context(), one)
		if err != nil || !found || !there.InPlace() || there.ParentID != legacy {
			t.Errorf("instance %+v, %v, %v", there, found, err)
		}
		if _, found, err := c.Instance(t.Context(), two); err != nil || found {
			t.Errorf("an account that was not named has an instance, %v", err)
		}
		if !hasRole(s, one) || hasRole(s, two) || hasRole(s, "222222222205") {
			t.Error("the role is not in the account, or in others too")
		}
		if err := c.Plant(t.Context(), "role-1", one, legacy); err != nil {
			t.Errorf("an operation that has ended, asked for again: %v", err)
		}

		// It goes again, and the role stays.
		if err := c.Release(t.Context(), "release-1", one, there.ParentID); err != nil {
			t.Fatal(err)
		}
		ended(t, c, "release-1", one)
		if all, err := c.Instances(t.Context()); err != nil || len(all) > 0 || !hasRole(s, one) {
			t.Errorf("instances %+v, %v; the role is there: %v", all, err, hasRole(s, one))
		}
		for range 2 {
			if err := c.Remove(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if all, err := c.Instances(t.Context()); err != nil || len(all) > 0 {
			t.Errorf("instances of no stack set: %+v, %v", all, err)
		}
		ready(t, c)
	})
}

func TestAnAccountInTheRoot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := landingZone(t, "")
		ready(t, c)
		if err := c.Plant(t.Context(), "role-1", "222222222299", root); err != nil {
			t.Fatal(err)
		}
		ended(t, c, "role-1", "222222222299")
		if !hasRole(s, "222222222299") || hasRole(s, one) {
			t.Error("the role is not in the account in the root, or in others too")
		}
	})
}

// An operation that ends well without reaching the account has not brought the role about.
func TestAnAccountThatHasMovedMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, c := landingZone(t, "")
		ready(t, c)
		if err := c.Plant(t.Context(), "role-1", one, "ou-ab12-12222222"); err != nil {
			t.Fatal(err)
		}
		o := ended(t, c, "role-1", one)
		if _, found, err := c.Instance(t.Context(), one); err != nil || found {
			t.Errorf("operation %+v, an instance: %v, %v", o, found, err)
		}
	})
}

func TestAnInstanceThatFailsSaysWhy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := landingZone(t, `[{"operation":"cloudformation.CreateStackInstances","nth":1,"times":1,"kind":"fail-instance","message":"a policy denies iam:CreateRole"}]`)
		ready(t, c)
		if err := c.Plant(t.Context(), "role-1", one, legacy); err != nil {
			t.Fatal(err)
		}
		o := ended(t, c, "role-1", one)
		there, found, err := c.Instance(t.Context(), one)
		if err != nil || !found || there.InPlace() || hasRole(s, one) {
			t.Errorf("operation %+v, instance %+v, %v", o, there, err)
		}
		if o.Status != "FAILED" || o.Reason+there.Reason == "" {
			t.Errorf("operation %+v, instance %+v: nothing says why", o, there)
		}
		// It is tried again with another operation.
		if err := c.Plant(t.Context(), "role-2", one, legacy); err != nil {
			t.Fatal(err)
		}
		if o := ended(t, c, "role-2", one); o.Status != "SUCCEEDED" || !hasRole(s, one) {
			t.Errorf("the second try: %+v", o)
		}
	})
}

func TestAStackSetThatIsNotOursIsRefused(t *testing.T) {
	t.Parallel()
	s, c := landingZone(t, "")
	_, err := cloudformation.NewFromConfig(awstest.Config(s.RoundTripper())).CreateStackSet(t.Context(), &cloudformation.CreateStackSetInput{
		StackSetName: aws.String(stacksets.Name), PermissionModel: types.PermissionModelsServiceManaged,
		AutoDeployment: &types.AutoDeployment{Enabled: aws.Bool(true), RetainStacksOnAccountRemoval: aws.Bool(false)},
		Capabilities:   []types.Capability{types.CapabilityCapabilityNamedIam},
		TemplateBody:   aws.String(`{"Resources":{"R":{"Type":"AWS::IAM::Role","Properties":{"AssumeRolePolicyDocument":{"Statement":[{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sts:AssumeRole"}]}}}}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Ready(t.Context()); awstest.Verdict(err) != "V2053" {
		t.Errorf("a stack set that deploys by itself: %v", err)
	}
}

// What broke: of two accounts that were enrolled at once, the one that came second to an empty look was refused.
func TestAStackSetThatSomebodyMadeAndUsedMeanwhileIsThere(t *testing.T) {
	t.Parallel()
	_, c := landingZone(t, `[{"operation":"cloudformation.DescribeStackSet","nth":2,"times":1,"kind":"error","code":"StackSetNotFoundException"}]`)
	ready(t, c)
	if err := c.Plant(t.Context(), "role-1", one, legacy); err != nil {
		t.Fatal(err)
	}
	ready(t, c)
}

func TestWithoutTrustedAccess(t *testing.T) {
	t.Parallel()
	s, c := landingZone(t, "")
	if _, err := cloudformation.NewFromConfig(awstest.Config(s.RoundTripper())).DeactivateOrganizationsAccess(t.Context(), &cloudformation.DeactivateOrganizationsAccessInput{}); err != nil {
		t.Fatal(err)
	}
	if access, err := c.TrustedAccess(t.Context()); err != nil || access != "DISABLED" {
		t.Errorf("trusted access is %q, %v", access, err)
	}
	if err := c.Ready(t.Context()); awstest.Verdict(err) != "V3014" {
		t.Errorf("without trusted access: %v", err)
	}
}
