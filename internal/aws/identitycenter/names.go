package identitycenter

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/directory"
)

// PermissionSetNames finds the names of permission sets by their ARNs; one that there is no more has none. Names never
// change, so each is asked for once (IAM Identity Center API Reference, DescribePermissionSet).
func (c *Client) PermissionSetNames(ctx context.Context, arns []string) (map[string]string, error) {
	instance, _, err := c.Instance(ctx)
	if err != nil {
		return nil, err
	}
	type named struct{ arn, name string }
	found, err := each(ctx, arns, func(ctx context.Context, arn string) ([]named, error) {
		out, err := c.sso.DescribePermissionSet(ctx, &ssoadmin.DescribePermissionSetInput{InstanceArn: &instance, PermissionSetArn: &arn})
		switch {
		case code(err) == notFound:
			return nil, nil
		case err != nil:
			return nil, fmt.Errorf("describe permission set %s: %w", arn, judge("sso.DescribePermissionSet", err))
		case out.PermissionSet == nil:
			return nil, nil
		}
		return []named{{arn, aws.ToString(out.PermissionSet.Name)}}, nil
	})
	names := make(map[string]string, len(found))
	for _, n := range found {
		names[n.arn] = n.name
	}
	return names, err
}

// HolderNames finds the names of groups and users by their ids; one that there is no more has none (Identity Store API
// Reference, DescribeGroup, DescribeUser).
func (c *Client) HolderNames(ctx context.Context, holders []directory.Holder) (map[directory.Holder]string, error) {
	_, store, err := c.Instance(ctx)
	if err != nil {
		return nil, err
	}
	type named struct {
		holder directory.Holder
		name   string
	}
	found, err := each(ctx, holders, func(ctx context.Context, h directory.Holder) ([]named, error) {
		name, operation, err := "", "identitystore.DescribeUser", error(nil)
		if h.Type == account.GroupPrincipal {
			operation = "identitystore.DescribeGroup"
			var out *identitystore.DescribeGroupOutput
			if out, err = c.store.DescribeGroup(ctx, &identitystore.DescribeGroupInput{IdentityStoreId: &store, GroupId: &h.ID}); err == nil {
				name = aws.ToString(out.DisplayName)
			}
		} else {
			var out *identitystore.DescribeUserOutput
			if out, err = c.store.DescribeUser(ctx, &identitystore.DescribeUserInput{IdentityStoreId: &store, UserId: &h.ID}); err == nil {
				name = aws.ToString(out.UserName)
			}
		}
		switch {
		case code(err) == notFound:
			return nil, nil
		case err != nil:
			return nil, fmt.Errorf("describe %s: %w", h.ID, judge(operation, err))
		}
		return []named{{h, name}}, nil
	})
	names := make(map[directory.Holder]string, len(found))
	for _, n := range found {
		names[n.holder] = n.name
	}
	return names, err
}

// mostSimilar is among how many groups or users a name is looked for that may have been meant.
const mostSimilar = 5000

// Similar picks at most three names of groups or users that a misspelt one may have meant, the nearest first (Identity
// Store API Reference, ListGroups, ListUsers).
func (c *Client) Similar(ctx context.Context, kind account.PrincipalType, name string) ([]string, error) {
	_, store, err := c.Instance(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	if kind == account.GroupPrincipal {
		pages := identitystore.NewListGroupsPaginator(c.store, &identitystore.ListGroupsInput{IdentityStoreId: &store, MaxResults: aws.Int32(100)})
		for pages.HasMorePages() && len(names) < mostSimilar {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, fmt.Errorf("list groups: %w", judge("identitystore.ListGroups", err))
			}
			for _, g := range page.Groups {
				names = append(names, aws.ToString(g.DisplayName))
			}
		}
		return directory.Similar(name, names), nil
	}
	pages := identitystore.NewListUsersPaginator(c.store, &identitystore.ListUsersInput{IdentityStoreId: &store, MaxResults: aws.Int32(100)})
	for pages.HasMorePages() && len(names) < mostSimilar {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list users: %w", judge("identitystore.ListUsers", err))
		}
		for _, u := range page.Users {
			names = append(names, aws.ToString(u.UserName))
		}
	}
	return directory.Similar(name, names), nil
}

// holders are all groups and users, if they are fewer than so many; it stops reading where they are not.
func (c *Client) holders(ctx context.Context, than int) (all []directory.Holder, fewer bool, err error) {
	_, store, err := c.Instance(ctx)
	if err != nil {
		return nil, false, err
	}
	groups := identitystore.NewListGroupsPaginator(c.store, &identitystore.ListGroupsInput{IdentityStoreId: &store, MaxResults: aws.Int32(100)})
	for groups.HasMorePages() && len(all) < than {
		page, err := groups.NextPage(ctx)
		if err != nil {
			return nil, false, fmt.Errorf("list groups: %w", judge("identitystore.ListGroups", err))
		}
		for _, g := range page.Groups {
			all = append(all, directory.Holder{Type: account.GroupPrincipal, ID: aws.ToString(g.GroupId)})
		}
	}
	users := identitystore.NewListUsersPaginator(c.store, &identitystore.ListUsersInput{IdentityStoreId: &store, MaxResults: aws.Int32(100)})
	for users.HasMorePages() && len(all) < than {
		page, err := users.NextPage(ctx)
		if err != nil {
			return nil, false, fmt.Errorf("list users: %w", judge("identitystore.ListUsers", err))
		}
		for _, u := range page.Users {
			all = append(all, directory.Holder{Type: account.UserPrincipal, ID: aws.ToString(u.UserId)})
		}
	}
	return all, len(all) < than, nil
}
