package contracttest_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the table anew")

// servers are the columns of the table. AWS is none of them: nobody has asked it yet.
var servers = []string{"sandbox", "moto", "dynalite", "versitygw"}

// asked says whether a server offers what a port needs.
func asked(server, port string) bool {
	switch server {
	case "dynalite":
		return port == "queue"
	case "versitygw":
		return port == "bucket"
	}
	return true
}

const preface = `# What the adapters and the verbs rely on, and which server keeps it

Written by ` + "`go test ./internal/aws/contracttest -update`" + ` from the suites and from what the servers are known to lack; ` + "`make test`" + `
asks the sandbox, ` + "`make conformance`" + ` moto 5.2, dynalite 4.0.0 and versitygw 1.8.0, and fails when one of them does otherwise than
it says here. ✓: the behaviour holds. A number: it does not, or only at times, for the reason below; the product is not bent to it. –: the server
does not offer the service. ` + "`make conformance`" + ` asks the sandbox for the verbs, too: they need a server with an address. Nobody has asked AWS itself yet: the package comment says how.
`

func markdown() string {
	var b strings.Builder
	b.WriteString(preface)
	var reasons []string
	for _, of := range suites {
		fmt.Fprintf(&b, "\n## %s\n\n| behaviour | %s |\n|---%s|\n", of.port, strings.Join(servers, " | "), strings.Repeat("|:-:", len(servers)))
		for _, c := range of.checks(&setUp{}) {
			fmt.Fprintf(&b, "| %s |", c.behaviour)
			for _, server := range servers {
				cell := "✓"
				switch why, lacking := lacks[server][of.port][c.behaviour]; {
				case !asked(server, of.port):
					cell = "–"
				case lacking:
					why = server + ": " + why
					if !slices.Contains(reasons, why) {
						reasons = append(reasons, why)
					}
					cell = fmt.Sprint(slices.Index(reasons, why) + 1)
				}
				fmt.Fprintf(&b, " %s |", cell)
			}
			b.WriteString("\n")
		}
	}
	b.WriteString("\n## Reasons\n\n")
	for i, why := range reasons {
		fmt.Fprintf(&b, "%d. %s\n", i+1, why)
	}
	return b.String()
}

func TestTheTableIsCurrent(t *testing.T) {
	t.Parallel()
	if *update {
		if err := os.WriteFile("TABLE.md", []byte(markdown()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile("TABLE.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), markdown()); diff != "" {
		t.Errorf("renew it with -update (-table +suites):\n%s", diff)
	}
}

func TestWhatIsLackingIsAskedFor(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, of := range suites {
		for _, c := range of.checks(&setUp{}) {
			if known[of.port+c.behaviour] {
				t.Errorf("%s asks twice: %s", of.port, c.behaviour)
			}
			known[of.port+c.behaviour] = true
		}
	}
	for server, ports := range lacks {
		for port, behaviours := range ports {
			for behaviour, why := range behaviours {
				if !known[port+behaviour] || why == "" || !asked(server, port) || !slices.Contains(servers[1:], server) {
					t.Errorf("%s is said to lack what nobody asks it for: %s: %q because of %q", server, port, behaviour, why)
				}
			}
		}
	}
}
