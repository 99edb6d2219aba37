package cloudformation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// instance is a stack instance: where a stack of the set is, or should be.
type instance struct {
	account, region, unit string
	stack                 *world.Stack // nil until there is one
	overrides             map[string]string
	status                string // CURRENT, OUTDATED, INOPERABLE
	detailed              string // DetailedStatus
	reason                string
	operation             string // the last one's id
}

func (t *set) instance(account, region string) *instance {
	for _, i := range t.instances {
		if i.account == account && i.region == region {
			return i
		}
	}
	return nil
}

// instancesInput is what the three operations on instances have in common.
type instancesInput struct {
	callAs
	Name        string             `json:"StackSetName"`
	Accounts    []string           `json:"Accounts"`
	Targets     *deploymentTargets `json:"DeploymentTargets"`
	Regions     []string           `json:"Regions"`
	Overrides   []parameter        `json:"ParameterOverrides"`
	Preferences preferences        `json:"OperationPreferences"`
	OperationID string             `json:"OperationId"`
}

type operationOutput struct {
	OperationID string `json:"OperationId"`
}

// prepare finds the set, and refuses what cannot be asked of it.
func (s *service) prepare(c *wire.Call, in *instancesInput, creating bool) (*set, error) {
	t, err := s.find(c, in.Name, in.callAs)
	if err != nil {
		return nil, err
	}
	var wrong wire.Invalid
	if len(in.Regions) == 0 {
		wrong.Add("regions", nil, "not be null")
	}
	wrong.Pattern("operationId", in.OperationID, operationID)
	if err := first(wrong.Err(), s.mayDeploy(), in.Preferences.check(in.Regions), s.check(in.Targets, in.Accounts, creating)); err != nil {
		return nil, err
	}
	return t, nil
}

// overridden holds overrides of parameters against the set's template.
func (t *set) overridden(given []parameter, before map[string]string) (map[string]string, error) {
	overrides := parameterValues(given, before)
	for name := range overrides {
		if _, ok := t.template.parameters[name]; !ok {
			return nil, invalid(fmt.Sprintf("Parameter overrides: [%s] do not exist in the stack set's template", name))
		}
	}
	return overrides, nil
}

// createStackInstances is CreateStackInstances. An instance that is there already is deployed to again.
func (s *service) createStackInstances(c *wire.Call, in *instancesInput) (*operationOutput, error) {
	faults := s.w.TakeInstanceFaults()
	t, err := s.prepare(c, in, true)
	if err != nil {
		return nil, err
	}
	overrides, err := t.overridden(in.Overrides, nil)
	if err != nil {
		return nil, err
	}
	accounts := s.accounts(in.Targets)
	if len(accounts) == 0 && s.w.Otherwise("stack-set-no-target") {
		return nil, invalid("No accounts were found in the deployment targets")
	}
	o := &operation{id: in.OperationID, action: "CREATE", preferences: in.Preferences, targets: *in.Targets, faults: faults}
	for _, region := range in.Regions {
		for _, a := range accounts {
			o.results = append(o.results, &result{account: a.account, region: region, unit: a.unit})
		}
	}
	o.before = func() {
		for _, u := range in.Targets.Units {
			if !slices.Contains(t.units, u) {
				t.units = append(t.units, u)
			}
		}
		for _, r := range o.results {
			if i := t.instance(r.account, r.region); i == nil {
				t.instances = append(t.instances, &instance{account: r.account, region: r.region, unit: r.unit, overrides: overrides})
			} else if len(in.Overrides) > 0 {
				i.overrides = overrides
			}
		}
	}
	return s.begin(t, o)
}

// updateStackInstances is UpdateStackInstances: other parameters for instances that are there.
func (s *service) updateStackInstances(c *wire.Call, in *instancesInput) (*operationOutput, error) {
	faults := s.w.TakeInstanceFaults()
	t, err := s.prepare(c, in, false)
	if err != nil {
		return nil, err
	}
	found := s.existing(t, in.Targets, in.Regions)
	if len(found) == 0 {
		return nil, fail("StackInstanceNotFoundException", "There are no stack instances in the deployment targets")
	}
	for _, i := range found {
		if _, err := t.overridden(in.Overrides, i.overrides); err != nil {
			return nil, err
		}
	}
	o := &operation{id: in.OperationID, action: "UPDATE", preferences: in.Preferences, targets: *in.Targets, faults: faults}
	o.over(found)
	o.before = func() {
		for _, i := range found {
			i.overrides = parameterValues(in.Overrides, i.overrides)
		}
	}
	return s.begin(t, o)
}

// deleteStackInstances is DeleteStackInstances. What there is no instance of is passed over.
func (s *service) deleteStackInstances(c *wire.Call, in *struct {
	instancesInput
	Retain *bool `json:"RetainStacks"`
},
) (*operationOutput, error) {
	faults := s.w.TakeInstanceFaults()
	if in.Retain == nil {
		var wrong wire.Invalid
		wrong.Add("retainStacks", nil, "not be null")
		return nil, wrong.Err()
	}
	t, err := s.prepare(c, &in.instancesInput, false)
	if err != nil {
		return nil, err
	}
	o := &operation{
		id: in.OperationID, action: "DELETE", preferences: in.Preferences, targets: *in.Targets, retain: *in.Retain, faults: faults,
	}
	o.over(s.existing(t, in.Targets, in.Regions))
	return s.begin(t, o)
}

type detailedStatus struct {
	DetailedStatus string `json:"DetailedStatus"`
}

type shownInstance struct {
	SetID     string         `json:"StackSetId"`
	Region    string         `json:"Region"`
	Account   string         `json:"Account"`
	StackID   string         `json:"StackId,omitempty"`
	Overrides *[]parameter   `json:"ParameterOverrides,omitempty"` // only where one is described
	Status    string         `json:"Status"`
	Detailed  detailedStatus `json:"StackInstanceStatus"`
	Reason    string         `json:"StatusReason,omitempty"`
	Unit      string         `json:"OrganizationalUnitId"`
	Drift     string         `json:"DriftStatus"`
	Operation string         `json:"LastOperationId"`
}

func (t *set) show(i *instance) shownInstance {
	shown := shownInstance{
		SetID: t.identifier(), Region: i.region, Account: i.account, Status: i.status, Detailed: detailedStatus{i.detailed},
		Reason: i.reason, Unit: i.unit, Drift: "NOT_CHECKED", Operation: i.operation,
	}
	if i.stack != nil {
		shown.StackID = i.stack.ID
	}
	return shown
}

type describeStackInstanceOutput struct {
	Instance shownInstance `json:"StackInstance"`
}

// describeStackInstance is DescribeStackInstance.
func (s *service) describeStackInstance(c *wire.Call, in *struct {
	named
	Account string `json:"StackInstanceAccount"`
	Region  string `json:"StackInstanceRegion"`
},
) (*describeStackInstanceOutput, error) {
	var wrong wire.Invalid
	wrong.Required("stackInstanceAccount", in.Account)
	wrong.Pattern("stackInstanceAccount", in.Account, accountPattern)
	wrong.Required("stackInstanceRegion", in.Region)
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	t, err := s.find(c, in.Name, in.callAs)
	if err != nil {
		return nil, err
	}
	i := t.instance(in.Account, in.Region)
	if i == nil {
		return nil, fail("StackInstanceNotFoundException",
			fmt.Sprintf("Stack instance for account %s in region %s of StackSet %s not found", in.Account, in.Region, t.name))
	}
	shown, overrides := t.show(i), shownParameters(i.overrides)
	shown.Overrides = &overrides
	return &describeStackInstanceOutput{shown}, nil
}

type filter struct {
	Name   string `json:"Name"`
	Values string `json:"Values"`
}

func checkFilters(filters []filter, most int, names ...string) error {
	if len(filters) > most {
		return invalid(fmt.Sprintf("The number of filters exceeds the limit of %d", most))
	}
	var wrong wire.Invalid
	for _, f := range filters {
		wrong.Required("name", f.Name)
		wrong.Enum("name", f.Name, names...)
		wrong.Required("values", f.Values)
	}
	return wrong.Err()
}

type listStackInstancesOutput struct {
	Summaries []shownInstance `json:"Summaries"`
	NextToken string          `json:"NextToken,omitempty"`
}

// listStackInstances is ListStackInstances, by account and Region.
func (s *service) listStackInstances(c *wire.Call, in *struct {
	named
	pageInput
	Filters []filter `json:"Filters"`
	Account string   `json:"StackInstanceAccount"`
	Region  string   `json:"StackInstanceRegion"`
},
) (*listStackInstancesOutput, error) {
	t, err := s.find(c, in.Name, in.callAs)
	if err != nil {
		return nil, err
	}
	if err := checkFilters(in.Filters, 3, "DETAILED_STATUS", "LAST_OPERATION_ID", "DRIFT_STATUS"); err != nil {
		return nil, err
	}
	var all []shownInstance
	for _, i := range t.instances {
		shown := t.show(i)
		values := map[string]string{"DETAILED_STATUS": i.detailed, "LAST_OPERATION_ID": i.operation, "DRIFT_STATUS": shown.Drift}
		others := slices.ContainsFunc(in.Filters, func(f filter) bool { return values[f.Name] != f.Values })
		if !others && (in.Account == "" || in.Account == i.account) && (in.Region == "" || in.Region == i.region) {
			all = append(all, shown)
		}
	}
	slices.SortFunc(all, func(a, b shownInstance) int { return strings.Compare(a.Account+a.Region, b.Account+b.Region) })
	found, next, err := page(all, in.pageInput)
	return &listStackInstancesOutput{found, next}, err
}
