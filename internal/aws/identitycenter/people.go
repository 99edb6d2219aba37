package identitycenter

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/document"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/directory"
)

// principal is a group or user as it is asked for.
type principal struct {
	kind account.PrincipalType
	text string
	byID bool
}

// seen is a principal's id, and when it was answered.
type seen struct {
	id string
	at time.Time
}

// Principal finds the id of a group by its display name, or of a user by the user name; who was found is kept for ten
// minutes. The error is a [directory.UnknownPrincipal] when there is none (Identity Store API Reference, GetGroupId,
// GetUserId).
func (c *Client) Principal(ctx context.Context, kind account.PrincipalType, name string) (string, error) {
	id, ok, err := c.lookUp(ctx, principal{kind: kind, text: name})
	if err == nil && !ok {
		return "", &directory.UnknownPrincipal{Type: kind, Text: name}
	}
	return id, err
}

// PrincipalByID says whether a group or user with that id exists (Identity Store API Reference, DescribeGroup,
// DescribeUser).
func (c *Client) PrincipalByID(ctx context.Context, kind account.PrincipalType, id string) (bool, error) {
	_, ok, err := c.lookUp(ctx, principal{kind: kind, text: id, byID: true})
	return ok, err
}

func (c *Client) lookUp(ctx context.Context, p principal) (id string, ok bool, err error) {
	c.mu.Lock()
	known, ok := c.people[p]
	c.mu.Unlock()
	if ok && c.options.Now().Sub(known.at) < kept {
		return known.id, true, nil
	}
	_, store, err := c.Instance(ctx)
	if err != nil {
		return "", false, err
	}
	id, settled, err := c.rolls[p.kind].find(ctx, c, store, p)
	if err != nil || settled {
		return id, id != "", err
	}
	id, operation, err := c.ask(ctx, store, p)
	switch code(err) {
	case notFound, "ValidationException": // the store has nobody of a name that can't be one
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("find %s %s: %w", strings.ToLower(string(p.kind)), p.text, judge(operation, err))
	}
	c.mu.Lock()
	c.people[p] = seen{id, c.options.Now()}
	c.mu.Unlock()
	return id, true, nil
}

func (c *Client) ask(ctx context.Context, store string, p principal) (id, operation string, err error) {
	switch group := p.kind == account.GroupPrincipal; {
	case group && p.byID:
		out, err := c.store.DescribeGroup(ctx, &identitystore.DescribeGroupInput{IdentityStoreId: &store, GroupId: &p.text})
		if err != nil {
			return "", "identitystore.DescribeGroup", err
		}
		return aws.ToString(out.GroupId), "", nil
	case group:
		out, err := c.store.GetGroupId(ctx, &identitystore.GetGroupIdInput{IdentityStoreId: &store, AlternateIdentifier: unique("displayName", p.text)})
		if err != nil {
			return "", "identitystore.GetGroupId", err
		}
		return aws.ToString(out.GroupId), "", nil
	case p.byID:
		out, err := c.store.DescribeUser(ctx, &identitystore.DescribeUserInput{IdentityStoreId: &store, UserId: &p.text})
		if err != nil {
			return "", "identitystore.DescribeUser", err
		}
		return aws.ToString(out.UserId), "", nil
	}
	out, err := c.store.GetUserId(ctx, &identitystore.GetUserIdInput{IdentityStoreId: &store, AlternateIdentifier: unique("userName", p.text)})
	if err != nil {
		return "", "identitystore.GetUserId", err
	}
	return aws.ToString(out.UserId), "", nil
}

func unique(path, value string) types.AlternateIdentifier {
	return &types.AlternateIdentifierMemberUniqueAttribute{Value: types.UniqueAttribute{
		AttributePath: &path, AttributeValue: document.NewLazyDocument(value),
	}}
}
