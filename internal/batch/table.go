package batch

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"

	"github.com/gocarina/gocsv"
)

// table reads records as [cells]: encoding/csv parts them and knows their places, gocsv puts them under their columns.
type table struct {
	feed *feed
	csv  *csv.Reader
	rows *gocsv.Unmarshaller
}

// newTable makes a table of a header record, and gives the names that stand in it.
func newTable(comma byte, head record) (*table, []string, error) {
	t := &table{feed: &feed{}}
	t.csv = t.feed.reader(comma)
	t.feed.give(head)
	rows, err := gocsv.NewUnmarshaller(t.csv, cells{})
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

// read reads one record, which becomes the one that places are asked of.
func (t *table) read(rec record) (cells, error) {
	t.feed.give(rec)
	row, err := t.rows.Read()
	if err != nil {
		return cells{}, err
	}
	c, ok := row.(cells)
	if !ok {
		return cells{}, errors.New("gocsv gave something else than was asked for")
	}
	return c, nil
}

// places are where the cells of the record begin that was read last, and how wide they are on their line.
func (t *table) places(rec record) []place {
	places := make([]place, rec.cells)
	first, _ := t.csv.FieldPos(0)
	for i := range places {
		line, column := t.csv.FieldPos(i)
		places[i].at = at{rec.line + line - first, column}
	}
	for i := range places {
		p := &places[i]
		if i+1 < len(places) && places[i+1].at.line == p.at.line {
			p.width = places[i+1].at.column - p.at.column - 1
		} else {
			p.width = len(lineOf(string(rec.text), p.at.line-rec.line)) - p.at.column + 1
		}
	}
	return places
}

// feed hands encoding/csv one record at a time. Each ends with a line end, so that the reader never asks for more than it
// was given, and what can't be read as CSV never reaches it.
type feed struct{ rest bytes.Buffer }

func (f *feed) reader(comma byte) *csv.Reader {
	r := csv.NewReader(f)
	r.Comma = rune(comma)
	r.FieldsPerRecord = -1 // short and long rows are told of by us
	r.ReuseRecord = true
	return r
}

func (f *feed) give(rec record) {
	f.rest.Reset()
	f.rest.Write(rec.text)
	f.rest.WriteByte('\n')
}

// Read gives what is left of the record.
func (f *feed) Read(p []byte) (int, error) {
	if f.rest.Len() == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	return f.rest.Read(p)
}
