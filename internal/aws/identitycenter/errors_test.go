package identitycenter_test

import (
	"errors"
	"testing"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/identitycenter"
	"github.com/vend-cli/vend/internal/directory"
)

// identityCenter is what each exception means when something is read. Both services model the same ones.
func identityCenter(changes map[string]string) map[string]string {
	table := map[string]string{
		"ConflictException": "wait", "ThrottlingException": "wait", "ServiceQuotaExceededException": "wait",
		"AccessDeniedException":   "V3002 pause",
		"InternalServerException": "again", "ResourceNotFoundException": "again", "ValidationException": "again",
		"ExpiredTokenException": "again", "SomethingNew": "again",
	}
	for code, verdict := range changes {
		table[code] = verdict
	}
	return table
}

// instanceOf answers as an instance does that has one permission set, but for the one operation.
func instanceOf(failing string, transport *awstest.Transport) *awstest.Transport {
	const set = "arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-1234567890abcdef"
	return &awstest.Transport{Answer: func(operation string, in map[string]any) (any, error) {
		switch operation {
		case failing:
			return transport.Answer(operation, in)
		case "ListInstances":
			return map[string]any{"Instances": []any{map[string]any{"InstanceArn": "arn:aws:sso:::instance/ssoins-1234567890abcdef", "IdentityStoreId": "d-1234567890"}}}, nil
		case "ListPermissionSets":
			return map[string]any{"PermissionSets": []string{set}}, nil
		case "DescribePermissionSet":
			return map[string]any{"PermissionSet": map[string]any{"Name": "ReadOnly"}}, nil
		}
		return map[string]any{}, nil
	}}
}

func TestErrorsAreJudged(t *testing.T) {
	t.Parallel()
	assignment := account.Assignment{PermissionSet: "ReadOnly", PermissionSetARN: "arn:s", PrincipalType: account.GroupPrincipal, PrincipalID: "g"}
	unknown := map[string]string{"ResourceNotFoundException": "V2022", "ValidationException": "V2022"}
	nobody := map[string]string{"ResourceNotFoundException": "fine", "ValidationException": "fine"}
	byName := func(kind account.PrincipalType) func(*testing.T, *identitycenter.Client) error {
		return func(t *testing.T, c *identitycenter.Client) error {
			_, err := c.Principal(t.Context(), kind, "Auditors")
			if missing := (*directory.UnknownPrincipal)(nil); errors.As(err, &missing) {
				return nil
			}
			return err
		}
	}
	byID := func(kind account.PrincipalType) func(*testing.T, *identitycenter.Client) error {
		return func(t *testing.T, c *identitycenter.Client) error {
			_, err := c.PrincipalByID(t.Context(), kind, "12345678-1234-1234-1234-123456789012")
			return err
		}
	}
	permissionSet := func(t *testing.T, c *identitycenter.Client) error {
		_, err := c.PermissionSet(t.Context(), "ReadOnly")
		if missing := (*directory.UnknownPermissionSet)(nil); errors.As(err, &missing) {
			return nil
		}
		return err
	}
	grants := func(scope identitycenter.Scope) func(*testing.T, *identitycenter.Client) error {
		return func(t *testing.T, c *identitycenter.Client) error {
			_, _, err := c.Grants(t.Context(), scope)
			return err
		}
	}
	for operation, test := range map[string]struct {
		service string
		changes map[string]string
		call    func(*testing.T, *identitycenter.Client) error
	}{
		"ListInstances": {"ssoadmin", nil, func(t *testing.T, c *identitycenter.Client) error {
			_, _, err := c.Instance(t.Context())
			return err
		}},
		"ListPermissionSets": {
			"ssoadmin", map[string]string{"ResourceNotFoundException": "V3009 pause", "ValidationException": "V3009 pause"}, permissionSet,
		},
		"DescribePermissionSet": {"ssoadmin", map[string]string{"ResourceNotFoundException": "fine"}, permissionSet},
		"ListAccountAssignments": {"ssoadmin", unknown, func(t *testing.T, c *identitycenter.Client) error {
			_, err := c.Assigned(t.Context(), "222222222201", "arn:s")
			return err
		}},
		"CreateAccountAssignment": {"ssoadmin", unknown, func(t *testing.T, c *identitycenter.Client) error {
			_, _, err := c.Assign(t.Context(), "222222222201", assignment)
			return err
		}},
		"DescribeAccountAssignmentCreationStatus": {
			"ssoadmin", map[string]string{"ResourceNotFoundException": "fine"}, func(t *testing.T, c *identitycenter.Client) error {
				_, _, err := c.Status(t.Context(), "12345678-1234-1234-1234-123456789012")
				return err
			},
		},
		"DeleteAccountAssignment": {"ssoadmin", unknown, func(t *testing.T, c *identitycenter.Client) error {
			_, _, err := c.Unassign(t.Context(), directory.Grant{AccountID: "222222222201", PermissionSetARN: "arn:s", PrincipalType: account.GroupPrincipal, PrincipalID: "g"})
			return err
		}},
		"DescribeAccountAssignmentDeletionStatus": {
			"ssoadmin", map[string]string{"ResourceNotFoundException": "fine"}, func(t *testing.T, c *identitycenter.Client) error {
				_, _, err := c.UnassignStatus(t.Context(), "12345678-1234-1234-1234-123456789012")
				return err
			},
		},
		"ListAccountsForProvisionedPermissionSet": {
			"ssoadmin", map[string]string{"ResourceNotFoundException": "fine"}, grants(identitycenter.Scope{PermissionSets: []string{"arn:s"}}),
		},
		"ListPermissionSetsProvisionedToAccount": {
			"ssoadmin", nil, grants(identitycenter.Scope{Accounts: []string{"222222222201"}, PermissionSets: []string{"arn:s", "arn:t"}}),
		},
		"ListAccountAssignmentsForPrincipal": {
			"ssoadmin",
			map[string]string{"ResourceNotFoundException": "fine", "AccessDeniedException": "fine"},
			grants(identitycenter.Scope{Holders: []directory.Holder{{Type: account.GroupPrincipal, ID: "g"}}}),
		},
		"GetGroupId":    {"identitystore", nobody, byName(account.GroupPrincipal)},
		"GetUserId":     {"identitystore", nobody, byName(account.UserPrincipal)},
		"DescribeGroup": {"identitystore", nobody, byID(account.GroupPrincipal)},
		"DescribeUser":  {"identitystore", nobody, byID(account.UserPrincipal)},
	} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			awstest.Judged(t, test.service, identityCenter(test.changes), func(t *testing.T, transport *awstest.Transport) error {
				answering := instanceOf(operation, transport)
				err := test.call(t, identitycenter.New(awstest.Config(answering), identitycenter.Options{CallsPerSecond: 1e6}))
				if n := answering.Calls(operation); n != 1 {
					t.Errorf("%d attempts, want one", n)
				}
				return err
			})
		})
	}
}

// The same code says that the caller may not and that a delegated administrator may not, about this permission set.
func TestWhoIsDenied(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		"User: arn:aws:sts::111111111111:assumed-role/ci/run is not authorized to perform: sso:CreateAccountAssignment on resource: arn:aws:sso:::instance/ssoins-1": "V3002 pause",
		"The operation can only be successfully performed by someone who has management account privileges":                                                          "V2022",
	} {
		transport := instanceOf("CreateAccountAssignment", awstest.Always(&awstest.Error{Code: "AccessDeniedException", Message: message}))
		_, _, err := identitycenter.New(awstest.Config(transport), identitycenter.Options{}).Assign(t.Context(), "222222222201", account.Assignment{
			PermissionSetARN: "arn:s", PrincipalType: account.GroupPrincipal, PrincipalID: "g",
		})
		if got := awstest.Verdict(err); got != want {
			t.Errorf("%q is judged %q, want %q", message, got, want)
		}
	}
}

// The reasons of assignments that FAILED, as they were seen.
func TestJudgeFailure(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]string{
		"": "again",
		"An unexpected internal service exception was encountered": "again",
		"AWS SSO is unable to complete your request at this time. Obtaining permissions to manage your AWS account '222222222201' takes longer than usual. Please try again in a few minutes.": "again",
		"Received a 404 status error: the USER assignee 1234 was not found in directory d-1234567890":                                                                                          "V2021",
		"Received a 403 status error: Access denied by IAM. User is not authorized to perform: iam:ListRolePolicies on resource: role AWSReservedSSO_AdministratorAccess_1":                    "V2022",
		"Something else": "V2022",
	} {
		if got := awstest.Verdict(identitycenter.JudgeFailure(reason)); got != want {
			t.Errorf("%q is judged %q, want %q", reason, got, want)
		}
	}
}
