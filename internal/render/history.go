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
	b.WriteString(p.paint(bold, Text(r.ID)) + "  " + fit(r.Name, 40) + "  " + p.paint(stagePaint(r.Stage), stageCell(m)) + "\n")
	for _, line := range [][2]string{
		{"e-mail", r.Email},
		{"unit", unitText(m.Unit)},
		{"account", r.AccountID},
		{"product", r.Order.ProductID},
		{"batch", fmt.Sprintf("%s, row %d", r.Batch, r.Row)},
	} {
		if line[1] != "" {
			fmt.Fprintf(&b, "  %-8s %s\n", line[0], Text(line[1]))
		}
	}
	for _, a := range m.Assignments {
		fmt.Fprintf(&b, "  %-8s %s for %s %s: %s\n", "assign", Text(a.PermissionSet), strings.ToLower(string(a.PrincipalType)), Text(a.Principal), a.State)
		if a.Error != nil {
			b.WriteString(p.failure(*a.Error))
		}
	}
	b.WriteString("\n")
	for _, e := range events {
		fmt.Fprintf(&b, "%s  %s  %s\n", p.paint(dim, stamp(e.At)), p.paint(stagePaint(e.Stage), fmt.Sprintf("%-12s", e.Stage)), Text(e.What))
		if e.RecordID != "" {
			fmt.Fprintf(&b, "  record %s\n", Text(e.RecordID))
		}
		if e.AWSRequestID != "" {
			fmt.Fprintf(&b, "  AWS request %s\n", Text(e.AWSRequestID))
		}
		if e.Failure != nil {
			b.WriteString(p.failure(*e.Failure))
		}
	}
	if m.Stage.Open() && m.Waiting != "" {
		b.WriteString(p.paragraph("", "waits: "+m.Waiting))
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
