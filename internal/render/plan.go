package render

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/batch"
)

// planDocument is schemas/plan.schema.json.
type planDocument struct {
	SchemaVersion int              `json:"schemaVersion"`
	File          string           `json:"file"`
	SHA256        string           `json:"sha256"`
	Summary       planSummary      `json:"summary"`
	Actions       []account.Action `json:"actions"`
	Problems      []batch.Problem  `json:"problems"`
	Duration      durationMember   `json:"duration"`
	Quota         *quotaMember     `json:"quota,omitempty"`
}

type planSummary struct {
	Create    int `json:"create"`
	Enroll    int `json:"enroll"`
	Change    int `json:"change"`
	Unchanged int `json:"unchanged"`
	Skip      int `json:"skip"`
	Reject    int `json:"reject"`
	Assign    int `json:"assign"`
}

type durationMember struct {
	Low  string `json:"low"`
	High string `json:"high"`
}

type quotaMember struct {
	Accounts int  `json:"accounts"`
	Used     int  `json:"used"`
	Default  bool `json:"default,omitempty"`
}

// Plan writes what a worker would do with a list, and the problems of the list.
func (p Printer) Plan(plan account.Plan, report batch.Report) error {
	verbs, assignments := plan.Count()
	sum := planSummary{
		Create: verbs[account.PlanCreate], Enroll: verbs[account.PlanEnroll], Change: verbs[account.PlanChange],
		Unchanged: verbs[account.PlanUnchanged], Skip: verbs[account.PlanSkip], Reject: verbs[account.PlanReject], Assign: assignments,
	}
	if p.Format == JSON {
		d := planDocument{
			SchemaVersion: 1, File: plan.File, SHA256: plan.SHA256, Summary: sum, Actions: plan.Actions, Problems: report.Problems,
			Duration: durationMember{plan.Duration.Low.String(), plan.Duration.High.String()},
		}
		if d.Actions == nil {
			d.Actions = []account.Action{}
		}
		if d.Problems == nil {
			d.Problems = []batch.Problem{}
		}
		if q := plan.Quota; q != nil {
			d.Quota = &quotaMember{q.Accounts, q.Used, q.Default}
		}
		return document(p.Out, d, p.indent())
	}
	var b strings.Builder
	for _, a := range plan.Actions {
		p.planned(&b, a)
	}
	if len(plan.Actions) > 0 {
		b.WriteString("\n")
	}
	b.WriteString(p.hanging(fit(plan.File, 30)+": ", fmt.Sprintf("%d to create, %d to enroll, %d to change, %d unchanged, %d skipped, %d rejected; %s",
		sum.Create, sum.Enroll, sum.Change, sum.Unchanged, sum.Skip, sum.Reject, plural(assignments, "assignment", "assignments"))))
	if plan.Duration.High > 0 {
		ahead := ""
		if plan.Ahead > 0 {
			ahead = fmt.Sprintf(", with %d ahead of them", plan.Ahead)
		}
		b.WriteString(p.paragraph("", fmt.Sprintf("The account operations take %s to %s%s.", span(plan.Duration.Low), span(plan.Duration.High), ahead)))
	}
	if q := plan.Quota; q != nil {
		most := fmt.Sprintf("%d", q.Accounts)
		if q.Default {
			most += ", AWS's default, or of more that it was given"
		}
		b.WriteString(p.paragraph("", fmt.Sprintf("The organization has %s of %s.", plural(q.Used, "account", "accounts"), most)))
	}
	if n := plan.Lacking(); n > 0 {
		b.WriteString(p.hanging("warning: ", fmt.Sprintf("there is no room for %s of the list: the pipeline would pause (V3007). Ask AWS for a higher quota first.", plural(n, "new account", "new accounts"))))
	}
	if !plan.Changes() {
		b.WriteString("Nothing would change.\n")
	}
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// planned writes one action: what, for which account, where, and what goes with it.
func (p Printer) planned(b *strings.Builder, a account.Action) {
	signs := map[account.Verb]string{
		account.PlanCreate: "+", account.PlanEnroll: "+", account.PlanChange: "~",
		account.PlanUnchanged: "=", account.PlanSkip: "!", account.PlanReject: "x",
	}
	name := a.Name
	if name == "" {
		name = a.Email
	}
	where := ""
	if a.Unit.ID != "" {
		where = " in " + a.Unit.Path + " (" + a.Unit.ID + ")"
	}
	b.WriteString(p.hanging(fmt.Sprintf("%s row %d: %s ", signs[a.Verb], a.Row, a.Verb), Text(name+where)))
	for _, assignment := range a.Assignments {
		b.WriteString(p.hanging("    assign ", Text(assignment.String())))
	}
	if a.RemovesUser {
		b.WriteString(p.hanging("    then ", "take the direct assignment of Account Factory's user away (removeAccountFactoryUser)"))
	}
	if a.Reason != "" {
		b.WriteString(p.hanging("    ", Text(a.Code+" "+a.Reason)))
	}
}

// span is a duration in hours and minutes; in seconds where it is less.
func span(d time.Duration) string {
	if d < time.Minute {
		return d.Round(time.Second).String()
	}
	return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
}
