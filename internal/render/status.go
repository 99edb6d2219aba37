package render

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/vend-cli/vend/internal/account"
)

// StatusOptions say how much of an overview is shown. JSON and CSV hold all of it, but what Failed leaves out.
type StatusOptions struct {
	All    bool // every request, however many
	Wide   bool // every column, however wide
	One    bool // one request was asked for: the summary, in JSON too, is of it alone, not of its batch
	Failed bool // only batches in which something failed or was rejected
	Access bool // below each account, who got what in it

	heads map[string]string // what stands above the requests of a batch, where those of several are shown
}

// shown is the part of an overview that the options speak of.
func (opts StatusOptions) shown(o account.Overview) account.Overview {
	if !opts.Failed {
		return o
	}
	o.Batches = slices.DeleteFunc(slices.Clone(o.Batches), func(b account.Batch) bool {
		return b.Failure == nil && b.Summary[account.Failed] == 0 && b.Summary[account.Rejected] == 0
	})
	return o
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

// RequestsShown is how many requests a table shows of an overview that does not fit on one screen.
const RequestsShown = 10

const (
	batchesShown = 5
	workersShown = 3
)

// Status writes where everything stands: the worst first in a table, in the order of the files otherwise.
func (p Printer) Status(o account.Overview, opts StatusOptions) error {
	switch p.Format {
	case JSON:
		return document(p.Out, newStatusDocument(o, opts), p.indent())
	case CSV:
		return p.statusCSV(o, opts)
	}
	_, err := io.WriteString(p.Out, p.statusTable(o, opts))
	return err
}

// Tick writes the summary of an overview as one line with the time of day, for a log.
func (p Printer) Tick(o account.Overview, opts StatusOptions) error {
	said := text.StripEscape(p.counted(o, opts))
	if left := strings.Join(strings.Fields(p.toGo(o.ToGo)), " "); left != "" {
		said += ". " + left
	}
	if o.Paused != nil {
		said += "; paused " + o.Paused.Code + ": " + Text(o.Paused.Reason)
	}
	_, err := fmt.Fprintf(p.Out, "%s  %s\n", p.Now().UTC().Format("15:04:05"), said)
	return err
}

func (p Printer) statusTable(o account.Overview, opts StatusOptions) string {
	var b strings.Builder
	b.WriteString(p.pauseLine(o.Paused))
	handedIn := len(o.Batches) > 0 || len(o.Requests) > 0
	o = opts.shown(o)
	switch {
	case !handedIn:
		b.WriteString("Nothing was handed in yet.\n" +
			p.paragraph("  ", "→ `vend validate --template` prints a list to begin with, `vend submit FILE` hands one in, and `vend work` does what it asks for.") +
			p.workersSeen(o, false))
		return b.String()
	case opts.Failed && len(o.Batches) == 0:
		b.WriteString("Nothing has failed and no row was rejected.\n" +
			p.paragraph("  ", "→ `vend status` shows where everything stands, `vend status --failed --all` looks at older batches too."))
		return b.String()
	}
	b.WriteString(p.batchLines(o, opts))
	all := members(o)
	worstFirst(all)
	explainQueue(all, o.Paused)
	shown := all
	if !opts.All && !opts.Wide && len(all) > RequestsShown {
		shown = all[:RequestsShown]
	}
	if !opts.Wide {
		opts.heads = byBatch(shown, o.Batches)
	}
	if len(shown) > 0 {
		b.WriteString("\n" + p.requestLines(shown, opts))
	}
	if n := len(all) - len(shown) + o.Omitted; n > 0 {
		fmt.Fprintf(&b, "… and %d more: `vend status --all` shows them.\n", n)
	}
	if !opts.Wide {
		b.WriteString(p.unitLegend(shown))
	}
	b.WriteString("\n" + p.summaryLine(o, opts))
	return b.String()
}

// pauseLine says that no account is started, why, since when, and what ends it.
func (p Printer) pauseLine(pause *account.Pause) string {
	if pause == nil {
		return ""
	}
	said := fmt.Sprintf("Paused %s, since %s (%s): %s", pause.Code, stamp(pause.Since), p.ago(pause.Since), pause.Reason)
	remedy := "Run `vend resume --paused` to go on."
	if e, known := account.Explain(pause.Code); known {
		remedy = e.Remedy
	}
	return p.paint(yellow, strings.TrimSuffix(p.paragraph("", sentence(said)), "\n")) + "\n" + p.paragraph("  ", "→ "+sentence(remedy))
}

// explainQueue gives the first queued request the reason why it is not begun; that of the others is the same.
func explainQueue(all []requestMember, pause *account.Pause) {
	busy := 0
	for _, m := range all {
		if m.Stage == account.Provisioning || m.Stage == account.Recovering {
			busy++
		}
	}
	i := slices.IndexFunc(all, func(m requestMember) bool { return m.Stage == account.Queued })
	switch {
	case i < 0 || all[i].Waiting != "":
	case pause != nil:
		all[i].Waiting = "the pipeline is paused"
	case busy > 0:
		all[i].Waiting = plural(busy, "account operation has", "account operations have") + " to end first"
	}
}

func (p Printer) batchLines(o account.Overview, opts StatusOptions) string {
	var b strings.Builder
	for i, batch := range o.Batches {
		if i == batchesShown && !opts.All && !opts.Wide {
			b.WriteString("… and older batches: `vend status --all` shows them.\n")
			break
		}
		rest := fmt.Sprintf("  %s  %s", plural(batch.Rows, "row", "rows"), p.ago(batch.SubmittedAt))
		switch batch.State {
		case account.BatchUploaded:
			rest = "  not read yet  " + p.ago(batch.SubmittedAt)
		case account.BatchReading:
			rest = "  being read  " + p.ago(batch.SubmittedAt)
		}
		rest = strings.TrimRight(rest, " ")
		source := Text(batch.Source())
		if !opts.Wide {
			source = fit(path.Base(batch.Key), p.width()-len(batch.ID)-len(rest)-2)
		}
		b.WriteString(p.paint(bold, batch.ID) + "  " + source + rest + "\n")
		if batch.Failure != nil {
			b.WriteString(p.failure(*batch.Failure, ""))
		}
	}
	return b.String()
}

func (p Printer) summaryLine(o account.Overview, opts StatusOptions) string {
	open := false
	for stage, n := range opts.Summary(o) {
		open = open || n > 0 && stage.Open()
	}
	for _, b := range o.Batches {
		open = open || !opts.One && b.State.Unread()
	}
	line := p.counted(o, opts)
	if wide(line) > p.width() { // all stages at once: rare, and then without colour
		line = strings.TrimSuffix(p.paragraph("", text.StripEscape(line)), "\n")
	}
	return line + "\n" + p.toGo(o.ToGo) + p.workersSeen(o, open)
}

// counted says how many requests there are, and how many at each stage.
func (p Printer) counted(o account.Overview, opts StatusOptions) string {
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
	return line
}

// toGo says how long the account operations that are left take.
func (p Printer) toGo(left *account.Estimate) string {
	switch {
	case left == nil:
		return ""
	case left.Low < time.Second:
		return p.paragraph("", fmt.Sprintf("The account operations end within %s.", span(left.High)))
	default:
		return p.paragraph("", fmt.Sprintf("The account operations end in %s to %s.", span(left.Low), span(left.High)))
	}
}

// workersSeen tells who works, and warns when work is left and nobody is there to do it.
func (p Printer) workersSeen(o account.Overview, open bool) string {
	if len(o.Workers) == 0 {
		if !open {
			return ""
		}
		return p.paint(yellow, "Nobody works on it: `vend work` starts a worker.") + "\n"
	}
	var names []string
	for i, w := range o.Workers {
		if i == workersShown {
			names = append(names, fmt.Sprintf("%d more", len(o.Workers)-i))
			break
		}
		names = append(names, fmt.Sprintf("%s (%s, seen %s)", fit(w.Owner, 40), w.Kind, p.ago(w.SeenAt)))
	}
	return p.paragraph("", "At work: "+strings.Join(names, ", ")) + p.deadLetters(o)
}

// deadLetters warns of messages that nobody could handle.
func (p Printer) deadLetters(o account.Overview) string {
	most := 0
	for _, w := range o.Workers {
		most = max(most, w.DeadLetters)
	}
	if most == 0 {
		return ""
	}
	return p.paint(yellow, strings.TrimSuffix(p.paragraph("", plural(most, "message was", "messages were")+" put aside that nobody could handle: `vend explain V3016`."), "\n")) + "\n"
}
