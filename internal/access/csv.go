package access

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"github.com/vend-cli/vend/internal/account"
)

// Columns are those of a CSV of assignments, as `vend access list -o csv` writes them. A file needs not have them all, nor
// in this order: an account, a permission set and a principal may each be given by id, by name, or by both, which then have
// to be of the same; the organizational unit is not looked at.
var Columns = []string{
	"AccountId", "AccountName", "OrganizationalUnit", "PermissionSet", "PermissionSetArn", "PrincipalType", "Principal", "PrincipalId",
}

// looksLikeCSV says whether the first line names one of the columns, as no YAML does: the members of that have a colon.
func looksLikeCSV(data []byte) bool {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	if bytes.HasPrefix(line, []byte("sep=")) {
		return true
	}
	if bytes.IndexByte(line, ':') >= 0 {
		return false
	}
	for _, name := range strings.FieldsFunc(string(line), func(r rune) bool { return strings.ContainsRune(",;\t\"\r ", r) }) {
		if columnOf(name) != "" {
			return true
		}
	}
	return false
}

func columnOf(name string) string {
	for _, c := range Columns {
		if strings.EqualFold(strings.TrimSpace(name), c) {
			return c
		}
	}
	return ""
}

type table struct {
	rows    *csv.Reader
	skipped int            // lines in front of the header
	at      map[string]int // place of each column
	rules   []Rule

	problems []Problem
}

// readCSV reads one assignment a row. Commas, semicolons or tabs divide, as the header has them.
func readCSV(data []byte) ([]Rule, []Problem) {
	t := &table{at: map[string]int{}}
	line, rest, _ := bytes.Cut(data, []byte("\n"))
	comma := ','
	if separator, ok := bytes.CutPrefix(bytes.TrimRight(line, "\r"), []byte("sep=")); ok {
		t.skipped, data = 1, rest
		if len(separator) == 1 {
			comma = rune(separator[0])
		}
	} else {
		for _, c := range ";\t" {
			if bytes.ContainsRune(line, c) && !bytes.ContainsRune(line, ',') {
				comma = c
			}
		}
	}
	t.rows = csv.NewReader(bytes.NewReader(data))
	t.rows.Comma, t.rows.FieldsPerRecord = comma, -1
	if header, ok := t.next(); ok {
		t.header(header)
	}
	if len(t.problems) > 0 {
		return nil, t.problems
	}
	for record, ok := t.next(); ok; record, ok = t.next() {
		t.row(record)
	}
	return t.rules, t.problems
}

func (t *table) problem(column int, code, message, hint string) {
	line, at := 1, 1
	if column >= 0 {
		line, at = t.rows.FieldPos(column)
	}
	t.problems = append(t.problems, Problem{line + t.skipped, at, code, message, hint})
}

// next is the next record; what can't be read ends the file.
func (t *table) next() ([]string, bool) {
	record, err := t.rows.Read()
	var wrong *csv.ParseError
	switch {
	case err == nil:
		return record, true
	case errors.Is(err, io.EOF):
		return nil, false
	case errors.As(err, &wrong):
		t.problems = append(t.problems, Problem{
			wrong.Line + t.skipped, wrong.Column, account.CodeAccessFile, "this is not CSV: " + wrong.Err.Error(), "Mend that line; a quote inside of quotes is doubled.",
		})
	default:
		t.problem(-1, account.CodeAccessFile, "this is not CSV: "+err.Error(), "Write the file anew.")
	}
	return nil, false
}

func (t *table) header(names []string) {
	for i, name := range names {
		column := columnOf(name)
		_, twice := t.at[column]
		switch {
		case column == "":
			t.problem(i, account.CodeAccessRule, "there is no column \""+name+"\"", "There are: "+strings.Join(Columns, ", ")+".")
		case twice:
			t.problem(i, account.CodeAccessRule, "the column "+column+" stands twice", "Keep one of the two.")
		default:
			t.at[column] = i
		}
	}
	for _, either := range [][]string{{"AccountId", "AccountName"}, {"PermissionSet", "PermissionSetArn"}, {"PrincipalType"}, {"Principal", "PrincipalId"}} {
		there := false
		for _, column := range either {
			_, has := t.at[column]
			there = there || has
		}
		if !there {
			t.problem(-1, account.CodeAccessRule, "there is no column "+strings.Join(either, " or "), "Write it into the header.")
		}
	}
}

func (t *table) row(record []string) {
	if strings.TrimSpace(strings.Join(record, "")) == "" {
		return
	}
	before := len(t.problems)
	if len(record) > len(t.at) {
		t.problem(len(t.at), account.CodeAccessRule, "the row has more cells than the header", "Put cells with a comma into quotes.")
		return
	}
	rule := Rule{
		Accounts:       t.text(record, "account", "AccountId", "AccountName"),
		PermissionSets: t.text(record, "permission set", "PermissionSetArn", "PermissionSet"),
	}
	who := t.text(record, "principal", "PrincipalId", "Principal")
	switch kind := t.cell(record, "PrincipalType"); account.PrincipalType(strings.ToUpper(kind)) {
	case account.GroupPrincipal:
		rule.Groups = who
	case account.UserPrincipal:
		rule.Users = who
	default:
		t.problem(min(t.at["PrincipalType"], len(record)-1), account.CodeAccessRule, "the PrincipalType is \""+kind+"\"", "Write GROUP or USER.")
	}
	if len(t.problems) == before {
		t.rules = append(t.rules, rule)
	}
}

// text is what a row says of one thing: its id, which may have to have a name, or the name alone.
func (t *table) text(record []string, what, id, name string) []Text {
	byID, byName := t.cell(record, id), t.cell(record, name)
	column, given := t.at[id]
	if byID == "" || !given {
		column = t.at[name]
	}
	column = min(column, len(record)-1)
	if byID+byName == "" {
		t.problem(column, account.CodeAccessRule, "the row names no "+what, "Fill in "+id+" or "+name+".")
		return nil
	}
	line, at := t.rows.FieldPos(column)
	text := Text{Text: cmp.Or(byID, byName), Line: line + t.skipped, Column: at}
	if byID != "" {
		text.Name = byName
	}
	return []Text{text}
}

// cell is a cell without the quote that keeps a spreadsheet from running it as a formula.
func (t *table) cell(record []string, column string) string {
	i, there := t.at[column]
	if !there || i >= len(record) {
		return ""
	}
	value := strings.TrimSpace(record[i])
	if rest, quoted := strings.CutPrefix(value, "'"); quoted && rest != "" && strings.ContainsRune("=+-@", rune(rest[0])) {
		return rest
	}
	return value
}
