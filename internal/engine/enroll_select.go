package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/directory"
	"github.com/vend-cli/vend/internal/precheck"
)

// selector turns an ask into subjects: each with its unit, and with the reason where it is not to be looked at.
type selector struct {
	*Enrollment
	settings account.Settings
	excluded []string // ids of units
	allowed  []string
}

func (s *selector) choose() error {
	var err error
	if s.excluded, err = s.unitIDs("policy.excludedOrganizationalUnits", s.settings.Policy.ExcludedOrganizationalUnits); err != nil {
		return err
	}
	if s.allowed, err = s.unitIDs("policy.allowedOrganizationalUnits", s.settings.Policy.AllowedOrganizationalUnits); err != nil {
		return err
	}
	if err := s.target(); err != nil {
		return err
	}
	if err := s.accounts(); err != nil {
		return err
	}
	return s.finish()
}

func (s *selector) unitIDs(setting string, names []string) (ids []string, err error) {
	for _, name := range names {
		u, err := s.org.Unit(name)
		if err != nil {
			return nil, account.Refused{Code: "V3011", Reason: fmt.Sprintf("%s: %v", setting, err), Hint: "name the unit by its path or id"}
		}
		ids = append(ids, u.ID)
	}
	return ids, nil
}

// target finds where the accounts go.
func (s *selector) target() error {
	text := s.ask.To
	if s.ask.Whole != "" {
		text = s.ask.Whole
	}
	if text == "" {
		return nil // each row says
	}
	if s.root(text) {
		return account.Refused{Code: account.CodeUnit, Reason: fmt.Sprintf("%q is the root, which is no organizational unit", text), Hint: "give the path, id or name of a unit: Control Tower governs no account in the root"}
	}
	unit, err := s.org.Unit(text)
	var unknown *directory.UnknownUnit
	if errors.As(err, &unknown) && s.ask.Create && !strings.HasPrefix(text, "ou-") && !strings.HasSuffix(text, ")") {
		path := strings.Trim(strings.TrimSpace(text), "/")
		for name := range strings.SplitSeq(path, "/") {
			if name != strings.TrimSpace(name) || name == "" || len(name) > 128 {
				return account.Refused{Code: account.CodeUnit, Reason: fmt.Sprintf("%q is no path of a unit that can be made", text), Hint: "write names between slashes, such as Workloads/Prod"}
			}
		}
		s.Unit, s.Make = directory.Unit{OrganizationalUnit: account.OrganizationalUnit{Name: path[strings.LastIndex(path, "/")+1:], Path: path}}, true
		return nil
	}
	if err != nil {
		return refusedUnit(err)
	}
	s.Unit, s.Make = unit, s.ask.Create && !unit.Registered
	return s.allows(unit)
}

// root says whether text means the root of the organization, which no unit is called.
func (s *selector) root(text string) bool {
	text = strings.Trim(strings.TrimSpace(text), "/")
	if text == s.org.RootID || text == "" {
		return true
	}
	_, err := s.org.Unit(text)
	var unknown *directory.UnknownUnit
	return strings.EqualFold(text, "root") && errors.As(err, &unknown)
}

// allows holds a target against the policy.
func (s *selector) allows(u directory.Unit) error {
	named := fmt.Sprintf("%s (%s)", u.Path, u.ID)
	switch {
	case s.within(u.ID, s.excluded):
		return account.Refused{Code: account.CodeUnitExcluded, Reason: "the settings exclude " + named, Hint: "choose another unit"}
	case len(s.allowed) > 0 && !slices.Contains(s.allowed, u.ID):
		return account.Refused{Code: account.CodeUnitNotAllowed, Reason: "the settings do not allow " + named, Hint: "choose another unit"}
	}
	return nil
}

// within says whether the unit, or one above it, is one of those.
func (s *selector) within(unitID string, ids []string) bool {
	for u, found := s.org.UnitByID(unitID); found; u, found = s.org.UnitByID(u.ParentID) {
		if slices.Contains(ids, u.ID) {
			return true
		}
	}
	return false
}

func refusedUnit(err error) error {
	var ambiguous *directory.AmbiguousUnit
	if errors.As(err, &ambiguous) {
		return account.Refused{Code: account.CodeUnitAmbiguous, Reason: err.Error(), Hint: "give the path or the id of the one that is meant"}
	}
	return account.Refused{Code: account.CodeUnitUnknown, Reason: err.Error(), Hint: "give its path or id; --create-ou makes a --to-ou that is missing"}
}

// accounts finds the accounts that are meant.
func (s *selector) accounts() error {
	switch {
	case s.ask.Whole != "":
		for _, a := range s.org.In(s.Unit.ID) {
			s.add(precheck.Subject{Account: a, Unit: s.Unit, Whole: true})
		}
	case s.ask.From != "":
		if s.root(s.ask.From) {
			return account.Refused{Code: account.CodeUnit, Reason: fmt.Sprintf("%q is the root, which is no organizational unit", s.ask.From), Hint: "name accounts in the root one by one: --account ID --create-role-at-root"}
		}
		from, err := s.org.Unit(s.ask.From)
		if err != nil {
			return refusedUnit(err)
		}
		in := s.org.In(from.ID)
		if s.ask.Recursive {
			in = s.org.Below(from.ID)
		}
		for _, a := range in {
			s.add(precheck.Subject{Account: a, Unit: s.Unit, WillMake: s.Make})
		}
	case s.ask.Rows != nil:
		return s.list()
	}
	for _, text := range s.ask.Accounts {
		a, err := s.org.Account(text)
		if err != nil {
			return account.Refused{Code: account.CodeNotMember, Reason: err.Error(), Hint: "check it; accounts of other organizations are invited first"}
		}
		s.add(precheck.Subject{Account: a, Unit: s.Unit, WillMake: s.Make})
	}
	return nil
}

// list takes the accounts of a list. A row whose account or unit nobody knows is reported, and keeps no other from going on.
func (s *selector) list() error {
	for _, row := range s.ask.Rows {
		subject := precheck.Subject{Unit: s.Unit, WillMake: s.Make, Name: row.Name, Email: row.Email}
		a, found := s.org.ByID(row.AccountID)
		if !found {
			a = directory.Account{ID: row.AccountID, Name: row.Name, Email: row.Email}
			subject.Verdict, subject.Reason = precheck.Blocked, fmt.Sprintf("account %s is not a member of the organization", row.AccountID)
			subject.Remedy = "check the id; accounts of other organizations are invited first"
		}
		subject.Account = a
		if row.Unit != "" {
			subject.WillMake = false
			unit, err := s.org.Unit(row.Unit)
			if err == nil {
				err = s.allows(unit)
			}
			if err != nil && subject.Verdict == "" {
				subject.Verdict, subject.Reason, subject.Remedy = precheck.Blocked, err.Error(), "correct the OrgUnit of the row"
			}
			subject.Unit = unit
		}
		s.rows[a.ID] = row
		s.add(subject)
	}
	return nil
}

// add takes an account once.
func (s *selector) add(subject precheck.Subject) {
	if slices.ContainsFunc(s.subjects, func(o precheck.Subject) bool { return o.Account.ID == subject.Account.ID }) {
		return
	}
	if u, ok := s.org.UnitByID(subject.Account.ParentID); ok {
		subject.Path = u.Path
	}
	if subject.Verdict == "" {
		s.judge(&subject)
	}
	s.subjects = append(s.subjects, subject)
}

// judge decides about accounts that need no look.
func (s *selector) judge(subject *precheck.Subject) {
	a := subject.Account
	decide := func(v precheck.Verdict, reason, remedy string) {
		subject.Verdict, subject.Reason, subject.Remedy = v, reason, remedy
	}
	elsewhere := precheck.Blocked
	if s.ask.From != "" {
		elsewhere = precheck.Skipped // nobody named it
	}
	switch {
	case a.ID == s.org.ManagementAccountID:
		decide(precheck.Skipped, "the management account is not enrolled", "")
	case a.Shared:
		decide(precheck.Skipped, "the account belongs to the landing zone itself", "")
	case s.within(a.ParentID, s.excluded):
		decide(precheck.Skipped, "the settings exclude the unit that the account is in", "")
	case !a.Active():
		decide(precheck.Skipped, "the account is "+a.State, "")
	case a.Enrolled && a.ParentID == subject.Unit.ID:
		decide(precheck.Enrolled, "the account is enrolled", "")
	case a.Enrolled:
		decide(elsewhere, fmt.Sprintf("the account is enrolled already, in %s", subject.Path), "move it in Control Tower (Account Factory, update account)")
	case a.ParentID == s.org.RootID && !s.ask.AtRoot && !s.around.Zone.AutoEnroll:
		decide(precheck.Blocked, "the account is in the root ("+account.CodeInRoot+"): the stack set would have to name the root as its target", "move it into an organizational unit, or run vend enroll with --create-role-at-root")
	}
}

// finish counts the crowd.
func (s *selector) finish() error {
	s.around.Crowd = map[string]int{}
	for _, a := range s.org.Accounts {
		s.around.Crowd[a.ParentID]++
	}
	coming := 0
	for _, subject := range s.subjects {
		if subject.Verdict == "" && subject.Account.ParentID != subject.Unit.ID && (s.ask.First == 0 || coming < s.ask.First) {
			s.around.Crowd[subject.Unit.ID]++
			coming++
		}
	}
	return s.user()
}

// user refuses to go on where Account Factory would be told no Identity Center user.
func (s *selector) user() error {
	if s.ask.Whole != "" || s.around.Zone.AutoEnroll || s.settings.Enrollment.User.Email != "" {
		return nil
	}
	for _, subject := range s.subjects {
		if subject.Verdict == "" && s.rows[subject.Account.ID].User.Email == "" {
			return account.Refused{
				Code: "V3012", Reason: "Account Factory needs an Identity Center user for each enrollment, and enrollment.ssoUser is not set",
				Hint: "set enrollment.ssoUser in vend.yaml (email, firstName, lastName), or VEND_ENROLLMENT_SSO_USER_EMAIL, _FIRST_NAME and _LAST_NAME",
			}
		}
	}
	return nil
}
