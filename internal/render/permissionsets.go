package render

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/vend-cli/vend/internal/permissionset"
)

// permissionSetsDocument is schemas/permission-set-list.schema.json.
type permissionSetsDocument struct {
	SchemaVersion  int                   `json:"schemaVersion"`
	PermissionSets []permissionSetMember `json:"permissionSets"`
}

type permissionSetMember struct {
	Name         string                 `json:"name"`
	ARN          string                 `json:"arn"`
	ControlTower bool                   `json:"controlTower,omitempty"`
	Description  string                 `json:"description,omitempty"`
	Session      string                 `json:"sessionDuration,omitempty"`
	RelayState   string                 `json:"relayState,omitempty"`
	Managed      []string               `json:"managedPolicies,omitempty"`
	Customer     []permissionset.Policy `json:"customerManagedPolicies,omitempty"`
	Inline       any                    `json:"inlinePolicy,omitempty"`
	Boundary     any                    `json:"permissionsBoundary,omitempty"`
	Tags         map[string]string      `json:"tags,omitempty"`
	Accounts     []string               `json:"accounts"`
	Outdated     []string               `json:"outdated"`
}

// PermissionSets writes permission sets whole: as JSON in the spelling of the file that asks for them.
func (p Printer) PermissionSets(sets []permissionset.Set) error {
	switch p.Format {
	case JSON:
		d := permissionSetsDocument{SchemaVersion: 1, PermissionSets: []permissionSetMember{}}
		for _, s := range sets {
			d.PermissionSets = append(d.PermissionSets, newPermissionSetMember(s))
		}
		return document(p.Out, d, p.indent())
	case CSV:
		return p.permissionSetsCSV(sets)
	}
	t := table.NewWriter()
	t.SetStyle(table.Style{
		Name: "plain", Box: table.BoxStyle{PaddingRight: "  "}, Format: table.FormatOptions{Header: text.FormatUpper},
	})
	t.SuppressTrailingSpaces()
	t.AppendHeader(table.Row{"name", "session", "accounts", "policies"})
	name, session, accounts := len("name"), len("session"), len("accounts")
	for _, s := range sets {
		name, accounts = max(name, wide(Text(s.Name))), max(accounts, wide(has(s)))
		session = max(session, wide(permissionset.Spoken(s.Session)))
	}
	room := p.width() - name - session - accounts - 4*len("  ")
	for _, s := range sets {
		t.AppendRow(table.Row{Text(s.Name), permissionset.Spoken(s.Session), has(s), fit(policies(s), max(20, room))})
	}
	_, err := io.WriteString(p.Out, t.Render()+"\n")
	return err
}

func newPermissionSetMember(s permissionset.Set) permissionSetMember {
	m := permissionSetMember{
		Name: s.Name, ARN: s.ARN, ControlTower: permissionset.ControlTowers(s.Name), Description: s.Description,
		Session: permissionset.Spoken(s.Session), RelayState: s.RelayState, Managed: s.Managed, Customer: s.Customer, Tags: s.Tags,
		Accounts: append([]string{}, s.Accounts...), Outdated: append([]string{}, s.Outdated...),
	}
	switch {
	case s.Inline != "" && json.Valid([]byte(s.Inline)):
		m.Inline = json.RawMessage(s.Inline)
	case s.Inline != "":
		m.Inline = s.Inline
	}
	switch {
	case s.Boundary.Customer.Name != "":
		m.Boundary = s.Boundary.Customer
	case s.Boundary.Managed != "":
		m.Boundary = s.Boundary.Managed
	}
	return m
}

// has says how many accounts have a permission set.
func has(s permissionset.Set) string {
	if n := len(s.Outdated); n > 0 {
		return fmt.Sprintf("%d, %d outdated", len(s.Accounts), n)
	}
	return fmt.Sprint(len(s.Accounts))
}

// policies are what a permission set allows, in short.
func policies(s permissionset.Set) string {
	all := slices.Clone(s.Managed)
	for _, own := range s.Customer {
		all = append(all, own.String())
	}
	if s.Inline != "" {
		all = append(all, "an inline policy")
	}
	if limit := s.Boundary.String(); limit != "" {
		all = append(all, "within "+limit)
	}
	return strings.Join(all, ", ")
}

func (p Printer) permissionSetsCSV(sets []permissionset.Set) error {
	w := csv.NewWriter(p.Out)
	_ = w.Write([]string{
		"Name", "Arn", "Description", "SessionDuration", "RelayState", "ManagedPolicies", "CustomerManagedPolicies", "InlinePolicy",
		"PermissionsBoundary", "Tags", "Accounts", "Outdated",
	}) // the writer keeps its error for Flush
	for _, s := range sets {
		var own, tags []string
		for _, c := range s.Customer {
			own = append(own, c.String())
		}
		for _, key := range slices.Sorted(maps.Keys(s.Tags)) {
			tags = append(tags, key+"="+s.Tags[key])
		}
		record := []string{
			s.Name, s.ARN, s.Description, permissionset.Spoken(s.Session), s.RelayState, strings.Join(s.Managed, "; "), strings.Join(own, "; "),
			s.Inline, s.Boundary.String(), strings.Join(tags, "; "), strings.Join(s.Accounts, "; "), strings.Join(s.Outdated, "; "),
		}
		for i := range record {
			record[i] = cell(record[i])
		}
		_ = w.Write(record)
	}
	w.Flush()
	return w.Error()
}

// permissionSetPlanDocument is schemas/permission-set-plan.schema.json.
type permissionSetPlanDocument struct {
	SchemaVersion int                   `json:"schemaVersion"`
	File          string                `json:"file"`
	Changes       bool                  `json:"changes"`
	Actions       []permissionSetAction `json:"actions"`
}

type permissionSetAction struct {
	Name        string                     `json:"permissionSet"`
	Action      permissionset.Verb         `json:"action"`
	Differences []permissionset.Difference `json:"differences,omitempty"`
	Accounts    []string                   `json:"accounts,omitempty"`
}

// PermissionSetPlan writes what would be done so that permission sets are as a file wants them.
func (p Printer) PermissionSetPlan(file string, actions []permissionset.Action) error {
	if p.Format == JSON {
		d := permissionSetPlanDocument{SchemaVersion: 1, File: file, Changes: permissionset.Changes(actions), Actions: []permissionSetAction{}}
		for _, a := range actions {
			d.Actions = append(d.Actions, permissionSetAction{a.Want.Name, a.Verb, a.Differences, a.Accounts})
		}
		return document(p.Out, d, p.indent())
	}
	var b strings.Builder
	count := map[permissionset.Verb]int{}
	for _, a := range actions {
		count[a.Verb]++
		p.permissionSetAction(&b, a)
	}
	fmt.Fprintf(&b, "\n%s: %d to create, %d to change, %d to provision, %d unchanged\n", fit(file, 30),
		count[permissionset.Create], count[permissionset.Change], count[permissionset.Provision], count[permissionset.Unchanged])
	if !permissionset.Changes(actions) {
		b.WriteString("Nothing would change.\n")
	}
	_, err := io.WriteString(p.Out, b.String())
	return err
}

func (p Printer) permissionSetAction(b *strings.Builder, a permissionset.Action) {
	signs := map[permissionset.Verb]string{
		permissionset.Create: "+", permissionset.Change: "~", permissionset.Provision: ">", permissionset.Unchanged: "=",
	}
	where := ""
	if len(a.Accounts) > 0 {
		where = ", in " + plural(len(a.Accounts), "account", "accounts")
	}
	fmt.Fprintf(b, "%s %s %s%s\n", signs[a.Verb], a.Verb, Text(a.Want.Name), where)
	for _, d := range a.Differences {
		label := "    " + d.Member
		switch {
		case d.From != "" && d.To != "":
			b.WriteString(p.hanging(label+": ", d.From+" → "+d.To))
		case d.From != "":
			b.WriteString(p.hanging(label+": − ", d.From))
		default:
			b.WriteString(p.hanging(label+": + ", d.To))
		}
	}
}

// PermissionSetResult is what came of a change or a deletion of a permission set.
type PermissionSetResult struct {
	Name   string               `json:"permissionSet"`
	Action string               `json:"action"`
	Done   bool                 `json:"done"`
	Left   []permissionset.Left `json:"left,omitempty"` // accounts that have an older one
	Error  *Fault               `json:"error,omitempty"`
}

// permissionSetResultsDocument is schemas/permission-set-results.schema.json.
type permissionSetResultsDocument struct {
	SchemaVersion int                   `json:"schemaVersion"`
	Results       []PermissionSetResult `json:"results"`
}

// PermissionSetResults writes what came of each permission set.
func (p Printer) PermissionSetResults(results []PermissionSetResult) error {
	if p.Format == JSON {
		return document(p.Out, permissionSetResultsDocument{1, append([]PermissionSetResult{}, results...)}, p.indent())
	}
	var b strings.Builder
	for _, r := range results {
		said, c := "done", green
		if !r.Done {
			said, c = "failed", red
		}
		fmt.Fprintf(&b, "%s  %s %s\n", p.paint(c, said), r.Action, Text(r.Name))
		if r.Error != nil {
			b.WriteString(p.hanging("    ", r.Error.Code+" "+r.Error.Message))
			if r.Error.Hint != "" {
				b.WriteString(p.hanging("    → ", sentence(r.Error.Hint)))
			}
		}
		for _, l := range r.Left {
			b.WriteString(p.hanging("    account "+Text(l.Account)+": ", l.Reason))
		}
	}
	_, err := io.WriteString(p.Out, b.String())
	return err
}
