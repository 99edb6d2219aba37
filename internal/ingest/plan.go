package ingest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/batch"
)

// entries decides what judged rows do to the requests that are there now.
func (g *Ingester) entries(ctx context.Context, j *judge, b account.Batch, judged []verdict) ([]account.Entry, error) {
	ids := make([]string, len(judged))
	var enrolling []string
	for i, v := range judged {
		ids[i] = v.want.ID
		if v.want.Kind == account.Enroll && v.want.AccountID != "" {
			enrolling = append(enrolling, v.want.AccountID)
		}
	}
	seen, guards, err := g.there(ctx, ids, enrolling)
	if err != nil {
		return nil, err
	}
	entries := make([]account.Entry, len(judged))
	for i := range judged {
		v := &judged[i] // problems that show only now are kept with it
		var have *account.Claim
		if claim, ok := seen[v.want.ID]; ok && v.want.ID != "" {
			have = &claim
		}
		if other := guards[v.want.AccountID]; other != "" && other != v.want.ID && v.want.Kind == account.Enroll {
			v.add(account.CodeAccountIDTwice, batch.AccountID, fmt.Sprintf("Request %s enrolls this account already, under another e-mail", other), "cancel one of the two")
		}
		if there, taken := j.org.ByEmail(v.want.Email); taken && have == nil && v.want.Kind == account.Create {
			v.add(account.CodeEmailInUse, batch.AccountEmail, fmt.Sprintf("Account %s (%s) of the organization has this e-mail", there.ID, there.State), "choose another address; to enroll that account, fill in its AccountId")
		}
		entries[i] = decide(b, *v, have, g.clock())
	}
	return entries, nil
}

// there looks up the requests that rows are about, and who enrolls the accounts. Without a queue there are none.
func (g *Ingester) there(ctx context.Context, ids, enrolling []string) (map[string]account.Claim, map[string]string, error) {
	if g.Requests == nil {
		return nil, nil, nil
	}
	seen, err := g.Requests.Requests(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	guards, err := g.Requests.Enrolling(ctx, enrolling)
	return seen, guards, err
}

// decide says what one row does, given the request for the same account, if there is one.
//
//	there is                                   the row
//	nothing                                    adds it
//	one with the data of a newer upload        is not applied
//	one in flight, or in somebody's hand       is not applied if it differs
//	one that is done, or failed assigning      adds its assignments and tags; other differences are reported
//	one whose dead product holds an account    is not applied: it needs resume --recover
//	one that is queued                         replaces its data if it differs
//	one that failed or was cancelled           replaces its data and queues it again
func decide(b account.Batch, v verdict, have *account.Claim, now time.Time) account.Entry {
	row := account.Row{
		Batch: b.ID, Line: v.row.Line, RequestID: v.want.ID, Disposition: account.Added,
		Name: or(v.want.Name, v.row.Name), Email: or(v.want.Email, v.row.Email), Unit: v.row.Unit,
	}
	if failure := rowFailure(v.problems); failure != nil {
		row.Disposition, row.Failure = account.RowRefused, failure
		return account.Entry{Row: row}
	}
	want := v.want
	want.Batch, want.Row, want.Sequence = b.ID, v.row.Line, b.Sequence
	want.Turn = fmt.Sprintf("%s#%s#%08d", b.Sequence, b.ID, v.row.Line)
	want.Stage, want.QueuedAt = account.Queued, now
	if have == nil {
		return account.Entry{Row: row, Request: &want}
	}
	return meet(row, want, *have, now)
}

// meet decides about a row whose account is asked for already.
func meet(row account.Row, want account.Request, have account.Claim, now time.Time) account.Entry {
	was := have.Request
	differs := differences(was, want)
	fresh := freshAssignments(was, want)
	leave := func(d account.Disposition, code, format string, args ...any) account.Entry {
		row.Disposition = d
		if code != "" {
			e, _ := account.Explain(code)
			row.Failure = &account.Failure{Code: code, Class: account.ClassOperator, Message: fmt.Sprintf(format, args...), Hint: e.Remedy}
		}
		return account.Entry{Row: row}
	}
	changed := func(next account.Request) account.Entry {
		row.Disposition = account.Changed
		return account.Entry{Row: row, Request: &next, Seen: &have}
	}
	made := was.Stage == account.Done || was.AccountID != "" && was.FailedStage == account.Assigning
	inFlight := was.Slot || have.Until.After(now) ||
		was.Stage.Open() && was.Stage != account.Queued
	switch {
	case want.Sequence < was.Sequence:
		return leave(account.NotApplied, "V2033", "a newer upload asks for this account")
	case len(differs) == 0 && (was.Stage == account.Done || was.Stage.Open()) || was.Batch == want.Batch:
		return leave(account.Unchanged, "", "")
	case inFlight:
		return leave(account.NotApplied, "V2031", "request %s is in flight; not applied: %s", was.ID, strings.Join(differs, ", "))
	case made:
		return adopt(row, want, have, differs, fresh, leave)
	case was.AccountID != "" && was.Order.Failed:
		return leave(account.NotApplied, "V2004", "a dead product holds account %s of request %s", was.AccountID, was.ID)
	}
	next := want
	next.Kind, next.Generation, next.Order, next.Clearing = was.Kind, was.Generation, was.Order, was.Clearing
	next.OrderUntil, next.QueuedAt = was.OrderUntil, was.QueuedAt
	if was.AccountID != "" {
		next.AccountID = was.AccountID
	}
	if was.Kind == account.Create && was.AccountID == "" {
		next.AccountID = ""
	}
	return changed(next)
}

// adopt gives an account that was made what the row asks for beyond it: assignments and tags. A request that failed while
// assigning goes on.
func adopt(row account.Row, want account.Request, have account.Claim, differs []string, fresh []account.Assignment, leave func(account.Disposition, string, string, ...any) account.Entry) account.Entry {
	next := have.Request
	other := slices.DeleteFunc(slices.Clone(differs), func(d string) bool { return d == fieldAssignments || d == fieldTags })
	resumes := next.Stage != account.Done
	if len(fresh) == 0 && !slices.Contains(differs, fieldTags) && !resumes {
		return leave(account.NotApplied, "V2032", "account %s exists; not applied: %s", next.AccountID, strings.Join(other, ", "))
	}
	next.Assignments = append(again(next.Assignments, want.Assignments, resumes), fresh...)
	if slices.Contains(differs, fieldTags) {
		next.Tags, next.Tagged = want.Tags, false
	}
	next.Batch, next.Row, next.Turn, next.Sequence = want.Batch, want.Row, want.Turn, want.Sequence
	next.Stage, next.Failure, next.FailedStage, next.Attempts = account.Assigning, nil, "", 0
	next.AssigningSince, next.FinishedAt = time.Time{}, time.Time{}
	row.Disposition = account.Changed
	if len(other) > 0 {
		e, _ := account.Explain("V2032")
		row.Failure = &account.Failure{
			Code: "V2032", Class: account.ClassOperator, Hint: e.Remedy,
			Message: fmt.Sprintf("account %s exists; not applied: %s", next.AccountID, strings.Join(other, ", ")),
		}
	}
	return account.Entry{Row: row, Request: &next, Seen: &have}
}

// again prepares assignments for another try: what failed is asked for anew, unless a corrected list no longer asks for it.
func again(have, want []account.Assignment, resumes bool) []account.Assignment {
	var out []account.Assignment
	for _, a := range have {
		if resumes && a.State != account.AssignmentDone {
			if !slices.ContainsFunc(want, a.Same) {
				continue
			}
			a.State, a.Attempts, a.Failure, a.RequestID = account.AssignmentPending, 0, nil, ""
		}
		out = append(out, a)
	}
	return out
}

const (
	fieldAssignments = "Assignments"
	fieldTags        = "Tags"
)

// differences names the columns in which a row asks for something else than its request has.
func differences(have, want account.Request) []string {
	var names []string
	add := func(name string, differs bool) {
		if differs {
			names = append(names, name)
		}
	}
	add(batch.AccountName, have.Name != want.Name)
	add(batch.OrgUnit, have.Unit.ID != want.Unit.ID)
	add("SSOUser", have.User != want.User && want.User.Email != "")
	add(fieldAssignments, len(freshAssignments(have, want)) > 0)
	add(fieldTags, !slices.Equal(have.Tags, want.Tags) && len(want.Tags) > 0)
	return names
}

// freshAssignments are those of the row that the request does not have.
func freshAssignments(have, want account.Request) []account.Assignment {
	return slices.DeleteFunc(slices.Clone(want.Assignments), func(a account.Assignment) bool {
		return slices.ContainsFunc(have.Assignments, a.Same)
	})
}

// rowFailure is why a row is rejected: its first error, with its place; nil when it has none.
func rowFailure(problems []batch.Problem) *account.Failure {
	i := slices.IndexFunc(problems, func(p batch.Problem) bool { return p.Severity == batch.Error })
	if i < 0 {
		return nil
	}
	p := problems[i]
	message := fmt.Sprintf("%d:%d: %s", p.Line, p.Column, p.Message)
	return &account.Failure{Code: p.Code, Class: account.ClassTerminal, Message: message, Hint: p.Suggestion}
}
