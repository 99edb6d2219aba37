package render

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/vend-cli/vend/internal/account"
)

// StatusOptions say how much of an overview a table shows. JSON and CSV always hold all of it.
type StatusOptions struct {
	All  bool // every request, however many
	Wide bool // every column, however wide
	One  bool // one request was asked for: the summary, in JSON too, is of it alone, not of its batch
}

// Summary counts the requests of an overview by stage. The counters of its batches are taken where it has them: they
// also count what a filter left out.
func (opts StatusOptions) Summary(o account.Overview) map[account.Stage]int {
	counts := map[account.Stage]int{}
	counted := false
	for _, b := range o.Batches {
		for stage, n := range b.Summary {
			counts[stage] += n
			counted = true
		}
	}
	if counted && !opts.One {
		return counts
	}
	clear(counts)
	for _, r := range o.Requests {
		counts[r.Stage]++
	}
	counts[account.Rejected] += len(o.Rejected)
	return counts
}

// What a table shows of an overview that does not fit on one screen.
const (
	requestsShown = 10
	batchesShown  = 5
)

// Status writes where everything stands: the worst first in a table, in the order of the files otherwise.
func (p Printer) Status(o account.Overview, opts StatusOptions) error {
	switch p.Format {
	case JSON:
		return document(p.Out, newStatusDocument(o, opts), p.indent())
	case CSV:
		return p.statusCSV(o)
	}
	_, err := io.WriteString(p.Out, p.statusTable(o, opts))
	return err
}

func (p Printer) statusTable(o account.Overview, opts StatusOptions) string {
	var b strings.Builder
	if o.Paused != nil {
		b.WriteString(p.paint(yellow, strings.TrimSuffix(p.paragraph("", fmt.Sprintf(
			"Paused %s (%s): %s. `vend resume --paused` goes on.", p.ago(o.Paused.Since), o.Paused.Code, strings.TrimSuffix(o.Paused.Reason, "."))), "\n")) + "\n")
	}
	if len(o.Batches) == 0 && len(o.Requests) == 0 {
		b.WriteString("Nothing was handed in yet: `vend submit FILE` does.\n")
		return b.String()
	}
	b.WriteString(p.batchLines(o, opts))
	all := members(o)
	worstFirst(all)
	shown := all
	if !opts.All && !opts.Wide && len(all) > requestsShown {
		shown = all[:requestsShown]
	}
	if len(shown) > 0 {
		b.WriteString("\n" + p.requestLines(shown, opts.Wide))
	}
	if n := len(all) - len(shown); n > 0 {
		fmt.Fprintf(&b, "… and %d more: `vend status --all` shows them.\n", n)
	}
	if !opts.Wide {
		b.WriteString(p.unitLegend(shown))
	}
	b.WriteString("\n" + p.summaryLine(o, opts))
	return b.String()
}

func (p Printer) batchLines(o account.Overview, opts StatusOptions) string {
	var b strings.Builder
	for i, batch := range o.Batches {
		if i == batchesShown && !opts.All && !opts.Wide {
			fmt.Fprintf(&b, "… and %s\n", plural(len(o.Batches)-i, "older batch", "older batches"))
			break
		}
		rest := fmt.Sprintf("  %s  %s", plural(batch.Rows, "row", "rows"), p.ago(batch.SubmittedAt))
		if batch.State == account.BatchReading {
			rest = "  being read  " + p.ago(batch.SubmittedAt)
		}
		source := Text(batch.Source())
		if !opts.Wide {
			source = fit(path.Base(batch.Key), p.width()-len(batch.ID)-len(rest)-2)
		}
		b.WriteString(p.paint(bold, batch.ID) + "  " + source + rest + "\n")
		if batch.Failure != nil {
			b.WriteString(p.failure(*batch.Failure))
		}
	}
	return b.String()
}

func (p Printer) summaryLine(o account.Overview, opts StatusOptions) string {
	counts := opts.Summary(o)
	var parts []string
	total := 0
	for _, stage := range append(slices.Clone(account.Stages), account.Rejected) {
		if n := counts[stage]; n > 0 {
			parts = append(parts, p.paint(stagePaint(stage), fmt.Sprintf("%d %s", n, stage)))
			total += n
		}
	}
	line := plural(total, "request", "requests")
	if len(parts) > 0 {
		line += ": " + strings.Join(parts, ", ")
	}
	return line + p.workersSeen(o, counts) + "\n"
}

// workersSeen warns when work is left and nobody is there to do it.
func (p Printer) workersSeen(o account.Overview, counts map[account.Stage]int) string {
	open := 0
	for stage, n := range counts {
		if stage.Open() {
			open += n
		}
	}
	if open == 0 || len(o.Workers) > 0 {
		return ""
	}
	return "\n" + p.paint(yellow, "No worker was seen for two minutes: `vend work` starts one.")
}

// requestLines is the table of requests, each failed one followed by its reason. The reasons stand between the lines of
// the table, so no cell may wrap.
func (p Printer) requestLines(shown []requestMember, wide bool) string {
	t := table.NewWriter()
	t.SetStyle(table.Style{
		Name: "plain", Box: table.BoxStyle{PaddingRight: "  "}, Format: table.FormatOptions{Header: text.FormatUpper},
	})
	t.SuppressTrailingSpaces()
	if wide {
		t.AppendHeader(table.Row{"request", "batch", "row", "kind", "account", "e-mail", "organizational unit", "stage", "account id", "product", "attempts", "queued", "started", "finished", "error"})
	} else {
		t.AppendHeader(table.Row{"request", "account", "org unit", "stage", "account id"})
	}
	// In 80 columns: 14 for the id, 13 for the stage, 12 for the account id, 8 between them; two columns share the rest.
	name := (p.width() - 14 - 13 - 12 - 8) / 2
	unit := p.width() - 14 - 13 - 12 - 8 - name
	for _, m := range shown {
		stage := p.paint(stagePaint(m.Stage), stageCell(m))
		if wide {
			t.AppendRow(table.Row{
				Text(m.ID), m.Batch, m.Row, m.Kind, Text(m.Name), Text(m.Email), Text(unitText(m.Unit)), stage, Text(m.AccountID),
				Text(m.ProductID), m.Attempts, stamp(m.QueuedAt), stamp(m.StartedAt), stamp(m.FinishedAt), Text(failureText(m.Error)),
			})
			continue
		}
		t.AppendRow(table.Row{
			cmp.Or(fit(m.ID, 14), fmt.Sprintf("line %d", m.Row)), fit(cmp.Or(m.Name, m.Email), name), fit(unitPath(m.Unit), unit),
			stage, fit(m.AccountID, 12),
		})
	}
	lines := strings.Split(t.Render(), "\n")
	var b strings.Builder
	b.WriteString(p.paint(dim, lines[0]) + "\n")
	for i, m := range shown {
		b.WriteString(lines[i+1] + "\n")
		switch {
		case wide:
		case m.Error != nil && !m.Stage.Open() && m.Stage != account.Done:
			b.WriteString(p.failure(*m.Error))
		case m.Stage.Open() && m.Waiting != "":
			b.WriteString(p.paragraph("  ", "waits: "+m.Waiting))
		}
	}
	return b.String()
}

// failure is the reason below a line: the code, what happened, AWS's own words, and what to do next.
func (p Printer) failure(f account.Failure) string {
	said := f.Code + " " + f.Message
	if f.AWSMessage != "" && !strings.Contains(f.Message, f.AWSMessage) {
		said += fmt.Sprintf(" (%s: %s)", f.AWSCode, f.AWSMessage)
	}
	out := p.paint(red, strings.TrimSuffix(p.paragraph("  ", said), "\n")) + "\n"
	hint := f.Hint
	if e, known := account.Explain(f.Code); hint == "" && known {
		hint = e.Remedy
	}
	if hint != "" {
		out += p.paragraph("  ", "→ "+hint)
	}
	return out
}

func failureText(f *account.Failure) string {
	if f == nil {
		return ""
	}
	if f.AWSMessage != "" {
		return fmt.Sprintf("%s %s (%s: %s)", f.Code, f.Message, f.AWSCode, f.AWSMessage)
	}
	return f.Code + " " + f.Message
}

// unitLegend gives the ids of the units that the table names by path alone.
func (p Printer) unitLegend(shown []requestMember) string {
	var units []string
	for _, m := range shown {
		if m.Unit != nil && m.Unit.ID != "" && !slices.Contains(units, unitText(m.Unit)) {
			units = append(units, unitText(m.Unit))
		}
	}
	if len(units) == 0 {
		return ""
	}
	slices.Sort(units)
	return "\n" + p.paragraph("", "Units: "+strings.Join(units, ", "))
}

func unitPath(u *unitMember) string {
	if u == nil {
		return ""
	}
	return cmp.Or(u.Path, u.ID)
}

func unitText(u *unitMember) string {
	if u == nil {
		return ""
	}
	if u.ID == "" || u.Path == "" {
		return u.Path + u.ID
	}
	return u.Path + " (" + u.ID + ")"
}

// stageCell is the stage, with how many assignments exist while they are made.
func stageCell(m requestMember) string {
	if m.Stage != account.Assigning || len(m.Assignments) == 0 {
		return string(m.Stage)
	}
	return fmt.Sprintf("%s %d/%d", m.Stage, assigned(m), len(m.Assignments))
}

func assigned(m requestMember) int {
	n := 0
	for _, a := range m.Assignments {
		if a.State == account.AssignmentDone {
			n++
		}
	}
	return n
}

func stagePaint(s account.Stage) paint {
	switch s {
	case account.Failed, account.Rejected:
		return red
	case account.Done:
		return green
	case account.Preparing, account.Provisioning, account.Recovering, account.Assigning:
		return yellow
	}
	return ""
}

// severity orders stages as an operator reads them: what needs him, what moves, what waits, what is over.
var severity = []account.Stage{
	account.Failed, account.Rejected, account.Recovering, account.Provisioning, account.Assigning, account.Preparing,
	account.Queued, account.Done, account.Cancelled,
}

func worstFirst(all []requestMember) {
	slices.SortStableFunc(all, func(a, b requestMember) int {
		return cmp.Compare(slices.Index(severity, a.Stage), slices.Index(severity, b.Stage))
	})
}

func (p Printer) statusCSV(o account.Overview) error {
	w := csv.NewWriter(p.Out)
	_ = w.Write([]string{
		"Batch", "Row", "Request", "Kind", "AccountName", "AccountEmail", "OrganizationalUnitId", "OrganizationalUnit", "Stage",
		"AccountId", "ProvisionedProductId", "Attempts", "ErrorCode", "ErrorMsg", "QueuedAt", "StartedAt", "FinishedAt",
	}) // the writer keeps its error for Flush
	for _, m := range members(o) {
		var unit unitMember
		if m.Unit != nil {
			unit = *m.Unit
		}
		var failure account.Failure
		if m.Error != nil {
			failure = *m.Error
		}
		record := []string{
			m.Batch, strconv.Itoa(m.Row), m.ID, string(m.Kind), m.Name, m.Email, unit.ID, unit.Path, string(m.Stage), m.AccountID,
			m.ProductID, strconv.Itoa(m.Attempts), failure.Code, strings.TrimPrefix(failureText(m.Error), failure.Code+" "),
			stamp(m.QueuedAt), stamp(m.StartedAt), stamp(m.FinishedAt),
		}
		for i := range record {
			record[i] = cell(record[i])
		}
		_ = w.Write(record)
	}
	w.Flush()
	return w.Error()
}

// cell keeps a spreadsheet from running a text as a formula ("CSV Injection", OWASP).
func cell(s string) string {
	s = Text(s)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}
