package ssoadmin_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/sandbox/world"
	"github.com/vend-cli/vend/samples"
)

const account = "222222222201"

type box struct {
	*testing.T
	world  *world.World
	client *ssoadmin.Client
}

func start(t *testing.T, assumption string) *box {
	t.Helper()
	file := samples.LandingZone
	if assumption != "" {
		file = bytes.Replace(file, []byte(`"assumptions": {}`), fmt.Appendf(nil, `"assumptions": {%q: true}`, assumption), 1)
	}
	s, err := sandbox.New(sandbox.Options{World: file})
	if err != nil {
		t.Fatal(err)
	}
	return &box{t, s.World(), ssoadmin.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://sandbox.test"), HTTPClient: &http.Client{Transport: s.RoundTripper()},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
	})}
}

func inBubble(t *testing.T, f func(*testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, f)
}

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return fmt.Sprint(err)
}

func (b *box) set(name string) *string { return &b.world.IdentityCenter.PermissionSetNamed(name).ARN }

func (b *box) group(name string) *string { return &b.world.IdentityCenter.GroupNamed(name).ID }

func (b *box) input() *ssoadmin.CreateAccountAssignmentInput {
	return &ssoadmin.CreateAccountAssignmentInput{
		InstanceArn: &b.world.IdentityCenter.InstanceARN, TargetId: aws.String(account), TargetType: types.TargetTypeAwsAccount,
		PermissionSetArn: b.set("AWSReadOnlyAccess"), PrincipalType: types.PrincipalTypeGroup, PrincipalId: b.group("Auditors"),
	}
}

func (b *box) create(in *ssoadmin.CreateAccountAssignmentInput) (id string) {
	b.Helper()
	out, err := b.client.CreateAccountAssignment(b.Context(), in)
	if err != nil {
		b.Fatal(err)
	}
	if s := out.AccountAssignmentCreationStatus; s.Status != types.StatusValuesInProgress || *s.TargetId != *in.TargetId {
		b.Errorf("the first answer is %+v", s)
	}
	return *out.AccountAssignmentCreationStatus.RequestId
}

func (b *box) creation(id string) string {
	b.Helper()
	out, err := b.client.DescribeAccountAssignmentCreationStatus(b.Context(), &ssoadmin.DescribeAccountAssignmentCreationStatusInput{
		InstanceArn: &b.world.IdentityCenter.InstanceARN, AccountAssignmentCreationRequestId: &id,
	})
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(string(out.AccountAssignmentCreationStatus.Status) + " " + aws.ToString(out.AccountAssignmentCreationStatus.FailureReason))
}

func (b *box) assigned() int {
	b.Helper()
	in := b.input()
	out, err := b.client.ListAccountAssignments(b.Context(), &ssoadmin.ListAccountAssignmentsInput{
		InstanceArn: in.InstanceArn, AccountId: in.TargetId, PermissionSetArn: in.PermissionSetArn,
	})
	if err != nil {
		b.Fatal(err)
	}
	return len(out.AccountAssignments)
}

func TestAnAssignmentTakesItsTimeAndMayBeRepeated(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := start(t, "")
		for range 2 {
			id := b.create(b.input())
			time.Sleep(4 * time.Second)
			if got := b.creation(id); got != "IN_PROGRESS" {
				t.Errorf("after four seconds it is %s", got)
			}
			time.Sleep(2 * time.Second)
			if got := b.creation(id); got != "SUCCEEDED" {
				t.Errorf("after six seconds it is %s", got)
			}
		}
		if n := b.assigned(); n != 1 {
			t.Errorf("there are %d assignments, want 1", n)
		}
	})
}

func TestAssignmentsFailLate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*box, *ssoadmin.CreateAccountAssignmentInput)
		want   string
	}{
		"into a suspended account": {
			func(_ *box, in *ssoadmin.CreateAccountAssignmentInput) { in.TargetId = aws.String("222222222301") },
			"FAILED AWS SSO is unable to complete your request at this time. Obtaining permissions to manage your AWS account " +
				"'222222222301' takes longer than usual. Please try again in a few minutes.",
		},
		"into the management account": {
			func(_ *box, in *ssoadmin.CreateAccountAssignmentInput) { in.TargetId = aws.String("111111111111") },
			"FAILED Received a 403 status error: Access denied by IAM. Not authorized to perform: iam:ListRolePolicies on resource: role " +
				"AWSReservedSSO_AWSReadOnlyAccess",
		},
		"into the management account, where that is allowed": {
			func(b *box, in *ssoadmin.CreateAccountAssignmentInput) {
				in.TargetId, b.world.IdentityCenter.Management = aws.String("111111111111"), true
			}, "SUCCEEDED",
		},
		"to a user that there is not": {
			func(_ *box, in *ssoadmin.CreateAccountAssignmentInput) {
				in.PrincipalType, in.PrincipalId = types.PrincipalTypeUser, aws.String("00000000-0000-0000-0000-000000000000")
			},
			"FAILED Received a 404 status error: the USER assignee 00000000-0000-0000-0000-000000000000 was not found in directory d-",
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				b := start(t, "")
				in := b.input()
				test.change(b, in)
				id := b.create(in)
				time.Sleep(10 * time.Second)
				if got := b.creation(id); !strings.HasPrefix(got, test.want) {
					t.Errorf("got  %s\nwant %s", got, test.want)
				}
			})
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change     func(*box, *ssoadmin.CreateAccountAssignmentInput)
		assumption string
		want       string
	}{
		"the same once more": {func(*box, *ssoadmin.CreateAccountAssignmentInput) {}, "", "ConflictException"},
		"another set in the same account": {func(b *box, in *ssoadmin.CreateAccountAssignmentInput) {
			in.PermissionSetArn = b.set("AdministratorAccess")
		}, "", "<nil>"},
		"another set in the same account, where that conflicts": {func(b *box, in *ssoadmin.CreateAccountAssignmentInput) {
			in.PermissionSetArn = b.set("AdministratorAccess")
		}, "assignment-conflict-scope", "ConflictException"},
		"an unknown permission set": {func(_ *box, in *ssoadmin.CreateAccountAssignmentInput) {
			in.PermissionSetArn = aws.String(strings.Replace(*in.InstanceArn, ":instance/", ":permissionSet/", 1) + "/ps-0000000000000000")
		}, "", "ResourceNotFoundException"},
		"a bad principal id": {func(_ *box, in *ssoadmin.CreateAccountAssignmentInput) {
			in.PrincipalId = aws.String("Auditors")
		}, "", "ValidationException"},
		"an account of somebody else": {func(_ *box, in *ssoadmin.CreateAccountAssignmentInput) {
			in.TargetId = aws.String("999999999999")
		}, "", "ResourceNotFoundException"},
		"an account of somebody else, where that shows late": {func(_ *box, in *ssoadmin.CreateAccountAssignmentInput) {
			in.TargetId = aws.String("999999999999")
		}, "unknown-target-account", "<nil>"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				b := start(t, test.assumption)
				b.create(b.input())
				in := b.input()
				test.change(b, in)
				_, err := b.client.CreateAccountAssignment(t.Context(), in)
				if got := code(err); got != test.want {
					t.Errorf("got %s, want %s", got, test.want)
				}
			})
		})
	}
}

func TestOutstandingAssignmentsAreLimited(t *testing.T) {
	t.Parallel()
	for assumption, want := range map[string]string{
		"": "ThrottlingException", "assignment-limit-code": "ServiceQuotaExceededException", "assignment-limit-conflict": "ConflictException",
	} {
		t.Run(want, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				b := start(t, assumption)
				var created int
				var refused error
				for _, a := range b.world.Accounts() {
					in := b.input()
					in.TargetId = &a.ID
					if _, err := b.client.CreateAccountAssignment(t.Context(), in); err != nil {
						refused = err
						break
					}
					created++
				}
				if got := code(refused); created != 10 || got != want {
					t.Errorf("%d were accepted, then %s; want 10, then %s", created, got, want)
				}
			})
		})
	}
}

func TestDeletion(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := start(t, "")
		b.create(b.input())
		time.Sleep(10 * time.Second)
		in := b.input()
		out, err := b.client.DeleteAccountAssignment(t.Context(), &ssoadmin.DeleteAccountAssignmentInput{
			InstanceArn: in.InstanceArn, TargetId: in.TargetId, TargetType: in.TargetType, PermissionSetArn: in.PermissionSetArn,
			PrincipalType: in.PrincipalType, PrincipalId: in.PrincipalId,
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		status, err := b.client.DescribeAccountAssignmentDeletionStatus(t.Context(), &ssoadmin.DescribeAccountAssignmentDeletionStatusInput{
			InstanceArn: in.InstanceArn, AccountAssignmentDeletionRequestId: out.AccountAssignmentDeletionStatus.RequestId,
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := b.assigned(); n != 0 || status.AccountAssignmentDeletionStatus.Status != types.StatusValuesSucceeded {
			t.Errorf("the deletion is %s, and %d assignments are left", status.AccountAssignmentDeletionStatus.Status, n)
		}
	})
}

func (b *box) remove(account string) error {
	b.Helper()
	in := b.input()
	_, err := b.client.DeleteAccountAssignment(b.Context(), &ssoadmin.DeleteAccountAssignmentInput{
		InstanceArn: in.InstanceArn, TargetId: &account, TargetType: in.TargetType, PermissionSetArn: in.PermissionSetArn,
		PrincipalType: in.PrincipalType, PrincipalId: in.PrincipalId,
	})
	return err
}

func TestDeletionsThatNobodyHasVerified(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for assumption, want := range map[string]string{"": "<nil>", "delete-missing-assignment": "ResourceNotFoundException"} {
			if got := code(start(t, assumption).remove(account)); got != want {
				t.Errorf("deleting what is not there: got %s, want %s", got, want)
			}
		}
		for assumption, want := range map[string]string{"": "<nil>", "assignment-deletions-share-pool": "ThrottlingException"} {
			b := start(t, assumption)
			for _, a := range b.world.Accounts()[:10] {
				in := b.input()
				in.TargetId = &a.ID
				b.create(in)
			}
			if got := code(b.remove(b.world.Accounts()[10].ID)); got != want {
				t.Errorf("deleting beside ten creations: got %s, want %s", got, want)
			}
		}
	})
}

func TestAChangedPermissionSetIsProvisionedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := start(t, "")
		instance, set := &b.world.IdentityCenter.InstanceARN, b.set("AWSReadOnlyAccess")
		_, err := b.client.PutInlinePolicyToPermissionSet(t.Context(), &ssoadmin.PutInlinePolicyToPermissionSetInput{
			InstanceArn: instance, PermissionSetArn: set, InlinePolicy: aws.String("{}"),
		})
		if err != nil {
			t.Fatal(err)
		}
		outdated := func() []string {
			out, err := b.client.ListAccountsForProvisionedPermissionSet(t.Context(), &ssoadmin.ListAccountsForProvisionedPermissionSetInput{
				InstanceArn: instance, PermissionSetArn: set, ProvisioningStatus: types.ProvisioningStatusLatestPermissionSetNotProvisioned,
			})
			if err != nil {
				t.Fatal(err)
			}
			return out.AccountIds
		}
		if diff := cmp.Diff([]string{"222222222111", "222222222112"}, outdated()); diff != "" {
			t.Errorf("accounts with the old permission set (-want +got):\n%s", diff)
		}
		out, err := b.client.ProvisionPermissionSet(t.Context(), &ssoadmin.ProvisionPermissionSetInput{
			InstanceArn: instance, PermissionSetArn: set, TargetType: types.ProvisionTargetTypeAllProvisionedAccounts,
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		status, err := b.client.DescribePermissionSetProvisioningStatus(t.Context(), &ssoadmin.DescribePermissionSetProvisioningStatusInput{
			InstanceArn: instance, ProvisionPermissionSetRequestId: out.PermissionSetProvisioningStatus.RequestId,
		})
		if err != nil {
			t.Fatal(err)
		}
		if s := status.PermissionSetProvisioningStatus.Status; s != types.StatusValuesSucceeded || len(outdated()) != 0 {
			t.Errorf("the provisioning is %s, and %v are left", s, outdated())
		}
	})
}

func TestPermissionSets(t *testing.T) {
	t.Parallel()
	b := start(t, "")
	instance := &b.world.IdentityCenter.InstanceARN
	created, err := b.client.CreatePermissionSet(t.Context(), &ssoadmin.CreatePermissionSetInput{
		InstanceArn: instance, Name: aws.String("Billing"), Description: aws.String("who pays"),
		Tags: []types.Tag{{Key: aws.String("managed-by"), Value: aws.String("vend")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	set := created.PermissionSet.PermissionSetArn
	if *created.PermissionSet.SessionDuration != "PT1H" {
		t.Errorf("a session lasts %s", *created.PermissionSet.SessionDuration)
	}
	for name, test := range map[string]struct {
		call func() error
		want string
	}{
		"a name in use": {func() error {
			_, err := b.client.CreatePermissionSet(t.Context(), &ssoadmin.CreatePermissionSetInput{InstanceArn: instance, Name: aws.String("AdministratorAccess")})
			return err
		}, "ConflictException"},
		"a name that is too long": {func() error {
			_, err := b.client.CreatePermissionSet(t.Context(), &ssoadmin.CreatePermissionSetInput{
				InstanceArn: instance, Name: aws.String(strings.Repeat("a", 33)),
			})
			return err
		}, "ValidationException"},
		"deleting one that somebody has": {func() error {
			_, err := b.client.DeletePermissionSet(t.Context(), &ssoadmin.DeletePermissionSetInput{
				InstanceArn: instance, PermissionSetArn: b.set("AWSReadOnlyAccess"),
			})
			return err
		}, "ConflictException"},
		"attaching a policy twice": {func() error {
			_, err := b.client.AttachManagedPolicyToPermissionSet(t.Context(), &ssoadmin.AttachManagedPolicyToPermissionSetInput{
				InstanceArn: instance, PermissionSetArn: b.set("AdministratorAccess"),
				ManagedPolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess"),
			})
			return err
		}, "ConflictException"},
	} {
		if got := code(test.call()); got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
	tags, err := b.client.ListTagsForResource(t.Context(), &ssoadmin.ListTagsForResourceInput{InstanceArn: instance, ResourceArn: set})
	if err != nil || len(tags.Tags) != 1 || *tags.Tags[0].Value != "vend" {
		t.Errorf("tags: %v %v", tags, err)
	}
	if _, err := b.client.DeletePermissionSet(t.Context(), &ssoadmin.DeletePermissionSetInput{InstanceArn: instance, PermissionSetArn: set}); err != nil {
		t.Error(err)
	}
}
