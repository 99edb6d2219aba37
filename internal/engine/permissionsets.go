package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/caller"
	"github.com/vend-cli/vend/internal/aws/identitycenter"
	"github.com/vend-cli/vend/internal/aws/organization"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/permissionset"
)

// Center is Identity Center, for those who read and change permission sets.
type Center struct {
	*identitycenter.Client
	who        func(context.Context) (caller.Identity, error)
	management func(context.Context) (string, error)
}

// PermissionSets opens Identity Center; it needs neither bucket nor table.
func PermissionSets(ctx context.Context, c config.Config, o Options) (*Center, error) {
	e, err := prepare(ctx, c, o)
	if err != nil {
		return nil, err
	}
	return &Center{e.identity, e.who, organization.New(e.aws, organization.Options{Now: e.options.Now}).Management}, nil
}

// Changeable says beforehand whether the caller may change permission sets: a delegated administrator may not where the
// management account has one of them. That is an [account.Refused] with the code V2045 (IAM Identity Center User Guide,
// "Delegated administration").
func (c *Center) Changeable(ctx context.Context, sets []permissionset.Set) error {
	if !slices.ContainsFunc(sets, func(s permissionset.Set) bool { return len(s.Accounts) > 0 }) {
		return nil
	}
	who, err := c.who(ctx)
	if err != nil {
		return err
	}
	management, err := c.management(ctx)
	if err != nil || who.AccountID == management {
		return err
	}
	for _, s := range sets {
		if slices.Contains(s.Accounts, management) {
			return account.Refused{
				Code:   account.CodeDelegated,
				Reason: fmt.Sprintf("the management account has the permission set %s, so a delegated administrator may not change it", s.Name),
				Hint:   "Nothing was changed. Run it with credentials of the management account.",
			}
		}
	}
	return nil
}
