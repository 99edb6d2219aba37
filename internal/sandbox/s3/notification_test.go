package s3_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox/world"
)

func (s *site) notify(c *types.NotificationConfiguration) error {
	_, err := s.PutBucketNotificationConfiguration(s.t.Context(), &awss3.PutBucketNotificationConfigurationInput{
		Bucket: aws.String("lists"), NotificationConfiguration: c,
	})
	return err
}

func bridge() *types.NotificationConfiguration {
	return &types.NotificationConfiguration{EventBridgeConfiguration: &types.EventBridgeConfiguration{}}
}

// details are the events that arrived, "detail-type reason key".
func (s *site) details() (lines []string, all []map[string]any) {
	s.t.Helper()
	s.world.Do(func() {
		for _, e := range s.events {
			d := map[string]any{}
			if err := json.Unmarshal(e.Detail, &d); err != nil {
				s.t.Fatal(err)
			}
			all = append(all, d)
			object, _ := d["object"].(map[string]any)
			line := fmt.Sprint(e.DetailType, ", ", d["reason"], ", ", object["key"])
			if d["deletion-type"] != nil {
				line += fmt.Sprint(", ", d["deletion-type"])
			}
			lines = append(lines, line)
		}
	})
	return lines, all
}

func TestEventBridgeHearsOfObjects(t *testing.T) {
	t.Parallel()
	s := open(t, "us-east-1")
	s.bucket("lists", "Enabled")
	s.put("lists", "before", "nobody hears of this")
	if err := s.notify(bridge()); err != nil {
		t.Fatal(err)
	}
	first := s.put("lists", "in/my file(1).csv", "hello")
	s.pass(1999 * time.Millisecond)
	if lines, _ := s.details(); len(lines) > 0 {
		t.Errorf("events before their time: %v", lines)
	}
	s.pass(time.Millisecond)
	var event world.Event
	s.world.Do(func() { event = s.events[0] })
	_, all := s.details()
	sequencer, _ := all[0]["object"].(map[string]any)["sequencer"].(string)
	want := map[string]any{
		"version": "0", "bucket": map[string]any{"name": "lists"},
		"object": map[string]any{
			"key": "in/my file(1).csv", "size": 5.0, "etag": "5d41402abc4b2a76b9719d911017c592", "version-id": first,
			"sequencer": sequencer,
		},
		"request-id": all[0]["request-id"], "requester": "111111111111", "source-ip-address": "127.0.0.1", "reason": "PutObject",
	}
	if diff := cmp.Diff(want, all[0]); diff != "" {
		t.Error(diff)
	}
	if event.Source != "aws.s3" || event.DetailType != "Object Created" || event.Region != "us-east-1" || event.Account != "111111111111" ||
		cmp.Diff([]string{"arn:aws:s3:::lists"}, event.Resources) != "" {
		t.Errorf("%+v", event)
	}

	_, err := s.CopyObject(t.Context(), &awss3.CopyObjectInput{Bucket: aws.String("lists"), Key: aws.String("copy"), CopySource: aws.String("lists/before")})
	if err != nil {
		t.Fatal(err)
	}
	id, parts := s.upload(awss3.CreateMultipartUploadInput{}, 16)
	if _, err := s.complete(id, parts); err != nil {
		t.Fatal(err)
	}
	s.remove("copy", "")
	s.remove("in/my file(1).csv", first)
	s.remove("nothing", "null")
	_, err = s.PutObjectTagging(t.Context(), &awss3.PutObjectTaggingInput{Bucket: aws.String("lists"), Key: aws.String("big"), Tagging: &types.Tagging{TagSet: []types.Tag{}}})
	if err != nil {
		t.Fatal(err)
	}
	s.pass(2 * time.Second)
	lines, all := s.details()
	wantLines := []string{
		"Object Created, PutObject, in/my file(1).csv",
		"Object Created, CopyObject, copy",
		"Object Created, CompleteMultipartUpload, big",
		"Object Deleted, DeleteObject, copy, Delete Marker Created",
		"Object Deleted, DeleteObject, in/my file(1).csv, Permanently Deleted",
		"Object Tags Added, <nil>, big",
	}
	if diff := cmp.Diff(wantLines, lines); diff != "" {
		t.Error(diff)
	}
	last := ""
	for _, d := range all[:5] {
		sequencer, _ := d["object"].(map[string]any)["sequencer"].(string)
		if sequencer <= last || strings.Trim(sequencer, "0123456789ABCDEF") != "" {
			t.Errorf("sequencer %s after %s", sequencer, last)
		}
		last = sequencer
	}
	if err := s.notify(&types.NotificationConfiguration{}); err != nil {
		t.Fatal(err)
	}
	s.put("lists", "after", "nobody hears of this")
	s.pass(time.Hour)
	if more, _ := s.details(); len(more) != len(lines) {
		t.Errorf("%v", more[len(lines):])
	}
}

func TestWhatNobodyHasVerifiedCanBeSwitched(t *testing.T) {
	t.Parallel()
	t.Run("keys are encoded for EventBridge", func(t *testing.T) {
		t.Parallel()
		s := open(t, "us-east-1", "s3-eventbridge-key-encoding")
		s.bucket("lists")
		if err := s.notify(bridge()); err != nil {
			t.Fatal(err)
		}
		s.put("lists", "in/my file(1).csv", "hello")
		s.pass(2 * time.Second)
		if lines, _ := s.details(); cmp.Diff([]string{"Object Created, PutObject, in/my+file%281%29.csv"}, lines) != "" {
			t.Error(lines)
		}
	})
	t.Run("EventBridge takes five minutes to be enabled", func(t *testing.T) {
		t.Parallel()
		s := open(t, "us-east-1", "s3-eventbridge-enabling-delay")
		s.bucket("lists")
		if err := s.notify(bridge()); err != nil {
			t.Fatal(err)
		}
		s.put("lists", "too early", "hello")
		s.pass(5 * time.Minute)
		s.put("lists", "in time", "hello")
		s.pass(2 * time.Second)
		if lines, _ := s.details(); cmp.Diff([]string{"Object Created, PutObject, in time"}, lines) != "" {
			t.Error(lines)
		}
	})
	t.Run("deleting nothing is told", func(t *testing.T) {
		t.Parallel()
		s := open(t, "us-east-1", "s3-event-for-deleting-nothing")
		s.bucket("lists")
		if err := s.notify(bridge()); err != nil {
			t.Fatal(err)
		}
		s.remove("nothing", "")
		s.pass(2 * time.Second)
		if lines, _ := s.details(); cmp.Diff([]string{"Object Deleted, DeleteObject, nothing, Permanently Deleted"}, lines) != "" {
			t.Error(lines)
		}
	})
}

func queued(events ...types.Event) types.QueueConfiguration {
	return types.QueueConfiguration{QueueArn: aws.String(queue), Events: events}
}

func filtered(c types.QueueConfiguration, rules ...string) types.QueueConfiguration {
	c.Filter = &types.NotificationConfigurationFilter{Key: &types.S3KeyFilter{}}
	for i := 0; i+1 < len(rules); i += 2 {
		c.Filter.Key.FilterRules = append(c.Filter.Key.FilterRules, types.FilterRule{Name: types.FilterRuleName(rules[i]), Value: &rules[i+1]})
	}
	return c
}

func TestQueuesHearOfObjects(t *testing.T) {
	t.Parallel()
	s := open(t, "us-east-1")
	s.bucket("lists", "Enabled")
	c := filtered(queued("s3:ObjectCreated:*", "s3:ObjectRemoved:DeleteMarkerCreated"), "prefix", "in/", "suffix", ".csv")
	c.Id = aws.String("cfg")
	if err := s.notify(&types.NotificationConfiguration{QueueConfigurations: []types.QueueConfiguration{c}}); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2026-11-01T10:00:00.000Z", "Bucket": "lists"}
	var test map[string]any
	s.world.Do(func() { test = s.messages[0] })
	want["RequestId"], want["HostId"] = test["RequestId"], test["HostId"]
	if diff := cmp.Diff(want, test); diff != "" {
		t.Error(diff)
	}
	back, err := s.GetBucketNotificationConfiguration(t.Context(), &awss3.GetBucketNotificationConfigurationInput{Bucket: aws.String("lists")})
	if err != nil || len(back.QueueConfigurations) != 1 || len(back.QueueConfigurations[0].Filter.Key.FilterRules) != 2 || back.EventBridgeConfiguration != nil {
		t.Errorf("%+v, %v", back, err)
	}

	version := s.put("lists", "in/my file(1).csv", "hello")
	s.put("lists", "in/other.txt", "x")
	s.put("lists", "out/other.csv", "x")
	s.remove("in/my file(1).csv", "")
	s.remove("in/my file(1).csv", version)
	s.pass(2 * time.Second)
	var names []string
	var record map[string]any
	s.world.Do(func() {
		for i, m := range s.messages[1:] {
			records, _ := m["Records"].([]any)
			r, _ := records[0].(map[string]any)
			if i == 0 {
				record = r
			}
			names = append(names, fmt.Sprint(r["eventName"]))
		}
	})
	if diff := cmp.Diff([]string{"ObjectCreated:Put", "ObjectRemoved:DeleteMarkerCreated"}, names); diff != "" {
		t.Fatal(diff)
	}
	part := func(path ...string) any {
		var v any = record
		for _, name := range path {
			v = v.(map[string]any)[name]
		}
		return v
	}
	wantRecord := map[string]any{
		"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1", "eventTime": "2026-11-01T10:00:00.000Z",
		"eventName":         "ObjectCreated:Put",
		"userIdentity":      map[string]any{"principalId": part("userIdentity", "principalId")},
		"requestParameters": map[string]any{"sourceIPAddress": "127.0.0.1"},
		"responseElements":  map[string]any{"x-amz-request-id": part("responseElements", "x-amz-request-id"), "x-amz-id-2": part("responseElements", "x-amz-id-2")},
		"s3": map[string]any{
			"s3SchemaVersion": "1.0", "configurationId": "cfg",
			"bucket": map[string]any{"name": "lists", "ownerIdentity": part("s3", "bucket", "ownerIdentity"), "arn": "arn:aws:s3:::lists"},
			"object": map[string]any{
				"key": "in/my+file%281%29.csv", "size": 5.0, "eTag": "5d41402abc4b2a76b9719d911017c592", "versionId": version,
				"sequencer": part("s3", "object", "sequencer"),
			},
		},
	}
	if diff := cmp.Diff(wantRecord, record); diff != "" {
		t.Error(diff)
	}
}

func TestConfigurationsThatAreRefused(t *testing.T) {
	t.Parallel()
	s := open(t, "us-east-1")
	s.bucket("lists")
	elsewhere, fifo := queued("s3:ObjectCreated:*"), queued("s3:ObjectCreated:*")
	elsewhere.QueueArn, fifo.QueueArn = aws.String(queue+"-not"), aws.String(queue+".fifo")
	named := queued("s3:ObjectRemoved:*")
	named.Id = aws.String("same")
	renamed := queued("s3:ObjectCreated:*")
	renamed.Id = named.Id
	for name, test := range map[string]struct {
		configuration *types.NotificationConfiguration
		queues        []types.QueueConfiguration
		want          string
	}{
		"a queue that does not exist": {queues: []types.QueueConfiguration{elsewhere}, want: "400 InvalidArgument"},
		"a FIFO queue":                {queues: []types.QueueConfiguration{fifo}, want: "400 InvalidArgument"},
		"an event that is none":       {queues: []types.QueueConfiguration{queued("s3:Whatever")}, want: "400 MalformedXML"},
		"a filter by size":            {queues: []types.QueueConfiguration{filtered(queued("s3:ObjectCreated:*"), "size", "1")}, want: "400 InvalidArgument"},
		"two prefixes":                {queues: []types.QueueConfiguration{filtered(queued("s3:ObjectCreated:*"), "prefix", "a", "prefix", "b")}, want: "400 InvalidArgument"},
		"the same event twice":        {queues: []types.QueueConfiguration{queued("s3:ObjectCreated:*"), queued("s3:ObjectCreated:Put")}, want: "400 InvalidArgument"},
		"overlapping prefixes":        {queues: []types.QueueConfiguration{filtered(queued("s3:ObjectCreated:*"), "prefix", "a"), filtered(queued("s3:ObjectCreated:*"), "prefix", "ab")}, want: "400 InvalidArgument"},
		"separate prefixes":           {queues: []types.QueueConfiguration{filtered(queued("s3:ObjectCreated:*"), "prefix", "a"), filtered(queued("s3:ObjectCreated:*"), "prefix", "b")}},
		"separate suffixes":           {queues: []types.QueueConfiguration{filtered(queued("s3:ObjectCreated:*"), "suffix", ".a"), filtered(queued("s3:ObjectCreated:*"), "suffix", ".b")}},
		"separate events":             {queues: []types.QueueConfiguration{queued("s3:ObjectCreated:Copy"), queued("s3:ObjectCreated:Put")}},
		"an id twice":                 {queues: []types.QueueConfiguration{named, renamed}, want: "400 InvalidArgument"},
		"a topic": {configuration: &types.NotificationConfiguration{TopicConfigurations: []types.TopicConfiguration{
			{TopicArn: aws.String("arn:aws:sns:us-east-1:111111111111:t"), Events: []types.Event{"s3:ObjectCreated:*"}},
		}}, want: "501 NotImplemented"},
		"a function": {configuration: &types.NotificationConfiguration{LambdaFunctionConfigurations: []types.LambdaFunctionConfiguration{
			{LambdaFunctionArn: aws.String("arn:aws:lambda:us-east-1:111111111111:function:f"), Events: []types.Event{"s3:ObjectCreated:*"}},
		}}, want: "501 NotImplemented"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.configuration == nil {
				test.configuration = &types.NotificationConfiguration{QueueConfigurations: test.queues}
			}
			if got := code(s.notify(test.configuration)); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestEncryptionOfObjects(t *testing.T) {
	t.Parallel()
	s := open(t, "us-east-1")
	s.bucket("lists")
	out, err := s.PutObject(t.Context(), &awss3.PutObjectInput{
		Bucket: aws.String("lists"), Key: aws.String("k"), Body: strings.NewReader("hello"),
		ServerSideEncryption: types.ServerSideEncryptionAwsKms, SSEKMSKeyId: aws.String("alias/lists"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if aws.ToString(out.ETag) == `"5d41402abc4b2a76b9719d911017c592"` || out.ServerSideEncryption != "aws:kms" || aws.ToString(out.SSEKMSKeyId) != "alias/lists" {
		t.Errorf("%+v", out)
	}
	for name, headers := range map[string][]string{
		"a key without its method": {"x-amz-server-side-encryption-aws-kms-key-id", "k"},
		"an unknown method":        {"x-amz-server-side-encryption", "rot13"},
	} {
		if status, _, body := s.send("PUT", "/lists/k", "hello", headers...); status != 400 || !strings.Contains(body, "InvalidArgument") {
			t.Errorf("%s: %s", name, body)
		}
	}
}
