package batch

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode"
)

// Write writes rows as an account list that [Read] reads again. Cells that a spreadsheet would run as a formula get an
// apostrophe in front, which Read takes off.
func Write(w io.Writer, rows iter.Seq[Row]) error {
	out := csv.NewWriter(w)
	if err := out.Write(columns); err != nil {
		return fmt.Errorf("write account list: %w", err)
	}
	for r := range rows {
		cells := []string{
			r.Name, r.User.Email, r.Email, r.User.FirstName, r.User.LastName, r.Unit, r.Status, r.AccountID, "",
			list(r.Assignments), list(r.Tags),
		}
		for i, c := range cells {
			cells[i] = silent(c)
		}
		if err := out.Write(cells); err != nil {
			return fmt.Errorf("write account list: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write account list: %w", err)
	}
	return nil
}

func list[T fmt.Stringer](items []T) string {
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = item.String()
	}
	return strings.Join(texts, "; ")
}

// WriteResults writes the list in src again with what came of each row: the same rows and columns in the same order, under
// the same delimiter, in UTF-8, with Status, AccountId and ErrorMsg filled in, or appended where the list has none. outcome
// is asked for each row by its line; without a status the row's own three cells stay, and an AccountId that is not known
// yet leaves the one of the row. What a spreadsheet would run, or a terminal act on, is made inert.
//
// A list whose header can't be read has no results; the error says so.
func WriteResults(w io.Writer, src io.Reader, outcome func(line int) (status, accountID, errorMsg string)) error {
	in, refusal := decode(src, -1)
	if refusal != nil {
		return fmt.Errorf("write results: %s", refusal.Message)
	}
	r := newRecords(in)
	blank := 0
	head, ok := r.header(&blank)
	if !ok || head.fault != nil {
		return errors.New("write results: the list has no header that can be read")
	}
	if in.marked {
		if _, err := io.WriteString(w, utf8Mark); err != nil {
			return fmt.Errorf("write results: %w", err)
		}
	}
	if r.separated {
		end := "\n"
		if r.crlf {
			end = "\r\n"
		}
		if _, err := fmt.Fprintf(w, "sep=%c%s", r.comma, end); err != nil {
			return fmt.Errorf("write results: %w", err)
		}
	}
	p := results{records: r, out: csv.NewWriter(w)}
	p.out.Comma, p.out.UseCRLF = rune(r.comma), r.crlf
	p.in = p.feed.reader(r.comma)
	if err := p.write(head, blank, outcome); err != nil {
		return fmt.Errorf("write results: %w", err)
	}
	return nil
}

type results struct {
	records *records
	feed    feed
	in      *csv.Reader
	out     *csv.Writer
	width   int    // columns of the list
	columns [3]int // where Status, AccountId and ErrorMsg are
}

func (p *results) write(head record, blank int, outcome func(int) (string, string, string)) error {
	if err := p.blankLines(&blank); err != nil {
		return err
	}
	names, err := p.header(head)
	if err != nil {
		return err
	}
	if err := p.out.Write(names); err != nil {
		return err
	}
	for {
		rec, ok := p.records.next()
		if !ok {
			break
		}
		if p.records.blank(rec) {
			blank += 1 + strings.Count(rec.text, "\n")
			continue
		}
		cells, err := p.row(rec, outcome)
		if err != nil {
			return err
		}
		if err := p.blankLines(&blank); err != nil {
			return err
		}
		if err := p.out.Write(cells); err != nil {
			return err
		}
	}
	if !errors.Is(p.records.err, io.EOF) {
		return p.records.err
	}
	if err := p.blankLines(&blank); err != nil {
		return err
	}
	p.out.Flush()
	return p.out.Error()
}

// blankLines writes the blank rows that came since the last one, so that lines keep their numbers.
func (p *results) blankLines(n *int) error {
	for ; *n > 0; *n-- {
		if err := p.out.Write(nil); err != nil {
			return err
		}
	}
	return nil
}

// header gives the list's own names, and the three of the results where they are not among them.
func (p *results) header(head record) ([]string, error) {
	names, err := p.cells(head)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(names, func(name string) bool { return knownColumns[normal(name)] != "" }) {
		return nil, errors.New("the header names none of the columns of an account list")
	}
	p.width = len(names)
	for i, column := range outcomes {
		p.columns[i] = slices.IndexFunc(names, func(name string) bool { return knownColumns[normal(name)] == column })
		if p.columns[i] < 0 {
			p.columns[i] = len(names)
			names = append(names, column)
		}
	}
	return p.inert(names), nil
}

// row gives a row's cells with what came of it.
func (p *results) row(rec record, outcome func(int) (string, string, string)) ([]string, error) {
	cells, err := p.cells(rec)
	if err != nil {
		return nil, err
	}
	for len(cells) < p.width {
		cells = append(cells, "")
	}
	own := max(p.columns[0], p.columns[1], p.columns[2]) + 1 - p.width
	cells = slices.Insert(cells, p.width, make([]string, max(0, own))...) // before what a long row has too many
	if status, id, message := outcome(rec.line); status != "" {
		cells[p.columns[0]], cells[p.columns[2]] = status, message
		if id != "" {
			cells[p.columns[1]] = id
		}
	}
	return p.inert(cells), nil
}

// cells parts a record; a faulty one as well as it goes, for whoever has to mend it.
func (p *results) cells(rec record) ([]string, error) {
	if rec.fault != nil {
		cells := strings.Split(rec.text, string(p.out.Comma))
		for i, c := range cells {
			cells[i] = strings.Trim(c, "\"\r\n")
		}
		return cells, nil
	}
	p.feed.give(rec)
	cells, err := p.in.Read()
	if err != nil {
		return nil, fmt.Errorf("read line %d: %w", rec.line, err)
	}
	return slices.Clone(cells), nil
}

func (p *results) inert(cells []string) []string {
	for i, c := range cells {
		cells[i] = inert(c)
	}
	return cells
}

// inert is a cell that neither a spreadsheet runs nor a terminal acts on.
func inert(cell string) string {
	cell = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < ' ':
			return '\u2400' + r
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return '\uFFFD'
		}
		return r
	}, cell)
	if runs(cell) {
		return "'" + cell
	}
	return cell
}
