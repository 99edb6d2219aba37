package stacksets_test

import (
	"context"
	"testing"

	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/stacksets"
)

func management(context.Context) (string, error) { return "111111111111", nil }

// ready makes the stack set.
func ready(t *testing.T, c *stacksets.Client) {
	t.Helper()
	if err := c.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// judged is what each exception means; those that only operations raise which nobody here calls are tried again.
func judged() map[string]string {
	table := map[string]string{
		"OperationInProgressException": "wait", "StaleRequestException": "wait", "StackSetNotFoundException": "wait",
		"OperationNotFoundException": "wait", "LimitExceededException": "wait", "Throttling": "wait",
		"InvalidOperationException": "V2053", "CreatedButModifiedException": "V2053", "NameAlreadyExistsException": "V2053",
		"StackSetNotEmptyException": "V2053", "InsufficientCapabilitiesException": "V2053", "ValidationError": "V2053",
		"OperationIdAlreadyExistsException": "fine", // it was begun before
		"AccessDenied":                      "V3002", "InternalFailure": "again",
		"OperationInProgress": "wait", "OperationIdAlreadyExists": "fine",
	}
	for _, other := range []string{
		"AlreadyExistsException", "CFNRegistryException", "ChangeSetNotFound", "ConcurrentResourcesLimitExceeded", "ConditionalCheckFailed",
		"GeneratedTemplateNotFound", "HookResultNotFound", "InvalidChangeSetStatus", "InvalidStateTransition", "ResourceScanInProgress",
		"ResourceScanLimitExceeded", "ResourceScanNotFound", "StackInstanceNotFoundException", "StackNotFoundException",
		"StackRefactorNotFoundException", "TokenAlreadyExistsException", "TypeConfigurationNotFoundException", "TypeNotFoundException",
	} {
		table[other] = "again"
	}
	return table
}

func TestErrorsAreJudged(t *testing.T) {
	t.Parallel()
	awstest.Judged(t, "cloudformation", judged(), func(t *testing.T, transport *awstest.Transport) error {
		c := stacksets.New(awstest.Config(transport), stacksets.Options{Management: management})
		plant := c.Plant(t.Context(), "op-1", "222222222201", "ou-ab12-14444444")
		release := c.Release(t.Context(), "op-1", "222222222201", "ou-ab12-14444444")
		if a, b := awstest.Verdict(plant), awstest.Verdict(release); a != b {
			t.Errorf("planting is judged %q, releasing %q", a, b)
		}
		return plant
	})
}

// Each operation is asked once: whoever asked looks before it asks again.
func TestMutatingCallsAreMadeOnce(t *testing.T) {
	t.Parallel()
	transport := awstest.Always(awstest.ErrLost)
	cfg := awstest.Config(transport)
	cfg.Retryer = nil // the SDK's own, which would try again
	c := stacksets.New(cfg, stacksets.Options{Management: management})
	for operation, call := range map[string]func() error{
		"CreateStackInstances":        func() error { return c.Plant(t.Context(), "op-1", "222222222201", "ou-ab12-14444444") },
		"DeleteStackInstances":        func() error { return c.Release(t.Context(), "op-1", "222222222201", "ou-ab12-14444444") },
		"DeleteStackSet":              func() error { return c.Remove(t.Context()) },
		"ActivateOrganizationsAccess": func() error { return c.Activate(t.Context()) },
	} {
		if err := call(); err == nil || transport.Calls(operation) != 1 {
			t.Errorf("%s was tried %d times: %v", operation, transport.Calls(operation), err)
		}
	}
}
