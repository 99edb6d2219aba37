package deploy_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const (
	account   = "111111111111"
	region    = "eu-west-1"
	partition = "aws"
)

// parameters are those of a stack that has everything but a key of its own.
var parameters = map[string]string{
	"BucketName": "my-account-lists", "IdentityCenterInstanceArn": "arn:aws:sso:::instance/ssoins-1234567890abcdef", "PortfolioId": "port-abc",
	"AdminEmail": "platform@example.com", "Group": "Platform Team", "PermissionSet": "AdministratorAccess", "TableName": "vend", "Prefix": "incoming/",
	"CodeKey": "code/vend.zip", "CodeBucket": "", "CodeVersion": "", "KmsKeyArn": "", "LogRetentionDays": "90",
	"OIDCProviderArn": "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com", "OIDCSubject": "repo:o/r:ref:refs/heads/main",
}

// stack is the template with its functions resolved: what CloudFormation would make of it.
type stack struct {
	template   template
	parameters map[string]string
}

// nothing is what AWS::NoValue leaves.
type nothing struct{}

func (t template) deployed(parameters map[string]string) stack { return stack{t, parameters} }

// resources are the logical names of those that are there, of one type.
func (s stack) resources(kind string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(s.template.section("Resources"))) {
		r, _ := s.template.section("Resources")[name].(map[string]any)
		condition := s.template.conditionOf(name)
		if r["Type"] == kind && (condition == "" || s.holds(condition)) {
			names = append(names, name)
		}
	}
	return names
}

func (s stack) properties(name string) map[string]any {
	r, _ := s.template.section("Resources")[name].(map[string]any)
	p, _ := s.resolve(r["Properties"]).(map[string]any)
	return p
}

func (s stack) holds(condition string) bool {
	return s.resolve(s.template.section("Conditions")[condition]) == true
}

func (s stack) resolve(node any) any {
	switch n := node.(type) {
	case []any:
		var all []any
		for _, each := range n {
			if v := s.resolve(each); v != (nothing{}) {
				all = append(all, v)
			}
		}
		return all
	case map[string]any:
		if len(n) == 1 {
			for function, argument := range n {
				if v, ok := s.call(function, argument); ok {
					return v
				}
			}
		}
		all := map[string]any{}
		for key, each := range n {
			if v := s.resolve(each); !isNothing(v) {
				all[key] = v
			}
		}
		return all
	}
	return node
}

func isNothing(v any) bool { _, is := v.(nothing); return is }

func (s stack) call(function string, argument any) (any, bool) {
	list, _ := argument.([]any)
	switch function {
	case "Ref":
		return s.ref(fmt.Sprint(argument)), true
	case "Fn::GetAtt":
		return s.attribute(fmt.Sprint(list[0]), fmt.Sprint(list[1])), true
	case "Fn::Sub":
		text, local := fmt.Sprint(argument), map[string]any{}
		if len(list) == 2 {
			text = fmt.Sprint(list[0])
			local, _ = s.resolve(list[1]).(map[string]any)
		}
		return substituted.ReplaceAllStringFunc(text, func(m string) string {
			name := m[2 : len(m)-1]
			if v, ok := local[name]; ok {
				return fmt.Sprint(v)
			}
			if resource, attribute, dotted := strings.Cut(name, "."); dotted {
				return s.attribute(resource, attribute)
			}
			return fmt.Sprint(s.ref(name))
		}), true
	case "Fn::If":
		if s.holds(fmt.Sprint(list[0])) {
			return s.resolve(list[1]), true
		}
		return s.resolve(list[2]), true
	case "Fn::Equals":
		return s.resolve(list[0]) == s.resolve(list[1]), true
	case "Fn::Not":
		return s.resolve(list[0]) != true, true
	case "Fn::And":
		return !slices.ContainsFunc(list, func(c any) bool { return s.resolve(c) != true }), true
	case "Fn::Split":
		var parts []any
		for part := range strings.SplitSeq(fmt.Sprint(s.resolve(list[1])), fmt.Sprint(list[0])) {
			parts = append(parts, part)
		}
		return parts, true
	case "Fn::Select":
		parts, _ := s.resolve(list[1]).([]any)
		return parts[number(list[0])], true
	}
	return nil, false
}

func number(v any) int {
	var n int
	_, _ = fmt.Sscan(fmt.Sprint(v), &n) // the template is ours
	return n
}

func (s stack) ref(name string) any {
	switch name {
	case "AWS::NoValue":
		return nothing{}
	case "AWS::AccountId":
		return account
	case "AWS::Region":
		return region
	case "AWS::Partition":
		return partition
	}
	if v, ok := s.parameters[name]; ok {
		return v
	}
	switch r, _ := s.template.section("Resources")[name].(map[string]any); r["Type"] {
	case "AWS::S3::Bucket":
		return s.parameters["BucketName"]
	case "AWS::SNS::Topic":
		return s.attribute(name, "TopicArn")
	}
	return name
}

// attribute is an ARN where one is asked for, and else the logical name: nobody compares it.
func (s stack) attribute(resource, attribute string) string {
	r, _ := s.template.section("Resources")[resource].(map[string]any)
	p, _ := r["Properties"].(map[string]any)
	named := func(key string) string { return fmt.Sprint(s.resolve(p[key])) }
	in := func(service, rest string) string {
		return fmt.Sprintf("arn:%s:%s:%s:%s:%s", partition, service, region, account, rest)
	}
	if attribute != "Arn" && attribute != "TopicArn" {
		return resource
	}
	switch r["Type"] {
	case "AWS::S3::Bucket":
		return "arn:" + partition + ":s3:::" + s.parameters["BucketName"]
	case "AWS::DynamoDB::Table":
		return in("dynamodb", "table/"+named("TableName"))
	case "AWS::SQS::Queue":
		return in("sqs", named("QueueName"))
	case "AWS::SNS::Topic":
		return in("sns", named("TopicName"))
	case "AWS::Events::Rule":
		return in("events", "rule/"+named("Name"))
	case "AWS::Logs::LogGroup":
		return in("logs", "log-group:"+named("LogGroupName")+":*")
	case "AWS::Lambda::Function":
		return in("lambda", "function:"+named("FunctionName"))
	case "AWS::IAM::Role":
		return "arn:" + partition + ":iam::" + account + ":role/" + resource
	}
	return resource
}
