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

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change     func(*servicecatalog.ProvisionProductInput)
		assumption string
		want       string
	}{
		"a name in use": {
			change: func(in *servicecatalog.ProvisionProductInput) { in.ProvisionToken = aws.String("other") },
			want:   "InvalidParametersException: A stack named taken already exists.",
		},
		"a name in use, the other way": {
			change:     func(in *servicecatalog.ProvisionProductInput) { in.ProvisionToken = aws.String("other") },
			assumption: "duplicate-resource-trigger", want: "DuplicateResourceException: A provisioned product named taken already exists.",
		},
		"a name with blanks": {
			change: func(in *servicecatalog.ProvisionProductInput) { in.ProvisionedProductName = aws.String("a b") },
			want:   "ValidationException: 1 validation error detected: Value 'a b' at 'provisionedProductName' failed to satisfy constraint",
		},
		"a token with a dot": {
			change: func(in *servicecatalog.ProvisionProductInput) { in.ProvisionToken = aws.String("a.b") },
			want:   "ValidationException: 1 validation error detected: Value 'a.b' at 'provisionToken' failed to satisfy constraint",
		},
		"an unknown product": {
			change: func(in *servicecatalog.ProvisionProductInput) { in.ProductId = aws.String("prod-other") },
			want:   "ResourceNotFoundException: Product with id prod-other not found",
		},
		"a product by id and name": {
			change: func(in *servicecatalog.ProvisionProductInput) { in.ProductName = aws.String(world.FactoryProduct) },
			want:   "InvalidParametersException: You must provide either",
		},
		"an unknown artifact": {
			change: func(in *servicecatalog.ProvisionProductInput) { in.ProvisioningArtifactId = aws.String("pa-other") },
			want:   "ResourceNotFoundException: Provisioning artifact with id pa-other not found",
		},
		"a missing parameter": {
			change: func(in *servicecatalog.ProvisionProductInput) {
				*in = named(in, "new")
				in.ProvisioningParameters = in.ProvisioningParameters[:5]
			},
			want: "InvalidParametersException: Parameters: [SSOUserLastName] must have values",
		},
		"an address that is none": {
			change: func(in *servicecatalog.ProvisionProductInput) {
				*in = named(in, "new")
				in.ProvisioningParameters[1].Value = aws.String("nobody")
			},
			want: "InvalidParametersException: Parameter 'AccountEmail' must match pattern",
		},
		"a repeated token with other parameters, where they count": {
			change: func(in *servicecatalog.ProvisionProductInput) {
				in.ProvisioningParameters[0].Value = aws.String("other")
			},
			assumption: "repeated-token-other-parameters", want: "InvalidParametersException: The idempotency token",
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				b := start(t, notEmpty(test.assumption)...)
				b.provision("taken", "taken-1@example.com", dev)
				in := b.input("taken", "taken-2@example.com", dev)
				test.change(in)
				_, err := b.catalog.ProvisionProduct(t.Context(), in)
				if got := code(err); !strings.HasPrefix(got, test.want) {
					t.Errorf("got  %s\nwant %s", got, test.want)
				}
			})
		})
	}
}

func named(in *servicecatalog.ProvisionProductInput, name string) servicecatalog.ProvisionProductInput {
	out := *in
	out.ProvisionedProductName, out.ProvisionToken = &name, &name
	return out
}

func TestWhoIsNotAssociatedFindsNoLaunchPath(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := start(t)
		portfolio := *must(b.catalog.ListPortfolios(t.Context(), nil))(t).PortfolioDetails[0].Id
		who := must(b.catalog.ListPrincipalsForPortfolio(t.Context(), &servicecatalog.ListPrincipalsForPortfolioInput{
			PortfolioId: &portfolio,
		}))(t).Principals[0]
		_, err := b.catalog.DisassociatePrincipalFromPortfolio(t.Context(), &servicecatalog.DisassociatePrincipalFromPortfolioInput{
			PortfolioId: &portfolio, PrincipalARN: who.PrincipalARN,
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.catalog.ProvisionProduct(t.Context(), b.input("x", "x@example.com", dev))
		if want := "ResourceNotFoundException: No launch paths found for resource: " + b.product; code(err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
		_, err = b.catalog.AssociatePrincipalWithPortfolio(t.Context(), &servicecatalog.AssociatePrincipalWithPortfolioInput{
			PortfolioId: &portfolio, PrincipalARN: aws.String("arn:aws:iam:::user/admin*"), PrincipalType: types.PrincipalTypeIamPattern,
		})
		if err != nil {
			t.Fatal(err)
		}
		b.provision("x", "x@example.com", dev)
	})
}

func (b *box) terminate(name string) string {
	b.Helper()
	return *must(b.catalog.TerminateProvisionedProduct(b.Context(), &servicecatalog.TerminateProvisionedProductInput{
		ProvisionedProductName: &name, TerminateToken: aws.String("end-" + name),
	}))(b.T).RecordDetail.RecordId
}

func TestTerminateUnmanagesTheAccount(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := start(t)
		for _, name := range []string{"a", "b"} {
			b.provision(name, name+"@example.com", dev)
		}
		time.Sleep(time.Hour)
		first, second := b.terminate("a"), b.terminate("b")
		time.Sleep(time.Hour)
		want := []string{
			"SUCCEEDED", "ResourceNotFoundException: Provisioned product with name a not found",
			"FAILED ResourceInUseException: Account Factory cannot complete an operation on this account, because another AWS Control " +
				"Tower operation is in progress. Try again later.", "TAINTED",
		}
		if diff := cmp.Diff(want, []string{b.end(first), b.productStatus("a"), b.end(second), b.productStatus("b")}); diff != "" {
			t.Errorf("records and products (-want +got):\n%s", diff)
		}
		if a := b.account("a@example.com"); a.Parent != b.world.Root || a.HasRole("AWSControlTowerExecution") || a.Enrolled() || !a.Active() {
			t.Errorf("the account is %+v", a)
		}
	})
}

func TestWhoIsNotOfTheManagementAccountIsDenied(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := start(t)
		b.world.Do(func() {
			b.world.Grant("AKIDEXAMPLE", world.Caller{
				Account: "222222222111", ARN: "arn:aws:sts::222222222111:assumed-role/AWSControlTowerExecution/x", UserID: "AROA:x",
			})
		})
		_, err := b.catalog.ProvisionProduct(t.Context(), b.input("x", "x@example.com", dev))
		if !strings.HasPrefix(code(err), "AccessDeniedException") {
			t.Errorf("got %v", err)
		}
	})
}

func TestTheProductIsInTheHomeRegionOnly(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := start(t)
		b.config.Region = "eu-central-1"
		_, err := servicecatalog.NewFromConfig(b.config).DescribeProductAsAdmin(t.Context(), &servicecatalog.DescribeProductAsAdminInput{
			Name: aws.String(world.FactoryProduct),
		})
		if want := "ResourceNotFoundException: Product with name AWS Control Tower Account Factory not found"; code(err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}

func TestUpdateMovesTheAccount(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := start(t)
		b.provision("a", "a@example.com", dev)
		time.Sleep(time.Hour)
		previous := func(key string) types.UpdateProvisioningParameter {
			return types.UpdateProvisioningParameter{Key: aws.String(key), UsePreviousValue: true}
		}
		out := must(b.catalog.UpdateProvisionedProduct(t.Context(), &servicecatalog.UpdateProvisionedProductInput{
			ProvisionedProductName: aws.String("a"), UpdateToken: aws.String("u"),
			ProvisioningParameters: []types.UpdateProvisioningParameter{
				previous("AccountName"), previous("AccountEmail"),
				{Key: aws.String("ManagedOrganizationalUnit"), Value: aws.String(prod)},
			},
		}))(t)
		time.Sleep(time.Hour)
		if got := b.end(*out.RecordDetail.RecordId) + " " + b.productStatus("a"); got != "SUCCEEDED AVAILABLE" {
			t.Errorf("the update is %s", got)
		}
		if at := b.account("a@example.com").Parent.NameAndID(); at != prod {
			t.Errorf("the account is in %s", at)
		}
	})
}

func TestConcurrencyLimit(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := start(t)
		var records []string
		for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
			records = append(records, b.provision(name, name+"@example.com", dev))
		}
		time.Sleep(2 * time.Minute)
		const full = "Account Factory cannot complete an operation on this account, because the allowed maximum of 5 concurrent " +
			"account operations is exceeded."
		if got := b.end(records[5]); got != "FAILED ResourceInUseException: "+full {
			t.Errorf("the sixth order is %s", got)
		}
		time.Sleep(time.Hour)
		if got := b.end(records[4]); got != "SUCCEEDED" {
			t.Errorf("the fifth order is %s", got)
		}

		b = start(t, "concurrency-limit-synchronous")
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			b.provision(name, name+"@example.com", dev)
		}
		time.Sleep(2 * time.Minute)
		_, err := b.catalog.ProvisionProduct(t.Context(), b.input("f", "f@example.com", dev))
		if code(err) != "ResourceInUseException: "+full {
			t.Errorf("got %v", err)
		}
	})
}

func TestFaultsOfRecords(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for created, want := range map[string]bool{"none": false, "created": true} {
			b := start(t)
			b.world.Do(func() { b.world.FailRecord(world.RecordFault{Code: "Boom", Message: "no luck", Account: created}) })
			id := b.provision("x", "x@example.com", dev)
			time.Sleep(time.Hour)
			if got := b.end(id) + " " + b.productStatus("x"); got != "FAILED Boom: no luck ERROR" {
				t.Errorf("%s: got %s", created, got)
			}
			if a := b.account("x@example.com"); (a != nil) != want {
				t.Errorf("%s: the account is %v", created, a)
			}
			_, err := b.catalog.GetProvisionedProductOutputs(t.Context(), &servicecatalog.GetProvisionedProductOutputsInput{
				ProvisionedProductName: aws.String("x"),
			})
			if !strings.HasPrefix(code(err), "InvalidParametersException") {
				t.Errorf("%s: outputs of a product that never succeeded: %v", created, err)
			}
		}
	})
}

func TestSearchTakesEveryField(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := start(t)
		id := b.provision("a", "a@example.com", dev)
		b.provision("b", "b@example.com", dev)
		time.Sleep(time.Hour)
		product := *b.record(id).RecordDetail.ProvisionedProductId
		search := func(query ...string) (names []string) {
			out := must(b.catalog.SearchProvisionedProducts(t.Context(), &servicecatalog.SearchProvisionedProductsInput{
				Filters: map[string][]string{"SearchQuery": query}, SortBy: aws.String("name"), SortOrder: types.SortOrderDescending,
			}))(t)
			for _, p := range out.ProvisionedProducts {
				names = append(names, *p.Name)
			}
			return names
		}
		for _, query := range []string{
			"name:a", "id:" + product, "idempotencyToken:t-a", "lastRecordId:" + id, "lastProvisioningRecordId:" + id,
			"lastSuccessfulProvisioningRecordId:" + id, "physicalId:" + b.account("a@example.com").ID,
			"arn:arn:aws:servicecatalog:us-east-1:111111111111:stack/a/" + product,
		} {
			if diff := cmp.Diff([]string{"a"}, search(query)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", query, diff)
			}
		}
		both := search("type:CONTROL_TOWER_ACCOUNT", "status:AVAILABLE", "productId:"+b.product, "provisioningArtifactId:"+b.artifact)
		if diff := cmp.Diff([]string{"b", "a"}, both); diff != "" {
			t.Errorf("all (-want +got):\n%s", diff)
		}
	})
}
