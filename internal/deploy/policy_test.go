package deploy_test

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// statement is one of a policy, with its functions resolved.
type statement struct {
	Sid, Effect        string
	Principal          any
	Actions, Resources []string
	Condition          map[string]map[string][]string
}

func statements(document any) []statement {
	d, _ := document.(map[string]any)
	list, _ := d["Statement"].([]any)
	var all []statement
	for _, each := range list {
		m, _ := each.(map[string]any)
		s := statement{Sid: text(m["Sid"]), Effect: text(m["Effect"]), Principal: m["Principal"], Actions: texts(m["Action"]), Resources: texts(m["Resource"])}
		s.Condition = map[string]map[string][]string{}
		conditions, _ := m["Condition"].(map[string]any)
		for operator, keys := range conditions {
			s.Condition[operator] = map[string][]string{}
			for key, values := range keys.(map[string]any) {
				s.Condition[operator][key] = texts(values)
			}
		}
		all = append(all, s)
	}
	return all
}

func text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func texts(v any) []string {
	switch list := v.(type) {
	case nil:
		return nil
	case []any:
		var all []string
		for _, each := range list {
			all = append(all, text(each))
		}
		return all
	}
	return []string{text(v)}
}

// policies are the statements that bind a role: its managed policies and those that name it.
func (s stack) policies(role string) []statement {
	var all []statement
	for _, name := range texts(s.properties(role)["ManagedPolicyArns"]) {
		all = append(all, statements(s.properties(name)["PolicyDocument"])...)
	}
	for _, name := range s.resources("AWS::IAM::Policy") {
		if p := s.properties(name); slices.Contains(texts(p["Roles"]), role) {
			all = append(all, statements(p["PolicyDocument"])...)
		}
	}
	return all
}

// allows says whether statements allow an action on a resource, as IAM does: an Allow that fits, and no Deny that does
// (AWS IAM User Guide, "Policy evaluation logic"). context are the condition keys of the request.
func allows(all []statement, action, resource string, context map[string]string) bool {
	allowed := false
	for _, s := range all {
		if !fits(s.Actions, action) || !fits(s.Resources, resource) || !s.met(context) {
			continue
		}
		if s.Effect == "Deny" {
			return false
		}
		allowed = true
	}
	return allowed
}

func (s statement) met(context map[string]string) bool {
	for operator, keys := range s.Condition {
		for key, values := range keys {
			is, given := context[key]
			filled := make([]string, len(values))
			for i, v := range values {
				filled[i] = v
				for name, value := range context {
					filled[i] = strings.ReplaceAll(filled[i], "${"+name+"}", value)
				}
			}
			met := false
			switch operator {
			case "StringEquals", "Bool":
				met = given && slices.Contains(filled, is)
			case "StringNotEquals":
				met = !slices.Contains(filled, is)
			case "StringLike", "ArnLike", "ArnEquals":
				met = given && fits(filled, is)
			}
			if !met {
				return false // an operator that is not known here holds never: the test then says so
			}
		}
	}
	return true
}

// fits matches with * and ? as IAM does; they cross slashes and colons.
func fits(patterns []string, is string) bool {
	flat := strings.NewReplacer("/", "\x00", "[", "\x01", "]", "\x02")
	return slices.ContainsFunc(patterns, func(p string) bool {
		matched, err := path.Match(flat.Replace(p), flat.Replace(is))
		return err == nil && matched
	})
}
