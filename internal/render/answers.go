package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/vend-cli/vend/internal/account"
)

// Fault is an error as its reader meets it: what happened, under which code, and what to do next.
type Fault struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// Fault writes an error: one JSON line, or two lines of text.
func (p Printer) Fault(f Fault) error {
	if p.Format == JSON {
		return document(p.Out, map[string]Fault{"error": f}, "")
	}
	var lines strings.Builder
	for line := range strings.SplitSeq(strings.TrimRight(f.Message, "\n"), "\n") {
		lines.WriteString(Text(line) + "\n")
	}
	out := p.paint(red, "vend: "+f.Code) + " " + lines.String()
	if f.Hint != "" {
		out += "  → " + sentence(Text(f.Hint)) + "\n"
	}
	_, err := io.WriteString(p.Out, out)
	return err
}

// Level marks a line of a log that is more than information, in colour where there is any.
func (p Printer) Level(level string) string {
	switch level {
	case "INFO":
		return ""
	case "WARN":
		return p.paint(yellow, "warning") + "  "
	case "ERROR":
		return p.paint(red, "error") + "  "
	}
	return strings.ToLower(level) + "  "
}

// Explanations writes what error codes mean: the page of one, or a list of many. As JSON it is one document a line.
func (p Printer) Explanations(codes ...account.Explanation) error {
	if p.Format == JSON {
		for _, e := range codes {
			if err := document(p.Out, e, ""); err != nil {
				return err
			}
		}
		return nil
	}
	var b strings.Builder
	if len(codes) == 1 {
		e := codes[0]
		b.WriteString(p.paint(bold, e.Code+": "+e.Title) + "\n\n" + p.paragraph("", e.Cause) + "\n" + p.paragraph("", e.Remedy))
	} else {
		for _, e := range codes {
			b.WriteString(p.paint(bold, e.Code) + "  " + e.Title + "\n")
		}
	}
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// Version is what `vend version` tells.
type Version struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Go      string `json:"go"`
}

// Version writes which build this is.
func (p Printer) Version(v Version) error {
	if p.Format == JSON {
		return document(p.Out, v, p.indent())
	}
	_, err := fmt.Fprintf(p.Out, "vend %s (%s, %s)\n", v.Version, v.Commit, v.Go)
	return err
}

type submitDocument struct {
	SchemaVersion int    `json:"schemaVersion"`
	Batch         string `json:"batch"`
	Source        string `json:"source"`
	Version       string `json:"version,omitempty"`
	Rows          int    `json:"rows"`
}

// Submitted writes what was handed in, and the command that follows it.
func (p Printer) Submitted(b account.Batch) error {
	if p.Format == JSON {
		return document(p.Out, submitDocument{SchemaVersion: 1, Batch: b.ID, Source: b.Source(), Version: b.Version, Rows: b.Rows}, p.indent())
	}
	rows := plural(b.Rows, "row", "rows")
	source := fit(b.Source(), p.width()-len(b.ID)-len(rows)-4)
	_, err := fmt.Fprintf(p.Out, "%s  %s  %s\nNext: vend status %s\n", p.paint(bold, b.ID), source, rows, b.ID)
	return err
}

type changedDocument struct {
	SchemaVersion int             `json:"schemaVersion"`
	Paused        *account.Pause  `json:"paused,omitempty"`
	Requests      []requestMember `json:"requests"`
}

// Changed writes the requests that a command has changed, as they are now, and the pause it leaves, if any. said opens
// the text: "resumed", "cancelled".
func (p Printer) Changed(said string, paused *account.Pause, requests []account.Request) error {
	d := changedDocument{SchemaVersion: 1, Paused: paused, Requests: []requestMember{}}
	for _, r := range requests {
		d.Requests = append(d.Requests, newRequestMember(r))
	}
	if p.Format == JSON {
		return document(p.Out, d, p.indent())
	}
	var b strings.Builder
	if paused != nil {
		b.WriteString(p.pauseLine(paused))
	} else {
		fmt.Fprintf(&b, "%s: %s\n", said, plural(len(requests), "request", "requests"))
	}
	if len(d.Requests) > 0 {
		b.WriteString(p.requestLines(d.Requests, StatusOptions{}))
	}
	_, err := io.WriteString(p.Out, b.String())
	return err
}
