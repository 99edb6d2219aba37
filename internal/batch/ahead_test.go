package batch_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/vend-cli/vend/internal/batch"
)

// Records are parted in a goroutine of their own. A bubble that is left with one that waits fails.
func TestNothingRunsOnceTheRowsHaveEnded(t *testing.T) {
	t.Parallel()
	sources := map[string]func() io.Reader{
		"at the end of the list":  func() io.Reader { return strings.NewReader(manyRows(1000)) },
		"where the source breaks": func() io.Reader { return io.MultiReader(strings.NewReader(manyRows(1000)), iotest.ErrReader(errReset)) },
	}
	for name, source := range sources {
		for _, until := range []int{1, 500, 1000, 2000} {
			t.Run(fmt.Sprintf("%s, at most %d", name, until), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					list, read := batch.Read(source(), -1), 0
					for range list.Rows() {
						if read++; read == until {
							break
						}
					}
					if rows, _ := list.Count(); rows != read || read != min(until, 1000) {
						t.Errorf("%d rows were seen, %d counted; want %d", read, rows, min(until, 1000))
					}
				})
			})
		}
	}
}

var errReset = errors.New("connection reset")
