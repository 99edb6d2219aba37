package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/accountfactory"
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
	First     int         // only so many of them; 0: all
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
	if n.Reports, err = survey.Look(ctx, n.subjects); err != nil {
		return nil, err
	}
	return n, e.known(ctx, n)
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

// registrationPatience is how long a command follows the registration of a unit: two minutes an account, says AWS.
const registrationPatience = 12 * time.Hour

// Register registers a unit with Control Tower, which enrolls the accounts in it, and follows that to its end. tell hears
// what it waits for.
func (e *Engine) Register(ctx context.Context, n *Enrollment, unit directory.Unit, tell func(string)) error {
	arn, err := unitARN(n.org, unit.ID)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, registrationPatience, fmt.Errorf("the registration has not ended within %s", registrationPatience))
	defer cancel()
	var r accountfactory.Registration
	told := ""
	return e.follow(ctx, func() (ended bool, err error) {
		if r.Operation == "" {
			r, err = n.view.factory.Register(ctx, arn)
		} else {
			r, err = n.view.factory.Registered(ctx, r.Operation)
		}
		if err == nil && r.Failed {
			return false, account.Refused{
				Code: account.CodeRegistrationFailed, Reason: fmt.Sprintf("Control Tower could not register %s (%s)", unit.Path, unit.ID),
				Answer: account.Answer{Operation: "controltower.EnableBaseline", Code: "FAILED", Message: r.Message},
				Hint:   "mend the cause that AWS names; vend enroll --check shows what is wrong in the accounts",
			}
		}
		if why := fmt.Sprintf("Control Tower registers %s (%s): operation %s", unit.Path, unit.ID, r.Operation); err == nil && !r.Ended && why != told {
			told = why
			tell(why)
		}
		return r.Ended, err
	}, tell)
}

// follow asks until something has ended; what AWS lets wait is waited for, and what may pass is tried again.
func (e *Engine) follow(ctx context.Context, ask func() (ended bool, err error), tell func(string)) error {
	every := max(e.Config.Settings.PollInterval.Std()/6, 50*time.Millisecond)
	tries := 0
	for {
		ended, err := ask()
		if ended && err == nil {
			return nil
		}
		pause := every
		var refused account.Refused
		var wait account.Wait
		switch {
		case errors.As(err, &refused):
			return err
		case errors.As(err, &wait):
			pause = min(wait.For, 10*every)
			tell(wait.Why)
		case err != nil:
			if tries++; tries >= changeTries {
				return err
			}
		default:
			tries = 0
		}
		select {
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		case <-time.After(pause):
		}
	}
}

// MakeUnit makes the target where it is missing, unit by unit from above, and registers what is not registered.
func (e *Engine) MakeUnit(ctx context.Context, n *Enrollment, tell func(string)) error {
	parent, path := n.org.RootID, ""
	for name := range strings.SplitSeq(strings.Trim(n.Unit.Path, "/"), "/") {
		path = strings.TrimPrefix(path+"/"+name, "/")
		unit, err := n.org.Unit("/" + path)
		if err != nil {
			if err := n.view.organization.CreateUnit(ctx, parent, name); err != nil {
				return err
			}
			tell("made the organizational unit " + path)
			if n.org, err = n.view.organization.Fresh(ctx, e.options.Now()); err != nil {
				return err
			}
			if unit, err = n.org.Unit("/" + path); err != nil {
				return fmt.Errorf("look at the new unit %s: %w", path, err)
			}
		}
		if !unit.Registered {
			if err := e.Register(ctx, n, unit, tell); err != nil {
				return err
			}
		}
		parent, n.Unit = unit.ID, unit
	}
	for i := range n.subjects {
		if n.subjects[i].WillMake {
			n.subjects[i].Unit = n.Unit
		}
	}
	return nil
}

// Registered looks which of the accounts of a unit that was registered in place are enrolled now, and reports the others
// as blocked.
func (e *Engine) Registered(ctx context.Context, n *Enrollment) error {
	governed, err := n.view.factory.Governed(ctx)
	if err != nil {
		return err
	}
	for i := range n.Reports {
		r := &n.Reports[i]
		switch {
		case r.Verdict == precheck.Skipped:
		case governed.Accounts[r.Account.ID]:
			r.Verdict = precheck.Enrolled
		default:
			r.Verdict = precheck.Blocked
			r.Checks = append(r.Checks, precheck.Check{
				Name: "enrollment", Result: precheck.Fail, Message: "the unit is registered, and Control Tower does not govern the account",
				Remedy: "look at the account in Control Tower, then run vend enroll --ou " + n.Unit.ID + " --register again",
			})
		}
	}
	return nil
}

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

// arnOfUnit makes the ARN of a unit from that of an account of the same organization.
func arnOfUnit(accountARN, unitID string) (string, bool) {
	organization, rest, ok := strings.Cut(accountARN, ":account/")
	id, _, whole := strings.Cut(rest, "/")
	return organization + ":ou/" + id + "/" + unitID, ok && whole
}
