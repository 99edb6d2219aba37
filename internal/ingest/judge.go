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
	problems []batch.Problem
}

// judge judges rows against one snapshot of the organization and of Identity Center.
type judge struct {
	settings account.Settings
	org      *directory.Organization
	identity directory.Identity
	sets     map[string]error // what is known of permission sets, by name
	allowed  []string         // ids of organizational units; nil: all registered ones
	excluded []string
	defaults map[string][]account.Assignment // by id of the unit, "" for all
}

// snapshotAge is how old the organization may be that a batch is judged against.
const snapshotAge = time.Minute

func (g *Ingester) judge(ctx context.Context) (*judge, error) {
	org, err := g.Organization.Fresh(ctx, g.clock().Add(-snapshotAge))
	if err != nil {
		return nil, fmt.Errorf("look at the organization: %w", err)
	}
	return newJudge(g.Settings, org, g.Identity)
}

// newJudge understands the settings in terms of the organization. What they name and nobody has is an error of the
// settings, not of any row.
func newJudge(s account.Settings, org *directory.Organization, identity directory.Identity) (*judge, error) {
	j := &judge{settings: s, org: org, identity: identity, sets: map[string]error{}, defaults: map[string][]account.Assignment{}}
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
			return nil, account.Refused{Code: "V3011", Reason: fmt.Sprintf("%s: %v", setting, err), Hint: "name the unit by its path or id", Pause: true}
		}
		ids = append(ids, u.ID)
	}
	return ids, nil
}

func parseAll(setting string, texts []string) ([]account.Assignment, error) {
	var all []account.Assignment
	for _, text := range texts {
		parsed, err := account.ParseAssignments(text)
		if err != nil {
			return nil, account.Refused{Code: "V3011", Reason: fmt.Sprintf("%s: %v", setting, err), Hint: `write "PermissionSet/Group name"`, Pause: true}
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
		v.enrollment(j)
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
		v.add(account.CodeUnitNotRegistered, batch.OrgUnit, fmt.Sprintf("%s (%s) is not registered with Control Tower", u.Path, u.ID), "register it, or choose another unit")
	case slices.Contains(j.excluded, u.ID):
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
func (v *verdict) enrollment(j *judge) {
	there, found := j.org.ByID(v.row.AccountID)
	switch {
	case !found:
		v.add(account.CodeNotMember, batch.AccountID, fmt.Sprintf("Account %s is not a member of the organization", v.row.AccountID), "check the id; accounts of other organizations are invited first")
		return
	case there.ID == j.org.ManagementAccountID:
		v.add(account.CodeManagementAccount, batch.AccountID, "The management account can't be enrolled", "take the row out")
	case !there.Active():
		v.add(account.CodeNotActive, batch.AccountID, fmt.Sprintf("Account %s is %s", there.ID, there.State), "reopen it, or take the row out")
	}
	if v.row.Email != "" && !strings.EqualFold(v.row.Email, there.Email) {
		v.add(account.CodeEmailDiffers, batch.AccountEmail, fmt.Sprintf("Organizations knows account %s by another e-mail", there.ID), "leave AccountEmail empty, or correct it: a wrong one would make a new account")
	}
	if v.row.Name != "" && v.row.Name != there.Name {
		v.add(account.CodeNameDiffers, batch.AccountName, fmt.Sprintf("Organizations calls account %s %q", there.ID, there.Name), "leave AccountName empty, or correct it")
	}
	v.want.Name, v.want.Email, v.want.ID = there.Name, there.Email, account.ID(there.Email)
	if v.want.User.Email == "" {
		v.want.User = j.settings.Enrollment.User
	}
	if v.want.User.Email == "" {
		v.add(account.CodeNoUser, batch.SSOUserEmail, "Account Factory needs an Identity Center user for an enrollment, and the row names none", "fill in the SSOUser columns, or set enrollment.ssoUser")
	}
}

// assignments joins those of the row with the defaults and finds the permission sets. A group or user that does not exist
// is no reason to refuse: directories synchronise, and the account takes half an hour; the assigning waits for it.
func (v *verdict) assignments(ctx context.Context, j *judge) error {
	wanted := slices.Clone(v.row.Assignments)
	for _, a := range slices.Concat(j.defaults[""], j.defaults[v.want.Unit.ID]) {
		if !slices.ContainsFunc(wanted, a.Same) {
			wanted = append(wanted, a)
		}
	}
	for i, a := range wanted {
		if slices.ContainsFunc(j.settings.Policy.DeniedPermissionSets, func(d string) bool { return strings.EqualFold(d, a.PermissionSet) }) {
			v.add(account.CodePermissionSetDenied, batch.Assignments, fmt.Sprintf("The settings deny the permission set %s", a.PermissionSet), "take it out")
			continue
		}
		found, err := directory.Resolve(ctx, j.identity, a)
		var noSet *directory.UnknownPermissionSet
		var nobody *directory.UnknownPrincipal
		switch {
		case errors.As(err, &noSet):
			v.add(account.CodePermissionSetUnknown, batch.Assignments, upper(err.Error()), "correct the name, or create the permission set first")
		case errors.As(err, &nobody):
			v.problems = append(v.problems, v.row.Warning(account.CodePrincipalUnknown, batch.Assignments, upper(err.Error()), "the assignment waits for it; correct the name if it is a typing error"))
		case err != nil:
			return fmt.Errorf("look up %s: %w", a, err)
		default:
			found.State = account.AssignmentPending
			wanted[i] = found
			continue
		}
		wanted[i].State = account.AssignmentPending
	}
	v.want.Assignments = wanted
	return nil
}

func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
