package servicecatalog_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicecatalog"
	"github.com/aws/aws-sdk-go-v2/service/servicecatalog/types"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox/world"
)

func TestTheProductIsSeenFromAllSides(t *testing.T) {
	t.Parallel()
	b := start(t)
	asAdmin := must(b.catalog.SearchProductsAsAdmin(t.Context(), &servicecatalog.SearchProductsAsAdminInput{
		Filters: map[string][]string{"Owner": {"AWS Control Tower"}},
	}))(t).ProductViewDetails
	if len(asAdmin) != 1 || *asAdmin[0].ProductViewSummary.ProductId != b.product || *asAdmin[0].ProductViewSummary.Id == b.product {
		t.Errorf("the administrator finds %+v", asAdmin)
	}
	none := must(b.catalog.SearchProductsAsAdmin(t.Context(), &servicecatalog.SearchProductsAsAdminInput{
		Filters: map[string][]string{"Owner": {"somebody else"}},
	}))(t).ProductViewDetails
	if len(none) != 0 {
		t.Errorf("another owner has %+v", none)
	}
	end := must(b.catalog.DescribeProduct(t.Context(), &servicecatalog.DescribeProductInput{Name: aws.String(world.FactoryProduct)}))(t)
	admin := must(b.catalog.DescribeProductAsAdmin(t.Context(), &servicecatalog.DescribeProductAsAdminInput{Id: &b.product}))(t)
	if len(end.ProvisioningArtifacts) != 1 || *end.ProvisioningArtifacts[0].Id != b.artifact || len(admin.ProvisioningArtifactSummaries) != 2 {
		t.Errorf("the end user sees %+v, the administrator %+v", end.ProvisioningArtifacts, admin.ProvisioningArtifactSummaries)
	}
	paths := must(b.catalog.ListLaunchPaths(t.Context(), &servicecatalog.ListLaunchPathsInput{ProductId: &b.product}))(t).LaunchPathSummaries
	if len(paths) != 1 || !strings.HasPrefix(*paths[0].Id, "lpv2-") {
		t.Errorf("launch paths: %+v", paths)
	}
	portfolios := must(b.catalog.ListPortfoliosForProduct(t.Context(), &servicecatalog.ListPortfoliosForProductInput{
		ProductId: &b.product,
	}))(t).PortfolioDetails
	if len(portfolios) != 1 || *portfolios[0].DisplayName != world.FactoryPortfolio {
		t.Errorf("portfolios: %+v", portfolios)
	}
	artifact := must(b.catalog.DescribeProvisioningArtifact(t.Context(), &servicecatalog.DescribeProvisioningArtifactInput{
		ProductId: &b.product, ProvisioningArtifactName: aws.String(world.FactoryProduct),
	}))(t)
	if *artifact.ProvisioningArtifactDetail.Id != b.artifact || artifact.Status != types.StatusAvailable {
		t.Errorf("the artifact is %+v", artifact)
	}
}

func TestParametersNameTheUnits(t *testing.T) {
	t.Parallel()
	b := start(t)
	out := must(b.catalog.DescribeProvisioningParameters(t.Context(), &servicecatalog.DescribeProvisioningParametersInput{
		ProductId: &b.product, ProvisioningArtifactId: &b.artifact,
	}))(t)
	allowed := map[string][]string{}
	for _, p := range out.ProvisioningArtifactParameters {
		allowed[*p.ParameterKey] = p.ParameterConstraints.AllowedValues
	}
	want := map[string][]string{
		"AccountEmail": {}, "AccountName": {}, "SSOUserEmail": {}, "SSOUserFirstName": {}, "SSOUserLastName": {},
		"ManagedOrganizationalUnit": {
			"Security (ou-ab12-10000001)", "Workloads (ou-ab12-11111111)", prod, dev, "Sandbox (ou-ab12-12222222)",
			"Platform (ou-ab12-13333331)", "Prod (ou-ab12-13333332)",
		},
	}
	if diff := cmp.Diff(want, allowed); diff != "" {
		t.Errorf("allowed values (-want +got):\n%s", diff)
	}
	_, err := b.catalog.DescribeProvisioningParameters(t.Context(), &servicecatalog.DescribeProvisioningParametersInput{
		ProductId: &b.product, ProvisioningArtifactId: &b.artifact, PathId: aws.String("lpv2-other"),
	})
	if !strings.HasPrefix(code(err), "ResourceNotFoundException") {
		t.Errorf("another launch path: %v", err)
	}
}

func TestWhoseProductsAreSeen(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := start(t)
		b.provision("mine", "mine@example.com", dev)
		b.world.Do(func() {
			artifact := b.world.AccountFactory.Artifact(b.artifact, "")
			parameters := b.world.AccountFactory.Products[0].Parameters
			_, err := b.world.Provision(world.Order{
				Name: "theirs", Token: "theirs", Artifact: artifact, Parameters: parameters,
				User: world.Caller{Account: "111111111111", ARN: "arn:aws:sts::111111111111:assumed-role/Admin/them"},
			})
			if err != nil {
				t.Fatal(err)
			}
		})
		account := &types.AccessLevelFilter{Key: types.AccessLevelFilterKeyAccount, Value: aws.String("self")}
		scan := func(level *types.AccessLevelFilter) (names []string) {
			out := must(b.catalog.ScanProvisionedProducts(t.Context(), &servicecatalog.ScanProvisionedProductsInput{AccessLevelFilter: level}))(t)
			for _, p := range out.ProvisionedProducts {
				names = append(names, *p.Name)
			}
			return names
		}
		history := func(level *types.AccessLevelFilter) (names []string) {
			for token := (*string)(nil); ; {
				out := must(b.catalog.ListRecordHistory(t.Context(), &servicecatalog.ListRecordHistoryInput{
					AccessLevelFilter: level, PageSize: 1, PageToken: token,
				}))(t)
				for _, r := range out.RecordDetails {
					names = append(names, *r.ProvisionedProductName)
				}
				if token = out.NextPageToken; token == nil {
					return names
				}
			}
		}
		if diff := cmp.Diff([]string{"mine"}, scan(nil)); diff != "" {
			t.Errorf("a scan by default (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"mine", "theirs"}, scan(account)); diff != "" {
			t.Errorf("a scan of the account (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"mine"}, history(nil)); diff != "" {
			t.Errorf("the history by default (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"theirs", "mine"}, history(account)); diff != "" {
			t.Errorf("the history of the account (-want +got):\n%s", diff)
		}
	})
}

func TestOutputsAreChosenByKey(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := start(t)
		b.provision("x", "x@example.com", dev)
		time.Sleep(time.Hour)
		outputs := func(keys ...string) ([]types.RecordOutput, error) {
			out, err := b.catalog.GetProvisionedProductOutputs(t.Context(), &servicecatalog.GetProvisionedProductOutputsInput{
				ProvisionedProductName: aws.String("x"), OutputKeys: keys,
			})
			if err != nil {
				return nil, err
			}
			return out.Outputs, nil
		}
		if all := must(outputs())(t); len(all) != 4 {
			t.Errorf("all outputs: %+v", all)
		}
		if one := must(outputs("AccountId"))(t); len(one) != 1 || *one[0].OutputValue != b.account("x@example.com").ID {
			t.Errorf("one output: %+v", one)
		}
		if _, err := outputs("Other"); !strings.HasPrefix(code(err), "InvalidParametersException") {
			t.Errorf("another output: %v", err)
		}
	})
}
