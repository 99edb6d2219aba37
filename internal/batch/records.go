package batch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/vend-cli/vend/internal/account"
)

// record is one record of the list: a line, or several where quoted cells hold line ends.
type record struct {
	line  int    // of its first byte
	text  string // without the line end
	cells int    // how many, where there is no fault
	plain bool   // it is printable ASCII without quotes, as nearly all are
	fault *fault // why it can't be read as cells
}

// fault is a record that breaks the rules of CSV or a bound.
type fault struct {
	line, column  int
	code, message string
	suggestion    string // empty: that of the code
}

// records divides text into records.
//
// It follows the quotes as encoding/csv does, and hands over what encoding/csv can read in one piece. What breaks the rules
// is handed over too, one line of it, with its fault: a quote that is never closed costs its own line and not the rest of
// the file. A cell is held up to [MaxCell], a record up to [MaxColumns] cells, so memory does not grow with the file.
type records struct {
	src   io.Reader
	comma byte
	line  int // of buf[pos]
	crs   bool
	crlf  bool // lines end with CRLF, to go by the first
	began bool

	separated bool // a sep= line came first

	buf      []byte
	pos, end int
	err      error
	total    int64 // bytes read from src
}

const keepFaulty = 64 << 10 // bytes that are kept of a faulty line

func newRecords(src io.Reader) *records {
	return &records{src: src, line: 1, buf: make([]byte, 64<<10)}
}

// header finds the delimiter and reads the header: the first record that is not blank. Blank ones are counted.
func (r *records) header(blank *int) (record, bool) {
	if comma, ok := separatorLine(r.peekLine(false)); ok {
		r.comma, r.separated = comma, true
		r.skipLine()
	} else {
		r.comma = detectDelimiter(r.peekLine(true))
	}
	for {
		rec, ok := r.next()
		if !ok || !r.blank(rec) {
			return rec, ok
		}
		*blank++
	}
}

// peekLine is the first line, or the first that has something in it, as far as it fits into the buffer. It consumes nothing.
func (r *records) peekLine(filled bool) string {
	for from := 0; ; {
		for bytes.IndexByte(r.buf[r.pos+from:r.end], '\n') < 0 {
			if r.end-r.pos > keepFaulty || !r.more() {
				return string(r.buf[r.pos+from : r.end])
			}
		}
		line := r.buf[r.pos+from:]
		line = line[:bytes.IndexByte(line, '\n')]
		blank := func(c rune) bool { return c == '"' || isBlank(c) || strings.ContainsRune(delimiters, c) }
		if !filled || len(bytes.TrimFunc(line, blank)) > 0 {
			return string(line)
		}
		from += len(line) + 1
	}
}

// headerBelow is the number of the first of the next lines that names columns, 0 if none of ten does. It consumes nothing.
func (r *records) headerBelow() int {
	from := r.pos
	for n := range 10 {
		for bytes.IndexByte(r.buf[from:r.end], '\n') < 0 {
			before := r.pos
			more := r.end-r.pos <= keepFaulty && r.more()
			from += r.pos - before
			if !more {
				return 0 // a header has a row below it
			}
		}
		line := r.buf[from:]
		line = line[:bytes.IndexByte(line, '\n')]
		if knownNames(string(line), detectDelimiter(string(line))) > 1 {
			return r.line + n
		}
		from += len(line) + 1
	}
	return 0
}

// skipLine consumes one line.
func (r *records) skipLine() {
	i := bytes.IndexByte(r.buf[r.pos:r.end], '\n')
	if i < 0 {
		i = r.end - r.pos - 1
	}
	r.pos += i + 1
	r.line++
}

// next is the next record, blank ones included; false at the end and when the source fails, see err.
func (r *records) next() (record, bool) {
	if r.pos == r.end && !r.more() {
		return record{}, false
	}
	if rec, ok := r.plain(); ok {
		return rec, true
	}
	s := scan{line: r.line, cells: 1}
	for i := 0; ; i++ {
		if r.pos+i == r.end && !r.more() {
			if !errors.Is(r.err, io.EOF) {
				return record{}, false // half a record is no record
			}
			if s.state == quoted {
				return r.unclosed(s), true
			}
			return r.take(i, i, s.line, s.cells), true
		}
		c := r.buf[r.pos+i]
		if c == '\r' && s.state != quoted && r.lineEnds(i+1) {
			continue
		}
		switch {
		case s.state == quoted:
			s.inQuotes(c, i)
		case c == '\n':
			return r.take(i, i+1, s.line+1, s.cells), true
		case c == r.comma:
			s.endCell(i)
		case c == '"' && s.state == closed:
			s.state, s.length = quoted, s.length+1 // a doubled quote
		case c == '"' && s.state == start:
			s.state, s.opened = quoted, at{s.line, i - s.lineStart + 1}
		case s.state == closed && s.newline > 0:
			return r.unclosed(s), true // what closed the cell was the opening quote of another
		case s.state == closed:
			return r.faulty(i, s, fault{s.line, i - s.lineStart + 1, account.CodeQuoteStray, "Text follows the closing quote of the cell", ""}), true
		case c == '"':
			return r.faulty(i, s, fault{
				s.line, i - s.lineStart + 1, account.CodeQuoteStray, "A quote stands inside a cell that does not begin with one",
				insteadOfQuote(r.buf[r.pos+i-s.length : r.pos+i]),
			}), true
		default:
			s.state, s.length = bare, s.length+1
		}
		switch {
		case s.length > MaxCell && s.state == quoted && s.newline > 0:
			return r.unclosed(s), true
		case s.length > MaxCell:
			return r.faulty(i, s, fault{
				s.cell.line, s.cell.column, account.CodeCellTooLong,
				fmt.Sprintf("The cell is longer than %d bytes", MaxCell), "",
			}), true
		case s.cells > MaxColumns:
			return r.faulty(i, s, fault{
				s.line, i - s.lineStart + 2, account.CodeTooManyColumns,
				fmt.Sprintf("The row has more than %d columns", MaxColumns), "",
			}), true
		}
	}
}

// plain takes a line without quotes that is too short to break a bound of a cell, as nearly all are: it can be searched
// for what matters, instead of being gone through.
func (r *records) plain() (record, bool) {
	length := bytes.IndexByte(r.buf[r.pos:min(r.end, r.pos+MaxCell)], '\n')
	if length < 0 {
		return record{}, false
	}
	line := r.buf[r.pos : r.pos+length]
	cells := bytes.Count(line, []byte{r.comma}) + 1
	if bytes.IndexByte(line, '"') >= 0 || cells > MaxColumns {
		return record{}, false
	}
	plain := printable(bytes.TrimSuffix(line, []byte("\r")))
	rec := r.take(length, length+1, r.line+1, cells)
	rec.plain = plain
	return rec, true
}

// insteadOfQuote says what to do about a quote behind the beginning of a bare cell, where that is plain.
func insteadOfQuote(before []byte) string {
	switch {
	case string(before) == "=":
		return `write the value alone: ="…" is a formula, which only a spreadsheet reads`
	case len(bytes.TrimSpace(before)) == 0:
		return "take away the blank before the quote"
	}
	return ""
}

const (
	start = iota // of a cell
	bare
	quoted
	closed // behind a quote inside a quoted cell
)

type at struct{ line, column int }

// scan is how far the reading of a record is.
type scan struct {
	state     int
	line      int
	lineStart int // offset in the record
	cells     int
	cell      at  // where the cell began, when it is not the first
	length    int // of the cell
	opened    at  // the quote of the cell
	newline   int // offset of the first line end inside the quoted cell
}

func (s *scan) endCell(i int) {
	s.cells++
	s.state, s.length, s.newline = start, 0, 0
	s.cell = at{s.line, i - s.lineStart + 2}
}

func (s *scan) inQuotes(c byte, i int) {
	switch c {
	case '"':
		s.state = closed
		return
	case '\n':
		if s.newline == 0 {
			s.newline = i
		}
		s.line, s.lineStart = s.line+1, i+1
	}
	s.length++
}

// unclosed hands over the record up to the end of the line in which the open quote stands, and goes on behind it.
func (r *records) unclosed(s scan) record {
	f := &fault{s.opened.line, s.opened.column, account.CodeQuoteOpen, "The quote that opens here is never closed", ""}
	if s.newline == 0 {
		rec := r.take(r.end-r.pos, r.end-r.pos, s.opened.line, 0)
		rec.fault = f
		return rec
	}
	rec := r.take(s.newline, s.newline+1, s.opened.line+1, 0)
	rec.fault = f
	return rec
}

// faulty hands over the record up to the end of the line that i is in. Of a long line only the beginning is kept.
func (r *records) faulty(i int, s scan, f fault) record {
	if f.line == 0 { // the first cell
		f.line, f.column = r.line, 1
	}
	kept := ""
	for {
		if n := bytes.IndexByte(r.buf[r.pos+i:r.end], '\n'); n >= 0 {
			i += n
			break
		}
		i = r.end - r.pos
		if i > keepFaulty && kept == "" {
			kept = string(r.buf[r.pos : r.pos+keepFaulty])
		}
		if kept != "" {
			r.pos, i = r.end, 0
		}
		if !r.more() {
			break
		}
	}
	consumed, line := i, s.line
	if r.pos+i < r.end {
		consumed, line = i+1, s.line+1
	}
	rec := r.take(i, consumed, line, 0)
	if kept != "" {
		rec.text = kept
	}
	rec.fault = &f
	return rec
}

// take cuts a record off the buffer.
func (r *records) take(length, consumed, next, cells int) record {
	rec := record{line: r.line, cells: cells, text: string(bytes.TrimSuffix(r.buf[r.pos:r.pos+length], []byte("\r")))}
	r.pos += consumed
	r.line = next
	return rec
}

// lineEnds says whether a line ends at offset i, looking further into the source if need be.
func (r *records) lineEnds(i int) bool {
	return r.pos+i == r.end && !r.more() || r.buf[r.pos+i] == '\n'
}

// more reads on; false at the end.
func (r *records) more() bool {
	if r.err != nil {
		return false
	}
	if r.pos > 0 && r.end == len(r.buf) {
		copy(r.buf, r.buf[r.pos:r.end])
		r.pos, r.end = 0, r.end-r.pos
	}
	if r.end == len(r.buf) {
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
	n, err := io.ReadAtLeast(r.src, r.buf[r.end:], 1)
	r.err = err
	r.total += int64(n)
	fresh := r.buf[r.end : r.end+n]
	r.end += n
	r.lineEndings()
	if r.crs {
		for i, c := range fresh {
			if c == '\r' {
				fresh[i] = '\n'
			}
		}
	}
	return n > 0
}

// lineEndings goes by the first line end: a file whose first one is a lone CR is of the old Macintosh kind.
func (r *records) lineEndings() {
	if r.began {
		return
	}
	seen := r.buf[:r.end]
	i := bytes.IndexAny(seen, "\r\n")
	if i < 0 || seen[i] == '\r' && i == len(seen)-1 && r.err == nil {
		return
	}
	r.began = true
	r.crlf = seen[i] == '\r' && i+1 < len(seen) && seen[i+1] == '\n'
	r.crs = seen[i] == '\r' && !r.crlf
	if r.crs {
		for j, c := range seen {
			if c == '\r' {
				seen[j] = '\n'
			}
		}
	}
}

// blank says whether a record has nothing in it.
func (r *records) blank(rec record) bool {
	return rec.fault == nil && (rec.plain || !strings.Contains(rec.text, `"""`)) &&
		strings.IndexFunc(rec.text, func(c rune) bool { return c != rune(r.comma) && c != '"' && !isBlank(c) }) < 0
}

// valued says whether a cell of a record has anything in it.
func (r *records) valued(rec record, places []place, cell int) bool {
	raw := rec.text[offset(rec, places[cell].at):]
	if cell+1 < len(places) {
		raw = rec.text[offset(rec, places[cell].at) : offset(rec, places[cell+1].at)-1]
	}
	return strings.IndexFunc(raw, func(c rune) bool { return c != '"' && !isBlank(c) }) >= 0 || strings.Contains(raw, `"""`)
}

// offset is where a place is in a record's text.
func offset(rec record, where at) int {
	begin := 0
	for range where.line - rec.line {
		begin += strings.IndexByte(rec.text[begin:], '\n') + 1
	}
	return begin + where.column - 1
}
