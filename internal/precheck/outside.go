package precheck

import (
	"context"
	"fmt"
	"strings"

	"github.com/vend-cli/vend/internal/pattern"
)

const (
	// policiesPerTarget is how many service control policies may be attached to one unit or account (AWS Organizations User
	// Guide, "Quotas and service limits").
	policiesPerTarget = 5
	// crowded is the lower of the two numbers that AWS's pages give for accounts in a unit that Control Tower registers.
	crowded = 300
)

// emailForEnrollment is the shape that the AWS Control Tower User Guide gives ("Common causes of failure for enrollment");
// it is narrower than that of Organizations.
var emailForEnrollment = pattern.Compile(`^[A-Z0-9a-z._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]+$`)

// lookOutside makes the checks that need nobody inside the account.
func (v *visit) lookOutside(ctx context.Context) []Check {
	checks := []Check{v.state(), v.unit(), v.landingZone(), v.trustedAccess(), v.nameAndEmail(), v.quota()}
	if v.survey.around.Policies == nil {
		return checks
	}
	return append(checks, v.policies(ctx))
}

func (v *visit) state() Check {
	a := v.subject.Account
	if a.Active() {
		return Check{Name: "state", Result: Pass, Message: "the account is ACTIVE"}
	}
	return Check{Name: "state", Result: Fail, Message: "the account is " + a.State, Remedy: "reopen the account, or leave it out"}
}

func (v *visit) unit() Check {
	u := v.subject.Unit
	c := Check{Name: "organizational-unit", Result: Pass, Message: fmt.Sprintf("%s (%s) is registered", u.Path, u.ID)}
	switch {
	case v.subject.WillMake:
		c.Message = u.Path + " will be made and registered"
	case v.subject.Whole:
		c.Message = fmt.Sprintf("%s (%s) will be registered with its accounts", u.Path, u.ID)
	case !u.Registered:
		c.Result, c.Message = Fail, fmt.Sprintf("%s (%s) is not registered with Control Tower", u.Path, u.ID)
		c.Remedy = fmt.Sprintf("vend enroll --ou %s --register", u.ID)
	}
	return c
}

func (v *visit) landingZone() Check {
	z := v.survey.around.Zone
	c := Check{Name: "landing-zone", Result: Pass, Message: "the landing zone is ACTIVE and in sync"}
	switch {
	case !z.Found:
		c.Result, c.Message, c.Remedy = Fail, "there is no landing zone in this Region", "use Control Tower's home Region: --region"
	case z.Status == "PROCESSING":
		c.Result, c.Message = Warn, "the landing zone is being changed; enrollments wait for that"
	case z.Status != "ACTIVE":
		c.Result, c.Message, c.Remedy = Fail, "the landing zone is "+z.Status, "repair it in Control Tower"
	case z.Drift == "DRIFTED":
		c.Result, c.Message, c.Remedy = Fail, "the landing zone has drifted", "repair it in Control Tower (Landing zone settings, Reset)"
	}
	return c
}

// trustedAccess is what the execution role is put into place with.
func (v *visit) trustedAccess() Check {
	c := Check{Name: "trusted-access", Result: Pass, Message: "StackSets has trusted access to the organization"}
	const activate = "aws cloudformation activate-organizations-access"
	switch access := v.survey.around.TrustedAccess; {
	case v.roleNotNeeded():
		c.Message = "no stack set is needed"
	case access == "DISABLED":
		c.Result, c.Message, c.Remedy = Warn, "StackSets has no trusted access to the organization; vend enroll activates it where the execution role is missing", activate
	case access == "":
		c.Result, c.Message, c.Remedy = Warn, "nobody can tell whether StackSets has trusted access to the organization", "aws cloudformation describe-organizations-access"
	case access != "ENABLED":
		c.Result, c.Message, c.Remedy = Fail, "trusted access of StackSets to the organization is "+access, activate
	}
	return c
}

func (v *visit) nameAndEmail() Check {
	a := v.subject.Account
	c := Check{Name: "name-and-email", Result: Pass, Message: "name and e-mail are fit for Account Factory"}
	switch {
	case v.subject.Email != "" && !strings.EqualFold(strings.TrimSpace(v.subject.Email), strings.TrimSpace(a.Email)):
		c.Result, c.Message = Fail, "the list gives another e-mail than Organizations: Account Factory would make a new account of it"
		c.Remedy = "leave AccountEmail empty, or correct it"
	case v.subject.Name != "" && v.subject.Name != a.Name:
		c.Result, c.Message, c.Remedy = Fail, fmt.Sprintf("Organizations calls the account %q", a.Name), "leave AccountName empty, or correct it"
	case !emailForEnrollment.MatchString(a.Email):
		c.Result, c.Message, c.Remedy = Warn, "Control Tower's guide gives a narrower shape for the e-mail of an account than this one has", "change the root e-mail of the account"
	case a.Email != strings.ToLower(a.Email):
		c.Result, c.Message = Warn, "the e-mail has capital letters, which have been seen to confuse Control Tower"
	case len(a.Name) > 50 || strings.ContainsFunc(a.Name, func(r rune) bool { return r < ' ' || r > '~' }):
		c.Result, c.Message, c.Remedy = Warn, "the name is longer than 50 characters or not plain ASCII, which Account Factory may refuse", "rename the account"
	}
	return c
}

func (v *visit) quota() Check {
	n := v.survey.around.Crowd[v.subject.Unit.ID]
	c := Check{Name: "quota", Result: Pass, Message: "the organizational unit has room"}
	if v.subject.Unit.ID != "" && n > crowded {
		c.Result = Warn
		c.Message = fmt.Sprintf("the organizational unit will have %d accounts; AWS's pages give %d and 1,000 as what Control Tower can govern in one", n, crowded)
		c.Remedy = "divide the accounts among several units"
	}
	return c
}

// policies counts the service control policies on the account, and on the unit where Control Tower is yet to attach its
// own.
func (v *visit) policies(ctx context.Context) Check {
	const name = "service-control-policies"
	targets := []string{v.subject.Account.ID}
	if v.subject.Whole {
		targets = append(targets, v.subject.Unit.ID)
	}
	c := Check{Name: name, Result: Pass, Message: "there is room for Control Tower's policies"}
	for _, target := range targets {
		n := 0
		err := v.survey.patiently(ctx, func(ctx context.Context) (err error) { n, err = v.survey.around.Policies(ctx, target); return err })
		switch {
		case err != nil:
			return unknown(name, "", "how many service control policies are attached to "+target, err)
		case n >= policiesPerTarget && target != v.subject.Account.ID:
			c.Result, c.Message = Fail, fmt.Sprintf("%s has %d service control policies, which is all that AWS allows: Control Tower can't attach its own", target, n)
			c.Remedy = "aws organizations list-policies-for-target --filter SERVICE_CONTROL_POLICY --target-id " + target
			return c
		case n > 1: // AWS's own FullAWSAccess is always there
			c.Result, c.Message = Warn, fmt.Sprintf("%s has %d service control policies of its own: they must not keep Control Tower out", target, n)
			c.Remedy = "aws organizations list-policies-for-target --filter SERVICE_CONTROL_POLICY --target-id " + target
		}
	}
	return c
}
