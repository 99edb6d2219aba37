package cloudformation_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
)

// newcomer is an account that stands in the root; resident and leaver are in the unit that stack sets are deployed to, and the
// latter may leave the organization.
const newcomer, resident, leaver = "222222222299", "222222222201", "222222222205"

// automatic makes a stack set with automatic deployment; its stacks have a role of the set's name.
func (b *box) automatic(name string, on ...string) (arn string, err error) {
	in := newSet()
	in.StackSetName, in.ClientRequestToken = &name, nil
	in.TemplateBody = aws.String(strings.ReplaceAll(roleTemplate, execution, name))
	in.AutoDeployment = &types.AutoDeployment{Enabled: aws.Bool(true), RetainStacksOnAccountRemoval: aws.Bool(false), DependsOn: on}
	if _, err := b.CreateStackSet(b.t.Context(), in); err != nil {
		return "", err
	}
	return *b.described(name).StackSetARN, nil
}

// everywhere is automatic, in the accounts of the unit that are named.
func (b *box) everywhere(name string, accounts []string, on ...string) (arn string) {
	b.t.Helper()
	arn, err := b.automatic(name, on...)
	if err != nil {
		b.t.Fatal(err)
	}
	in := instances(accounts...)
	in.StackSetName = &name
	if _, err := b.CreateStackInstances(b.t.Context(), in); err != nil {
		b.t.Fatal(err)
	}
	b.pass(time.Hour)
	return arn
}

// depend lets a set depend on others.
func (b *box) depend(name string, on ...string) error {
	_, err := b.UpdateStackSet(b.t.Context(), &cloudformation.UpdateStackSetInput{
		StackSetName: &name, UsePreviousTemplate: aws.Bool(true), Capabilities: []types.Capability{types.CapabilityCapabilityNamedIam},
		Parameters:     []types.Parameter{{ParameterKey: aws.String("Trusted"), UsePreviousValue: aws.Bool(true)}},
		AutoDeployment: &types.AutoDeployment{Enabled: aws.Bool(true), RetainStacksOnAccountRemoval: aws.Bool(false), DependsOn: on},
	})
	b.pass(time.Hour)
	return err
}

func (b *box) described(name string) *types.StackSet {
	b.t.Helper()
	out, err := b.DescribeStackSet(b.t.Context(), &cloudformation.DescribeStackSetInput{StackSetName: &name})
	if err != nil {
		b.t.Fatal(err)
	}
	return out.StackSet
}

func (b *box) pass(d time.Duration) {
	time.Sleep(d)
	b.world.Do(func() {})
}

func (b *box) move(account, to string) {
	b.t.Helper()
	b.world.Do(func() {
		a := b.world.Account(account)
		if err := b.world.Move(a, a.Parent, b.world.Unit(to)); err != nil {
			b.t.Fatal(err)
		}
	})
}

// last tells of the newest operation on a set: "CREATE RUNNING".
func (b *box) last(name string) string {
	b.t.Helper()
	out, err := b.ListStackSetOperations(b.t.Context(), &cloudformation.ListStackSetOperationsInput{StackSetName: &name})
	if err != nil {
		b.t.Fatal(err)
	}
	return fmt.Sprintf("%s %s", out.Summaries[0].Action, out.Summaries[0].Status)
}

// at tells where a set has instances: "222222222201 CURRENT".
func (b *box) at(name string) []string {
	b.t.Helper()
	out, err := b.ListStackInstances(b.t.Context(), &cloudformation.ListStackInstancesInput{StackSetName: &name})
	if err != nil {
		b.t.Fatal(err)
	}
	var all []string
	for _, i := range out.Summaries {
		all = append(all, fmt.Sprintf("%s %s", *i.Account, i.Status))
	}
	return all
}

func TestDependenciesAreKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		network, _ := b.automatic("network")
		roles, _ := b.automatic("roles", network)
		if _, err := b.automatic("application", network, roles); err != nil {
			t.Fatal(err)
		}
		listed := func() map[string][]string {
			out, err := b.ListStackSets(t.Context(), &cloudformation.ListStackSetsInput{Status: types.StackSetStatusActive})
			if err != nil {
				t.Fatal(err)
			}
			all := map[string][]string{}
			for _, s := range out.Summaries {
				all[*s.StackSetName] = s.AutoDeployment.DependsOn
				if diff := cmp.Diff(s.AutoDeployment.DependsOn, b.described(*s.StackSetName).AutoDeployment.DependsOn); diff != "" {
					t.Errorf("%s is listed and described (-listed +described):\n%s", *s.StackSetName, diff)
				}
			}
			return all
		}
		holds := func(when string, want map[string][]string) {
			t.Helper()
			if diff := cmp.Diff(want, listed()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", when, diff)
			}
		}
		holds("as they are made", map[string][]string{"network": nil, "roles": {network}, "application": {network, roles}})
		if err := b.depend("application", roles); err != nil {
			t.Fatal(err)
		}
		holds("after an update", map[string][]string{"network": nil, "roles": {network}, "application": {roles}})
		if _, err := b.DeleteStackSet(t.Context(), &cloudformation.DeleteStackSetInput{StackSetName: aws.String("roles")}); err != nil {
			t.Fatal(err)
		}
		holds("after one is deleted", map[string][]string{"network": nil, "application": nil})
		if err := b.depend("application", network); err != nil {
			t.Fatal(err)
		}
		holds("once more", map[string][]string{"network": nil, "application": {network}})
		if _, err := b.DeactivateOrganizationsAccess(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		holds("without trusted access", map[string][]string{"network": nil, "application": nil})
	})
}

func TestDependenciesThatAreRefused(t *testing.T) {
	t.Parallel()
	nowhere := "arn:aws:cloudformation:us-east-1:111111111111:stackset/other:00000000-0000-4000-8000-000000000000"
	for name, test := range map[string]struct {
		flipped, want string
		ask           func(b *box, sets []string) error
	}{
		"one that there is not": {"stack-set-dependency-unknown", "ValidationError StackSetNotFoundException", func(b *box, _ []string) error {
			_, err := b.automatic("more", nowhere)
			return err
		}},
		"eleven": {"stack-set-dependency-limit-code", "LimitExceededException ValidationError", func(b *box, sets []string) error {
			_, err := b.automatic("more", sets[:11]...)
			return err
		}},
		"more than a hundred together": {"stack-set-dependency-limit-code", "LimitExceededException ValidationError", func(b *box, sets []string) error {
			for i := range 10 {
				if _, err := b.automatic(fmt.Sprint("full-", i), sets[:10]...); err != nil {
					b.t.Fatal(err)
				}
			}
			if err := b.depend("full-0", sets[1:11]...); err != nil {
				b.t.Fatal(err)
			}
			_, err := b.automatic("more", sets[0])
			return err
		}},
		"itself": {"stack-set-dependency-cycle-code", "ValidationError InvalidOperationException", func(b *box, sets []string) error {
			return b.depend("set-0", sets[0])
		}},
		"a circle": {"stack-set-dependency-cycle-code", "ValidationError InvalidOperationException", func(b *box, sets []string) error {
			for i := range 3 {
				if err := b.depend(fmt.Sprint("set-", i), sets[i+1]); err != nil {
					b.t.Fatal(err)
				}
			}
			return b.depend("set-3", sets[5], sets[0])
		}},
	} {
		wants := strings.Fields(test.want)
		for i, changes := range [][]string{nil, assume(test.flipped)} {
			t.Run(name+" "+wants[i], func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					b := start(t, changes...)
					var sets []string
					for i := range 11 {
						arn, err := b.automatic(fmt.Sprint("set-", i))
						if err != nil {
							t.Fatal(err)
						}
						sets = append(sets, arn)
					}
					if err := test.ask(b, sets); code(err) != wants[i] {
						t.Errorf("got %v, want %s", err, wants[i])
					}
					if got := b.described("set-3").AutoDeployment.DependsOn; got != nil {
						t.Errorf("what was refused is kept: %v", got)
					}
				})
			})
		}
	}
}
