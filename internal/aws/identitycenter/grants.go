package identitycenter

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"golang.org/x/sync/errgroup"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/directory"
)

// Scope is the part of the instance whose grants are asked for. What is nil narrows nothing.
type Scope struct {
	Accounts       []string // ids
	PermissionSets []string // ARNs
	Holders        []directory.Holder
	Deleted        bool // some of the holders are there no more, so only pairs tell of them
}

// Survey says how grants were listed: what each road cost, or would have cost, and which was taken.
type Survey struct {
	Pairs   int  // accounts with a permission set that somebody has there: one call each, and one for each further page
	Holders int  // groups and users: likewise; 0 where nobody counted them
	ByPair  bool // which of the two roads was taken
	Why     string
}

// fewPairs is how many pairs are asked one by one without a look at how many groups and users there are.
const fewPairs = 100

// Grants lists who has which permission set where, in no order, every page followed.
//
// AWS answers for one account and permission set at a time, or for one group or user. Which pairs there are costs one call
// for each permission set, or for each account where those are fewer. Where the pairs are many the groups and users are
// counted, as far as they are fewer than the pairs, and the road with fewer calls is taken. Asked for a user, AWS also
// answers with what its groups have; those are told under the group. A grant whose holder was deleted shows only where
// pairs are asked for, so a pair that the holders left empty is asked as well. Only the management account may ask for
// holders: where AWS refuses that, pairs are asked for (IAM Identity Center API Reference,
// ListAccountsForProvisionedPermissionSet, ListPermissionSetsProvisionedToAccount, ListAccountAssignments,
// ListAccountAssignmentsForPrincipal).
func (c *Client) Grants(ctx context.Context, scope Scope) ([]directory.Grant, Survey, error) {
	if scope.Holders != nil && !scope.Deleted {
		found, err := c.grantsOf(ctx, scope.Holders)
		if refusedWith(err) != denied {
			return scope.within(found), Survey{Holders: len(scope.Holders), Why: "one call for each group or user that was named"}, err
		}
	}
	pairs, err := c.pairs(ctx, scope)
	if err != nil {
		return nil, Survey{}, err
	}
	survey := Survey{Pairs: len(pairs), ByPair: true, Why: "few accounts have a permission set"}
	if scope.Deleted {
		survey.Why = "AWS does not answer for a group or user that was deleted"
	}
	if len(pairs) > fewPairs && scope.Holders == nil {
		holders, fewer, err := c.holders(ctx, len(pairs))
		if err != nil {
			return nil, Survey{}, err
		}
		survey.Holders, survey.Why = len(holders), "there are no fewer groups and users than that"
		if fewer {
			found, err := c.grantsOf(ctx, holders)
			switch {
			case err == nil:
				survey.ByPair, survey.Why = false, "there are fewer groups and users than accounts with a permission set"
				found = scope.within(found)
				rest, err := c.grantsIn(ctx, without(pairs, found))
				return append(found, scope.within(rest)...), survey, err
			case refusedWith(err) != denied:
				return nil, Survey{}, err
			}
			survey.Why = "only the management account may ask for groups and users"
		}
	}
	found, err := c.grantsIn(ctx, pairs)
	return scope.within(found), survey, err
}

// within keeps what is in the scope, each grant once.
func (s Scope) within(grants []directory.Grant) []directory.Grant {
	seen := map[directory.Grant]bool{}
	return slices.DeleteFunc(grants, func(g directory.Grant) bool {
		out := seen[g] ||
			s.Accounts != nil && !slices.Contains(s.Accounts, g.AccountID) ||
			s.PermissionSets != nil && !slices.Contains(s.PermissionSets, g.PermissionSetARN) ||
			s.Holders != nil && !slices.Contains(s.Holders, directory.Holder{Type: g.PrincipalType, ID: g.PrincipalID})
		seen[g] = true
		return out
	})
}

// pair is an account in which somebody has a permission set.
type pair struct{ account, set string }

func without(pairs []pair, found []directory.Grant) []pair {
	seen := map[pair]bool{}
	for _, g := range found {
		seen[pair{g.AccountID, g.PermissionSetARN}] = true
	}
	return slices.DeleteFunc(pairs, func(p pair) bool { return seen[p] })
}

// pairs are those of the scope, asked for by permission set, or by account where fewer of those are meant.
func (c *Client) pairs(ctx context.Context, scope Scope) ([]pair, error) {
	instance, _, err := c.Instance(ctx)
	if err != nil {
		return nil, err
	}
	sets := scope.PermissionSets
	if sets == nil {
		if sets, err = c.permissionSetARNs(ctx, instance); err != nil {
			return nil, err
		}
	}
	var all []pair
	if scope.Accounts != nil && len(scope.Accounts) < len(sets) {
		all, err = each(ctx, scope.Accounts, func(ctx context.Context, id string) (found []pair, err error) {
			sets, err := c.ProvisionedTo(ctx, id)
			for _, set := range sets {
				found = append(found, pair{id, set})
			}
			return found, err
		})
	} else {
		all, err = each(ctx, sets, func(ctx context.Context, set string) (found []pair, err error) {
			pages := ssoadmin.NewListAccountsForProvisionedPermissionSetPaginator(c.sso, &ssoadmin.ListAccountsForProvisionedPermissionSetInput{
				InstanceArn: &instance, PermissionSetArn: &set, MaxResults: aws.Int32(100),
			})
			for pages.HasMorePages() {
				page, err := pages.NextPage(ctx)
				if code(err) == notFound { // deleted since it was listed
					return nil, nil
				}
				if err != nil {
					return nil, fmt.Errorf("list accounts with %s: %w", set, judge("sso.ListAccountsForProvisionedPermissionSet", err))
				}
				for _, id := range page.AccountIds {
					found = append(found, pair{id, set})
				}
			}
			return found, nil
		})
	}
	return slices.DeleteFunc(all, func(p pair) bool {
		return scope.Accounts != nil && !slices.Contains(scope.Accounts, p.account) ||
			scope.PermissionSets != nil && !slices.Contains(scope.PermissionSets, p.set)
	}), err
}

// ProvisionedTo lists the ARNs of the permission sets that an account has (IAM Identity Center API Reference,
// ListPermissionSetsProvisionedToAccount).
func (c *Client) ProvisionedTo(ctx context.Context, accountID string) (arns []string, err error) {
	instance, _, err := c.Instance(ctx)
	if err != nil {
		return nil, err
	}
	pages := ssoadmin.NewListPermissionSetsProvisionedToAccountPaginator(c.sso, &ssoadmin.ListPermissionSetsProvisionedToAccountInput{
		InstanceArn: &instance, AccountId: &accountID, MaxResults: aws.Int32(100),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list permission sets of account %s: %w", accountID, judge("sso.ListPermissionSetsProvisionedToAccount", err))
		}
		arns = append(arns, page.PermissionSets...)
	}
	return arns, nil
}

func (c *Client) permissionSetARNs(ctx context.Context, instance string) (arns []string, err error) {
	pages := ssoadmin.NewListPermissionSetsPaginator(c.sso, &ssoadmin.ListPermissionSetsInput{InstanceArn: &instance, MaxResults: aws.Int32(100)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list permission sets: %w", judge("sso.ListPermissionSets", err))
		}
		arns = append(arns, page.PermissionSets...)
	}
	return arns, nil
}

func (c *Client) grantsIn(ctx context.Context, pairs []pair) ([]directory.Grant, error) {
	return each(ctx, pairs, func(ctx context.Context, p pair) ([]directory.Grant, error) {
		there, err := c.Assigned(ctx, p.account, p.set)
		if refusedWith(err) == notFound { // it went since it was listed
			return nil, nil
		}
		found := make([]directory.Grant, len(there))
		for i, a := range there {
			found[i] = directory.Grant{AccountID: p.account, PermissionSetARN: p.set, PrincipalType: a.PrincipalType, PrincipalID: a.PrincipalID}
		}
		return found, err
	})
}

func (c *Client) grantsOf(ctx context.Context, holders []directory.Holder) ([]directory.Grant, error) {
	instance, _, err := c.Instance(ctx)
	if err != nil {
		return nil, err
	}
	return each(ctx, holders, func(ctx context.Context, h directory.Holder) (found []directory.Grant, err error) {
		pages := ssoadmin.NewListAccountAssignmentsForPrincipalPaginator(c.sso, &ssoadmin.ListAccountAssignmentsForPrincipalInput{
			InstanceArn: &instance, PrincipalId: &h.ID, PrincipalType: types.PrincipalType(h.Type), MaxResults: aws.Int32(100),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if code(err) == notFound { // deleted since it was listed
				return nil, nil
			}
			if err != nil {
				return nil, fmt.Errorf("list assignments of %s: %w", h.ID, judge("sso.ListAccountAssignmentsForPrincipal", err))
			}
			for _, a := range page.AccountAssignments {
				found = append(found, directory.Grant{
					AccountID: aws.ToString(a.AccountId), PermissionSetARN: aws.ToString(a.PermissionSetArn),
					PrincipalType: account.PrincipalType(a.PrincipalType), PrincipalID: aws.ToString(a.PrincipalId),
				})
			}
		}
		return found, nil
	})
}

// atOnce is how many calls of a list wait for their turn at once: enough to use up what may be called in a second.
const atOnce = 20

// each asks for every item, some at once, and stops at the first error.
func each[In, Out any](ctx context.Context, items []In, ask func(context.Context, In) ([]Out, error)) ([]Out, error) {
	var (
		mu  sync.Mutex
		all []Out
	)
	asked, ctx := errgroup.WithContext(ctx)
	asked.SetLimit(atOnce)
	for _, item := range items {
		asked.Go(func() error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			found, err := ask(ctx, item)
			mu.Lock()
			all = append(all, found...)
			mu.Unlock()
			return err
		})
	}
	if err := asked.Wait(); err != nil {
		return nil, err
	}
	return all, nil
}
