package cloudformation

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// compare works out what a change set changes.
func (s *service) compare(x *changeSet, key, host string) {
	changes, why := s.differences(x, key, host)
	s.w.Do(func() {
		x.status, x.execution, x.changes = "CREATE_COMPLETE", "AVAILABLE", changes
		switch {
		case why != "":
			x.status, x.execution, x.reason, x.changes = "FAILED", "UNAVAILABLE", why, nil
		case len(changes) == 0 && x.unchanged():
			x.status, x.execution, x.reason = "FAILED", "UNAVAILABLE", noChanges
			if s.w.Otherwise("change-set-without-changes") {
				x.reason = noUpdates
			}
		}
	})
}

// unchanged says whether outputs, too, stay as they are.
func (x *changeSet) unchanged() bool {
	k := x.stack
	if k.blueprint == nil {
		return false
	}
	now, err := k.reading(x.blueprint, x.parameters, k.things).outputs()
	return err == nil && slices.Equal(now, k.outputs)
}

// outputs are those of the reading.
func (r reading) outputs() ([]output, error) {
	var all []output
	for _, name := range slices.Sorted(maps.Keys(r.blueprint.outputs)) {
		facts := r.blueprint.outputs[name]
		if condition, ok := facts["Condition"].(string); ok && !r.holds(condition) {
			continue
		}
		value, err := r.resolve(facts["Value"])
		if err != nil {
			return nil, err
		}
		all = append(all, output{name, text(value), text(facts["Description"])})
	}
	return all, nil
}

// differences are the changes of a change set, or why there can be none.
func (s *service) differences(x *changeSet, key, host string) ([]change, string) {
	var r reading
	var h hands
	s.w.Do(func() {
		r = x.stack.reading(x.blueprint, x.parameters, maps.Clone(x.stack.things))
		h = s.hands(x.stack)
	})
	h.key, h.host = key, host
	ids, err := x.blueprint.order(r.there)
	if err != nil {
		return nil, err.Error()
	}
	var all []change
	var lacking []string
	for _, id := range ids {
		properties, err := r.of(id)
		if err != nil {
			return nil, err.Error()
		}
		p, before := x.blueprint.parts[id], r.made[id]
		c := resourceChange{LogicalID: id, Kind: p.kind, Scope: []string{}, Details: []changeDetail{}}
		switch {
		case before == nil:
			c.Action = "Add"
			there, reason := s.alreadyThere(h, x, p, properties)
			if reason != "" {
				return nil, reason
			}
			if there && !p.retained {
				lacking = append(lacking, fmt.Sprintf("%s ({%s=%s})", id, kinds[p.kind].name, text(properties[kinds[p.kind].name])))
			}
			if there {
				c.Action, c.PhysicalID = "Import", text(properties[kinds[p.kind].name])
			}
		case before.kind != p.kind:
			return nil, "Update of resource type is not permitted. The new template modifies resource type of the following resources: [" + id + "]"
		default:
			changed := differing(before.resolved, properties)
			if len(changed) == 0 {
				continue
			}
			c.modifies(before, changed)
			if c.Replacement == "True" {
				delete(r.made, id) // what refers to it is yet to be known
			}
		}
		all = append(all, change{"Resource", c})
	}
	if len(lacking) > 0 {
		return nil, "CloudFormation is attempting to import some resources because they already exist in your account. The resources must have the " +
			"DeletionPolicy attribute set to 'Retain' or 'RetainExceptOnCreate' in the template for successful import. The affected resources are " +
			strings.Join(lacking, ", ")
	}
	for _, id := range slices.Sorted(maps.Keys(x.stack.things)) {
		if t := x.stack.things[id]; !slices.Contains(ids, id) {
			policy := "Delete"
			if t.retained {
				policy = "Retain"
			}
			all = append(all, change{"Resource", resourceChange{Action: "Remove", LogicalID: id, PhysicalID: t.ref, Kind: t.kind, Policy: policy, Scope: []string{}, Details: []changeDetail{}}})
		}
	}
	return all, ""
}

func (c *resourceChange) modifies(before *thing, changed []string) {
	k := kinds[before.kind]
	c.Action, c.PhysicalID, c.Scope, c.Replacement = "Modify", before.ref, []string{"Properties"}, "False"
	if k.replaces(changed) {
		c.Replacement, c.Policy = "True", "ReplaceAndDelete"
		if before.replacedRetained {
			c.Policy = "ReplaceAndRetain"
		}
	}
	for _, name := range changed {
		recreate := "Never"
		if k.replaces([]string{name}) {
			recreate = "Always"
		}
		c.Details = append(c.Details, changeDetail{changeTarget{"Properties", name, recreate}, "Static", "DirectModification"})
	}
}

// alreadyThere says whether a thing that the stack does not have is there already and would be imported: it has to be named by
// a text (AWS CloudFormation User Guide, "Import AWS resources into a CloudFormation stack automatically").
func (s *service) alreadyThere(h hands, x *changeSet, p part, properties map[string]any) (there bool, reason string) {
	k := kinds[p.kind]
	if !x.importExisting || !p.named() || k.exists == nil {
		return false, ""
	}
	t := &thing{part: p, resolved: properties}
	t.known(h)
	there, err := k.exists(h, t)
	if err != nil {
		return false, err.Error()
	}
	s.w.Do(func() {
		for _, other := range s.stacks {
			for _, o := range other.things {
				if there && other.deleted.IsZero() && other != x.stack && o.kind == p.kind && o.ref == t.ref {
					reason = fmt.Sprintf("Resource %s already exists in stack %s", t.ref, other.ID)
				}
			}
		}
	})
	return there, reason
}
