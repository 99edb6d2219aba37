package batch_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/batch"
)

const (
	header = "AccountName,SSOUserEmail,AccountEmail,SSOUserFirstName,SSOUserLastName,OrgUnit,Status,AccountId,ErrorMsg,Assignments\n"
	good   = "dev,dana@example.com,dev@example.com,Dana,Jones,Workloads/Dev,,,,\n"
)

// values compares rows without what they remember of their text.
var values = cmpopts.IgnoreUnexported(batch.Row{})

// places are the problems of a list, each as "line:column code severity field".
func places(problems []batch.Problem) []string {
	var out []string
	for _, p := range problems {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%d:%d %s %s %s", p.Line, p.Column, p.Code, p.Severity, p.Field)))
	}
	return out
}

func check(t *testing.T, text string) batch.Report {
	t.Helper()
	report, err := batch.Check("list.csv", strings.NewReader(text), -1)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestNothingIsDroppedInSilence(t *testing.T) {
	t.Parallel()
	row := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	for name, tt := range map[string]struct {
		list  string
		rows  int
		blank int
		want  []string
	}{
		"one good row":                            {list: header + good, rows: 1},
		"one row without a line end":              {list: header + strings.TrimSpace(good), rows: 1},
		"lines that end with CRLF":                {list: strings.ReplaceAll(header+good, "\n", "\r\n"), rows: 1},
		"lines that end with CR":                  {list: strings.ReplaceAll(header+good+good, "\n", "\r"), rows: 2, want: []string{"3:22 V1301 error AccountEmail"}},
		"a byte order mark":                       {list: "\ufeff" + header + good, rows: 1},
		"semicolons":                              {list: strings.ReplaceAll(header+good, ",", ";"), rows: 1},
		"tabs":                                    {list: strings.ReplaceAll(header+good, ",", "\t"), rows: 1},
		"a sep= line":                             {list: "sep=;\n" + strings.ReplaceAll(header+row("dev@", "dev"), ",", ";"), rows: 1, want: []string{"3:22 V1203 error AccountEmail"}},
		"blank lines and rows above and below":    {list: "\n,,,\n" + header + "\n" + good + ",,,,,,,,,\n   \n\"\",\"\"\n", rows: 1, blank: 6},
		"a line of a no-break space above":        {list: "\u00a0\n" + strings.ReplaceAll(header+good, ",", ";"), rows: 1, blank: 1},
		"a header in other case and order":        {list: "org_unit,Account Email,ACCOUNTNAME,ssouserlastname,SSO User First Name,sso_user_email\nDev,dev@example.com,dev,Jones,Dana,dana@example.com\n", rows: 1},
		"columns without a name and a value":      {list: strings.TrimSpace(header) + ",,\n" + strings.TrimSpace(good) + ",,\n", rows: 1},
		"a value under a column without a name":   {list: strings.TrimSpace(header) + ",\n" + strings.TrimSpace(good) + ",here\n", rows: 1, want: []string{"2:67 V1113 error"}},
		"a column of one's own":                   {list: strings.TrimSpace(header) + ",X-Ticket\n" + strings.TrimSpace(good) + ",T-1\n", rows: 1},
		"an unknown column with a suggestion":     {list: strings.Replace(header, "Assignments", "Asignments", 1) + good, rows: 1, want: []string{"1:106 V1116 error Asignments"}},
		"an unknown column without a suggestion":  {list: strings.Replace(header, "Assignments", "Colour", 1) + good, rows: 1, want: []string{"1:106 V1116 error Colour"}},
		"the header of an earlier tool":           {list: strings.Replace(header, "ErrorMsg", "ErrroMsg", 1) + good, rows: 1, want: []string{"1:97 V1118 warning ErrroMsg"}},
		"a column twice":                          {list: strings.Replace(header, "Assignments", "orgunit", 1) + good, rows: 1, want: []string{"1:106 V1117 error orgunit"}},
		"a missing column, told once":             {list: "AccountName,SSOUserEmail,AccountEmail,SSOUserFirstName,SSOUserLastName\ndev,dana@example.com,dev@example.com,Dana,Jones\n", rows: 1, want: []string{"1:1 V1115 error AccountName"}},
		"a misspelt column, told once":            {list: strings.Replace(header, "OrgUnit", "OrgUnti", 1) + good, rows: 1, want: []string{"1:72 V1116 error OrgUnti"}},
		"a control character in a header, once":   {list: strings.Replace(header, "OrgUnit", "Org\x00Unit", 1) + good, rows: 1, want: []string{"1:75 V1109 error Org\x00Unit"}},
		"rows under another delimiter":            {list: header + strings.ReplaceAll(good, ",", ";"), rows: 1, want: []string{"2:66 V1112 error"}},
		"what a failed formula leaves":            {list: header + row("Workloads/Dev", "#REF!"), rows: 1, want: []string{"2:49 V1206 error OrgUnit"}},
		"a formula for text":                      {list: header + row("dev,", `"=""dev""",`), rows: 1, want: []string{"2:1 V1201 error AccountName"}},
		"a name that looks like one, as written":  {list: header + row("dev,", `"'=""dev""",`), rows: 1},
		"a comma between assignments":             {list: header + row(",,,,\n", ",,,,\"X/A, Y/B\"\n"), rows: 1, want: []string{"2:66 V1210 warning Assignments"}},
		"a comma in a group's name":               {list: header + row(",,,,\n", ",,,,\"X/A, EMEA; Y/B\"\n"), rows: 1},
		"a title above the header":                {list: "Accounts\n\n" + header + good, rows: 2, blank: 1, want: []string{"1:1 V1119 error Accounts"}},
		"two names with hyphens":                  {list: "Account-Id,Org-Unit\n123456789012,Dev\n", rows: 1, want: []string{"1:1 V1116 error Account-Id", "1:12 V1116 error Org-Unit"}},
		"no header":                               {list: good + good, rows: 1, want: []string{"1:1 V1119 error dev"}},
		"a header and no rows":                    {list: header, want: []string{"2:1 V1120 error"}},
		"an empty file":                           {list: "", want: []string{"1:1 V1114 error"}},
		"a file of blanks":                        {list: "\n \n", want: []string{"1:1 V1114 error"}, blank: 2},
		"a quoted line end":                       {list: header + row("Jones", "\"Jo\nnes\"") + good, rows: 2, want: []string{"2:43 V1205 error SSOUserLastName", "4:22 V1301 error AccountEmail"}},
		"columns behind a quoted line end":        {list: header + strings.Replace(row(",,,,", ",,,,X"), "Dana", "\"Da\nna\"", 1), rows: 1, want: []string{"2:38 V1204 error SSOUserFirstName", "3:28 V1210 error Assignments"}},
		"quotes that are doubled":                 {list: header + row("Dana", `"Dana ""DJ"", the"`), rows: 1},
		"a quote inside a bare cell":              {list: header + row("Dana", `Dana "DJ"`) + strings.ReplaceAll(good, "dev", "two"), rows: 2, want: []string{"2:43 V1108 error"}},
		"text behind a closing quote":             {list: header + row("Dana", `"Dana" DJ`) + strings.ReplaceAll(good, "dev", "two"), rows: 2, want: []string{"2:44 V1108 error"}},
		"a quote that is never closed":            {list: header + row("Dana", `"Dana`) + strings.ReplaceAll(good, "dev", "two"), rows: 2, want: []string{"2:38 V1107 error"}},
		"an open quote that a later one closes":   {list: header + row("Dana", `"Dana`) + strings.ReplaceAll(row("Jones", `"Jones"`), "dev", "two"), rows: 2, want: []string{"2:38 V1107 error"}},
		"an open quote on the last line":          {list: header + row("Workloads/Dev,,,,\n", `"Workloads`), rows: 1, want: []string{"2:49 V1107 error"}},
		"a row without its optional columns":      {list: header + strings.TrimSuffix(good, ",,,,\n") + "\n", rows: 1, want: []string{"2:62 V1112 warning"}},
		"a row without its organizational unit":   {list: header + "dev,dana@example.com,dev@example.com,Dana,Jones\n", rows: 1, want: []string{"2:48 V1112 error"}},
		"a row that is too long":                  {list: header + strings.TrimSpace(good) + "X/A,X/B\n", rows: 1, want: []string{"2:70 V1113 error"}},
		"a row that is too long, but empty there": {list: header + strings.TrimSpace(good) + ",, ,\n", rows: 1},
		"a NUL":                                 {list: header + row("Dana", "Da\x00na"), rows: 1, want: []string{"2:40 V1109 error SSOUserFirstName"}},
		"an escape sequence in any column":      {list: header + row(",,,,", ",,,\x1b[2J,"), rows: 1, want: []string{"2:65 V1109 error ErrorMsg"}},
		"text that turns its direction":         {list: header + row("Dana", "Dana\u202e"), rows: 1, want: []string{"2:42 V1110 error SSOUserFirstName"}},
		"a byte of Windows-1252":                {list: header + row("Dana", "Ren\xe9"), rows: 1, want: []string{"2:41 V1106 error SSOUserFirstName"}},
		"such a byte behind a byte order mark":  {list: "\ufeff" + header + row("Dana", "Ren\xe9"), rows: 1, want: []string{"2:41 V1106 error SSOUserFirstName"}},
		"a letter that was lost before":         {list: header + row("Dana", "Ren\ufffd"), rows: 1, want: []string{"2:41 V1106 error SSOUserFirstName"}},
		"a no-break space inside a name":        {list: header + row("Workloads/Dev", "Work\u00a0loads"), rows: 1, want: []string{"2:49 V1111 warning OrgUnit"}},
		"a no-break space at an address's end":  {list: header + row("dev@example.com", "dev@example.com\u00a0"), rows: 1, want: []string{"2:22 V1111 warning AccountEmail"}},
		"a no-break space inside an address":    {list: header + row("dev@example.com", "dev\u00a0@example.com"), rows: 1, want: []string{"2:22 V1203 error AccountEmail"}},
		"a zero-width space inside an address":  {list: header + row("dev@example.com", "dev\u200b@example.com"), rows: 1, want: []string{"2:22 V1203 error AccountEmail"}},
		"a mail link":                           {list: header + row("dev@example.com", "MailTo:dev@example.com"), rows: 1, want: []string{"2:22 V1213 warning AccountEmail"}},
		"typographic quotes around a unit":      {list: header + row("Workloads/Dev", "“Workloads”"), rows: 1, want: []string{"2:49 V1111 warning OrgUnit"}},
		"an apostrophe in a last name is fine":  {list: header + row("Jones", "O’Brien"), rows: 1},
		"a rounded account id":                  {list: header + row(",,,,", ",,1.23457E+11,,"), rows: 1, want: []string{"2:64 V1208 error AccountId"}},
		"an account id without its zero":        {list: header + row(",,,,", ",,12345678901,,"), rows: 1, want: []string{"2:64 V1208 error AccountId"}},
		"a results file, uploaded again":        {list: header + row(",,,,", ",done,123456789012,,"), rows: 1},
		"a failed results file, uploaded again": {list: header + row(",,,,", ",failed,,'=bad,"), rows: 1},
		"an enrollment":                         {list: header + ",,,,,Dev,,123456789012,,\n", rows: 1},
		"an enrollment without a unit":          {list: header + ",,,,,,,123456789012,,\n", rows: 1, want: []string{"2:6 V1200 error OrgUnit"}},
		"an enrollment with half a user":        {list: header + ",dana@example.com,,Dana,,Dev,,123456789012,,\n", rows: 1, want: []string{"2:25 V1200 error SSOUserLastName"}},
		"a list that enrolls only":              {list: "AccountId,OrgUnit\n123456789012,Dev\n", rows: 1},
		"a new account in such a list":          {list: "AccountId,OrgUnit\n,Dev\n", rows: 1, want: []string{"2:1 V1200 error AccountName", "2:1 V1200 error SSOUserEmail", "2:1 V1200 error AccountEmail", "2:1 V1200 error SSOUserFirstName", "2:1 V1200 error SSOUserLastName"}},
		"all that a row lacks":                  {list: header + "x,,,,,,,,,\n", rows: 1, want: []string{"2:3 V1200 error SSOUserEmail", "2:4 V1200 error AccountEmail", "2:5 V1200 error SSOUserFirstName", "2:6 V1200 error SSOUserLastName", "2:7 V1200 error OrgUnit"}},
		"an address twice, in capitals":         {list: header + good + strings.Replace(strings.Replace(good, "dev,", "two,", 1), "dev@", "DEV@", 1), rows: 2, want: []string{"3:22 V1212 warning AccountEmail", "3:22 V1301 error AccountEmail"}},
		"an account id twice":                   {list: header + ",,,,,Dev,,123456789012,,\n,,,,,Dev,,123456789012,,\n", rows: 2, want: []string{"3:11 V1302 error AccountId"}},
		"an account name twice":                 {list: header + good + strings.Replace(good, "dev@", "two@", 1), rows: 2, want: []string{"3:1 V1303 warning AccountName"}},
		"an assignment twice":                   {list: header + row(",,,,\n", ",,,,X/A; X/group:A\n"), rows: 1, want: []string{"2:66 V1304 warning Assignments"}},
		"a bad row between two good ones":       {list: header + good + "bad,row\n" + strings.ReplaceAll(good, "dev", "two"), rows: 3, want: []string{"3:5 V1202 error SSOUserEmail", "3:8 V1112 error"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := check(t, tt.list)
			if report.Rows != tt.rows || report.BlankRows != tt.blank {
				t.Errorf("%d rows and %d blank, want %d and %d", report.Rows, report.BlankRows, tt.rows, tt.blank)
			}
			if diff := cmp.Diff(tt.want, places(report.Problems)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			slow, err := batch.Check("list.csv", iotest.OneByteReader(strings.NewReader(tt.list)), -1)
			if diff := cmp.Diff(report, slow); diff != "" || err != nil {
				t.Errorf("read byte by byte: %v\n%s", err, diff)
			}
		})
	}
}

func TestEncodingsMeanTheSame(t *testing.T) {
	t.Parallel()
	list := strings.ReplaceAll(header+strings.Replace(good, "Jones", "Žižek 李", 1), ",", "\t")
	want := rows(t, strings.NewReader(list))
	for name, e := range map[string]encoding.Encoding{
		"UTF-8 with a byte order mark": unicode.UTF8BOM,
		"UTF-16, little end first":     unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
		"UTF-16, big end first":        unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			encoded, err := e.NewEncoder().String(list)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, rows(t, strings.NewReader(encoded)), values); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// rows reads a list that has no problems.
func rows(t *testing.T, src io.Reader) []batch.Row {
	t.Helper()
	list := batch.Read(src, -1)
	var out []batch.Row
	for row, problems := range list.Rows() {
		if len(problems) > 0 {
			t.Errorf("line %d: %v", row.Line, problems)
		}
		out = append(out, row)
	}
	if list.Err() != nil || len(list.Problems()) > 0 {
		t.Errorf("%v %v", list.Err(), list.Problems())
	}
	return out
}

func TestOtherFilesAreNamed(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ content, code, message string }{
		"a workbook":            {"PK\x03\x04\x14\x00\x06\x00[Content_Types].xml", account.CodeNotCSV, "Excel workbook"},
		"an old workbook":       {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\x00", account.CodeNotCSV, "(.xls)"},
		"a gzip archive":        {"\x1f\x8b\x08\x00", account.CodeNotCSV, "gzip"},
		"a PDF":                 {"%PDF-1.7\n", account.CodeNotCSV, "PDF"},
		"a web page":            {"\xef\xbb\xbf\n <!DOCTYPE HTML>\n<html>", account.CodeNotCSV, "web page"},
		"a table of HTML":       {"<table border=1>", account.CodeNotCSV, "web page"},
		"XML":                   {"<?xml version=\"1.0\"?><Workbook>", account.CodeNotCSV, "XML"},
		"rich text":             {"{\\rtf1", account.CodeNotCSV, "rich text"},
		"UTF-32":                {"\xff\xfe\x00\x00A\x00\x00\x00", account.CodeNotCSV, "UTF-32"},
		"a workbook of another": {"PK\x03\x04\x14\x00\x00\x08mimetype", account.CodeNotCSV, ".ods"},
		"an xz archive":         {"\xfd7zXZ\x00\x00\x04", account.CodeNotCSV, "xz"},
		"a saved web page":      {"<!-- saved -->\n<html>", account.CodeNotCSV, "web page"},
		"a pointer":             {"version https://git-lfs.github.com/spec/v1\n", account.CodeNotCSV, "Git LFS"},
		"a picture":             {"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01", account.CodeNotCSV, "binary"},
		"nothing but NUL":       {strings.Repeat("\x00", 512), account.CodeNotCSV, "binary"},
		"UTF-16 without BOM":    {"A\x00c\x00c\x00o\x00u\x00n\x00t\x00", account.CodeNotUTF8, "UTF-16"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := check(t, tt.content)
			if len(report.Problems) != 1 || report.Rows != 0 {
				t.Fatalf("%+v, want one problem and no rows", report)
			}
			if p := report.Problems[0]; p.Code != tt.code || p.Line != 1 || p.Column != 1 || !strings.Contains(p.Message, tt.message) || p.Suggestion == "" {
				t.Errorf("%+v, want %s with %q", p, tt.code, tt.message)
			}
		})
	}
}

func TestAByteIsNamedWithItsMeaning(t *testing.T) {
	t.Parallel()
	for _, mark := range []string{"", "\ufeff"} {
		report := check(t, mark+header+strings.Replace(good, "Dana", "Ren\xe9", 1))
		if want := `The byte 0xE9 is not UTF-8; in Windows-1252 it would be "é"`; report.Problems[0].Message != want {
			t.Errorf("%q, want %q", report.Problems[0].Message, want)
		}
	}
}

func TestARowInWords(t *testing.T) {
	t.Parallel()
	list := "AccountName,SSOUserEmail,AccountEmail,SSOUserFirstName,SSOUserLastName,OrgUnit,Assignments,Tags\n" +
		"'=dev, dana@example.com ,mailto:dev@example.com,Dana,Jones,Dev (ou-ab12-12345678),X/A;X/A;Y/user:b,Team=a; Cost=1\n"
	var got []batch.Row
	for row := range batch.Read(strings.NewReader(list), -1).Rows() {
		if row.Kind() != account.Create {
			t.Errorf("kind %s", row.Kind())
		}
		got = append(got, row)
	}
	want := []batch.Row{{
		Line: 2, Name: "=dev", Email: "dev@example.com", User: account.User{Email: "dana@example.com", FirstName: "Dana", LastName: "Jones"},
		Unit: "Dev (ou-ab12-12345678)",
		Assignments: []account.Assignment{
			{PermissionSet: "X", PrincipalType: account.GroupPrincipal, Principal: "A"},
			{PermissionSet: "Y", PrincipalType: account.UserPrincipal, Principal: "b"},
		},
		Tags: []account.Tag{{Key: "Team", Value: "a"}, {Key: "Cost", Value: "1"}},
	}}
	if diff := cmp.Diff(want, got, values); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestARowTellsOfProblemsAtItsCells(t *testing.T) {
	t.Parallel()
	for row := range batch.Read(strings.NewReader(header+good), -1).Rows() {
		got := row.Problem(account.CodeUnitUnknown, batch.OrgUnit, "No such unit", "look again")
		want := batch.Problem{
			Line: 2, Column: 49, Field: "OrgUnit", Code: "V1401", Severity: batch.Error, Message: "No such unit", Value: "Workloads/Dev", Suggestion: "look again",
			Excerpt: batch.Excerpt{Text: "….com,dev@example.com,Dana,Jones,Workloads/Dev,,,,", From: len("….com,dev@example.com,Dana,Jones,"), To: len("….com,dev@example.com,Dana,Jones,Workloads/Dev")},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		if got := row.Warning(account.CodeEnrolled, batch.Tags, "…", ""); got.Line != 2 || got.Column != 1 || got.Severity != batch.Warning {
			t.Errorf("at a column that the list does not have: %+v", got)
		}
	}
}

func TestTheSourcesErrorIsNotTheListsFault(t *testing.T) {
	t.Parallel()
	broken := errors.New("the wire broke")
	for name, before := range map[string]string{"at once": "", "in the header": "Account", "in a row": header + good + "two,da"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := batch.Read(io.MultiReader(strings.NewReader(before), iotest.ErrReader(broken)), -1)
			n := 0
			for range list.Rows() {
				n++
			}
			if !errors.Is(list.Err(), broken) || len(list.Problems()) > 0 {
				t.Errorf("%v, %v", list.Err(), list.Problems())
			}
			if want := strings.Count(before, "dev,"); n != want {
				t.Errorf("%d rows, want %d: half a row is none", n, want)
			}
		})
	}
}
