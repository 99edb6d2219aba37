package render

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/access"
	"github.com/vend-cli/vend/internal/permissionset"
)

// stackTemplate is a CloudFormation template (AWS CloudFormation User Guide, "Template anatomy").
type stackTemplate struct {
	Version     string              `json:"AWSTemplateFormatVersion"`
	Description string              `json:"Description"`
	Parameters  map[string]any      `json:"Parameters"`
	Resources   map[string]resource `json:"Resources"`
}

type resource struct {
	Type                string         `json:"Type"`
	DeletionPolicy      string         `json:"DeletionPolicy"`
	UpdateReplacePolicy string         `json:"UpdateReplacePolicy"`
	Properties          map[string]any `json:"Properties"`
}

// TemplateBound is how many resources a template may have (AWS CloudFormation User Guide, "Understand CloudFormation
// quotas").
const TemplateBound = 500

// AccessTemplate writes entries and permission sets as a CloudFormation template, and returns how many resources it has.
// Control Tower's own permission sets are no resources of it; assignments refer to them by ARN, as to all that sets does not
// hold. Logical ids follow from what a resource is, so they stay from one run to the next. Resources are retained when they
// leave the stack: nobody loses access because a stack is deleted (CloudFormation Template Reference, AWS::SSO::PermissionSet
// and AWS::SSO::Assignment).
func (p Printer) AccessTemplate(instanceARN string, sets []permissionset.Set, entries []access.Entry) (resources int, err error) {
	t := stackTemplate{
		Version: "2010-09-09", Description: "Who has which permission set where",
		Parameters: map[string]any{"InstanceArn": map[string]any{
			"Type": "String", "Default": instanceARN, "Description": "The instance of IAM Identity Center",
		}},
		Resources: map[string]resource{},
	}
	instance := ref("InstanceArn")
	ids := map[string]string{} // of permission sets, by ARN
	for _, s := range sets {
		if permissionset.ControlTowers(s.Name) {
			continue
		}
		id := logicalID("PermissionSet"+alphanumeric(s.Name), s.Name)
		ids[s.ARN] = id
		t.Resources[id] = resource{"AWS::SSO::PermissionSet", "Retain", "Retain", setProperties(s, instance)}
	}
	for _, e := range entries {
		var set any = e.PermissionSetARN
		if id, ok := ids[e.PermissionSetARN]; ok {
			set = map[string]any{"Fn::GetAtt": []string{id, "PermissionSetArn"}}
		}
		id := logicalID("Assignment"+e.AccountID, e.PermissionSet, string(e.PrincipalType), e.PrincipalID)
		t.Resources[id] = resource{"AWS::SSO::Assignment", "Retain", "Retain", map[string]any{
			"InstanceArn": instance, "PermissionSetArn": set, "PrincipalId": e.PrincipalID, "PrincipalType": e.PrincipalType,
			"TargetId": e.AccountID, "TargetType": "AWS_ACCOUNT",
		}}
	}
	return len(t.Resources), document(p.Out, t, "  ")
}

func setProperties(s permissionset.Set, instance any) map[string]any {
	all := map[string]any{"InstanceArn": instance, "Name": s.Name}
	optional := func(name string, value any, there bool) {
		if there {
			all[name] = value
		}
	}
	managed := make([]any, len(s.Managed))
	for i, name := range s.Managed {
		managed[i] = managedPolicy(name)
	}
	var tags []map[string]string
	for _, key := range slices.Sorted(maps.Keys(s.Tags)) {
		tags = append(tags, map[string]string{"Key": key, "Value": s.Tags[key]})
	}
	own := make([]map[string]string, len(s.Customer))
	for i, c := range s.Customer {
		own[i] = customerPolicy(c)
	}
	optional("Description", s.Description, s.Description != "")
	optional("SessionDuration", permissionset.Spoken(s.Session), s.Session > 0)
	optional("RelayStateType", s.RelayState, s.RelayState != "")
	optional("ManagedPolicies", managed, len(managed) > 0)
	optional("CustomerManagedPolicyReferences", own, len(own) > 0)
	optional("InlinePolicy", json.RawMessage(s.Inline), json.Valid([]byte(s.Inline)))
	optional("Tags", tags, len(tags) > 0)
	switch {
	case s.Boundary.Customer.Name != "":
		all["PermissionsBoundary"] = map[string]any{"CustomerManagedPolicyReference": customerPolicy(s.Boundary.Customer)}
	case s.Boundary.Managed != "":
		all["PermissionsBoundary"] = map[string]any{"ManagedPolicyArn": managedPolicy(s.Boundary.Managed)}
	}
	return all
}

func ref(name string) any { return map[string]any{"Ref": name} }

// managedPolicy is the ARN of a policy of AWS, in whichever partition the stack is.
func managedPolicy(name string) any {
	return map[string]any{"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/" + name}
}

func customerPolicy(c permissionset.Policy) map[string]string {
	return map[string]string{"Name": c.Name, "Path": c.Path}
}

// logicalID is a readable beginning, and what tells apart what begins alike: letters and digits only.
func logicalID(beginning string, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return beginning + hex.EncodeToString(sum[:])[:10]
}

func alphanumeric(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// inJSON is a text in JSON, with nothing in it that steers a terminal.
func inJSON(s string) string {
	var b strings.Builder
	_ = document(&b, s, "") // a text can be written
	return strings.TrimSuffix(b.String(), "\n")
}
