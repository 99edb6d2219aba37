package cloudformation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// reading is a blueprint under certain parameters: what its functions come to.
type reading struct {
	blueprint *blueprint
	values    scope             // parameters and pseudo parameters
	made      map[string]*thing // what there is of its resources
}

// there says whether a resource is one under these parameters.
func (r reading) there(id string) bool {
	p := r.blueprint.parts[id]
	return p.condition == "" || r.holds(p.condition)
}

func (r reading) holds(condition string) bool {
	value, err := r.resolve(r.blueprint.conditions[condition])
	return err == nil && value == true
}

// of are the properties of a resource with their functions resolved.
func (r reading) of(id string) (map[string]any, error) {
	value, err := r.resolve(r.blueprint.parts[id].properties)
	if err != nil {
		return nil, err
	}
	properties, _ := value.(map[string]any)
	return properties, nil
}

func (r reading) resolve(value any) (any, error) { return evaluate(value, r.call) }

func (r reading) call(name string, argument any) (any, error) {
	if name == "Ref" {
		return r.look(text(argument))
	}
	if name == "Fn::GetAtt" {
		id, member := attribute(argument)
		return r.look(id + "." + member)
	}
	if name == "Fn::Sub" {
		return substitute(argument, r.resolve, r.look)
	}
	if name == "Condition" {
		return r.holds(text(argument)), nil
	}
	list, _ := argument.([]any)
	if name == "Fn::If" {
		if len(list) != 3 {
			return nil, malformed("Fn::If requires a list argument with three elements")
		}
		if r.holds(text(list[0])) {
			return r.resolve(list[1])
		}
		return r.resolve(list[2])
	}
	resolved, err := r.resolve(argument)
	if err != nil {
		return nil, err
	}
	list, _ = resolved.([]any)
	isTrue := func(v any) bool { return v == true }
	switch {
	case name == "Fn::Equals" && len(list) == 2:
		return text(list[0]) == text(list[1]), nil
	case name == "Fn::Not" && len(list) == 1:
		return !isTrue(list[0]), nil
	case name == "Fn::And" && len(list) >= 2:
		return !slices.ContainsFunc(list, func(v any) bool { return !isTrue(v) }), nil
	case name == "Fn::Or" && len(list) >= 2:
		return slices.ContainsFunc(list, isTrue), nil
	case name == "Fn::Join":
		return join(resolved)
	case name == "Fn::Split" && len(list) == 2:
		var parts []any
		for p := range strings.SplitSeq(text(list[1]), text(list[0])) {
			parts = append(parts, p)
		}
		return parts, nil
	case name == "Fn::Select" && len(list) == 2:
		var at int
		from, ok := list[1].([]any)
		if _, err := fmt.Sscan(text(list[0]), &at); err != nil || !ok || at < 0 || at >= len(from) {
			return nil, wire.Fail("ValidationError", "Template error: Fn::Select cannot select nonexistent value at index "+text(list[0]))
		}
		return from[at], nil
	}
	return nil, &wire.Unsupported{What: name + " in templates"}
}

// look is what a name stands for: a parameter, a resource, or "id.attribute". A resource that is not there yet stands for its
// own name in braces, as "{{changeSet:KNOWN_AFTER_APPLY}}" does in AWS.
func (r reading) look(name string) (any, error) {
	if name == "AWS::NoValue" {
		return nothing{}, nil
	}
	if value, ok := r.values[name]; ok {
		return value, nil
	}
	id, member, dotted := strings.Cut(name, ".")
	if _, ok := r.blueprint.parts[id]; !ok {
		return nil, malformed("Unresolved resource dependencies [%s] in the Resources block of the template", id)
	}
	made := r.made[id]
	if made == nil {
		return "{{" + name + "}}", nil
	}
	if !dotted {
		return made.ref, nil
	}
	value, ok := made.attributes[member]
	if !ok {
		return nil, wire.Fail("ValidationError", "Template error: resource "+id+" does not support attribute type "+member+" in Fn::GetAtt")
	}
	return value, nil
}
