package batch

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	xwidth "golang.org/x/text/width"

	"github.com/vend-cli/vend/internal/account"
)

// WriteText prints the problems for people, up to a limit (0: all), each with its place in the file, and how many there are:
//
//	accounts.csv:5:10: error[V1203]: AccountEmail has no @
//	  |
//	5 | payments-dev,dana.example.com,Dana
//	  |              ^^^^^^^^^^^^^^^^
//	  = help: …
//
// Nothing of the file can steer the terminal: control characters are shown, not sent.
func (r Report) WriteText(w io.Writer, limit int) error {
	var b strings.Builder
	shown := r.Problems
	if limit > 0 && len(shown) > limit {
		shown = shown[:limit]
	}
	for _, p := range shown {
		p.write(&b, r.File)
	}
	if more := len(r.Problems) - len(shown) + r.Omitted; more > 0 {
		fmt.Fprintf(&b, "… and %s\n\n", count(more, "more problem"))
	}
	errs, warnings := 0, 0
	for _, p := range r.Problems {
		if p.Severity == Error {
			errs++
		} else {
			warnings++
		}
	}
	fmt.Fprintf(&b, "%s: %s", visible(r.File), count(r.Rows, "row"))
	if r.BlankRows > 0 {
		fmt.Fprintf(&b, ", %s skipped", count(r.BlankRows, "blank row"))
	}
	if errs+warnings == 0 {
		b.WriteString(", no problems\n")
	} else {
		fmt.Fprintf(&b, ", %s, %s\n", count(errs, "error"), count(warnings, "warning"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// String is the problem in one line, without its excerpt.
func (p Problem) String() string {
	return fmt.Sprintf("%d:%d: %s[%s]: %s", p.Line, p.Column, p.Severity, p.Code, visible(p.Message))
}

func (p Problem) write(b *strings.Builder, file string) {
	fmt.Fprintf(b, "%s:%s\n", visible(file), p)
	number := fmt.Sprint(p.Line)
	margin := strings.Repeat(" ", len(number))
	if p.Excerpt.Text != "" {
		before, about := p.Excerpt.Text[:p.Excerpt.From], p.Excerpt.Text[p.Excerpt.From:p.Excerpt.To]
		fmt.Fprintf(b, "%s |\n", margin)
		fmt.Fprintf(b, "%s | %s\n", number, visible(p.Excerpt.Text))
		fmt.Fprintf(b, "%s | %s%s\n", margin, strings.Repeat(" ", cellsWide(visible(before))), strings.Repeat("^", max(1, cellsWide(visible(about)))))
	}
	if help := p.help(); help != "" {
		fmt.Fprintf(b, "%s = help: %s\n", margin, visible(help))
	}
	b.WriteByte('\n')
}

// help is what to do: the problem's own suggestion, or that of its code.
func (p Problem) help() string {
	if p.Suggestion != "" {
		return p.Suggestion
	}
	e, _ := account.Explain(p.Code)
	return e.Remedy
}

// visible makes what a terminal would act on a sign that it shows.
func visible(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\t':
			b.WriteByte(' ')
		case r < ' ':
			b.WriteRune('\u2400' + r)
		case r == 0x7F:
			b.WriteRune('\u2421')
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029':
			fmt.Fprintf(&b, "<U+%04X>", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// cellsWide is how many cells of a terminal a text takes.
func cellsWide(s string) int {
	n := 0
	for _, r := range s {
		switch kind := xwidth.LookupRune(r).Kind(); {
		case unicode.In(r, unicode.Mn, unicode.Me):
		case kind == xwidth.EastAsianWide || kind == xwidth.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
