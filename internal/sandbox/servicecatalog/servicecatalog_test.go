package servicecatalog_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/servicecatalog"
	"github.com/aws/aws-sdk-go-v2/service/servicecatalog/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/sandbox/world"
	"github.com/vend-cli/vend/samples"
)

const dev, prod = "Dev (ou-ab12-11111113)", "Prod (ou-ab12-11111112)"

// box is a sandbox with a client of Account Factory.
type box struct {
	*testing.T
	world    *world.World
	config   aws.Config
	catalog  *servicecatalog.Client
	product  string
	artifact string
}

func start(t *testing.T, assumptions ...string) *box {
	t.Helper()
	flipped := map[string]bool{}
	for _, name := range assumptions {
		flipped[name] = true
	}
	raw, err := json.Marshal(flipped)
	if err != nil {
		t.Fatal(err)
	}
	file := bytes.Replace(samples.LandingZone, []byte(`"assumptions": {}`), append([]byte(`"assumptions": `), raw...), 1)
	s, err := sandbox.New(sandbox.Options{World: file})
	if err != nil {
		t.Fatal(err)
	}
	b := &box{T: t, world: s.World(), config: aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://sandbox.test"), HTTPClient: &http.Client{Transport: s.RoundTripper()},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
	}}
	b.catalog = servicecatalog.NewFromConfig(b.config)
	found := must(b.catalog.SearchProducts(t.Context(), &servicecatalog.SearchProductsInput{
		Filters: map[string][]string{"FullTextSearch": {"AWS Control Tower Account Factory"}},
	}))(t)
	b.product = *found.ProductViewSummaries[0].ProductId
	artifacts := must(b.catalog.ListProvisioningArtifacts(t.Context(), &servicecatalog.ListProvisioningArtifactsInput{
		ProductId: &b.product,
	}))(t)
	for _, a := range artifacts.ProvisioningArtifactDetails {
		if *a.Active {
			b.artifact = *a.Id
		}
	}
	return b
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode() + ": " + api.ErrorMessage()
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func (b *box) input(name, email, unit string) *servicecatalog.ProvisionProductInput {
	in := &servicecatalog.ProvisionProductInput{
		ProductId: &b.product, ProvisioningArtifactId: &b.artifact, ProvisionedProductName: &name, ProvisionToken: aws.String("t-" + name),
	}
	for _, p := range [][2]string{
		{"AccountName", name},
		{"AccountEmail", email},
		{"ManagedOrganizationalUnit", unit},
		{"SSOUserEmail", "new.user@example.com"},
		{"SSOUserFirstName", "New"},
		{"SSOUserLastName", "User"},
	} {
		in.ProvisioningParameters = append(in.ProvisioningParameters, types.ProvisioningParameter{Key: aws.String(p[0]), Value: aws.String(p[1])})
	}
	return in
}

func (b *box) provision(name, email, unit string) string {
	b.Helper()
	return *must(b.catalog.ProvisionProduct(b.Context(), b.input(name, email, unit)))(b.T).RecordDetail.RecordId
}

func (b *box) record(id string) *servicecatalog.DescribeRecordOutput {
	b.Helper()
	return must(b.catalog.DescribeRecord(b.Context(), &servicecatalog.DescribeRecordInput{Id: &id}))(b.T)
}

// end is how a record stands: its status, and the error's code and text.
func (b *box) end(id string) string {
	b.Helper()
	d := b.record(id).RecordDetail
	text := string(d.Status)
	for _, e := range d.RecordErrors {
		text += " " + aws.ToString(e.Code) + ": " + *e.Description
	}
	return text
}

func (b *box) productStatus(name string) string {
	b.Helper()
	d, err := b.catalog.DescribeProvisionedProduct(b.Context(), &servicecatalog.DescribeProvisionedProductInput{Name: &name})
	if err != nil {
		return code(err)
	}
	return string(d.ProvisionedProductDetail.Status)
}

func (b *box) account(email string) (a *world.Account) {
	b.world.Do(func() { a = b.world.AccountByEmail(email) })
	return a
}

func inBubble(t *testing.T, f func(*testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, f)
}

func TestVend(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := start(t)
		id := b.provision("payments", "payments@example.com", dev)
		first := b.record(id)
		if d := first.RecordDetail; d.Status != types.RecordStatusCreated || len(d.RecordErrors) != 0 || *d.ProvisionedProductType != "CONTROL_TOWER_ACCOUNT" {
			t.Errorf("the first answer is %+v", d)
		}
		statuses := []string{}
		for range 27 {
			if s := b.end(id) + " " + b.productStatus("payments"); len(statuses) == 0 || statuses[len(statuses)-1] != s {
				statuses = append(statuses, s)
			}
			time.Sleep(time.Minute)
		}
		if diff := cmp.Diff([]string{"CREATED UNDER_CHANGE", "IN_PROGRESS UNDER_CHANGE", "SUCCEEDED AVAILABLE"}, statuses); diff != "" {
			t.Errorf("statuses (-want +got):\n%s", diff)
		}
		a := b.account("payments@example.com")
		outputs := map[string]string{}
		for _, o := range b.record(id).RecordOutputs {
			outputs[*o.OutputKey] = *o.OutputValue
		}
		want := map[string]string{
			"AccountId": a.ID, "AccountEmail": "payments@example.com", "SSOUserEmail": "new.user@example.com", "SSOUserPortal": b.world.Portal(),
		}
		if diff := cmp.Diff(want, outputs); diff != "" {
			t.Errorf("outputs (-want +got):\n%s", diff)
		}
		parents := must(organizations.NewFromConfig(b.config).ListParents(t.Context(), &organizations.ListParentsInput{ChildId: &a.ID}))(t)
		if len(parents.Parents) == 1 && *parents.Parents[0].Id != "ou-ab12-11111113" {
			t.Errorf("the account is in %v", parents.Parents)
		}
		found := must(b.catalog.SearchProvisionedProducts(t.Context(), &servicecatalog.SearchProvisionedProductsInput{
			Filters: map[string][]string{"SearchQuery": {"physicalId:" + a.ID}},
		}))(t)
		if len(found.ProvisionedProducts) != 1 || *found.ProvisionedProducts[0].IdempotencyToken != "t-payments" {
			t.Errorf("the search found %+v", found.ProvisionedProducts)
		}
		b.hasAdministrator(a.ID)
	})
}

// hasAdministrator makes sure that the access user of the order was made and let in.
func (b *box) hasAdministrator(account string) {
	b.Helper()
	ic := b.world.IdentityCenter
	user := must(identitystore.NewFromConfig(b.config).ListUsers(b.Context(), &identitystore.ListUsersInput{
		IdentityStoreId: &ic.StoreID,
	}))(b.T).Users
	sets := must(ssoadmin.NewFromConfig(b.config).ListPermissionSetsProvisionedToAccount(b.Context(),
		&ssoadmin.ListPermissionSetsProvisionedToAccountInput{InstanceArn: &ic.InstanceARN, AccountId: &account}))(b.T).PermissionSets
	if last := user[len(user)-1]; *last.UserName != "new.user@example.com" || *last.Name.GivenName != "New" {
		b.Errorf("the access user is %+v", last)
	}
	if diff := cmp.Diff([]string{ic.PermissionSetNamed("AWSAdministratorAccess").ARN}, sets); diff != "" {
		b.Errorf("permission sets (-want +got):\n%s", diff)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		name, email, unit string
		before            func(*world.World)
		assumption        string
		want, product     string
	}{
		"a unit that is not registered": {
			email: "n@example.com", unit: "Legacy (ou-ab12-14444444)",
			want: "FAILED InvalidParametersException: The parent organizational unit 'Legacy (ou-ab12-14444444)' is not enrolled in AWS Control Tower.",
		},
		"a bare name of a unit": {
			email: "n@example.com", unit: "Sandbox",
			want: "FAILED InvalidParametersException: The parent organizational unit 'Sandbox' is not enrolled in AWS Control Tower.",
		},
		"a bare name, where it is taken": {email: "n@example.com", unit: "Sandbox", assumption: "bare-ou-name", want: "SUCCEEDED", product: "AVAILABLE"},
		"a unit under another name": {
			email: "n@example.com", unit: "Prod (ou-ab12-11111113)",
			want: "FAILED InvalidParametersException: The parent organizational unit 'Prod (ou-ab12-11111113)' is not enrolled in AWS Control Tower.",
		},
		"a unit under another name, where only ids count": {
			email: "n@example.com", unit: "Prod (ou-ab12-11111113)", assumption: "ou-name-mismatch", want: "SUCCEEDED", product: "AVAILABLE",
		},
		"an address that somebody has elsewhere": {
			email: "Taken@example.com", unit: dev,
			want: "FAILED InvalidParametersException: AWS Control Tower cannot create the account because the email address provided is associated with another account: Taken@example.com",
		},
		"the management account's address": {
			email: "aws-management@example.com", unit: dev,
			want: "FAILED InvalidParametersException: AWS Control Tower cannot create the account because the email address provided is associated with another account: aws-management@example.com",
		},
		"an account that lacks the role": {
			email: "legacy-1@example.com", unit: dev,
			want: "FAILED InternalFailure: AWS Control Tower is unable to assume the AWSControlTowerExecution role in the account. Add the role to your account if it's not present, and try again.",
		},
		"an account without the role, where nothing has a code": {
			email: "legacy-1@example.com", unit: dev, assumption: "record-error-without-code",
			want: "FAILED : AWS Control Tower is unable to assume the AWSControlTowerExecution role in the account. Add the role to your account if it's not present, and try again.",
		},
		"an account with a Config recorder": {
			email: "legacy-3@example.com", unit: dev, before: role("222222222203"),
			want: "FAILED InternalFailure: AWS Control Tower cannot create an AWS Config configuration recorder because one already exists. To continue, delete the existing configuration recorder and try again.",
		},
		"an account whose default VPC is in use": {
			email: "legacy-4@example.com", unit: dev, before: func(w *world.World) { w.Account("222222222204").DefaultVPCInUse = true },
			want:    "FAILED InternalFailure: AWS Control Tower could not baseline VPC in the managed account because of existing resource dependencies.",
			product: "TAINTED",
		},
		"an account whose default VPC is in use, where that does not matter": {
			email: "legacy-4@example.com", unit: dev, before: func(w *world.World) { w.Account("222222222204").DefaultVPCInUse = true },
			assumption: "default-vpc-in-use", want: "SUCCEEDED", product: "AVAILABLE",
		},
		"a suspended account": {
			email: "closed-1@example.com", unit: dev,
			want: "FAILED InternalFailure: AWSControlTowerExecution role can't be assumed on the account.",
		},
		"an existing account in good order": {email: "LEGACY-4@example.com", unit: dev, want: "SUCCEEDED", product: "AVAILABLE"},
		"an existing account, where case counts": {
			email: "LEGACY-4@example.com", unit: dev, assumption: "enroll-email-case",
			want: "FAILED InvalidParametersException: AWS Control Tower cannot create the account because the email address provided is associated with another account: LEGACY-4@example.com",
		},
		"an existing account under another name, where that counts": {
			email: "Legacy-4@example.com", unit: dev, assumption: "enroll-name-mismatch",
			want: "FAILED InvalidParametersException: The account name 'x' does not match the name of account 222222222204.",
		},
		"drift of the landing zone": {
			email: "n@example.com", unit: dev, before: func(w *world.World) { w.LandingZone.Drift = "DRIFTED" },
			want: "FAILED InternalFailure: AWS Control Tower can't create your account due to potential drift in your landing zone",
		},
		"a landing zone at work": {
			email: "n@example.com", unit: dev, before: func(w *world.World) { w.LandingZone.Status = "PROCESSING" },
			want: "FAILED ResourceInUseException: Account Factory cannot complete an operation on this account, because another AWS Control Tower operation is in progress. Try again later.",
		},
		"a full organization": {
			email: "n@example.com", unit: dev, before: func(w *world.World) { w.Quotas.Accounts = 3 },
			want: "FAILED InternalFailure: AWS Control Tower cannot create an account because you have reached the limit on the number of accounts in your organization",
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				b := start(t, notEmpty(test.assumption)...)
				if test.before != nil {
					b.world.Do(func() { test.before(b.world) })
				}
				id := b.provision("x", test.email, test.unit)
				time.Sleep(time.Hour)
				if test.product == "" {
					test.product = "ERROR"
				}
				if diff := cmp.Diff([]string{test.want, test.product}, []string{b.end(id), b.productStatus("x")}); diff != "" {
					t.Errorf("record and product (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func notEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func role(account string) func(*world.World) {
	return func(w *world.World) { w.Account(account).AddRole("AWSControlTowerExecution") }
}
