package deploy_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/vend-cli/vend/internal/deploy"
)

// TestSecrecy holds the rules that do not depend on what the pipeline calls.
func TestSecrecy(t *testing.T) {
	t.Parallel()
	s := parsed(t).deployed(parameters)

	bucket := s.properties("Bucket")
	for _, key := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
		if dig(bucket, "PublicAccessBlockConfiguration", key) != true {
			t.Errorf("the bucket's %s is not set", key)
		}
	}
	if dig(bucket, "VersioningConfiguration", "Status") != "Enabled" {
		t.Error("the bucket keeps no versions")
	}
	if dig(bucket, "NotificationConfiguration", "EventBridgeConfiguration", "EventBridgeEnabled") != true {
		t.Error("the bucket announces no uploads")
	}
	if dig(bucket, "BucketEncryption") == nil {
		t.Error("the bucket is not encrypted")
	}
	for _, kept := range []string{"Bucket", "Table", "Logs"} {
		r, _ := s.template.section("Resources")[kept].(map[string]any)
		if r["DeletionPolicy"] != "Retain" || r["UpdateReplacePolicy"] != "Retain" {
			t.Errorf("%s does not outlive the stack", kept)
		}
	}
	for _, queue := range []string{"Inbox", "DeadLetters"} {
		p := s.properties(queue)
		if number(p["MessageRetentionPeriod"]) != 14*24*3600 || p["SqsManagedSseEnabled"] != true {
			t.Errorf("%s keeps messages for %v seconds, encrypted: %v", queue, p["MessageRetentionPeriod"], p["SqsManagedSseEnabled"])
		}
	}
	if n := number(dig(s.properties("Inbox"), "RedrivePolicy", "maxReceiveCount")); n < 5 {
		t.Errorf("a message is given up after %d attempts", n)
	}
	function := s.properties("Function")
	if wait, limit := number(s.properties("Inbox")["VisibilityTimeout"]), number(function["Timeout"]); wait < 6*limit {
		t.Errorf("a message is hidden for %d s, the function may take %d s: Lambda wants six times as long", wait, limit)
	}
	if !slices.Equal(texts(s.properties("FunctionInbox")["FunctionResponseTypes"]), []string{"ReportBatchItemFailures"}) {
		t.Error("one bad message brings the whole batch again")
	}
}

// TestServicesComeFromOurAccountOnly looks at every statement that lets a service in: a deputy that serves others too is
// told for whom (AWS IAM User Guide, "The confused deputy problem").
func TestServicesComeFromOurAccountOnly(t *testing.T) {
	t.Parallel()
	s := parsed(t).deployed(parameters)
	services := 0
	for kind, key := range map[string]string{
		"AWS::SQS::QueuePolicy": "PolicyDocument", "AWS::SNS::TopicPolicy": "PolicyDocument", "AWS::S3::BucketPolicy": "PolicyDocument",
		"AWS::IAM::Role": "AssumeRolePolicyDocument",
	} {
		for _, name := range s.resources(kind) {
			tls := false
			for _, st := range statements(s.properties(name)[key]) {
				principal, _ := st.Principal.(map[string]any)
				if principal["Service"] != nil {
					services++
					if got := st.Condition["StringEquals"]["aws:SourceAccount"]; !slices.Equal(got, []string{account}) {
						t.Errorf("%s.%s lets %v in for the accounts %q", name, st.Sid, principal["Service"], got)
					}
					source := slices.Concat(st.Condition["ArnEquals"]["aws:SourceArn"], st.Condition["ArnLike"]["aws:SourceArn"])
					if len(source) == 0 || slices.ContainsFunc(source, func(arn string) bool { return !strings.Contains(arn, ":"+account+":") }) {
						t.Errorf("%s.%s lets %v in for %q", name, st.Sid, principal["Service"], source)
					}
				}
				if st.Effect == "Allow" && (st.Principal == "*" || principal["AWS"] == "*") {
					t.Errorf("%s.%s lets everybody in", name, st.Sid)
				}
				tls = tls || st.Effect == "Deny" && st.Principal == "*" && slices.Equal(st.Condition["Bool"]["aws:SecureTransport"], []string{"false"})
			}
			if kind != "AWS::IAM::Role" && !tls {
				t.Errorf("%s takes what comes without TLS", name)
			}
		}
	}
	if services < 4 {
		t.Errorf("found %d statements that let a service in; the test looks in the wrong place", services)
	}
	for _, name := range s.resources("AWS::Lambda::Permission") {
		if p := s.properties(name); p["SourceAccount"] != account || !strings.Contains(text(p["SourceArn"]), ":"+account+":") {
			t.Errorf("%s lets %v in for %v, %v", name, p["Principal"], p["SourceAccount"], p["SourceArn"])
		}
	}
}

// TestEveryPartition: outside of arn:aws nothing may be spelled out, or GovCloud and China are left out.
func TestEveryPartition(t *testing.T) {
	t.Parallel()
	for i, line := range strings.Split(string(deploy.Template), "\n") {
		if strings.Contains(line, "arn:aws:") {
			t.Errorf("line %d names a partition: %s", i+1, strings.TrimSpace(line))
		}
	}
}

// TestEveryWishIsPossible resolves the stack with a key of the user's own, without CI, and without code.
func TestEveryWishIsPossible(t *testing.T) {
	t.Parallel()
	with := func(changed map[string]string) stack {
		all := maps.Clone(parameters)
		maps.Copy(all, changed)
		return parsed(t).deployed(all)
	}
	const key = "arn:aws:kms:eu-west-1:111111111111:key/1"
	keyed := with(map[string]string{"KmsKeyArn": key})
	for _, name := range []string{"Inbox", "DeadLetters", "Topic"} {
		if got := keyed.properties(name)["KmsMasterKeyId"]; got != key {
			t.Errorf("%s uses the key %v", name, got)
		}
	}
	if got := dig(keyed.properties("Table"), "SSESpecification", "KMSMasterKeyId"); got != key {
		t.Errorf("the table uses the key %v", got)
	}
	through := map[string]string{"kms:ViaService": "s3.eu-west-1.amazonaws.com"}
	for _, role := range keyed.resources("AWS::IAM::Role") {
		if !allows(keyed.policies(role), "kms:Decrypt", key, through) {
			t.Errorf("%s can't read what the key has closed", role)
		}
		if allows(keyed.policies(role), "kms:Decrypt", key, nil) {
			t.Errorf("%s may use the key by itself", role)
		}
	}
	if bare := with(map[string]string{"CodeKey": ""}); len(bare.resources("AWS::Lambda::Function"))+len(bare.resources("AWS::Lambda::EventSourceMapping")) > 0 {
		t.Error("there is a function without code")
	}
	if roles := with(map[string]string{"OIDCProviderArn": ""}).resources("AWS::IAM::Role"); slices.Contains(roles, ci) {
		t.Error("there is a role of CI whom nobody may be")
	}
	if code := dig(with(map[string]string{"CodeBucket": ""}).properties("Function"), "Code", "S3Bucket"); code != parameters["BucketName"] {
		t.Errorf("the code comes from %v", code)
	}
}

func dig(v any, path ...string) any {
	for _, key := range path {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}
