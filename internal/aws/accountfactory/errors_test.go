package accountfactory_test

import (
	"errors"
	"testing"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/accountfactory"
	"github.com/vend-cli/vend/internal/aws/awstest"
)

// serviceCatalog is what each exception of Service Catalog means when something is read.
func serviceCatalog(changes map[string]string) map[string]string {
	table := map[string]string{
		"DuplicateResourceException": "wait", "ResourceInUseException": "wait", "InvalidStateException": "wait",
		"LimitExceededException": "wait", "ThrottlingException": "wait",
		"InvalidParametersException": "again", "ValidationException": "again", "TagOptionNotMigratedException": "again",
		"InternalServerException": "again", "ExpiredTokenException": "again", "SomethingNew": "again",
		"ResourceNotFoundException":      "V3006 pause",
		"OperationNotSupportedException": "V3006 pause",
		"AccessDeniedException":          "V3002 pause",
	}
	for code, verdict := range changes {
		table[code] = verdict
	}
	return table
}

// landingZoneOf answers as a landing zone does, but for the one operation.
func landingZoneOf(failing string, transport *awstest.Transport) *awstest.Transport {
	return &awstest.Transport{Answer: func(operation string, in map[string]any) (any, error) {
		switch operation {
		case failing:
			return transport.Answer(operation, in)
		case "DescribeProduct":
			return map[string]any{"ProductViewSummary": map[string]any{"Id": "prodview-1", "ProductId": "prod-1"}}, nil
		case "ListProvisioningArtifacts":
			return map[string]any{"ProvisioningArtifactDetails": []any{map[string]any{"Id": "pa-1", "Active": true}}}, nil
		case "DescribeProvisionedProduct":
			return nil, &awstest.Error{Code: "ResourceNotFoundException"}
		case "list-baselines":
			return map[string]any{"baselines": []any{map[string]any{"name": "AWSControlTowerBaseline", "arn": "arn:b"}}}, nil
		}
		return map[string]any{}, nil
	}}
}

func TestErrorsOfServiceCatalogAreJudged(t *testing.T) {
	t.Parallel()
	refusals := map[string]string{"InvalidParametersException": "V2012 terminal", "ValidationException": "V2012 terminal"}
	for name, test := range map[string]struct {
		operation string
		changes   map[string]string
		call      func(*testing.T, *accountfactory.Client) error
	}{
		"finding Account Factory": {"DescribeProduct", nil, func(t *testing.T, c *accountfactory.Client) error {
			_, err := c.Order(t.Context(), order("vend-r-1-g1", "a@example.com"))
			return err
		}},
		"finding its active version": {"ListProvisioningArtifacts", nil, func(t *testing.T, c *accountfactory.Client) error {
			_, err := c.Factory(t.Context())
			return err
		}},
		"ordering": {"ProvisionProduct", refusals, func(t *testing.T, c *accountfactory.Client) error {
			_, err := c.Order(t.Context(), order("vend-r-1-g1", "a@example.com"))
			return err
		}},
		"terminating": {"TerminateProvisionedProduct", map[string]string{"ResourceNotFoundException": "wait"}, func(t *testing.T, c *accountfactory.Client) error {
			_, err := c.Terminate(t.Context(), "pp-1", "clear-1")
			return err
		}},
		"asking for a record": {"DescribeRecord", map[string]string{"ResourceNotFoundException": "fine"}, func(t *testing.T, c *accountfactory.Client) error {
			_, _, err := c.Record(t.Context(), "rec-1")
			return err
		}},
		"asking for a product": {"DescribeProvisionedProduct", map[string]string{"ResourceNotFoundException": "fine"}, func(t *testing.T, c *accountfactory.Client) error {
			_, _, err := c.Product(t.Context(), "vend-r-1-g1")
			return err
		}},
		"searching products": {"SearchProvisionedProducts", nil, func(t *testing.T, c *accountfactory.Client) error {
			_, _, err := c.Product(t.Context(), "vend-r-1-g1")
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			awstest.Judged(t, "servicecatalog", serviceCatalog(test.changes), func(t *testing.T, transport *awstest.Transport) error {
				answering := landingZoneOf(test.operation, transport)
				err := test.call(t, accountfactory.New(awstest.Config(answering), accountfactory.Options{}))
				if n := answering.Calls(test.operation); n != 1 {
					t.Errorf("%d attempts, want one", n)
				}
				return err
			})
		})
	}
}

func TestErrorsOfControlTowerAreJudged(t *testing.T) {
	t.Parallel()
	table := map[string]string{
		"AccessDeniedException": "V3002 pause", "ConflictException": "wait", "ThrottlingException": "wait", "ServiceQuotaExceededException": "wait",
		"InternalServerException": "again", "ResourceNotFoundException": "again", "ValidationException": "again", "ExpiredTokenException": "again",
	}
	for _, operation := range []string{"list-baselines", "list-enabled-baselines", "list-landingzones"} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			awstest.Judged(t, "controltower", table, func(t *testing.T, transport *awstest.Transport) error {
				c := accountfactory.New(awstest.Config(landingZoneOf(operation, transport)), accountfactory.Options{})
				_, _, busy := c.Busy(t.Context(), 1)
				if operation == "list-landingzones" {
					return busy
				}
				_, governed := c.Governed(t.Context())
				if a, b := awstest.Verdict(busy), awstest.Verdict(governed); a != b {
					t.Errorf("Busy is judged %q, Governed %q", a, b)
				}
				return busy
			})
		})
	}
}

// What Service Catalog says in words when an order is refused at once.
func TestRefusedOrders(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ code, message, want string }{
		"a name that is taken": {"InvalidParametersException", "A stack named vend-r-1-g1 already exists.", "wait"},
		"a name that is bad": {
			"ValidationException",
			"1 validation error detected: Value 'a b' at 'provisionedProductName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9][a-zA-Z0-9._-]*",
			"V2012 terminal",
		},
		"no place in the portfolio":           {"ResourceNotFoundException", "No launch paths found for resource: prod-1", "V3006 pause"},
		"no Account Factory":                  {"ResourceNotFoundException", "Product with name AWS Control Tower Account Factory not found", "V3006 pause"},
		"a parameter that the template lacks": {"InvalidParametersException", "Parameters: [AccountEmail] must have values", "V2012 terminal"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			transport := landingZoneOf("ProvisionProduct", awstest.Always(&awstest.Error{Code: test.code, Message: test.message}))
			_, err := accountfactory.New(awstest.Config(transport), accountfactory.Options{}).Order(t.Context(), order("vend-r-1-g1", "a@example.com"))
			if got := awstest.Verdict(err); got != test.want {
				t.Errorf("%q is judged %q, want %q", test.message, got, test.want)
			}
			var refused account.Refused
			if errors.As(err, &refused) && (refused.Answer.Message != test.message || refused.Answer.RequestID == "") {
				t.Errorf("the refusal gives %+v, want AWS's words", refused.Answer)
			}
		})
	}
}

// The words of records that ended FAILED, as they were seen. Account Factory has hardly any codes for them.
func TestJudgeRecord(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		"Account Factory cannot complete an operation on this account, because another AWS Control Tower operation is in progress. Try again later.": "wait",
		"Account Factory cannot complete an operation on this account, because the allowed maximum of 5 concurrent account operations is exceeded.":  "wait",
		"AWS Control Tower cannot create an account because the email address provided is associated with another account.":                          "V2001 terminal",
		"EMAIL_ALREADY_EXISTS": "V2001 terminal",
		"The parent organizational unit 'ou-ab12-14444444' is not enrolled in AWS Control Tower.":                                                                                                                          "V2002",
		"AWS Control Tower cannot create an account because you have reached the limit on the number of accounts in your organization":                                                                                     "V3007 pause",
		"AWS Control Tower can't create your account due to potential drift in your landing zone":                                                                                                                          "V3008 pause",
		"AWS Control Tower detects that your enrolled account has been moved to a new organizational unit.":                                                                                                                "V2014",
		"AWSControlTowerExecution role can't be assumed on the account.":                                                                                                                                                   "V2006",
		"AWSControlTowerExecution role can’t be assumed on the account.":                                                                                                                                                   "V2006",
		"AWS Control Tower is unable to assume the AWSControlTowerExecution role in the account. Add the role to your account if it's not present, and try again":                                                          "V2006",
		"AWS Control Tower cannot deploy the required stack set. The AWSControlTowerStackSetRole is unable to assume the AWSControlTowerExecution role. To continue, add the management account to the trust relationship": "V2006",
		"AWS Control Tower cannot create an AWS Config delivery channel because one already exists. To continue, delete the existing delivery channel and try again":                                                       "V2007",
		"AWS Control Tower cannot create an AWS Config configuration recorder because one already exists.":                                                                                                                 "V2007",
		"AWS Control Tower could not baseline VPC in the managed account because of existing resource dependencies.":                                                                                                       "V2008",
		"AWS Control Tower failed to deploy one or more stack set instances: StackSet Id: AWSControlTowerBP-BASELINE-CONFIG":                                                                                               "V2011",
		"": "V2011",
	} {
		for _, code := range []string{"", "InternalFailure", "InvalidParametersException"} {
			if got := awstest.Verdict(accountfactory.JudgeRecord([]accountfactory.RecordError{{Code: code, Description: message}})); got != want {
				t.Errorf("%s: %q is judged %q, want %q", code, message, got, want)
			}
		}
	}
	for code, want := range map[string]string{
		"ResourceInUseException": "wait", "ThrottlingException": "wait", "AccessDeniedException": "V2011", "LimitExceededException": "V2011",
	} {
		if got := awstest.Verdict(accountfactory.JudgeRecord([]accountfactory.RecordError{{Code: "Other"}, {Code: code, Description: "x"}})); got != want {
			t.Errorf("%s is judged %q, want %q", code, got, want)
		}
	}
	if got := awstest.Verdict(accountfactory.JudgeRecord(nil)); got != "V2011" {
		t.Errorf("a failure without a reason is judged %q", got)
	}
}
