package precheck

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Kind is a kind of thing that is looked for inside an account.
type Kind string

// The kinds of things, in the order in which a Region is looked at. Reachable finds nothing: it only says whether the
// Region takes requests of the account.
const (
	Reachable   Kind = "sts"
	Recorders   Kind = "config-recorder"
	Channels    Kind = "delivery-channel"
	Aggregators Kind = "aggregation-authorization"
	LogGroups   Kind = "log-groups"
	Topics      Kind = "sns-topics"
	Stacks      Kind = "stacks"
	DefaultVPC  Kind = "default-vpc" // network interfaces in the default VPC
	Roles       Kind = "roles"       // of the account as a whole
)

// prepared is the role of a recorder whose account AWS Support has prepared for enrollment with its own AWS Config (AWS
// Control Tower User Guide, "Enroll accounts that have existing AWS Config resources").
const prepared = "aws-controltower-ConfigRecorderRole-customer-created"

// look is what a kind of thing means where it is found.
type look struct {
	kind   Kind
	what   string // that nobody may be able to tell
	found  Result
	says   string // with the names of what was found
	well   string // where nothing was found
	remedy string // for one of them: {name}, {detail}, {region}
}

// looks are made in each Region, in this order.
var looks = []look{
	{
		kind: Recorders, what: "whether there is a Config recorder", found: Fail, well: "no Config recorder of the account's own",
		says: "the account has a Config recorder of its own: %s", remedy: "aws configservice delete-configuration-recorder --configuration-recorder-name {name} --region {region}",
	},
	{
		kind: Channels, what: "whether there is a Config delivery channel", found: Fail, well: "no Config delivery channel of the account's own",
		says: "the account has a Config delivery channel of its own: %s", remedy: "aws configservice delete-delivery-channel --delivery-channel-name {name} --region {region}",
	},
	{
		kind: Aggregators, what: "whether the account lets others aggregate its Config data", found: Fail, well: "no Config aggregation authorization of the account's own",
		says: "the account has Config aggregation authorizations of its own: %s", remedy: "aws configservice delete-aggregation-authorization --authorized-account-id {name} --authorized-aws-region {detail} --region {region}",
	},
	{
		kind: LogGroups, what: "whether log groups of Control Tower are left", found: Fail, well: "no log group of Control Tower is left",
		says: "log groups of Control Tower are left: %s", remedy: "aws logs delete-log-group --log-group-name {name} --region {region}",
	},
	{
		kind: Topics, what: "whether topics of Control Tower are left", found: Fail, well: "no topic of Control Tower is left",
		says: "topics of Control Tower are left: %s", remedy: "aws sns delete-topic --topic-arn {name} --region {region}",
	},
	{
		kind: Stacks, what: "whether stacks of Control Tower are left", found: Fail, well: "no stack of Control Tower is left",
		says: "stacks of Control Tower are left: %s", remedy: "aws cloudformation delete-stack --stack-name {name} --region {region}",
	},
	{
		kind: DefaultVPC, what: "whether the default VPC is in use", found: Warn, well: "the default VPC is not in use",
		says:   "the default VPC is in use (%s); Control Tower leaves the VPCs of existing accounts alone, but has been seen to stumble over it",
		remedy: "aws ec2 describe-network-interfaces --filters Name=vpc-id,Values={name} --region {region}",
	},
}

// regionVisit is one Region of an account while it is looked at.
type regionVisit struct {
	visit  *visit
	member Member
	region string
	checks []Check
}

// look makes all looks in the Region. Where it does not answer, the rest is unknown without asking.
func (r *regionVisit) look(ctx context.Context) {
	reach := r.reach(ctx)
	r.checks = append(r.checks, reach)
	for _, l := range looks {
		if reach.Result != Pass {
			r.checks = append(r.checks, Check{
				Name: string(l.kind), Region: r.region, Result: Unknown, Passing: reach.Passing,
				Message: "nobody can tell " + l.what + ": the Region could not be reached",
			})
			continue
		}
		r.checks = append(r.checks, r.visit.find(ctx, r.member, r.region, l))
	}
}

func (r *regionVisit) reach(ctx context.Context) Check {
	err := r.visit.survey.patiently(ctx, func(ctx context.Context) error {
		_, err := r.member.Look(ctx, r.region, Reachable)
		return err
	})
	switch {
	case errors.Is(err, ErrRegionDisabled):
		return Check{
			Name: string(Reachable), Region: r.region, Result: Fail,
			Message: "the Security Token Service is not active here for the account; Control Tower enters every governed Region",
			Remedy:  "activate it in the account: IAM console, Account settings, Endpoints",
		}
	case err != nil:
		return unknown(string(Reachable), r.region, "whether the Region takes requests of the account", err)
	}
	return Check{Name: string(Reachable), Region: r.region, Result: Pass, Message: "the Region takes requests of the account"}
}

// find looks for one kind of thing.
func (v *visit) find(ctx context.Context, member Member, region string, l look) Check {
	var things []Thing
	err := v.survey.patiently(ctx, func(ctx context.Context) (err error) {
		things, err = member.Look(ctx, region, l.kind)
		return err
	})
	c := Check{Name: string(l.kind), Region: region, Result: Pass, Message: l.well}
	switch {
	case err != nil:
		return unknown(string(l.kind), region, l.what, err)
	case len(things) == 0:
		return c
	}
	c.Result, c.Message = l.found, fmt.Sprintf(l.says, names(things))
	if l.kind == Recorders && strings.HasSuffix(things[0].Detail, "/"+prepared) {
		c.Result = Warn
		c.Message += "; its role is that of AWS's procedure for existing Config resources, which AWS Support has to have allowed for the account"
		return c
	}
	var commands []string
	for _, t := range things {
		commands = append(commands, strings.NewReplacer("{name}", shell(t.Name), "{detail}", shell(t.Detail), "{region}", region).Replace(l.remedy))
	}
	c.Remedy = strings.Join(commands, " && ") + "  # in account " + v.subject.Account.ID
	return c
}

func names(things []Thing) string {
	all := make([]string, len(things))
	for i, t := range things {
		all[i] = t.Name
		if t.Detail != "" {
			all[i] += " (" + t.Detail + ")"
		}
	}
	return strings.Join(all, ", ")
}

// shell is a text as one word of a command line.
func shell(text string) string {
	if text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:") == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// roles looks for roles that an earlier landing zone has left.
func (v *visit) roles(ctx context.Context, member Member) Check {
	return v.find(ctx, member, "", look{
		kind: Roles, what: "whether roles of Control Tower are left", found: Fail, well: "no role of Control Tower is left",
		says: "roles of Control Tower are left: %s", remedy: "aws iam delete-role --role-name {name}",
	})
}

// execution judges the execution role from inside.
func (v *visit) execution(ctx context.Context, member Member) Check {
	var there Execution
	err := v.survey.patiently(ctx, func(ctx context.Context) (err error) { there, err = member.Execution(ctx); return err })
	c := Check{Name: "execution-role", Result: Pass}
	trust := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"sts:AssumeRole"}]}`, v.survey.around.ManagementID)
	switch {
	case err != nil:
		return unknown(c.Name, "", "what the execution role may", err)
	case v.roleNotNeeded():
		c.Message = ExecutionRole + " is not needed: Control Tower brings it along"
	case !there.Found:
		c.Result, c.Message = Warn, ExecutionRole+" is missing; vend enroll puts it into place"
	case !there.Trusts:
		c.Result, c.Message = Fail, ExecutionRole+" does not trust the management account"
		c.Remedy = fmt.Sprintf("aws iam update-assume-role-policy --role-name %s --policy-document '%s'  # in account %s", ExecutionRole, trust, v.subject.Account.ID)
	case !there.Administrator:
		c.Result, c.Message = Fail, ExecutionRole+" does not have AdministratorAccess"
		c.Remedy = fmt.Sprintf("aws iam attach-role-policy --role-name %s --policy-arn arn:aws:iam::aws:policy/AdministratorAccess  # in account %s", ExecutionRole, v.subject.Account.ID)
	default:
		c.Message = ExecutionRole + " is in place"
	}
	return c
}

func (v *visit) roleNotNeeded() bool { return v.survey.around.Zone.AutoEnroll || v.subject.Whole }

// closed are the inner checks of an account that nobody could enter.
func (v *visit) closed(err error) []Check {
	roles := strings.Join(v.survey.options.Roles, ", ")
	c := Check{Name: "execution-role", Result: Unknown, Message: fmt.Sprintf("none of %s can be assumed", roles)}
	switch {
	case !errors.Is(err, ErrNoEntry):
		c = unknown(c.Name, "", "whether the account can be entered", err)
	case v.roleNotNeeded():
		c.Result, c.Message = Pass, ExecutionRole+" is not needed: Control Tower brings it along"
	default:
		c.Message += " yet; vend enroll puts " + ExecutionRole + " into place, and looks then"
	}
	checks := []Check{c}
	for _, kind := range []Kind{Roles, Reachable, Recorders, Channels, Aggregators, LogGroups, Topics, Stacks, DefaultVPC} {
		checks = append(checks, Check{Name: string(kind), Result: Unknown, Message: "nobody could enter the account"})
	}
	return checks
}
