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

// How long one account operation takes where nothing else is known (AWS Control Tower User Guide, "Provision accounts").
const (
	quickest = 15 * time.Minute
	slowest  = 30 * time.Minute
)

// Preview says what a worker would do with a list if it were uploaded now, and all problems of it. It changes nothing.
// Without Requests it judges the list against the organization alone.
func (g *Ingester) Preview(ctx context.Context, name string, content []byte) (account.Plan, batch.Report, error) {
	sum := sha256.Sum256(content)
	plan := account.Plan{File: name, SHA256: hex.EncodeToString(sum[:])}
	report := batch.Report{File: name}
	list := batch.Read(bytes.NewReader(content), int64(len(content)))
	now := g.clock()
	upload := account.Batch{ID: "b-plan", Key: name, Sequence: sequence(account.Object{LastModified: now.Add(time.Second)}, "")}
	if !batch.Refused(list.Problems()) {
		j, err := g.judge(ctx)
		if err != nil {
			return plan, report, err
		}
		var judged []verdict
		for row, problems := range list.Rows() {
			v, err := j.row(ctx, row, problems)
			if err != nil {
				return plan, report, err
			}
			judged = append(judged, v)
		}
		newest := true // it would be
		r := &reading{Ingester: g, judge: j, batch: upload, newest: &newest}
		for some := range slices.Chunk(judged, chunk) {
			entries, err := r.entries(ctx, some)
			if err != nil {
				return plan, report, err
			}
			for i, e := range entries {
				plan.Actions = append(plan.Actions, action(e, some[i]))
				report.Problems = append(report.Problems, slices.Concat(some[i].problems, some[i].late)...)
			}
		}
	} else {
		for range list.Rows() {
			continue // only their number is wanted
		}
	}
	report.Rows, report.BlankRows = list.Count()
	report.Problems = append(report.Problems, list.Problems()...)
	sort.SliceStable(report.Problems, func(a, b int) bool { return report.Problems[a].Line < report.Problems[b].Line })
	plan.Duration = g.estimate(plan)
	return plan, report, list.Err()
}

// clock is the table's clock, where there is a table.
func (g *Ingester) clock() time.Time {
	if g.Batches != nil {
		return g.Batches.Now()
	}
	return g.Now()
}

// action is an entry as a plan tells it.
func action(e account.Entry, v verdict) account.Action {
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
	default:
		a.Verb = account.PlanCreate
		if v.want.Kind == account.Enroll {
			a.Verb = account.PlanEnroll
		}
	}
	if e.Request != nil && e.Row.Disposition != account.Unchanged {
		for _, assignment := range e.Request.Assignments {
			if assignment.State != account.AssignmentDone {
				a.Assignments = append(a.Assignments, assignment)
			}
		}
	}
	return a
}

// estimate is how long the account operations of a plan take, as many at once as the settings allow.
func (g *Ingester) estimate(p account.Plan) account.Estimate {
	verbs, _ := p.Count()
	operations := verbs[account.PlanCreate] + verbs[account.PlanEnroll]
	rounds := time.Duration((operations + max(1, g.Settings.Concurrency) - 1) / max(1, g.Settings.Concurrency))
	return account.Estimate{Low: rounds * quickest, High: rounds * slowest}
}
