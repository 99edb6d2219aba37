package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/precheck"
)

// CheckFormat is how the checks of accounts are written.
type CheckFormat string

// The formats of checks: for people, for scripts, for the page of a job, and as annotations of a GitHub workflow run
// (GitHub Docs, "Workflow commands", "Adding a job summary").
const (
	ChecksText     CheckFormat = "text"
	ChecksJSON     CheckFormat = "json"
	ChecksMarkdown CheckFormat = "markdown"
	ChecksGitHub   CheckFormat = "github"
)

// CheckFormats are all of them.
var CheckFormats = []CheckFormat{ChecksText, ChecksJSON, ChecksMarkdown, ChecksGitHub}

type checksDocument struct {
	SchemaVersion int             `json:"schemaVersion"`
	Accounts      []accountMember `json:"accounts"`
}

type accountMember struct {
	ID      string           `json:"id"`
	Name    string           `json:"name"`
	Path    string           `json:"path"`
	Verdict precheck.Verdict `json:"verdict"`
	Checks  []precheck.Check `json:"checks"`
}

// Checks writes what was seen of accounts before they are enrolled. People are shown what did not pass; scripts get all.
func (p Printer) Checks(reports []precheck.Report, format CheckFormat) error {
	switch format {
	case ChecksJSON:
		d := checksDocument{SchemaVersion: 1, Accounts: []accountMember{}}
		for _, r := range reports {
			d.Accounts = append(d.Accounts, accountMember{r.Account.ID, r.Account.Name, r.Path, r.Verdict, append([]precheck.Check{}, r.Checks...)})
		}
		return document(p.Out, d, p.indent())
	case ChecksMarkdown:
		_, err := io.WriteString(p.Out, checksMarkdown(reports))
		return err
	case ChecksGitHub:
		return p.checkAnnotations(reports)
	}
	return p.checksText(reports)
}

// checksText shows one line an account, and below it what did not pass.
func (p Printer) checksText(reports []precheck.Report) error {
	var b strings.Builder
	name, path := 0, 0
	for _, r := range reports {
		name, path = max(name, wide(Text(r.Account.Name))), max(path, wide(Text(r.Path)))
	}
	name, path = min(name, 24), min(path, 28)
	for _, r := range reports {
		fmt.Fprintf(&b, "%-12s  %s  %s  %s\n", Text(r.Account.ID), pad(fit(Text(r.Account.Name), name), name), pad(fit(Text(r.Path), path), path),
			p.paint(verdictPaint(r.Verdict), string(r.Verdict)))
		for _, c := range shownChecks(r) {
			b.WriteString(p.hanging("  "+string(c.Result)+"  ", checkText(c)))
			if c.Remedy != "" {
				b.WriteString("  → " + Text(c.Remedy) + "\n") // whole, on one line: it is there to be copied
			}
		}
	}
	b.WriteString(verdictLine(reports) + "\n")
	_, err := io.WriteString(p.Out, b.String())
	return err
}

func pad(s string, columns int) string { return s + strings.Repeat(" ", max(0, columns-wide(s))) }

func verdictPaint(v precheck.Verdict) paint {
	switch v {
	case precheck.Blocked:
		return red
	case precheck.Ready, precheck.Enrolled:
		return green
	case precheck.Unclear:
		return yellow
	}
	return dim
}

// checkText is a check in one sentence.
func checkText(c precheck.Check) string {
	where := c.Name
	if c.Region != "" {
		where += " " + c.Region
	}
	return Text(where + ": " + c.Message)
}

// shownChecks are those that people are shown: what did not pass. Of many that are unknown for one reason the first will do.
func shownChecks(r precheck.Report) (shown []precheck.Check) {
	const few = 3
	unknown, first := 0, -1
	for _, c := range r.Checks {
		decided := r.Verdict == precheck.Skipped || r.Verdict == precheck.Enrolled
		if c.Result == precheck.Pass && !decided {
			continue
		}
		if c.Result == precheck.Unknown {
			if unknown++; unknown > few {
				continue
			}
			if first < 0 {
				first = len(shown)
			}
		}
		shown = append(shown, c)
	}
	if unknown > few {
		kept := shown[:0]
		for i, c := range shown {
			if c.Result == precheck.Unknown && i != first {
				continue
			}
			if i == first {
				c.Message += fmt.Sprintf(" (and %d more checks are unknown)", unknown-1)
			}
			kept = append(kept, c)
		}
		shown = kept
	}
	return shown
}

// verdictLine counts the accounts by verdict.
func verdictLine(reports []precheck.Report) string {
	counts := map[precheck.Verdict]int{}
	for _, r := range reports {
		counts[r.Verdict]++
	}
	var parts []string
	for _, v := range []precheck.Verdict{precheck.Ready, precheck.Unclear, precheck.Blocked, precheck.Enrolled, precheck.Skipped} {
		if counts[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[v], v))
		}
	}
	if len(parts) == 0 {
		return "no accounts"
	}
	return plural(len(reports), "account", "accounts") + ": " + strings.Join(parts, ", ")
}

// checkAnnotations writes what failed as errors and what is doubtful as warnings.
func (p Printer) checkAnnotations(reports []precheck.Report) error {
	var b strings.Builder
	for _, r := range reports {
		for _, c := range shownChecks(r) {
			level := map[precheck.Result]string{precheck.Fail: "error", precheck.Warn: "warning", precheck.Unknown: "notice", precheck.Pass: "notice"}[c.Result]
			message := checkText(c)
			if c.Remedy != "" {
				message += "\n" + Text(c.Remedy)
			}
			fmt.Fprintf(&b, "::%s title=%s::%s\n", level, annotationProperty(Text(fmt.Sprintf("%s %s: %s", r.Account.ID, r.Account.Name, r.Verdict))), annotationData(message))
		}
	}
	_, err := io.WriteString(p.Out, b.String())
	return err
}

func annotationData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func annotationProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}

// checksMarkdown is a table of the accounts, and a list of what did not pass.
func checksMarkdown(reports []precheck.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### Checks before enrollment\n\n%s\n\n", verdictLine(reports))
	if len(reports) == 0 {
		return b.String()
	}
	b.WriteString("| account | name | organizational unit | verdict |\n|---|---|---|---|\n")
	for _, r := range reports {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", markdown(r.Account.ID), markdown(r.Account.Name), markdown(r.Path), r.Verdict)
	}
	b.WriteString("\n")
	for _, r := range reports {
		for _, c := range shownChecks(r) {
			fmt.Fprintf(&b, "- **%s** %s: %s\n", c.Result, markdown(r.Account.ID), markdown(checkText(c)))
			switch {
			case c.Remedy == "":
			case !command(c.Remedy):
				fmt.Fprintf(&b, "  → %s\n", markdown(c.Remedy))
			default:
				fmt.Fprintf(&b, "  ```sh\n  %s\n  ```\n", Text(c.Remedy)) // one line, which no backtick inside it can end
			}
		}
	}
	return b.String() + "\n"
}

// command says whether a remedy is one to copy into a shell; the others are words.
func command(remedy string) bool {
	return strings.HasPrefix(remedy, "aws ") || strings.HasPrefix(remedy, "vend ")
}

// Summary writes what became of accounts as Markdown, for the page of a job: those that were handed in or were under way.
func (p Printer) Summary(o account.Overview) error {
	var b strings.Builder
	b.WriteString("### Accounts\n\n| account | name | organizational unit | stage | error |\n|---|---|---|---|---|\n")
	for _, m := range members(o) {
		failed := ""
		if m.Error != nil && m.Stage != account.Done {
			failed = m.Error.Code + " " + m.Error.Message
			if m.Error.AWSMessage != "" {
				failed += " (" + m.Error.AWSMessage + ")"
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", markdown(m.AccountID), markdown(m.Name), markdown(unitPath(m.Unit)), m.Stage, markdown(failed))
	}
	b.WriteString("\n" + strings.TrimSpace(p.summaryLine(o, StatusOptions{})) + "\n\n")
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// markdown is a text that stands in a table of GitHub's Markdown as it is.
func markdown(s string) string {
	s = Text(s)
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\\`*_{}[]<>()#+!|~@", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
