package identitycenter

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
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
	return "", &directory.UnknownPermissionSet{Text: nameOrARN, Suggestions: directory.Similar(nameOrARN, names)}
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
