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
	switch {
	case i == nil:
		r.status, r.reason = "FAILED", "The stack instance in account "+r.account+" is gone"
		return
	case a == nil:
		s.abandon(t, o, r, i)
		return
	case !a.Active():
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
		t.remove(i)
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

// abandon is what comes of an operation in an account that has left the organization: the set lets go of an instance whose
// stack is not to be touched, or that is taken away automatically; anything else fails.
func (s *service) abandon(t *set, o *operation, r *result, i *instance) {
	if o.action == "DELETE" && (o.retain || o.automatic) && !s.w.Otherwise("stack-set-left-organization") {
		t.remove(i)
		r.status = "SUCCEEDED"
		return
	}
	r.status, r.reason = "FAILED", "Account "+r.account+" is not in the organization"
	i.status, i.detailed, i.reason = "INOPERABLE", "INOPERABLE", r.reason
}

func (t *set) remove(i *instance) {
	t.instances = slices.DeleteFunc(t.instances, func(other *instance) bool { return other == i })
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
// that has left, each set after those that it depends on (AWS CloudFormation User Guide, "Enable or disable automatic deployments
// for StackSets in AWS Organizations").
func (s *service) placed(a *world.Account) {
	if a.ID == s.w.Management.ID || !s.active() {
		return
	}
	var sets []*set
	var operations []*operation
	for _, t := range s.ordered() {
		if t.deleted || !t.auto.Enabled {
			continue
		}
		for _, o := range []*operation{s.enters(t, a), s.leaves(t, a)} {
			if len(o.results) > 0 {
				sets, operations = append(sets, t), append(operations, o)
			}
		}
	}
	s.inOrder(sets, operations)
}

// inOrder puts automatic operations on sets into their queues: before one begins all are there, so that it knows what to wait for.
func (s *service) inOrder(sets []*set, operations []*operation) {
	for i, o := range operations {
		s.line(sets[i], o)
	}
	for i, o := range operations {
		o.after = s.awaited(sets[i], o)
	}
	for _, t := range sets {
		s.next(t)
	}
}

// enters deploys a set to an account that stands in a unit of it, unless it has left again when its turn comes.
func (s *service) enters(t *set, a *world.Account) *operation {
	o := &operation{action: "CREATE"}
	unit := t.over(a)
	for _, region := range t.regions() {
		if unit != "" && t.instance(a.ID, region) == nil {
			o.results = append(o.results, &result{account: a.ID, region: region, unit: unit})
		}
	}
	o.before = func() {
		if t.over(a) == "" {
			o.results = nil
		}
		for _, r := range o.results {
			if t.instance(r.account, r.region) == nil {
				t.instances = append(t.instances, &instance{account: r.account, region: r.region, unit: r.unit})
			}
		}
	}
	return o
}

// leaves takes a set away from an account that stands in no unit of it, unless it is back when its turn comes.
func (s *service) leaves(t *set, a *world.Account) *operation {
	o := &operation{action: "DELETE", retain: t.auto.Retain, automatic: true}
	for _, region := range t.regions() {
		if i := t.instance(a.ID, region); i != nil && t.over(a) == "" {
			o.over([]*instance{i})
		}
	}
	o.before = func() {
		if t.over(a) != "" {
			o.results = nil
		}
	}
	return o
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
