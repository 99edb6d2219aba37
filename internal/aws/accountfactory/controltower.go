package accountfactory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/controltower"
	"github.com/aws/aws-sdk-go-v2/service/controltower/types"

	"github.com/vend-cli/vend/internal/account"
)

// LandingZone is Control Tower's landing zone.
type LandingZone struct {
	ARN             string
	Version, Latest string
	Status          string // ACTIVE, PROCESSING or FAILED
	Drift           string // IN_SYNC or DRIFTED; empty where AWS does not say
	GovernedRegions []string
	SharedAccounts  []string // ids of the log archive and the audit account, and of AWS Config's, each once
	AutoEnroll      bool     // accounts that are moved into a registered unit are enrolled by that
}

// fixedCache keeps what does not change while a process lives.
type fixedCache struct {
	mu          sync.Mutex
	landingZone string // ARN
	baseline    string // ARN of AWSControlTowerBaseline
}

func (c *Client) fixedOnce(field *string, read func() (string, error)) (string, error) {
	c.fixed.mu.Lock()
	known := *field
	c.fixed.mu.Unlock()
	if known != "" {
		return known, nil
	}
	found, err := read() // two who come at once both read: it is one call
	if err == nil {
		c.fixed.mu.Lock()
		*field = found
		c.fixed.mu.Unlock()
	}
	return found, err
}

// LandingZone asks about the landing zone now; false when there is none in this Region (AWS Control Tower API Reference,
// ListLandingZones, GetLandingZone).
func (c *Client) LandingZone(ctx context.Context) (LandingZone, bool, error) {
	arn, err := c.fixedOnce(&c.fixed.landingZone, func() (string, error) {
		pages := controltower.NewListLandingZonesPaginator(c.tower, &controltower.ListLandingZonesInput{})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return "", fmt.Errorf("find landing zone: %w", judge("controltower.ListLandingZones", err))
			}
			for _, z := range page.LandingZones {
				return aws.ToString(z.Arn), nil // there is one at most
			}
		}
		return "", nil
	})
	if err != nil || arn == "" {
		return LandingZone{}, false, err
	}
	out, err := c.tower.GetLandingZone(ctx, &controltower.GetLandingZoneInput{LandingZoneIdentifier: &arn})
	switch {
	case code(err) == notFound:
		return LandingZone{}, false, nil
	case err != nil:
		return LandingZone{}, false, fmt.Errorf("describe landing zone: %w", judge("controltower.GetLandingZone", err))
	}
	z := out.LandingZone
	m, err := readManifest(z.Manifest)
	if err != nil {
		return LandingZone{}, false, fmt.Errorf("read manifest of landing zone: %w", err)
	}
	zone := LandingZone{
		ARN: arn, Version: aws.ToString(z.Version), Latest: aws.ToString(z.LatestAvailableVersion), Status: string(z.Status),
		GovernedRegions: m.GovernedRegions, SharedAccounts: m.sharedAccounts(),
		AutoEnroll: slices.Contains(z.RemediationTypes, types.RemediationTypeInheritanceDrift),
	}
	if z.DriftStatus != nil {
		zone.Drift = string(z.DriftStatus.Status)
	}
	return zone, true, nil
}

// Busy says what other people have Account Factory do at this moment: how many operations, and which. inFlight is how
// many places the pipeline has taken; its own products under change count as foreign as far as they are more than those.
// So does an account under change whose product is not (it was moved, say, and is being enrolled by that). While the
// landing zone or an organizational unit is under change no account operation would succeed: the verdict is to wait
// (AWS Control Tower User Guide, "Quotas", "Troubleshooting"). What can be is asked at once: an order waits for the answers.
func (c *Client) Busy(ctx context.Context, inFlight int) (foreign int, what []string, err error) {
	var zone LandingZone
	var products []Product
	var unfit, unlisted error
	var asked sync.WaitGroup
	asked.Go(func() { zone, _, unfit = c.LandingZone(ctx) })
	products, unlisted = c.underChange(ctx)
	asked.Wait()
	switch {
	case unfit != nil:
		return 0, nil, unfit
	case zone.Status == string(types.LandingZoneStatusProcessing):
		return 0, nil, account.Wait{For: operationWait, Why: "the landing zone is being changed"}
	case unlisted != nil:
		return 0, nil, unlisted
	}
	// Not at the same time: an operation of ours that ends between the looks would be an account under change without a product.
	baselines, err := c.changing(ctx)
	if err != nil {
		return 0, nil, err
	}
	own, unknown := 0, 0
	explained := map[string]bool{} // accounts whose product is under change
	for _, p := range products {
		if p.AccountID != "" {
			explained[p.AccountID] = true
		} else {
			unknown++ // its account may be any
		}
		if account.OwnsProduct(p.Name) {
			own++
			continue
		}
		what = append(what, fmt.Sprintf("provisioned product %s is %s", p.Name, p.Status))
	}
	if more := own - inFlight; more > 0 {
		foreign = more
		what = append(what, fmt.Sprintf("%d products of this pipeline are under change, and %d places are taken", own, inFlight))
	}
	foreign += len(products) - own

	var units, accounts []string
	for _, b := range baselines {
		if id := target(b, ":account/"); id != "" && !explained[id] {
			accounts = append(accounts, "account "+id+" is under change")
		}
		if id := target(b, ":ou/"); id != "" {
			units = append(units, id)
		}
	}
	if len(units) > 0 && len(products) == 0 {
		return 0, nil, account.Wait{For: operationWait, Why: "organizational unit " + strings.Join(units, ", ") + " is being changed"}
	}
	if unexplained := accounts[min(unknown, len(accounts)):]; len(unexplained) > 0 {
		foreign += len(unexplained)
		what = append(what, unexplained...)
	}
	return foreign, what, nil
}

// changing lists the baselines of units and accounts that Control Tower is working on.
func (c *Client) changing(ctx context.Context) (baselines []types.EnabledBaselineSummary, err error) {
	underChange := types.EnabledBaselineFilter{Statuses: []types.EnablementStatus{types.EnablementStatusUnderChange}}
	err = c.enabled(ctx, underChange, true, func(b types.EnabledBaselineSummary) { baselines = append(baselines, b) })
	return baselines, err
}

// operationWait is how long to wait for an operation of Control Tower; the shortest take some minutes.
const operationWait = time.Minute

// underChange lists the products of Account Factory that AWS is working on.
func (c *Client) underChange(ctx context.Context) (products []Product, err error) {
	for _, status := range []string{"UNDER_CHANGE", "PLAN_IN_PROGRESS"} {
		found, err := c.search(ctx, "status:"+status)
		if err != nil {
			return nil, fmt.Errorf("find products under change: %w", err)
		}
		for _, p := range found {
			kind := aws.ToString(p.Type)
			if string(p.Status) == status && (kind == "CONTROL_TOWER_ACCOUNT" || kind == "") {
				products = append(products, attributed(p))
			}
		}
	}
	return products, nil
}
