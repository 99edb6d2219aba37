package batch

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"github.com/gocarina/gocsv"
)

// table reads records as [cells]: encoding/csv parts them, gocsv puts them under their columns.
type table struct {
	feed *feed
	rows *gocsv.Unmarshaller
}

// newTable makes a table of a header record, and gives the names that stand in it.
func newTable(comma byte, head record) (*table, []string, error) {
	t := &table{feed: &feed{}}
	t.feed.give(head)
	rows, err := gocsv.NewUnmarshaller(t.feed.reader(comma), &cells{})
	if err != nil {
		return nil, nil, err
	}
	t.rows = rows
	return t, rows.Headers, nil
}

// name says what the columns mean, by position.
func (t *table) name(columns []string) error {
	return t.rows.RenormalizeHeaders(func([]string) []string { return columns })
}

// read reads one record.
func (t *table) read(rec record) (*cells, error) {
	t.feed.give(rec)
	row, err := t.rows.Read()
	if err != nil {
		return nil, err
	}
	c, ok := row.(*cells)
	if !ok {
		return nil, errors.New("gocsv gave something else than was asked for")
	}
	return c, nil
}

// placesIn are where the cells of a record begin that has no fault, as encoding/csv tells it too, and how wide they are.
// Rows are asked for them when there is something to tell, which is seldom.
func placesIn(text string, comma byte, line int) []place {
	places := []place{{at: at{line, 1}}}
	begin, within := 0, false // of the line, and quotes
	for i := 0; i <= len(text); i++ {
		last := &places[len(places)-1]
		switch {
		case i == len(text) || text[i] == '\n':
			if last.at.line == line {
				last.width = len(strings.TrimSuffix(text[begin:i], "\r")) - last.at.column + 1
			}
			line, begin = line+1, i+1
		case text[i] == '"':
			within = !within // a doubled quote turns it twice
		case text[i] == comma && !within:
			if last.at.line == line {
				last.width = i - begin - last.at.column + 1
			}
			places = append(places, place{at: at{line, i - begin + 2}})
		}
	}
	return places
}

// feed hands encoding/csv one record at a time. Each ends with a line end, so that the reader never asks for more than it
// was given, and what can't be read as CSV never reaches it.
type feed struct {
	rest string
	open bool // its line end is still to come
}

func (f *feed) reader(comma byte) *csv.Reader {
	r := csv.NewReader(f)
	r.Comma = rune(comma)
	r.FieldsPerRecord = -1 // short and long rows are told of by us
	r.ReuseRecord = true
	return r
}

func (f *feed) give(rec record) {
	f.rest, f.open = rec.text, true
}

// Read gives what is left of the record.
func (f *feed) Read(p []byte) (int, error) {
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	switch {
	case n < len(p) && f.open:
		p[n], f.open = '\n', false
		return n + 1, nil
	case n == 0 && len(p) > 0:
		return 0, io.ErrUnexpectedEOF
	}
	return n, nil
}
