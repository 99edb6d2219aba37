package engine_test

import (
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/ingest"
)

func TestAPlanSaysWhatTheWorkerThenDoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, testWorld(t))
		h.upload("first.csv", list(
			"plan-one,plan-one@example.com,Workloads/Dev,AWSReadOnlyAccess/Auditors",
			"plan-two,plan-two@example.com,Sandbox,AWSReadOnlyAccess/Auditors",
		))
		h.work()
		content := list(
			"plan-one,plan-one@example.com,Workloads/Dev,AWSReadOnlyAccess/Auditors",
			"plan-two,plan-two@example.com,Sandbox,AWSReadOnlyAccess/Auditors; AdministratorAccess/Platform Team",
			"plan-three,plan-three@example.com,Prod,AWSReadOnlyAccess/Auditors",
			"plan-four,Shop-Prod@example.com,Sandbox,AWSReadOnlyAccess/Auditors",
			"plan-five,plan-five@example.com,Sandbox,NoSuchSet/Auditors",
			"plan-six,plan-six@example.com,Sandbox,AWSReadOnlyAccess/Auditors",
		)
		before, _ := h.sandbox.Calls()
		plan, report, err := h.mustEngine().Plan(t.Context(), ingest.Draft{Name: "second.csv", Content: []byte(content)})
		if err != nil {
			t.Fatal(err)
		}
		after, _ := h.sandbox.Calls()
		for _, call := range []string{
			"dynamodb.PutItem", "dynamodb.UpdateItem", "dynamodb.DeleteItem", "dynamodb.TransactWriteItems", "s3.PutObject",
			"servicecatalog.ProvisionProduct", "sso.CreateAccountAssignment", "organizations.TagResource",
		} {
			if after[call] != before[call] {
				t.Errorf("the plan called %s", call)
			}
		}
		type line struct {
			Row  int
			Verb account.Verb
			Code string
		}
		var got []line
		for _, a := range plan.Actions {
			got = append(got, line{a.Row, a.Verb, a.Code})
		}
		want := []line{
			{2, account.PlanUnchanged, ""},
			{3, account.PlanChange, ""},
			{4, account.PlanReject, "V1402"},
			{5, account.PlanReject, "V1404"},
			{6, account.PlanReject, "V1405"},
			{7, account.PlanCreate, ""},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the plan (-want +got):\n%s", diff)
		}
		if _, assignments := plan.Count(); assignments != 2 || report.Rows != 6 {
			t.Errorf("it speaks of %d assignments and %d rows", assignments, report.Rows)
		}

		b := h.upload("second.csv", content)
		h.work()
		rows, err := h.mustEngine().Queue.Rows(t.Context(), b.ID)
		if err != nil {
			t.Fatal(err)
		}
		done := map[account.Disposition]account.Verb{
			account.Added: account.PlanCreate, account.Changed: account.PlanChange,
			account.Unchanged: account.PlanUnchanged, account.RowRefused: account.PlanReject,
		}
		for i, r := range rows {
			if done[r.Disposition] != want[i].Verb {
				t.Errorf("row %d was %s, the plan said %s", r.Line, r.Disposition, want[i].Verb)
			}
		}
	})
}
