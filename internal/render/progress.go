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
	height int                      // lines of the terminal; 0: enough
	drawn  []int                    // columns of each line on the screen that the next picture replaces
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

// Resize tells that the terminal has another size now.
func (p *Progress) Resize(width, height int) { p.p.Width, p.height = width, height }

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
	p.drawn = nil
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
	lines := make([]string, 0, barsShown+2)
	bars := barsShown
	if p.height > 0 {
		bars = max(1, min(bars, p.height-3)) // what scrolls away can't be replaced
	}
	for i, m := range all {
		if i == bars {
			break
		}
		lines = append(lines, p.bar(m))
	}
	if more := len(all) - min(bars, len(all)) + o.Omitted; more > 0 {
		lines = append(lines, fmt.Sprintf("  … and %d more", more))
	}
	settled, total := 0, 0
	for stage, n := range (StatusOptions{}).Summary(o) {
		if total += n; !stage.Open() {
			settled += n
		}
	}
	line := fmt.Sprintf("  %d of %s settled", settled, plural(total, "request", "requests"))
	switch {
	case o.Paused != nil:
		line += ", paused: " + Text(o.Paused.Reason)
	case o.ToGo != nil && o.ToGo.Low < time.Second:
		line += ", operations end within " + span(o.ToGo.High)
	case o.ToGo != nil:
		line += ", operations end in " + span(o.ToGo.Low) + " to " + span(o.ToGo.High)
	}
	lines = append(lines, line)
	p.erase()
	p.drawn = p.drawn[:0]
	var b strings.Builder
	for _, line := range lines {
		// A line that wraps would not be replaced, and some terminals wrap one that fills them.
		if most := p.p.width() - 1; wide(line) > most {
			line = fit(text.StripEscape(line), most)
		}
		p.drawn = append(p.drawn, wide(line))
		b.WriteString(line + "\n")
	}
	_, _ = io.WriteString(p.out, b.String()) // a picture that can't be shown stops no work
}

// erase takes the picture away. In a window that has become narrower since, its lines take more rows than they did.
func (p *Progress) erase() {
	rows := 0
	for _, columns := range p.drawn {
		rows += max(1, (columns+p.p.width()-1)/p.p.width())
	}
	if rows > 0 {
		_, _ = io.WriteString(p.out, text.CursorUp.Sprintn(rows)+"\r\x1b[J")
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
	case p.p.expected(m) != "":
		line += " " + p.p.expected(m)
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
