package ingest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/batch"
)

// meeting is a row whose account is asked for already.
type meeting struct {
	row  account.Row
	want account.Request
	have account.Claim
	differs
}

// decide follows the table at the function decide.
func (m meeting) decide(older bool, now time.Time) account.Entry {
	was := m.have.Request
	made := was.Stage == account.Done || was.AccountID != "" && was.FailedStage == account.Assigning
	inFlight := was.Slot || m.have.Until.After(now) || was.Stage.Open() && was.Stage != account.Queued
	asItIs := len(m.all()) == 0 && (was.Stage == account.Done || was.Stage.Open() || was.Slot)
	switch {
	case older:
		return m.leave("V2033", "a newer upload asks for this account")
	case asItIs || was.Batch == m.want.Batch:
		return m.confirm(inFlight)
	case inFlight:
		return m.leave("V2031", "request %s is in flight; not applied: %s", was.ID, m.named())
	case made:
		return m.adopt()
	case was.AccountID != "" && (was.Kind == account.Create || was.Order.RecordID != ""):
		return m.leave(dead(was), "request %s has account %s and no live product for it; not applied", was.ID, was.AccountID)
	}
	return m.requeue()
}

// confirm changes nothing of what is asked for. The request remembers that this upload has asked for it, too, so that none
// in between that arrives late overrides both.
func (m meeting) confirm(inFlight bool) account.Entry {
	m.row.Disposition = account.Unchanged
	if inFlight || m.want.Sequence <= m.have.Request.Sequence {
		return account.Entry{Row: m.row}
	}
	next := m.have.Request
	next.Sequence = m.want.Sequence
	return account.Entry{Row: m.row, Request: &next, Seen: &m.have}
}

// dead is why a request with an account stays failed.
func dead(r account.Request) string {
	if !r.Order.Failed && r.Failure != nil {
		return r.Failure.Code
	}
	return "V2004"
}

// leave keeps the request as it is, and tells why.
func (m meeting) leave(code, format string, args ...any) account.Entry {
	m.row.Disposition, m.row.Failure = account.NotApplied, failure(code, fmt.Sprintf(format, args...))
	return account.Entry{Row: m.row}
}

func failure(code, message string) *account.Failure {
	e, _ := account.Explain(code)
	return &account.Failure{Code: code, Class: account.ClassOperator, Message: message, Hint: e.Remedy}
}

// requeue replaces the data of a request on which nothing is under way, and lets it begin again. What it has been through
// stays: a generation never comes again, and an order that was sent is never forgotten.
func (m meeting) requeue() account.Entry {
	was, next := m.have.Request, m.want
	next.Kind, next.Generation, next.Order, next.Clearing = was.Kind, was.Generation, was.Order, was.Clearing
	next.Planting = was.Planting.Again()
	next.OrderUntil, next.QueuedAt, next.AccountID = was.OrderUntil, was.QueuedAt, was.AccountID
	next.AtRoot = was.AtRoot || m.want.AtRoot
	if was.Kind == account.Enroll { // an enrollment under another name or e-mail would make a new account
		next.Email = was.Email
		if m.want.Kind == account.Create {
			next.Name = was.Name
		}
	}
	m.row.Disposition = account.Changed
	return account.Entry{Row: m.row, Request: &next, Seen: &m.have}
}

// adopt gives an account that was made what the row asks for beyond it: assignments and tags. A request that failed while
// assigning goes on; what failed is asked for again, unless the row does not ask for it any more.
func (m meeting) adopt() account.Entry {
	next := m.have.Request
	resumes := next.Stage != account.Done
	if len(m.fresh) == 0 && !m.tags && !resumes {
		return m.leave("V2032", "account %s exists; not applied: %s", next.AccountID, m.named())
	}
	if resumes {
		next.Assignments = again(next.Assignments, m.want.Assignments)
	}
	stays := fresh(m.want.Assignments, next.Assignments)
	next.Assignments = append(slices.Clone(next.Assignments), m.fresh...)
	other := slices.Clone(m.fields)
	if len(stays) > 0 {
		other = append(other, batch.Assignments+" (none is taken away)")
	}
	switch {
	case !next.Tagged: // AWS may have refused them: the row's own are the ones
		next.Tags = m.want.Tags
	case m.tags:
		next.Tags, next.Tagged = joined(m.want.Tags, next.Tags), false
	}
	if m.have.Request.Tagged && m.untagged {
		other = append(other, batch.Tags+" (none is taken away)")
	}
	next.Batch, next.Row, next.Turn, next.Sequence = m.want.Batch, m.want.Row, m.want.Turn, m.want.Sequence
	next.Stage, next.Failure, next.FailedStage, next.Attempts, next.Waiting = account.Assigning, nil, "", 0, ""
	next.AssigningSince, next.FinishedAt = time.Time{}, time.Time{}
	m.row.Disposition = account.Changed
	if len(other) > 0 {
		m.row.Failure = failure("V2032", fmt.Sprintf("account %s exists; not applied: %s", next.AccountID, strings.Join(other, ", ")))
	}
	return account.Entry{Row: m.row, Request: &next, Seen: &m.have}
}

// again prepares assignments for another try.
func again(have, want []account.Assignment) []account.Assignment {
	var out []account.Assignment
	for _, a := range have {
		if a.State != account.AssignmentDone {
			if !slices.ContainsFunc(want, a.Same) {
				continue
			}
			a.State, a.Attempts, a.Failure, a.RequestID = account.AssignmentPending, 0, nil, ""
		}
		out = append(out, a)
	}
	return out
}

// joined are tags with those of others whose keys they do not have.
func joined(tags, others []account.Tag) []account.Tag {
	out := slices.Clone(tags)
	for _, o := range others {
		if !slices.ContainsFunc(tags, func(t account.Tag) bool { return t.Key == o.Key }) {
			out = append(out, o)
		}
	}
	return out
}

// differs is what a row asks for otherwise than its request.
type differs struct {
	fields   []string             // columns, but for the two below
	fresh    []account.Assignment // that the request does not have
	gone     bool                 // it has assignments that the row does not ask for
	tags     bool                 // tags that the request does not have
	untagged bool                 // it has tags that the row does not ask for
}

func compare(have, want account.Request) differs {
	var d differs
	add := func(name string, differs bool) {
		if differs {
			d.fields = append(d.fields, name)
		}
	}
	add(batch.AccountName, have.Name != want.Name)
	add(batch.OrgUnit, have.Unit.ID != want.Unit.ID)
	add("SSOUser", have.User != want.User && want.User.Email != "")
	d.fresh = fresh(have.Assignments, want.Assignments)
	d.gone = len(fresh(want.Assignments, have.Assignments)) > 0
	d.tags = slices.ContainsFunc(want.Tags, func(t account.Tag) bool { return !slices.Contains(have.Tags, t) })
	d.untagged = slices.ContainsFunc(have.Tags, func(t account.Tag) bool {
		return !slices.ContainsFunc(want.Tags, func(w account.Tag) bool { return w.Key == t.Key })
	})
	return d
}

// all names every column in which there is a difference.
func (d differs) all() []string {
	all := slices.Clone(d.fields)
	if len(d.fresh) > 0 || d.gone {
		all = append(all, batch.Assignments)
	}
	if d.tags || d.untagged {
		all = append(all, batch.Tags)
	}
	return all
}

func (d differs) named() string {
	if all := d.all(); len(all) > 0 {
		return strings.Join(all, ", ")
	}
	return "another try"
}

// fresh are those of the wanted assignments that are not among those there are.
func fresh(have, want []account.Assignment) []account.Assignment {
	return slices.DeleteFunc(slices.Clone(want), func(a account.Assignment) bool { return slices.ContainsFunc(have, a.Same) })
}
