package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/bucket"
	"github.com/vend-cli/vend/internal/aws/stack"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/deploy"
)

// Deployment is the pipeline's CloudFormation stack, for those who make, change and delete it.
type Deployment struct {
	*stack.Client
	engine *Engine
}

// Deploy opens CloudFormation; it needs neither bucket nor table.
func Deploy(ctx context.Context, c config.Config, o Options) (*Deployment, error) {
	e, err := prepare(ctx, c, o)
	if err != nil {
		return nil, err
	}
	return &Deployment{stack.New(e.aws), e}, nil
}

// Region is where the stack is.
func (d *Deployment) Region() string { return d.engine.aws.Region }

// Account is the account whose credentials these are.
func (d *Deployment) Account(ctx context.Context) (string, error) {
	who, err := d.engine.who(ctx)
	return who.AccountID, err
}

// Fill finds out those parameters of the template that AWS can tell and that nobody has given: the instance of Identity Center,
// and the portfolio of Account Factory.
func (d *Deployment) Fill(ctx context.Context, parameters map[string]string) error {
	if parameters[deploy.Instance] == "" {
		arn, _, err := d.engine.identity.Instance(ctx)
		if err != nil {
			return err
		}
		parameters[deploy.Instance] = arn
	}
	if parameters[deploy.Portfolio] == "" {
		id, err := d.engine.view(d.engine.options.Now).factory.Portfolio(ctx)
		if err != nil {
			return err
		}
		parameters[deploy.Portfolio] = id
	}
	return nil
}

// Upload puts the function's code into the bucket, where it is not there yet: its key says what it is, so it is safe to call
// twice.
func (d *Deployment) Upload(ctx context.Context, name string, code deploy.Code) error {
	_, err := bucket.New(d.engine.aws, name).Put(ctx, code.Key, bytes.NewReader(code.Zip), true)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("upload the function's code: %w", err)
	}
	return nil
}

// Push replaces the settings of the pipeline of that configuration by those that it was given; see [Engine.Push].
func (d *Deployment) Push(ctx context.Context, c config.Config, s account.Settings) ([]config.Change, error) {
	e, err := Open(ctx, c, d.engine.options)
	if err != nil {
		return nil, err
	}
	return e.Push(ctx, s)
}

// InFlight is how many account operations of the pipeline AWS is at work on.
func (d *Deployment) InFlight(ctx context.Context, table string) (int, error) {
	c := d.engine.Config
	c.Table = table
	e, err := Open(ctx, c, d.engine.options)
	if err != nil {
		return 0, err
	}
	slots, err := e.Queue.Slots(ctx)
	return slots.InFlight, err
}
