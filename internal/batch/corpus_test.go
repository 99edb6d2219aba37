package batch_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/batch"
)

var update = flag.Bool("update", false, "write the goldens of the corpus anew")

// The files are those that spreadsheets, scripts and people leave behind, byte for byte. Beside each stands what the reader
// makes of it: what `vend validate` prints, and the rows as they were understood. A changed golden is a changed promise.
func TestEveryFileOfTheCorpus(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "corpus", "*.csv"))
	if err != nil || len(files) < 60 {
		t.Fatalf("%d files, %v; the test looks in the wrong place", len(files), err)
	}
	known := make(map[string]bool)
	for _, name := range files {
		golden := strings.TrimSuffix(name, ".csv") + ".golden"
		known[golden] = true
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := outcome(t, filepath.Base(name), text)
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatalf("%v; -update writes it", err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
	goldens, err := filepath.Glob(filepath.Join("testdata", "corpus", "*.golden"))
	if err != nil {
		t.Fatal(err)
	}
	for _, golden := range goldens {
		if !known[golden] {
			t.Errorf("%s belongs to no file", golden)
		}
	}
}

// outcome is the report on a list in words, and a line for each row that may be acted on.
func outcome(t *testing.T, name string, text []byte) string {
	t.Helper()
	report, err := batch.Check(name, bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	slow, err := batch.Check(name, iotest.OneByteReader(bytes.NewReader(text)), -1)
	if diff := cmp.Diff(report, slow); diff != "" || err != nil {
		t.Errorf("read byte by byte: %v\n%s", err, diff)
	}
	var b strings.Builder
	if err := report.WriteText(&b, 0); err != nil {
		t.Fatal(err)
	}
	list := batch.Read(bytes.NewReader(text), -1)
	for row, problems := range list.Rows() {
		if !batch.Refused(problems) && !batch.Refused(list.Problems()) {
			fmt.Fprintf(&b, "\n%s", understood(row))
		}
	}
	return strings.TrimSuffix(b.String(), "\n") + "\n"
}

// understood is what a row was read as. What is absent is left out.
func understood(r batch.Row) string {
	out := fmt.Sprintf("line %d: %s", r.Line, r.Kind())
	for _, f := range []struct{ name, value string }{
		{"account", r.AccountID},
		{"name", r.Name},
		{"email", r.Email},
		{"user", r.User.Email},
		{"first", r.User.FirstName},
		{"last", r.User.LastName},
		{"unit", r.Unit},
		{"status", r.Status},
	} {
		if f.value != "" {
			out += fmt.Sprintf(" %s=%+q", f.name, f.value)
		}
	}
	for _, a := range r.Assignments {
		out += fmt.Sprintf(" assign=%+q", fmt.Sprintf("%s/%s/%t/%s", a.PermissionSet, a.PrincipalType, a.PrincipalByID, a.Principal))
	}
	for _, tag := range r.Tags {
		out += fmt.Sprintf(" tag=%+q", tag.Key+"="+tag.Value)
	}
	return out
}
