package contracttest_test

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/organization"
)

const nobody = "999999999999"

// organizationChecks is what the organization relies on: a tree that is read as a whole, moves that happen once, and tags.
func organizationChecks(s *setUp) []check {
	var (
		place scene
		c     *organization.Client
	)
	return []check{
		{"a unit is made, and seen under its path", func(ctx context.Context) (err error) {
			c = organization.New(s.cfg, organization.Options{})
			place, err = setScene(ctx, s)
			if err != nil {
				return err
			}
			o, err := c.Fresh(ctx, time.Now())
			if err != nil {
				return err
			}
			u, err := o.Unit(s.name("unit"))
			return want(u.ID == place.unit && u.ParentID == place.root && o.RootID == place.root && o.ManagementAccountID == place.management, err, "unit %+v of %+v", u, place)
		}},
		{"an account is found by its address, in any case of its letters", func(ctx context.Context) error {
			a, ok, err := c.AccountByEmail(ctx, strings.ToUpper(place.email), time.Now())
			return want(ok && a.ID == place.account && a.Active(), err, "account %+v", a)
		}},
		{"an account is known by its id, and nobody's is not", func(ctx context.Context) error {
			a, ok, err := c.Account(ctx, place.account)
			if err = want(ok && a.ID == place.account && a.Active(), err, "account %+v", a); err != nil {
				return err
			}
			a, ok, err = c.Account(ctx, nobody)
			if err = want(!ok, err, "nobody's account %+v", a); err != nil {
				return err
			}
			_, err = c.Parent(ctx, nobody)
			return want(awstest.Verdict(err) == "V2013", nil, "parent of nobody: %v", err)
		}},
		{"an account moves", func(ctx context.Context) error {
			if err := c.Move(ctx, place.account, place.root, place.unit); err != nil {
				return err
			}
			parent, err := c.Parent(ctx, place.account)
			return want(parent == place.unit, err, "it is in %s", parent)
		}},
		{"a move from where the account is not is refused", func(ctx context.Context) error {
			err := c.Move(ctx, place.account, place.root, place.unit)
			return want(awstest.Verdict(err) == "wait", nil, "move: %v", err)
		}},
		{"a unit that is there already is not made a second time", func(ctx context.Context) error {
			if err := c.CreateUnit(ctx, place.root, s.name("unit")); err != nil {
				return err
			}
			o, err := c.Fresh(ctx, time.Now())
			if err != nil {
				return err
			}
			n := 0
			for _, u := range o.Units {
				if u.Name == s.name("unit") {
					n++
				}
			}
			return want(n == 1, nil, "there are %d", n)
		}},
		{"tags are put on an account, and may be put twice", func(ctx context.Context) error {
			for range 2 {
				if err := c.Tag(ctx, place.account, []account.Tag{{Key: "vend-contract", Value: ""}}); err != nil {
					return err
				}
			}
			pages := organizations.NewListTagsForResourcePaginator(organizations.NewFromConfig(s.cfg), &organizations.ListTagsForResourceInput{ResourceId: &place.account})
			for pages.HasMorePages() {
				page, err := pages.NextPage(ctx)
				if err != nil {
					return err
				}
				for _, tag := range page.Tags {
					if aws.ToString(tag.Key) == "vend-contract" {
						return nil
					}
				}
			}
			return errors.New("the tag is not there")
		}},
		{"nobody's account can't be tagged", func(ctx context.Context) error {
			err := c.Tag(ctx, nobody, []account.Tag{{Key: "a", Value: "b"}})
			return want(awstest.Verdict(err) == "V2013", nil, "tag: %v", err)
		}},
		{"the services with trusted access are listed", func(ctx context.Context) error {
			_, err := c.Trusted(ctx)
			return err
		}},
	}
}

// scene is an organization with an account in its root and a unit without accounts.
type scene struct{ management, root, unit, account, email string }

// setScene makes what is missing: an organization, the account, the unit. A given account goes back to the root in the end,
// and the unit goes.
func setScene(ctx context.Context, s *setUp) (scene, error) {
	var place scene
	raw := organizations.NewFromConfig(s.cfg)
	o, err := raw.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	if err != nil {
		if _, err := raw.CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: "ALL"}); err != nil {
			return place, err
		}
		if o, err = raw.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{}); err != nil {
			return place, err
		}
	}
	place.management = aws.ToString(o.Organization.MasterAccountId)
	roots, err := raw.ListRoots(ctx, &organizations.ListRootsInput{})
	if err != nil {
		return place, err
	}
	place.root = aws.ToString(roots.Roots[0].Id)
	if place.account = s.account; place.account == "" {
		if place.account, err = makeAccount(ctx, s, raw); err != nil {
			return place, err
		}
	}
	a, err := raw.DescribeAccount(ctx, &organizations.DescribeAccountInput{AccountId: &place.account})
	if err != nil {
		return place, err
	}
	place.email = aws.ToString(a.Account.Email)
	made, err := raw.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: &place.root, Name: aws.String(s.name("unit"))})
	if err != nil {
		return place, err
	}
	place.unit = aws.ToString(made.OrganizationalUnit.Id)
	if s.account != "" {
		s.later(func(ctx context.Context) error {
			_, err := raw.MoveAccount(ctx, &organizations.MoveAccountInput{AccountId: &place.account, SourceParentId: &place.unit, DestinationParentId: &place.root})
			_, gone := raw.DeleteOrganizationalUnit(ctx, &organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: &place.unit})
			if gone != nil {
				return errors.Join(err, gone)
			}
			return nil // where the account was not in the unit there was nothing to move
		})
	}
	return place, nil
}

func makeAccount(ctx context.Context, s *setUp, raw *organizations.Client) (id string, err error) {
	made, err := raw.CreateAccount(ctx, &organizations.CreateAccountInput{
		AccountName: aws.String(s.name("account")), Email: aws.String("Contract" + s.unique + "@example.com"),
	})
	if err != nil {
		return "", err
	}
	err = until(ctx, func() (bool, error) {
		out, err := raw.DescribeCreateAccountStatus(ctx, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: made.CreateAccountStatus.Id})
		if err != nil {
			return false, err
		}
		id = aws.ToString(out.CreateAccountStatus.AccountId)
		return out.CreateAccountStatus.State == "SUCCEEDED", want(out.CreateAccountStatus.State != "FAILED", nil, "account: %s", out.CreateAccountStatus.FailureReason)
	})
	return id, err
}
