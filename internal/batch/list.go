// Package batch reads the account list that a user uploads, and writes its results back.
//
// A list comes from spreadsheets: in any of their encodings and delimiters, with their blanks, links and quotes. Each of
// its bytes is a row, a problem with its line and column, or part of a blank row that is counted; nothing is dropped in
// silence, and memory does not grow with the file beyond a few bytes a row to find duplicates.
//
//	list := batch.Read(file, size)
//	for row, problems := range list.Rows() {
//		…
//	}
//	list.Problems() // of the list as a whole: with an error among them, no row may be acted on
//	list.Err()      // the source failed; what it says about the rest is unknown
//
// It imports account and schemas only, and does no I/O but through readers and writers.
package batch

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/account"
)

// List is an account list that is being read. It is read once, by one goroutine.
type List struct {
	records *records
	table   *table // nil when no row can be read
	head    header
	twins   twins
	book    *rulebook

	problems  []Problem
	err       error
	rows      int
	blankRows int
}

// Read begins to read an account list, up to its header. size is the length in bytes where it is known, so that a list
// that is too large is refused before it is read; -1 where it is not.
func Read(src io.Reader, size int64) *List {
	l := &List{twins: newTwins(rowsIn(size)), book: newRulebook()}
	in, refusal := decode(src, size)
	if refusal != nil {
		l.problem(*refusal)
		return l
	}
	l.records = newRecords(in)
	l.readHeader()
	return l
}

// rowsIn guesses how many rows a file of so many bytes has, rather too few than too many.
func rowsIn(size int64) int {
	const longRow = 192
	return int(min(max(size, 0)/longRow, MaxRows))
}

// Rows yields each row that is not blank, in order, with its problems; good rows and bad ones. It ends early when the list
// crosses a bound, see [List.Problems], and when the source fails, see [List.Err].
func (l *List) Rows() iter.Seq2[Row, []Problem] {
	return func(yield func(Row, []Problem) bool) {
		if l.records == nil || l.err != nil {
			return
		}
		for p := range l.ahead() {
			switch {
			case p.blank:
				l.blankRows++
				continue
			case l.rows == MaxRows:
				l.problem(Problem{
					Line: p.rec.line, Column: 1, Code: account.CodeTooManyRows, Severity: Error,
					Message:    fmt.Sprintf("The list has more than %d rows; this one and those below it were not read", MaxRows),
					Suggestion: "split the file; each part is a batch of its own",
				})
				return
			}
			l.rows++
			switch {
			case l.table == nil:
				continue // counted, that is all
			case p.err != nil:
				l.err = fmt.Errorf("read line %d of account list: %w", p.rec.line, p.err)
				return
			}
			if row, problems := l.row(p); !yield(row, problems) {
				return
			}
		}
		l.end()
	}
}

// Problems are those of the list as a whole: its encoding, its header, its bounds. Those of the header are there from the
// beginning; the rest when [List.Rows] has ended.
func (l *List) Problems() []Problem { return l.problems }

// Err is why the source could not be read to its end.
func (l *List) Err() error { return l.err }

// Count is how many rows were read so far, good or bad, and how many blank ones were skipped.
func (l *List) Count() (rows, blank int) { return l.rows, l.blankRows }

const maxReported = 10_000

// Check reads a whole list and reports its problems. The error is the source's.
func Check(name string, src io.Reader, size int64) (Report, error) {
	list := Read(src, size)
	report := Report{File: name}
	for _, problems := range list.Rows() {
		kept := min(len(problems), maxReported-len(report.Problems))
		report.Problems = append(report.Problems, problems[:kept]...)
		report.Omitted += len(problems) - kept
	}
	report.Rows, report.BlankRows = list.Count()
	report.Problems = append(report.Problems, list.Problems()...)
	slices.SortStableFunc(report.Problems, inOrder)
	return report, list.Err()
}

func (l *List) problem(p Problem) { l.problems = append(l.problems, p) }

// end tells what only the end of the list can tell.
func (l *List) end() {
	switch err := l.records.err; {
	case errors.Is(err, errTooLarge):
		l.problem(*tooLarge(l.records.line))
	case !errors.Is(err, io.EOF):
		l.err = fmt.Errorf("read account list: %w", err)
	case l.rows == 0 && !Refused(l.problems):
		l.problem(Problem{
			Line: l.records.line, Column: 1, Code: account.CodeNoRows, Severity: Error,
			Message: "The list has a header and no row below it", Suggestion: "add one row for each account",
		})
	}
}

// whereIsTheHeader is what to do about a first line that names no column, where that can be told.
func (l *List) whereIsTheHeader(line string) string {
	for _, other := range []byte(delimiters + "|") {
		switch {
		case other == l.records.comma || knownNames(line, other) < 2:
		case l.records.separated:
			return fmt.Sprintf("its cells are parted by %q, not by what the sep= line says: correct that line", string(other))
		default:
			return fmt.Sprintf("its cells are parted by %q: put a line sep=%c on top", string(other), other)
		}
	}
	if below := l.records.headerBelow(); below > 0 {
		return fmt.Sprintf("line %d looks like the header: delete what stands above it", below)
	}
	return ""
}

func empty(read int64) string {
	if read > 0 {
		return "There is no header in the file, and no row"
	}
	return "The file is empty"
}

// readHeader finds the header and what its columns mean. Without one there is no table, and rows are only counted.
func (l *List) readHeader() {
	rec, ok := l.records.header(&l.blankRows)
	switch {
	case !ok:
		if errors.Is(l.records.err, io.EOF) {
			l.problem(Problem{
				Line: 1, Column: 1, Code: account.CodeEmpty, Severity: Error,
				Message: empty(l.records.total), Suggestion: "begin with the output of `vend validate --template`",
			})
		}
		return
	case rec.fault != nil:
		l.problem(rec.fault.problem(rec))
		return
	}
	t, names, err := newTable(l.records.comma, rec)
	if err != nil {
		l.err = fmt.Errorf("read header of account list: %w", err)
		return
	}
	places := placesIn(rec.text, l.records.comma, rec.line)
	strayed := make(map[int]bool)
	for _, s := range strays(rec, l.records.comma) {
		strayed[s.cell] = true
		l.problem(s.problem(rec, strings.ToValidUTF8(names[s.cell], "\uFFFD")))
	}
	l.head = readHeader(names, func(cell int, code string, severity Severity, message, suggestion string) {
		if strayed[cell] && code == account.CodeColumnUnknown {
			return // the character in its name has been told
		}
		if code == account.CodeNoHeader {
			suggestion = cmp.Or(l.whereIsTheHeader(rec.text), suggestion)
		}
		p := places[cell]
		l.problem(Problem{
			Line: p.at.line, Column: p.at.column, Field: strings.ToValidUTF8(strings.TrimSpace(names[cell]), "\uFFFD"),
			Code: code, Severity: severity, Message: message, Suggestion: suggestion, Excerpt: p.excerpt(rec),
		})
	})
	if l.head.columns == nil {
		return
	}
	if err := t.name(l.head.columns); err != nil {
		l.err = fmt.Errorf("read header of account list: %w", err)
		return
	}
	l.head.refused = Refused(l.problems)
	for i, column := range l.head.columns {
		l.head.whole = (l.head.whole || i == 0) && (column != "" || l.head.ignored[i])
	}
	l.table = t
}
