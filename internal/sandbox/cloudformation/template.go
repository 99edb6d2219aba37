package cloudformation

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// template is a CloudFormation template, as far as the sandbox goes: its parameters, and its IAM roles.
type template struct {
	description string
	parameters  map[string]declared
	resources   map[string]resource // by logical id
}

// declared is a parameter of a template.
type declared struct {
	byDefault *string
	pattern   *regexp.Regexp // AllowedPattern
	allowed   []string       // AllowedValues
}

// resource is an AWS::IAM::Role.
type resource struct {
	properties map[string]any
	retained   bool // when its stack is deleted, or an update takes it out or puts another in its place
}

const roleType = "AWS::IAM::Role"

// What a role may have here, and of what a template may consist.
var (
	roleProperties = []string{
		"RoleName", "Path", "Description", "AssumeRolePolicyDocument", "ManagedPolicyArns", "MaxSessionDuration", "Tags",
	}
	sections = []string{"AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Resources", "Outputs"}
)

func malformed(format string, args ...any) error {
	return wire.Fail("ValidationError", "Template format error: "+fmt.Sprintf(format, args...))
}

// readTemplate reads a template in YAML or JSON (AWS CloudFormation User Guide, "Template anatomy"). What the sandbox does
// not know of it is refused as [wire.Unsupported], so that nothing is silently left out.
func readTemplate(text string) (*template, error) {
	raw, err := readDocument(text)
	if err != nil {
		return nil, err
	}
	root, ok := raw.(map[string]any)
	if !ok {
		return nil, malformed("unsupported structure.")
	}
	t := &template{parameters: map[string]declared{}, resources: map[string]resource{}}
	for _, name := range slices.Sorted(maps.Keys(root)) {
		switch {
		case name == "Transform":
			return nil, wire.Fail("ValidationError", "StackSets with service-managed permissions do not support templates with macros or transforms.")
		case name == "Conditions" || name == "Mappings" || name == "Rules":
			return nil, &wire.Unsupported{What: "section " + name + " of templates"}
		case !slices.Contains(sections, name):
			return nil, malformed("Invalid template property or properties [%s]", name)
		}
	}
	t.description, _ = root["Description"].(string)
	if err := t.readParameters(root["Parameters"]); err != nil {
		return nil, err
	}
	return t, t.readResources(root["Resources"])
}

func (t *template) readParameters(raw any) error {
	if raw == nil {
		return nil
	}
	parameters, ok := raw.(map[string]any)
	if !ok {
		return malformed("Parameters must be an object.")
	}
	for name, value := range parameters {
		facts, ok := value.(map[string]any)
		if !ok || facts["Type"] == nil {
			return malformed("Every Parameters object must contain a Type member.")
		}
		var d declared
		if v, ok := facts["Default"]; ok {
			text := fmt.Sprint(v)
			d.byDefault = &text
		}
		if v, ok := facts["AllowedPattern"].(string); ok {
			p, err := regexp.Compile("^(?:" + v + ")$")
			if err != nil {
				return malformed("the AllowedPattern of parameter %s is no regular expression.", name)
			}
			d.pattern = p
		}
		if list, ok := facts["AllowedValues"].([]any); ok {
			for _, v := range list {
				d.allowed = append(d.allowed, fmt.Sprint(v))
			}
		}
		t.parameters[name] = d
	}
	return nil
}

func (t *template) readResources(raw any) error {
	resources, _ := raw.(map[string]any)
	if len(resources) == 0 {
		return malformed("At least one Resources member must be defined.")
	}
	for id, value := range resources {
		facts, _ := value.(map[string]any)
		switch kind, _ := facts["Type"].(string); kind {
		case roleType:
		case "":
			return malformed("[/Resources/%s] Every Resources object must contain a Type member.", id)
		case "AWS::CloudFormation::Stack":
			return wire.Fail("ValidationError", "StackSets with service-managed permissions do not support nested stacks.")
		default:
			return &wire.Unsupported{What: "resources of type " + kind}
		}
		for _, attribute := range slices.Sorted(maps.Keys(facts)) {
			if !slices.Contains([]string{"Type", "Properties", "Metadata", "DeletionPolicy", "UpdateReplacePolicy"}, attribute) {
				return &wire.Unsupported{What: "attribute " + attribute + " of resources"}
			}
		}
		properties, _ := facts["Properties"].(map[string]any)
		if properties["AssumeRolePolicyDocument"] == nil {
			return wire.Fail("ValidationError", "Properties validation failed for resource "+id+" with message: #: required key [AssumeRolePolicyDocument] not found")
		}
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			if !slices.Contains(roleProperties, name) {
				return &wire.Unsupported{What: "property " + name + " of " + roleType}
			}
		}
		retained, err := retains(id, facts, "DeletionPolicy")
		if err != nil {
			return err
		}
		replaced, err := retains(id, facts, "UpdateReplacePolicy")
		switch {
		case err != nil:
			return err
		case replaced != retained:
			return &wire.Unsupported{What: "an UpdateReplacePolicy that is another than the DeletionPolicy"}
		}
		t.resources[id] = resource{properties, retained}
	}
	return t.resolvable()
}

// retains reads DeletionPolicy or UpdateReplacePolicy of a role, of which there can be no snapshot (AWS CloudFormation User
// Guide, "DeletionPolicy attribute", "UpdateReplacePolicy attribute").
func retains(id string, facts map[string]any, attribute string) (bool, error) {
	policy, found := facts[attribute]
	switch {
	case !found || policy == "Delete":
		return false, nil
	case policy == "Retain":
		return true, nil
	case policy == "RetainExceptOnCreate" && attribute == "DeletionPolicy":
		return true, nil // the sandbox creates a stack whole or not at all
	}
	return false, malformed("[/Resources/%s/%s] the value is not one that %s takes.", id, attribute, roleType)
}

// capabilities are those that who deploys the template has to acknowledge.
func (t *template) capabilities() string {
	for _, r := range t.resources {
		if r.properties["RoleName"] != nil {
			return "CAPABILITY_NAMED_IAM"
		}
	}
	return "CAPABILITY_IAM" // there is no resource that is not of IAM
}

// values completes the parameters that somebody gives with the template's defaults, and holds them against its rules.
func (t *template) values(given map[string]string) (map[string]string, error) {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if _, ok := t.parameters[name]; !ok {
			return nil, wire.Fail("ValidationError", fmt.Sprintf("Parameters: [%s] do not exist in the template", name))
		}
	}
	all := maps.Clone(given)
	if all == nil {
		all = map[string]string{}
	}
	for _, name := range slices.Sorted(maps.Keys(t.parameters)) {
		d := t.parameters[name]
		if _, ok := all[name]; !ok {
			if d.byDefault == nil {
				return nil, wire.Fail("ValidationError", fmt.Sprintf("Parameters: [%s] must have values", name))
			}
			all[name] = *d.byDefault
		}
		switch v := all[name]; {
		case d.pattern != nil && !d.pattern.MatchString(v):
			return nil, wire.Fail("ValidationError", fmt.Sprintf("Parameter '%s' must match pattern %s", name, d.pattern))
		case d.allowed != nil && !slices.Contains(d.allowed, v):
			return nil, wire.Fail("ValidationError", fmt.Sprintf("Parameter '%s' must be one of AllowedValues", name))
		}
	}
	return all, nil
}

// readDocument reads JSON or YAML into maps, lists and scalars; !Sub x is {"Fn::Sub": x}.
func readDocument(text string) (any, error) {
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		var raw any
		if err := d.Decode(&raw); err != nil {
			return nil, malformed("JSON not well-formed. (%v)", err)
		}
		return raw, nil
	}
	file, err := parser.ParseBytes([]byte(text), 0)
	if err != nil {
		return nil, malformed("YAML not well-formed. (%v)", err)
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return nil, malformed("unsupported structure.")
	}
	return readNode(file.Docs[0].Body)
}

func readNode(n ast.Node) (any, error) {
	switch n := n.(type) {
	case *ast.MappingNode:
		out := map[string]any{}
		for _, pair := range n.Values {
			if err := readPair(out, pair); err != nil {
				return nil, err
			}
		}
		return out, nil
	case *ast.MappingValueNode:
		out := map[string]any{}
		return out, readPair(out, n)
	case *ast.SequenceNode:
		out := make([]any, len(n.Values))
		for i, value := range n.Values {
			var err error
			if out[i], err = readNode(value); err != nil {
				return nil, err
			}
		}
		return out, nil
	case *ast.TagNode:
		return readTag(n)
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.NullNode:
		return nil, nil
	case ast.ScalarNode:
		return n.GetValue(), nil
	case nil:
		return nil, nil
	default:
		return nil, &wire.Unsupported{What: "YAML of the kind " + n.Type().String() + " in templates"}
	}
}

func readPair(into map[string]any, pair *ast.MappingValueNode) error {
	value, err := readNode(pair.Value)
	if err != nil {
		return err
	}
	key, ok := pair.Key.(ast.ScalarNode)
	if !ok {
		return &wire.Unsupported{What: "YAML with keys that are no text in templates"}
	}
	into[fmt.Sprint(key.GetValue())] = value
	return nil
}

// readTag reads the short form of an intrinsic function.
func readTag(n *ast.TagNode) (any, error) {
	value, err := readNode(n.Value)
	if err != nil {
		return nil, err
	}
	name := strings.TrimPrefix(n.Start.Value, "!")
	if name == "Ref" {
		return map[string]any{"Ref": value}, nil
	}
	return map[string]any{"Fn::" + name: value}, nil
}
