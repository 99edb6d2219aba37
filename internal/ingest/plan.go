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
func (r *reading) entries(ctx context.Context, judged []verdict) ([]account.Entry, error) {
	ids := make([]string, len(judged))
	var enrolling []string
	for i, v := range judged {
		ids[i] = v.want.ID
		if v.want.Kind == account.Enroll && v.want.AccountID != "" {
			enrolling = append(enrolling, v.want.AccountID)
		}
	}
	seen, guards, err := r.there(ctx, ids, enrolling)
	if err != nil {
		return nil, err
	}
	entries := make([]account.Entry, len(judged))
	lines := r.lines // of rows that change a request, by its id
	if lines == nil {
		lines = map[string]int{}
	}
	for i := range judged {
		v := &judged[i]
		v.late = nil // problems that show only now; they may have gone since the last time
		var have *account.Claim
		if claim, ok := seen[v.want.ID]; ok && v.want.ID != "" {
			have = &claim
		}
		older := false
		if have != nil {
			if older, err = r.older(ctx, have.Request.Sequence); err != nil {
				return nil, err
			}
		}
		v.meets(r, have, guards, lines)
		entries[i] = decide(r.batch, *v, have, older, r.clock())
		if entries[i].Request != nil {
			lines[v.want.ID] = v.row.Line
		}
	}
	return entries, nil
}

// meets notes what speaks against a row beyond the row itself: other rows, other requests, the organization.
func (v *verdict) meets(r *reading, have *account.Claim, guards map[string]string, lines map[string]int) {
	late := func(code, column, message, suggestion string) {
		v.late = append(v.late, v.row.Problem(code, column, message, suggestion))
	}
	line, twice := lines[v.want.ID]
	if have != nil && have.Request.Batch == r.batch.ID && have.Request.Row != v.row.Line {
		line, twice = have.Request.Row, true
	}
	if twice && v.want.ID != "" {
		late(account.CodeEmailTwice, batch.AccountEmail, fmt.Sprintf("Row %d asks for the account with this e-mail, too", line), "take one of the two rows out")
	}
	if other := guards[v.want.AccountID]; other != "" && other != v.want.ID && v.want.Kind == account.Enroll {
		late(account.CodeAccountIDTwice, batch.AccountID, fmt.Sprintf("Request %s enrolls this account already, under another e-mail", other), "look at that request with vend status")
	}
	if v.governed != "" && have == nil {
		late(account.CodeEnrolled, batch.AccountID, fmt.Sprintf("Account %s is enrolled already, in %s", v.want.AccountID, v.governed), "name that unit; to move the account, update it in Control Tower")
	}
	if v.inRoot && (have == nil || beginsInRoot(have.Request)) {
		late(account.CodeInRoot, batch.AccountID, fmt.Sprintf("Account %s is in the root (%s), and nobody agreed to the stack set naming the root as its target", v.want.AccountID, r.judge.org.RootID),
			fmt.Sprintf("move it into an organizational unit, or agree with --create-role-at-root, and hand the list in again: `vend submit FILE --create-role-at-root`, or `vend enroll --account %s --create-role-at-root --to-ou '%s'`", v.want.AccountID, v.want.Unit))
	}
	if there, taken := r.judge.org.ByEmail(v.want.Email); taken && have == nil && v.want.Kind == account.Create {
		late(account.CodeEmailInUse, batch.AccountEmail, fmt.Sprintf("Account %s (%s) of the organization has this e-mail", there.ID, there.State), "choose another address; to enroll that account, fill in its AccountId")
	}
}

// beginsInRoot says that a newer upload would let the request begin again, that preparing would then refuse it for
// the account in the root, and that nobody has agreed to that so far. One that this pipeline has brought there itself goes on.
func beginsInRoot(r account.Request) bool {
	rests := (r.Stage == account.Failed || r.Stage == account.Cancelled) && !r.Slot
	return rests && r.Kind == account.Enroll && !r.AtRoot && r.Generation <= 1 && r.Order.Token == ""
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

// decide says what one row does, given the request for the same account, if there is one; older is whether that has the
// data of a newer upload.
//
//	there is                                   the row
//	nothing                                    adds it
//	one with the data of a newer upload        is not applied
//	one with the same data                     changes nothing, unless the request failed or was cancelled
//	one in flight, or in somebody's hand       is not applied
//	one that is done, or failed assigning      adds its assignments and tags; other differences are reported
//	one whose account has no live product      is not applied: it needs resume --recover
//	one that is queued                         replaces its data
//	one that failed or was cancelled           replaces its data and queues it again
func decide(b account.Batch, v verdict, have *account.Claim, older bool, now time.Time) account.Entry {
	row := account.Row{
		Batch: b.ID, Line: v.row.Line, RequestID: v.want.ID, Disposition: account.Added,
		Name: or(v.want.Name, v.row.Name), Email: or(v.want.Email, v.row.Email), Unit: v.row.Unit,
	}
	if failure := rowFailure(slices.Concat(v.problems, v.late)); failure != nil {
		row.Disposition, row.Failure = account.RowRefused, failure
		return account.Entry{Row: row}
	}
	want := v.want
	want.Batch, want.Row, want.Sequence = b.ID, v.row.Line, b.Sequence
	want.Turn = b.Turn(v.row.Line)
	want.Stage, want.QueuedAt = account.Queued, now
	if have == nil {
		return account.Entry{Row: row, Request: &want}
	}
	return meeting{row, want, *have, compare(have.Request, want)}.decide(older, now)
}

// rowFailure is why a row is rejected: its first error, with its place; nil when it has none.
func rowFailure(problems []batch.Problem) *account.Failure {
	i := slices.IndexFunc(problems, func(p batch.Problem) bool { return p.Severity == batch.Error })
	if i < 0 {
		return nil
	}
	p := problems[i]
	message := fmt.Sprintf("%d:%d: %s", p.Line, p.Column, p.Message)
	if p.Field != "" && !strings.HasPrefix(p.Message, p.Field+" ") { // which most messages begin with
		message = fmt.Sprintf("%d:%d: %s: %s", p.Line, p.Column, p.Field, p.Message)
	}
	return &account.Failure{Code: p.Code, Class: account.ClassTerminal, Message: message, Hint: p.Suggestion}
}
