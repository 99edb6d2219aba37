package batch_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/batch"
)

func TestCellsBeginWhereTheCSVReaderSaysSo(t *testing.T) {
	t.Parallel()
	for name, record := range map[string]string{
		"bare cells":              "a,bb,,c",
		"empty cells":             ",,,",
		"one empty cell":          `""`,
		"a quoted delimiter":      `"a,b",c,"d"`,
		"doubled quotes":          `"a ""b"", c","""",","`,
		"a line end in a cell":    "a,\"b\nc,d\",e,\"\n\n\",f",
		"CRLF in a cell":          "a,\"b\r\nc\",d",
		"a carriage return alone": "a,b\rc,d",
		"letters of more bytes":   "Zoë,\"Jürgen, 東京\",x",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := csv.NewReader(strings.NewReader(record + "\n"))
			cells, err := r.Read()
			if err != nil {
				t.Fatal(err)
			}
			var want [][2]int
			for i := range cells {
				line, column := r.FieldPos(i)
				want = append(want, [2]int{line, column})
			}
			if diff := cmp.Diff(want, batch.Places(record, ',')); diff != "" {
				t.Errorf("%q: -want +got\n%s", record, diff)
			}
		})
	}
}
