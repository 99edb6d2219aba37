package render

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/vend-cli/vend/internal/account"
)

// plainTable is a table without lines.
func plainTable() table.Writer {
	t := table.NewWriter()
	t.SetStyle(table.Style{
		Name: "plain", Box: table.BoxStyle{PaddingRight: "  "}, Format: table.FormatOptions{Header: text.FormatUpper},
	})
	t.SuppressTrailingSpaces()
	return t
}

// requestLines is the table of requests, each followed by what there is to say of it. That stands between the lines of
// the table, so no cell may wrap.
func (p Printer) requestLines(shown []requestMember, opts StatusOptions) string {
	t := plainTable()
	if opts.Wide {
		p.wideRows(t, shown)
	} else {
		p.rows(t, shown)
	}
	lines := strings.Split(t.Render(), "\n")
	var b strings.Builder
	b.WriteString(p.paint(dim, lines[0]) + "\n")
	for i, m := range shown {
		if head := opts.heads[m.Batch]; head != "" && (i == 0 || shown[i-1].Batch != m.Batch) {
			b.WriteString(p.paint(bold, m.Batch) + "  " + fit(head, p.width()-len(m.Batch)-2) + "\n")
		}
		b.WriteString(lines[i+1] + "\n")
		if opts.Wide {
			continue
		}
		switch {
		case m.Error != nil && !m.Stage.Open() && m.Stage != account.Done:
			b.WriteString(p.failure(*m.Error, m.ID))
		case m.Stage.Open() && m.Waiting != "":
			b.WriteString(p.waits("  ", m))
		}
		if opts.Access || opts.One {
			b.WriteString(p.access(m))
		} else {
			b.WriteString(p.missing(m))
		}
	}
	return b.String()
}

// rows fills a table as wide as the terminal. Ids are never cut; names and paths share what the other columns leave.
func (p Printer) rows(t table.Writer, shown []requestMember) {
	header := []string{"request", "account", "org unit", "stage", "access", "account id"}
	if slices.ContainsFunc(shown, func(m requestMember) bool { return p.expected(m) != "" }) {
		header[5] = "account id, eta"
	}
	const name, unit = 1, 2
	widths := make([]int, len(header))
	cells := make([][]string, 0, len(shown))
	for _, m := range shown {
		id := cmp.Or(Text(m.ID), fmt.Sprintf("line %d", m.Row))
		cells = append(cells, []string{id, Text(cmp.Or(m.Name, m.Email)), Text(unitPath(m.Unit)), string(m.Stage), accessCell(m), cmp.Or(p.expected(m), Text(m.AccountID))})
	}
	for i, h := range header {
		widths[i] = len(h)
		for _, row := range cells {
			widths[i] = max(widths[i], wide(row[i]))
		}
	}
	room := p.width() - 2*(len(header)-1)
	for i, w := range widths {
		if i != name && i != unit {
			room -= w
		}
	}
	if room = max(room, 16); widths[name]+widths[unit] > room {
		widths[name] = min(widths[name], max(room/2, room-widths[unit]))
		widths[unit] = room - widths[name]
	}
	t.AppendHeader(tableRow(header))
	for i, row := range cells {
		row[name], row[unit] = fit(row[name], widths[name]), fit(row[unit], widths[unit])
		row[3] = p.paint(stagePaint(shown[i].Stage), row[3])
		t.AppendRow(tableRow(row))
	}
}

func tableRow(cells []string) table.Row {
	row := make(table.Row, len(cells))
	for i, c := range cells {
		row[i] = c
	}
	return row
}

// wideRows fills a table with all there is to know, however wide.
func (p Printer) wideRows(t table.Writer, shown []requestMember) {
	t.AppendHeader(table.Row{
		"request", "batch", "row", "kind", "account", "e-mail", "organizational unit", "stage", "account id", "product", "attempts",
		"queued", "started", "finished", "position", "eta", "access", "error",
	})
	for _, m := range shown {
		said := failureText(m.Error)
		if m.Stage.Open() && m.Waiting != "" {
			said = "waits: " + m.Waiting
		}
		t.AppendRow(table.Row{
			Text(m.ID), m.Batch, m.Row, m.Kind, Text(m.Name), Text(m.Email), Text(unitText(m.Unit)),
			p.paint(stagePaint(m.Stage), string(m.Stage)), Text(m.AccountID), Text(m.ProductID), m.Attempts,
			stamp(m.QueuedAt), stamp(m.StartedAt), stamp(m.FinishedAt), place(m), p.ends(m), Text(strings.Join(accessLists(m), "; ")), Text(said),
		})
	}
}

// expected is a request's place in the line, and in what time its account operation is expected to have ended.
func (p Printer) expected(m requestMember) string {
	return strings.TrimSpace(place(m) + " " + p.ends(m))
}

func place(m requestMember) string {
	if m.Position == 0 {
		return ""
	}
	return fmt.Sprintf("#%d", m.Position)
}

// ends is in what time an account operation is expected to have ended.
func (p Printer) ends(m requestMember) string {
	if m.ETA == nil {
		return ""
	}
	low, high := coarse(m.ETA.Earliest.Sub(p.Now())), coarse(m.ETA.Latest.Sub(p.Now()))
	switch {
	case high == "":
		return "any moment"
	case low == "":
		return "up to " + high
	case low == high:
		return low
	}
	return low + "–" + high
}

// coarse is a duration in few letters; nothing where it is over.
func coarse(d time.Duration) string {
	if d > time.Minute {
		d = d.Round(time.Minute) // 59m59s is an hour
	}
	switch {
	case d < time.Second:
		return ""
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 10*time.Hour:
		d = d.Round(5 * time.Minute)
		if d%time.Hour == 0 {
			return fmt.Sprintf("%dh", d/time.Hour)
		}
		return fmt.Sprintf("%dh%dm", d/time.Hour, d%time.Hour/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Round(time.Hour).Hours()))
	}
	return fmt.Sprintf("%dd", int(d.Round(24*time.Hour).Hours()/24))
}

// waits is what a request waits for, and how long it has been at its stage.
func (p Printer) waits(indent string, m requestMember) string {
	said := "waits: " + m.Waiting
	if !m.since.IsZero() {
		said = fmt.Sprintf("%s for %s, %s", m.Stage, p.since(m.since), said)
	}
	return p.paragraph(indent, said)
}

// accessCell counts the assignments that exist, and all of them.
func accessCell(m requestMember) string {
	if len(m.Assignments) == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", assigned(m), len(m.Assignments))
}

// accessLists say who got what, one text for each state that occurs: what exists first.
func accessLists(m requestMember) []string {
	var lists []string
	for _, state := range []account.AssignmentState{
		account.AssignmentDone, account.AssignmentCreating, account.AssignmentPending, account.AssignmentFailed,
	} {
		var in []string
		for _, a := range m.Assignments {
			if a.State == state {
				in = append(in, assignmentText(a))
			}
		}
		if len(in) > 0 {
			lists = append(lists, fmt.Sprintf("%s: %s", state, strings.Join(in, ", ")))
		}
	}
	return lists
}

func assignmentText(a assignmentMember) string {
	who := a.Principal
	if a.PrincipalType == account.UserPrincipal {
		who = "user " + who
	}
	return a.PermissionSet + " for " + who
}

func (p Printer) access(m requestMember) string {
	var b strings.Builder
	for _, list := range accessLists(m) {
		b.WriteString(p.paragraph("  ", list))
	}
	return b.String() + p.missing(m)
}

// missing are the assignments that failed, each with its reason, unless it is the reason of the request too.
func (p Printer) missing(m requestMember) string {
	var b strings.Builder
	for _, a := range m.Assignments {
		if a.Error == nil || a.State != account.AssignmentFailed || m.Error != nil && m.Error.Code == a.Error.Code && m.Error.Message == a.Error.Message {
			continue
		}
		b.WriteString(p.paragraph("  ", fmt.Sprintf("- %s: %s", assignmentText(a), failureText(a.Error))))
	}
	return b.String()
}

// failure is the reason below a line: the code, what happened, AWS's own words, and what to do next. id is that of the
// request; empty for a batch.
func (p Printer) failure(f account.Failure, id string) string {
	said := f.Code + " " + f.Message
	if f.AWSMessage != "" && !strings.Contains(f.Message, f.AWSMessage) {
		said += " (" + strings.TrimPrefix(f.AWSCode+": "+f.AWSMessage, ": ") + ")"
	}
	out := p.paint(red, strings.TrimSuffix(p.paragraph("  ", said), "\n")) + "\n"
	if hint := f.Remedy(id); hint != "" {
		out += p.paragraph("  ", "→ "+sentence(hint))
	}
	return out
}

func failureText(f *account.Failure) string {
	if f == nil {
		return ""
	}
	if f.AWSMessage != "" {
		return f.Code + " " + f.Message + " (" + strings.TrimPrefix(f.AWSCode+": "+f.AWSMessage, ": ") + ")"
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
	return string(m.Stage) + " " + accessCell(m)
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

// byBatch keeps the requests of a batch together, the batch with the worst of them first; what they are of is told above
// each group. Requests are in their order already.
func byBatch(shown []requestMember, batches []account.Batch) map[string]string {
	rank := map[string]int{}
	for _, m := range shown {
		if _, seen := rank[m.Batch]; !seen {
			rank[m.Batch] = len(rank)
		}
	}
	if len(rank) < 2 {
		return nil
	}
	slices.SortStableFunc(shown, func(a, b requestMember) int { return cmp.Compare(rank[a.Batch], rank[b.Batch]) })
	heads := map[string]string{}
	for _, b := range batches {
		if _, shown := rank[b.ID]; shown {
			heads[b.ID] = path.Base(b.Key)
		}
	}
	return heads
}

func worstFirst(all []requestMember) {
	slices.SortStableFunc(all, func(a, b requestMember) int {
		return cmp.Or(cmp.Compare(slices.Index(severity, a.Stage), slices.Index(severity, b.Stage)), cmp.Compare(a.Position, b.Position))
	})
}
