package engine

import (
	"context"

	"github.com/vend-cli/vend/internal/aws/identitycenter"
	"github.com/vend-cli/vend/internal/config"
)

// PermissionSets is Identity Center, for those who read and change permission sets; it needs neither bucket nor table.
func PermissionSets(ctx context.Context, c config.Config, o Options) (*identitycenter.Client, error) {
	e, err := prepare(ctx, c, o)
	if err != nil {
		return nil, err
	}
	return e.view(e.options.Now).identity, nil
}
