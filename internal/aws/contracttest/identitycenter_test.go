package contracttest_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/identitycenter"
	"github.com/vend-cli/vend/internal/permissionset"
)

// identityCenterChecks is what access relies on: names that are found, assignments that come about, are there once, and go.
func identityCenterChecks(s *setUp) []check {
	var (
		place      scene
		c          *identitycenter.Client
		assignment account.Assignment
	)
	// held are the assignments of the permission set in the account.
	held := func(ctx context.Context) (int, error) {
		there, err := c.Assigned(ctx, place.account, assignment.PermissionSetARN)
		return len(there), err
	}
	settled := func(ctx context.Context, id string, state account.AssignmentState, follow func(context.Context, string) (account.AssignmentState, string, error)) error {
		return until(ctx, func() (bool, error) {
			var why string
			if state != account.AssignmentDone {
				var err error
				if state, why, err = follow(ctx, id); err != nil {
					return false, err
				}
			}
			return state == account.AssignmentDone, want(state != account.AssignmentFailed, nil, "it failed: %s", why)
		})
	}
	var begun account.AssignmentState
	return []check{
		{"the instance and its identity store are found", func(ctx context.Context) (err error) {
			c = identitycenter.New(s.cfg, identitycenter.Options{})
			arn, store, err := c.Instance(ctx)
			if err = want(arn != "" && store != "", err, "instance %q, store %q", arn, store); err != nil {
				return err
			}
			if place, err = setScene(ctx, s); err != nil {
				return err
			}
			raw := identitystore.NewFromConfig(s.cfg)
			made, err := raw.CreateGroup(ctx, &identitystore.CreateGroupInput{IdentityStoreId: &store, DisplayName: aws.String(s.name("group"))})
			if err != nil {
				return err
			}
			s.later(func(ctx context.Context) error {
				_, err := raw.DeleteGroup(ctx, &identitystore.DeleteGroupInput{IdentityStoreId: &store, GroupId: made.GroupId})
				return err
			})
			return nil
		}},
		{"a permission set is made", func(ctx context.Context) error {
			set := permissionset.Set{Name: s.permissionSet(), Session: time.Hour, Managed: []string{"ReadOnlyAccess"}}
			arn, err := c.Bring(ctx, permissionset.Set{}, set)
			if err != nil {
				return err
			}
			set.ARN = arn
			s.later(func(ctx context.Context) error { return c.DeletePermissionSet(ctx, set) })
			return nil
		}},
		{"a permission set and a group are found by their names, and what is not there is not", func(ctx context.Context) (err error) {
			asked := account.Assignment{PermissionSet: s.permissionSet(), PrincipalType: account.GroupPrincipal, Principal: s.name("group")}
			if assignment, err = identitycenter.New(s.cfg, identitycenter.Options{}).Resolve(ctx, asked); err != nil {
				return err
			}
			asked.Principal += "-other"
			if a, err := c.Resolve(ctx, asked); err == nil {
				return fmt.Errorf("a group that nobody made is %+v", a)
			}
			return nil
		}},
		{"an assignment is made", func(ctx context.Context) error {
			id, state, err := c.Assign(ctx, place.account, assignment)
			if err != nil {
				return err
			}
			if begun = state; id == "" {
				return errors.New("there is nothing to ask about")
			}
			if err := settled(ctx, id, state, c.Status); err != nil {
				return err
			}
			n, err := held(ctx)
			return want(n == 1, err, "there are %d", n)
		}},
		{"an assignment is under way first", func(context.Context) error {
			return want(begun == account.AssignmentCreating, nil, "it was %s", begun)
		}},
		{"an assignment that is there is made again without complaint, and is there once", func(ctx context.Context) error {
			id, state, err := c.Assign(ctx, place.account, assignment)
			if err != nil {
				return err
			}
			if err := settled(ctx, id, state, c.Status); err != nil {
				return err
			}
			n, err := held(ctx)
			return want(n == 1, err, "there are %d", n)
		}},
		{"an assignment is listed among all there are", func(ctx context.Context) error {
			grants, _, err := c.Grants(ctx, identitycenter.Scope{PermissionSets: []string{assignment.PermissionSetARN}})
			return want(len(grants) == 1 && grants[0].AccountID == place.account && grants[0].PrincipalID == assignment.PrincipalID, err, "grants %+v", grants)
		}},
		{"of a request that AWS does not know nothing is known", func(ctx context.Context) error {
			state, _, err := c.Status(ctx, "00000000-0000-0000-0000-000000000000")
			return want(state == account.AssignmentPending, err, "it is %s", state)
		}},
		{"an assignment is taken away", func(ctx context.Context) error {
			id, state, err := c.Unassign(ctx, place.account, assignment)
			if err != nil {
				return err
			}
			if err := settled(ctx, id, state, c.Unassigned); err != nil {
				return err
			}
			n, err := held(ctx)
			return want(n == 0, err, "there are %d", n)
		}},
	}
}

// permissionSet is the name of the suite's permission set, which has at most 32 characters.
func (s *setUp) permissionSet() string { return "vend-contract" + s.unique }
