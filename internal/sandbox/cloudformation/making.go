package cloudformation

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
)

const (
	sqsTarget     = "AmazonSQS"
	tableTarget   = "DynamoDB_20120810"
	eventsTarget  = "AWSEvents"
	catalogTarget = "AWS242ServiceCatalogService"
	logsTarget    = "Logs_20140328"
	snsVersion    = "2010-03-31"
	iamVersion    = "2010-05-08"
)

func createTable(h hands, t *thing) error {
	in := maps.Clone(t.resolved)
	in["TableName"] = t.ref
	delete(in, "PointInTimeRecoverySpecification")
	return h.json("dynamodb", tableTarget, "CreateTable", in, nil)
}

func tableExists(h hands, t *thing) (bool, error) {
	err := h.json("dynamodb", tableTarget, "DescribeTable", map[string]any{"TableName": t.ref}, nil)
	if missing(err) {
		return false, nil
	}
	return err == nil, err
}

// tableSettled says whether the table is ACTIVE; then it is given its backups.
func tableSettled(h hands, t *thing) (bool, error) {
	var out struct{ Table struct{ TableStatus string } }
	if err := h.json("dynamodb", tableTarget, "DescribeTable", map[string]any{"TableName": t.ref}, &out); err != nil {
		return false, err
	}
	if out.Table.TableStatus != "ACTIVE" {
		return false, nil
	}
	recovery, ok := t.resolved["PointInTimeRecoverySpecification"]
	if !ok {
		return true, nil
	}
	return true, h.json("dynamodb", tableTarget, "UpdateContinuousBackups", map[string]any{"TableName": t.ref, "PointInTimeRecoverySpecification": recovery}, nil)
}

func updateTable(h hands, now, before *thing) error {
	in := map[string]any{"TableName": now.ref}
	for _, name := range differing(before.resolved, now.resolved) {
		switch name {
		case "BillingMode", "DeletionProtectionEnabled", "SSESpecification":
			in[name] = now.resolved[name]
		case "PointInTimeRecoverySpecification": // once it is settled
		default:
			return &refusal{service: "dynamodb", code: "NotImplemented", status: http.StatusNotImplemented, message: "the sandbox does not change " + name + " of tables"}
		}
	}
	if len(in) == 1 {
		return nil
	}
	return h.json("dynamodb", tableTarget, "UpdateTable", in, nil)
}

// queueAttributes are what the template says of a queue, as SQS takes it.
func (t *thing) queueAttributes() map[string]string {
	all := map[string]string{}
	for name, value := range t.resolved {
		switch name {
		case "QueueName":
		case "RedrivePolicy":
			all[name] = string(document(value))
		default:
			all[name] = text(value)
		}
	}
	return all
}

func createQueue(h hands, t *thing) error {
	var out struct {
		QueueURL string `json:"QueueUrl"`
	}
	name := t.attributes["QueueName"]
	err := h.json("sqs", sqsTarget, "GetQueueUrl", map[string]any{"QueueName": name}, &out)
	if err == nil {
		t.ref = name
		return t.taken()
	}
	if !missing(err) {
		return err
	}
	if err := h.json("sqs", sqsTarget, "CreateQueue", map[string]any{"QueueName": name, "Attributes": t.queueAttributes()}, &out); err != nil {
		return err
	}
	t.ref = out.QueueURL
	t.attributes["QueueUrl"] = out.QueueURL
	return nil
}

func (t *thing) setQueue(h hands, queue string, attributes map[string]string) error {
	return h.json("sqs", sqsTarget, "SetQueueAttributes", map[string]any{"QueueUrl": queue, "Attributes": attributes}, nil)
}

func setQueuePolicy(h hands, t *thing) error {
	return t.eachQueue(h, string(document(t.resolved["PolicyDocument"])))
}

func (t *thing) eachQueue(h hands, policy string) error {
	queues, _ := t.resolved["Queues"].([]any)
	for _, q := range queues {
		if err := t.setQueue(h, text(q), map[string]string{"Policy": policy}); err != nil && (policy != "" || !missing(err)) {
			return err
		}
	}
	return nil
}

func topicExists(h hands, t *thing) (bool, error) {
	err := h.form("sns", snsVersion, "GetTopicAttributes", url.Values{"TopicArn": {t.ref}})
	if missing(err) {
		return false, nil
	}
	return err == nil, err
}

func createTopic(h hands, t *thing) error {
	if there, err := topicExists(h, t); there || err != nil {
		return errors.Join(err, onlyIf(there, t.taken()))
	}
	if err := h.form("sns", snsVersion, "CreateTopic", url.Values{"Name": {t.attributes["TopicName"]}}); err != nil {
		return err
	}
	return setTopicKey(h, t, nil)
}

func setTopicKey(h hands, t, _ *thing) error {
	key := text(t.resolved["KmsMasterKeyId"])
	if key == "" {
		return nil
	}
	return t.setTopic(h, t.ref, "KmsMasterKeyId", key)
}

func (t *thing) setTopic(h hands, topic, name, value string) error {
	return h.form("sns", snsVersion, "SetTopicAttributes", url.Values{"TopicArn": {topic}, "AttributeName": {name}, "AttributeValue": {value}})
}

func removeTopic(h hands, t *thing) error {
	return h.form("sns", snsVersion, "DeleteTopic", url.Values{"TopicArn": {t.ref}})
}

func setTopicPolicy(h hands, t *thing) error {
	topics, _ := t.resolved["Topics"].([]any)
	for _, topic := range topics {
		if err := t.setTopic(h, text(topic), "Policy", string(document(t.resolved["PolicyDocument"]))); err != nil {
			return err
		}
	}
	return nil
}

func subscribe(h hands, t *thing) error {
	return h.form("sns", snsVersion, "Subscribe", url.Values{
		"TopicArn": {text(t.resolved["TopicArn"])}, "Protocol": {text(t.resolved["Protocol"])}, "Endpoint": {text(t.resolved["Endpoint"])},
	})
}

func ruleExists(h hands, t *thing) (bool, error) {
	err := h.json("events", eventsTarget, "DescribeRule", map[string]any{"Name": t.ref}, nil)
	if missing(err) {
		return false, nil
	}
	return err == nil, err
}

// putRule makes a rule or changes it. The sandbox has no schedules: such a rule is written down, and nothing calls.
func putRule(h hands, t, before *thing) error {
	if t.resolved["ScheduleExpression"] != nil {
		return h.paper("events.PutRule")
	}
	if before == nil {
		if there, err := ruleExists(h, t); there || err != nil {
			return errors.Join(err, onlyIf(there, t.taken()))
		}
	}
	in := map[string]any{"Name": t.ref, "EventPattern": string(document(t.resolved["EventPattern"]))}
	for _, name := range []string{"Description", "State"} {
		if v, ok := t.resolved[name]; ok {
			in[name] = v
		}
	}
	if err := h.json("events", eventsTarget, "PutRule", in, nil); err != nil {
		return err
	}
	if before != nil {
		if gone := slices.DeleteFunc(before.targets(), func(id string) bool { return slices.Contains(t.targets(), id) }); len(gone) > 0 {
			if err := h.json("events", eventsTarget, "RemoveTargets", map[string]any{"Rule": t.ref, "Ids": gone}, nil); err != nil {
				return err
			}
		}
	}
	if len(t.targets()) == 0 {
		return nil
	}
	return h.json("events", eventsTarget, "PutTargets", map[string]any{"Rule": t.ref, "Targets": t.resolved["Targets"]}, nil)
}

// targets are the ids of a rule's targets.
func (t *thing) targets() []string {
	var ids []string
	list, _ := t.resolved["Targets"].([]any)
	for _, each := range list {
		target, _ := each.(map[string]any)
		ids = append(ids, text(target["Id"]))
	}
	return ids
}

func removeRule(h hands, t *thing) error {
	if t.resolved["ScheduleExpression"] != nil {
		return nil
	}
	if ids := t.targets(); len(ids) > 0 {
		if err := h.json("events", eventsTarget, "RemoveTargets", map[string]any{"Rule": t.ref, "Ids": ids}, nil); err != nil {
			return err
		}
	}
	return h.json("events", eventsTarget, "DeleteRule", map[string]any{"Name": t.ref}, nil)
}

func logGroupExists(h hands, t *thing) (bool, error) {
	var out struct {
		Groups []struct {
			Name string `json:"logGroupName"`
		} `json:"logGroups"`
	}
	if err := h.json("logs", logsTarget, "DescribeLogGroups", map[string]any{"logGroupNamePrefix": t.ref}, &out); err != nil {
		return false, err
	}
	for _, g := range out.Groups {
		if g.Name == t.ref {
			return true, nil
		}
	}
	return false, nil
}

func createRole(h hands, t *thing) error {
	in := url.Values{"RoleName": {t.ref}, "AssumeRolePolicyDocument": {string(document(t.resolved["AssumeRolePolicyDocument"]))}}
	for _, name := range []string{"Path", "Description"} {
		if v := text(t.resolved[name]); v != "" {
			in.Set(name, v)
		}
	}
	if err := h.form("iam", iamVersion, "CreateRole", in); err != nil {
		return err
	}
	return t.attach(h, "AttachRolePolicy", t.managed())
}

// managed are the ARNs of the policies that are attached to a role.
func (t *thing) managed() []string {
	var all []string
	list, _ := t.resolved["ManagedPolicyArns"].([]any)
	for _, each := range list {
		all = append(all, text(each))
	}
	return all
}

func (t *thing) attach(h hands, operation string, policies []string) error {
	for _, p := range policies {
		if err := h.form("iam", iamVersion, operation, url.Values{"RoleName": {t.ref}, "PolicyArn": {p}}); err != nil {
			return err
		}
	}
	return nil
}

func updateRole(h hands, now, before *thing) error {
	if !same(now.resolved["AssumeRolePolicyDocument"], before.resolved["AssumeRolePolicyDocument"]) {
		if err := h.form("iam", iamVersion, "UpdateAssumeRolePolicy", url.Values{
			"RoleName": {now.ref}, "PolicyDocument": {string(document(now.resolved["AssumeRolePolicyDocument"]))},
		}); err != nil {
			return err
		}
	}
	without := func(all, others []string) []string {
		return slices.DeleteFunc(all, func(p string) bool { return slices.Contains(others, p) })
	}
	return errors.Join(now.attach(h, "DetachRolePolicy", without(before.managed(), now.managed())), now.attach(h, "AttachRolePolicy", without(now.managed(), before.managed())))
}

func removeRole(h hands, t *thing) error {
	if err := t.attach(h, "DetachRolePolicy", t.managed()); err != nil {
		return err
	}
	return h.form("iam", iamVersion, "DeleteRole", url.Values{"RoleName": {t.ref}})
}
