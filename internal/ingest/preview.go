package ingest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"sort"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/batch"
)

// Draft is a list that is not uploaded yet.
type Draft struct {
	Name    string
	Content []byte
	AtRoot  bool // it would be uploaded with the consent to enroll accounts out of the root
}

// Preview says what a worker would do with a list if it were uploaded now, and all problems of it. It changes nothing.
// Without Requests it judges the list against the organization alone.
func (g *Ingester) Preview(ctx context.Context, d Draft) (account.Plan, batch.Report, error) {
	now := g.clock()
	plan := account.Plan{File: d.Name, SHA256: digest(sha256.Sum256(d.Content)), AtRoot: d.AtRoot, MadeAt: now}
	report := batch.Report{File: d.Name}
	list := batch.Read(bytes.NewReader(d.Content), int64(len(d.Content)))
	if !batch.Refused(list.Problems()) {
		j, err := g.judge(ctx)
		if err != nil {
			return plan, report, err
		}
		j.atRoot = d.AtRoot
		newest := true // it would be
		r := &reading{Ingester: g, judge: j, newest: &newest, batch: account.Batch{
			ID: "b-plan", Key: d.Name, Sequence: sequence(account.Object{LastModified: now.Add(time.Second)}, ""),
		}}
		if err := r.foresee(ctx, list, func(e account.Entry, v verdict) error {
			plan.Actions = append(plan.Actions, r.action(e, v))
			report.Problems = append(report.Problems, slices.Concat(v.problems, v.late)...)
			return nil
		}); err != nil {
			return plan, report, err
		}
	} else {
		for range list.Rows() {
			continue // only their number is wanted
		}
	}
	report.Rows, report.BlankRows = list.Count()
	report.Problems = append(report.Problems, list.Problems()...)
	sort.SliceStable(report.Problems, func(a, b int) bool { return report.Problems[a].Line < report.Problems[b].Line })
	return plan, report, list.Err()
}

// foresee decides what each row of a list would do, and writes nothing.
func (r *reading) foresee(ctx context.Context, list *batch.List, each func(account.Entry, verdict) error) error {
	r.lines = map[string]int{} // what was decided before is not in the table
	judged := make([]verdict, 0, chunk)
	decide := func() error {
		entries, err := r.entries(ctx, judged)
		if err != nil {
			return err
		}
		for i, e := range entries {
			if err := each(e, judged[i]); err != nil {
				return err
			}
		}
		judged = judged[:0]
		return nil
	}
	for row, problems := range list.Rows() {
		v, err := r.judge.row(ctx, row, problems)
		if err != nil {
			return err
		}
		if judged = append(judged, v); len(judged) < chunk {
			continue
		}
		if err := decide(); err != nil {
			return err
		}
	}
	return decide()
}

func digest(sum [sha256.Size]byte) string { return hex.EncodeToString(sum[:]) }

// clock is the table's clock, where there is a table.
func (g *Ingester) clock() time.Time {
	if g.Batches != nil {
		return g.Batches.Now()
	}
	return g.Now()
}

// action is an entry as a plan tells it.
func (g *Ingester) action(e account.Entry, v verdict) account.Action {
	a := account.Action{
		Row: e.Row.Line, Request: e.Row.RequestID, Name: e.Row.Name, Email: e.Row.Email, AccountID: v.want.AccountID,
		Unit: v.want.Unit, Assignments: []account.Assignment{},
	}
	if e.Row.Failure != nil {
		a.Code, a.Reason = e.Row.Failure.Code, e.Row.Failure.Message
	}
	switch e.Row.Disposition {
	case account.RowRefused:
		a.Verb = account.PlanReject
	case account.Unchanged:
		a.Verb = account.PlanUnchanged
	case account.NotApplied:
		a.Verb = account.PlanSkip
	case account.Changed:
		a.Verb = account.PlanChange
	case account.Added:
		a.Verb = account.PlanCreate
		if v.want.Kind == account.Enroll {
			a.Verb = account.PlanEnroll
		}
		if v.enrolled {
			a.Verb, a.Code, a.Reason = account.PlanUnchanged, account.CodeEnrolled, "The account is enrolled already"
			if len(v.want.Assignments)+len(v.want.Tags) > 0 {
				a.Verb, a.Reason = account.PlanChange, a.Reason+"; its assignments and tags are made"
			}
		}
	}
	if e.Request != nil && e.Row.Disposition != account.Unchanged {
		for _, assignment := range e.Request.Assignments {
			if assignment.State != account.AssignmentDone {
				a.Assignments = append(a.Assignments, assignment)
			}
		}
	}
	a.RemovesUser = g.Settings.RemoveUser && (a.Verb == account.PlanCreate || a.Verb == account.PlanEnroll) && len(a.Assignments) > 0
	return a
}
