package identitycenter

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"

	"github.com/vend-cli/vend/internal/account"
)

// singly is how many groups, and how many users, are looked up one by one before their roll is read beside.
const singly = 20

// roll is the list of all groups or of all users of the store, read a page at a time. Few names are cheapest looked up
// one by one, many by reading the roll; nobody knows beforehand how many there will be, nor how long the roll is. So from
// the twenty-first look-up on, each one reads another page first: however many rows ask, the calls are at most twenty and
// twice the pages of the roll (Identity Store API Reference, ListGroups, ListUsers).
type roll struct {
	kind  account.PrincipalType
	turn  chan struct{} // holds one token while somebody reads
	ids   map[string]string
	byID  map[string]bool
	folds map[string]bool // names in small letters
	next  *string         // the page to read next
	begun time.Time       // when the first page was asked for
	whole bool            // all pages are read
	asked int             // look-ups since it was forgotten

	expired atomic.Bool // AWS does not know somebody of it any more
}

func newRoll(kind account.PrincipalType) *roll {
	return &roll{kind: kind, turn: make(chan struct{}, 1)}
}

// find looks a group or user up in the roll, and reads on in it. settled says that the answer needs no further look: an
// id, or none where the whole roll was read within the last minute and bears nothing like the name.
func (l *roll) find(ctx context.Context, c *Client, store string, p principal) (id string, settled bool, err error) {
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return "", false, ctx.Err()
	}
	now := c.options.Now()
	if l.expired.Swap(false) || now.Sub(l.begun) >= kept {
		l.forget(now)
	}
	if l.asked++; l.asked <= singly {
		return "", false, nil
	}
	if id := l.id(p); id != "" {
		return id, true, nil
	}
	if !l.whole {
		if err := l.read(ctx, c, store); err != nil {
			return "", false, err
		}
	}
	id = l.id(p)
	return id, id != "" || l.whole && now.Sub(l.begun) < relisted && !l.folds[strings.ToLower(p.text)], nil
}

func (l *roll) forget(now time.Time) {
	l.ids, l.byID, l.folds = map[string]string{}, map[string]bool{}, map[string]bool{}
	l.next, l.whole, l.asked, l.begun = nil, false, 0, now
}

// id is the principal's id, as far as the roll is read; empty where it does not bear it.
func (l *roll) id(p principal) string {
	switch {
	case !p.byID:
		return l.ids[p.text]
	case l.byID[p.text]:
		return p.text
	}
	return ""
}

// read reads one more page.
func (l *roll) read(ctx context.Context, c *Client, store string) error {
	size := aws.Int32(100)
	if l.kind == account.GroupPrincipal {
		out, err := c.store.ListGroups(ctx, &identitystore.ListGroupsInput{IdentityStoreId: &store, MaxResults: size, NextToken: l.next})
		if err != nil {
			return fmt.Errorf("list groups: %w", judge("identitystore.ListGroups", err))
		}
		for _, g := range out.Groups {
			l.add(g.DisplayName, g.GroupId)
		}
		l.next = out.NextToken
	} else {
		out, err := c.store.ListUsers(ctx, &identitystore.ListUsersInput{IdentityStoreId: &store, MaxResults: size, NextToken: l.next})
		if err != nil {
			return fmt.Errorf("list users: %w", judge("identitystore.ListUsers", err))
		}
		for _, u := range out.Users {
			l.add(u.UserName, u.UserId)
		}
		l.next = out.NextToken
	}
	l.whole = l.next == nil
	return nil
}

func (l *roll) add(name, id *string) {
	if aws.ToString(id) == "" {
		return
	}
	l.byID[*id] = true
	if n := aws.ToString(name); n != "" {
		l.ids[n], l.folds[strings.ToLower(n)] = *id, true
	}
}
