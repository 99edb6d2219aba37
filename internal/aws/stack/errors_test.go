package stack_test

import (
	"testing"

	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/stack"
	"github.com/vend-cli/vend/internal/deploy"
)

// judged is what each exception means; those that only operations raise which nobody here calls are told as they are.
func judged() map[string]string {
	table := map[string]string{
		"AlreadyExistsException": "V3019", "InsufficientCapabilitiesException": "V3019", "LimitExceededException": "V3019", "InvalidChangeSetStatus": "V3019", "ChangeSetNotFound": "V3019",
		"ValidationError": "V3019", "TokenAlreadyExistsException": "V3019", "OperationInProgressException": "V3019",
		"AccessDenied": "V3002", "ExpiredToken": "V3001", "InvalidClientTokenId": "V3001", "InternalFailure": "again", "Throttling": "again",
	}
	for _, other := range []string{
		"CFNRegistryException", "ConcurrentResourcesLimitExceeded", "ConditionalCheckFailed", "CreatedButModifiedException",
		"GeneratedTemplateNotFound", "HookResultNotFound", "InvalidOperationException", "InvalidStateTransition", "NameAlreadyExistsException",
		"OperationIdAlreadyExistsException", "OperationNotFoundException", "ResourceScanInProgress", "ResourceScanLimitExceeded", "ResourceScanNotFound",
		"StackInstanceNotFoundException", "StackNotFoundException", "StackRefactorNotFoundException", "StackSetNotEmptyException", "StackSetNotFoundException",
		"StaleRequestException", "TypeConfigurationNotFoundException", "TypeNotFoundException",
	} {
		table[other] = "again"
	}
	return table
}

func TestErrorsAreJudged(t *testing.T) {
	t.Parallel()
	awstest.Judged(t, "cloudformation", judged(), func(t *testing.T, transport *awstest.Transport) error {
		return stack.New(awstest.Config(transport)).Protect(t.Context(), "vend", true)
	})
}

// Each change is asked for once: whoever asked looks before it asks again.
func TestMutatingCallsAreMadeOnce(t *testing.T) {
	t.Parallel()
	transport := awstest.Always(awstest.ErrLost)
	cfg := awstest.Config(transport)
	cfg.Retryer = nil // the SDK's own, which would try again
	c := stack.New(cfg)
	plan := stack.Plan{ID: "arn:aws:cloudformation:us-east-1:111111111111:changeSet/vend-0/1", Stack: "vend"}
	for operation, call := range map[string]func() error{
		"CreateChangeSet": func() error {
			_, err := c.Plan(t.Context(), deploy.Stack{Name: "vend"}, stack.Wish{Name: "vend", Template: "Resources: {}"})
			return err
		},
		"DeleteChangeSet":             func() error { return c.Discard(t.Context(), plan) },
		"DeleteStack":                 func() error { return c.Delete(t.Context(), "vend") },
		"UpdateTerminationProtection": func() error { return c.Protect(t.Context(), "vend", true) },
		"ContinueUpdateRollback":      func() error { return c.Continue(t.Context(), "vend") },
	} {
		if err := call(); err == nil || transport.Calls(operation) != 1 {
			t.Errorf("%s was tried %d times: %v", operation, transport.Calls(operation), err)
		}
	}
}

// Of a stack that is not there CloudFormation has no code of its own to say so: these are its words.
func TestAStackThatIsNotThere(t *testing.T) {
	t.Parallel()
	for _, words := range []string{"Stack with id vend does not exist", "Stack [vend] does not exist"} {
		c := stack.New(awstest.Config(awstest.Always(&awstest.Error{Code: "ValidationError", Message: words})))
		now, err := c.Stack(t.Context(), "vend")
		if err != nil || now.There() || now.Name != "vend" {
			t.Errorf("%s: %+v, %v", words, now, err)
		}
		if err := c.Delete(t.Context(), "vend"); err != nil {
			t.Errorf("%s: %v", words, err)
		}
	}
	c := stack.New(awstest.Config(awstest.Always(&awstest.Error{Code: "ValidationError", Message: "Template does not exist"})))
	if _, err := c.Stack(t.Context(), "vend"); err == nil {
		t.Error("another ValidationError is taken for a stack that is not there")
	}
}
