package cloudformation_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/google/go-cmp/cmp"
)

func TestAutomaticDeploymentsComeInOrder(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		changes []string
		goes    string // the role that goes first
	}{
		"deletions, too":                     {nil, "network"},
		"deletions come the other way round": {assume("stack-set-dependency-deletion"), "application"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, test.changes...)
				b.everywhere("application", []string{resident})
				b.everywhere("other", []string{resident})
				network := b.everywhere("network", []string{resident})
				if err := b.depend("application", network); err != nil {
					t.Fatal(err)
				}
				steps := func(action, first, second string) {
					t.Helper()
					for i, want := range [][]string{
						{first, action + " RUNNING", second, action + " QUEUED", "other", action + " RUNNING"},
						{first, action + " SUCCEEDED", second, action + " RUNNING", "other", action + " SUCCEEDED"},
						{first, action + " SUCCEEDED", second, action + " SUCCEEDED", "other", action + " SUCCEEDED"},
					} {
						got := []string{first, b.last(first), second, b.last(second), "other", b.last("other")}
						if diff := cmp.Diff(want, got); diff != "" {
							t.Errorf("step %d (-want +got):\n%s", i, diff)
						}
						b.pass(31 * time.Second)
					}
				}
				b.move(newcomer, legacy)
				steps("CREATE", "network", "application")
				if b.role(newcomer, "application") == nil || b.role(newcomer, "network") == nil {
					t.Error("the account has not what it should have")
				}
				b.move(newcomer, "r-ab12")
				second := map[string]string{"network": "application", "application": "network"}[test.goes]
				steps("DELETE", test.goes, second)
				if b.role(newcomer, "application") != nil || b.role(newcomer, "network") != nil {
					t.Error("the account has still what it should not have")
				}
			})
		})
	}
}

func TestADependencyThatFails(t *testing.T) {
	t.Parallel()
	for want, changes := range map[string][]string{"CREATE FAILED": nil, "CREATE SUCCEEDED": assume("stack-set-dependency-failed")} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, changes...)
				network := b.everywhere("network", []string{resident})
				roles := b.everywhere("roles", []string{resident}, network)
				b.everywhere("application", []string{resident}, roles)
				b.world.Do(func() { b.world.Account(newcomer).AddRole("network") })
				b.move(newcomer, legacy)
				b.pass(time.Hour)
				if got := []string{b.last("network"), b.last("roles"), b.last("application")}; !slices.Equal(got, []string{"CREATE FAILED", want, want}) {
					t.Errorf("the operations are %v", got)
				}
				if there := b.role(newcomer, "application") != nil; there != (want == "CREATE SUCCEEDED") {
					t.Errorf("the account has the last role: %v", there)
				}
				if want == "CREATE FAILED" {
					if diff := cmp.Diff([]string{resident + " CURRENT"}, b.at("application")); diff != "" {
						t.Errorf("instances of the last set (-want +got):\n%s", diff)
					}
				}
			})
		})
	}
}

func TestWhileAnOperationWaitsForAnotherSet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		network := b.everywhere("network", []string{resident})
		b.everywhere("application", []string{resident}, network)
		b.move(newcomer, legacy)
		b.pass(time.Second)
		in := instances("222222222202")
		in.StackSetName = aws.String("application")
		if _, err := b.CreateStackInstances(t.Context(), in); err != nil {
			t.Errorf("an operation on the set that waits: %v", err)
		}
		b.move(newcomer, "r-ab12")
		b.pass(time.Hour)
		if diff := cmp.Diff([]string{resident + " CURRENT", "222222222202 CURRENT"}, b.at("application")); diff != "" {
			t.Errorf("the account has left before its turn came (-want +got):\n%s", diff)
		}
		b.move(newcomer, legacy)
		b.pass(time.Hour)
		b.move(newcomer, "r-ab12")
		b.pass(time.Second)
		b.move(newcomer, legacy)
		b.pass(time.Hour)
		if at := b.at("application"); !slices.Contains(at, newcomer+" CURRENT") || b.role(newcomer, "application") == nil {
			t.Errorf("the account was back before its turn came: %v", at)
		}

		lone, err := b.automatic("lone", network)
		if err != nil {
			t.Fatal(err)
		}
		in = instances(resident)
		in.StackSetName = aws.String("lone")
		if _, err := b.CreateStackInstances(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		b.pass(time.Hour)
		b.move("222222222206", legacy)
		b.pass(time.Second)
		if _, err := b.DeleteStackSet(t.Context(), &cloudformation.DeleteStackSetInput{StackSetName: aws.String("lone")}); code(err) != "OperationInProgressException" {
			t.Errorf("%s is deleted while an operation waits: %v", lone, err)
		}
	})
}

func TestADeploymentWaitsForNoDeletion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		network := b.everywhere("network", []string{resident})
		if _, err := b.automatic("application", network); err != nil {
			t.Fatal(err)
		}
		in := instances()
		in.StackSetName, in.DeploymentTargets = aws.String("application"), intersection(suspended)
		if _, err := b.CreateStackInstances(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		b.move(newcomer, legacy)
		b.pass(time.Hour)
		b.move(newcomer, suspended)
		if got := []string{b.last("network"), b.last("application")}; !slices.Equal(got, []string{"DELETE RUNNING", "CREATE RUNNING"}) {
			t.Errorf("from one unit to another the operations are %v", got)
		}
	})
}

func TestAnAccountLeavesTheOrganization(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		changes        []string
		automatic, own []string
	}{
		"stack sets let go of it":        {nil, []string{resident + " CURRENT"}, []string{resident + " CURRENT"}},
		"stack sets cannot let go of it": {assume("stack-set-left-organization"), []string{resident + " CURRENT", leaver + " INOPERABLE"}, []string{resident + " CURRENT", leaver + " INOPERABLE"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, test.changes...)
				b.everywhere("network", []string{resident, leaver})
				b.create(nil)
				b.deploy(instances(resident, leaver))
				b.world.Do(func() {
					if err := b.world.Leave(b.world.Account(leaver)); err != nil {
						t.Fatal(err)
					}
				})
				b.pass(time.Hour)
				if diff := cmp.Diff(test.automatic, b.at("network")); diff != "" {
					t.Errorf("with automatic deployment (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff([]string{resident + " CURRENT", leaver + " CURRENT"}, b.at(setName)); diff != "" {
					t.Errorf("without (-want +got):\n%s", diff)
				}
				remove := func(retain bool) string {
					out, err := b.DeleteStackInstances(t.Context(), &cloudformation.DeleteStackInstancesInput{
						StackSetName: aws.String(setName), Regions: []string{"us-east-1"}, RetainStacks: &retain, DeploymentTargets: intersection(legacy, leaver),
					})
					if err != nil {
						t.Fatal(err)
					}
					return string(b.ended(*out.OperationId).Status)
				}
				if got := remove(false); got != "FAILED" {
					t.Errorf("deleting its stack is %s", got)
				}
				remove(true)
				if diff := cmp.Diff(test.own, b.at(setName)); diff != "" {
					t.Errorf("after a deletion that retains stacks (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestTargetsOfAutomaticDeployment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		b.everywhere("network", []string{resident})
		in := instances()
		in.StackSetName, in.DeploymentTargets, in.Regions = aws.String("network"), intersection(suspended), []string{"eu-west-1"}
		if _, err := b.CreateStackInstances(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		ask := func(name string, token *string) (*cloudformation.ListStackSetAutoDeploymentTargetsOutput, error) {
			return b.ListStackSetAutoDeploymentTargets(t.Context(), &cloudformation.ListStackSetAutoDeploymentTargetsInput{
				StackSetName: &name, MaxResults: aws.Int32(1), NextToken: token,
			})
		}
		var got []string
		var token *string
		for {
			out, err := ask("network", token)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range out.Summaries {
				got = append(got, *s.OrganizationalUnitId+" "+strings.Join(s.Regions, " "))
			}
			if token = out.NextToken; token == nil {
				break
			}
		}
		if diff := cmp.Diff([]string{legacy + " us-east-1 eu-west-1", suspended + " us-east-1 eu-west-1"}, got); diff != "" {
			t.Errorf("targets (-want +got):\n%s", diff)
		}
		if _, err := ask("none", nil); code(err) != "StackSetNotFoundException" {
			t.Errorf("of a set that there is not: %v", err)
		}
	})
}
