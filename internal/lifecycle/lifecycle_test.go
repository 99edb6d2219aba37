package lifecycle_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/lifecycle"
)

func at(hour, minute, second int) time.Time {
	return time.Date(2026, 4, 14, hour, minute, second, 0, time.UTC)
}

var made = lifecycle.AccountEvent{
	Name: "CreateManagedAccount", State: "SUCCEEDED", AccountName: "team-a-dev", AccountID: "111122223333",
	OU:          account.OrganizationalUnit{ID: "ou-ab12-cd34ef56", Name: "Workloads"},
	Message:     "AWS Control Tower successfully created an enrolled account.",
	RequestedAt: at(21, 40, 1), At: at(21, 55, 36), ManagementAccount: "111111111111",
}

var samples = map[string]lifecycle.Event{
	"s3-object-created.json": {What: "ObjectCreated:Put", Uploads: []lifecycle.Upload{{
		Bucket: "my-account-lists", Key: "incoming/new accounts + more(1).csv", Version: "096fKKXTRTtl3on89fVO.nfljtsv6qko",
		Sequencer: "0055AED6DCD90281E5", ETag: "d41d8cd98f00b204e9800998ecf8427e", Size: 1024,
	}}},
	"s3-several-records.json": {What: "ObjectCreated:Copy", Uploads: []lifecycle.Upload{
		{Bucket: "my-account-lists", Key: "incoming/a.csv", Sequencer: "0055AED6DCD90281E5", ETag: "d41d8cd98f00b204e9800998ecf8427e-2", Size: 20 << 20},
		{Bucket: "my-account-lists", Key: "incoming/b.csv", Sequencer: "0055AED6DCD90281E6", ETag: "d41d8cd98f00b204e9800998ecf8427e", Size: 1024},
	}},
	"s3-test-event.json": {What: "s3:TestEvent"},
	"eventbridge-object-created.json": {What: "Object Created", Uploads: []lifecycle.Upload{{
		Bucket: "my-account-lists", Key: "incoming/new accounts(1).csv", Version: "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
		Sequencer: "00617F08299329D189", ETag: "d41d8cd98f00b204e9800998ecf8427e", Size: 1024,
	}}},
	"create-managed-account.json": {What: "CreateManagedAccount", Account: &made},
	"sns-envelope.json":           {What: "CreateManagedAccount", Account: &made},
	"create-managed-account-failed.json": {What: "CreateManagedAccount", Account: &lifecycle.AccountEvent{
		Name: "CreateManagedAccount", State: "FAILED", AccountName: "team-a-dev", OU: account.OrganizationalUnit{Name: "Workloads"},
		Message:     "AWS Control Tower failed to create an enrolled account.",
		RequestedAt: at(21, 40, 1), At: at(21, 45, 12), ManagementAccount: "111111111111",
	}},
	"update-managed-account.json": {What: "UpdateManagedAccount", Account: &lifecycle.AccountEvent{
		Name: "UpdateManagedAccount", State: "SUCCEEDED", AccountName: "team-a-dev", AccountID: "111122223333",
		OU:          account.OrganizationalUnit{ID: "ou-ab12-cd34ef56", Name: "Workloads"},
		Message:     "AWS Control Tower successfully updated a managed account.",
		RequestedAt: at(21, 47, 0), At: at(21, 55, 36), ManagementAccount: "111111111111",
	}},
	"register-organizational-unit.json": {What: "RegisterOrganizationalUnit"},
}

func TestSamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../samples/lifecycle/*.json")
	if err != nil || len(files) != len(samples) {
		t.Fatalf("%d sample files, %v; the table has %d", len(files), err, len(samples))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := lifecycle.Parse(body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(samples[filepath.Base(file)], got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestUnusualEvents(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body string
		want lifecycle.Event
	}{
		"a key that looks encoded in an EventBridge event": {
			`{"source":"aws.s3","detail-type":"Object Created","detail":{"bucket":{"name":"b"},"object":{"key":"a+b%281%29.csv"}}}`,
			lifecycle.Event{What: "Object Created", Uploads: []lifecycle.Upload{{Bucket: "b", Key: "a+b%281%29.csv", AlternativeKey: "a b(1).csv"}}},
		},
		"a key that can't be decoded": {
			`{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"100%.csv"}}}]}`,
			lifecycle.Event{What: "ObjectCreated:Put", Uploads: []lifecycle.Upload{{Bucket: "b", Key: "100%.csv"}}},
		},
		"no records at all": {`{"Records":[]}`, lifecycle.Event{}},
		"an object removed, through EventBridge": {
			`{"source":"aws.s3","detail-type":"Object Deleted","detail":{}}`, lifecycle.Event{What: "Object Deleted"},
		},
		"drift": {`{"source":"aws.controltower","detail-type":"Drift Detected"}`, lifecycle.Event{What: "Drift Detected"}},
		"an account event with hardly anything in it": {
			`{"source":"aws.controltower","time":"2026-04-14T21:55:36Z","detail":{"eventName":"CreateManagedAccount","userIdentity":{"accountId":"111111111111"},"serviceEventDetails":{"createManagedAccountStatus":{}}}}`,
			lifecycle.Event{What: "CreateManagedAccount", Account: &lifecycle.AccountEvent{
				Name: "CreateManagedAccount", At: at(21, 55, 36), ManagementAccount: "111111111111",
			}},
		},
		"ids that are none": {
			`{"source":"aws.controltower","account":"root","detail":{"eventName":"UpdateManagedAccount","serviceEventDetails":{"updateManagedAccountStatus":{"state":"FAILED","account":{"accountName":"Not Available","accountId":"12345678901"},"organizationalUnit":{"organizationalUnitId":"r-ab12"},"completedTimestamp":"soon","requestedTimestamp":"2026-04-14T23:55:36.5+0200"}}}}`,
			lifecycle.Event{What: "UpdateManagedAccount", Account: &lifecycle.AccountEvent{
				Name: "UpdateManagedAccount", State: "FAILED",
				RequestedAt: at(21, 55, 36).Add(time.Second / 2), At: at(21, 55, 36).Add(time.Second / 2),
			}},
		},
		"an upload within a notification within a notification": {
			`{"Type":"Notification","Message":"{\"Type\":\"Notification\",\"Message\":\"{\\\"Event\\\":\\\"s3:TestEvent\\\"}\"}"}`,
			lifecycle.Event{What: "s3:TestEvent"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := lifecycle.Parse([]byte(test.body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestUnreadableEvents(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body    string
		foreign bool
		says    string
	}{
		"nothing":                {"", false, "unexpected end"},
		"no JSON":                {"hello", false, "invalid character"},
		"null":                   {"null", false, "null"},
		"a list":                 {"[]", false, "array"},
		"an empty object":        {"{}", true, "source"},
		"another service":        {`{"source":"aws.ec2","detail-type":"EC2 Instance State-change Notification","detail":{}}`, true, "aws.ec2"},
		"a very long source":     {`{"source":"` + strings.Repeat("é", 9999) + `"}`, true, "…"},
		"a record of others":     {`{"Records":[{"eventSource":"aws:sqs"}]}`, true, "aws:sqs"},
		"a null record":          {`{"Records":[null]}`, true, "a record"},
		"an upload without key":  {`{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"}}}]}`, false, "without a key"},
		"an upload of no bucket": {`{"source":"aws.s3","detail-type":"Object Created","detail":{"object":{"key":"a.csv"}}}`, false, "without a bucket"},
		"a detail of text":       {`{"source":"aws.s3","detail-type":"Object Created","detail":"text"}`, false, "Object Created"},
		"no detail":              {`{"source":"aws.s3","detail-type":"Object Created"}`, false, "Object Created"},
		"an account without a word of it": {
			`{"source":"aws.controltower","detail":{"eventName":"CreateManagedAccount","serviceEventDetails":{"updateManagedAccountStatus":{}}}}`, false, "nothing of the account",
		},
		"an account of text":         {`{"source":"aws.controltower","detail":{"eventName":1}}`, false, "Control Tower"},
		"more than SQS takes":        {`{"Event":"` + strings.Repeat("x", lifecycle.MaxSize) + `"}`, false, "bytes"},
		"brackets without an end":    {strings.Repeat("[", 20000), false, "depth"},
		"notifications without end":  {nested(9), false, "notification"},
		"a notification of no event": {`{"Type":"Notification","Message":"your bill is ready"}`, false, "invalid character"},
		"a subscription of SNS":      {`{"Type":"SubscriptionConfirmation","Message":"You have chosen","Token":"secret"}`, true, "source"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := lifecycle.Parse([]byte(test.body))
			if err == nil {
				t.Fatalf("understood as %+v", got)
			}
			if errors.Is(err, lifecycle.ErrForeign) != test.foreign || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %q; foreign is to be %v, and it is to say %q", err, test.foreign, test.says)
			}
			if len(err.Error()) > 400 || strings.Contains(err.Error(), "secret") {
				t.Errorf("the error repeats what came: %q", err)
			}
		})
	}
}

func nested(depth int) string {
	body := `{"Event":"s3:TestEvent"}`
	for range depth {
		body = `{"Type":"Notification","Message":"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(body) + `"}`
	}
	return body
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("../../samples/lifecycle/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := lifecycle.Parse(body)
		if err != nil && errors.Is(err, lifecycle.ErrForeign) && (e.Account != nil || e.Uploads != nil) {
			t.Errorf("a foreign event says %+v", e)
		}
		for _, u := range e.Uploads {
			if err == nil && (u.Bucket == "" || u.Key == "") {
				t.Errorf("an upload of nothing: %+v", u)
			}
		}
		if a := e.Account; a != nil && a.AccountID != "" && (len(a.AccountID) != 12 || strings.Trim(a.AccountID, "0123456789") != "") {
			t.Errorf("%q is no account id", a.AccountID)
		}
	})
}
