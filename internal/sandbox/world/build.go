package world

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/pattern"
)

var (
	accountPattern = pattern.Compile(`^\d{12}$`)
	rootPattern    = pattern.Compile(`^r-[0-9a-z]{4,32}$`)
	unitPattern    = pattern.Compile(`^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$`)
)

// build makes the world of its file.
func (w *World) build(f *file) error {
	if err := w.settings(f); err != nil {
		return err
	}
	w.Root = &Unit{ID: cmp.Or(f.Root.ID, "r-"+spell("root/"+w.Management.ID, 4, alphabetLow)), Name: "Root", Tags: f.Root.Tags}
	if !rootPattern.MatchString(w.Root.ID) {
		return fmt.Errorf("root.id: %q is no root id; write it like r-ab12, or leave it out", w.Root.ID)
	}
	management := &Account{
		ID: w.Management.ID, Name: w.Management.Name, Email: w.Management.Email, State: "ACTIVE", JoinedMethod: "INVITED",
		Joined: w.before(),
	}
	management.AddRole("AWSControlTowerAdmin")
	management.AddRole("AWSControlTowerStackSetRole")
	w.join(management, w.Root)
	if err := w.buildUnit("root", w.Root, &f.Root); err != nil {
		return err
	}
	if err := w.restoreBaselines("root", w.Root, &f.Root); err != nil {
		return err
	}
	if err := w.restoreControls(f); err != nil {
		return err
	}
	if err := w.buildIdentityCenter(&f.IdentityCenter); err != nil {
		return err
	}
	w.restoreCreations(f.Creations)
	return w.buildFactory(f.AccountFactory)
}

// before is when everything came into being of which the file does not say it.
func (w *World) before() time.Time { return w.now().AddDate(-1, 0, 0).UTC().Truncate(time.Second) }

func (w *World) settings(f *file) (err error) {
	w.Management = f.Management
	w.Management.Name = cmp.Or(w.Management.Name, "Management")
	if !accountPattern.MatchString(w.Management.ID) {
		return fmt.Errorf("managementAccount.id: %q is no account id; it has twelve digits", w.Management.ID)
	}
	if !templateEmail.MatchString(w.Management.Email) {
		return fmt.Errorf("managementAccount.email: %q is no e-mail address", w.Management.Email)
	}
	w.Region = cmp.Or(f.Region, "us-east-1")
	w.OrganizationID = cmp.Or(f.OrganizationID, "o-"+spell("organization/"+w.Management.ID, 10, alphabetLow))
	w.LandingZone = LandingZone{Version: "3.3"}
	if f.LandingZone != nil {
		w.LandingZone = *f.LandingZone
	}
	w.LandingZone.Status = cmp.Or(w.LandingZone.Status, "ACTIVE")
	w.LandingZone.Drift = cmp.Or(w.LandingZone.Drift, "IN_SYNC")
	if len(w.LandingZone.GovernedRegions) == 0 {
		w.LandingZone.GovernedRegions = []string{w.Region}
	}
	if !slices.Contains([]string{"ACTIVE", "PROCESSING", "FAILED"}, w.LandingZone.Status) {
		return fmt.Errorf("landingZone.status: %q; use ACTIVE, PROCESSING or FAILED", w.LandingZone.Status)
	}
	if !slices.Contains([]string{"IN_SYNC", "DRIFTED"}, w.LandingZone.Drift) {
		return fmt.Errorf("landingZone.drift: %q; use IN_SYNC or DRIFTED", w.LandingZone.Drift)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Assumptions)) {
		if !slices.ContainsFunc(Assumptions, func(a Assumption) bool { return a.Name == name }) {
			return fmt.Errorf("assumptions.%s: unknown; use one of %s", name, strings.Join(assumptionNames(), ", "))
		}
		w.flipped[name] = f.Assumptions[name]
	}
	q := f.Quotas
	w.Quotas = Quotas{
		Accounts:                    cmp.Or(q.Accounts, 10),
		ConcurrentAccountOperations: cmp.Or(q.ConcurrentAccountOperations, 5),
		OutstandingAssignments:      cmp.Or(q.OutstandingAssignments, w.outstandingByDefault()),
		ConcurrentAccountCreations:  cmp.Or(q.ConcurrentAccountCreations, 5),
		IdentityCenterCalls:         q.IdentityCenterCalls,
	}
	for _, email := range f.Elsewhere {
		w.elsewhere[strings.ToLower(email)] = true
	}
	w.TrustedAccess = slices.Clone(trustedByDefault)
	if f.TrustedAccess != nil {
		w.TrustedAccess = slices.Clone(*f.TrustedAccess)
	}
	w.Templates = f.Templates
	if w.Templates == nil {
		w.Templates = map[string]string{}
	}
	t := &w.Timing
	for _, span := range []struct {
		name, text string
		into       *time.Duration
		byDefault  time.Duration
	}{
		{"timing.provision", f.Timing.Provision, &t.Provision, 25 * time.Minute},
		{"timing.assignment", f.Timing.Assignment, &t.Assignment, 5 * time.Second},
		{"timing.stackSet", f.Timing.StackSet, &t.StackSet, 30 * time.Second},
		{"timing.eventDelay", f.Timing.EventDelay, &t.EventDelay, 2 * time.Second},
		{"timing.indexLag", f.Timing.IndexLag, &t.IndexLag, 200 * time.Millisecond},
	} {
		if *span.into, err = duration(span.name, span.text, span.byDefault); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) buildUnit(place string, u *Unit, f *unitInFile) error {
	for i := range f.Accounts {
		if err := w.buildAccount(fmt.Sprintf("%s.accounts[%d]", place, i), u, &f.Accounts[i]); err != nil {
			return err
		}
	}
	for i := range f.Units {
		at, child := fmt.Sprintf("%s.organizationalUnits[%d]", place, i), &f.Units[i]
		if child.Name == "" {
			return fmt.Errorf("%s.name: an organizational unit needs a name", at)
		}
		made, err := w.CreateUnit(u, child.Name, child.Tags)
		var refusal *Refusal
		switch {
		case errors.As(err, &refusal):
			return fmt.Errorf("%s: %s", at, refusal.Message)
		case child.ID == "":
		case !unitPattern.MatchString(child.ID):
			return fmt.Errorf("%s.id: %q is no id of an organizational unit; write it like ou-ab12-11111111, or leave it out", at, child.ID)
		case w.Unit(child.ID) != nil && w.Unit(child.ID) != made:
			return fmt.Errorf("%s.id: %s is given twice", at, child.ID)
		default:
			made.ID = child.ID
		}
		if child.Registered != nil && *child.Registered {
			made.Baseline = w.newBaseline(w.UnitARN(made), "SUCCEEDED", nil)
		}
		if err := w.buildUnit(at, made, child); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) buildAccount(place string, u *Unit, f *accountInFile) error {
	if f.ID == w.Management.ID {
		w.place(w.byID[f.ID], u)
		return nil
	}
	a := &Account{
		ID: cmp.Or(f.ID, w.accountID(f.Email)), Name: f.Name, Email: f.Email, State: cmp.Or(f.State, "ACTIVE"),
		JoinedMethod: cmp.Or(f.JoinedMethod, "CREATED"), Joined: f.Joined, Tags: f.Tags,
		ConfigRecorders: f.ConfigRecorders, DeliveryChannels: f.DeliveryChannels, DefaultVPCInUse: f.DefaultVPCInUse, Policies: f.Policies,
		Known: f.Known,
	}
	if a.Joined.IsZero() {
		a.Joined = w.before()
	}
	switch {
	case !accountPattern.MatchString(a.ID):
		return fmt.Errorf("%s.id: %q is no account id; it has twelve digits, or leave it out", place, a.ID)
	case w.byID[a.ID] != nil:
		return fmt.Errorf("%s.id: %s is given twice", place, a.ID)
	case !templateEmail.MatchString(a.Email):
		return fmt.Errorf("%s.email: %q is no e-mail address", place, a.Email)
	case w.AccountByEmail(a.Email) != nil:
		return fmt.Errorf("%s.email: %s is given twice; an address belongs to one account", place, a.Email)
	case a.Name == "":
		return fmt.Errorf("%s.name: an account needs a name", place)
	case !slices.Contains(accountStates, a.State):
		return fmt.Errorf("%s.state: %q; use one of %s", place, a.State, strings.Join(accountStates, ", "))
	}
	for i, stack := range f.Stacks {
		if stack.Name == "" {
			return fmt.Errorf("%s.stacks[%d].name: a stack needs a name", place, i)
		}
	}
	w.buildStacks(a, f.Stacks)
	inside, err := w.buildInside(place, f.insideInFile)
	if err != nil {
		return err
	}
	a.Inside = inside
	w.join(a, u)
	enrolled := u.Registered() && a.Active()
	if f.Enrolled != nil {
		enrolled = *f.Enrolled
	}
	if enrolled {
		a.Baseline, a.Known = w.newBaseline(w.AccountARN(a), "SUCCEEDED", u), true
		a.AddRole(executionRole)
	}
	if f.Roles == nil {
		return nil
	}
	a.Roles, err = buildRoles(place, *f.Roles)
	return err
}

// trustedByDefault are the services that a landing zone trusts, and StackSets.
var trustedByDefault = []string{
	"cloudtrail.amazonaws.com", "config.amazonaws.com", "controltower.amazonaws.com",
	"member.org.stacksets.cloudformation.amazonaws.com", "sso.amazonaws.com",
}

var accountStates = []string{"PENDING_ACTIVATION", "ACTIVE", "SUSPENDED", "PENDING_CLOSURE", "CLOSED"}
