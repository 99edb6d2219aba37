package render

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

type historyDocument struct {
	SchemaVersion int             `json:"schemaVersion"`
	Request       requestMember   `json:"request"`
	Events        []account.Event `json:"events"`
}

// History writes the time line of one request, oldest first.
func (p Printer) History(r account.Request, events []account.Event) error {
	if p.Format == JSON {
		if events == nil {
			events = []account.Event{}
		}
		return document(p.Out, historyDocument{SchemaVersion: 1, Request: newRequestMember(r), Events: events}, p.indent())
	}
	var b strings.Builder
	m := newRequestMember(r)
	b.WriteString(p.paint(bold, Text(r.ID)) + "  " + fit(r.Name, p.width()-36) + "  " + p.paint(stagePaint(r.Stage), stageCell(m)) + "\n")
	for _, line := range [][2]string{
		{"e-mail", r.Email},
		{"unit", unitText(m.Unit)},
		{"account", r.AccountID},
		{"product", r.Order.ProductID},
		{"batch", fmt.Sprintf("%s, row %d", r.Batch, r.Row)},
	} {
		if line[1] != "" {
			b.WriteString(p.hanging(fmt.Sprintf("  %-8s ", line[0]), line[1]))
		}
	}
	for _, a := range m.Assignments {
		said := fmt.Sprintf("%s for %s %s: %s", a.PermissionSet, strings.ToLower(string(a.PrincipalType)), a.Principal, a.State)
		b.WriteString(p.hanging("  assign   ", said))
		if a.Error != nil {
			b.WriteString(p.failure(*a.Error, r.ID))
		}
	}
	b.WriteString("\n")
	for _, e := range events {
		when, stage := stamp(e.At), fmt.Sprintf("%-12s", e.Stage)
		line := p.hanging(when+"  "+stage+"  ", e.What)
		rest := strings.TrimPrefix(line, when+"  "+stage)
		b.WriteString(p.paint(dim, when) + "  " + p.paint(stagePaint(e.Stage), stage) + rest)
		if e.RecordID != "" {
			b.WriteString(p.paragraph("  ", "record "+e.RecordID))
		}
		if e.AWSRequestID != "" {
			b.WriteString(p.paragraph("  ", "AWS request "+e.AWSRequestID))
		}
		if e.Failure != nil {
			b.WriteString(p.failure(*e.Failure, r.ID))
		}
	}
	if m.Stage.Open() && m.Waiting != "" {
		b.WriteString(p.waits("", m))
	}
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// stamp is a time to the second, in UTC, as logs and AWS have it.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}
