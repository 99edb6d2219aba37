package cloudformation

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// thing is a resource of a stack.
type thing struct {
	part
	ref        string // what Ref stands for; the physical id, too
	attributes map[string]string
	resolved   map[string]any // properties with their functions resolved
	status     string
	reason     string
	since      time.Time
}

// kind is a type of resources, and how it is made, changed and taken away.
type kind struct {
	properties []string // that it may have; nil: any, for it exists on paper only
	name       string   // the property that names it
	fixed      []string // properties that cannot change without another one in its place; its name is one anyway
	operation  string   // by which it is made, as faults name it

	identify func(hands, *thing)
	create   func(hands, *thing) error
	settled  func(hands, *thing) (bool, error) // whether it is as it should be by now; nil: at once
	update   func(h hands, now, before *thing) error
	remove   func(hands, *thing) error
	exists   func(hands, *thing) (bool, error) // whether there is one of its name
}

// kinds are the types that templates of stacks may have: those whose service the sandbox has are made there, the others are
// written down, so that a stack has them and nobody else does.
var kinds = map[string]kind{
	"AWS::S3::Bucket": {
		properties: []string{"BucketName", "VersioningConfiguration", "BucketEncryption", "PublicAccessBlockConfiguration", "OwnershipControls", "NotificationConfiguration"},
		name:       "BucketName", operation: "s3.CreateBucket",
		identify: func(h hands, t *thing) {
			t.ref = t.called("BucketName", h, strings.ToLower)
			t.attributes = map[string]string{"Arn": "arn:aws:s3:::" + t.ref}
		},
		create: createBucket, update: func(h hands, now, _ *thing) error { return now.configureBucket(h) }, remove: removeBucket, exists: bucketExists,
	},
	"AWS::S3::BucketPolicy": {
		properties: []string{"Bucket", "PolicyDocument"}, name: "Bucket", operation: "s3.PutBucketPolicy",
		identify: func(_ hands, t *thing) { t.ref = text(t.resolved["Bucket"]) },
		create:   putBucketPolicy, update: func(h hands, now, _ *thing) error { return putBucketPolicy(h, now) },
		remove: func(h hands, t *thing) error { return t.bucket(h, "DELETE", "DeleteBucketPolicy", "policy", nil) },
	},
	"AWS::DynamoDB::Table": {
		properties: []string{
			"TableName", "BillingMode", "DeletionProtectionEnabled", "PointInTimeRecoverySpecification", "SSESpecification", "AttributeDefinitions",
			"KeySchema", "GlobalSecondaryIndexes", "Tags",
		},
		name: "TableName", fixed: []string{"KeySchema"}, operation: "dynamodb.CreateTable",
		identify: func(h hands, t *thing) {
			t.ref = t.called("TableName", h, nil)
			t.attributes = map[string]string{"Arn": h.arn("dynamodb", "table/"+t.ref)}
		},
		create: createTable, settled: tableSettled, update: updateTable, exists: tableExists,
		remove: func(h hands, t *thing) error {
			return h.json("dynamodb", tableTarget, "DeleteTable", map[string]any{"TableName": t.ref}, nil)
		},
	},
	"AWS::SQS::Queue": {
		properties: []string{"QueueName", "MessageRetentionPeriod", "VisibilityTimeout", "RedrivePolicy", "KmsMasterKeyId", "SqsManagedSseEnabled"},
		name:       "QueueName", operation: "sqs.CreateQueue",
		identify: func(h hands, t *thing) {
			name := t.called("QueueName", h, nil)
			t.attributes = map[string]string{"Arn": h.arn("sqs", name), "QueueName": name, "QueueUrl": t.ref}
		},
		create: createQueue, update: func(h hands, now, _ *thing) error { return now.setQueue(h, now.ref, now.queueAttributes()) },
		remove: func(h hands, t *thing) error {
			return h.json("sqs", sqsTarget, "DeleteQueue", map[string]any{"QueueUrl": t.ref}, nil)
		},
	},
	"AWS::SQS::QueuePolicy": {
		properties: []string{"Queues", "PolicyDocument"}, operation: "sqs.SetQueueAttributes",
		create: setQueuePolicy, update: func(h hands, now, _ *thing) error { return setQueuePolicy(h, now) },
		remove: func(h hands, t *thing) error { return t.eachQueue(h, "") },
	},
	"AWS::SNS::Topic": {
		properties: []string{"TopicName", "KmsMasterKeyId"}, name: "TopicName", operation: "sns.CreateTopic",
		identify: func(h hands, t *thing) {
			name := t.called("TopicName", h, nil)
			t.ref = h.arn("sns", name)
			t.attributes = map[string]string{"TopicArn": t.ref, "TopicName": name}
		},
		create: createTopic, update: setTopicKey, remove: removeTopic, exists: topicExists,
	},
	"AWS::SNS::TopicPolicy": {
		properties: []string{"Topics", "PolicyDocument"}, operation: "sns.SetTopicAttributes",
		create: setTopicPolicy, update: func(h hands, now, _ *thing) error { return setTopicPolicy(h, now) },
		remove: func(hands, *thing) error { return nil }, // SNS puts its own policy in its place, and looks at neither here
	},
	"AWS::SNS::Subscription": {
		properties: []string{"TopicArn", "Protocol", "Endpoint"}, fixed: []string{"TopicArn", "Protocol", "Endpoint"}, operation: "sns.Subscribe",
		create: subscribe, remove: func(hands, *thing) error { return nil }, // it goes with its topic; one that nobody has confirmed cannot be taken away
	},
	"AWS::Events::Rule": {
		properties: []string{"Name", "Description", "EventPattern", "ScheduleExpression", "State", "Targets"},
		name:       "Name", operation: "events.PutRule",
		identify: func(h hands, t *thing) {
			t.ref = t.called("Name", h, nil)
			t.attributes = map[string]string{"Arn": h.arn("events", "rule/"+t.ref)}
		},
		create: func(h hands, t *thing) error { return putRule(h, t, nil) }, update: putRule, remove: removeRule, exists: ruleExists,
	},
	"AWS::Logs::LogGroup": {
		properties: []string{"LogGroupName", "RetentionInDays", "KmsKeyId"}, name: "LogGroupName", operation: "logs.CreateLogGroup",
		identify: func(h hands, t *thing) {
			t.ref = t.called("LogGroupName", h, nil)
			t.attributes = map[string]string{"Arn": h.arn("logs", "log-group:"+t.ref+":*")}
		},
		create: func(h hands, t *thing) error {
			return h.json("logs", logsTarget, "CreateLogGroup", map[string]any{"logGroupName": t.ref}, nil)
		},
		update: func(hands, *thing, *thing) error { return nil }, // how long logs are kept is nothing that is looked at here
		remove: func(h hands, t *thing) error {
			return h.json("logs", logsTarget, "DeleteLogGroup", map[string]any{"logGroupName": t.ref}, nil)
		},
		exists: logGroupExists,
	},
	"AWS::ServiceCatalog::PortfolioPrincipalAssociation": {
		properties: []string{"PortfolioId", "PrincipalARN", "PrincipalType"}, fixed: []string{"PortfolioId", "PrincipalARN", "PrincipalType"},
		operation: "servicecatalog.AssociatePrincipalWithPortfolio",
		identify: func(_ hands, t *thing) {
			t.ref = text(t.resolved["PrincipalARN"]) + "|" + text(t.resolved["PortfolioId"])
		},
		create: func(h hands, t *thing) error {
			return h.json("servicecatalog", catalogTarget, "AssociatePrincipalWithPortfolio", t.resolved, nil)
		},
		remove: func(h hands, t *thing) error {
			return h.json("servicecatalog", catalogTarget, "DisassociatePrincipalFromPortfolio", t.resolved, nil)
		},
	},
	"AWS::IAM::Role": {
		properties: []string{"RoleName", "Path", "Description", "AssumeRolePolicyDocument", "ManagedPolicyArns", "MaxSessionDuration", "Tags"},
		name:       "RoleName", fixed: []string{"Path"}, operation: "iam.CreateRole",
		identify: func(h hands, t *thing) {
			t.ref = t.called("RoleName", h, nil)
			t.attributes = map[string]string{"Arn": "arn:aws:iam::" + h.account + ":role/" + t.ref}
		},
		create: createRole, update: updateRole, remove: removeRole,
	},
	"AWS::IAM::ManagedPolicy": onPaper("iam.CreatePolicy", "ManagedPolicyName", func(h hands, t *thing) {
		t.ref = "arn:aws:iam::" + h.account + ":policy/" + t.called("ManagedPolicyName", h, nil)
	}),
	"AWS::IAM::Policy": onPaper("iam.PutRolePolicy", "", nil),
	"AWS::Lambda::Function": onPaper("lambda.CreateFunction", "FunctionName", func(h hands, t *thing) {
		t.ref = t.called("FunctionName", h, nil)
		t.attributes = map[string]string{"Arn": h.arn("lambda", "function:"+t.ref)}
	}),
	"AWS::Lambda::EventSourceMapping": onPaper("lambda.CreateEventSourceMapping", "", nil),
	"AWS::Lambda::Permission":         onPaper("lambda.AddPermission", "", nil),
	"AWS::CloudWatch::Alarm": onPaper("monitoring.PutMetricAlarm", "AlarmName", func(h hands, t *thing) {
		t.ref = t.called("AlarmName", h, nil)
		t.attributes = map[string]string{"Arn": h.arn("cloudwatch", "alarm:"+t.ref)}
	}),
}

// onPaper is a type whose service the sandbox has not.
func onPaper(operation, name string, identify func(hands, *thing)) kind {
	call := func(h hands, _ *thing) error { return h.paper(operation) }
	return kind{
		name: name, operation: operation, identify: identify, create: call,
		update: func(h hands, _, _ *thing) error { return h.paper(operation) }, remove: func(hands, *thing) error { return nil },
	}
}

// called is the custom name, or one that is made up of the stack's and the logical one (AWS CloudFormation User Guide, "Name
// type").
func (t *thing) called(property string, h hands, spelt func(string) string) string {
	if name := text(t.resolved[property]); name != "" {
		return name
	}
	if t.ref == "" {
		t.ref = h.made(t.id)
	}
	name := t.ref
	if spelt != nil {
		name = spelt(name)
	}
	return name[strings.LastIndexAny(name, "/:")+1:]
}

// made is a name that nobody has given.
func (h hands) made(id string) string {
	return h.stack[:min(len(h.stack), 24)] + "-" + id[:min(len(id), 24)] + "-" + strings.ToUpper(h.unique()[:12])
}

// known fills in what a thing is called.
func (t *thing) known(h hands) {
	t.attributes = map[string]string{}
	if k := kinds[t.kind]; k.identify != nil {
		k.identify(h, t)
	}
	if t.ref == "" {
		t.ref = h.made(t.id)
	}
}

// named says whether the template names the thing with a text, not with a function of something.
func (p part) named() bool {
	k := kinds[p.kind]
	name, ok := p.properties[k.name].(string)
	return k.name != "" && ok && name != ""
}

// differing are the properties in which two states of a thing differ.
func differing(before, now map[string]any) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(merged(before, now))) {
		if !same(before[name], now[name]) {
			names = append(names, name)
		}
	}
	return names
}

func merged(a, b map[string]any) map[string]any {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, b)
	return all
}

func same(a, b any) bool {
	left, errLeft := json.Marshal(a)
	right, errRight := json.Marshal(b)
	return errLeft == nil && errRight == nil && string(left) == string(right)
}

// replaces says whether a change of these properties puts another thing in the place of the first.
func (k kind) replaces(changed []string) bool {
	return slices.ContainsFunc(changed, func(p string) bool { return p == k.name && p != "" || slices.Contains(k.fixed, p) })
}
