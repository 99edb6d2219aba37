package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/batch"
)

// PlanKey is where in the bucket the plan with that digest is: a list that is handed in with a plan names the digest.
func PlanKey(digest string) string { return "plans/" + digest + ".json" }

// differencesTold is how many rows a refusal names that would be done otherwise than planned.
const differencesTold = 5

// heldToPlan decides the whole list before any row of it is written, and says why it is not to be acted on: what would be
// done now is not what the plan says that the list was handed in with. nil: the plan holds.
func (r *reading) heldToPlan(ctx context.Context, claim *account.BatchClaim, named string) (*account.Failure, error) {
	planned, why, err := r.plan(ctx, named)
	if err != nil {
		return nil, err
	}
	if why != "" {
		return r.unplanned(why), nil
	}
	body, object, err := r.reopen(ctx, claim.Batch)
	if errors.Is(err, fs.ErrNotExist) {
		return gone(claim.Batch), nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }() // it was only read
	sum := sha256.New()
	list := batch.Read(io.TeeReader(body, sum), object.Size)
	now := account.Plan{}
	if err := r.foresee(ctx, list, func(e account.Entry, v verdict) error {
		now.Actions = append(now.Actions, r.action(e, v))
		return r.renew(ctx, claim)
	}); err != nil {
		return nil, err
	}
	r.lines = nil
	if err := list.Err(); err != nil {
		return nil, err
	}
	now.SHA256 = digest([sha256.Size]byte(sum.Sum(nil)))
	differs := planned.Differs(now)
	if len(differs) == 0 {
		return nil, nil
	}
	more := ""
	if n := len(differs) - differencesTold; n > 0 {
		differs, more = differs[:differencesTold], fmt.Sprintf("; and %d more", n)
	}
	return r.unplanned(fmt.Sprintf("since the plan of %s: %s%s", planned.MadeAt.UTC().Format("2006-01-02 15:04 MST"), strings.Join(differs, "; "), more)), nil
}

// plan reads a plan that was handed in, or says why it can't be believed.
func (r *reading) plan(ctx context.Context, named string) (plan account.Plan, why string, err error) {
	if strings.Trim(named, "0123456789abcdef") != "" || len(named) != 2*sha256.Size {
		return plan, fmt.Sprintf("%q is no digest of a plan", named), nil
	}
	body, _, err := r.Ports.Bucket.Open(ctx, PlanKey(named), "")
	if errors.Is(err, fs.ErrNotExist) {
		return plan, "the plan with the digest " + named + " is not in the bucket", nil
	}
	if err != nil {
		return plan, "", err
	}
	defer func() { _ = body.Close() }() // it was only read
	raw, err := io.ReadAll(body)
	if err != nil {
		return plan, "", fmt.Errorf("read plan %s: %w", named, err)
	}
	if json.Unmarshal(raw, &plan) != nil || plan.Digest() != named {
		return plan, PlanKey(named) + " is not the plan that was handed in", nil
	}
	return plan, "", nil
}

func (r *reading) unplanned(why string) *account.Failure {
	e, _ := account.Explain(account.CodePlanOutdated)
	return &account.Failure{
		Code: account.CodePlanOutdated, Class: account.ClassTerminal, Hint: e.Remedy,
		Message: fmt.Sprintf("%s: nothing was done, for the plan does not hold: %s", path.Base(r.batch.Key), why),
	}
}
