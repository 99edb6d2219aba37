// Package precheck says whether accounts that exist are fit to be enrolled, before anything is changed.
//
// An account is looked at from outside (is it active, is the unit registered, has the landing zone drifted) and from
// inside: in every governed Region for what Control Tower would stumble over. Each look is a [Check] with a result and,
// where something is wrong, the command that mends it; all of them come to one [Verdict].
//
//	Survey ─▶ account ─▶ Enter (the first role that lets itself be assumed) ─▶ Region ─▶ look, look, look …
//	       ─▶ account ─▶ nobody may enter: what is inside is unknown
//
// Accounts and Regions are looked at beside each other, so many at once as [Options] say. What can't be seen in one Region
// is unknown there, and spoils no other.
//
// It imports account and directory, and declares the ports that it needs.
package precheck

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/directory"
)

// ExecutionRole is the role that Control Tower enters an account through (AWS Control Tower User Guide, "Manually add the
// required IAM role to an existing AWS account and enroll it").
const ExecutionRole = "AWSControlTowerExecution"

// Result is how one check went.
type Result string

// The results of a check.
const (
	Pass    Result = "pass"
	Warn    Result = "warn"    // it may go well; sources differ, or vend mends it by itself
	Fail    Result = "fail"    // Control Tower would refuse the account, or leave it half enrolled
	Unknown Result = "unknown" // it could not be looked at
)

// Verdict is what the checks of one account come to.
type Verdict string

// The verdicts on an account.
const (
	Ready    Verdict = "ready"
	Blocked  Verdict = "blocked"  // a check failed
	Unclear  Verdict = "unknown"  // no check failed, and some could not be made
	Enrolled Verdict = "enrolled" // there is nothing to do
	Skipped  Verdict = "skipped"  // it is not to be enrolled at all
)

// Check is one look at an account, and what came of it.
type Check struct {
	Name    string `json:"name"`
	Region  string `json:"region,omitempty"` // empty: of the account as a whole
	Result  Result `json:"result"`
	Message string `json:"message"`
	Remedy  string `json:"remedy,omitempty"` // a command, or what to do
	// Passing says of an Unknown that another look may tell: a Region did not answer, AWS took no more calls.
	Passing bool `json:"-"`
}

// Report is all that was seen of one account.
type Report struct {
	Account directory.Account
	Path    string // of the unit that it is in
	Verdict Verdict
	Entered string // the role that it was entered through; empty: nobody could
	Checks  []Check
}

// Failed are the checks that failed.
func (r Report) Failed() []Check { return r.with(Fail) }

func (r Report) with(result Result) (found []Check) {
	for _, c := range r.Checks {
		if c.Result == result {
			found = append(found, c)
		}
	}
	return found
}

// Again says whether another look may tell what this one could not.
func (r Report) Again() bool {
	return slices.ContainsFunc(r.Checks, func(c Check) bool { return c.Passing })
}

// Subject is an account that is looked at, and what is meant to become of it.
type Subject struct {
	Account  directory.Account
	Path     string         // of the unit that it is in
	Unit     directory.Unit // where it is to go; its ID is empty while it is not made yet
	WillMake bool           // the unit is going to be made and registered
	Whole    bool           // the unit is going to be registered with the account in it: no role is needed
	Name     string         // as a list gives it; empty: not given
	Email    string         // likewise
	Verdict  Verdict        // Skipped, Enrolled or Blocked: decided before, the account is not looked at
	Reason   string         // of that verdict
	Remedy   string
}

// Surroundings are what is the same for all accounts.
type Surroundings struct {
	ManagementID  string
	Home          string // Region of Control Tower
	Zone          LandingZone
	TrustedAccess string // of StackSets: ENABLED, DISABLED, DISABLED_PERMANENTLY; empty: nobody knows
	Policies      func(ctx context.Context, targetID string) (int, error)
	Crowd         map[string]int // how many accounts a unit has, with those that are to come
}

// LandingZone is what matters here of Control Tower's landing zone.
type LandingZone struct {
	Found           bool
	Status, Drift   string
	GovernedRegions []string
	AutoEnroll      bool // accounts that are moved into a registered unit are enrolled by that
}

// Members lets accounts be entered.
type Members interface {
	// Enter becomes the first of the roles that lets itself be assumed in the account. The error is [ErrNoEntry] when none
	// does.
	Enter(ctx context.Context, accountID string, roles []string) (Member, error)
}

// Member is an account from inside. An error that is an [account.Refused] lasts; any other may pass.
type Member interface {
	// Role is the role that the account was entered through.
	Role() string
	// Regions says which Regions there are, and which of them the account uses.
	Regions(ctx context.Context) (enabled map[string]bool, err error)
	// Execution describes the execution role.
	Execution(ctx context.Context) (Execution, error)
	// Look finds what is there of a kind; region is empty for roles.
	Look(ctx context.Context, region string, kind Kind) ([]Thing, error)
}

// Execution is the execution role as it stands in an account.
type Execution struct {
	Found         bool
	Trusts        bool // the management account may assume it
	Administrator bool // it has AdministratorAccess
}

// Thing is something that was found in an account.
type Thing struct{ Name, Detail string }

// ErrNoEntry means that no role lets itself be assumed in an account.
var ErrNoEntry = errors.New("no role of the account can be assumed")

// ErrRegionDisabled means that the Security Token Service takes no requests of the account in a Region.
var ErrRegionDisabled = errors.New("the Security Token Service is not active in the Region")

// Options say how accounts are looked at. The zero value will do.
type Options struct {
	Roles    []string      // to enter through, in that order; nil: ExecutionRole, then OrganizationAccountAccessRole
	Parallel int           // looks at once; 0 is 20
	Patience time.Duration // for one look; 0 is 20 seconds
}

// Survey looks at accounts. It holds no state and is safe for concurrent use.
type Survey struct {
	members Members
	around  Surroundings
	options Options
}

// New makes a survey.
func New(members Members, around Surroundings, o Options) *Survey {
	if len(o.Roles) == 0 {
		o.Roles = []string{ExecutionRole, "OrganizationAccountAccessRole"}
	}
	if o.Parallel <= 0 {
		o.Parallel = 20
	}
	if o.Patience <= 0 {
		o.Patience = 20 * time.Second
	}
	return &Survey{members: members, around: around, options: o}
}

// Look looks at all subjects and reports in their order. It makes no mutating call. The error is that of ctx; what could
// not be seen is in the reports.
func (s *Survey) Look(ctx context.Context, subjects []Subject) ([]Report, error) {
	visits := make([]*visit, len(subjects))
	var w work
	for i, subject := range subjects {
		v := &visit{survey: s, subject: subject}
		visits[i] = v
		if subject.Verdict == "" {
			w.add(func() { v.account(ctx, &w) })
		}
	}
	w.run(s.options.Parallel)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("look at accounts: %w", err)
	}
	reports := make([]Report, len(visits))
	for i, v := range visits {
		reports[i] = v.report()
	}
	return reports, nil
}

// visit is one account while it is looked at.
type visit struct {
	survey  *Survey
	subject Subject

	outside []Check
	inside  []Check // of the account as a whole
	entered string
	regions []*regionVisit // in the order of the landing zone
}

// report joins what was seen.
func (v *visit) report() Report {
	r := Report{Account: v.subject.Account, Path: v.subject.Path, Entered: v.entered, Verdict: v.subject.Verdict}
	if r.Verdict != "" {
		result := Pass
		if r.Verdict == Blocked {
			result = Fail
		}
		r.Checks = []Check{{Name: "selection", Result: result, Message: v.subject.Reason, Remedy: v.subject.Remedy}}
		return r
	}
	r.Checks = slices.Concat(v.outside, v.inside)
	for _, region := range v.regions {
		r.Checks = append(r.Checks, region.checks...)
	}
	switch {
	case len(r.Failed()) > 0:
		r.Verdict = Blocked
	case len(r.with(Unknown)) > 0:
		r.Verdict = Unclear
	default:
		r.Verdict = Ready
	}
	return r
}

// account looks at the account as a whole, and adds its Regions to the work.
func (v *visit) account(ctx context.Context, w *work) {
	v.outside = v.lookOutside(ctx)
	if !v.subject.Account.Active() {
		return // nobody enters an account that is closed
	}
	s := v.survey
	var member Member
	err := s.patiently(ctx, func(ctx context.Context) (err error) {
		member, err = s.members.Enter(ctx, v.subject.Account.ID, s.options.Roles)
		return err
	})
	if err != nil {
		v.inside = append(v.inside, v.closed(err)...)
		return
	}
	v.entered = member.Role()
	v.inside = append(v.inside, v.execution(ctx, member), v.roles(ctx, member))
	var enabled map[string]bool
	err = s.patiently(ctx, func(ctx context.Context) (err error) { enabled, err = member.Regions(ctx); return err })
	if err != nil {
		v.inside = append(v.inside, unknown("regions", "", "which Regions the account uses", err))
	}
	for _, name := range s.around.Zone.GovernedRegions {
		r := &regionVisit{visit: v, member: member, region: name}
		v.regions = append(v.regions, r)
		if on, known := enabled[name]; known && !on {
			r.checks = []Check{{Name: "region", Region: name, Result: Pass, Message: "the account does not use this Region: there is nothing to look at"}}
			continue
		}
		w.add(func() { r.look(ctx) })
	}
}

// patiently makes one look, for as long as the options say.
func (s *Survey) patiently(ctx context.Context, look func(context.Context) error) error {
	limited, cancel := context.WithTimeoutCause(ctx, s.options.Patience, fmt.Errorf("no answer within %s", s.options.Patience))
	defer cancel()
	err := look(limited)
	if err != nil && limited.Err() != nil {
		return errors.Join(context.Cause(limited), err)
	}
	return err
}

// unknown is a check that could not be made.
func unknown(name, region, what string, err error) Check {
	var refused account.Refused
	lasts := errors.As(err, &refused)
	c := Check{Name: name, Region: region, Result: Unknown, Message: fmt.Sprintf("nobody can tell %s: %v", what, err), Passing: !lasts}
	if lasts {
		c.Remedy = refused.Hint
	}
	return c
}
