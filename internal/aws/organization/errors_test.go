package organization_test

import (
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/organization"
)

// judged is what each exception means; those that only operations raise which nobody here calls are tried again.
func judged() map[string]string {
	table := map[string]string{
		"AccountNotFoundException": "V2013", "ChildNotFoundException": "V2013", "TargetNotFoundException": "V2013",
		"SourceParentNotFoundException": "wait", "DestinationParentNotFoundException": "V2002",
		"ConstraintViolationException":       "V2025",
		"AccessDeniedException":              "V3010 pause",
		"AccessDeniedForDependencyException": "V3002 pause",
		"AWSOrganizationsNotInUseException":  "V3010 pause",
		"TooManyRequestsException":           "wait", "ConcurrentModificationException": "wait",
		"FinalizingOrganizationException": "wait", "PolicyChangesInProgressException": "wait", "ThrottlingException": "wait",
		"ServiceException": "again", "InvalidInputException": "again", "ParentNotFoundException": "again", "RootNotFoundException": "again",
		"UnsupportedAPIEndpointException": "again", "ExpiredTokenException": "again", "ValidationException": "again",
	}
	for _, other := range []string{
		"AccountAlreadyClosedException", "AccountAlreadyRegisteredException", "AccountNotRegisteredException",
		"AccountOwnerNotVerifiedException", "AlreadyInOrganizationException", "ConflictException",
		"CreateAccountStatusNotFoundException", "DuplicateAccountException",
		"DuplicateHandshakeException", "DuplicateOrganizationalUnitException", "DuplicatePolicyAttachmentException",
		"DuplicatePolicyException", "EffectivePolicyNotFoundException", "HandshakeAlreadyInStateException",
		"HandshakeConstraintViolationException", "HandshakeNotFoundException", "InvalidHandshakeTransitionException",
		"InvalidResponsibilityTransferTransitionException", "MalformedPolicyDocumentException", "MasterCannotLeaveOrganizationException",
		"OrganizationNotEmptyException", "OrganizationalUnitNotEmptyException", "OrganizationalUnitNotFoundException",
		"PolicyInUseException", "PolicyNotAttachedException", "PolicyNotFoundException", "PolicyTypeAlreadyEnabledException",
		"PolicyTypeNotAvailableForOrganizationException", "PolicyTypeNotEnabledException", "ResourcePolicyNotFoundException",
		"ResponsibilityTransferAlreadyInStatusException", "ResponsibilityTransferNotFoundException",
	} {
		table[other] = "again"
	}
	return table
}

func TestErrorsAreJudged(t *testing.T) {
	t.Parallel()
	awstest.Judged(t, "organizations", judged(), func(t *testing.T, transport *awstest.Transport) error {
		c := organization.New(awstest.Config(transport), organization.Options{})
		_, whole := c.Organization(t.Context())
		_, _, byEmail := c.AccountByEmail(t.Context(), "a@example.com", time.Time{})
		_, parent := c.Parent(t.Context(), "222222222201")
		if a, b := awstest.Verdict(whole), awstest.Verdict(byEmail); a != b {
			t.Errorf("reading the organization is judged %q, reading accounts %q", a, b)
		}
		if a, b := awstest.Verdict(whole), awstest.Verdict(parent); a != b {
			t.Errorf("reading the organization is judged %q, finding a parent %q", a, b)
		}
		return whole
	})
}

func TestErrorsOfTaggingAreJudged(t *testing.T) {
	t.Parallel()
	table := judged()
	table["InvalidInputException"] = "V2025"
	awstest.Judged(t, "organizations", table, func(t *testing.T, transport *awstest.Transport) error {
		tagging := &awstest.Transport{Answer: func(operation string, in map[string]any) (any, error) {
			if operation == "TagResource" {
				return transport.Answer(operation, in)
			}
			return map[string]any{}, nil
		}}
		c := organization.New(awstest.Config(tagging), organization.Options{})
		err := c.Tag(t.Context(), "222222222201", []account.Tag{{Key: "a", Value: "b"}})
		if n := tagging.Calls("TagResource"); n != 1 {
			t.Errorf("%d attempts, want one", n)
		}
		return err
	})
}

// The words tell whether the account may not ask or the caller may not.
func TestWhoIsDenied(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		"You don't have permissions to access this resource.": "V3010 pause",
		"User: arn:aws:sts::111111111111:assumed-role/ci/run is not authorized to perform: organizations:ListAccounts on resource: * because no identity-based policy allows the organizations:ListAccounts action": "V3002 pause",
	} {
		c := organization.New(awstest.Config(awstest.Always(&awstest.Error{Code: "AccessDeniedException", Message: message})), organization.Options{})
		if _, err := c.Organization(t.Context()); awstest.Verdict(err) != want {
			t.Errorf("%q is judged %q, want %q", message, awstest.Verdict(err), want)
		}
	}
}

func TestErrorsOfMovingAreJudged(t *testing.T) {
	t.Parallel()
	table := judged()
	table["ConstraintViolationException"] = "V2054"
	table["DuplicateAccountException"] = "fine" // it is there already
	awstest.Judged(t, "organizations", table, func(t *testing.T, transport *awstest.Transport) error {
		c := organization.New(awstest.Config(transport), organization.Options{})
		return c.Move(t.Context(), "222222222201", "r-ab12", "ou-ab12-11111111")
	})
}

func TestErrorsOfMakingUnitsAreJudged(t *testing.T) {
	t.Parallel()
	table := judged()
	table["ConstraintViolationException"] = "V2054"
	table["DuplicateOrganizationalUnitException"] = "fine" // it is there already
	awstest.Judged(t, "organizations", table, func(t *testing.T, transport *awstest.Transport) error {
		c := organization.New(awstest.Config(transport), organization.Options{})
		return c.CreateUnit(t.Context(), "r-ab12", "Prod")
	})
}
