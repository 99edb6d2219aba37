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

func TestTheOtherSamplesAreFine(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"accounts.csv", "enroll.csv"} {
		if report := sample(t, name); report.Rows != 3 || len(report.Problems) > 0 {
			t.Errorf("%s: %+v", name, report)
		}
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
