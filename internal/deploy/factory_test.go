package deploy_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	vend "github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/metrics"
)

// printed are the actions of the policy that the AWS Control Tower User Guide prints for whoever provisions accounts by
// Service Catalog's API ("Provision and manage accounts with Account Factory"). Five of them stand in no list of actions
// of their service, and the guide has asked for them all the same since 2020.
var printed = strings.Fields(`
	sso:GetProfile sso:CreateProfile sso:UpdateProfile sso:AssociateProfile sso:CreateApplicationInstance sso:GetSSOStatus sso:GetTrust
	sso:CreateTrust sso:UpdateTrust sso:GetPeregrineStatus sso:GetApplicationInstance sso:ListDirectoryAssociations sso:ListPermissionSets
	sso:GetPermissionSet sso:ProvisionApplicationInstanceForAWSAccount sso:ProvisionApplicationProfileForAWSAccountInstance
	sso:ProvisionSAMLProvider sso:ListProfileAssociations sso:DescribeRegisteredRegions
	sso-directory:ListMembersInGroup sso-directory:AddMemberToGroup sso-directory:SearchGroups sso-directory:SearchGroupsWithGroupName
	sso-directory:SearchUsers sso-directory:CreateUser sso-directory:DescribeGroups sso-directory:DescribeDirectory sso-directory:GetUserPoolInfo
	controltower:CreateManagedAccount controltower:DescribeManagedAccount controltower:DeregisterManagedAccount
	s3:GetObject organizations:DescribeOrganization`)

func TestAccountFactoryMayDoWhatTheGuideAsksFor(t *testing.T) {
	t.Parallel()
	s := parsed(t).deployed(parameters)
	where := map[string]string{"sso:ListPermissionSets": instance, "s3:GetObject": "arn:aws:s3:::aws-template-of-account-factory/x"}
	for _, action := range printed {
		resource := where[action]
		if resource == "" {
			resource = "*"
		}
		if !allows(s.policies(worker), action, resource, map[string]string{"aws:ResourceAccount": "999999999999"}) {
			t.Errorf("the worker may not %s on %s", action, resource)
		}
	}
	for _, st := range statements(s.properties("FactoryPolicy")["PolicyDocument"]) {
		for _, action := range st.Actions {
			if !slices.Contains(printed, action) {
				t.Errorf("%s: the guide does not ask for %s", st.Sid, action)
			}
		}
	}
}

// everywhere are the statements that allow something on every resource, each with the reason why.
var everywhere = map[string]string{
	"LandingZone":             "lists and looks at the organization, the landing zone and Account Factory: most of these actions take no resource",
	"ClearAway":               "TerminateProvisionedProduct takes no resource",
	"AccountFactoryInOurName": "the guide asks for it so",
	"TrustedAccess":           "is of the organization as a whole",
	"Register":                "the baselines that it makes have their ARNs only afterwards",
}

func TestOnlyWhatTakesNoResourceIsAllowedOnEvery(t *testing.T) {
	t.Parallel()
	s := parsed(t).deployed(parameters)
	found := map[string]bool{}
	for _, role := range s.resources("AWS::IAM::Role") {
		for _, st := range s.policies(role) {
			if st.Effect != "Allow" || !slices.Contains(st.Resources, "*") {
				continue
			}
			found[st.Sid] = true
			if everywhere[st.Sid] == "" {
				t.Errorf("%s.%s allows %q on every resource", role, st.Sid, st.Actions)
			}
		}
	}
	for sid := range everywhere {
		if !found[sid] {
			t.Errorf("there is no statement %s on every resource any more", sid)
		}
	}
}

// TestAlarmsLookAtFiguresThatAreThere: of AWS's own namespaces, or of what the function writes.
func TestAlarmsLookAtFiguresThatAreThere(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	figures := metrics.NewEmbedded(parameters["TableName"], func(context.Context) (metrics.Pipeline, error) { return metrics.Pipeline{InFlight: 1}, nil })
	was := vend.Request{Stage: vend.Provisioning}
	was.Order.At = noon.Add(-time.Hour)
	ended := was
	ended.Stage, ended.Order.EndedAt = vend.Assigning, noon
	figures.Moved(was, ended)
	var written bytes.Buffer
	if err := figures.Write(t.Context(), &written, noon); err != nil {
		t.Fatal(err)
	}
	s := parsed(t).deployed(parameters)
	own := 0
	for _, name := range s.resources("AWS::CloudWatch::Alarm") {
		p := s.properties(name)
		looks := []any{map[string]any{"MetricStat": map[string]any{"Metric": p}}}
		if list, ok := p["Metrics"].([]any); ok {
			looks = list
		}
		for _, each := range looks {
			metric, ok := dig(each, "MetricStat", "Metric").(map[string]any)
			if !ok {
				continue // an expression over the others
			}
			namespace, figure := text(metric["Namespace"]), text(metric["MetricName"])
			if strings.HasPrefix(namespace, "AWS/") {
				continue
			}
			own++
			dimensions, _ := metric["Dimensions"].([]any)
			if namespace != metrics.Namespace || len(dimensions) != 1 || dig(dimensions[0], "Name") != "Pipeline" || dig(dimensions[0], "Value") != parameters["TableName"] {
				t.Errorf("%s looks at %s of %s with %v", name, figure, namespace, dimensions)
			}
			if !strings.Contains(written.String(), `"`+figure+`"`) {
				t.Errorf("%s looks at %s, which nobody writes:\n%s", name, figure, written.String())
			}
		}
	}
	if own < 2 {
		t.Errorf("%d figures of our own are looked at", own)
	}
}
