package batch_test

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/batch"
)

var seed = flag.Uint64("seed", 0, "play the one list of this seed; 0: new ones")

// A list of good rows in any form that a program may give it has no problem; with one bad cell in it, it has this one, at
// the line and the column of the cell.
func TestOneBadCellIsFoundWhereItStands(t *testing.T) {
	t.Parallel()
	first, lists := *seed, 1
	if *seed == 0 {
		first, lists = uint64(time.Now().UnixNano()), 1000
		if racing {
			lists = 100
		}
	}
	for s := first; s < first+uint64(lists); s++ {
		good := newForm(s)
		check := func(f *form, want ...string) {
			report, err := batch.Check("list.csv", bytes.NewReader(f.encoded(t)), -1)
			if err != nil {
				t.Fatal(err)
			}
			if got := places(report.Problems); !slices.Equal(got, want) || report.Rows != f.records || report.BlankRows != f.blanks {
				t.Fatalf("%q, want %q; %d rows, want %d; %d blank, want %d\n%q\nonce more: go test ./internal/batch -run %s -seed %d",
					got, want, report.Rows, f.records, report.BlankRows, f.blanks, f.text.String(), t.Name(), s)
			}
		}
		good.write(nil)
		check(good)
		bad := newForm(s)
		m := bad.mistake()
		bad.write(&m)
		check(bad, strings.TrimSpace(fmt.Sprintf("%d:%d %s error %s", m.line, m.column, m.code, m.field)))
	}
}

// form is how a list looks, and what it says.
type form struct {
	*rand.Rand
	comma, end string
	encoding   encoding.Encoding
	columns    []string
	rows       int

	text            strings.Builder
	line            int
	records, blanks int
}

// mistake is a bad cell, with what the reader has to say about it.
type mistake struct {
	row         int
	field, cell string
	code        string

	line, column int // set when it is written
}

func newForm(seed uint64) *form {
	f := &form{Rand: rand.New(rand.NewPCG(seed, 0)), line: 1}
	f.comma = one(f, ",", ";", "\t")
	f.end = one(f, "\n", "\r\n", "\r")
	f.encoding = one(f, encoding.Nop, unicode.UTF8BOM, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), unicode.UTF16(unicode.BigEndian, unicode.UseBOM))
	f.columns = []string{
		batch.AccountName, batch.SSOUserEmail, batch.AccountEmail, batch.SSOUserFirstName, batch.SSOUserLastName, batch.OrgUnit,
		batch.AccountID, batch.Assignments, batch.Tags,
	}
	for _, optional := range []string{batch.Status, batch.ErrorMsg, "x-Ticket", "X-Notes"} {
		if f.IntN(2) == 0 {
			f.columns = append(f.columns, optional)
		}
	}
	f.Shuffle(len(f.columns), func(i, j int) { f.columns[i], f.columns[j] = f.columns[j], f.columns[i] })
	f.rows = 1 + f.IntN(12)
	return f
}

func one[T any](f *form, of ...T) T { return of[f.IntN(len(of))] }

// mistakes are cells that break one rule each.
var mistakes = []mistake{
	{field: batch.AccountName, cell: "Zürich", code: account.CodeName},
	{field: batch.AccountName, cell: strings.Repeat("n", 51), code: account.CodeName},
	{field: batch.SSOUserEmail, cell: "dana.example.com", code: account.CodeUserEmail},
	{field: batch.AccountEmail, cell: "one@exаmple.com", code: account.CodeEmail},
	{field: batch.AccountEmail, cell: "李@example.com", code: account.CodeEmail},
	{field: batch.SSOUserFirstName, cell: "Da\u0000na", code: account.CodeControl},
	{field: batch.SSOUserLastName, cell: "\u202ejones", code: account.CodeDirection},
	{field: batch.SSOUserLastName, cell: strings.Repeat("é", 129), code: account.CodeLastName},
	{field: batch.OrgUnit, cell: "Root", code: account.CodeUnit},
	{field: batch.OrgUnit, cell: "", code: account.CodeRequired},
	{field: batch.AccountID, cell: "1.23457E+11", code: account.CodeAccountID},
	{field: batch.AccountID, cell: "12345678901", code: account.CodeAccountID},
	{field: batch.Assignments, cell: "ReadOnly", code: account.CodeAssignments},
	{field: batch.Tags, cell: "CostCenter", code: account.CodeTags},
}

func (f *form) mistake() mistake {
	m := one(f, mistakes...)
	m.row = f.IntN(f.rows)
	return m
}

// write writes the list; where m is not nil, with this mistake in it.
func (f *form) write(m *mistake) {
	if f.IntN(4) == 0 {
		f.put("sep=" + f.comma + f.end)
	}
	f.blank()
	f.record(func(column string) string { return f.dressed(column) }, nil)
	for row := range f.rows {
		f.blank()
		f.records++
		enroll := f.IntN(4) == 0
		here := m
		if m == nil || m.row != row {
			here = nil
		}
		f.record(func(column string) string { return f.value(column, row, enroll) }, here)
	}
	f.blank()
}

// put writes text and counts its lines.
func (f *form) put(text string) {
	f.text.WriteString(text)
	f.line += strings.Count(text, f.end)
}

// blank writes up to two rows with nothing in them.
func (f *form) blank() {
	for range f.IntN(3) {
		f.blanks++
		f.put(one(f, "", " ", strings.Repeat(f.comma, len(f.columns)-1), `""`+f.comma+" ", "\u00a0") + f.end)
	}
}

func (f *form) record(value func(column string) string, m *mistake) {
	for i, column := range f.columns {
		if i > 0 {
			f.put(f.comma)
		}
		cell := value(column)
		if m != nil && m.field == column {
			cell = m.cell
			text := f.text.String()
			m.line, m.column = f.line, len(text)-strings.LastIndex(text, f.end)-len(f.end)+1
			if !strings.Contains(text, f.end) {
				m.column = len(text) + 1
			}
			if i := strings.IndexAny(cell, "\u0000\u202e"); i >= 0 { // the place of a stray character is its own
				m.column += i
				f.put(cell)
				continue
			}
		}
		f.put(f.quoted(cell))
	}
	f.put(f.end)
}

// quoted is a cell in quotes where it needs them, and sometimes where it does not.
func (f *form) quoted(cell string) string {
	if strings.ContainsAny(cell, "\"\r\n,;\t") || f.IntN(5) == 0 {
		return `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
	}
	return cell
}

// dressed is the name of a column as people write it.
func (f *form) dressed(column string) string {
	return one(f, column, strings.ToLower(column), strings.ToUpper(column), " "+column, column[:2]+"_"+column[2:], column[:1]+" "+column[1:]+" ")
}

// value is a good cell of a row; each row has a name, an address and an id of its own.
func (f *form) value(column string, row int, enroll bool) string {
	switch column {
	case batch.AccountName:
		return fmt.Sprintf(one(f, "team-%d", " team %d ", "%d, the \"first\"; it's ours"), row)
	case batch.SSOUserEmail:
		return one(f, "dana@example.com", " Olu@Example.com")
	case batch.AccountEmail:
		return fmt.Sprintf("team-%d@example.com", row)
	case batch.SSOUserFirstName:
		return one(f, "Dana", "李小龍", "Zoe\u0308", "Anne \"DJ\" Marie", "'Olu")
	case batch.SSOUserLastName:
		return one(f, "Jones", "O’Brien", "Žižek, PhD", "🚀")
	case batch.OrgUnit:
		return one(f, "Workloads/Dev", "Dev (ou-ab12-11111113)", "ou-ab12-11111113", "Größe; 李, Dev")
	case batch.AccountID:
		if enroll {
			return fmt.Sprintf("%012d", row+1)
		}
	case batch.Assignments:
		return one(f, "", "ReadOnly/Auditors", "ReadOnly/Auditors;"+f.end+"Admin/user:dana@example.com", "ReadOnly/R&D;; Ops, EMEA")
	case batch.Tags:
		return one(f, "", "Team=a", "Team=a; Größe=L")
	case batch.Status:
		return one(f, "", "done", "failed")
	default: // what nobody reads
		return one(f, "", "T-1", "a \"b\""+f.end+f.end+"c, d; e\tf", "李"+f.end+"é", "'=1+1")
	}
	return ""
}

func (f *form) encoded(t *testing.T) []byte {
	t.Helper()
	out, err := f.encoding.NewEncoder().String(f.text.String())
	if err != nil {
		t.Fatal(err)
	}
	return []byte(out)
}
