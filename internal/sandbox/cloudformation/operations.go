package cloudformation

import (
	"fmt"
	"slices"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

type statusDetails struct {
	Failed int `json:"FailedStackInstancesCount"`
}

type shownOperation struct {
	ID          string             `json:"OperationId"`
	SetID       string             `json:"StackSetId,omitempty"` // only where one is described, as the targets
	Action      string             `json:"Action"`
	Status      string             `json:"Status"`
	Reason      string             `json:"StatusReason,omitempty"`
	Preferences preferences        `json:"OperationPreferences"`
	Retain      *bool              `json:"RetainStacks"`
	Created     wire.ISOTime       `json:"CreationTimestamp"`
	Ended       wire.ISOTime       `json:"EndTimestamp,omitzero"`
	Targets     *deploymentTargets `json:"DeploymentTargets"`
	Details     statusDetails      `json:"StatusDetails"`
}

func (o *operation) show() shownOperation {
	shown := shownOperation{
		ID: o.id, Action: o.action, Status: o.status, Preferences: o.preferences,
		Created: wire.ISOTime{Time: o.created}, Ended: wire.ISOTime{Time: o.ended},
	}
	for _, r := range o.results {
		if r.status == "FAILED" {
			shown.Details.Failed++
		}
	}
	if o.status == "FAILED" {
		shown.Reason = fmt.Sprintf("%d stack instances failed, more than the failure tolerance of the operation", shown.Details.Failed)
	}
	return shown
}

type operationInput struct {
	named
	ID string `json:"OperationId"`
}

func (s *service) findOperation(c *wire.Call, in operationInput) (*set, *operation, error) {
	var wrong wire.Invalid
	wrong.Required("operationId", in.ID)
	wrong.Pattern("operationId", in.ID, operationID)
	if err := wrong.Err(); err != nil {
		return nil, nil, err
	}
	t, err := s.find(c, in.Name, in.callAs)
	if err != nil {
		return nil, nil, err
	}
	o := t.operation(in.ID)
	if o == nil {
		return nil, nil, fail("OperationNotFoundException", "Operation "+in.ID+" of StackSet "+t.name+" not found")
	}
	return t, o, nil
}

type describeOperationOutput struct {
	Operation shownOperation `json:"StackSetOperation"`
}

// describeStackSetOperation is DescribeStackSetOperation.
func (s *service) describeStackSetOperation(c *wire.Call, in *operationInput) (*describeOperationOutput, error) {
	t, o, err := s.findOperation(c, *in)
	if err != nil {
		return nil, err
	}
	shown := o.show()
	targets := o.targets
	if targets.URL != "" {
		targets.Accounts = nil // the URL stands for them
	}
	shown.SetID, shown.Targets = t.identifier(), &targets
	if o.action == "DELETE" {
		shown.Retain = &o.retain
	}
	return &describeOperationOutput{shown}, nil
}

type listOperationsOutput struct {
	Summaries []shownOperation `json:"Summaries"`
	NextToken string           `json:"NextToken,omitempty"`
}

// listStackSetOperations is ListStackSetOperations, the newest first.
func (s *service) listStackSetOperations(c *wire.Call, in *struct {
	named
	pageInput
},
) (*listOperationsOutput, error) {
	t, err := s.find(c, in.Name, in.callAs)
	if err != nil {
		return nil, err
	}
	var all []shownOperation
	for _, o := range slices.Backward(t.operations) {
		all = append(all, o.show())
	}
	found, next, err := page(all, in.pageInput)
	return &listOperationsOutput{found, next}, err
}

type shownResult struct {
	Account string `json:"Account"`
	Region  string `json:"Region"`
	Status  string `json:"Status"`
	Reason  string `json:"StatusReason,omitempty"`
	Unit    string `json:"OrganizationalUnitId"`
}

type listResultsOutput struct {
	Summaries []shownResult `json:"Summaries"`
	NextToken string        `json:"NextToken,omitempty"`
}

// listStackSetOperationResults is ListStackSetOperationResults.
func (s *service) listStackSetOperationResults(c *wire.Call, in *struct {
	operationInput
	pageInput
	Filters []filter `json:"Filters"`
},
) (*listResultsOutput, error) {
	_, o, err := s.findOperation(c, in.operationInput)
	if err != nil {
		return nil, err
	}
	if err := checkFilters(in.Filters, 1, "OPERATION_RESULT_STATUS"); err != nil {
		return nil, err
	}
	var all []shownResult
	for _, r := range o.results {
		if len(in.Filters) == 0 || in.Filters[0].Values == r.status {
			all = append(all, shownResult{Account: r.account, Region: r.region, Status: r.status, Reason: r.reason, Unit: r.unit})
		}
	}
	found, next, err := page(all, in.pageInput)
	return &listResultsOutput{found, next}, err
}

// stopStackSetOperation is StopStackSetOperation: what is being worked on is finished, the rest is cancelled.
func (s *service) stopStackSetOperation(c *wire.Call, in *operationInput) (*nothingAtAll, error) {
	t, o, err := s.findOperation(c, *in)
	if err != nil {
		return nil, err
	}
	switch o.status {
	case "RUNNING":
		o.status = "STOPPING"
	case "QUEUED":
		s.end(t, o, "STOPPED", "Cancelled since the operation was stopped")
	default:
		return nil, fail("InvalidOperationException", "Operation "+o.id+" has already ended")
	}
	return &nothingAtAll{}, nil
}
