package contracttest_test

import (
	"context"
	"errors"

	"github.com/vend-cli/vend/internal/aws/organization"
	"github.com/vend-cli/vend/internal/aws/stacksets"
)

// stackSetChecks is what enrolling relies on: a stack set that is made once, and an instance in just one account of a unit.
func stackSetChecks(s *setUp) []check {
	var (
		place scene
		c     *stacksets.Client
	)
	plant, release := "plant"+s.unique, "release"+s.unique
	return []check{
		{"trusted access of StackSets is switched on, and is so", func(ctx context.Context) (err error) {
			c = stacksets.New(s.cfg, stacksets.Options{Management: func(context.Context) (string, error) { return place.management, nil }})
			if place, err = setScene(ctx, s); err != nil {
				return err
			}
			if err := organization.New(s.cfg, organization.Options{}).Move(ctx, place.account, place.root, place.unit); err != nil {
				return err
			}
			if err := c.Activate(ctx); err != nil {
				return err
			}
			status, err := c.TrustedAccess(ctx)
			return want(status == "ENABLED", err, "it is %s", status)
		}},
		{"where there is no stack set there are no instances", func(ctx context.Context) error {
			all, err := c.Instances(ctx)
			return want(len(all) == 0, err, "instances %+v", all)
		}},
		{"the stack set is made once", func(ctx context.Context) error {
			s.later(c.Remove)
			return errors.Join(c.Ready(ctx), c.Ready(ctx))
		}},
		{"of an operation that nobody began nothing is known", func(ctx context.Context) error {
			o, err := c.Operation(ctx, plant, place.account)
			return want(!o.Known, err, "operation %+v", o)
		}},
		{"the role comes into the account", func(ctx context.Context) error {
			if err := c.Plant(ctx, plant, place.account, place.unit); err != nil {
				return err
			}
			return until(ctx, func() (bool, error) {
				there, found, err := c.Instance(ctx, place.account)
				return found && there.InPlace() && there.AccountID == place.account, err
			})
		}},
		{"an operation is known by the id that we gave it, and tells when it has ended", func(ctx context.Context) error {
			return until(ctx, func() (bool, error) {
				o, err := c.Operation(ctx, plant, place.account)
				if err == nil && !o.Known {
					err = errors.New("it is not known")
				}
				return o.Ended, errors.Join(err, want(!o.Ended || o.Status == "SUCCEEDED", nil, "it ended %s: %s", o.Status, o.Reason))
			})
		}},
		{"the instance is let go", func(ctx context.Context) error {
			if err := c.Release(ctx, release, place.account, place.unit); err != nil {
				return err
			}
			return until(ctx, func() (bool, error) {
				_, found, err := c.Instance(ctx, place.account)
				return !found, err
			})
		}},
		{"the stack set goes, and may go twice", func(ctx context.Context) error {
			if err := until(ctx, func() (bool, error) {
				o, err := c.Operation(ctx, release, place.account)
				return o.Ended || !o.Known, err
			}); err != nil {
				return err
			}
			return errors.Join(c.Remove(ctx), c.Remove(ctx))
		}},
	}
}
