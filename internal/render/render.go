// Package render writes what the product knows for those who ask: tables for people, JSON and CSV for scripts.
//
// Whatever came from outside is inert where it comes out: characters that steer a terminal or turn the direction of text
// are replaced, and cells that a spreadsheet would run as a formula are quoted.
//
// It imports account, access, batch, permissionset and precheck, and it alone imports go-pretty.
package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/text"
)

// Format is how results are written.
type Format string

// The formats. Where a result has no rows, CSV is refused by the caller.
const (
	Table Format = "table"
	JSON  Format = "json"
	CSV   Format = "csv"
)

// Printer writes results in one format. Its methods return the error of the writer, nothing else.
type Printer struct {
	Out    io.Writer
	Format Format
	Color  bool
	Lines  bool             // JSON documents follow each other, one on each line
	Width  int              // columns of the terminal; 80 when zero
	Now    func() time.Time // against which ages are told
}

func (p Printer) indent() string {
	if p.Lines {
		return ""
	}
	return "  "
}

func (p Printer) width() int {
	if p.Width <= 0 {
		return 80
	}
	return p.Width
}

// Text makes a text from outside inert: one line, and nothing in it that steers a terminal.
func Text(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case steers(r):
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// steers tells what a terminal obeys instead of showing it: controls, and the characters that turn text around.
func steers(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// document writes a value as one JSON document. JSON leaves control characters above U+007F as they are, which some
// terminals obey, so they are escaped here; such characters stand only inside of strings.
func document(w io.Writer, v any, indent string) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	var out strings.Builder
	for _, r := range b.String() {
		if r != '\n' && steers(r) {
			fmt.Fprintf(&out, `\u%04x`, r)
			continue
		}
		out.WriteRune(r)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// paint is an ANSI foreground.
type paint string

const (
	red    paint = "31"
	green  paint = "32"
	yellow paint = "33"
	bold   paint = "1"
	dim    paint = "2"
)

func (p Printer) paint(c paint, s string) string {
	if !p.Color || s == "" || c == "" {
		return s
	}
	return "\x1b[" + string(c) + "m" + s + "\x1b[0m"
}

// paragraph wraps a text and moves it to the right.
func (p Printer) paragraph(indent, s string) string {
	var b strings.Builder
	for _, line := range wrap(Text(s), max(20, p.width()-len(indent))) {
		b.WriteString(indent + line + "\n")
	}
	return b.String()
}

// wrap breaks a text into lines of at most so many columns. It breaks at blanks, but not within a `command`, so that it
// can be copied; only what is longer than a line is broken within.
func wrap(s string, columns int) []string {
	var lines []string
	line := ""
	for _, word := range words(s, columns) {
		if line != "" && wide(line)+1+wide(word) <= columns {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for wide(word) > columns {
			cut, taken := 0, 0
			for i, r := range word {
				if taken += text.RuneWidth(r); taken > columns {
					break
				}
				cut = i + utf8.RuneLen(r)
			}
			lines = append(lines, word[:cut])
			word = word[cut:]
		}
		line = word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// words splits a text at its blanks, but keeps a `command` together where it fits on a line.
func words(s string, columns int) []string {
	fields := strings.Fields(s)
	var out []string
	for i := 0; i < len(fields); {
		end := i + 1 // behind the command that begins with this word
		for open := opens(fields[i], false); open && end < len(fields); end++ {
			open = opens(fields[end], open)
		}
		word := strings.Join(fields[i:end], " ")
		if wide(word) <= columns {
			out = append(out, word)
		} else {
			out = append(out, fields[i:end]...)
		}
		i = end
	}
	return out
}

// opens says whether a command is open behind a word, where one was open, or was not, before it.
func opens(word string, open bool) bool { return open != (strings.Count(word, "`")%2 == 1) }

// hanging wraps a text behind a label, and moves its further lines to the right.
func (p Printer) hanging(label, s string) string {
	indent := strings.Repeat(" ", len(label))
	lines := p.paragraph(indent, s)
	if lines == "" {
		return strings.TrimRight(label, " ") + "\n"
	}
	return label + strings.TrimPrefix(lines, indent)
}

// fit makes a text fit into a number of columns: what is too much is left out in its middle, for names and paths differ
// at both ends.
func fit(s string, columns int) string {
	s = Text(s)
	if wide(s) <= columns {
		return s
	}
	runes := []rune(s)
	head, tail, room := 0, len(runes), columns-1
	for front := true; head < tail; front = !front {
		next := head
		if !front {
			next = tail - 1
		}
		if room -= text.RuneWidth(runes[next]); room < 0 {
			break
		}
		if front {
			head++
		} else {
			tail--
		}
	}
	return string(runes[:head]) + "…" + string(runes[tail:])
}

// wide is how many columns a text takes on a terminal.
func wide(s string) int { return text.StringWidthWithoutEscSequences(s) }

// sentence begins with a capital letter and ends with a full stop.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	if !strings.HasPrefix(s, "vend ") { // a command is not a word
		s = string(unicode.ToUpper(first)) + s[size:]
	}
	if !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "?") && !strings.HasSuffix(s, "!") && !strings.HasSuffix(s, ":") {
		s += "."
	}
	return s
}

// ago tells how long something is past, roughly.
func (p Printer) ago(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	d := p.Now().Sub(t)
	if d < time.Second {
		return "just now"
	}
	return rough(d) + " ago"
}

// since tells how long something has lasted, roughly.
func (p Printer) since(t time.Time) string { return rough(max(0, p.Now().Sub(t))) }

func rough(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return fmt.Sprintf("%dd", int(d.Hours()/24))
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
