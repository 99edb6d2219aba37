package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/config"
)

// full is a vend.yaml that sets everything there is.
const full = `# yaml-language-server: $schema=config.schema.json
bucket: my-account-lists
prefix: lists/
table: vend
queueUrl: https://sqs.us-east-1.amazonaws.com/111111111111/vend
topicArn: arn:aws:sns:us-east-1:111111111111:vend
concurrency: 3
deadline: 2h
pollInterval: 45s
lease: 30s
orderGrace: 20m
resultsInterval: 1m
window: "Mon-Fri 19:00-07:00 Europe/Berlin"
identityCenter: { instanceArn: "arn:aws:sso:::instance/ssoins-1", callsPerSecond: 7.5, outstanding: 5 }
removeAccountFactoryUser: true
enrollment:
  ssoUser: { email: platform@example.com, firstName: Platform, lastName: Team }
  inspectRoles: [AWSControlTowerExecution]
defaults:
  assignments: ["AWSReadOnlyAccess/Auditors"]
  organizationalUnits:
    "Workloads/Prod": { assignments: ["AdministratorAccess/Platform Team"] }
policy:
  allowedEmailDomains: [example.com]
  allowedOrganizationalUnits: []
  excludedOrganizationalUnits: [Suspended]
  deniedPermissionSets: [AdministratorAccess]
`

func TestLoadReadsEverySettingOfAFile(t *testing.T) {
	t.Parallel()
	got, err := config.Load(config.Source{File: write(t, full)})
	if err != nil {
		t.Fatal(err)
	}
	want := account.Settings{
		Concurrency: 3, Deadline: account.Duration(2 * time.Hour), PollInterval: account.Duration(45 * time.Second),
		Lease: account.Duration(30 * time.Second), OrderGrace: account.Duration(20 * time.Minute),
		ResultsInterval: account.Duration(time.Minute), Window: "Mon-Fri 19:00-07:00 Europe/Berlin",
		IdentityCenter: account.IdentityCenter{InstanceARN: "arn:aws:sso:::instance/ssoins-1", CallsPerSecond: 7.5, Outstanding: 5},
		RemoveUser:     true,
		Enrollment: account.Enrollment{
			User:         account.User{Email: "platform@example.com", FirstName: "Platform", LastName: "Team"},
			InspectRoles: []string{"AWSControlTowerExecution"},
		},
		Defaults: account.Defaults{
			Assignments:         []string{"AWSReadOnlyAccess/Auditors"},
			OrganizationalUnits: map[string]account.UnitDefaults{"Workloads/Prod": {Assignments: []string{"AdministratorAccess/Platform Team"}}},
		},
		Policy: account.Policy{
			AllowedEmailDomains: []string{"example.com"}, AllowedOrganizationalUnits: []string{},
			ExcludedOrganizationalUnits: []string{"Suspended"}, DeniedPermissionSets: []string{"AdministratorAccess"},
		},
	}
	if diff := cmp.Diff(want, got.Settings); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	where := []string{got.Bucket, got.Prefix, got.Table, got.QueueURL, got.TopicARN}
	wantWhere := []string{
		"my-account-lists", "lists/", "vend", "https://sqs.us-east-1.amazonaws.com/111111111111/vend",
		"arn:aws:sns:us-east-1:111111111111:vend",
	}
	if diff := cmp.Diff(wantWhere, where); diff != "" {
		t.Errorf("where the pipeline is (-want +got):\n%s", diff)
	}
}

func TestLoadPrefersFlagsToTheEnvironmentToTheFile(t *testing.T) {
	t.Parallel()
	file := write(t, "bucket: from-file\ntable: from-file\nprefix: from-file/\n")
	got, err := config.Load(config.Source{
		File:    file,
		Environ: []string{"VEND_BUCKET=from-env", "VEND_TABLE=from-env"},
		Flags:   map[string]string{"bucket": "from-flag", "region": "eu-west-1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	values := map[string][2]string{
		"bucket": {got.Bucket, got.Origin("bucket")},
		"table":  {got.Table, got.Origin("table")},
		"prefix": {got.Prefix, got.Origin("prefix")},
		"lease":  {"", got.Origin("lease")},
	}
	want := map[string][2]string{
		"bucket": {"from-flag", "flag --bucket"},
		"table":  {"from-env", "environment VEND_TABLE"},
		"prefix": {"from-file/", file + ":3:9"},
		"lease":  {"", ""},
	}
	if diff := cmp.Diff(want, values); diff != "" {
		t.Errorf("values and origins (-want +got):\n%s", diff)
	}
	if got.Region != "eu-west-1" {
		t.Errorf("region %q", got.Region)
	}
}

// An empty variable says nothing, as those of AWS; an empty flag takes away what stands below it.
func TestLoadTakesAnEmptyVariableForNone(t *testing.T) {
	t.Parallel()
	file := write(t, "bucket: from-file\ntable: from-file\n")
	got, err := config.Load(config.Source{
		File: file, Environ: []string{"VEND_BUCKET=", "VEND_TABLE=", "VEND_LEASE="}, Flags: map[string]string{"table": ""},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"from-file", file + ":1:9", "", "flag --table"}
	if diff := cmp.Diff(want, []string{got.Bucket, got.Origin("bucket"), got.Table, got.Origin("table")}); diff != "" {
		t.Errorf("values and origins (-want +got):\n%s", diff)
	}
	if got.Need("table") == nil {
		t.Error("the table that the flag took away is there")
	}
}

func TestLoadTakesEveryScalarFromTheEnvironment(t *testing.T) {
	t.Parallel()
	got, err := config.Load(config.Source{Environ: []string{
		"VEND_BUCKET=b", "VEND_PREFIX=p/", "VEND_TABLE=tab", "VEND_QUEUE_URL=http://127.0.0.1/q", "VEND_TOPIC_ARN=arn:t",
		"VEND_CONCURRENCY=2", "VEND_DEADLINE=9s", "VEND_POLL_INTERVAL=250ms", "VEND_LEASE=2s", "VEND_ORDER_GRACE=1500ms",
		"VEND_RESULTS_INTERVAL=1s", "VEND_WINDOW=Mon-Fri 19:00-07:00 UTC", "VEND_IDENTITY_CENTER_INSTANCE_ARN=arn:i",
		"VEND_IDENTITY_CENTER_CALLS_PER_SECOND=400", "VEND_IDENTITY_CENTER_OUTSTANDING=4", "VEND_REMOVE_ACCOUNT_FACTORY_USER=true",
		"VEND_ENROLLMENT_SSO_USER_EMAIL=a@b", "VEND_ENROLLMENT_SSO_USER_FIRST_NAME=A", "VEND_ENROLLMENT_SSO_USER_LAST_NAME=B",
		"AWS_ENDPOINT_URL=http://127.0.0.1:4599",
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := account.Settings{
		Concurrency: 2, Deadline: account.Duration(9 * time.Second), PollInterval: account.Duration(250 * time.Millisecond),
		Lease: account.Duration(2 * time.Second), OrderGrace: account.Duration(1500 * time.Millisecond),
		ResultsInterval: account.Duration(time.Second), Window: "Mon-Fri 19:00-07:00 UTC",
		IdentityCenter: account.IdentityCenter{InstanceARN: "arn:i", CallsPerSecond: 400, Outstanding: 4},
		RemoveUser:     true,
		Enrollment:     account.Enrollment{User: account.User{Email: "a@b", FirstName: "A", LastName: "B"}},
	}
	if diff := cmp.Diff(want, got.Settings); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	where := []string{got.Bucket, got.Prefix, got.Table, got.QueueURL, got.TopicARN}
	if diff := cmp.Diff([]string{"b", "p/", "tab", "http://127.0.0.1/q", "arn:t"}, where); diff != "" {
		t.Errorf("where the pipeline is (-want +got):\n%s", diff)
	}
	if len(got.Warnings) > 0 {
		t.Errorf("warnings: %q", got.Warnings)
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		file    string
		environ []string
		flags   map[string]string
		reason  string // with FILE for the file's name
		hint    string
	}{
		"a misspelt key, with its place and what was meant": {
			file: "bucket: b\npollinterval: 60s\n", reason: "pollinterval (FILE:2:1) is not a setting", hint: "Did you mean pollInterval?",
		},
		"a misspelt key below another one": {
			file:   "enrollment:\n  ssoUser:\n    mail: a@b\n",
			reason: "enrollment.ssoUser.mail (FILE:3:5) is not a setting", hint: "Did you mean enrollment.ssoUser.email?",
		},
		"a key that resembles none": {
			file: "colour: red\n", reason: "colour (FILE:1:1) is not a setting", hint: "Remove it; `vend schema config` says what a vend.yaml may hold.",
		},
		"the revision, which only the table counts": {
			file: "revision: 3\n", reason: "revision (FILE:1:1) is not a setting", hint: "Remove it; `vend schema config` says what a vend.yaml may hold.",
		},
		"a number out of its bounds": {
			file: "concurrency: 40\n", reason: `concurrency is "40" (FILE:1:14)`, hint: "It takes a whole number from 1 to 10.",
		},
		"a word for a number": {
			file: "concurrency: many\n", reason: `concurrency is "many" (FILE:1:14)`, hint: "It takes a whole number from 1 to 10.",
		},
		"a lease that no worker can keep": {
			file: "lease: 1s\n", reason: `lease is "1s" (FILE:1:8)`, hint: "It takes a duration from 2s to 15m, like 90s or 15m.",
		},
		"a duration without its unit": {
			environ: []string{"VEND_POLL_INTERVAL=60"}, reason: `pollInterval is "60" (environment VEND_POLL_INTERVAL)`,
			hint: "It takes a duration from 250ms to 1h, like 90s or 15m.",
		},
		"a grace that AWS's signatures outlive": {
			environ: []string{"VEND_ORDER_GRACE=10s"}, reason: "orderGrace is 10s (environment VEND_ORDER_GRACE); AWS accepts a signed order for 5m0s",
			hint: "Set it to 5m or more, or leave it out: a shorter one risks a second account.",
		},
		"a prefix in which the results would be read as uploads": {
			flags: map[string]string{"prefix": "results/"}, reason: `prefix is "results/" (flag --prefix)`,
			hint: "It takes a folder of the bucket that ends with a slash, not within results/.",
		},
		"a window without hours": {
			file: "window: always\n", reason: `window is "always" (FILE:1:9)`, hint: `It takes days, hours and a time zone, like "Mon-Fri 19:00-07:00 Europe/Berlin".`,
		},
		"a list where one value belongs": {
			file: "bucket: [a, b]\n", reason: `bucket is "[a, b]" (FILE:1:9)`, hint: "It takes the name of an S3 bucket.",
		},
		"one value where a list belongs": {
			file: "defaults:\n  assignments: AWSReadOnlyAccess/Auditors\n", reason: `defaults.assignments is "AWSReadOnlyAccess/Auditors" (FILE:2:16)`,
			hint: `It takes a list like ["AWSReadOnlyAccess/Auditors"].`,
		},
		"a unit with something else than assignments": {
			file:   "defaults:\n  organizationalUnits:\n    Prod: {assignment: [a]}\n",
			reason: `defaults.organizationalUnits is "Prod: {assignment: [a]}" (FILE:3:5)`, hint: "It takes organizational units, each with `assignments`.",
		},
		"a value where a mapping belongs": {
			file: "policy: strict\n", reason: "policy (FILE:1:9) is no mapping", hint: "Write it as `name: value` lines.",
		},
		"a file that is no mapping": {
			file: "- bucket\n", reason: "the file (FILE:1:1) is no mapping", hint: "Write it as `name: value` lines.",
		},
		"an alias, which stands for another place": {
			file: "bucket: &b my-bucket\ntable: *b\n", reason: `bucket is "&b my-bucket" (FILE:1:9)`, hint: "It takes the name of an S3 bucket.",
		},
		"two documents": {
			file: "bucket: a\n---\nbucket: b\n", reason: "FILE holds more than one document", hint: "Keep one; remove the line ---.",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := config.Source{Environ: test.environ, Flags: test.flags}
			if test.file != "" {
				src.File = write(t, test.file)
			}
			_, err := config.Load(src)
			want := account.Refused{Code: "V3011", Reason: strings.ReplaceAll(test.reason, "FILE", src.File), Hint: test.hint}
			var got account.Refused
			if !errors.As(err, &got) {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("refusal (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadNamesThePlaceOfWhatIsNotYAML(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"a tab as indentation":         "enrollment:\n\tssoUser: {}\n",
		"a key that stands twice":      "bucket: a\nbucket: b\n",
		"a bracket that is not closed": "bucket: a\ndefaults: [\n",
		"bytes that are no text":       "bucket: \x00\xff\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := config.Source{File: write(t, file)}
			_, err := config.Load(src)
			var got account.Refused
			if !errors.As(err, &got) || got.Code != "V3011" || !strings.Contains(got.Reason, src.File) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestLoadTakesAFileOfCommentsForAnEmptyOne(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"nothing":                     "",
		"comments":                    "# bucket: b\n",
		"a heading without lines":     "bucket:\nenrollment:\n  # ssoUser: {}\n",
		"the beginning of a document": "---\n# nothing\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := config.Load(config.Source{File: write(t, file)})
			if err != nil || got.Bucket != "" {
				t.Errorf("bucket %q, error %v", got.Bucket, err)
			}
		})
	}
}

func TestLoadFindsTheFileInTheFirstFolderThatHasOne(t *testing.T) {
	t.Parallel()
	empty, first, second := t.TempDir(), filepath.Dir(write(t, "bucket: first\n")), filepath.Dir(write(t, "bucket: second\n"))
	got, err := config.Load(config.Source{Folders: []string{empty, first, second}})
	if err != nil || got.Bucket != "first" {
		t.Errorf("bucket %q, error %v", got.Bucket, err)
	}
	named := write(t, "bucket: named\n")
	got, err = config.Load(config.Source{Folders: []string{first}, Environ: []string{"VEND_CONFIG=" + named}})
	if err != nil || got.Bucket != "named" {
		t.Errorf("with VEND_CONFIG: bucket %q, error %v", got.Bucket, err)
	}
	_, err = config.Load(config.Source{Folders: []string{first}, File: filepath.Join(empty, "gone.yaml")})
	if err == nil || !strings.Contains(err.Error(), "gone.yaml") {
		t.Errorf("with a file that is not there: error %v", err)
	}
}

func TestLoadWarnsOfAMisspeltVariable(t *testing.T) {
	t.Parallel()
	got, err := config.Load(config.Source{Environ: []string{"VEND_POLLINTERVAL=1m", "VEND_SOMETHING_ELSE=1"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"the environment variable VEND_POLLINTERVAL is not a setting; did you mean VEND_POLL_INTERVAL?"}
	if diff := cmp.Diff(want, got.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestNeedNamesAllThreeWaysToGiveASetting(t *testing.T) {
	t.Parallel()
	err := config.Config{Bucket: "b"}.Need("bucket", "table")
	want := account.Refused{
		Code: "V3012", Reason: "no table was given",
		Hint: "Give it as --table, as the environment variable VEND_TABLE, or as `table:` in vend.yaml.",
	}
	var got account.Refused
	if !errors.As(err, &got) {
		t.Fatalf("error %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("refusal (-want +got):\n%s", diff)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(full)
	f.Add("bucket: &a b\nprefix: *a\n? [x]\n: y\n<<: {a: b}\n")
	f.Add("defaults: {organizationalUnits: {a: [b]}}")
	f.Fuzz(func(t *testing.T, file string) {
		_, err := config.Load(config.Source{File: write(t, file)})
		var refused account.Refused
		if err != nil && !errors.As(err, &refused) {
			t.Errorf("an error that nobody can act on: %v", err)
		}
	})
}

func write(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "vend.yaml")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
