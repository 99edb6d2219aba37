package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/stacksets"
	"github.com/vend-cli/vend/internal/batch"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/directory"
	"github.com/vend-cli/vend/internal/precheck"
)

// EnrollAsk says which accounts are to be enrolled, and where. One of From, Accounts, Rows and Whole selects them.
type EnrollAsk struct {
	From      string      // a unit
	Recursive bool        // with From: also the units below it
	Accounts  []string    // ids or e-mail addresses
	Rows      []batch.Row // of an account list
	Whole     string      // a unit that is registered in place, with the accounts in it
	To        string      // the unit that they go to; rows may name their own
	Create    bool        // To is made and registered where it is missing
	First     int         // only so many of those that can be enrolled; 0: all
	AtRoot    bool        // accounts in the root, too
}

// Enrollment is a selection of accounts, before and after they were looked at.
type Enrollment struct {
	Reports []precheck.Report
	Later   int            // accounts that First leaves for another time
	Unit    directory.Unit // the target; without an id while it is not made
	Make    bool           // the target is missing, or not registered, and is to be made so
	// Underway are requests of selected accounts that a worker has in its hands already, by account id; Dead are those that
	// failed and can't be handed in again.
	Underway, Dead map[string]account.Request

	ask      EnrollAsk
	org      *directory.Organization
	view     view
	subjects []precheck.Subject
	around   precheck.Surroundings
	rows     map[string]batch.Row // by account id
}

// OpenToLook makes an engine that needs neither bucket nor table: it knows of no request, and of no setting that was
// pushed.
func OpenToLook(ctx context.Context, c config.Config, o Options) (*Engine, error) {
	return prepare(ctx, c, o)
}

// Survey selects accounts and looks at them. It makes no mutating call. What the ask names and nobody knows is an
// [account.Refused] with an input's code.
func (e *Engine) Survey(ctx context.Context, ask EnrollAsk) (*Enrollment, error) {
	n, err := e.choose(ctx, ask)
	if err != nil {
		return nil, err
	}
	survey := precheck.New(doors{n.view.members}, n.around, precheck.Options{Roles: e.Config.Settings.Enrollment.InspectRoles, Parallel: e.options.Looks})
	if ask.First == 0 {
		if n.Reports, err = survey.Look(ctx, n.subjects); err != nil {
			return nil, err
		}
		return n, e.known(ctx, n)
	}
	return n, e.first(ctx, n, survey)
}

// first looks at accounts, in their order, until so many are found as are asked for that can be enrolled, or are in a
// worker's hands; the rest is left for another time. Those that are unfit stand in nobody's way.
func (e *Engine) first(ctx context.Context, n *Enrollment, survey *precheck.Survey) error {
	all := n.subjects
	n.subjects = nil
	for len(all) > 0 {
		lacking := n.ask.First - len(n.Requests())
		var next []precheck.Subject
		all = slices.DeleteFunc(all, func(subject precheck.Subject) bool {
			taken := subject.Verdict != "" || lacking > 0
			if taken {
				next = append(next, subject)
			}
			if subject.Verdict == "" {
				lacking--
			}
			return taken
		})
		if len(next) == 0 {
			break
		}
		reports, err := survey.Look(ctx, next)
		if err != nil {
			return err
		}
		n.subjects, n.Reports = append(n.subjects, next...), append(n.Reports, reports...)
		if err := e.known(ctx, n); err != nil {
			return err
		}
	}
	n.Later = len(all)
	return nil
}

// choose selects accounts, and learns what is the same for all of them.
func (e *Engine) choose(ctx context.Context, ask EnrollAsk) (*Enrollment, error) {
	clock := e.options.Now
	v := e.view(clock)
	org, err := v.organization.Fresh(ctx, clock())
	if err != nil {
		return nil, err
	}
	zone, found, err := v.factory.LandingZone(ctx)
	if err != nil {
		return nil, err
	}
	n := &Enrollment{
		ask: ask, org: org, view: v, rows: map[string]batch.Row{}, Underway: map[string]account.Request{}, Dead: map[string]account.Request{},
		around: precheck.Surroundings{
			ManagementID: org.ManagementAccountID, Home: e.aws.Region, Zone: landingZone(zone, found), Policies: v.organization.Policies,
		},
	}
	if n.around.TrustedAccess, err = v.stackSets.TrustedAccess(ctx); err != nil && ctx.Err() == nil {
		e.options.Log.Warn("nobody can tell whether StackSets has trusted access", "error", err)
	}
	s := selector{Enrollment: n, settings: e.Config.Settings}
	if err := s.choose(); err != nil {
		return nil, err
	}
	return n, nil
}

// known learns which accounts the pipeline has requests for.
func (e *Engine) known(ctx context.Context, n *Enrollment) error {
	if e.Config.Table == "" || n.ask.Whole != "" {
		return nil
	}
	ids := make([]string, 0, len(n.Reports))
	for _, r := range n.Reports {
		ids = append(ids, account.ID(r.Account.Email))
	}
	found, err := e.Queue.Requests(ctx, ids)
	if err != nil {
		return err
	}
	for i := range n.Reports {
		r := &n.Reports[i]
		have, ok := found[account.ID(r.Account.Email)]
		if !ok || r.Verdict == precheck.Skipped {
			continue
		}
		was := have.Request
		switch {
		case was.Stage.Open() || was.Slot:
			n.Underway[r.Account.ID] = was
		case was.Stage == account.Failed && (was.Order.RecordID != "" || r.Verdict == precheck.Enrolled):
			n.Dead[r.Account.ID] = was
		}
	}
	return nil
}

// List is the account list of what is to be handed in: accounts that are ready, or about which something is unknown until
// their role is in place, and that nobody has in hand already.
func (n *Enrollment) List() []batch.Row {
	var rows []batch.Row
	for _, r := range n.Reports {
		_, underWay := n.Underway[r.Account.ID]
		_, dead := n.Dead[r.Account.ID]
		if underWay || dead || r.Verdict != precheck.Ready && r.Verdict != precheck.Unclear {
			continue
		}
		row := n.rows[r.Account.ID]
		unit := n.subjectOf(r.Account.ID).Unit
		rows = append(rows, batch.Row{
			AccountID: r.Account.ID, Unit: unit.String(), User: row.User, Assignments: row.Assignments, Tags: row.Tags,
		})
	}
	return rows
}

// Requests are the ids of the requests of accounts that are handed in, or under way already.
func (n *Enrollment) Requests() (ids []string) {
	handedIn := n.List()
	for _, r := range n.Reports {
		_, underWay := n.Underway[r.Account.ID]
		if underWay || slices.ContainsFunc(handedIn, func(row batch.Row) bool { return row.AccountID == r.Account.ID }) {
			ids = append(ids, account.ID(r.Account.Email))
		}
	}
	return ids
}

func (n *Enrollment) subjectOf(accountID string) precheck.Subject {
	i := slices.IndexFunc(n.subjects, func(s precheck.Subject) bool { return s.Account.ID == accountID })
	return n.subjects[i]
}

// Blocked counts the accounts that can't be enrolled as they are.
func (n *Enrollment) Blocked() int {
	return len(n.Dead) + n.count(func(r precheck.Report) bool {
		_, dead := n.Dead[r.Account.ID]
		return !dead && r.Verdict == precheck.Blocked
	})
}

func (n *Enrollment) count(is func(precheck.Report) bool) (k int) {
	for _, r := range n.Reports {
		if is(r) {
			k++
		}
	}
	return k
}

// NeedsTrust says that an account lacks its execution role, and that StackSets has no access to put it there.
func (n *Enrollment) NeedsTrust() bool {
	return n.around.TrustedAccess == "DISABLED" && !n.around.Zone.AutoEnroll && n.ask.Whole == "" && n.count(func(r precheck.Report) bool {
		return r.Entered != precheck.ExecutionRole && (r.Verdict == precheck.Ready || r.Verdict == precheck.Unclear)
	}) > 0
}

// Trust gives StackSets trusted access to the organization.
func (n *Enrollment) Trust(ctx context.Context) error { return n.view.stackSets.Activate(ctx) }

// RemoveRoleStack takes the accounts that Control Tower governs by now out of the stack set that puts execution roles into
// place, and deletes the stack set when it is empty. The roles stay: Control Tower uses them.
func (e *Engine) RemoveRoleStack(ctx context.Context, tell func(string)) error {
	v := e.view(e.options.Now)
	sets := v.stackSets
	all, err := sets.Instances(ctx)
	if err != nil || len(all) == 0 {
		return err
	}
	governed, err := v.factory.Governed(ctx)
	if err != nil {
		return err
	}
	left := len(all)
	for _, i := range all {
		if !governed.Accounts[i.AccountID] {
			continue
		}
		if err := e.release(ctx, v, i, tell); err != nil {
			return err
		}
		left--
	}
	if left > 0 {
		tell(fmt.Sprintf("the stack set %s stays: it has %d more instances, in accounts that are not enrolled", stacksets.Name, left))
		return nil
	}
	return e.follow(ctx, func() (bool, error) { err := sets.Remove(ctx); return err == nil, err }, tell)
}

// release takes one instance out of the stack set.
func (e *Engine) release(ctx context.Context, v view, i account.StackInstance, tell func(string)) error {
	sets, try := v.stackSets, 1
	return e.follow(ctx, func() (bool, error) {
		operation := fmt.Sprintf("release-%s-%d", i.AccountID, try)
		o, err := sets.Operation(ctx, operation, i.AccountID)
		switch {
		case err != nil:
			return false, err
		case !o.Known:
			parent, err := v.organization.Parent(ctx, i.AccountID)
			if err != nil {
				return false, err
			}
			return false, sets.Release(ctx, operation, i.AccountID, i.ParentID, parent)
		case !o.Ended:
			return false, nil
		}
		_, found, err := sets.Instance(ctx, i.AccountID)
		if err != nil || !found {
			return err == nil, err
		}
		if try++; try > changeTries {
			return false, account.Refused{
				Code: account.CodeStackSetRefused, Reason: fmt.Sprintf("the instance of account %s could not be taken out of the stack set", i.AccountID),
				Answer: account.Answer{Operation: "cloudformation.DeleteStackInstances", Code: o.Status, Message: o.Reason},
			}
		}
		return false, nil
	}, tell)
}
