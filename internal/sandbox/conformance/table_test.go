package conformance_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox"
)

const tableFile = "TABLE.md"

// The clients, as their columns are headed.
const (
	cli   = "AWS CLI"
	boto3 = "boto3"
	js    = "JavaScript"
)

// columns are the clients in the order of the table's columns.
var columns = []string{cli, boto3, js}

const preface = `# What the AWS CLI, boto3 and the AWS SDK for JavaScript find in the sandbox

Written by ` + "`make conformance ARGS=-update`" + `: for each operation that the sandbox implements, which client it was answered to
(✓), and which behaviours that AWS documents were checked. Beside them, every answer to boto3 was judged by botocore's
model of the service: no member, header or error code that the model does not have, none missing that it requires, the
types, enumerations, lengths and patterns that it says, and timestamps in its format. What the JavaScript SDK is answered is held
against what its own code makes of it: error names are its exception classes, times are dates, lists are read by its
paginators and ends seen by its waiters; tokens that it makes up, S3 uploads that it sends in chunks with a checksum behind them,
and the MD5 of SQS messages, which it compares itself. Its paginator of ListParts is not asked: it does not look at
IsTruncated, and S3 always names a next part, 0 behind the last one (aws-sdk-go-v2 issue 1140), so that it never ends. Of
Control Tower's operations it knows four, of controls: the package that npm has is older than the others.
`

// row is what the clients found about one operation.
type row struct {
	clients    map[string]bool
	behaviours []string
}

// table is the rows by operation: "sqs.SendMessage".
type table map[string]*row

func (t table) row(operation string) *row {
	if t[operation] == nil {
		t[operation] = &row{clients: map[string]bool{}}
	}
	return t[operation]
}

// with is the table with the rows of these services from another one.
func (t table) with(other table, services []string) table {
	for operation, r := range other {
		if service, _, _ := strings.Cut(operation, "."); slices.Contains(services, service) {
			t[operation] = r
		}
	}
	return t
}

// keeping is the table with a column of another one, for the operations that it has itself.
func (t table) keeping(client string, other table) table {
	for operation, r := range t {
		if before := other[operation]; before != nil && before.clients[client] {
			r.clients[client] = true
		}
	}
	return t
}

// gaps are the operations that a table has to speak of and does not, or not as it has to.
func (t table) gaps(implemented []string) []string {
	var gaps []string
	for _, operation := range implemented {
		switch r := t[operation]; {
		case r == nil || len(r.clients) == 0:
			gaps = append(gaps, operation+": it was answered to no client")
		case len(r.behaviours) == 0:
			gaps = append(gaps, operation+": no documented behaviour of it was checked")
		}
	}
	for _, operation := range slices.Sorted(maps.Keys(t)) {
		if !slices.Contains(implemented, operation) {
			gaps = append(gaps, operation+": the sandbox does not implement it")
		}
	}
	return gaps
}

// calledBy counts the operations that a client was answered.
func (t table) calledBy(client string) int {
	n := 0
	for _, r := range t {
		if r.clients[client] {
			n++
		}
	}
	return n
}

// markdown draws the table, one section a service.
func (t table) markdown() string {
	var b strings.Builder
	b.WriteString(preface)
	fmt.Fprintf(&b, "\nOf %d operations ", len(t))
	for i, client := range columns {
		fmt.Fprintf(&b, "%s calls %d%s", client, t.calledBy(client), []string{", ", ", ", ".\n"}[i])
	}
	section := ""
	for _, operation := range slices.Sorted(maps.Keys(t)) {
		service, name, _ := strings.Cut(operation, ".")
		if service != section {
			section = service
			fmt.Fprintf(&b, "\n## %s\n\n| operation | %s | documented behaviours checked |\n|---|%s---|\n",
				service, strings.Join(columns, " | "), strings.Repeat(":-:|", len(columns)))
		}
		r := t[operation]
		fmt.Fprintf(&b, "| %s |", name)
		for _, client := range columns {
			fmt.Fprintf(&b, " %s |", tick(r.clients[client]))
		}
		fmt.Fprintf(&b, " %s |\n", strings.ReplaceAll(strings.Join(r.behaviours, "; "), "|", `\|`))
	}
	return b.String()
}

func tick(yes bool) string {
	if yes {
		return "✓"
	}
	return ""
}

var (
	heading = regexp.MustCompile(`^## (\S+)$`)
	line    = regexp.MustCompile(`^\| ([A-Z]\w+) \| (✓?) ?\| (✓?) ?\| (✓?) ?\| (.*?) ?\|$`)
)

// readTable reads what markdown drew.
func readTable(text string) table {
	t, section := table{}, ""
	for l := range strings.Lines(text) {
		l = strings.TrimSuffix(l, "\n")
		if m := heading.FindStringSubmatch(l); m != nil {
			section = m[1]
		}
		m := line.FindStringSubmatch(l)
		if m == nil {
			continue
		}
		r := t.row(section + "." + m[1])
		for i, client := range columns {
			if m[2+i] != "" {
				r.clients[client] = true
			}
		}
		if m[5] != "" {
			r.behaviours = append(r.behaviours, m[5])
		}
	}
	return t
}

func implemented(t *testing.T) []string {
	t.Helper()
	s, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for service, operations := range s.Operations() {
		for _, operation := range operations {
			all = append(all, service+"."+operation)
		}
	}
	slices.Sort(all)
	return all
}

// TestTheTableSpeaksOfEveryOperation needs neither client: what they found stands in the table, and the sandbox may not
// have outgrown it.
func TestTheTableSpeaksOfEveryOperation(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(tableFile)
	if err != nil {
		t.Fatal(err)
	}
	found := readTable(string(text))
	if gaps := found.gaps(implemented(t)); gaps != nil {
		t.Errorf("%s has gaps; let a client of testdata call the operation, then `make conformance ARGS=-update`:\n%s",
			tableFile, strings.Join(gaps, "\n"))
	}
	if diff := cmp.Diff(string(text), document(t, found)); diff != "" {
		t.Errorf("renew it with `make conformance ARGS=-update` (-table +drawn):\n%s", diff)
	}
}

func TestGaps(t *testing.T) {
	t.Parallel()
	found := table{
		"s3.GetObject": {clients: map[string]bool{cli: true}, behaviours: []string{"a|b", "c"}},
		"s3.PutObject": {clients: map[string]bool{boto3: true}},
		"s3.Gone":      {clients: map[string]bool{cli: true, boto3: true}, behaviours: []string{"d"}},
	}
	got := readTable(found.markdown()).gaps([]string{"s3.GetObject", "s3.New", "s3.PutObject"})
	want := []string{
		"s3.New: it was answered to no client",
		"s3.PutObject: no documented behaviour of it was checked",
		"s3.Gone: the sandbox does not implement it",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
}

func TestATableIsRenewedInPart(t *testing.T) {
	t.Parallel()
	before := table{"s3.GetObject": {behaviours: []string{"old"}}, "sqs.SendMessage": {behaviours: []string{"kept"}}}
	after := before.with(table{"s3.GetObject": {behaviours: []string{"new"}}, "sqs.SendMessage": {behaviours: []string{"other"}}}, []string{"s3"})
	if got := after["s3.GetObject"].behaviours[0] + " " + after["sqs.SendMessage"].behaviours[0]; got != "new kept" {
		t.Errorf("got %q", got)
	}
}

func TestAColumnIsKept(t *testing.T) {
	t.Parallel()
	before := table{"s3.GetObject": {clients: map[string]bool{cli: true, js: true}}}
	after := table{"s3.GetObject": {clients: map[string]bool{boto3: true}}, "s3.PutObject": {clients: map[string]bool{}}}.keeping(js, before)
	if r := after["s3.GetObject"]; !r.clients[js] || !r.clients[boto3] || r.clients[cli] || after["s3.PutObject"].clients[js] {
		t.Errorf("got %v", r.clients)
	}
}

// TestEveryClientHasItsPart: a client that found hardly anything was not asked.
func TestEveryClientHasItsPart(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(tableFile)
	if err != nil {
		t.Fatal(err)
	}
	all := readTable(string(text))
	for _, client := range columns {
		if n := all.calledBy(client); n < len(all)*9/10 {
			t.Errorf("%s calls %d of %d operations", client, n, len(all))
		}
	}
}
