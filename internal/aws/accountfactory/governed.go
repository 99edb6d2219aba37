package accountfactory

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/controltower"
	"github.com/aws/aws-sdk-go-v2/service/controltower/types"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/directory"
)

// Governed says what Control Tower governs: units and accounts on which the baseline AWSControlTowerBaseline is enabled. A
// unit that is being registered again for a new version counts: it stays registered, and who orders into it is told by
// [Client.Busy] to wait. A unit whose registration FAILED does not count, and an account only once it is enrolled whole
// (AWS Control Tower API Reference, ListEnabledBaselines). The accounts of the landing zone itself stand in its manifest.
func (c *Client) Governed(ctx context.Context) (directory.Governed, error) {
	g := directory.Governed{Units: map[string]bool{}, Accounts: map[string]bool{}, Shared: map[string]bool{}}
	zone, _, err := c.LandingZone(ctx)
	if err != nil {
		return g, err
	}
	for _, id := range zone.SharedAccounts {
		g.Shared[id] = true
	}
	err = c.enabled(ctx, types.EnabledBaselineFilter{}, true, func(b types.EnabledBaselineSummary) {
		if id := target(b, ":ou/"); id != "" && status(b) != types.EnablementStatusFailed {
			g.Units[id] = true
		}
		if id := target(b, ":account/"); id != "" && status(b) == types.EnablementStatusSucceeded {
			g.Accounts[id] = true
		}
	})
	return g, err
}

// Enrolled says whether the account with that ARN is enrolled, whole and now.
func (c *Client) Enrolled(ctx context.Context, accountARN string) (enrolled bool, err error) {
	one := types.EnabledBaselineFilter{TargetIdentifiers: []string{accountARN}}
	err = c.enabled(ctx, one, true, func(b types.EnabledBaselineSummary) {
		enrolled = enrolled || aws.ToString(b.TargetIdentifier) == accountARN && status(b) == types.EnablementStatusSucceeded
	})
	return enrolled, err
}

// Enrollment says how far Control Tower is with the account of that ARN; empty when it does not govern it (AWS Control
// Tower API Reference, ListEnabledBaselines).
func (c *Client) Enrollment(ctx context.Context, accountARN string) (state account.EnrollmentState, err error) {
	one := types.EnabledBaselineFilter{TargetIdentifiers: []string{accountARN}}
	err = c.enabled(ctx, one, true, func(b types.EnabledBaselineSummary) {
		if aws.ToString(b.TargetIdentifier) == accountARN {
			state = account.EnrollmentState(status(b))
		}
	})
	return state, err
}

// AutoEnrolls says whether the landing zone enrolls accounts that are moved into a registered unit.
func (c *Client) AutoEnrolls(ctx context.Context) (bool, error) {
	zone, _, err := c.LandingZone(ctx)
	return zone.AutoEnroll, err
}

// enabled goes through the units, and with children the accounts, that AWSControlTowerBaseline is enabled on.
func (c *Client) enabled(ctx context.Context, filter types.EnabledBaselineFilter, children bool, each func(types.EnabledBaselineSummary)) error {
	baseline, err := c.fixedOnce(&c.fixed.baseline, func() (string, error) { return c.baseline(ctx, controlTowerBaseline) })
	if err != nil {
		return err
	}
	filter.BaselineIdentifiers = []string{baseline}
	pages := controltower.NewListEnabledBaselinesPaginator(c.tower, &controltower.ListEnabledBaselinesInput{
		Filter: &filter, IncludeChildren: children, MaxResults: aws.Int32(100),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list enabled baselines: %w", judge("controltower.ListEnabledBaselines", err))
		}
		for _, b := range page.EnabledBaselines {
			each(b)
		}
	}
	return nil
}

const controlTowerBaseline = "AWSControlTowerBaseline"

var errNoBaseline = errors.New("there is no such baseline in this Region")

// baseline finds the ARN of a baseline: it differs by Region and partition.
func (c *Client) baseline(ctx context.Context, name string) (string, error) {
	pages := controltower.NewListBaselinesPaginator(c.tower, &controltower.ListBaselinesInput{MaxResults: aws.Int32(100)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", fmt.Errorf("list baselines: %w", judge("controltower.ListBaselines", err))
		}
		for _, b := range page.Baselines {
			if aws.ToString(b.Name) == name {
				return aws.ToString(b.Arn), nil
			}
		}
	}
	return "", fmt.Errorf("find baseline %s: %w", name, errNoBaseline)
}

// target is the id of what the baseline is enabled on, when it is of that kind (":ou/" or ":account/"), from an ARN like
// "arn:aws:organizations::111111111111:ou/o-…/ou-…".
func target(b types.EnabledBaselineSummary, kind string) string {
	arn := aws.ToString(b.TargetIdentifier)
	if !strings.Contains(arn, kind) {
		return ""
	}
	return arn[strings.LastIndex(arn, "/")+1:]
}

func status(b types.EnabledBaselineSummary) types.EnablementStatus {
	if b.StatusSummary == nil {
		return ""
	}
	return b.StatusSummary.Status
}
