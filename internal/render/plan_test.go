package render_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/batch"
	"github.com/vend-cli/vend/internal/render"
)

func TestPlan(t *testing.T) {
	t.Parallel()
	o := view()
	long, dev := o.Requests[2], o.Requests[0]
	plan := account.Plan{
		File: "a-list-with-a-name-that-is-much-too-long-for-one-line.csv", SHA256: strings.Repeat("0", 64), Ahead: 12,
		Duration: account.Estimate{Low: 13 * time.Hour, High: 27*time.Hour + 30*time.Minute},
		Quota:    &account.Quota{Accounts: 10, Used: 9, Default: true},
		Actions: []account.Action{
			{Row: 2, Verb: account.PlanCreate, Name: dev.Name, Email: dev.Email, Unit: dev.Unit, Assignments: dev.Assignments, RemovesUser: true},
			{Row: 3, Verb: account.PlanEnroll, Name: long.Name, Email: long.Email, Unit: long.Unit, AccountID: "222222222201"},
			{Row: 4, Verb: account.PlanChange, Name: dev.Name, Unit: dev.Unit, Reason: "the organizational unit is another"},
			{Row: 5, Verb: account.PlanUnchanged, Name: dev.Name, Unit: dev.Unit},
			{Row: 6, Verb: account.PlanSkip, Name: o.Requests[5].Name, Code: "V2031", Reason: "a newer upload differs from a request that is in flight: it is changed when that one has ended"},
			{Row: 7, Verb: account.PlanReject, Email: "\x1b[2J@example.com", Code: "V1203", Reason: "AccountEmail has a character that steers terminals"},
		},
	}
	for i := range plan.Actions {
		if plan.Actions[i].Assignments == nil {
			plan.Actions[i].Assignments = []account.Assignment{}
		}
	}
	tableAndJSON(t, "plan", func(p render.Printer) error { return p.Plan(plan, batch.Report{}) })
	foreign := abroad().Requests[2]
	plan.File = foreign.Name
	plan.Quota = &account.Quota{Accounts: 1, Used: 1}
	plan.Actions = append(plan.Actions, account.Action{Row: 8, Verb: account.PlanCreate, Name: foreign.Name, Unit: foreign.Unit, Assignments: abroad().Requests[0].Assignments})
	tableAndJSON(t, "plan-foreign", func(p render.Printer) error { return p.Plan(plan, batch.Report{}) })
}
