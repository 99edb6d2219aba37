package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/bucket"
	"github.com/vend-cli/vend/internal/aws/quotas"
	"github.com/vend-cli/vend/internal/batch"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/ingest"
)

// Plan says what a worker would do with a list if it were uploaded now, how long the account operations take with those
// that are ahead of them, whether the quota has room for them, and all problems of the list. It changes nothing.
func (e *Engine) Plan(ctx context.Context, d ingest.Draft) (account.Plan, batch.Report, error) {
	v := e.view(e.Queue.Now)
	plan, report, err := e.ingester(v, e.Queue).Preview(ctx, d)
	if err != nil {
		return plan, report, err
	}
	verbs, _ := plan.Count()
	if operations := verbs[account.PlanCreate] + verbs[account.PlanEnroll]; operations > 0 {
		seen, err := e.Queue.Durations(ctx)
		if err != nil {
			return plan, report, err
		}
		open, err := e.Queue.Open(ctx)
		if err != nil {
			return plan, report, err
		}
		plan.Ahead = open.Operations()
		plan.Duration = seen.Expect(plan.Ahead+operations, e.Config.Settings.Concurrency)
	}
	if verbs[account.PlanCreate] > 0 {
		if plan.Quota, err = e.quota(ctx, v); err != nil {
			e.options.Log.Warn("nobody knows how many accounts the organization may have", "error", err)
		}
	}
	return plan, report, nil
}

// quota is how many accounts the organization may have, and has.
func (e *Engine) quota(ctx context.Context, v view) (*account.Quota, error) {
	limit, applied, err := quotas.New(e.aws).Accounts(ctx)
	if err != nil {
		return nil, err
	}
	org, err := v.organization.Organization(ctx)
	if err != nil {
		return nil, err
	}
	return &account.Quota{Accounts: limit, Used: len(org.Accounts), Default: !applied}, nil
}

// Upload puts an account list where the worker finds it, and returns the batch that it will be. Uploading the same content
// under the same name again makes another version, and so another batch.
func (e *Engine) Upload(ctx context.Context, name string, content []byte) (account.Batch, error) {
	key := e.key(name)
	version, err := e.lists().Put(ctx, key, bytes.NewReader(content), false)
	if err != nil {
		return account.Batch{}, err
	}
	return e.uploaded(ctx, key, version)
}

// UploadAtRoot is [Engine.Upload] with the consent to enroll accounts out of the root.
func (e *Engine) UploadAtRoot(ctx context.Context, name string, content []byte) (account.Batch, error) {
	key := e.key(name)
	version, err := e.lists().PutAtRoot(ctx, key, bytes.NewReader(content))
	if err != nil {
		return account.Batch{}, err
	}
	return e.uploaded(ctx, key, version)
}

// UploadPlanned is [Engine.Upload] with a plan, and with its consent: the worker acts on the list only if it would still do
// what the plan says.
func (e *Engine) UploadPlanned(ctx context.Context, name string, content []byte, plan account.Plan) (account.Batch, error) {
	raw, err := json.Marshal(plan)
	if err != nil {
		return account.Batch{}, fmt.Errorf("write plan: %w", err)
	}
	key, digest := e.key(name), plan.Digest()
	if _, err := e.bucket.Put(ctx, ingest.PlanKey(digest), bytes.NewReader(raw), false); err != nil {
		return account.Batch{}, err
	}
	version, err := e.lists().PutPlanned(ctx, key, bytes.NewReader(content), digest, plan.AtRoot)
	if err != nil {
		return account.Batch{}, err
	}
	return e.uploaded(ctx, key, version)
}

// whoPatience is how long STS is waited for: a list is handed in without a name rather than late.
const whoPatience = 5 * time.Second

// SignUploads has the lists that are uploaded from now on say who has uploaded them, by the ARN that STS knows the caller
// by. Where STS does not answer they say nothing. Nobody checks it later: whoever may write to the bucket may write this,
// too.
func (e *Engine) SignUploads(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, whoPatience)
	defer cancel()
	who, err := e.who(ctx)
	if err != nil {
		e.options.Log.Debug("nobody knows who uploads", "error", err)
		return
	}
	e.uploader = who.ARN
}

func (e *Engine) lists() *bucket.Client { return e.bucket.As(e.uploader) }

func (e *Engine) key(name string) string { return e.Config.Prefix + path.Base(name) }

func (e *Engine) uploaded(ctx context.Context, key, version string) (account.Batch, error) {
	identity := version
	if version == "" {
		var err error
		if identity, err = e.unversioned(ctx, key); err != nil {
			return account.Batch{}, err
		}
	}
	return account.Batch{
		ID: account.BatchID(e.Config.Bucket, key, identity), Bucket: e.Config.Bucket, Key: key, Version: version,
	}, nil
}

// unversioned is what tells an object's content apart in a bucket that keeps no versions.
func (e *Engine) unversioned(ctx context.Context, key string) (string, error) {
	body, object, err := e.bucket.Open(ctx, key, "")
	if err != nil {
		return "", err
	}
	return ingest.Identity(object), body.Close()
}

// Fetch reads an object of any bucket, up to a bound. The error is [fs.ErrNotExist] where there is none.
func Fetch(ctx context.Context, c config.Config, o Options, name, key string, bound int64) ([]byte, error) {
	e, err := prepare(ctx, c, o)
	if err != nil {
		return nil, err
	}
	body, _, err := bucket.New(e.aws, name).Open(ctx, key, "")
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(body, bound))
	if err != nil {
		return nil, fmt.Errorf("read s3://%s/%s: %w", name, key, err)
	}
	return content, body.Close()
}
