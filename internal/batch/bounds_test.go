package batch_test

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/batch"
)

// generated is a list that is made while it is read.
type generated struct {
	row  func(n int) string
	n    int
	rest string
}

func (g *generated) Read(p []byte) (int, error) {
	for g.rest == "" {
		g.rest = g.row(g.n)
		g.n++
		if g.rest == "" {
			return 0, io.EOF
		}
	}
	n := copy(p, g.rest)
	g.rest = g.rest[n:]
	return n, nil
}

// withoutRacing leaves a test to the run without the race detector.
func withoutRacing(t *testing.T) {
	t.Helper()
	if racing {
		t.Skip("200,000 rows take minutes under the race detector and race nothing; make test runs this without it")
	}
}

// This test does not run beside others: it looks at the memory of the process.
func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	withoutRacing(t)
	defer debug.SetGCPercent(debug.SetGCPercent(100)) // as vend runs, however lazy the collector of the tests is
	for name, tt := range map[string]struct {
		rows int
		row  func(n int) string
	}{
		"good rows": {batch.MaxRows, func(n int) string {
			return fmt.Sprintf("account-%d,dana@example.com,account-%d@example.com,Dana,Jones,Workloads/Dev,,%012d,%s,X/A; Y/B\n", n, n, n, strings.Repeat("e", 50))
		}},
		"bad rows": {50_000, func(n int) string {
			return fmt.Sprintf("account-%d,dana,account-%d,Dana,Jones,,,%d,%s,X\n", n, n, n, strings.Repeat("e", 90))
		}},
		"an open quote in each row": {50_000, func(n int) string {
			return fmt.Sprintf("account-%d,\"dana%s\n", n, strings.Repeat("e", 120))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			list := batch.Read(&generated{row: func(n int) string {
				switch {
				case n == 0:
					return header
				case n > tt.rows:
					return ""
				}
				return tt.row(n)
			}}, -1)
			runtime.GC()
			var before, now runtime.MemStats
			runtime.ReadMemStats(&before)
			var most uint64
			for row := range list.Rows() {
				if row.Line%2000 == 0 {
					runtime.ReadMemStats(&now)
					most = max(most, now.HeapInuse)
				}
			}
			if rows, _ := list.Count(); rows != tt.rows || len(list.Problems()) > 0 || list.Err() != nil {
				t.Errorf("%d rows, %v, %v", rows, list.Problems(), list.Err())
			}
			if grown := int64(most) - int64(before.HeapInuse); grown > 64<<20 {
				t.Errorf("%d MiB in use", grown>>20)
			} else {
				t.Logf("%d MiB in use at most", grown>>20)
			}
		})
	}
}

func TestBoundsAreRefusedWhereTheyAreCrossed(t *testing.T) {
	t.Parallel()
	other := strings.ReplaceAll(good, "dev", "two")
	cell := func(n int) string {
		return strings.TrimSuffix(good, ",,\n") + "," + strings.Repeat("e", n) + ",\n"
	}
	for name, tt := range map[string]struct {
		list string
		rows int
		want []string
	}{
		"a cell of 4 KiB":                     {header + cell(4096) + other, 2, nil},
		"a cell of 4 KiB at a line's end":     {header + strings.TrimSuffix(good, "\n") + "X/" + strings.Repeat("e", 4094) + "\r\n", 1, []string{"2:66 V1210 error Assignments"}},
		"a cell of 4 KiB and one byte":        {header + cell(4097) + other, 2, []string{"2:65 V1105 error"}},
		"a quoted cell of 4 KiB and a byte":   {header + strings.Replace(good, "Dana", `"`+strings.Repeat("e", 4097)+`"`, 1) + other, 2, []string{"2:38 V1105 error"}},
		"a first cell without an end":         {header + strings.Repeat("e", 1<<20) + "\n" + other, 2, []string{"2:1 V1105 error"}},
		"a cell without an end, at the end":   {header + other + "two," + strings.Repeat("e", 1<<20), 2, []string{"3:5 V1105 error"}},
		"a quoted cell of many lines":         {header + strings.Replace(good, "Dana", "\"Da\n"+strings.Repeat("na,na,na\n", 800)+`"`, 1), 802, nil},
		"64 columns":                          {strings.TrimSpace(header) + strings.Repeat(",x-more", 54) + "\n" + strings.TrimSpace(good) + strings.Repeat(",", 54) + "\n", 1, nil},
		"65 columns in the header":            {strings.TrimSpace(header) + strings.Repeat(",x", 55) + "\n" + good, 1, []string{"1:226 V1104 error"}},
		"65 columns in a row":                 {header + strings.TrimSpace(good) + strings.Repeat(",", 55) + "\n" + other, 2, []string{"2:121 V1104 error"}},
		"a row of delimiters without an end":  {header + strings.Repeat(",", 1<<20) + "\n" + other, 2, []string{"2:65 V1104 error"}},
		"a header without an end":             {strings.Repeat("AccountName", 1<<16) + "\n" + good, 1, []string{"1:1 V1105 error"}},
		"a first line of one byte, then rows": {"x\n" + good, 1, []string{"1:1 V1119 error x"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := check(t, tt.list)
			if report.Rows != tt.rows {
				t.Errorf("%d rows, want %d", report.Rows, tt.rows)
			}
			got := places(report.Problems)
			if name == "a quoted cell of many lines" {
				got, tt.want = got[:1], []string{"2:38 V1107 error"}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestTooManyRows(t *testing.T) {
	withoutRacing(t)
	t.Parallel()
	list := batch.Read(&generated{row: func(n int) string {
		if n == 0 {
			return "AccountId,OrgUnit\n"
		}
		return fmt.Sprintf("%012d,Dev\n\n", n)
	}}, -1)
	for row, problems := range list.Rows() {
		if len(problems) > 0 {
			t.Fatal(row.Line, problems)
		}
	}
	rows, blank := list.Count()
	if rows != batch.MaxRows || blank != batch.MaxRows {
		t.Errorf("%d rows and %d blank", rows, blank)
	}
	if diff := cmp.Diff([]string{"400002:1 V1103 error"}, places(list.Problems())); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestTooManyBytes(t *testing.T) {
	withoutRacing(t)
	t.Parallel()
	if p := batch.Read(nil, batch.MaxBytes+1).Problems(); len(p) != 1 || p[0].Code != account.CodeTooLarge {
		t.Errorf("of a known size: %v, want to be refused unread", p)
	}
	blanks := strings.Repeat(strings.Repeat(" ", 1023)+"\n", batch.MaxBytes>>10-1)
	blanks += strings.Repeat(" ", batch.MaxBytes-len(header)-len(good)-len(blanks))
	if report := check(t, header+good+blanks); len(report.Problems) > 0 || report.BlankRows != batch.MaxBytes>>10 {
		t.Errorf("32 MiB: %+v", report)
	}
	report := check(t, header+good+blanks+" ")
	if diff := cmp.Diff([]string{fmt.Sprintf("%d:1 V1102 error", batch.MaxBytes>>10+2)}, places(report.Problems)); diff != "" {
		t.Errorf("32 MiB and one byte: -want +got\n%s", diff)
	}
}

func TestManyProblemsAreCounted(t *testing.T) {
	t.Parallel()
	report := check(t, "AccountId,OrgUnit\n"+strings.Repeat("x,Dev\n", 11_000))
	if len(report.Problems) != 10_000 || report.Omitted == 0 || report.Rows != 11_000 {
		t.Errorf("%d problems, %d omitted, %d rows", len(report.Problems), report.Omitted, report.Rows)
	}
}
