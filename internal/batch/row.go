package batch

import (
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/account"
)

// Row is one account that a list asks for, as domain values. Blanks around them, mail links and what keeps a spreadsheet
// from running a cell are taken off. Values of a row with errors are as good as they could be read. Rows that ask for the
// same share their assignments and tags, which nobody changes.
type Row struct {
	Line        int // of its first byte in the file
	Name        string
	Email       string // of the account, as it was written
	User        account.User
	Unit        string // the organizational unit as it was written: an id, "Name (ou-…)", a path or a name
	AccountID   string // of an account that exists
	Assignments []account.Assignment
	Tags        []account.Tag
	Status      string // as a results file gave it; means nothing to the reader

	text    string // of the record
	comma   byte
	columns []string // of the list, by position
	cells   *cells
}

// place is where a cell begins, and how wide it is on its line.
type place struct {
	at    at
	width int
}

// Kind is what the row asks for: with an account id, that this account is enrolled; without, a new one.
func (r Row) Kind() account.Kind {
	if r.AccountID != "" {
		return account.Enroll
	}
	return account.Create
}

// Problem is an error at the row's cell of a column, for whoever finds out more about the row than the file can tell. For
// a column that the file does not have, it stands at the beginning of the row.
func (r Row) Problem(code, column, message, suggestion string) Problem {
	p := Problem{
		Line: r.Line, Column: 1, Field: column, Code: code, Severity: Error,
		Message: message, Value: short(r.cells.value(column)), Suggestion: suggestion,
	}
	width := 1
	places := placesIn(r.text, r.comma, r.Line)
	if i := slices.Index(r.columns, column); i >= 0 && i < len(places) {
		p.Line, p.Column, width = places[i].at.line, places[i].at.column, places[i].width
	}
	p.Excerpt = excerpt(lineOf(r.text, p.Line-r.Line), p.Column, width)
	return p
}

// Warning is like [Row.Problem], for what keeps nothing from being done.
func (r Row) Warning(code, column, message, suggestion string) Problem {
	p := r.Problem(code, column, message, suggestion)
	p.Severity = Warning
	return p
}

// cells are the known columns of one record, as gocsv fills them in. The tags name the rule of AWS that each cell has to
// keep where it is filled in; rules.go holds the rules, and says which cells may be left empty. They are in the order of
// [columns].
type cells struct {
	AccountName      string `csv:"AccountName" validate:"omitempty,account_name"`
	SSOUserEmail     string `csv:"SSOUserEmail" validate:"omitempty,user_email"`
	AccountEmail     string `csv:"AccountEmail" validate:"omitempty,account_email"`
	SSOUserFirstName string `csv:"SSOUserFirstName" validate:"omitempty,first_name"`
	SSOUserLastName  string `csv:"SSOUserLastName" validate:"omitempty,last_name"`
	OrgUnit          string `csv:"OrgUnit" validate:"omitempty,org_unit"`
	Status           string `csv:"Status"`
	AccountID        string `csv:"AccountId" validate:"omitempty,account_id"`
	ErrorMsg         string `csv:"ErrorMsg"`
	Assignments      string `csv:"Assignments" validate:"omitempty,assignments"`
	Tags             string `csv:"Tags" validate:"omitempty,tags"`
}

// all are the cells in the order of [columns].
func (c *cells) all() [11]*string {
	return [...]*string{
		&c.AccountName, &c.SSOUserEmail, &c.AccountEmail, &c.SSOUserFirstName, &c.SSOUserLastName, &c.OrgUnit,
		&c.Status, &c.AccountID, &c.ErrorMsg, &c.Assignments, &c.Tags,
	}
}

// value is what stands in the cell of a column, empty when there is none.
func (c *cells) value(column string) string {
	i := slices.Index(columns, column)
	if c == nil || i < 0 {
		return ""
	}
	return strings.ToValidUTF8(*c.all()[i], "\uFFFD")
}

// row turns the cells into domain values. Lists that can't be understood are left out; the rules have told so.
func (c *cells) row(line int, book *rulebook) Row {
	return Row{
		Line: line, Name: c.AccountName, Email: c.AccountEmail, Unit: c.OrgUnit, AccountID: c.AccountID, Status: c.Status,
		User:        account.User{Email: c.SSOUserEmail, FirstName: c.SSOUserFirstName, LastName: c.SSOUserLastName},
		Assignments: book.assignments.recall(c.Assignments, parseAssignments),
		Tags:        book.tags.recall(c.Tags, parseTags), cells: c,
	}
}

func parseAssignments(text string) []account.Assignment {
	assignments, err := account.ParseAssignments(text)
	if err != nil {
		return nil
	}
	return slices.Clip(unique(assignments))
}

func parseTags(text string) []account.Tag {
	tags, err := account.ParseTags(text)
	if err != nil {
		return nil
	}
	return slices.Clip(tags)
}

func unique(assignments []account.Assignment) []account.Assignment {
	var once []account.Assignment
	for _, a := range assignments {
		if !asked(once, a) {
			once = append(once, a)
		}
	}
	return once
}

func asked(assignments []account.Assignment, a account.Assignment) bool {
	for _, b := range assignments {
		if a.Same(b) && a.PrincipalByID == b.PrincipalByID {
			return true
		}
	}
	return false
}

// lineOf is the nth line of a record's text, from 0.
func lineOf(text string, n int) string {
	for ; n > 0; n-- {
		_, rest, found := strings.Cut(text, "\n")
		if !found {
			break
		}
		text = rest
	}
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimSuffix(line, "\r")
}
