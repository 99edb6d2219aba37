package batch

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/vend-cli/vend/internal/account"
)

// The columns of an account list, in the documented order.
const (
	AccountName      = "AccountName"
	SSOUserEmail     = "SSOUserEmail"
	AccountEmail     = "AccountEmail"
	SSOUserFirstName = "SSOUserFirstName"
	SSOUserLastName  = "SSOUserLastName"
	OrgUnit          = "OrgUnit"
	Status           = "Status"
	AccountID        = "AccountId"
	ErrorMsg         = "ErrorMsg"
	Assignments      = "Assignments"
	Tags             = "Tags"
)

var (
	columns  = []string{AccountName, SSOUserEmail, AccountEmail, SSOUserFirstName, SSOUserLastName, OrgUnit, Status, AccountID, ErrorMsg, Assignments, Tags}
	required = columns[:6]
	outcomes = columns[6:9] // what the results fill in
)

// knownColumns maps a column's name, without regard to case, blanks and underscores, to the column.
var knownColumns = func() map[string]string {
	known := map[string]string{misspeltErrorMsg: ErrorMsg}
	for _, c := range columns {
		known[normal(c)] = c
	}
	return known
}()

// misspeltErrorMsg is how an earlier tool wrote ErrorMsg in its documented header.
const misspeltErrorMsg = "errromsg"

func normal(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '\t' || r == '\n' || isBlank(r) && !unicode.IsControl(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, spoken(name))
}

// header is what the first line says about the cells below.
type header struct {
	columns []string // by position; empty for a column without a name or without a meaning
	ignored []bool   // by position: its values are nobody's concern
	whole   bool     // each column has a meaning, or is ignored
	refused bool     // something is wrong with it, so what is absent may be there under another name
}

// has says whether the list has a column.
func (h header) has(column string) bool { return slices.Contains(h.columns, column) }

// readHeader finds the meaning of each column. It returns no header when not one name has any.
func readHeader(names []string, problem func(cell int, code string, severity Severity, message, suggestion string)) header {
	h := header{columns: make([]string, len(names)), ignored: make([]bool, len(names))}
	var unknown []int
	for i, name := range names {
		column, ok := knownColumns[normal(name)]
		switch {
		case ok && h.has(column):
			problem(i, account.CodeColumnTwice, Error, fmt.Sprintf("The column %s stands twice", column), "delete or rename one of them")
			h.ignored[i] = true
		case ok:
			h.columns[i] = column
			if normal(name) == misspeltErrorMsg {
				problem(i, account.CodeColumnOld, Warning, fmt.Sprintf("The column %q is read as %s", name, ErrorMsg), "rename it to "+ErrorMsg)
			}
		case normal(name) == "": // a column without a name: only a value below it matters
		case strings.HasPrefix(normal(name), "x-"):
			h.ignored[i] = true
		default:
			unknown = append(unknown, i)
			h.ignored[i] = true
		}
	}
	misspelt := 0
	for _, i := range unknown {
		if h.closest(normal(names[i])) != "" {
			misspelt++
		}
	}
	if misspelt < 2 && !slices.ContainsFunc(h.columns, func(c string) bool { return c != "" }) {
		problem(0, account.CodeNoHeader, Error, "This line names none of the columns of an account list, and should be the header", "put this line on top: "+strings.Join(columns[:9], ","))
		return header{}
	}
	explained := h.unknownColumns(names, unknown, problem)
	for _, column := range required {
		// A list with account ids may enroll only; what a row of it lacks is told at the row.
		enrolls := h.has(AccountID) || explained[AccountID]
		if !h.has(column) && !explained[column] && (!enrolls || column == OrgUnit) {
			problem(0, account.CodeColumnMissing, Error, fmt.Sprintf("The column %s is missing", column), "add it to the header")
		}
	}
	return h
}

// unknownColumns reports the columns that mean nothing, each with the absent column that it is closest to. It returns the
// columns whose absence is explained by that.
func (h header) unknownColumns(names []string, unknown []int, problem func(int, string, Severity, string, string)) map[string]bool {
	explained := make(map[string]bool)
	for _, i := range unknown {
		suggestion := "begin its name with x- to have it ignored, or delete it"
		if meant := h.closest(normal(names[i])); meant != "" {
			suggestion = "did you mean " + meant + "?"
			explained[meant] = true
		}
		problem(i, account.CodeColumnUnknown, Error, fmt.Sprintf("The column %q means nothing in an account list", strings.TrimSpace(names[i])), suggestion)
	}
	return explained
}

// closest is the absent column that a name was likely meant for, or nothing.
func (h header) closest(name string) string {
	meant, best := "", 1+max(1, min(3, len(name)/4))
	for _, c := range columns {
		if d := distance(name, normal(c)); d < best && !h.has(c) {
			meant, best = c, d
		}
	}
	return meant
}

// distance is the number of letters to insert, delete, replace or swap to make one word of another.
func distance(a, b string) int {
	previous, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], previous[j-1]+1)
			}
		}
		previous, row, next = row, next, previous
	}
	return row[len(b)]
}
