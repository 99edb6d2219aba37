package render

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/access"
	"github.com/vend-cli/vend/internal/pattern"
)

// AccessFile writes entries as the file of `vend access apply`: [access.Read] reads it, and finds the same.
func (p Printer) AccessFile(entries []access.Entry) error {
	names := map[string]string{}
	for _, e := range entries {
		names[e.AccountID] = strings.TrimSuffix(e.AccountName+" ("+cmp.Or(e.Path, "in the root")+")", " ()")
	}
	var b strings.Builder
	b.WriteString("# Who has which permission set where, as `vend access export` found it. `vend access diff` says what differs.\n")
	b.WriteString("assignments:")
	if len(entries) == 0 {
		b.WriteString(" []")
	}
	b.WriteString("\n")
	for _, r := range access.Rules(entries) {
		b.WriteString("  - accounts:\n")
		for _, a := range r.Accounts {
			b.WriteString("      - " + scalar(a.Text) + " # " + Text(names[a.Text]) + "\n")
		}
		member(&b, "permissionSets", r.PermissionSets)
		member(&b, "groups", r.Groups)
		member(&b, "users", r.Users)
	}
	_, err := io.WriteString(p.Out, b.String())
	return err
}

func member(b *strings.Builder, name string, texts []access.Text) {
	if len(texts) == 0 {
		return
	}
	b.WriteString("    " + name + ":\n")
	for _, t := range texts {
		b.WriteString("      - " + scalar(t.Text) + "\n")
	}
}

// plain is a text that YAML takes for a text without quotes, if it is none of the words that it does not.
var plain = pattern.Compile(`^[A-Za-z](?:[\w .+=@/-]*[\w.+=@/-])?$`)

var noText = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}

// scalar is a text in YAML. A text in JSON is one in YAML.
func scalar(s string) string {
	if plain.MatchString(s) && !slices.Contains(noText, strings.ToLower(s)) {
		return s
	}
	return inJSON(s)
}
