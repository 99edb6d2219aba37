// Package deploy holds the CloudFormation template of the pipeline.
//
// The stack belongs into the management account, in the home Region of Control Tower: only there Account Factory and its
// events are. Table, bucket and log outlive it (DeletionPolicy Retain); everything else goes with it, the association with
// Account Factory's portfolio too. Tests hold the template to the table's definition, to the rules of secrecy, and its
// policies to what the code calls: no more, no less.
//
// Import law: deploy imports nothing of this project.
package deploy

import _ "embed"

// MaxTemplate is how many bytes a template may have that is handed to CloudFormation in the call itself, and not through a
// bucket (AWS CloudFormation User Guide, "Understand CloudFormation quotas").
const MaxTemplate = 51_200

// Template is template.yaml, in the long form of the intrinsic functions, so that every reader of YAML understands it.
//
//go:embed template.yaml
var Template []byte
