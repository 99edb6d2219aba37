package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/batch"
	"github.com/vend-cli/vend/internal/directory"
)

// verdict is a row that was judged: what it asks for, and what speaks against it.
type verdict struct {
	row      batch.Row
	want     account.Request // as it would be added; its ID is empty when no e-mail is known
	enrolled bool            // the account is governed already: there is nothing to do but to give access
	governed string          // where it is governed instead; empty: in the unit that is asked for, or nowhere
	inRoot   bool            // it would be enrolled out of the root, and nobody agreed to that
	problems []batch.Problem
	late     []batch.Problem // that the requests which are there make
}

// judge judges rows against one snapshot of the organization and of Identity Center.
type judge struct {
	settings  account.Settings
	org       *directory.Organization
	identity  directory.Identity
	allowed   []string // ids of organizational units; nil: all registered ones
	excluded  []string
	atRoot    bool // whoever handed the list in agreed to enroll accounts out of the root
	zone      LandingZone
	automatic *bool                           // whether it enrolls by itself; nil: not asked yet
	defaults  map[string][]account.Assignment // by id of the unit, "" for all

	sets   map[string]answer             // permission sets, by name or ARN
	people map[account.Assignment]answer // what whole assignments come to
	denied map[string]bool               // names and ARNs of permission sets; nil: not looked up yet
}

// answer is what Identity Center has answered once: it is not asked again for each row.
type answer struct {
	arn   string
	found account.Assignment
	err   error
}

// snapshotAge is how old the organization may be that a batch is judged against.
const snapshotAge = time.Minute

func (g *Ingester) judge(ctx context.Context) (*judge, error) {
	org, err := g.Organization.Fresh(ctx, g.clock().Add(-snapshotAge))
	if err != nil {
		return nil, fmt.Errorf("look at the organization: %w", err)
	}
	j, err := newJudge(g.Settings, org, g.Identity)
	if err == nil {
		j.zone = g.LandingZone
	}
	return j, err
}

// newJudge understands the settings in terms of the organization. What they name and nobody has is an error of the
// settings, not of any row.
func newJudge(s account.Settings, org *directory.Organization, identity directory.Identity) (*judge, error) {
	j := &judge{
		settings: s, org: org, identity: identity, defaults: map[string][]account.Assignment{},
		sets: map[string]answer{}, people: map[account.Assignment]answer{},
	}
	var err error
	if j.allowed, err = j.unitIDs("policy.allowedOrganizationalUnits", s.Policy.AllowedOrganizationalUnits); err != nil {
		return nil, err
	}
	if j.excluded, err = j.unitIDs("policy.excludedOrganizationalUnits", s.Policy.ExcludedOrganizationalUnits); err != nil {
		return nil, err
	}
	if j.defaults[""], err = parseAll("defaults.assignments", s.Defaults.Assignments); err != nil {
		return nil, err
	}
	for name, d := range s.Defaults.OrganizationalUnits {
		setting := fmt.Sprintf("defaults.organizationalUnits.%q", name)
		ids, err := j.unitIDs(setting, []string{name})
		if err != nil {
			return nil, err
		}
		all, err := parseAll(setting, d.Assignments)
		if err != nil {
			return nil, err
		}
		j.defaults[ids[0]] = append(j.defaults[ids[0]], all...)
	}
	return j, nil
}

func (j *judge) unitIDs(setting string, names []string) ([]string, error) {
	var ids []string
	for _, name := range names {
		u, err := j.org.Unit(name)
		if err != nil {
			return nil, wrongSetting(fmt.Sprintf("%s: %v", setting, err), "name the unit by its path or id")
		}
		ids = append(ids, u.ID)
	}
	return ids, nil
}

// wrongSetting is an error of the settings, not of any row.
func wrongSetting(reason, hint string) error {
	return account.Refused{Code: "V3011", Reason: reason, Hint: hint, Pause: true}
}

func parseAll(setting string, texts []string) ([]account.Assignment, error) {
	var all []account.Assignment
	for _, text := range texts {
		parsed, err := account.ParseAssignments(text)
		if err != nil {
			return nil, wrongSetting(fmt.Sprintf("%s: %v", setting, err), `write "PermissionSet/Group name"`)
		}
		all = append(all, parsed...)
	}
	return all, nil
}

// row judges one row. Problems that the file alone shows come with it; a row with an error is not looked at further.
func (j *judge) row(ctx context.Context, row batch.Row, problems []batch.Problem) (verdict, error) {
	v := verdict{row: row, problems: slices.Clone(problems), want: account.Request{
		Kind: row.Kind(), Name: row.Name, Email: row.Email, User: row.User, Tags: row.Tags, AccountID: row.AccountID, Generation: 1,
	}}
	if row.Email != "" {
		v.want.ID = account.ID(row.Email)
	}
	if batch.Refused(v.problems) {
		return v, nil
	}
	v.unit(j)
	if v.want.Kind == account.Enroll {
		if err := v.enrollment(ctx, j); err != nil {
			return v, err
		}
	} else {
		v.domain(j)
	}
	return v, v.assignments(ctx, j)
}

func (v *verdict) add(code, column, message, suggestion string) {
	v.problems = append(v.problems, v.row.Problem(code, column, message, suggestion))
}

// unit finds the organizational unit, and holds it against the policy.
func (v *verdict) unit(j *judge) {
	u, err := j.org.Unit(v.row.Unit)
	var unknown *directory.UnknownUnit
	var ambiguous *directory.AmbiguousUnit
	switch {
	case errors.As(err, &ambiguous):
		v.add(account.CodeUnitAmbiguous, batch.OrgUnit, upper(err.Error()), "write the path or the id of the one that is meant")
	case errors.As(err, &unknown):
		v.add(account.CodeUnitUnknown, batch.OrgUnit, upper(err.Error()), "write the path of a unit that exists, like Workloads/Prod")
	case err != nil:
		v.add(account.CodeUnitUnknown, batch.OrgUnit, upper(err.Error()), "")
	case !u.Registered:
		v.add(account.CodeUnitNotRegistered, batch.OrgUnit, fmt.Sprintf("%s (%s) is not registered with Control Tower", u.Path, u.ID), fmt.Sprintf("register it (`vend enroll --ou %s --register`) or choose another unit, then hand the list in again: `vend submit FILE`", u.ID))
	case j.within(u, j.excluded):
		v.add(account.CodeUnitExcluded, batch.OrgUnit, fmt.Sprintf("The settings exclude %s (%s)", u.Path, u.ID), "choose another unit")
	case len(j.allowed) > 0 && !slices.Contains(j.allowed, u.ID):
		v.add(account.CodeUnitNotAllowed, batch.OrgUnit, fmt.Sprintf("The settings do not allow %s (%s)", u.Path, u.ID), "choose another unit")
	}
	v.want.Unit = u.OrganizationalUnit
}

// domain holds the e-mail of a new account against the policy.
func (v *verdict) domain(j *judge) {
	_, domain, _ := strings.Cut(v.want.Email, "@")
	allowed := j.settings.Policy.AllowedEmailDomains
	if len(allowed) > 0 && !slices.ContainsFunc(allowed, func(d string) bool { return strings.EqualFold(d, domain) }) {
		v.add(account.CodeDomainDenied, batch.AccountEmail, "The settings do not allow e-mail addresses of "+domain, "use one of "+strings.Join(allowed, ", "))
	}
}

// enrollment finds the account that is to be enrolled. Name and e-mail are those that Organizations knows: Account Factory
// would make a new account for an e-mail that matches no member.
func (v *verdict) enrollment(ctx context.Context, j *judge) error {
	there, found := j.org.ByID(v.row.AccountID)
	if !found {
		v.add(account.CodeNotMember, batch.AccountID, fmt.Sprintf("Account %s is not a member of the organization", v.row.AccountID), "check the id; accounts of other organizations are invited first")
		return nil
	}
	v.fit(j, there)
	if v.row.Email != "" && !strings.EqualFold(v.row.Email, there.Email) {
		v.add(account.CodeEmailDiffers, batch.AccountEmail, fmt.Sprintf("Organizations knows account %s by another e-mail", there.ID), "leave AccountEmail empty, or correct it: a wrong one would make a new account")
	}
	if v.row.Name != "" && v.row.Name != there.Name {
		v.add(account.CodeNameDiffers, batch.AccountName, fmt.Sprintf("Organizations calls account %s %q", there.ID, there.Name), "leave AccountName empty, or correct it")
	}
	v.want.AtRoot = j.atRoot
	v.want.Name, v.want.Email, v.want.ID = there.Name, there.Email, account.ID(there.Email)
	if v.want.User.Email == "" {
		v.want.User = j.settings.Enrollment.User
	}
	noUser, inRoot := v.want.User.Email == "", there.ParentID == j.org.RootID && !j.atRoot
	if v.enrolled || !noUser && !inRoot {
		return nil
	}
	automatic, err := j.enrollsByItself(ctx)
	if err != nil {
		return fmt.Errorf("look at the landing zone: %w", err)
	}
	v.inRoot = inRoot && !automatic
	if noUser && !automatic {
		v.add(account.CodeNoUser, batch.SSOUserEmail, "Account Factory needs an Identity Center user for an enrollment, and the row names none", "fill in the SSOUser columns, or set enrollment.ssoUser")
	}
	return nil
}

// enrollsByItself asks the landing zone once for all rows.
func (j *judge) enrollsByItself(ctx context.Context) (bool, error) {
	if j.automatic == nil {
		automatic, err := j.zone.AutoEnrolls(ctx)
		if err != nil {
			return false, err
		}
		j.automatic = &automatic
	}
	return *j.automatic, nil
}

// fit says what keeps an account from being enrolled, and whether it is already.
func (v *verdict) fit(j *judge, there directory.Account) {
	refuse := func(code, message, suggestion string) { v.add(code, batch.AccountID, message, suggestion) }
	where, known := j.org.UnitByID(there.ParentID)
	switch {
	case there.ID == j.org.ManagementAccountID:
		refuse(account.CodeManagementAccount, "The management account can't be enrolled", "take the row out")
	case there.Shared:
		refuse(account.CodeSharedAccount, fmt.Sprintf("Account %s (%s) belongs to the landing zone itself", there.ID, there.Name), "take the row out")
	case !there.Active():
		refuse(account.CodeNotActive, fmt.Sprintf("Account %s is %s", there.ID, there.State), "reopen it, or take the row out")
	case known && j.within(where, j.excluded):
		refuse(account.CodeUnitExcluded, fmt.Sprintf("Account %s is in %s (%s), which the settings exclude", there.ID, where.Path, where.ID), "take the row out, or have the settings changed")
	case there.Enrolled && there.ParentID == v.want.Unit.ID:
		v.enrolled = true
		v.problems = append(v.problems, v.row.Warning(account.CodeEnrolled, batch.AccountID,
			fmt.Sprintf("Account %s is enrolled already; only its assignments and tags are made", there.ID), ""))
	case there.Enrolled && known && v.want.Unit.ID != "":
		v.governed = fmt.Sprintf("%s (%s)", where.Path, where.ID)
	}
}

// within says whether the unit, or one above it, is one of those.
func (j *judge) within(u directory.Unit, ids []string) bool {
	for found := true; found; u, found = j.org.UnitByID(u.ParentID) {
		if slices.Contains(ids, u.ID) {
			return true
		}
	}
	return false
}

// assignments joins those of the row with the defaults and finds the permission sets. A group or user that does not exist
// is no reason to refuse: directories synchronise, and the account takes half an hour; the assigning waits for it.
func (v *verdict) assignments(ctx context.Context, j *judge) error {
	asked := len(v.row.Assignments)
	var all []account.Assignment
	wanted := slices.Concat(v.row.Assignments, j.defaults[""])
	if v.want.Unit.ID != "" {
		wanted = append(wanted, j.defaults[v.want.Unit.ID]...)
	}
	for i, a := range wanted {
		found, err := j.resolve(ctx, a)
		var noSet *directory.UnknownPermissionSet
		var nobody *directory.UnknownPrincipal
		switch {
		case errors.As(err, &noSet) && i >= asked:
			return wrongSetting("defaults: "+err.Error(), "correct the name, or create the permission set first")
		case errors.As(err, &noSet):
			v.add(account.CodePermissionSetUnknown, batch.Assignments, upper(err.Error()), "correct the name, or create the permission set first")
		case errors.As(err, &nobody):
			v.problems = append(v.problems, v.row.Warning(account.CodePrincipalUnknown, batch.Assignments, upper(err.Error()), "the assignment waits for it; correct the name if it is a typing error"))
		case err != nil:
			return fmt.Errorf("look up %s: %w", a, err)
		}
		denied, err := j.denies(ctx, found)
		if err != nil {
			return err
		}
		if denied {
			v.add(account.CodePermissionSetDenied, batch.Assignments, fmt.Sprintf("The settings deny the permission set %s", a.PermissionSet), "take it out")
		}
		found.State = account.AssignmentPending
		if !slices.ContainsFunc(all, found.Same) {
			all = append(all, found)
		}
	}
	v.want.Assignments = all
	return nil
}

// resolve is [directory.Resolve], asked once for all rows.
func (j *judge) resolve(ctx context.Context, a account.Assignment) (account.Assignment, error) {
	known, ok := j.people[a]
	if !ok {
		known.found, known.err = directory.Resolve(ctx, j.identity, a)
		var nobody *directory.UnknownPrincipal
		if errors.As(known.err, &nobody) { // the permission set is there, and may be denied
			known.found.PermissionSetARN, _, _ = j.set(ctx, a.PermissionSet)
		}
		if !lasting(known.err) {
			return a, known.err
		}
		j.people[a] = known
	}
	return known.found, known.err
}

// set finds a permission set by its name or ARN; false when there is none.
func (j *judge) set(ctx context.Context, text string) (arn string, found bool, err error) {
	known, ok := j.sets[text]
	if !ok {
		known.arn, known.err = j.identity.PermissionSet(ctx, text)
		if !lasting(known.err) {
			return "", false, known.err
		}
		j.sets[text] = known
	}
	return known.arn, known.err == nil, nil
}

// lasting says whether an answer is one: that a name is found, or that nobody has it.
func lasting(err error) bool {
	var noSet *directory.UnknownPermissionSet
	var nobody *directory.UnknownPrincipal
	return err == nil || errors.As(err, &noSet) || errors.As(err, &nobody)
}

// denies says whether the settings deny the permission set of an assignment, whether it was named or given by its ARN.
func (j *judge) denies(ctx context.Context, a account.Assignment) (bool, error) {
	if j.denied == nil {
		denied := map[string]bool{}
		for _, text := range j.settings.Policy.DeniedPermissionSets {
			arn, found, err := j.set(ctx, text)
			if err != nil {
				return false, fmt.Errorf("look up the denied permission set %s: %w", text, err)
			}
			denied[strings.ToLower(text)] = true
			if found {
				denied[arn] = true
			}
		}
		j.denied = denied
	}
	return j.denied[strings.ToLower(a.PermissionSet)] || j.denied[a.PermissionSetARN], nil
}

func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
