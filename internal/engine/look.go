package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/accountfactory"
	"github.com/vend-cli/vend/internal/aws/member"
	"github.com/vend-cli/vend/internal/directory"
	"github.com/vend-cli/vend/internal/precheck"
)

// looker looks at accounts for the pipeline, right before they are enrolled.
type looker struct {
	engine *Engine
	view   view
}

const (
	// lookPatience is how long one look of a worker may take: its claim on the request ends before long.
	lookPatience = 5 * time.Second
	workerLooks  = 8
)

// Fit looks at an account from inside, and whether the unit is still registered. A landing zone that has drifted is refused
// for all accounts.
func (l looker) Fit(ctx context.Context, there directory.Account, unit account.OrganizationalUnit) (account.Fitness, error) {
	org, err := l.view.organization.Fresh(ctx, l.engine.Queue.Now().Add(-time.Minute))
	if err != nil {
		return account.Fitness{}, err
	}
	zone, found, err := l.view.factory.LandingZone(ctx)
	if err != nil {
		return account.Fitness{}, err
	}
	if zone.Drift == "DRIFTED" {
		return account.Fitness{}, account.Refused{Code: "V3008", Reason: "the landing zone has drifted", Pause: true}
	}
	target, known := org.UnitByID(unit.ID)
	if !known {
		target.OrganizationalUnit = unit
	}
	around := precheck.Surroundings{
		ManagementID: org.ManagementAccountID, Home: l.engine.aws.Region, Zone: landingZone(zone, found),
		TrustedAccess: "ENABLED", // the stack set says so itself where it is needed
	}
	around.Zone.Status = "ACTIVE" // one that is being changed is waited for with the order
	looks := l.engine.options.Looks
	if looks == 0 {
		looks = workerLooks
	}
	survey := precheck.New(doors{l.view.members}, around, precheck.Options{
		Roles: l.engine.Config.Settings.Enrollment.InspectRoles, Parallel: looks, Patience: lookPatience,
	})
	reports, err := survey.Look(ctx, []precheck.Subject{{Account: there, Unit: target}})
	if err != nil {
		return account.Fitness{}, err
	}
	return fitness(reports[0]), nil
}

// Assumable says whether Control Tower's execution role lets itself be assumed in the account.
func (l looker) Assumable(ctx context.Context, accountID string) (bool, error) {
	return l.view.members.Assumable(ctx, accountID)
}

func fitness(r precheck.Report) (f account.Fitness) {
	for _, c := range r.Checks {
		finding := account.Finding{Check: c.Name, Region: c.Region, Message: c.Message, Remedy: c.Remedy}
		switch {
		case c.Result == precheck.Fail:
			f.Failed = append(f.Failed, finding)
		case c.Passing:
			f.Unseen = append(f.Unseen, finding)
		}
	}
	return f
}

func landingZone(z accountfactory.LandingZone, found bool) precheck.LandingZone {
	return precheck.LandingZone{Found: found, Status: z.Status, Drift: z.Drift, GovernedRegions: z.GovernedRegions, AutoEnroll: z.AutoEnroll}
}

// doors are member accounts as precheck wants to enter them.
type doors struct{ *member.Client }

// Enter becomes the first of the roles that lets itself be assumed.
func (d doors) Enter(ctx context.Context, accountID string, roles []string) (precheck.Member, error) {
	entered, err := d.Client.Enter(ctx, accountID, roles)
	if err != nil {
		return nil, err
	}
	return entered, nil
}

// unitARN is the ARN of a unit of the organization.
func unitARN(org *directory.Organization, unitID string) (string, error) {
	for _, a := range org.Accounts {
		if arn, ok := arnOfUnit(a.ARN, unitID); ok {
			return arn, nil
		}
	}
	return "", fmt.Errorf("name unit %s by its ARN: no account of the organization has one", unitID)
}
