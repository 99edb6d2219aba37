package batch_test

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/unicode"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/batch"
)

func results(t *testing.T, list string, outcome func(int) (string, string, string)) string {
	t.Helper()
	var b strings.Builder
	if err := batch.WriteResults(&b, strings.NewReader(list), outcome); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func done(line int) (status, accountID, errorMsg string) {
	return "done", fmt.Sprintf("%012d", line), ""
}

func TestResultsAreTheListWithWhatCameOfIt(t *testing.T) {
	t.Parallel()
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("OrgUnit\tx-Stadt\nDev\tKöln\n")
	if err != nil {
		t.Fatal(err)
	}
	failed := func(int) (string, string, string) { return "failed", "", "=HYPERLINK(\"http://evil\")\x1b[2J" }
	for name, tt := range map[string]struct {
		list    string
		outcome func(int) (string, string, string)
		want    string
	}{
		"the three columns are filled in": {
			"OrgUnit,Status,AccountId,ErrorMsg,x-Ticket\nDev,,,old,T-1\n", done,
			"OrgUnit,Status,AccountId,ErrorMsg,x-Ticket\nDev,done,000000000002,,T-1\n",
		},
		"columns that are absent are appended": {
			"Org_Unit,accountid\nDev,\n", done,
			"Org_Unit,accountid,Status,ErrorMsg\nDev,000000000002,done,\n",
		},
		"the misspelt column is the one": {
			"OrgUnit,Status,AccountId,ErrroMsg\nDev,,,\n", func(int) (string, string, string) { return "failed", "", "why" },
			"OrgUnit,Status,AccountId,ErrroMsg\nDev,failed,,why\n",
		},
		"an account id that was given stays": {
			"OrgUnit,AccountId\nDev,012345678901\n", func(int) (string, string, string) { return "rejected", "", "V1401" },
			"OrgUnit,AccountId,Status,ErrorMsg\nDev,012345678901,rejected,V1401\n",
		},
		"a row that nobody knows of stays": {
			"OrgUnit,Status,ErrorMsg\nDev,odd,words\n", func(int) (string, string, string) { return "", "", "" },
			"OrgUnit,Status,ErrorMsg,AccountId\nDev,odd,words,\n",
		},
		"short rows, long rows, blank rows and rows with bad quotes": {
			"OrgUnit,x-a\nDev\n\nDev,1,surplus\nDev \"2\",3\n,\n", done,
			"OrgUnit,x-a,Status,AccountId,ErrorMsg\nDev,,done,000000000002,\n\nDev,1,done,000000000004,,surplus\n\"Dev \"\"2\",3,done,000000000005,\n\n",
		},
		"delimiter, sep= line and line ends stay": {
			"sep=;\r\nOrgUnit;x-a\r\n\"two\r\nlines\";\"a;b\"\r\n", done,
			"sep=;\r\nOrgUnit;x-a;Status;AccountId;ErrorMsg\r\n\"two\r\nlines\";\"a;b\";done;000000000003;\r\n",
		},
		"UTF-16 becomes UTF-8 with a mark for Excel": {
			utf16, done, "\ufeffOrgUnit\tx-Stadt\tStatus\tAccountId\tErrorMsg\nDev\tKöln\tdone\t000000000002\t\n",
		},
		"formulas and escapes are made inert, in the list and in what came of it": {
			"OrgUnit,x-a,x-b,x-c,x-d\n=1+1,@SUM(A1),\"\t=1\",+1,-1\n", failed,
			"OrgUnit,x-a,x-b,x-c,x-d,Status,AccountId,ErrorMsg\n'=1+1,'@SUM(A1),'\t=1,'+1,'-1,failed,,\"'=HYPERLINK(\"\"http://evil\"\")␛[2J\"\n",
		},
		"addresses and ids are left alone": {
			"OrgUnit,AccountEmail\nDev,dev+1@example.com\n", done,
			"OrgUnit,AccountEmail,Status,AccountId,ErrorMsg\nDev,dev+1@example.com,done,000000000002,\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, results(t, tt.list, tt.outcome)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestAListWithoutAHeaderHasNoResults(t *testing.T) {
	t.Parallel()
	for _, list := range []string{"", "\n\n", "PK\x03\x04", "Account\"Name\n", "Colour\nblue\n"} {
		var b strings.Builder
		if err := batch.WriteResults(&b, strings.NewReader(list), done); err == nil {
			t.Errorf("%q: no error, wrote %q", list, b.String())
		}
	}
}

// A results file is an account list: uploaded again it has the same rows and no new problems.
func TestResultsAreReadAgain(t *testing.T) {
	t.Parallel()
	list := header + good + strings.Replace(strings.ReplaceAll(good, "dev", "two"), "Dana", "\"Da, \"\"na\"\"\"", 1)
	before := rows(t, strings.NewReader(list))
	after := rows(t, strings.NewReader(results(t, list, done)))
	for i := range before {
		before[i].Status, before[i].AccountID = "done", fmt.Sprintf("%012d", before[i].Line)
	}
	if diff := cmp.Diff(before, after, values); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestWhatIsWrittenIsReadTheSame(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	word := func(alphabet string, longest int) string {
		letters := []rune(alphabet)
		out := make([]rune, 1+rnd.IntN(longest))
		for i := range out {
			out[i] = letters[rnd.IntN(len(letters))]
		}
		return string(out)
	}
	var want []batch.Row
	for n := range 2000 {
		r := batch.Row{
			Line: n + 2, Name: word(`ab=+-@'",;`, 9), Email: fmt.Sprintf("=%d@example.com", n), Unit: "U" + word(`ab"',;=é李`, 9),
			User: account.User{Email: "-dana@example.com", FirstName: word(`ab"',;=+é李`, 5), LastName: word(`ab'=@`, 5)},
		}
		if n%3 == 0 {
			r.AccountID, r.Status = fmt.Sprintf("%012d", n), "done"
		}
		for i := range rnd.IntN(4) {
			r.Assignments = append(r.Assignments, account.Assignment{
				PermissionSet: fmt.Sprint("=Set", i), Principal: word(`ab;/:"',é`, 6) + "x",
				PrincipalType: []account.PrincipalType{account.GroupPrincipal, account.UserPrincipal}[rnd.IntN(2)],
			})
		}
		for i := range rnd.IntN(3) {
			r.Tags = append(r.Tags, account.Tag{Key: fmt.Sprint("key", i), Value: word(`ab=+.:/`, 4)})
		}
		want = append(want, r)
	}
	var b strings.Builder
	if err := batch.Write(&b, slices.Values(want)); err != nil {
		t.Fatal(err)
	}
	var got []batch.Row
	for row, problems := range batch.Read(strings.NewReader(b.String()), int64(b.Len())).Rows() {
		if batch.Refused(problems) {
			t.Fatalf("line %d: %v", row.Line, problems)
		}
		got = append(got, row)
	}
	if diff := cmp.Diff(want, got, values); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	records, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range records {
		for _, cell := range record {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Errorf("a spreadsheet runs %q", cell)
			}
		}
	}
}
