//go:build conformance

package contracttest_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"text/tabwriter"
)

// clientsTable is what the clients have found in the sandbox.
const clientsTable = "../../sandbox/conformance/TABLE.md"

// TestSummary writes both tables as one, for the end of make conformance, whose runs have held them until then: the sandbox
// against the clients, and the product against the servers.
func TestSummary(t *testing.T) {
	text, err := os.ReadFile(clientsTable)
	if err != nil {
		t.Fatal(err)
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer func() {
		if err := out.Flush(); err != nil {
			t.Error(err)
		}
	}()
	fmt.Fprint(out, "\nThe sandbox, asked by clients that nobody here wrote\n\nservice\toperations\tAWS CLI\tboto3\tJavaScript\tbehaviours checked\t\n")
	var service string
	var counts, total [5]int // operations, the three clients, behaviours
	flush := func() {
		if service != "" {
			tally(out, service, counts)
		}
		for i, n := range counts {
			total[i] += n
		}
		counts = [5]int{}
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		if name, ok := strings.CutPrefix(line, "## "); ok {
			flush()
			service = name
			continue
		}
		cells := strings.Split(line, "|")
		if len(cells) < 7 || strings.HasPrefix(line, "| operation |") || strings.HasPrefix(line, "|---") {
			continue
		}
		counts[0]++
		for i, cell := range cells[2:5] {
			if strings.TrimSpace(cell) == "✓" {
				counts[i+1]++
			}
		}
		if behaviours := strings.TrimSpace(strings.Join(cells[5:len(cells)-1], "|")); behaviours != "" {
			counts[4] += strings.Count(behaviours, "; ") + 1
		}
	}
	flush()
	if total[0] == 0 || total[4] == 0 {
		t.Errorf("%s has no rows as they are known here", clientsTable)
	}
	tally(out, "all", total)

	fmt.Fprintf(out, "\nThe product, held against servers: behaviours kept of those asked\n\nadapter\t%s\tAWS\t\n", strings.Join(servers, "\t"))
	for _, of := range suites {
		fmt.Fprintf(out, "%s\t", of.port)
		all := len(of.checks(&setUp{}))
		for _, server := range servers {
			if asked(server, of.port) {
				fmt.Fprintf(out, "%d of %d\t", all-len(lacks[server][of.port]), all)
			} else {
				fmt.Fprint(out, "not offered\t")
			}
		}
		fmt.Fprint(out, "not asked yet\t\n")
	}
	fmt.Fprint(out, "\nWhat is not kept, and what AWS documents instead: internal/aws/contracttest/TABLE.md\n")
}

func tally(out *tabwriter.Writer, service string, counts [5]int) {
	fmt.Fprintf(out, "%s\t", service)
	for _, n := range counts {
		fmt.Fprintf(out, "%d\t", n)
	}
	fmt.Fprintln(out)
}
