package servicequotas_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

const (
	accounts   = "L-E619E033"
	operations = "L-C0AC0955"
)

// start makes a landing zone in eu-west-1 that may have 40 accounts and 8 account operations at a time.
func start(t *testing.T, assumptions string) (*sandbox.Sandbox, func(region string) *servicequotas.Client) {
	t.Helper()
	s, err := sandbox.New(sandbox.Options{World: fmt.Appendf(nil, `{
		"managementAccount":{"id":"111111111111","email":"root@example.com"},"region":"eu-west-1",
		"quotas":{"accounts":40,"concurrentAccountOperations":8},"assumptions":{%s},
		"root":{"id":"r-ab12","accounts":[{"id":"222222222201","name":"one","email":"one@example.com"}]}}`, assumptions)})
	if err != nil {
		t.Fatal(err)
	}
	return s, func(region string) *servicequotas.Client {
		return servicequotas.NewFromConfig(aws.Config{
			Region: region, BaseEndpoint: aws.String("http://sandbox.test"), Retryer: func() aws.Retryer { return aws.NopRetryer{} },
			Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
			HTTPClient:  &http.Client{Transport: s.RoundTripper()},
		})
	}
}

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return fmt.Sprint(err)
}

// shown is a quota in short; level and account are empty in a default.
func shown(q *types.ServiceQuota) string {
	arn := strings.Split(*q.QuotaArn, ":")
	return fmt.Sprintf("%s %q %v global=%t level=%s account=%s in %s", *q.ServiceCode, *q.QuotaName, *q.Value, q.GlobalQuota, q.QuotaAppliedAtLevel, arn[4], arn[3])
}

func get(t *testing.T, c *servicequotas.Client, service, quota string) string {
	t.Helper()
	out, err := c.GetServiceQuota(t.Context(), &servicequotas.GetServiceQuotaInput{ServiceCode: &service, QuotaCode: &quota})
	if err != nil {
		return code(err)
	}
	return shown(out.Quota)
}

func getDefault(t *testing.T, c *servicequotas.Client, service, quota string) string {
	t.Helper()
	out, err := c.GetAWSDefaultServiceQuota(t.Context(), &servicequotas.GetAWSDefaultServiceQuotaInput{ServiceCode: &service, QuotaCode: &quota})
	if err != nil {
		return code(err)
	}
	return shown(out.Quota)
}

// listed are the names of all quotas of a service, read one a page.
func listed(t *testing.T, c *servicequotas.Client, in *servicequotas.ListServiceQuotasInput) []string {
	t.Helper()
	names := []string{}
	for pages := servicequotas.NewListServiceQuotasPaginator(c, in, func(o *servicequotas.ListServiceQuotasPaginatorOptions) { o.Limit = 1 }); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			return []string{code(err)}
		}
		for _, q := range page.Quotas {
			names = append(names, *q.QuotaName)
		}
	}
	return names
}

func TestQuotas(t *testing.T) {
	t.Parallel()
	const older = "L-29A0C5DF"
	for name, test := range map[string]struct {
		assumptions, region, service, quota string
		applied, byDefault                  string
	}{
		"accounts": {
			region: "us-east-1", service: "organizations", quota: accounts,
			applied:   `organizations "Maximum number of accounts" 40 global=true level=ACCOUNT account=111111111111 in us-east-1`,
			byDefault: `organizations "Maximum number of accounts" 10 global=true level= account= in us-east-1`,
		},
		"accounts, asked for elsewhere": {
			region: "eu-west-1", service: "organizations", quota: accounts, applied: "NoSuchResourceException", byDefault: "NoSuchResourceException",
		},
		"accounts, of which only the default is known": {
			assumptions: `"quota-of-accounts-applied":true`, region: "us-east-1", service: "organizations", quota: accounts,
			applied:   "NoSuchResourceException",
			byDefault: `organizations "Maximum number of accounts" 10 global=true level= account= in us-east-1`,
		},
		"accounts under the older code": {
			assumptions: `"quota-code-of-accounts":true`, region: "us-east-1", service: "organizations", quota: older,
			applied:   `organizations "Default maximum number of accounts" 40 global=true level=ACCOUNT account=111111111111 in us-east-1`,
			byDefault: `organizations "Default maximum number of accounts" 10 global=true level= account= in us-east-1`,
		},
		"a code that is no more": {
			region: "us-east-1", service: "organizations", quota: older, applied: "NoSuchResourceException", byDefault: "NoSuchResourceException",
		},
		"account operations in the home Region": {
			region: "eu-west-1", service: "controltower", quota: operations,
			applied:   `controltower "Concurrent account operations" 8 global=false level=ACCOUNT account=111111111111 in eu-west-1`,
			byDefault: `controltower "Concurrent account operations" 5 global=false level= account= in eu-west-1`,
		},
		"account operations elsewhere": {
			region: "us-east-1", service: "controltower", quota: operations,
			applied:   `controltower "Concurrent account operations" 5 global=false level=ACCOUNT account=111111111111 in us-east-1`,
			byDefault: `controltower "Concurrent account operations" 5 global=false level= account= in us-east-1`,
		},
		"account operations under another code": {
			assumptions: `"quota-code-of-account-operations":true`, region: "eu-west-1", service: "controltower", quota: operations,
			applied: "NoSuchResourceException", byDefault: "NoSuchResourceException",
		},
		"no such service": {region: "us-east-1", service: "none", quota: accounts, applied: "NoSuchResourceException", byDefault: "NoSuchResourceException"},
		"a code that is none": {
			region: "us-east-1", service: "organizations", quota: "L 1", applied: "IllegalArgumentException", byDefault: "IllegalArgumentException",
		},
		"a service that is none": {
			region: "us-east-1", service: "7", quota: accounts, applied: "IllegalArgumentException", byDefault: "IllegalArgumentException",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, in := start(t, test.assumptions)
			c := in(test.region)
			got := []string{get(t, c, test.service, test.quota), getDefault(t, c, test.service, test.quota)}
			if diff := cmp.Diff([]string{test.applied, test.byDefault}, got); diff != "" {
				t.Errorf("the quota as applied, and by default (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheQuotaIsTheWorldsOwn(t *testing.T) {
	t.Parallel()
	s, in := start(t, "")
	s.World().Do(func() { s.World().Quotas.Accounts = 41 })
	if got := get(t, in("us-east-1"), "organizations", accounts); !strings.Contains(got, " 41 ") {
		t.Errorf("after AWS has granted one more: %s", got)
	}
	// A member's quotas are its own: nobody raised them.
	s.World().Do(func() {
		s.World().Grant("AKIDEXAMPLE", world.Caller{Account: "222222222201", ARN: "arn:aws:sts::222222222201:assumed-role/Admin/s"})
	})
	if got := get(t, in("us-east-1"), "organizations", accounts); !strings.Contains(got, " 10 ") || !strings.Contains(got, "222222222201") {
		t.Errorf("asked by a member: %s", got)
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	_, in := start(t, "")
	c := in("us-east-1")
	services := []string{}
	for pages := servicequotas.NewListServicesPaginator(c, &servicequotas.ListServicesInput{MaxResults: aws.Int32(1)}); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range page.Services {
			services = append(services, *s.ServiceCode)
		}
	}
	if diff := cmp.Diff([]string{"controltower", "organizations"}, services); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
	defaults, err := c.ListAWSDefaultServiceQuotas(t.Context(), &servicequotas.ListAWSDefaultServiceQuotasInput{ServiceCode: aws.String("controltower")})
	if err != nil || len(defaults.Quotas) != 1 || *defaults.Quotas[0].Value != 5 {
		t.Errorf("defaults: %+v, %v", defaults, err)
	}
	_, err = in("eu-west-1").ListAWSDefaultServiceQuotas(t.Context(), &servicequotas.ListAWSDefaultServiceQuotasInput{ServiceCode: aws.String("organizations")})
	if code(err) != "NoSuchResourceException" {
		t.Errorf("defaults of a service that is not in the Region: %v", err)
	}
	_, unknown := start(t, `"quota-of-accounts-applied":true`)
	organizations := aws.String("organizations")
	for name, test := range map[string]struct {
		client *servicequotas.Client
		in     servicequotas.ListServiceQuotasInput
		want   []string
	}{
		"all of a service":                      {c, servicequotas.ListServiceQuotasInput{ServiceCode: organizations}, []string{"Maximum number of accounts"}},
		"one by its code":                       {c, servicequotas.ListServiceQuotasInput{ServiceCode: organizations, QuotaCode: aws.String(accounts)}, []string{"Maximum number of accounts"}},
		"one by a code that is not there":       {c, servicequotas.ListServiceQuotasInput{ServiceCode: organizations, QuotaCode: aws.String(operations)}, []string{}},
		"those of resources":                    {c, servicequotas.ListServiceQuotasInput{ServiceCode: organizations, QuotaAppliedAtLevel: types.AppliedLevelEnumResource}, []string{}},
		"those of every level":                  {c, servicequotas.ListServiceQuotasInput{ServiceCode: organizations, QuotaAppliedAtLevel: types.AppliedLevelEnumAll}, []string{"Maximum number of accounts"}},
		"those of no level":                     {c, servicequotas.ListServiceQuotasInput{ServiceCode: organizations, QuotaAppliedAtLevel: "NONE"}, []string{"IllegalArgumentException"}},
		"one of which only the default is told": {unknown("us-east-1"), servicequotas.ListServiceQuotasInput{ServiceCode: organizations}, []string{}},
		"no such service":                       {c, servicequotas.ListServiceQuotasInput{ServiceCode: aws.String("none")}, []string{"NoSuchResourceException"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, listed(t, test.client, &test.in)); diff != "" {
				t.Errorf("quotas (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	_, in := start(t, "")
	c := in("us-east-1")
	first, err := c.ListServices(t.Context(), &servicequotas.ListServicesInput{MaxResults: aws.Int32(1)})
	if err != nil || first.NextToken == nil {
		t.Fatalf("a page of one: %+v, %v", first, err)
	}
	for name, test := range map[string]struct {
		most  int32
		token string
		want  string
	}{
		"no page":                  {0, "", "IllegalArgumentException"},
		"a page of more than 100":  {101, "", "IllegalArgumentException"},
		"a token that is none":     {1, "x", "InvalidPaginationTokenException"},
		"a token of another list":  {1, *first.NextToken, "InvalidPaginationTokenException"},
		"a token from beyond":      {1, "YXBwbGllZC9vcmdhbml6YXRpb25zIDk5", "InvalidPaginationTokenException"},
		"a token without a number": {1, "YXBwbGllZC9vcmdhbml6YXRpb25zIHg=", "InvalidPaginationTokenException"},
		"a token from the start":   {1, "YXBwbGllZC9vcmdhbml6YXRpb25zIDA=", "<nil>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := &servicequotas.ListServiceQuotasInput{ServiceCode: aws.String("organizations"), MaxResults: &test.most}
			if test.token != "" {
				in.NextToken = &test.token
			}
			if _, err := c.ListServiceQuotas(t.Context(), in); code(err) != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}
