package notify

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/vend-cli/vend/internal/account"
)

// message is what is said, before it takes a form.
type message struct {
	title  string
	event  string // kind, for machines
	thread string // messages of one thread stand together in a chat channel
	lines  []line
	steps  []string
}

type line struct {
	depth int // 0: a paragraph; 1: an item; 2: a detail of it
	text  string
}

func (m *message) add(format string, args ...any)    { m.line(0, format, args...) }
func (m *message) item(format string, args ...any)   { m.line(1, format, args...) }
func (m *message) detail(format string, args ...any) { m.line(2, format, args...) }

func (m *message) line(depth int, format string, args ...any) {
	m.lines = append(m.lines, line{depth, clean(fmt.Sprintf(format, args...))})
}

func (m *message) next(step string) {
	if step = clean(step); step == "" {
		return
	}
	first, size := utf8.DecodeRuneInString(step)
	step = string(unicode.ToUpper(first)) + step[size:]
	if !strings.HasSuffix(step, ".") {
		step += "."
	}
	m.steps = append(m.steps, step)
}

// clean makes a text from outside inert: one line, no controls, no e-mail address, and not longer than anybody reads.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return short(account.HideAddresses(strings.Join(strings.Fields(s), " ")), 1000)
}

// short cuts a text after so many characters.
func short(s string, characters int) string {
	if utf8.RuneCountInString(s) <= characters {
		return s
	}
	return string([]rune(s)[:characters-1]) + "…"
}

// subject is the title as a mail has it.
func (m message) subject() string { return clean(m.title) }

// text is the message as an e-mail.
func (m message) text() string {
	var b strings.Builder
	for i, l := range m.lines {
		if l.depth == 0 && i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(strings.Repeat("  ", l.depth) + l.text + "\n")
	}
	if len(m.steps) > 0 {
		b.WriteString("\nNext:\n")
		for _, s := range m.steps {
			b.WriteString("  " + s + "\n")
		}
	}
	return b.String()
}

// custom is a custom notification (Amazon Q Developer in chat applications Administrator Guide, "Custom notifications").
type custom struct {
	Version  string         `json:"version"`
	Source   string         `json:"source"`
	Content  customContent  `json:"content"`
	Metadata customMetadata `json:"metadata"`
}

type customContent struct {
	TextType    string   `json:"textType"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	NextSteps   []string `json:"nextSteps,omitempty"`
	Keywords    []string `json:"keywords,omitempty"`
}

type customMetadata struct {
	ThreadID  string `json:"threadId"`
	Summary   string `json:"summary"`
	EventType string `json:"eventType"`
}

// maxDescription is well below what chat channels show of one message.
const maxDescription = 3000

// chat is the message as Amazon Q Developer shows it.
func (m message) chat() (string, error) {
	var b strings.Builder
	for _, l := range m.lines {
		b.WriteString(strings.Repeat("  ", max(0, l.depth-1)))
		if l.depth > 0 {
			b.WriteString("• ")
		}
		b.WriteString(l.text + "\n")
	}
	title := clean(m.title)
	c := custom{
		Version: "1.0", Source: "custom",
		Content: customContent{
			TextType: "client-markdown", Title: short(title, 250), Description: short(b.String(), maxDescription),
			NextSteps: m.steps, Keywords: []string{"vend", m.event},
		},
		Metadata: customMetadata{ThreadID: m.thread, Summary: short(title, 250), EventType: m.event},
	}
	out, err := json.Marshal(c)
	return string(out), err
}
