package render

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/vend-cli/vend/internal/account"
)

// Progress shows how requests move while somebody waits: a bar for each on a terminal, a line for each change elsewhere.
// It is for one goroutine.
type Progress struct {
	out    io.Writer
	p      Printer
	live   bool
	drawn  int                      // lines on the screen that the next picture replaces
	stages map[string]account.Stage // as last shown
}

// barsShown keeps the picture on one screen; more are counted.
const barsShown = 12

// NewProgress writes to out; live says that out is a terminal on which lines can be replaced.
func NewProgress(out io.Writer, live, color bool, width int, now func() time.Time) *Progress {
	return &Progress{
		out: out, live: live, stages: map[string]account.Stage{},
		p: Printer{Out: out, Color: color, Width: width, Now: now},
	}
}

// Show brings the picture up to date.
func (p *Progress) Show(o account.Overview) {
	all := members(o)
	if p.live {
		p.draw(all, o)
	} else {
		p.lines(all)
	}
}

// Close takes the picture away: what follows it says how things ended.
func (p *Progress) Close() {
	p.erase()
	p.drawn = 0
}

func (p *Progress) lines(all []requestMember) {
	for _, m := range all {
		name := m.ID
		if name == "" {
			name = fmt.Sprintf("%s line %d", m.Batch, m.Row)
		}
		before, known := p.stages[name]
		if known && before == m.Stage {
			continue
		}
		p.stages[name] = m.Stage
		line := fmt.Sprintf("%s  %s  %s  %s", p.p.Now().UTC().Format("15:04:05"), Text(name), Text(cmp.Or(m.Name, m.Email)), m.Stage)
		if m.AccountID != "" {
			line += "  " + Text(m.AccountID)
		}
		if m.Error != nil && !m.Stage.Open() && m.Stage != account.Done {
			line += "  " + Text(failureText(m.Error))
		}
		fmt.Fprintln(p.out, line)
	}
}

func (p *Progress) draw(all []requestMember, o account.Overview) {
	worstFirst(all)
	// What moves comes first here; what has settled can be read afterwards.
	slices.SortStableFunc(all, func(a, b requestMember) int { return settledLast(a) - settledLast(b) })
	settled := 0
	for _, m := range all {
		settled += settledLast(m)
	}
	var b strings.Builder
	for i, m := range all {
		if i == barsShown {
			fmt.Fprintf(&b, "  … and %d more\n", len(all)-i)
			break
		}
		b.WriteString(p.bar(m) + "\n")
	}
	line := fmt.Sprintf("  %d of %s settled", settled, plural(len(all), "request", "requests"))
	if o.Paused != nil {
		line += ", paused: " + fit(o.Paused.Reason, p.p.width()-wide(line)-10)
	}
	b.WriteString(line + "\n")
	p.erase()
	p.drawn = strings.Count(b.String(), "\n")
	_, _ = io.WriteString(p.out, b.String()) // a picture that can't be shown stops no work
}

func (p *Progress) erase() {
	if p.drawn > 0 {
		_, _ = io.WriteString(p.out, text.CursorUp.Sprintn(p.drawn)+"\r\x1b[J")
	}
}

func (p *Progress) bar(m requestMember) string {
	cells, name := 20, 24
	if p.p.width() < 80 { // a line that wraps would not be replaced
		cells, name = 8, 12
	}
	full := int(share(m) * float64(cells))
	bar := p.p.paint(stagePaint(m.Stage), strings.Repeat("█", full)) + strings.Repeat("░", cells-full)
	line := fmt.Sprintf("  %s %s %-13s", text.Pad(fit(m.Name, name), name, ' '), bar, stageCell(m))
	switch {
	case m.AccountID != "":
		line += " " + fit(m.AccountID, 12)
	case m.Stage.Open() && !m.StartedAt.IsZero():
		line += " " + rough(max(0, p.p.Now().Sub(m.StartedAt)))
	}
	return strings.TrimRight(line, " ")
}

// share is how much of a request's way lies behind it. AWS tells nothing between the start and the end of an account
// operation, so its part of the way is one step.
func share(m requestMember) float64 {
	switch m.Stage {
	case account.Queued:
		return 0
	case account.Preparing:
		return 0.1
	case account.Provisioning, account.Recovering:
		return 0.3
	case account.Assigning:
		if n := len(m.Assignments); n > 0 {
			return 0.7 + 0.3*float64(assigned(m))/float64(n)
		}
		return 0.7
	}
	return 1
}

func settledLast(m requestMember) int {
	if m.Stage.Open() {
		return 0
	}
	return 1
}
