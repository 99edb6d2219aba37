package render

import (
	"encoding/csv"
	"io"
	"strings"

	"github.com/vend-cli/vend/internal/doctor"
)

type diagnosisDocument struct {
	SchemaVersion int             `json:"schemaVersion"`
	Checks        []findingMember `json:"checks"`
}

type findingMember struct {
	Name    string        `json:"name"`
	Result  doctor.Result `json:"result"`
	Code    string        `json:"code,omitempty"`
	Message string        `json:"message"`
	Remedy  string        `json:"remedy,omitempty"`
}

// Diagnosis writes what the doctor has found: one check a line, and the remedy of each that is not well below it.
func (p Printer) Diagnosis(checks []doctor.Check) error {
	switch p.Format {
	case JSON:
		d := diagnosisDocument{SchemaVersion: 1, Checks: []findingMember{}}
		for _, c := range checks {
			d.Checks = append(d.Checks, findingMember(c))
		}
		return document(p.Out, d, p.indent())
	case CSV:
		w := csv.NewWriter(p.Out)
		_ = w.Write([]string{"Check", "Result", "Code", "Message", "Remedy"}) // the writer keeps its error for Flush
		for _, c := range checks {
			_ = w.Write([]string{c.Name, string(c.Result), c.Code, cell(c.Message), cell(c.Remedy)})
		}
		w.Flush()
		return w.Error()
	}
	var b strings.Builder
	column := 0
	for _, c := range checks {
		column = max(column, wide(c.Name))
	}
	indent := strings.Repeat(" ", column+8)
	counts := map[doctor.Result]int{}
	for _, c := range checks {
		counts[c.Result]++
		message := c.Message
		if c.Code != "" {
			message = c.Code + ": " + message
		}
		text := p.paragraph(indent, message)
		b.WriteString(p.paint(colourOf(c.Result), string(c.Result)) + "  " + c.Name + strings.Repeat(" ", column-wide(c.Name)) + "  " + strings.TrimPrefix(text, indent))
		if c.Remedy != "" {
			remedy := p.paragraph(indent+"  ", sentence(c.Remedy))
			b.WriteString(indent + "→ " + strings.TrimPrefix(remedy, indent+"  "))
		}
	}
	b.WriteString("\n" + plural(len(checks), "check", "checks") + ": ")
	var said []string
	for _, r := range []doctor.Result{doctor.Fail, doctor.Warn, doctor.Pass} {
		if n := counts[r]; n > 0 {
			said = append(said, plural(n, string(r), string(r)))
		}
	}
	b.WriteString(strings.Join(said, ", ") + "\n")
	_, err := io.WriteString(p.Out, b.String())
	return err
}

func colourOf(r doctor.Result) paint {
	switch r {
	case doctor.Fail:
		return red
	case doctor.Warn:
		return yellow
	}
	return green
}
