package cloudformation

import "github.com/vend-cli/vend/internal/sandbox/wire"

type updateStackSetInput struct {
	callAs
	source
	Name           string             `json:"StackSetName"`
	Description    string             `json:"Description"`
	Parameters     []parameter        `json:"Parameters"`
	Capabilities   []string           `json:"Capabilities"`
	Tags           *[]tag             `json:"Tags"`
	Administration string             `json:"AdministrationRoleARN"`
	Execution      string             `json:"ExecutionRoleName"`
	Model          string             `json:"PermissionModel"`
	Auto           *autoDeployment    `json:"AutoDeployment"`
	Managed        *managedExecution  `json:"ManagedExecution"`
	Accounts       []string           `json:"Accounts"`
	Targets        *deploymentTargets `json:"DeploymentTargets"`
	Regions        []string           `json:"Regions"`
	Preferences    preferences        `json:"OperationPreferences"`
	OperationID    string             `json:"OperationId"`
}

func (in *updateStackSetInput) check() error {
	var wrong wire.Invalid
	wrong.Enum("permissionModel", in.Model, "SERVICE_MANAGED", "SELF_MANAGED")
	wrong.Pattern("operationId", in.OperationID, operationID)
	if err := wrong.Err(); err != nil {
		return err
	}
	switch {
	case in.Model == "SELF_MANAGED":
		return &wire.Unsupported{What: "stack sets with self-managed permissions"}
	case in.Administration != "" || in.Execution != "":
		return invalid("AdministrationRoleARN and ExecutionRoleName can't be specified with the SERVICE_MANAGED permission model")
	case in.Auto != nil && (in.Targets != nil || len(in.Regions) > 0):
		return invalid("AutoDeployment can't be specified together with DeploymentTargets or Regions")
	case (in.Targets != nil) != (len(in.Regions) > 0):
		return invalid("DeploymentTargets and Regions must be specified together")
	}
	return nil
}

// updateStackSet is UpdateStackSet: the set becomes another, and its instances follow, all of them or those of the targets.
func (s *service) updateStackSet(c *wire.Call, in *updateStackSetInput) (*operationOutput, error) {
	faults := s.w.TakeInstanceFaults()
	t, err := s.find(c, in.Name, in.callAs)
	if err != nil {
		return nil, err
	}
	if err := first(in.check(), s.mayDeploy()); err != nil {
		return nil, err
	}
	if in.Targets != nil || len(in.Accounts) > 0 {
		if err := s.check(in.Targets, in.Accounts, false); err != nil {
			return nil, err
		}
	}
	if in.Auto != nil {
		if err := s.dependable(c.Region, t, in.Auto.DependsOn); err != nil {
			return nil, err
		}
	}
	body, template := t.body, t.template
	if !in.Previous {
		if body, template, err = s.read(in.source); err != nil {
			return nil, err
		}
	}
	given := parameterValues(in.Parameters, t.parameters)
	if _, err := template.values(given); err != nil {
		return nil, err
	}
	if err := s.acknowledged(template, in.Capabilities); err != nil {
		return nil, err
	}
	o := &operation{id: in.OperationID, action: "UPDATE", preferences: in.Preferences, faults: faults}
	found := t.instances
	if in.Targets != nil {
		o.targets = *in.Targets
		found = s.existing(t, in.Targets, in.Regions)
	}
	if err := in.Preferences.check(t.regions()); err != nil {
		return nil, err
	}
	o.over(found)
	o.before = func() {
		for _, i := range t.instances {
			i.status = "OUTDATED"
		}
		t.become(in, body, template, given)
	}
	out, err := s.begin(t, o)
	if err == nil && in.Auto != nil {
		t.auto.DependsOn = in.Auto.DependsOn // at once, so that no circle closes while updates wait
	}
	return out, err
}

// become takes over what an update says; what it leaves out stays, but for the description.
func (t *set) become(in *updateStackSetInput, body string, template *template, given map[string]string) {
	t.body, t.template, t.parameters, t.capabilities, t.description = body, template, given, in.Capabilities, in.Description
	if in.Tags != nil {
		t.tags = *in.Tags
	}
	if in.Auto != nil {
		t.auto.Enabled, t.auto.Retain = in.Auto.Enabled, in.Auto.Retain
	}
	if in.Managed != nil {
		t.managed = in.Managed.Active
	}
}
