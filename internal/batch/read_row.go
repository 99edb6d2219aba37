package batch

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/account"
)

// row judges one record: what it asks for, and all that is wrong with it, from left to right.
func (l *List) row(p *parted) (Row, []Problem) {
	rec, c := p.rec, p.cells
	if rec.fault != nil {
		return Row{Line: rec.line}, []Problem{rec.fault.problem(rec)}
	}
	row := c.row(rec.line, l.book)
	row.text, row.comma, row.columns = rec.text, l.records.comma, l.head.columns

	var told columnSet // that need no further word
	if l.head.refused {
		for _, column := range columns {
			if !l.head.has(column) { // the header has been told so, once
				told.add(column)
			}
		}
	}
	problems := l.stray(rec, &row, &told)
	problems = append(problems, l.surplus(rec)...)
	problems = append(problems, l.missing(rec, &row, &told)...)
	for _, r := range p.remarks {
		if !told[r.column] {
			problems = append(problems, row.flawed(r.column, r.flaw))
			if !r.flaw.Warning {
				told.add(r.column)
			}
		}
	}
	problems = append(problems, row.check(l.book, told)...)
	problems = append(problems, l.twins.check(&row)...)
	slices.SortStableFunc(problems, inOrder)
	return row, problems
}

// columnSet is some of the columns; most rows need none.
type columnSet map[string]bool

func (s *columnSet) add(column string) {
	if *s == nil {
		*s = make(columnSet)
	}
	(*s)[column] = true
}

// inOrder compares problems by their places.
func inOrder(a, b Problem) int {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}

// stray tells of characters that can't be meant.
func (l *List) stray(rec record, row *Row, told *columnSet) []Problem {
	var problems []Problem
	for _, s := range strays(rec, l.records.comma) {
		column := ""
		if s.cell < len(l.head.columns) {
			column = l.head.columns[s.cell]
			told.add(column)
		}
		p := s.problem(rec, column)
		p.Value = short(row.cells.value(column))
		problems = append(problems, p)
	}
	return problems
}

// surplus tells of the first value that stands under no column.
func (l *List) surplus(rec record) []Problem {
	if l.head.whole && rec.cells <= len(l.head.columns) {
		return nil
	}
	places := placesIn(rec.text, l.records.comma, rec.line)
	for i, p := range places {
		known := i < len(l.head.columns) && (l.head.columns[i] != "" || l.head.ignored[i])
		if known || !l.records.valued(rec, places, i) {
			continue
		}
		surplus := Problem{
			Line: p.at.line, Column: p.at.column, Code: account.CodeLongRow, Severity: Error,
			Message:    "The row has a value where the header has no column",
			Suggestion: "put cells that hold the delimiter into quotes", Excerpt: p.excerpt(rec),
		}
		if i < len(l.head.columns) {
			surplus.Message = "The row has a value in a column that the header has no name for"
			surplus.Suggestion = "name the column, x-… to have it ignored, or empty it; or put cells that hold the delimiter into quotes"
		}
		return []Problem{surplus}
	}
	return nil
}

// missing tells of a row that ends early: a warning where only columns are cut off that need not be there at all.
func (l *List) missing(rec record, row *Row, told *columnSet) []Problem {
	if rec.cells >= len(l.head.columns) {
		return nil
	}
	severity, named := Warning, false
	for i, column := range l.head.columns[rec.cells:] {
		named = named || column != "" || l.head.ignored[rec.cells+i]
		if slices.Contains(required, column) && (row.AccountID == "" || column == OrgUnit) {
			severity = Error
			told.add(column)
		}
	}
	if !named {
		return nil
	}
	suggestion := "compare it with the header: a delimiter may be missing"
	for _, other := range delimiters {
		if rec.cells == 1 && strings.Count(row.text, string(other)) >= len(required)-1 {
			suggestion = fmt.Sprintf("the header is parted by %q and this row by %q: part all rows the same way", string(l.records.comma), string(other))
			for _, column := range columns {
				told.add(column) // the one cell is none
			}
		}
	}
	below := strings.Count(row.text, "\n")
	end := place{at: at{rec.line + below, len(lineOf(row.text, below)) + 1}, width: 1}
	return []Problem{{
		Line: end.at.line, Column: end.at.column, Code: account.CodeShortRow, Severity: severity,
		Message:    fmt.Sprintf("The row has %s, the header %d", count(rec.cells, "cell"), len(l.head.columns)),
		Suggestion: suggestion, Excerpt: end.excerpt(rec),
	}}
}

// excerpt is the line that the place is on.
func (p place) excerpt(rec record) Excerpt {
	return excerpt(lineOf(rec.text, p.at.line-rec.line), p.at.column, p.width)
}

func (f fault) problem(rec record) Problem {
	suggestion := f.suggestion
	if e, ok := account.Explain(f.code); ok && suggestion == "" {
		suggestion = e.Remedy
	}
	return Problem{
		Line: f.line, Column: f.column, Code: f.code, Severity: Error, Message: f.message, Suggestion: suggestion,
		Excerpt: place{at: at{f.line, f.column}, width: 1}.excerpt(rec),
	}
}

func (s stray) problem(rec record, column string) Problem {
	return Problem{
		Line: s.at.line, Column: s.at.column, Field: column, Code: s.code, Severity: Error, Message: s.message,
		Suggestion: s.suggestion, Excerpt: place{at: s.at, width: s.width}.excerpt(rec),
	}
}
