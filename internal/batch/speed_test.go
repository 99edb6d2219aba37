package batch_test

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/vend-cli/vend/internal/batch"
)

// manyRows is a list of good rows, each with two assignments.
func manyRows(n int) string {
	var b strings.Builder
	b.WriteString(header)
	for i := range n {
		fmt.Fprintf(&b, "account-%06d,dana@example.com,account-%06d@example.com,Dana,Jones,Workloads/Dev,,,,AWSReadOnlyAccess/Auditors; AdministratorAccess/Platform Team\n", i, i)
	}
	return b.String()
}

func BenchmarkRead(b *testing.B) {
	const rows = 1000
	content := manyRows(rows)
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		list := batch.Read(strings.NewReader(content), int64(len(content)))
		for range list.Rows() {
		}
		if n, _ := list.Count(); n != rows || len(list.Problems()) > 0 || list.Err() != nil {
			b.Fatalf("%d rows, %d problems, %v", n, len(list.Problems()), list.Err())
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	for name, content := range map[string]string{
		"good rows": manyRows(1000),
		"bad rows":  strings.ReplaceAll(manyRows(1000), "@example.com", ""),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := batch.Check("accounts.csv", strings.NewReader(content), int64(len(content))); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMerelyReading is what the others are held against: the same list, parted by encoding/csv and forgotten.
func BenchmarkMerelyReading(b *testing.B) {
	content := manyRows(1000)
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		rows := csv.NewReader(strings.NewReader(content))
		rows.ReuseRecord = true
		for {
			if _, err := rows.Read(); err != nil {
				break
			}
		}
	}
}
