package organization

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/directory"
)

const pageSize = 20 // the most that any list of Organizations takes

// readTree reads the root and all units below it, level by level.
func (c *Client) readTree(ctx context.Context) (*directory.Organization, time.Time, error) {
	o := &directory.Organization{TakenAt: c.options.Now()}
	var err error
	if o.ManagementAccountID, err = c.Management(ctx); err != nil {
		return nil, time.Time{}, err
	}
	if o.RootID, err = c.root(ctx); err != nil {
		return nil, time.Time{}, err
	}
	if o.Units, err = c.unitsBelow(ctx, o.RootID, ""); err != nil {
		return nil, time.Time{}, err
	}
	for i := 0; i < len(o.Units); i++ { // grows while it is walked
		u := o.Units[i]
		children, err := c.unitsBelow(ctx, u.ID, u.Path+"/")
		if err != nil {
			return nil, time.Time{}, err
		}
		o.Units = append(o.Units, children...)
	}
	return o, o.TakenAt, nil
}

// root asks once: an organization has one root, and the same for good.
func (c *Client) root(ctx context.Context) (string, error) {
	return c.rootID.get(ctx, time.Time{}, func() (string, time.Time, error) {
		pages := organizations.NewListRootsPaginator(c.organizations, &organizations.ListRootsInput{})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return "", time.Time{}, fmt.Errorf("find root: %w", judge("organizations.ListRoots", err))
			}
			for _, r := range page.Roots {
				return aws.ToString(r.Id), c.options.Now(), nil
			}
		}
		return "", time.Time{}, errors.New("find root: the organization names none")
	})
}

func (c *Client) unitsBelow(ctx context.Context, parent, prefix string) (units []directory.Unit, err error) {
	pages := organizations.NewListOrganizationalUnitsForParentPaginator(c.organizations,
		&organizations.ListOrganizationalUnitsForParentInput{ParentId: &parent, MaxResults: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list units below %s: %w", parent, judge("organizations.ListOrganizationalUnitsForParent", err))
		}
		for _, u := range page.OrganizationalUnits {
			name := aws.ToString(u.Name)
			units = append(units, directory.Unit{
				OrganizationalUnit: account.OrganizationalUnit{ID: aws.ToString(u.Id), Name: name, Path: prefix + name}, ParentID: parent,
			})
		}
	}
	return units, nil
}

// accounts is an organization that holds nothing but its accounts.
func (c *Client) accounts(ctx context.Context, notBefore time.Time) (*directory.Organization, error) {
	return c.members.get(ctx, notBefore, func() (*directory.Organization, time.Time, error) {
		o := &directory.Organization{TakenAt: c.options.Now()}
		pages := organizations.NewListAccountsPaginator(c.organizations, &organizations.ListAccountsInput{MaxResults: aws.Int32(pageSize)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, time.Time{}, fmt.Errorf("list accounts: %w", judge("organizations.ListAccounts", err))
			}
			for _, a := range page.Accounts {
				o.Accounts = append(o.Accounts, member(a))
			}
		}
		return o, o.TakenAt, nil
	})
}

// fillGoverned marks what Control Tower governs. The units are those of the tree that others share: they are copied.
func (c *Client) fillGoverned(ctx context.Context, o *directory.Organization) error {
	if c.options.Governed == nil {
		return nil
	}
	governed, err := c.options.Governed(ctx)
	if err != nil {
		return err
	}
	o.Units = slices.Clone(o.Units)
	for i := range o.Units {
		o.Units[i].Registered = governed.Units[o.Units[i].ID]
	}
	for i := range o.Accounts {
		a := &o.Accounts[i]
		a.Enrolled, a.Shared = governed.Accounts[a.ID], governed.Shared[a.ID]
	}
	return nil
}

// fillParents asks every unit for its accounts where the list of accounts came without paths.
func (c *Client) fillParents(ctx context.Context, o *directory.Organization) error {
	if !slices.ContainsFunc(o.Accounts, func(a directory.Account) bool { return a.ParentID == "" }) {
		return nil
	}
	parent := map[string]string{}
	for _, id := range append([]string{o.RootID}, ids(o.Units)...) {
		accounts, err := c.accountsIn(ctx, id)
		if err != nil {
			return err
		}
		for _, a := range accounts {
			parent[a.ID] = id
		}
	}
	for i, a := range o.Accounts {
		if a.ParentID == "" {
			o.Accounts[i].ParentID = parent[a.ID]
		}
	}
	return nil
}

func ids(units []directory.Unit) []string {
	ids := make([]string, len(units))
	for i, u := range units {
		ids[i] = u.ID
	}
	return ids
}

// accountsIn are the accounts that are directly in a unit, or in the root.
func (c *Client) accountsIn(ctx context.Context, parent string) (accounts []directory.Account, err error) {
	pages := organizations.NewListAccountsForParentPaginator(c.organizations,
		&organizations.ListAccountsForParentInput{ParentId: &parent, MaxResults: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list accounts in %s: %w", parent, judge("organizations.ListAccountsForParent", err))
		}
		for _, a := range page.Accounts {
			a := member(a)
			a.ParentID = parent
			accounts = append(accounts, a)
		}
	}
	return accounts, nil
}
