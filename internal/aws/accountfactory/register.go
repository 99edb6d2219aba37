package accountfactory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/controltower"
	"github.com/aws/aws-sdk-go-v2/service/controltower/document"
	"github.com/aws/aws-sdk-go-v2/service/controltower/types"
)

// Registration is an operation of Control Tower on an organizational unit.
type Registration struct {
	Operation string // to be asked about with [Client.Registered]; empty: there is nothing to do
	Ended     bool
	Failed    bool
	Message   string // AWS's words on how it ended
}

// Register begins to register the unit of that ARN, which enrolls the accounts in it. One that is under way already is
// followed, one that has FAILED or drifted is begun again, and a unit that is registered and in sync needs nothing. It makes
// one attempt (AWS Control Tower API Reference, EnableBaseline, ResetEnabledBaseline).
func (c *Client) Register(ctx context.Context, unitARN string) (Registration, error) {
	var there *types.EnabledBaselineSummary
	version := ""
	if err := c.enabled(ctx, types.EnabledBaselineFilter{}, false, func(b types.EnabledBaselineSummary) {
		if aws.ToString(b.TargetIdentifier) == unitARN {
			there = &b
		} else if v := aws.ToString(b.BaselineVersion); status(b) == types.EnablementStatusSucceeded && newer(v, version) {
			version = v
		}
	}); err != nil {
		return Registration{}, err
	}
	switch {
	case there == nil:
		return c.enable(ctx, unitARN, version)
	case status(*there) == types.EnablementStatusUnderChange:
		return Registration{Operation: aws.ToString(there.StatusSummary.LastOperationIdentifier)}, nil
	case status(*there) == types.EnablementStatusSucceeded && !drifted(*there):
		return Registration{Ended: true}, nil
	}
	out, err := c.tower.ResetEnabledBaseline(ctx, &controltower.ResetEnabledBaselineInput{EnabledBaselineIdentifier: there.Arn}, single)
	if err != nil {
		return Registration{}, fmt.Errorf("register unit %s again: %w", unitARN, judge("controltower.ResetEnabledBaseline", err))
	}
	return Registration{Operation: aws.ToString(out.OperationIdentifier)}, nil
}

// enable enables the baseline on a unit, in the version that other units have.
func (c *Client) enable(ctx context.Context, unitARN, version string) (Registration, error) {
	baseline, err := c.fixedOnce(&c.fixed.baseline, func() (string, error) { return c.baseline(ctx, controlTowerBaseline) })
	if err != nil {
		return Registration{}, err
	}
	if version == "" {
		zone, _, err := c.LandingZone(ctx)
		if err != nil {
			return Registration{}, err
		}
		version = baselineVersion(zone.Version)
	}
	in := &controltower.EnableBaselineInput{BaselineIdentifier: &baseline, BaselineVersion: &version, TargetIdentifier: &unitARN}
	identity, err := c.identityBaseline(ctx)
	if err != nil {
		return Registration{}, err
	}
	if identity != "" {
		in.Parameters = []types.EnabledBaselineParameter{
			{Key: aws.String("IdentityCenterEnabledBaselineArn"), Value: document.NewLazyDocument(identity)},
		}
	}
	out, err := c.tower.EnableBaseline(ctx, in, single)
	if err != nil {
		return Registration{}, fmt.Errorf("register unit %s: %w", unitARN, judge("controltower.EnableBaseline", err))
	}
	return Registration{Operation: aws.ToString(out.OperationIdentifier)}, nil
}

// Registered asks how far a registration is (AWS Control Tower API Reference, GetBaselineOperation).
func (c *Client) Registered(ctx context.Context, operation string) (Registration, error) {
	out, err := c.tower.GetBaselineOperation(ctx, &controltower.GetBaselineOperationInput{OperationIdentifier: &operation})
	if err != nil {
		return Registration{Operation: operation}, fmt.Errorf("ask for operation %s: %w", operation, judge("controltower.GetBaselineOperation", err))
	}
	o := out.BaselineOperation
	return Registration{
		Operation: operation, Ended: o.Status != types.BaselineOperationStatusInProgress, Failed: o.Status == types.BaselineOperationStatusFailed,
		Message: aws.ToString(o.StatusMessage),
	}, nil
}

// identityBaseline is the enabled baseline of Identity Center, which registrations name where Control Tower manages it;
// empty where it does not.
func (c *Client) identityBaseline(ctx context.Context) (string, error) {
	baseline, err := c.baseline(ctx, "IdentityCenterBaseline")
	if errors.Is(err, errNoBaseline) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	pages := controltower.NewListEnabledBaselinesPaginator(c.tower, &controltower.ListEnabledBaselinesInput{
		Filter: &types.EnabledBaselineFilter{BaselineIdentifiers: []string{baseline}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", fmt.Errorf("list enabled baselines: %w", judge("controltower.ListEnabledBaselines", err))
		}
		for _, b := range page.EnabledBaselines {
			return aws.ToString(b.Arn), nil // there is one at most
		}
	}
	return "", nil
}

// baselineVersion is the version of AWSControlTowerBaseline that goes with a landing zone's (AWS Control Tower User Guide,
// "Compatibility of AWSControlTowerBaseline and landing zone versions").
func baselineVersion(zone string) string {
	major, rest, _ := strings.Cut(zone, ".")
	m, _ := strconv.Atoi(major)
	n, _ := strconv.Atoi(rest)
	switch {
	case m == 2 && n < 8:
		return "1.0"
	case m == 2:
		return "2.0"
	case m == 3 && n < 2:
		return "3.0"
	}
	return "4.0"
}

// newer compares versions such as "4.0".
func newer(a, b string) bool {
	number := func(v string) float64 { n, _ := strconv.ParseFloat(v, 64); return n }
	return cmp.Compare(number(a), number(b)) > 0
}

func drifted(b types.EnabledBaselineSummary) bool {
	d := b.DriftStatusSummary
	return d != nil && d.Types != nil && d.Types.Inheritance != nil && d.Types.Inheritance.Status == types.EnabledBaselineDriftStatusDrifted
}

// single makes a call a single attempt: whoever asked looks before it asks again.
func single(o *controltower.Options) { o.Retryer = aws.NopRetryer{} }
