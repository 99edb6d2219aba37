package cloudformation

import (
	"fmt"
	"slices"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// How many stack sets one may depend on, and how many dependencies an account may have in a Region (AWS CloudFormation User
// Guide, "Enable or disable automatic deployments for StackSets in AWS Organizations").
const (
	mostDependencies         = 10
	mostDependenciesTogether = 100
)

const dependencyFailed = "Cancelled since a stack set that this one depends on was not deployed to the account"

// arn is how other stack sets name the set in DependsOn.
func (s *service) arn(t *set) string {
	return "arn:aws:cloudformation:" + t.region + ":" + s.w.Management.ID + ":stackset/" + t.identifier()
}

// dependencies are the sets that a set waits for; those that are deleted are none.
func (s *service) dependencies(t *set) []*set {
	var found []*set
	for _, other := range s.sets {
		if !other.deleted && slices.Contains(t.auto.DependsOn, s.arn(other)) {
			found = append(found, other)
		}
	}
	return found
}

// dependable holds a list of DependsOn against what there is (AWS CloudFormation API Reference, AutoDeployment). A set that is
// about to be made is nil.
func (s *service) dependable(region string, t *set, on []string) error {
	tooMany := "LimitExceededException"
	if s.w.Otherwise("stack-set-dependency-limit-code") {
		tooMany = "ValidationError"
	}
	if len(on) > mostDependencies {
		return wire.Fail(tooMany, fmt.Sprintf("The number of dependencies exceeds the limit of %d", mostDependencies))
	}
	together := len(on)
	for _, other := range s.sets {
		if other != t && !other.deleted && other.region == region {
			together += len(other.auto.DependsOn)
		}
	}
	if len(on) > 0 && together > mostDependenciesTogether {
		return wire.Fail(tooMany, fmt.Sprintf("The number of dependencies in the account exceeds the limit of %d", mostDependenciesTogether))
	}
	for _, arn := range on {
		at := slices.IndexFunc(s.sets, func(other *set) bool { return !other.deleted && other.region == region && s.arn(other) == arn })
		switch {
		case at < 0 && s.w.Otherwise("stack-set-dependency-unknown"):
			return fail("StackSetNotFoundException", "StackSet "+arn+" not found")
		case at < 0:
			return invalid("DependsOn: there is no stack set " + arn)
		case t != nil && s.reaches(s.sets[at], t) && s.w.Otherwise("stack-set-dependency-cycle-code"):
			return fail("InvalidOperationException", "DependsOn: "+arn+" would make a circular dependency")
		case t != nil && s.reaches(s.sets[at], t):
			return invalid("DependsOn: " + arn + " would make a circular dependency")
		}
	}
	return nil
}

// reaches says whether a set is another one, or depends on it by way of others.
func (s *service) reaches(from, to *set) bool {
	return from == to || slices.ContainsFunc(s.dependencies(from), func(t *set) bool { return s.reaches(t, to) })
}

// independent takes the set out of what others depend on: its dependencies go when it is deleted.
func (s *service) independent(t *set) {
	t.auto.DependsOn = nil
	for _, other := range s.sets {
		other.auto.DependsOn = slices.DeleteFunc(slices.Clone(other.auto.DependsOn), func(arn string) bool { return arn == s.arn(t) })
	}
}

// ordered are the sets with those first that others depend on, and otherwise in the order in which they were made.
func (s *service) ordered() []*set {
	var all []*set
	var add func(t *set)
	add = func(t *set) {
		if slices.Contains(all, t) {
			return
		}
		for _, other := range s.dependencies(t) {
			add(other)
		}
		all = append(all, t)
	}
	for _, t := range s.sets {
		add(t)
	}
	return all
}

// awaited are the operations that must come to their end before an automatic one of the set begins: those of the same kind in
// the account, on the sets that it depends on. Those that delete come in the same order, unless the world says otherwise.
func (s *service) awaited(t *set, o *operation) []*operation {
	sets := s.dependencies(t)
	if o.action == "DELETE" && s.w.Otherwise("stack-set-dependency-deletion") {
		sets = slices.DeleteFunc(slices.Clone(s.sets), func(other *set) bool { return !slices.Contains(s.dependencies(other), t) })
	}
	var found []*operation
	for _, other := range sets {
		for _, before := range other.operations {
			if before.ended.IsZero() && (before.action == "DELETE") == (o.action == "DELETE") && before.concerns(o.account()) {
				found = append(found, before)
			}
		}
	}
	return found
}

// account is that of an automatic operation, which works on one.
func (o *operation) account() string { return o.results[0].account }

func (o *operation) concerns(account string) bool {
	return slices.ContainsFunc(o.results, func(r *result) bool { return r.account == account })
}

// waits says whether an operation has to wait for others.
func (o *operation) waits() bool {
	return slices.ContainsFunc(o.after, func(before *operation) bool { return before.ended.IsZero() })
}

// hopeless says whether what an operation has waited for did not succeed in its account.
func (s *service) hopeless(o *operation) bool {
	return !s.w.Otherwise("stack-set-dependency-failed") && slices.ContainsFunc(o.after, func(before *operation) bool {
		return slices.ContainsFunc(before.results, func(r *result) bool {
			return r.account == o.account() && (r.status == "FAILED" || r.status == "CANCELLED")
		})
	})
}
