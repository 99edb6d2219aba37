package identitycenter_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/identitycenter"
	"github.com/vend-cli/vend/internal/permissionset"
)

const auditARN = "arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-1234567890abcdef"

// center answers as an instance does that has one permission set, which two accounts have, one of them an older one; but
// for the one operation.
func center(failing string, transport *awstest.Transport) *awstest.Transport {
	status := map[string]any{"PermissionSetProvisioningStatus": map[string]any{"Status": "SUCCEEDED", "RequestId": "12345678-1234-1234-1234-123456789012"}}
	answers := map[string]any{
		"ListInstances": map[string]any{"Instances": []any{map[string]any{
			"InstanceArn": "arn:aws:sso:::instance/ssoins-1234567890abcdef", "IdentityStoreId": "d-1234567890",
		}}},
		"ListPermissionSets":                      map[string]any{"PermissionSets": []string{auditARN}},
		"DescribePermissionSet":                   map[string]any{"PermissionSet": map[string]any{"Name": "Audit", "SessionDuration": "PT1H"}},
		"CreatePermissionSet":                     map[string]any{"PermissionSet": map[string]any{"PermissionSetArn": auditARN}},
		"ProvisionPermissionSet":                  status,
		"DescribePermissionSetProvisioningStatus": status,
	}
	switch failing { // what is to be taken away is there, however often one looks
	case "DetachManagedPolicyFromPermissionSet":
		answers["ListManagedPoliciesInPermissionSet"] = map[string]any{"AttachedManagedPolicies": []any{map[string]any{"Arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}}
	case "DetachCustomerManagedPolicyReferenceFromPermissionSet":
		answers["ListCustomerManagedPolicyReferencesInPermissionSet"] = map[string]any{"CustomerManagedPolicyReferences": []any{map[string]any{"Name": "Own"}}}
	case "DeleteInlinePolicyFromPermissionSet":
		answers["GetInlinePolicyForPermissionSet"] = map[string]any{"InlinePolicy": `{"Statement":[]}`}
	case "DeletePermissionsBoundaryFromPermissionSet":
		answers["GetPermissionsBoundaryForPermissionSet"] = map[string]any{"PermissionsBoundary": map[string]any{"ManagedPolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}
	case "UntagResource":
		answers["ListTagsForResource"] = map[string]any{"Tags": []any{map[string]any{"Key": "a", "Value": "b"}}}
	}
	return &awstest.Transport{Answer: func(operation string, in map[string]any) (any, error) {
		if operation == failing {
			return transport.Answer(operation, in)
		}
		if answer, ok := answers[operation]; ok {
			return answer, nil
		}
		if operation == "ListAccountsForProvisionedPermissionSet" && failing != "DeletePermissionSet" {
			return map[string]any{"AccountIds": []string{"222222222111"}}, nil
		}
		return map[string]any{}, nil
	}}
}

// changed is a permission set that differs from the one of center in one member.
func changed(change func(*permissionset.Set)) func(*testing.T, *identitycenter.Client) error {
	return func(t *testing.T, c *identitycenter.Client) error {
		want := permissionset.Set{Name: "Audit", Session: time.Hour}
		change(&want)
		_, err := c.Bring(t.Context(), permissionset.Set{ARN: auditARN, Name: "Audit", Session: time.Hour}, want)
		return err
	}
}

// unchanged is one that lacks what center's has.
func unchanged(change func(*permissionset.Set)) func(*testing.T, *identitycenter.Client) error {
	return func(t *testing.T, c *identitycenter.Client) error {
		have := permissionset.Set{ARN: auditARN, Name: "Audit", Session: time.Hour}
		change(&have)
		_, err := c.Bring(t.Context(), have, permissionset.Set{Name: "Audit", Session: time.Hour})
		return err
	}
}

func TestErrorsAboutPermissionSetsAreJudged(t *testing.T) {
	withoutRacing(t)
	t.Parallel()
	read := func(t *testing.T, c *identitycenter.Client) error {
		_, err := c.PermissionSets(t.Context())
		return err
	}
	provision := func(t *testing.T, c *identitycenter.Client) error {
		_, err := c.Provision(t.Context(), auditARN)
		return err
	}
	policy := func(s *permissionset.Set) { s.Managed = []string{"ReadOnlyAccess"} }
	own := func(s *permissionset.Set) { s.Customer = []permissionset.Policy{{Path: "/", Name: "Own"}} }
	inline := func(s *permissionset.Set) { s.Inline = `{"Statement":[]}` }
	limit := func(s *permissionset.Set) { s.Boundary.Managed = "ReadOnlyAccess" }
	tags := func(s *permissionset.Set) { s.Tags = map[string]string{"a": "b"} }

	refused := map[string]string{"ResourceNotFoundException": "V2040", "ValidationException": "V2040", "ServiceQuotaExceededException": "V2040"}
	gone := map[string]string{"ResourceNotFoundException": "fine"} // it was deleted meanwhile, or is none
	for operation, test := range map[string]struct {
		changes map[string]string
		call    func(*testing.T, *identitycenter.Client) error
	}{
		"TagResource":            {refused, changed(tags)},
		"UntagResource":          {refused, unchanged(tags)},
		"ListTagsForResource":    {gone, read},
		"ProvisionPermissionSet": {refused, provision},

		"PutInlinePolicyToPermissionSet":                        {refused, changed(inline)},
		"GetInlinePolicyForPermissionSet":                       {gone, read},
		"ListManagedPoliciesInPermissionSet":                    {gone, read},
		"AttachManagedPolicyToPermissionSet":                    {refused, changed(policy)},
		"DeleteInlinePolicyFromPermissionSet":                   {refused, unchanged(inline)},
		"DetachManagedPolicyFromPermissionSet":                  {refused, unchanged(policy)},
		"PutPermissionsBoundaryToPermissionSet":                 {refused, changed(limit)},
		"GetPermissionsBoundaryForPermissionSet":                {gone, read},
		"ListAccountsForProvisionedPermissionSet":               {nil, provision},
		"DescribePermissionSetProvisioningStatus":               {nil, provision},
		"DeletePermissionsBoundaryFromPermissionSet":            {refused, unchanged(limit)},
		"ListCustomerManagedPolicyReferencesInPermissionSet":    {gone, read},
		"AttachCustomerManagedPolicyReferenceToPermissionSet":   {refused, changed(own)},
		"DetachCustomerManagedPolicyReferenceFromPermissionSet": {refused, unchanged(own)},

		"CreatePermissionSet": {refused, func(t *testing.T, c *identitycenter.Client) error {
			_, err := c.Bring(t.Context(), permissionset.Set{}, permissionset.Set{Name: "New", Session: time.Hour})
			return err
		}},
		"UpdatePermissionSet": {refused, changed(func(s *permissionset.Set) { s.Description = "d" })},
		"DeletePermissionSet": {
			map[string]string{"ResourceNotFoundException": "fine", "ValidationException": "V2040", "ServiceQuotaExceededException": "V2040"},
			func(t *testing.T, c *identitycenter.Client) error {
				return c.DeletePermissionSet(t.Context(), permissionset.Set{ARN: auditARN, Name: "Audit"})
			},
		},
	} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			awstest.Judged(t, "ssoadmin", identityCenter(test.changes), func(t *testing.T, transport *awstest.Transport) (err error) {
				synctest.Test(t, func(t *testing.T) { // it is patient
					err = test.call(t, identitycenter.New(awstest.Config(center(operation, transport)), identitycenter.Options{CallsPerSecond: 1e6}))
				})
				return err
			})
		})
	}
}

// The same code says that the caller may not and that a delegated administrator may not.
func TestWhoMayNotChangeAPermissionSet(t *testing.T) {
	t.Parallel()
	transport := center("UpdatePermissionSet", awstest.Always(&awstest.Error{
		Code: "AccessDeniedException", Message: "The operation can only be successfully performed by someone who has management account privileges",
	}))
	err := changed(func(s *permissionset.Set) { s.Description = "d" })(t, identitycenter.New(awstest.Config(transport), identitycenter.Options{}))
	if got := awstest.Verdict(err); got != account.CodePermissionSetRefused {
		t.Errorf("it is judged %q", got)
	}
	err = identitycenter.New(awstest.Config(transport), identitycenter.Options{}).DeletePermissionSet(t.Context(), permissionset.Set{ARN: auditARN, Name: "AWSReadOnlyAccess"})
	if refused := (account.Refused{}); !errors.As(err, &refused) || refused.Code != account.CodePermissionSetForbidden {
		t.Errorf("deleting Control Tower's own: %v", err)
	}
}

// withoutRacing leaves a test to the run without the race detector.
func withoutRacing(t *testing.T) {
	t.Helper()
	if racing {
		t.Skip("hundreds of landing zones, one call after the other in each, race nothing; make test runs it without the race detector")
	}
}
