package identitycenter

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/document"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/directory"
)

var _ directory.Identity = (*Client)(nil)

// Resolve fills in the ARN of the permission set and the id of the group or user that an assignment names, as
// [directory.Resolve] does.
func (c *Client) Resolve(ctx context.Context, a account.Assignment) (account.Assignment, error) {
	return directory.Resolve(ctx, c, a)
}

// How long what was found serves again. A name that was not found is looked for again after relisted.
const (
	kept     = 10 * time.Minute
	relisted = time.Minute
)

// permissionSets is what is known of the instance's permission sets. Their names never change.
type permissionSets struct {
	turn     chan struct{}     // holds one token while somebody looks or asks
	names    map[string]string // ARN to name
	pending  []string          // ARNs that were listed, and not described yet
	listedAt time.Time
	expired  atomic.Bool // AWS does not know one of them any more
}

func newPermissionSets() *permissionSets {
	return &permissionSets{turn: make(chan struct{}, 1), names: map[string]string{}}
}

// PermissionSet finds the ARN of a permission set by its name or ARN. All are listed and described, up to the one that is
// asked for, and kept for ten minutes; a name that is not among them is looked for in a new list, once a minute at most.
// The error is a [directory.UnknownPermissionSet] when there is none (IAM Identity Center API Reference,
// ListPermissionSets, DescribePermissionSet).
func (c *Client) PermissionSet(ctx context.Context, nameOrARN string) (string, error) {
	s := c.sets
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if c.options.Now().Sub(s.listedAt) > kept || s.expired.Load() {
		if err := c.listPermissionSets(ctx); err != nil {
			return "", err
		}
	}
	arn, err := c.findPermissionSet(ctx, nameOrARN)
	if arn == "" && err == nil && c.options.Now().Sub(s.listedAt) > relisted {
		if err := c.listPermissionSets(ctx); err != nil {
			return "", err
		}
		arn, err = c.findPermissionSet(ctx, nameOrARN)
	}
	switch {
	case err != nil:
		return "", err
	case arn != "":
		return arn, nil
	}
	var names []string
	for _, name := range s.names {
		names = append(names, name)
	}
	slices.Sort(names)
	return "", &directory.UnknownPermissionSet{Text: nameOrARN, Suggestions: directory.SimilarPermissionSets(nameOrARN, names)}
}

// findPermissionSet looks among those that were listed, and describes them up to the one that is asked for.
func (c *Client) findPermissionSet(ctx context.Context, nameOrARN string) (string, error) {
	s := c.sets
	if strings.HasPrefix(nameOrARN, "arn:") {
		if _, ok := s.names[nameOrARN]; ok || slices.Contains(s.pending, nameOrARN) {
			return nameOrARN, nil
		}
		return "", nil
	}
	for arn, name := range s.names {
		if name == nameOrARN {
			return arn, nil
		}
	}
	instance, _, err := c.Instance(ctx)
	if err != nil {
		return "", err
	}
	for len(s.pending) > 0 {
		arn := s.pending[0]
		out, err := c.sso.DescribePermissionSet(ctx, &ssoadmin.DescribePermissionSetInput{InstanceArn: &instance, PermissionSetArn: &arn})
		if err != nil && code(err) != notFound { // deleted since it was listed
			return "", fmt.Errorf("describe permission set %s: %w", arn, judge("sso.DescribePermissionSet", err))
		}
		s.pending = s.pending[1:]
		if err != nil || out.PermissionSet == nil {
			continue
		}
		s.names[arn] = aws.ToString(out.PermissionSet.Name)
		if s.names[arn] == nameOrARN {
			return arn, nil
		}
	}
	return "", nil
}

func (c *Client) listPermissionSets(ctx context.Context) error {
	instance, _, err := c.Instance(ctx)
	if err != nil {
		return err
	}
	s, now := c.sets, c.options.Now()
	names, pending := map[string]string{}, []string(nil)
	pages := ssoadmin.NewListPermissionSetsPaginator(c.sso, &ssoadmin.ListPermissionSetsInput{InstanceArn: &instance, MaxResults: aws.Int32(100)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list permission sets: %w", judge("sso.ListPermissionSets", err))
		}
		for _, arn := range page.PermissionSets {
			if name, known := s.names[arn]; known {
				names[arn] = name
			} else {
				pending = append(pending, arn)
			}
		}
	}
	s.names, s.pending, s.listedAt = names, pending, now
	s.expired.Store(false)
	return nil
}

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
