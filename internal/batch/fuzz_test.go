package batch_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/batch"
)

func seeds(f *testing.F) {
	f.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "samples", "*.csv"))
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	corpus, err := filepath.Glob(filepath.Join("testdata", "corpus", "*.csv"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range append(files, corpus...) {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, s := range []string{
		"", "\r", "\r\n\r", "sep=;\n;", "a\rb", "\"", "\"\n\"x\n", "a,\"b\"\"\r\n\",c\r", "\xff\xfeA\x00", "\ufeffAccountId,OrgUnit\n\"1\n\n\"2,\n",
		header + "\x00,\xff,\"'=1\",,,,\n\n,,\"\r\n", "OrgUnit;AccountId\n'=a;\"b\"\"", "AccountId\tOrgUnit\r\"a\r\"\"\tb\r\r",
	} {
		f.Add([]byte(s))
	}
}

// Every byte of a list is part of exactly one record, and every record that is called good is one to encoding/csv as well.
func FuzzEveryByteIsAccountedFor(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 32<<10 {
			return
		}
		var all strings.Builder
		for _, p := range batch.Pieces(bytes.NewReader(text), ',') {
			if got := 1 + strings.Count(all.String(), "\n"); p.Line != got {
				t.Fatalf("%q is said to be on line %d, and is on line %d", p.Text, p.Line, got)
			}
			all.WriteString(p.Text + "\n")
			if p.Fault || strings.Trim(p.Text, "\r") == "" {
				continue
			}
			r := csv.NewReader(strings.NewReader(p.Text + "\n"))
			r.FieldsPerRecord = -1
			if records, err := r.ReadAll(); err != nil || len(records) != 1 {
				t.Fatalf("%q: %q, %v", p.Text, records, err)
			}
		}
		lineEnds := strings.NewReplacer("\r", "", "\n", "")
		if diff := cmp.Diff(lineEnds.Replace(string(text)), lineEnds.Replace(all.String())); diff != "" {
			t.Errorf("-in +out\n%s", diff)
		}
	})
}

// What encoding/csv takes for a table has as many records as the list has requests, problems and blank rows.
func FuzzRecordsAreCounted(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > batch.MaxCell || bytes.IndexByte(text, 0) >= 0 { // within all bounds, and text beyond doubt
			return
		}
		text = append([]byte(header), text...)
		want, columns, err := recordsOf(text)
		if err != nil || columns > batch.MaxColumns {
			return
		}
		list := batch.Read(bytes.NewReader(text), -1)
		requests, problems := 0, 0
		for row, found := range list.Rows() {
			if !batch.Refused(found) {
				requests++
				continue
			}
			problems++
			for _, p := range found {
				if p.Code == account.CodeQuoteOpen || p.Code == account.CodeQuoteStray {
					t.Errorf("line %d: %v, and encoding/csv reads it", row.Line, p)
				}
			}
		}
		rows, blanks := list.Count()
		if requests+problems != rows || 1+rows+blanks != want {
			t.Errorf("%d requests, %d problems (%d rows) and %d blank below the header; %d records to encoding/csv", requests, problems, rows, blanks, want)
		}
	})
}

// recordsOf counts the records and the empty lines of a text, and its columns, by encoding/csv.
func recordsOf(text []byte) (records, columns int, err error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = -1
	emptyLines := func(text []byte) {
		for {
			rest := bytes.TrimPrefix(text, []byte("\r"))
			if len(rest) == 0 && len(text) > 0 || len(rest) > 0 && rest[0] == '\n' {
				records++
				text = rest[min(1, len(rest)):]
				continue
			}
			return
		}
	}
	for {
		before := r.InputOffset()
		cells, err := r.Read()
		emptyLines(text[before:r.InputOffset()])
		switch {
		case errors.Is(err, io.EOF):
			return records, columns, nil
		case err != nil:
			return 0, 0, err
		}
		records, columns = records+1, max(columns, len(cells))
	}
}

// Whatever is in a file, reading it ends without a panic, each place is inside the file, and the source's chunks don't matter.
func FuzzRead(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 8<<10 {
			return
		}
		report, err := batch.Check("list.csv", bytes.NewReader(text), int64(len(text)))
		if err != nil {
			t.Fatal(err)
		}
		if report.Rows == 0 && len(report.Problems) == 0 {
			t.Error("no rows, and not a word about it")
		}
		lines := 2 + bytes.Count(text, []byte("\n")) + bytes.Count(text, []byte("\r"))
		for _, p := range report.Problems {
			if p.Line < 1 || p.Line > lines || p.Column < 1 || p.Column > 3*len(text)+2 || p.Code == "" || p.Message == "" {
				t.Errorf("%+v", p)
			}
		}
		slow, err := batch.Check("list.csv", iotest.OneByteReader(bytes.NewReader(text)), -1)
		if diff := cmp.Diff(report, slow); diff != "" || err != nil {
			t.Errorf("read byte by byte: %v\n%s", err, diff)
		}
		var words strings.Builder
		if err := report.WriteText(&words, 0); err != nil {
			t.Fatal(err)
		}
		if i := strings.IndexFunc(words.String(), func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7F }); i >= 0 {
			t.Errorf("a control character in %q", words.String())
		}
		marshal(t, report)
	})
}

// The results of a list have its rows, and are stable: the results of the results are the same.
func FuzzWriteResults(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<10 { // bytes that are no UTF-8 grow to three, which may cross a bound
			return
		}
		outcome := func(int) (string, string, string) { return "failed", "123456789012", "-why" }
		var once, twice strings.Builder
		if err := batch.WriteResults(&once, bytes.NewReader(text), outcome); err != nil {
			return
		}
		first, err := batch.Check("list.csv", bytes.NewReader(text), -1)
		if err != nil {
			t.Fatal(err)
		}
		again, err := batch.Check("list.csv", strings.NewReader(once.String()), -1)
		if err != nil {
			t.Fatal(err)
		}
		if first.Rows != again.Rows {
			t.Errorf("%d rows, %d in the results\n%q\n%q", first.Rows, again.Rows, text, once.String())
		}
		if err := batch.WriteResults(&twice, strings.NewReader(once.String()), outcome); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(once.String(), twice.String()); diff != "" {
			t.Errorf("%q: -once +twice\n%s", text, diff)
		}
	})
}
