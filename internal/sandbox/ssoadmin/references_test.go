package ssoadmin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox/world"
)

func TestPoliciesThatAccountsHaveOfTheirOwn(t *testing.T) {
	t.Parallel()
	b := start(t, "")
	ctx, instance, set := t.Context(), &b.world.IdentityCenter.InstanceARN, b.set("AdministratorAccess")
	attach := func(name string, path *string) error {
		_, err := b.client.AttachCustomerManagedPolicyReferenceToPermissionSet(ctx, &ssoadmin.AttachCustomerManagedPolicyReferenceToPermissionSetInput{
			InstanceArn: instance, PermissionSetArn: set,
			CustomerManagedPolicyReference: &types.CustomerManagedPolicyReference{Name: &name, Path: path},
		})
		return err
	}
	detach := func(name string) error {
		_, err := b.client.DetachCustomerManagedPolicyReferenceFromPermissionSet(ctx, &ssoadmin.DetachCustomerManagedPolicyReferenceFromPermissionSetInput{
			InstanceArn: instance, PermissionSetArn: set,
			CustomerManagedPolicyReference: &types.CustomerManagedPolicyReference{Name: &name, Path: aws.String("/")},
		})
		return err
	}
	for _, step := range []struct {
		does string
		err  error
		want string
	}{
		{"attach", attach("Team", nil), "<nil>"},
		{"attach another path", attach("Team", aws.String("/team/")), "<nil>"},
		{"attach the same", attach("Team", aws.String("/")), "ConflictException"},
		{"attach under no path", attach("Team", aws.String("team")), "ValidationException"},
		{"detach", detach("Team"), "<nil>"},
		{"detach once more", detach("Team"), "ResourceNotFoundException"},
	} {
		if got := code(step.err); got != step.want {
			t.Errorf("%s: got %s, want %s", step.does, got, step.want)
		}
	}
	listed := must(b.client.ListCustomerManagedPolicyReferencesInPermissionSet(ctx, &ssoadmin.ListCustomerManagedPolicyReferencesInPermissionSetInput{
		InstanceArn: instance, PermissionSetArn: set,
	}))(t).CustomerManagedPolicyReferences
	if len(listed) != 1 || *listed[0].Path != "/team/" {
		t.Errorf("left are %+v", listed)
	}
}

func TestAPermissionsBoundary(t *testing.T) {
	t.Parallel()
	b := start(t, "")
	ctx, instance, set := t.Context(), &b.world.IdentityCenter.InstanceARN, b.set("AdministratorAccess")
	put := func(boundary *types.PermissionsBoundary) error {
		_, err := b.client.PutPermissionsBoundaryToPermissionSet(ctx, &ssoadmin.PutPermissionsBoundaryToPermissionSetInput{
			InstanceArn: instance, PermissionSetArn: set, PermissionsBoundary: boundary,
		})
		return err
	}
	remove := func() error {
		_, err := b.client.DeletePermissionsBoundaryFromPermissionSet(ctx, &ssoadmin.DeletePermissionsBoundaryFromPermissionSetInput{
			InstanceArn: instance, PermissionSetArn: set,
		})
		return err
	}
	shown := func() *types.PermissionsBoundary {
		out, err := b.client.GetPermissionsBoundaryForPermissionSet(ctx, &ssoadmin.GetPermissionsBoundaryForPermissionSetInput{
			InstanceArn: instance, PermissionSetArn: set,
		})
		if code(err) == "ResourceNotFoundException" {
			return nil
		}
		if err != nil {
			t.Fatal(err)
		}
		return out.PermissionsBoundary
	}
	own := &types.CustomerManagedPolicyReference{Name: aws.String("Limit")}
	if b := shown(); b != nil {
		t.Errorf("at first there is %+v", b)
	}
	if got := code(put(&types.PermissionsBoundary{ManagedPolicyArn: aws.String("arn:aws:iam::aws:policy/ReadOnlyAccess"), CustomerManagedPolicyReference: own})); got != "ValidationException" {
		t.Errorf("both at once: %s", got)
	}
	if err := put(&types.PermissionsBoundary{CustomerManagedPolicyReference: own}); err != nil {
		t.Fatal(err)
	}
	if b := shown(); b == nil || aws.ToString(b.CustomerManagedPolicyReference.Path) != "/" {
		t.Errorf("then there is %+v", b)
	}
	if err := put(&types.PermissionsBoundary{ManagedPolicyArn: aws.String("arn:aws:iam::aws:policy/ReadOnlyAccess")}); err != nil {
		t.Fatal(err)
	}
	if b := shown(); b == nil || b.CustomerManagedPolicyReference != nil {
		t.Errorf("the other one replaces it: %+v", b)
	}
	if first, second := code(remove()), code(remove()); first != "<nil>" || second != "ResourceNotFoundException" {
		t.Errorf("taken away twice: %s, %s", first, second)
	}
}

func TestWhatAPermissionSetMayBeMadeWith(t *testing.T) {
	t.Parallel()
	many := make([]types.Tag, 51)
	for i := range many {
		many[i] = types.Tag{Key: aws.String(strings.Repeat("k", i+1)), Value: aws.String("")}
	}
	for name, test := range map[string]struct {
		change func(*ssoadmin.CreatePermissionSetInput)
		want   string
	}{
		"hours":                    {func(in *ssoadmin.CreatePermissionSetInput) { in.SessionDuration = aws.String("PT12H") }, "<nil>"},
		"minutes":                  {func(in *ssoadmin.CreatePermissionSetInput) { in.SessionDuration = aws.String("PT90M") }, "<nil>"},
		"less than an hour":        {func(in *ssoadmin.CreatePermissionSetInput) { in.SessionDuration = aws.String("PT59M") }, "ValidationException"},
		"more than twelve hours":   {func(in *ssoadmin.CreatePermissionSetInput) { in.SessionDuration = aws.String("PT13H") }, "ValidationException"},
		"no duration":              {func(in *ssoadmin.CreatePermissionSetInput) { in.SessionDuration = aws.String("8h") }, "ValidationException"},
		"a Greek description":      {func(in *ssoadmin.CreatePermissionSetInput) { in.Description = aws.String("Ελλάδα") }, "ValidationException"},
		"a relay state":            {func(in *ssoadmin.CreatePermissionSetInput) { in.RelayState = aws.String("https://example.com/ec2?a=b") }, "<nil>"},
		"a relay state of letters": {func(in *ssoadmin.CreatePermissionSetInput) { in.RelayState = aws.String("é") }, "ValidationException"},
		"a tag of AWS's own": {func(in *ssoadmin.CreatePermissionSetInput) {
			in.Tags = []types.Tag{{Key: aws.String("aws:x"), Value: aws.String("")}}
		}, "ValidationException"},
		"too many tags": {func(in *ssoadmin.CreatePermissionSetInput) { in.Tags = many }, "ServiceQuotaExceededException"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t, "")
			in := &ssoadmin.CreatePermissionSetInput{InstanceArn: &b.world.IdentityCenter.InstanceARN, Name: aws.String("New")}
			test.change(in)
			if _, err := b.client.CreatePermissionSet(t.Context(), in); code(err) != test.want {
				t.Errorf("got %s, want %s", code(err), test.want)
			}
		})
	}
}

func TestUpdatingTakesTheRelayStateAway(t *testing.T) {
	t.Parallel()
	for assumption, want := range map[string]string{"": "", "update-keeps-relay-state": "https://example.com"} {
		b := start(t, assumption)
		instance, set := &b.world.IdentityCenter.InstanceARN, b.set("AdministratorAccess")
		b.world.IdentityCenter.PermissionSet(*set).RelayState = "https://example.com"
		if _, err := b.client.UpdatePermissionSet(t.Context(), &ssoadmin.UpdatePermissionSetInput{
			InstanceArn: instance, PermissionSetArn: set, SessionDuration: aws.String("PT2H"),
		}); err != nil {
			t.Fatal(err)
		}
		if got := b.world.IdentityCenter.PermissionSet(*set).RelayState; got != want {
			t.Errorf("with %q it is %q, want %q", assumption, got, want)
		}
	}
}

func TestInlinePolicies(t *testing.T) {
	t.Parallel()
	b := start(t, "")
	for name, test := range map[string]struct{ policy, want string }{
		"no JSON":          {"Allow", "ValidationException"},
		"many blanks":      {`{` + strings.Repeat(" ", 20000) + `}`, "<nil>"},
		"too much in it":   {`{"a":"` + strings.Repeat("x", 10240) + `"}`, "ServiceQuotaExceededException"},
		"too long a text":  {strings.Repeat(" ", 32768) + `{}`, "ValidationException"},
		"strange letters":  {`{"a":"Ω"}`, "ValidationException"},
		"nothing but `{}`": {`{}`, "<nil>"},
	} {
		_, err := b.client.PutInlinePolicyToPermissionSet(t.Context(), &ssoadmin.PutInlinePolicyToPermissionSetInput{
			InstanceArn: &b.world.IdentityCenter.InstanceARN, PermissionSetArn: b.set("AdministratorAccess"), InlinePolicy: &test.policy,
		})
		if got := code(err); got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
}

// provision provisions AWSReadOnlyAccess everywhere, and says how that ended.
func (b *box) provision() string {
	b.Helper()
	instance := &b.world.IdentityCenter.InstanceARN
	out := must(b.client.ProvisionPermissionSet(b.Context(), &ssoadmin.ProvisionPermissionSetInput{
		InstanceArn: instance, PermissionSetArn: b.set("AWSReadOnlyAccess"), TargetType: types.ProvisionTargetTypeAllProvisionedAccounts,
	}))(b.T)
	time.Sleep(10 * time.Second)
	id := out.PermissionSetProvisioningStatus.RequestId
	s := must(b.client.DescribePermissionSetProvisioningStatus(b.Context(), &ssoadmin.DescribePermissionSetProvisioningStatusInput{
		InstanceArn: instance, ProvisionPermissionSetRequestId: id,
	}))(b.T).PermissionSetProvisioningStatus
	listed := must(b.client.ListPermissionSetProvisioningStatus(b.Context(), &ssoadmin.ListPermissionSetProvisioningStatusInput{
		InstanceArn: instance, Filter: &types.OperationStatusFilter{Status: s.Status},
	}))(b.T).PermissionSetsProvisioningStatus
	if len(listed) == 0 || *listed[0].RequestId != *id {
		b.Errorf("listed are %+v", listed)
	}
	return strings.TrimSpace(string(s.Status) + " " + aws.ToString(s.FailureReason))
}

func TestProvisioningFailsWhereAnAccountLacksThePolicy(t *testing.T) {
	t.Parallel()
	for assumption, want := range map[string]string{
		"":                               "FAILED Received a 404 status error: Policy arn:aws:iam::222222222111:policy/team/Limit does not exist or is not attachable.",
		"provision-all-succeeds-in-part": "SUCCEEDED",
	} {
		t.Run(want[:6], func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				b := start(t, assumption)
				ic := b.world.IdentityCenter
				b.world.Account("222222222112").Policies = []string{"/team/Limit"}
				set := ic.PermissionSetNamed("AWSReadOnlyAccess")
				set.Boundary = &world.Boundary{CustomerPolicy: &world.PolicyReference{Name: "Limit", Path: "/team/"}}
				ic.Change(set)
				if got := b.provision(); got != want {
					t.Errorf("got  %s\nwant %s", got, want)
				}
				if diff := cmp.Diff([]string{"222222222111"}, set.Outdated); diff != "" {
					t.Errorf("accounts with the old permission set (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestAChangeWhileThePermissionSetIsProvisioned(t *testing.T) {
	t.Parallel()
	for assumption, want := range map[string]string{"": "<nil>", "change-while-provisioning": "ConflictException"} {
		t.Run(want, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				b := start(t, assumption)
				instance, set := &b.world.IdentityCenter.InstanceARN, b.set("AWSReadOnlyAccess")
				must(b.client.ProvisionPermissionSet(t.Context(), &ssoadmin.ProvisionPermissionSetInput{
					InstanceArn: instance, PermissionSetArn: set, TargetType: types.ProvisionTargetTypeAllProvisionedAccounts,
				}))(t)
				_, err := b.client.UpdatePermissionSet(t.Context(), &ssoadmin.UpdatePermissionSetInput{
					InstanceArn: instance, PermissionSetArn: set, Description: aws.String("d"),
				})
				if got := code(err); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
				time.Sleep(10 * time.Second)
				outdated := b.world.IdentityCenter.PermissionSet(*set).Outdated
				if provisioned := len(outdated) == 0; provisioned != (err != nil) {
					t.Errorf("afterwards %v have the old permission set", outdated)
				}
			})
		})
	}
}
