package cloudformation

import (
	"fmt"
	"maps"
	"slices"

	"github.com/vend-cli/vend/internal/sandbox/world"
)

// apply does in one account and Region what the operation is for.
func (s *service) apply(t *set, o *operation, r *result) {
	i := t.instance(r.account, r.region)
	a := s.w.Account(r.account)
	if i == nil || a == nil {
		r.status, r.reason = "FAILED", "Account "+r.account+" is not in the organization, or its stack instance is gone"
		return
	}
	if !a.Active() {
		s.skip(i, r)
		return
	}
	reason := o.fault(r)
	switch {
	case reason != "":
	case o.action == "DELETE":
		if i.stack != nil && !o.retain {
			a.RemoveStack(i.stack.ID)
		}
		t.instances = slices.DeleteFunc(t.instances, func(other *instance) bool { return other == i })
		r.status = "SUCCEEDED"
		return
	default:
		reason = s.deploy(t, i, a)
	}
	if reason == "" {
		r.status, i.status, i.detailed = "SUCCEEDED", "CURRENT", "SUCCEEDED"
		return
	}
	r.status, r.reason, i.detailed, i.reason = "FAILED", reason, "FAILED", reason
	if o.action == "DELETE" {
		i.status, i.detailed = "INOPERABLE", "INOPERABLE"
	}
}

// skip passes over an account that is suspended.
func (s *service) skip(i *instance, r *result) {
	i.detailed, i.reason = "SKIPPED_SUSPENDED_ACCOUNT", "Account "+i.account+" is suspended"
	r.status, r.reason = "SUCCEEDED", i.reason
	if s.w.Otherwise("stack-set-suspended-result") {
		r.status = "CANCELLED"
	}
}

// fault is the reason for which an instance was told to fail; empty when it was not.
func (o *operation) fault(r *result) string {
	for _, f := range o.faults {
		if f.Account == "" || f.Account == r.account {
			return f.Reason
		}
	}
	return ""
}

// deploy puts the set's roles into the account, all or none; it returns why it cannot.
func (s *service) deploy(t *set, i *instance, a *world.Account) string {
	values := maps.Clone(t.parameters)
	maps.Copy(values, i.overrides)
	values, err := t.template.values(values)
	if err != nil {
		return err.Error()
	}
	if lacking := t.template.lacks(t.capabilities); lacking != "" {
		return lacking
	}
	stack := i.stack
	if stack == nil {
		name := "StackSet-" + t.name + "-" + s.w.UUID("stack-name")
		stack = &world.Stack{
			ID: s.w.StackID(a.ID, i.region, name), Name: name, Region: i.region, Status: "CREATE_COMPLETE", Created: s.w.Stamp(),
		}
	}
	roles, err := t.template.roles(stack, a.ID, values)
	if err != nil {
		return err.Error()
	}
	for _, id := range slices.Sorted(maps.Keys(roles)) {
		role := roles[id]
		if there := a.Role(role.Name); there != nil && there.Stack != stack.ID {
			return fmt.Sprintf("ResourceLogicalId:%s, ResourceType:%s, ResourceStatusReason:Resource of type '%s' with identifier '%s' "+
				"already exists. (RequestToken: %s, HandlerErrorCode: AlreadyExists).", id, roleType, roleType, role.Name, s.w.UUID("handler"))
		}
	}
	if i.stack == nil {
		i.stack = stack
		a.Stacks = append(a.Stacks, stack)
	} else {
		stack.Status, stack.Updated = "UPDATE_COMPLETE", s.w.Stamp()
	}
	s.replace(a, stack, roles)
	return ""
}

// replace puts the roles of a stack in place of those that it had; those that are retained stay without it.
func (s *service) replace(a *world.Account, stack *world.Stack, roles map[string]*world.Role) {
	var before []*world.Role
	a.Roles = slices.DeleteFunc(a.Roles, func(r *world.Role) bool {
		if r.Stack == stack.ID {
			before = append(before, r)
		}
		return r.Stack == stack.ID
	})
	for _, old := range before {
		if old.Retained && !slices.ContainsFunc(slices.Collect(maps.Values(roles)), func(r *world.Role) bool { return r.Name == old.Name }) {
			old.Stack, old.Retained = "", false
			a.Roles = append(a.Roles, old)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(roles)) {
		role := roles[id]
		role.Created = s.w.Stamp()
		for _, old := range before {
			if old.Name == role.Name && old.Path == role.Path {
				role.Created = old.Created
			}
		}
		a.Roles = append(a.Roles, role)
	}
}

// placed deploys to an account that has come into a unit of a stack set with automatic deployment, and takes away from one
// that has left (AWS CloudFormation User Guide, "Automatic deployments").
func (s *service) placed(a *world.Account) {
	if a.ID == s.w.Management.ID || !s.active() {
		return
	}
	for _, t := range s.sets {
		if t.deleted || !t.auto.Enabled {
			continue
		}
		unit, regions := t.over(a), t.regions()
		enters := &operation{action: "CREATE"}
		leaves := &operation{action: "DELETE", retain: t.auto.Retain}
		for _, region := range regions {
			switch i := t.instance(a.ID, region); {
			case unit == "" && i != nil:
				leaves.over([]*instance{i})
			case unit != "" && i == nil:
				enters.results = append(enters.results, &result{account: a.ID, region: region, unit: unit})
			}
		}
		enters.before = func() {
			for _, r := range enters.results {
				t.instances = append(t.instances, &instance{account: r.account, region: r.region, unit: r.unit})
			}
		}
		for _, o := range []*operation{enters, leaves} {
			if len(o.results) > 0 {
				s.enqueue(t, o)
			}
		}
	}
}

// over is the unit of the set's that the account stands in or below; empty when there is none.
func (t *set) over(a *world.Account) string {
	for u := a.Parent; u != nil; u = u.Parent {
		if slices.Contains(t.units, u.ID) {
			return u.ID
		}
	}
	return ""
}

// regions are those in which the set has instances.
func (t *set) regions() []string {
	var all []string
	for _, i := range t.instances {
		if !slices.Contains(all, i.region) {
			all = append(all, i.region)
		}
	}
	return all
}
