package cloudformation

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// scope is what the references of a template stand for in one stack.
type scope map[string]string

// pseudo parameters (AWS CloudFormation User Guide, "Get AWS values using pseudo parameters").
var pseudo = []string{"AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::StackId", "AWS::StackName", "AWS::URLSuffix"}

func scopeOf(stack *world.Stack, account string, parameters map[string]string) scope {
	s := scope{
		"AWS::AccountId": account, "AWS::Partition": "aws", "AWS::Region": stack.Region, "AWS::StackId": stack.ID,
		"AWS::StackName": stack.Name, "AWS::URLSuffix": "amazonaws.com",
	}
	maps.Copy(s, parameters)
	return s
}

// nothing is what AWS::NoValue stands for: the member is left out.
type nothing struct{}

// resolvable says whether every reference of the template's resources stands for something.
func (t *template) resolvable() error {
	s := scope{}
	for _, name := range pseudo {
		s[name] = name
	}
	for name := range t.parameters {
		s[name] = name
	}
	for _, id := range slices.Sorted(maps.Keys(t.resources)) {
		if _, err := s.resolve(t.resources[id].properties); err != nil {
			return err
		}
	}
	return nil
}

// roles are the IAM roles that a stack of the template has, by logical id.
func (t *template) roles(stack *world.Stack, account string, parameters map[string]string) (map[string]*world.Role, error) {
	s := scopeOf(stack, account, parameters)
	roles := map[string]*world.Role{}
	for id, r := range t.resources {
		value, err := s.resolve(r.properties)
		if err != nil {
			return nil, err
		}
		properties := value.(map[string]any) // resolving keeps objects objects that are no functions
		trust, err := json.Marshal(properties["AssumeRolePolicyDocument"])
		if err != nil {
			return nil, fmt.Errorf("write trust policy of %s: %w", id, err)
		}
		role := &world.Role{Name: text(properties["RoleName"]), Path: text(properties["Path"]), Description: text(properties["Description"]), Trust: string(trust), Stack: stack.ID, Retained: r.retained}
		if role.Name == "" {
			_, unique, _ := strings.Cut(stack.ID, ":stack/")
			role.Name = stack.Name[:min(len(stack.Name), 24)] + "-" + id[:min(len(id), 24)] + "-" + strings.ToUpper(unique[len(unique)-12:])
		}
		if role.Path == "" {
			role.Path = "/"
		}
		policies, _ := properties["ManagedPolicyArns"].([]any)
		for _, p := range policies {
			role.Policies = append(role.Policies, text(p))
		}
		roles[id] = role
	}
	return roles, nil
}

func text(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

// resolve replaces the intrinsic functions in a value.
func (s scope) resolve(value any) (any, error) { return evaluate(value, s.call) }

// evaluate replaces the intrinsic functions in a value by what call makes of them; what is nothing is left out.
func evaluate(value any, call func(name string, argument any) (any, error)) (any, error) {
	switch v := value.(type) {
	case map[string]any:
		if len(v) == 1 {
			for name, argument := range v {
				if intrinsic(name, argument) {
					return call(name, argument)
				}
			}
		}
		out := make(map[string]any, len(v))
		for name, inner := range v {
			resolved, err := evaluate(inner, call)
			if err != nil {
				return nil, err
			}
			if _, none := resolved.(nothing); !none {
				out[name] = resolved
			}
		}
		return out, nil
	case []any:
		out := make([]any, 0, len(v))
		for _, inner := range v {
			resolved, err := evaluate(inner, call)
			if err != nil {
				return nil, err
			}
			if _, none := resolved.(nothing); !none {
				out = append(out, resolved)
			}
		}
		return out, nil
	default:
		return value, nil
	}
}

// intrinsic says whether the only member of a map is a function. A condition is named by a text; that of a policy is a map.
func intrinsic(name string, argument any) bool {
	_, named := argument.(string)
	return name == "Ref" || strings.HasPrefix(name, "Fn::") || name == "Condition" && named
}

func (s scope) call(name string, argument any) (any, error) {
	switch name {
	case "Ref":
		id := text(argument)
		if id == "AWS::NoValue" {
			return nothing{}, nil
		}
		return s.look(id)
	case "Fn::Sub":
		return substitute(argument, s.resolve, func(id string) (any, error) { return s.look(id) })
	case "Fn::Join":
		resolved, err := s.resolve(argument)
		if err != nil {
			return nil, err
		}
		return join(resolved)
	default:
		return nil, &wire.Unsupported{What: name + " in templates"}
	}
}

func (s scope) look(id string) (string, error) {
	value, ok := s[id]
	if !ok {
		return "", malformed("Unresolved resource dependencies [%s] in the Resources block of the template", id)
	}
	return value, nil
}

var reference = pattern.Compile(`\$\{([^}]*)\}`)

// substitute is Fn::Sub, of a text or of a text and a map; ${!x} is ${x}.
func substitute(argument any, resolve func(any) (any, error), look func(id string) (any, error)) (any, error) {
	local := map[string]any{}
	if list, ok := argument.([]any); ok && len(list) == 2 {
		resolved, err := resolve(list[1])
		if err != nil {
			return nil, err
		}
		if local, ok = resolved.(map[string]any); !ok {
			return nil, malformed("One or more Fn::Sub intrinsic functions don't specify expected arguments.")
		}
		argument = list[0]
	}
	pattern, ok := argument.(string)
	if !ok {
		return nil, malformed("One or more Fn::Sub intrinsic functions don't specify expected arguments.")
	}
	var failed error
	out := reference.ReplaceAllStringFunc(pattern, func(found string) string {
		id := strings.TrimSpace(found[2 : len(found)-1])
		if strings.HasPrefix(id, "!") {
			return "${" + id[1:] + "}"
		}
		if value, own := local[id]; own {
			return text(value)
		}
		value, err := look(id)
		failed = first(failed, err)
		return text(value)
	})
	if failed != nil {
		return nil, failed
	}
	return out, nil
}

// join is Fn::Join of what has been resolved.
func join(resolved any) (any, error) {
	list, _ := resolved.([]any)
	if len(list) != 2 {
		return nil, malformed("every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined.")
	}
	parts, ok := list[1].([]any)
	if !ok {
		return nil, malformed("every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined.")
	}
	words := make([]string, len(parts))
	for i, part := range parts {
		words[i] = text(part)
	}
	return strings.Join(words, text(list[0])), nil
}
