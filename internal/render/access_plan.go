package render

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/vend-cli/vend/internal/access"
	"github.com/vend-cli/vend/internal/account"
)

// accessPlanDocument is schemas/access-plan.schema.json.
type accessPlanDocument struct {
	SchemaVersion int             `json:"schemaVersion"`
	Changes       bool            `json:"changes"`
	Summary       accessSummary   `json:"summary"`
	Actions       []accessAction  `json:"actions"`
	Refused       []accessRefusal `json:"refused"`
	Spared        []accessRefusal `json:"spared,omitempty"`
}

type accessSummary struct {
	Create    int `json:"create"`
	Delete    int `json:"delete"`
	Prune     int `json:"prune"`
	Unchanged int `json:"unchanged"`
	Refused   int `json:"refused"`
}

type accessAction struct {
	Action string `json:"action"`
	entryMember
}

type accessRefusal struct {
	Action string `json:"action"`
	entryMember
	Error Fault `json:"error"`
}

// AccessPlan writes what would be made and deleted, and what is refused and why.
func (p Printer) AccessPlan(plan access.Plan) error {
	if p.Format == JSON {
		d := accessPlanDocument{SchemaVersion: 1, Changes: plan.Changes(), Actions: []accessAction{}, Refused: accessRefusals(plan.Refused), Summary: accessSummary{
			len(plan.Create), len(plan.Delete), len(plan.Pruned), len(plan.Stay), len(plan.Refused),
		}}
		if len(plan.Spared) > 0 {
			d.Spared = accessRefusals(plan.Spared)
		}
		for _, some := range []struct {
			action  string
			entries []access.Entry
		}{{"delete", plan.Delete}, {"prune", plan.Pruned}, {"create", plan.Create}} {
			for _, e := range some.entries {
				d.Actions = append(d.Actions, accessAction{some.action, newEntryMember(e)})
			}
		}
		return document(p.Out, d, p.indent())
	}
	var b strings.Builder
	for _, e := range plan.Delete {
		b.WriteString(p.paint(red, "- ") + AccessEntry(e) + "\n")
	}
	for _, e := range plan.Pruned {
		b.WriteString(p.paint(red, "- ") + AccessEntry(e) + " (vend made it, and the file does not name it)\n")
	}
	for _, e := range plan.Create {
		b.WriteString(p.paint(green, "+ ") + AccessEntry(e) + "\n")
	}
	for _, r := range plan.Refused {
		b.WriteString(p.paint(yellow, "! ") + AccessEntry(r.Entry) + ": " + r.Reason + "\n")
	}
	for _, r := range plan.Spared {
		b.WriteString(p.paint(yellow, "! ") + AccessEntry(r.Entry) + " is not pruned: " + r.Reason + "\n")
	}
	fmt.Fprintf(&b, "%d to make, %d to delete, %d as they should be, %d refused\n",
		len(plan.Create), len(plan.Delete)+len(plan.Pruned), len(plan.Stay), len(plan.Refused))
	_, err := io.WriteString(p.Out, b.String())
	return err
}

func accessRefusals(refused []access.Refusal) []accessRefusal {
	all := make([]accessRefusal, len(refused))
	for i, r := range refused {
		all[i] = accessRefusal{verb(r.Absent, false), newEntryMember(r.Entry), Fault{Code: r.Code, Message: r.Reason}}
	}
	return all
}

func verb(remove, pruned bool) string {
	switch {
	case pruned:
		return "prune"
	case remove:
		return "delete"
	}
	return "create"
}

// AccessResult is what came of one change.
type AccessResult struct {
	access.Entry
	Delete, Pruned bool
	Error          *Fault // nil: it is as it should be
}

// accessResultsDocument is schemas/access-results.schema.json.
type accessResultsDocument struct {
	SchemaVersion int               `json:"schemaVersion"`
	Unchanged     int               `json:"unchanged"`
	Results       []accessResultRow `json:"results"`
	Refused       []accessRefusal   `json:"refused"`
}

type accessResultRow struct {
	Action string `json:"action"`
	entryMember
	Done  bool   `json:"done"`
	Error *Fault `json:"error,omitempty"`
}

// AccessResults writes what came of a plan: as JSON each change, else how many.
func (p Printer) AccessResults(plan access.Plan, results []AccessResult) error {
	if p.Format == JSON {
		d := accessResultsDocument{SchemaVersion: 1, Unchanged: len(plan.Stay), Results: []accessResultRow{}, Refused: accessRefusals(plan.Refused)}
		for _, r := range results {
			d.Results = append(d.Results, accessResultRow{verb(r.Delete, r.Pruned), newEntryMember(r.Entry), r.Error == nil, r.Error})
		}
		return document(p.Out, d, p.indent())
	}
	if len(results) == 0 {
		return nil
	}
	failed := 0
	for _, r := range results {
		if r.Error != nil {
			failed++
		}
	}
	_, err := fmt.Fprintf(p.Out, "%d done, %d failed\n", len(results)-failed, failed)
	return err
}

// AccessEntry is one assignment on one line.
func AccessEntry(e access.Entry) string {
	kind := "user"
	if e.PrincipalType == account.GroupPrincipal {
		kind = "group"
	}
	return Text(fmt.Sprintf("%s for %s %s in %s (%s)", cmp.Or(e.PermissionSet, e.PermissionSetARN), kind, cmp.Or(e.Principal, e.PrincipalID),
		cmp.Or(e.AccountName, "account"), e.AccountID))
}
