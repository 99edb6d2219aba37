package quotas_test

import (
	"bytes"
	"errors"
	"net/http"
	"regexp"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
	smithyauth "github.com/aws/smithy-go/auth"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/quotas"
	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/samples"
)

func landingZone(t *testing.T, assumptions string) *sandbox.Sandbox {
	t.Helper()
	file := bytes.Replace(samples.LandingZone, []byte(`"assumptions": {}`), []byte(`"assumptions": {`+assumptions+`}`), 1)
	s, err := sandbox.New(sandbox.Options{World: file})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		assumptions string
		region      string
		limit       int
		applied     bool
	}{
		"the quota as it is":                        {limit: 100, applied: true},
		"asked from another Region":                 {region: "eu-west-1", limit: 100, applied: true},
		"the quota under its older code and name":   {assumptions: `"quota-code-of-accounts":true`, limit: 100, applied: true},
		"a quota of which AWS tells the default":    {assumptions: `"quota-of-accounts-applied":true`, limit: 10},
		"the same under its older code and name":    {assumptions: `"quota-of-accounts-applied":true,"quota-code-of-accounts":true`, limit: 10},
		"beside a quota that nobody knows the code": {assumptions: `"quota-code-of-account-operations":true`, limit: 100, applied: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := awstest.Config(landingZone(t, test.assumptions).RoundTripper())
			if test.region != "" {
				cfg.Region = test.region
			}
			limit, applied, err := quotas.New(cfg).Accounts(t.Context())
			if err != nil || limit != test.limit || applied != test.applied {
				t.Errorf("the organization may have %d accounts, applied %t, %v; want %d, %t", limit, applied, err, test.limit, test.applied)
			}
		})
	}
}

// listing is a transport that answers the two lists of quotas.
func listing(applied, defaults any) *awstest.Transport {
	return &awstest.Transport{Answer: func(operation string, _ map[string]any) (any, error) {
		answer := map[string]any{"ListServiceQuotas": applied, "ListAWSDefaultServiceQuotas": defaults}[operation]
		if err, refused := answer.(error); refused {
			return nil, err
		}
		return answer, nil
	}}
}

func TestAccountsAsAWSMayList(t *testing.T) {
	t.Parallel()
	type object = map[string]any
	quota := func(name string, value float64) object { return object{"QuotaName": name, "Value": value} }
	list := func(quotas ...object) object { return object{"Quotas": quotas} }
	without := func(code string) object {
		return list(object{"QuotaName": "Maximum number of accounts", "ErrorReason": object{"ErrorCode": code, "ErrorMessage": "in AWS's words"}})
	}
	older, newer := quota("Default maximum number of accounts", 10), quota("Maximum number of accounts", 250)
	for name, test := range map[string]struct {
		applied, defaults any
		limit             int
		isApplied         bool
		verdict           string
	}{
		"both names":                               {applied: list(older, newer), limit: 250, isApplied: true, verdict: "fine"},
		"other quotas only, and a default":         {applied: list(quota("Policies per account", 5)), defaults: list(newer), limit: 250, verdict: "fine"},
		"no quotas of Organizations":               {applied: &awstest.Error{Code: "NoSuchResourceException"}, defaults: list(older), limit: 10, verdict: "fine"},
		"nothing of that name":                     {applied: list(), defaults: list(quota("Accounts", 7)), verdict: "again"},
		"no quotas of Organizations anywhere":      {applied: list(), defaults: &awstest.Error{Code: "NoSuchResourceException"}, verdict: "again"},
		"defaults that nobody may see":             {applied: list(), defaults: &awstest.Error{Code: "AccessDeniedException"}, verdict: "V3002"},
		"no value for want of permission":          {applied: without("DEPENDENCY_ACCESS_DENIED_ERROR"), verdict: "V3002"},
		"no value for too many calls":              {applied: without("DEPENDENCY_THROTTLING_ERROR"), verdict: "wait"},
		"no value for an error of Organizations":   {applied: without("DEPENDENCY_SERVICE_ERROR"), verdict: "again"},
		"no value for an error of Service Quotas":  {applied: without("SERVICE_QUOTA_NOT_AVAILABLE_ERROR"), verdict: "again"},
		"no value, and nobody says why":            {applied: list(object{"QuotaName": "Maximum number of accounts"}), verdict: "again"},
		"a page that holds nothing before the one": {applied: nil, limit: 250, isApplied: true, verdict: "fine"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			transport := listing(test.applied, test.defaults)
			if test.applied == nil {
				transport.Answer = func(_ string, in map[string]any) (any, error) {
					if in["NextToken"] == nil {
						return object{"Quotas": []object{}, "NextToken": "bW9yZQ=="}, nil
					}
					return list(newer), nil
				}
			}
			limit, applied, err := quotas.New(awstest.Config(transport)).Accounts(t.Context())
			if got := awstest.Verdict(err); got != test.verdict || limit != test.limit || applied != test.isApplied {
				t.Errorf("%d accounts, applied %t, judged %q: %v; want %d, %t, %q", limit, applied, got, err, test.limit, test.isApplied, test.verdict)
			}
		})
	}
}

func TestErrorsAreJudged(t *testing.T) {
	t.Parallel()
	table := map[string]string{
		"AccessDeniedException": "V3002", "DependencyAccessDeniedException": "V3002", "NoAvailableOrganizationException": "V3010",
		"TooManyRequestsException": "wait", "ThrottlingException": "wait",
		"ServiceException": "again", "NoSuchResourceException": "again", "IllegalArgumentException": "again",
		"InvalidPaginationTokenException": "again", "ExpiredTokenException": "again",
	}
	for _, other := range []string{ // of operations that this client does not call
		"AWSServiceAccessNotEnabledException", "InvalidResourceStateException", "OrganizationNotInAllFeaturesModeException",
		"QuotaExceededException", "ResourceAlreadyExistsException", "ServiceQuotaTemplateNotInUseException",
		"TagPolicyViolationException", "TemplatesNotAvailableInRegionException", "TooManyTagsException",
	} {
		table[other] = "again"
	}
	awstest.Judged(t, "servicequotas", table, func(t *testing.T, transport *awstest.Transport) error {
		_, _, err := quotas.New(awstest.Config(transport)).Accounts(t.Context())
		return err
	})
}

// Who may not look is told so in AWS's words, and the pipeline goes on.
func TestALookThatIsDenied(t *testing.T) {
	t.Parallel()
	denied := awstest.Always(&awstest.Error{Code: "AccessDeniedException", Message: "User is not authorized to perform: servicequotas:ListServiceQuotas"})
	_, _, err := quotas.New(awstest.Config(denied)).Accounts(t.Context())
	var refused account.Refused
	if !errors.As(err, &refused) || refused.Pause || refused.Answer.Operation != "servicequotas.ListServiceQuotas" || refused.Answer.Message == "" {
		t.Errorf("got %#v; want a refusal with AWS's words that pauses nothing", err)
	}
}

// TestRegions compares with where the SDK itself sends requests to Organizations.
func TestRegions(t *testing.T) {
	t.Parallel()
	signed := regexp.MustCompile(`Credential=[^/]+/\d+/([^/]+)/servicequotas/`)
	for _, region := range []string{
		"us-east-1", "eu-west-1", "ap-southeast-2", "il-central-1", "mx-central-1", "cn-north-1", "us-gov-east-1", "us-gov-west-1",
		"us-iso-west-1", "us-isob-east-1", "us-isof-east-1", "eu-isoe-west-1", "eusc-de-east-1",
	} {
		endpoint, err := organizations.NewDefaultEndpointResolverV2().ResolveEndpoint(t.Context(), organizations.EndpointParameters{Region: &region}.WithDefaults())
		if err != nil {
			t.Fatal(err)
		}
		want := region // where the SDK's rules name none
		if options, ok := smithyauth.GetAuthOptions(&endpoint.Properties); ok {
			want, _ = smithyhttp.GetSigV4SigningRegion(&options[0].SignerProperties)
		}
		var got string
		cfg := awstest.Config(roundTrip(func(r *http.Request) (*http.Response, error) {
			got = signed.FindStringSubmatch(r.Header.Get("Authorization"))[1]
			return nil, awstest.ErrLost
		}))
		cfg.Region = region
		_, _, err = quotas.New(cfg).Accounts(t.Context())
		if !errors.Is(err, awstest.ErrLost) || got != want {
			t.Errorf("from %s it asks in %q (%v), and Organizations is in %s", region, got, err, want)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
