package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/caller"
	"github.com/vend-cli/vend/internal/aws/inbox"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/aws/topic"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/directory"
)

// mostTables is how many tables of an account are looked at for one of a pipeline.
const mostTables = 200

// Discover looks at the account for a pipeline, and fills in where it is what c does not say. The notes say what was found,
// and what could not be looked at. It changes nothing. The error is that of missing credentials, or of ctx.
func Discover(ctx context.Context, c config.Config, o Options) (config.Config, []string, error) {
	o.patience = lookWithin
	e, err := prepare(ctx, c, o)
	if err != nil {
		return c, nil, err
	}
	who, err := e.who(ctx)
	if err != nil {
		return c, nil, err
	}
	d := &discovery{Engine: e, found: c}
	d.note("Written by `vend init` for account %s in %s.", who.AccountID, e.aws.Region)
	d.organization(ctx, who.AccountID)
	d.pipeline(ctx, who.AccountID)
	return d.found, d.notes, ctx.Err()
}

// who asks AWS whose credentials these are.
func (e *Engine) who(ctx context.Context) (caller.Identity, error) {
	return caller.Ask(ctx, e.aws, e.options.Now)
}

type discovery struct {
	*Engine
	found config.Config
	notes []string
}

func (d *discovery) note(format string, args ...any) {
	d.notes = append(d.notes, fmt.Sprintf(format, args...))
}

// unseen notes what could not be looked at, in the words of the refusal.
func (d *discovery) unseen(what string, err error) {
	var refused account.Refused
	if errors.As(err, &refused) {
		d.note("%s could not be looked at (%s: %s).", what, refused.Code, refused.Reason)
		return
	}
	d.note("%s could not be looked at: %v", what, err)
}

// organization notes what account lists may name.
func (d *discovery) organization(ctx context.Context, accountID string) {
	v := d.view(d.options.Now)
	zone, there, err := v.factory.LandingZone(ctx)
	switch {
	case err != nil:
		d.unseen("The landing zone", err)
	case !there:
		d.note("There is no landing zone in this Region: vend needs Control Tower's home Region.")
	default:
		d.note("Landing zone: version %s, governs %s.", zone.Version, strings.Join(zone.GovernedRegions, ", "))
	}
	org, err := v.organization.Organization(ctx)
	if err != nil {
		d.unseen("The organization", err)
		return
	}
	if org.ManagementAccountID != accountID {
		d.note("This is not the management account, which is %s.", org.ManagementAccountID)
	}
	var units []string
	for _, u := range org.Units {
		if u.Registered {
			units = append(units, u.Path)
		}
	}
	d.note("Registered organizational units: %s.", list(units))
	d.note("Domains of the addresses of its accounts: %s.", list(domains(org)))
}

func list(names []string) string {
	const most = 20
	switch {
	case len(names) == 0:
		return "none"
	case len(names) > most:
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

// domains are the domains of accounts' addresses, those of most accounts first.
func domains(org *directory.Organization) []string {
	count := map[string]int{}
	for _, a := range org.Accounts {
		if _, domain, ok := strings.Cut(a.Email, "@"); ok {
			count[strings.ToLower(domain)]++
		}
	}
	var names []string
	for name := range count {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return strings.Compare(a, b)
	})
	return names
}

// pipeline finds the table by its keys, and the rest by the names that belong to it.
func (d *discovery) pipeline(ctx context.Context, accountID string) {
	if d.found.Table == "" {
		tables, err := d.tables(ctx)
		switch {
		case err != nil:
			d.unseen("The tables", err)
			return
		case len(tables) == 0:
			d.note("No table of a pipeline was found.")
			return
		case len(tables) > 1:
			d.note("Several tables may be a pipeline's: %s. Choose one below.", strings.Join(tables, ", "))
			return
		}
		d.found.Table = tables[0]
	}
	if d.found.QueueURL == "" {
		url, there, err := inbox.Find(ctx, d.aws, d.found.Table+"-inbox")
		if err != nil {
			d.unseen("The queue", err)
		} else if there {
			d.found.QueueURL = url
		}
	}
	if d.found.TopicARN == "" {
		arn := fmt.Sprintf("arn:%s:sns:%s:%s:%s", partition(d.aws.Region), d.aws.Region, accountID, d.found.Table)
		var refused account.Refused
		err := topic.New(d.aws, arn).Look(ctx)
		switch {
		case err == nil:
			d.found.TopicARN = arn
		case !errors.As(err, &refused) || refused.Code != "V3011": // there need not be one
			d.unseen("The topic", err)
		}
	}
	if d.found.Bucket == "" {
		if err := d.uploads(ctx); err != nil {
			d.note("The bucket could not be found: %v", err)
		}
	}
}

// tables are the tables that have the keys and the index of a pipeline.
func (d *discovery) tables(ctx context.Context) ([]string, error) {
	names, err := d.Queue.Tables(ctx)
	if err != nil {
		return nil, err
	}
	if len(names) > mostTables {
		d.note("Only the first %d of %d tables were looked at.", mostTables, len(names))
		names = names[:mostTables]
	}
	var fitting []string
	for _, name := range names {
		health, err := queue.New(d.aws, queue.Options{Table: name, Now: d.options.Now}).Health(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			d.unseen("The table "+name, err)
		case err == nil && health.Fitting:
			fitting = append(fitting, name)
		}
	}
	return fitting, ctx.Err()
}

// uploads finds bucket and folder in the rule that routes uploads to the inbox.
func (d *discovery) uploads(ctx context.Context) error {
	rule, err := eventbridge.NewFromConfig(d.aws).DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: aws.String(d.found.Table + "-uploads")})
	if err != nil {
		return fmt.Errorf("describe rule %s-uploads: %w", d.found.Table, err)
	}
	var pattern struct {
		Detail struct {
			Bucket struct {
				Name []string `json:"name"`
			} `json:"bucket"`
			Object struct {
				Key []struct {
					Prefix string `json:"prefix"`
				} `json:"key"`
			} `json:"object"`
		} `json:"detail"`
	}
	if err := json.Unmarshal([]byte(aws.ToString(rule.EventPattern)), &pattern); err != nil {
		return fmt.Errorf("read rule %s-uploads: %w", d.found.Table, err)
	}
	if names := pattern.Detail.Bucket.Name; len(names) == 1 {
		d.found.Bucket = names[0]
	}
	if keys := pattern.Detail.Object.Key; len(keys) == 1 && keys[0].Prefix != "" {
		d.found.Prefix = keys[0].Prefix
	}
	return nil
}

// partition is the partition of a Region (AWS General Reference, "AWS partitions").
func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}
