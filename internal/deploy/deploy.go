// Package deploy is what CloudFormation makes of the pipeline: the template, the function's code, and words for what changes.
//
// The stack belongs into the management account, in the home Region of Control Tower: only there Account Factory and its
// events are. Table, bucket and log outlive it (DeletionPolicy Retain); everything else goes with it, the association with
// Account Factory's portfolio too. Tests hold the template to the table's definition, to the rules of secrecy, and its
// policies to what the code calls: no more, no less.
//
// # How the function gets its code
//
// CloudFormation takes the code of a function from a bucket, and the pipeline's own bucket is one of the stack. So a stack is
// made without the function first; then its code goes into the bucket, under code/, and a second change set adds the function
// with what belongs to it. An update has the bucket already, and needs one change set. The key of the code is made of its
// digest ([Code.Key]), so that the same program is uploaded once and changes nothing.
//
// Import law: deploy imports nothing of this project.
package deploy

import (
	_ "embed"
	"strings"
)

// MaxTemplate is how many bytes a template may have that is handed to CloudFormation in the call itself, and not through a
// bucket (AWS CloudFormation User Guide, "Understand CloudFormation quotas").
const MaxTemplate = 51_200

// Template is template.yaml, in the long form of the intrinsic functions, so that every reader of YAML understands it.
//
//go:embed template.yaml
var Template []byte

// Parameters of the template that the commands fill in.
const (
	BucketName    = "BucketName"
	TableName     = "TableName"
	Prefix        = "Prefix"
	Instance      = "IdentityCenterInstanceArn"
	Portfolio     = "PortfolioId"
	AdminEmail    = "AdminEmail"
	Group         = "Group"
	PermissionSet = "PermissionSet"
	CodeKey       = "CodeKey"
)

// Named is the template with the names of bucket, table and log spelt out. It makes the same stack; but CloudFormation takes
// a resource that exists already into a stack only where the template names it with a text (AWS CloudFormation User Guide,
// "Import AWS resources into a CloudFormation stack automatically"). So what an earlier stack has left behind is taken over,
// with all that is in it. The names are valid ones: letters, digits, dots, dashes and underscores.
func Named(bucket, table string) string {
	return strings.NewReplacer(
		"BucketName: {Ref: BucketName}", `BucketName: "`+bucket+`"`,
		"TableName: {Ref: TableName}", `TableName: "`+table+`"`,
		`LogGroupName: {"Fn::Sub": "/aws/lambda/${TableName}"}`, `LogGroupName: "/aws/lambda/`+table+`"`,
	).Replace(string(Template))
}

// Parameters are the names of the template's parameters, in its order.
func Parameters() []string {
	_, rest, _ := strings.Cut(string(Template), "\nParameters:\n")
	var names []string
	for line := range strings.Lines(rest) {
		name, _, found := strings.Cut(strings.TrimPrefix(line, "  "), ":")
		if !strings.HasPrefix(line, "  ") || !found {
			return names
		}
		names = append(names, name)
	}
	return names
}
