package permissionset

import (
	"context"
	"errors"
	"slices"

	"github.com/vend-cli/vend/internal/account"
)

// Verb is what would be done with a permission set.
type Verb string

// The verbs of a plan.
const (
	Create    Verb = "create"
	Change    Verb = "change"
	Provision Verb = "provision" // it is as it should be, but some accounts have an older one
	Unchanged Verb = "unchanged"
)

// Action is what would be done with one permission set of a file.
type Action struct {
	Verb        Verb
	Have, Want  Set
	Differences []Difference
	Accounts    []string // that it would be brought to
}

// Compare says what has to be done so that the permission sets of a file are as it wants them, in its order. Others are not
// spoken of.
func Compare(want, have []Set) []Action {
	actions := make([]Action, 0, len(want))
	for _, w := range want {
		a := Action{Verb: Create, Want: w}
		if i := slices.IndexFunc(have, func(s Set) bool { return s.Name == w.Name }); i >= 0 {
			a.Verb, a.Have = Unchanged, have[i]
		}
		a.Differences = a.Have.Differences(w)
		switch {
		case a.Verb == Create:
		case len(a.Differences) > 0:
			a.Verb = Change
			if onlyTags(a.Differences) {
				a.Accounts = a.Have.Outdated // tags stay with the permission set
			} else {
				a.Accounts = a.Have.Accounts
			}
		case len(a.Have.Outdated) > 0:
			a.Verb, a.Accounts = Provision, a.Have.Outdated
		}
		actions = append(actions, a)
	}
	return actions
}

func onlyTags(all []Difference) bool {
	return !slices.ContainsFunc(all, func(d Difference) bool { return d.Member != Tags })
}

// Changes says whether anything would be done.
func Changes(actions []Action) bool {
	return slices.ContainsFunc(actions, func(a Action) bool { return a.Verb != Unchanged })
}

// Center is Identity Center, as far as permission sets are changed.
type Center interface {
	// Bring makes have what is wanted, or makes a new one where have has no ARN, and returns its ARN. What is as wanted is
	// left alone. It is safe to call again after any error.
	Bring(ctx context.Context, have, want Set) (arn string, err error)
	// Provision brings a permission set to the accounts that have an older one, waits for the end, and returns the accounts
	// that it did not get to.
	Provision(ctx context.Context, arn string) ([]Left, error)
}

// Left is an account that still has an older permission set, and why.
type Left struct {
	Account string `json:"account"`
	Reason  string `json:"reason"` // AWS's own words
}

// Result is what came of an action. Err is nil when it was done.
type Result struct {
	Action
	Left []Left
	Err  error
}

// Apply does what a plan says, one permission set after the other, and tells each result. One that fails does not stop the
// others, unless the cause holds for all of them. The error is that cause, or that of ctx.
func Apply(ctx context.Context, c Center, actions []Action, tell func(Result)) error {
	for _, a := range actions {
		if a.Verb == Unchanged {
			continue
		}
		r := Result{Action: a}
		arn := a.Have.ARN
		if a.Verb != Provision {
			arn, r.Err = c.Bring(ctx, a.Have, a.Want)
		}
		if r.Err == nil && len(a.Accounts) > 0 {
			r.Left, r.Err = c.Provision(ctx, arn)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		tell(r)
		if refused := (account.Refused{}); errors.As(r.Err, &refused) && refused.Pause {
			return r.Err
		}
	}
	return nil
}
