package cloudformation

import (
	"maps"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// blueprint is the template of a stack that is made by change sets: of more types than a stack set's, with conditions and
// outputs.
type blueprint struct {
	template
	body       string
	conditions map[string]any
	parts      map[string]part
	outputs    map[string]map[string]any
}

// part is a resource of a blueprint.
type part struct {
	id, kind, condition string
	properties          map[string]any
	after               []string // DependsOn
	retained            bool     // when the stack is deleted, or its creation is rolled back
	retainedOnly        bool     // when the stack is deleted (RetainExceptOnCreate)
	replacedRetained    bool     // when an update puts another in its place
}

// readBlueprint reads the template of a stack (AWS CloudFormation User Guide, "Template sections"). What the sandbox does
// not know of it is [wire.Unsupported].
func readBlueprint(body string) (*blueprint, error) {
	raw, err := readDocument(body)
	if err != nil {
		return nil, err
	}
	root, ok := raw.(map[string]any)
	if !ok {
		return nil, malformed("unsupported structure.")
	}
	b := &blueprint{template: template{parameters: map[string]declared{}}, body: body, parts: map[string]part{}, outputs: map[string]map[string]any{}}
	for _, name := range slices.Sorted(maps.Keys(root)) {
		switch {
		case name == "Transform" || name == "Mappings" || name == "Rules":
			return nil, &wire.Unsupported{What: "section " + name + " of templates"}
		case name != "Conditions" && !slices.Contains(sections, name):
			return nil, malformed("Invalid template property or properties [%s]", name)
		}
	}
	b.description, _ = root["Description"].(string)
	b.conditions, _ = root["Conditions"].(map[string]any)
	if err := b.readParameters(root["Parameters"]); err != nil {
		return nil, err
	}
	outputs, _ := root["Outputs"].(map[string]any)
	for name, value := range outputs {
		facts, ok := value.(map[string]any)
		if !ok || facts["Value"] == nil {
			return nil, malformed("Output %s is malformed. The Value field of every Outputs member must be specified.", name)
		}
		if facts["Export"] != nil {
			return nil, &wire.Unsupported{What: "exports of templates"}
		}
		b.outputs[name] = facts
	}
	return b, first(b.readParts(root["Resources"]), b.resolvable())
}

func (b *blueprint) readParts(raw any) error {
	resources, _ := raw.(map[string]any)
	if len(resources) == 0 {
		return malformed("At least one Resources member must be defined.")
	}
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		facts, _ := resources[id].(map[string]any)
		p := part{id: id}
		p.kind, _ = facts["Type"].(string)
		if p.kind == "" {
			return malformed("[/Resources/%s] Every Resources object must contain a Type member.", id)
		}
		k, known := kinds[p.kind]
		if !known {
			return &wire.Unsupported{What: "resources of type " + p.kind}
		}
		for _, attribute := range slices.Sorted(maps.Keys(facts)) {
			if !slices.Contains([]string{"Type", "Properties", "Metadata", "DeletionPolicy", "UpdateReplacePolicy", "Condition", "DependsOn"}, attribute) {
				return &wire.Unsupported{What: "attribute " + attribute + " of resources"}
			}
		}
		p.properties, _ = facts["Properties"].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(p.properties)) {
			if k.properties != nil && !slices.Contains(k.properties, name) {
				return &wire.Unsupported{What: "property " + name + " of " + p.kind}
			}
		}
		p.condition, _ = facts["Condition"].(string)
		switch after := facts["DependsOn"].(type) {
		case string:
			p.after = []string{after}
		case []any:
			for _, a := range after {
				p.after = append(p.after, text(a))
			}
		}
		var err error
		if p.retained, err = retains(id, facts, "DeletionPolicy"); err != nil {
			return err
		}
		p.retainedOnly = facts["DeletionPolicy"] == "RetainExceptOnCreate"
		if p.replacedRetained, err = retains(id, facts, "UpdateReplacePolicy"); err != nil {
			return err
		}
		b.parts[id] = p
	}
	return nil
}

// resolvable says whether every reference stands for something, and every condition is there.
func (b *blueprint) resolvable() error {
	for _, id := range slices.Sorted(maps.Keys(b.parts)) {
		p := b.parts[id]
		for _, other := range append(references(p.properties), p.after...) {
			_, parameter := b.parameters[other]
			_, resource := b.parts[other]
			if !parameter && !resource && !slices.Contains(pseudo, other) && other != "AWS::NoValue" {
				return malformed("Unresolved resource dependencies [%s] in the Resources block of the template", other)
			}
		}
		if _, ok := b.conditions[p.condition]; p.condition != "" && !ok {
			return malformed("Unresolved condition dependency %s in the Resources block of the template", p.condition)
		}
	}
	return nil
}

// references are the names that a value refers to.
func references(value any) []string {
	var found []string
	switch v := value.(type) {
	case []any:
		for _, inner := range v {
			found = append(found, references(inner)...)
		}
	case map[string]any:
		for name, argument := range v {
			list, _ := argument.([]any)
			switch {
			case name == "Ref" && len(v) == 1:
				found = append(found, text(argument))
			case name == "Fn::GetAtt" && len(v) == 1:
				id, _ := attribute(argument)
				found = append(found, id)
			case name == "Fn::Sub" && len(v) == 1:
				pattern, local := text(argument), map[string]any{}
				if len(list) == 2 {
					pattern = text(list[0])
					local, _ = list[1].(map[string]any)
					found = append(found, references(local)...)
				}
				for _, m := range reference.FindAllStringSubmatch(pattern, -1) {
					id, _, _ := strings.Cut(strings.TrimSpace(m[1]), ".")
					if _, own := local[id]; !own && !strings.HasPrefix(id, "!") {
						found = append(found, id)
					}
				}
			default:
				found = append(found, references(argument)...)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// attribute reads the argument of Fn::GetAtt: [id, name], or "id.name".
func attribute(argument any) (id, name string) {
	if list, ok := argument.([]any); ok && len(list) == 2 {
		return text(list[0]), text(list[1])
	}
	id, name, _ = strings.Cut(text(argument), ".")
	return id, name
}

// order is the parts, those first that others refer to (AWS CloudFormation User Guide, "DependsOn attribute").
func (b *blueprint) order(there func(id string) bool) ([]string, error) {
	var all []string
	state := map[string]int{} // 1: being looked at, 2: done
	var visit func(id string) error
	visit = func(id string) error {
		switch state[id] {
		case 1:
			return wire.Fail("ValidationError", "Circular dependency between resources: ["+id+"]")
		case 2:
			return nil
		}
		state[id] = 1
		p := b.parts[id]
		for _, other := range append(references(p.properties), p.after...) {
			if _, resource := b.parts[other]; resource && there(other) {
				if err := visit(other); err != nil {
					return err
				}
			}
		}
		state[id] = 2
		all = append(all, id)
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(b.parts)) {
		if there(id) {
			if err := visit(id); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// needs are the capabilities that have to be acknowledged (AWS CloudFormation API Reference, CreateChangeSet).
func (b *blueprint) needs() string {
	needed := ""
	for _, p := range b.parts {
		if strings.HasPrefix(p.kind, "AWS::IAM::") {
			if p.properties["RoleName"] != nil || p.properties["ManagedPolicyName"] != nil {
				return "CAPABILITY_NAMED_IAM"
			}
			needed = "CAPABILITY_IAM"
		}
	}
	return needed
}
