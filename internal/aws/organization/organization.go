// Package organization asks AWS Organizations for the tree of units, the accounts and their tags.
//
// Organizations has no look-up by e-mail address and answers lists twenty at a time, so the whole organization is read
// and kept for a while; who needs to know what is true now says from when on ([Client.Fresh], [Client.AccountByEmail]).
//
// It imports account, directory and retry.
package organization

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/directory"
)

// Options are how an organization is read. The zero value will do.
type Options struct {
	// Governed says what Control Tower governs; nil: nothing is known to be.
	Governed func(context.Context) (directory.Governed, error)
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Client is the organization of the caller. It is safe for concurrent use: however many ask, it is read once at a time.
type Client struct {
	organizations calls
	options       Options
	tree          *snapshot[*directory.Organization] // without accounts
	members       *snapshot[*directory.Organization] // nothing but accounts
	whole         *snapshot[*directory.Organization]
	rootID        *snapshot[string] // an organization has the same one for good
}

// New makes a client. The caller is in the management account, or in a delegated administrator's.
func New(cfg aws.Config, o Options) *Client {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Client{
		organizations: callsOf(organizations.NewFromConfig(cfg)), options: o,
		tree: newSnapshot[*directory.Organization](), members: newSnapshot[*directory.Organization](),
		whole: newSnapshot[*directory.Organization](), rootID: newSnapshot[string](),
	}
}

// kept is how old an organization may be for those who do not say.
const kept = 5 * time.Minute

// Organization is the whole organization as it was within the last five minutes.
func (c *Client) Organization(ctx context.Context) (*directory.Organization, error) {
	return c.Fresh(ctx, c.options.Now().Add(-kept))
}

// Management is the id of the management account (AWS Organizations API Reference, DescribeOrganization).
func (c *Client) Management(ctx context.Context) (accountID string, err error) {
	out, err := c.organizations.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	if err != nil {
		return "", fmt.Errorf("describe organization: %w", judge("organizations.DescribeOrganization", err))
	}
	return aws.ToString(out.Organization.MasterAccountId), nil
}

// Fresh is the whole organization as it was at notBefore or later. What was read since then serves again.
func (c *Client) Fresh(ctx context.Context, notBefore time.Time) (*directory.Organization, error) {
	return c.whole.get(ctx, notBefore, func() (*directory.Organization, time.Time, error) {
		tree, err := c.tree.get(ctx, notBefore, func() (*directory.Organization, time.Time, error) { return c.readTree(ctx) })
		if err != nil {
			return nil, time.Time{}, err
		}
		members, err := c.accounts(ctx, notBefore)
		if err != nil {
			return nil, time.Time{}, err
		}
		whole := &directory.Organization{
			ManagementAccountID: tree.ManagementAccountID, RootID: tree.RootID, Units: tree.Units,
			Accounts: slices.Clone(members.Accounts), TakenAt: tree.TakenAt,
		}
		if members.TakenAt.Before(whole.TakenAt) {
			whole.TakenAt = members.TakenAt
		}
		if err := c.fillGoverned(ctx, whole); err != nil {
			return nil, time.Time{}, err
		}
		return whole, whole.TakenAt, c.fillParents(ctx, whole)
	})
}

// AccountByEmail finds the account with that root e-mail address, in any state, as of notBefore or later; false when the
// organization has none. Accounts that people have made since the organization was listed are looked for in the root,
// where Organizations puts them (AWS Organizations API Reference, CreateAccount), so that the list itself may be older. The
// account's ParentID may be empty.
func (c *Client) AccountByEmail(ctx context.Context, email string, notBefore time.Time) (directory.Account, bool, error) {
	members, err := c.accounts(ctx, notBefore)
	if err != nil {
		return directory.Account{}, false, err
	}
	if a, ok := members.ByEmail(email); ok || c.options.Now().Sub(members.TakenAt) < justNow {
		return a, ok, nil
	}
	root, err := c.root(ctx)
	if err != nil {
		return directory.Account{}, false, err
	}
	newcomers, err := c.accountsIn(ctx, root)
	if err != nil {
		return directory.Account{}, false, err
	}
	a, ok := (&directory.Organization{Accounts: newcomers}).ByEmail(email)
	return a, ok, nil
}

// justNow is how old a list is that nobody has made an account behind.
const justNow = time.Minute

// Account asks about one account now; false when it is not in the organization. Its ParentID may be empty (AWS
// Organizations API Reference, DescribeAccount).
func (c *Client) Account(ctx context.Context, id string) (directory.Account, bool, error) {
	out, err := c.organizations.DescribeAccount(ctx, &organizations.DescribeAccountInput{AccountId: &id})
	switch {
	case code(err) == "AccountNotFoundException":
		return directory.Account{}, false, nil
	case err != nil:
		return directory.Account{}, false, fmt.Errorf("describe account %s: %w", id, judge("organizations.DescribeAccount", err))
	}
	return member(*out.Account), true, nil
}

// Parent asks which unit, or root, an account or unit is in now (AWS Organizations API Reference, ListParents).
func (c *Client) Parent(ctx context.Context, id string) (string, error) {
	pages := organizations.NewListParentsPaginator(c.organizations, &organizations.ListParentsInput{ChildId: &id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", fmt.Errorf("find parent of %s: %w", id, judge("organizations.ListParents", err))
		}
		for _, p := range page.Parents {
			return aws.ToString(p.Id), nil // a child has one parent
		}
	}
	return "", fmt.Errorf("find parent of %s: Organizations names none", id)
}

// Tag gives an account the tags that it does not have yet, or has with another value; others stay. It makes no mutating
// call when there is nothing to do (AWS Organizations API Reference, TagResource).
func (c *Client) Tag(ctx context.Context, accountID string, tags []account.Tag) error {
	have := map[string]string{}
	pages := organizations.NewListTagsForResourcePaginator(c.organizations, &organizations.ListTagsForResourceInput{ResourceId: &accountID})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list tags of account %s: %w", accountID, judge("organizations.ListTagsForResource", err))
		}
		for _, t := range page.Tags {
			have[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
	}
	var missing []types.Tag
	for _, t := range tags {
		if value, ok := have[t.Key]; !ok || value != t.Value {
			missing = append(missing, types.Tag{Key: aws.String(t.Key), Value: aws.String(t.Value)})
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err := c.organizations.TagResource(ctx, &organizations.TagResourceInput{ResourceId: &accountID, Tags: missing},
		func(o *organizations.Options) { o.Retryer = aws.NopRetryer{} })
	if err != nil {
		return fmt.Errorf("tag account %s: %w", accountID, judge("organizations.TagResource", err))
	}
	return nil
}

// Move moves an account from one unit, or the root, to another. It is fine where the account is there already; it makes one
// attempt, and an error that is no verdict means that the account may have been moved (AWS Organizations API Reference,
// MoveAccount).
func (c *Client) Move(ctx context.Context, accountID, from, to string) error {
	_, err := c.organizations.MoveAccount(ctx, &organizations.MoveAccountInput{
		AccountId: &accountID, SourceParentId: &from, DestinationParentId: &to,
	}, func(o *organizations.Options) { o.Retryer = aws.NopRetryer{} })
	if err != nil && code(err) != "DuplicateAccountException" {
		return fmt.Errorf("move account %s from %s to %s: %w", accountID, from, to, judge("organizations.MoveAccount", err))
	}
	return nil
}

// member translates an account. Its status is on its way out in favour of its state; which of them is there depends on
// when and where one asks (AWS Organizations API Reference, Account).
func member(a types.Account) directory.Account {
	state := string(a.State)
	if state == "" {
		state = string(a.Status)
	}
	return directory.Account{
		ID: aws.ToString(a.Id), ARN: aws.ToString(a.Arn), Name: aws.ToString(a.Name), Email: aws.ToString(a.Email),
		State: state, ParentID: parentInPath(a.Paths), JoinedAt: aws.ToTime(a.JoinedTimestamp),
	}
}

// parentInPath reads the parent from paths like "o-…/r-…/ou-…/ou-…/111122223333/"; empty when there is none.
func parentInPath(paths []string) string {
	for _, path := range paths {
		for _, id := range slices.Backward(strings.Split(path, "/")) {
			if strings.HasPrefix(id, "ou-") || strings.HasPrefix(id, "r-") {
				return id
			}
		}
	}
	return ""
}
