// Package identitycenter gives groups and users permission sets in accounts, through IAM Identity Center.
//
// All of Identity Center's APIs together take twenty calls a second, and few assignments may be under way at once. A
// [Client] keeps to both for its process: it spaces its calls, retries among them, and says [account.Wait] where another
// assignment would be one too many. AWS has no look-up of permission sets by name, so they are listed once and kept.
//
// It imports account, directory and retry.
package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/vend-cli/vend/internal/account"
)

// Options are which instance is meant, and how hard it is pressed. The zero value will do.
type Options struct {
	InstanceARN    string  // empty: discovered
	CallsPerSecond float64 // 0 is 20, AWS's quota for all of Identity Center's APIs together
	Outstanding    int     // assignments being created or deleted at once; 0 is 10

	// Management names the management account, which owns the instance that is meant; nil where there is but one.
	Management func(context.Context) (string, error)
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Client is an instance of Identity Center and its identity store. It is safe for concurrent use. There is to be one in
// a process, since each keeps to the limits by itself.
type Client struct {
	sso     ssoCalls
	store   storeCalls
	options Options

	mu       sync.Mutex
	instance instance
	sets     *permissionSets
	people   map[principal]seen
	rolls    map[account.PrincipalType]*roll
	places   *places
}

type instance struct{ arn, store string }

// New makes a client. The caller is in the management account, or in the delegated administrator's.
func New(cfg aws.Config, o Options) *Client {
	if o.CallsPerSecond <= 0 {
		o.CallsPerSecond = 20
	}
	if o.Outstanding <= 0 {
		o.Outstanding = 10
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	space := spaced(o.CallsPerSecond)
	return &Client{
		options: o, sets: newPermissionSets(), people: map[principal]seen{}, places: newPlaces(o.Outstanding),
		rolls: map[account.PrincipalType]*roll{
			account.GroupPrincipal: newRoll(account.GroupPrincipal), account.UserPrincipal: newRoll(account.UserPrincipal),
		},
		sso: ssoCallsOf(ssoadmin.NewFromConfig(cfg, func(s *ssoadmin.Options) {
			s.APIOptions = append(append([]func(*middleware.Stack) error(nil), s.APIOptions...), space)
		})),
		store: storeCallsOf(identitystore.NewFromConfig(cfg, func(s *identitystore.Options) {
			s.APIOptions = append(append([]func(*middleware.Stack) error(nil), s.APIOptions...), space)
		})),
	}
}

// Instance finds the instance and its identity store: the configured one, else the management account's, else the only
// one. It is asked for once. The verdict is V3009 where there is none (IAM Identity Center API Reference, ListInstances).
func (c *Client) Instance(ctx context.Context) (arn, storeID string, err error) {
	c.mu.Lock()
	known := c.instance
	c.mu.Unlock()
	if known.arn != "" {
		return known.arn, known.store, nil
	}
	var all []types.InstanceMetadata
	pages := ssoadmin.NewListInstancesPaginator(c.sso, &ssoadmin.ListInstancesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", "", fmt.Errorf("find Identity Center: %w", judge("sso.ListInstances", err))
		}
		all = append(all, page.Instances...)
	}
	found, err := c.choose(ctx, all)
	if err != nil {
		return "", "", fmt.Errorf("find Identity Center: %w", err)
	}
	c.mu.Lock()
	c.instance = found
	c.mu.Unlock()
	return found.arn, found.store, nil
}

func (c *Client) choose(ctx context.Context, all []types.InstanceMetadata) (instance, error) {
	management := ""
	if c.options.InstanceARN == "" && c.options.Management != nil && len(all) > 0 {
		var err error
		if management, err = c.options.Management(ctx); err != nil {
			return instance{}, err
		}
	}
	var fit []instance
	for _, i := range all {
		found := instance{aws.ToString(i.InstanceArn), aws.ToString(i.IdentityStoreId)}
		switch {
		case c.options.InstanceARN != "" && found.arn != c.options.InstanceARN:
		case management != "" && aws.ToString(i.OwnerAccountId) != management: // member accounts may own instances, too
		default:
			fit = append(fit, found)
		}
	}
	switch {
	case len(fit) == 1:
		return fit[0], nil
	case len(fit) > 1:
		return instance{}, account.Refused{
			Code: "V3009", Pause: true, Reason: fmt.Sprintf("there are %d instances of Identity Center", len(fit)),
			Hint: "set identityCenter.instanceArn to the one that is meant",
		}
	case c.options.InstanceARN != "":
		return instance{}, account.Refused{
			Code: "V3009", Pause: true, Reason: "Identity Center has no instance " + c.options.InstanceARN + " here",
		}
	}
	return instance{}, account.Refused{Code: "V3009", Pause: true, Reason: "there is no Identity Center of the management account in this Region"}
}

// forget lets everything be asked for anew: AWS does not know something that it knew.
func (c *Client) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.people)
	c.instance = instance{}
	c.sets.expired.Store(true)
	for _, l := range c.rolls {
		l.expired.Store(true)
	}
}

var errNoStatus = errors.New("AWS's answer has no status in it")
