package batch_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/vend-cli/vend/internal/batch"
	"github.com/vend-cli/vend/samples"
	"github.com/vend-cli/vend/schemas"
)

func sample(t *testing.T, name string) batch.Report {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "samples", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	report, err := batch.Check("samples/"+name, file, -1)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// The sample shows people one problem of each kind, and rows that are fine beside them.
func TestTheSampleWithProblems(t *testing.T) {
	t.Parallel()
	report := sample(t, "accounts-with-problems.csv")
	want := []string{
		"4:34 V1203 error AccountEmail",
		"5:74 V1200 error OrgUnit",
		"6:1 V1201 error AccountName",
		"7:9 V1202 error SSOUserEmail",
		"8:81 V1208 error AccountId",
		"9:36 V1301 error AccountEmail",
		"10:81 V1210 error Assignments",
		"11:63 V1206 error OrgUnit",
		"12:106 V1113 error",
		"13:52 V1108 error",
		"14:29 V1213 warning AccountEmail",
	}
	if diff := cmp.Diff(want, places(report.Problems)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if report.Rows != 14 {
		t.Errorf("%d rows, want 14", report.Rows)
	}
}

func TestTheOtherSamplesAreReadAsIntended(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		list []byte
		want []string
	}{
		"new accounts": {samples.Accounts, []string{
			`line 2: create name="payments-dev" email="payments-dev@example.com" user="developer@example.com" first="Dana" last="Developer" unit="Workloads/Dev" assign="AWSReadOnlyAccess/GROUP/false/Auditors" assign="AdministratorAccess/GROUP/false/Platform Team"`,
			`line 3: create name="payments-prod" email="payments-prod@example.com" user="operator@example.com" first="Olu" last="Operator" unit="Workloads/Prod" assign="AWSReadOnlyAccess/GROUP/false/Auditors" assign="AdministratorAccess/GROUP/false/Platform Team"`,
			`line 4: create name="ledger-prod" email="ledger-prod@example.com" user="operator@example.com" first="Olu" last="Operator" unit="Workloads/Prod" assign="AWSReadOnlyAccess/GROUP/false/Auditors" assign="AWSReadOnlyAccess/USER/false/developer@example.com"`,
		}},
		"accounts that exist": {samples.Enroll, []string{
			`line 2: enroll account="222222222201" unit="Workloads/Prod" assign="AWSReadOnlyAccess/GROUP/false/Auditors"`,
			`line 3: enroll account="222222222202" name="legacy-2" email="legacy-2@example.com" user="operator@example.com" first="Olu" last="Operator" unit="Workloads/Prod" assign="AWSReadOnlyAccess/GROUP/false/Auditors" assign="AdministratorAccess/GROUP/false/Platform Team"`,
			`line 4: enroll account="222222222204" user="developer@example.com" first="Dana" last="Developer" unit="Dev (ou-ab12-11111113)"`,
		}},
		"accounts that exist, by nothing but their ids": {samples.EnrollByID, []string{
			`line 2: enroll account="222222222202" unit="Workloads/Dev" assign="AWSReadOnlyAccess/GROUP/false/Auditors" assign="AdministratorAccess/USER/false/operator@example.com" tag="Owner=Platform Team"`,
			`line 3: enroll account="222222222204" unit="Sandbox"`,
		}},
		"assignments by names and ids": {samples.Assignments, []string{
			`line 2: create name="search-dev" email="search-dev@example.com" user="developer@example.com" first="Dana" last="Developer" unit="Workloads/Dev" assign="AWSReadOnlyAccess/GROUP/false/Auditors" assign="AdministratorAccess/GROUP/false/Platform Team"`,
			`line 3: create name="search-prod" email="search-prod@example.com" user="operator@example.com" first="Olu" last="Operator" unit="Workloads/Prod" assign="AWSReadOnlyAccess/USER/false/auditor@example.com" assign="AdministratorAccess/USER/false/operator@example.com"`,
			`line 4: create name="search-test" email="search-test@example.com" user="developer@example.com" first="Dana" last="Developer" unit="Workloads/Dev" assign="arn:aws:sso:::permissionSet/ssoins-e62b0b03c37f09fc/ps-cdf9e5215b1e13df/GROUP/true/e0cfd40dc1-31ef30ca-059b-652a-d8c5-1a2833764038" assign="AdministratorAccess/USER/true/e0cfd40dc1-015a1f5f-f74f-8ec1-3859-aaac43fb8ff0"`,
			`line 5: create name="search-sandbox" email="search-sandbox@example.com" user="developer@example.com" first="Dana" last="Developer" unit="Sandbox"`,
		}},
		"tags": {samples.Tags, []string{
			`line 2: create name="billing-dev" email="billing-dev@example.com" user="developer@example.com" first="Dana" last="Developer" unit="Dev (ou-ab12-11111113)" assign="AWSReadOnlyAccess/GROUP/false/Auditors" tag="CostCenter=1234" tag="Owner=Platform Team"`,
			`line 3: create name="billing-prod" email="billing-prod@example.com" user="operator@example.com" first="Olu" last="Operator" unit="ou-ab12-11111112" assign="AWSReadOnlyAccess/GROUP/false/Auditors" tag="CostCenter=1234" tag="Owner=Platform Team" tag="DataClass=internal"`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, row := range rows(t, bytes.NewReader(tt.list)) {
				got = append(got, understood(row))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// A sample that no test reads may go stale.
func TestEachSampleHasItsTest(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", "samples", "*.csv"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, name := range files {
		names = append(names, filepath.Base(name))
	}
	want := []string{"accounts-with-problems.csv", "accounts.csv", "assignments.csv", "enroll-by-id.csv", "enroll.csv", "tags.csv"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("the tests above read others: -want +got\n%s", diff)
	}
}

func TestTheReportKeepsItsSchema(t *testing.T) {
	t.Parallel()
	text, err := schemas.Get("validate")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("validate.schema.json", schema); err != nil {
		t.Fatal(err)
	}
	valid, err := compiler.Compile("validate.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, report := range []batch.Report{
		sample(t, "accounts.csv"), sample(t, "accounts-with-problems.csv"),
		check(t, ""), check(t, "\n"+header+strings.Replace(good, "Dana", "Ren\xe9", 1)),
		check(t, "AccountId,OrgUnit\n"+strings.Repeat("x,Dev\n", 11_000)),
	} {
		text, err := json.Marshal(report)
		if err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := valid.Validate(document); err != nil {
			t.Errorf("%s: %v", report.File, err)
		}
	}
	if got, want := marshal(t, check(t, header+good)), `{"schemaVersion":1,"file":"list.csv","rows":1,"problems":[]}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheReportInWords(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		list  string
		limit int
		want  string
	}{
		"nothing wrong": {header + good + "\n", 0, "list.csv: 1 row, 1 blank row skipped, no problems\n"},
		"wide and combining characters keep the caret in its place": {
			header + strings.Replace(strings.Replace(good, "Dana", "李e\u0301", 1), "Workloads/Dev", "r-ab12", 1), 0,
			"list.csv:2:51: error[V1206]: OrgUnit is the root; Control Tower makes no accounts there\n" +
				"  |\n" +
				"2 | …om,dev@example.com,李e\u0301,Jones,r-ab12,,,,\n" +
				"  |                               ^^^^^^\n" +
				"  = help: name an organizational unit\n\n" +
				"list.csv: 1 row, 1 error, 0 warnings\n",
		},
		"what steers a terminal is shown, not sent": {
			header + strings.Replace(good, "Dana", "\x1b[2J\u202e", 1), 0,
			"list.csv:2:38: error[V1109]: U+001B ESCAPE is a control character\n" +
				"  |\n" +
				"2 | …ana@example.com,dev@example.com,␛[2J<U+202E>,Jones,Workloads/Dev,,,,\n" +
				"  |                                  ^\n" +
				"  = help: type the cell again\n\n" +
				"list.csv: 1 row, 1 error, 0 warnings\n",
		},
		"a limit, and the rest is counted": {
			"AccountId,OrgUnit\n1,Dev\n2,Dev\n3,Dev\n", 1,
			"list.csv:2:1: error[V1208]: AccountId has 1 digits; an account id has 12\n" +
				"  |\n" +
				"2 | 1,Dev\n" +
				"  | ^\n" +
				"  = help: Format the column as text and write the twelve digits again.\n\n" +
				"… and 2 more problems\n\n" +
				"list.csv: 3 rows, 3 errors, 0 warnings\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			if err := check(t, tt.list).WriteText(&b, tt.limit); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, b.String()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
