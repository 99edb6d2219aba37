package account_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
)

// answered is an error as the SDK makes it of an answer.
func answered(status int, code, message string) error {
	return &smithy.OperationError{ServiceID: "Service Catalog", OperationName: "ProvisionProduct", Err: &awshttp.ResponseError{
		RequestID: "request-1",
		ResponseError: &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}},
			Err:      &smithy.GenericAPIError{Code: code, Message: message},
		},
	}}
}

func TestAnswerOf(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err   error
		want  account.Answer
		ok    bool
		fault bool
	}{
		"an answer": {
			answered(400, "InvalidParametersException", "A stack named x already exists."),
			account.Answer{Operation: "o", Code: "InvalidParametersException", Message: "A stack named x already exists.", RequestID: "request-1"},
			true, false,
		},
		"an answer that was wrapped": {
			fmt.Errorf("order account: %w", answered(500, "InternalFailure", "")),
			account.Answer{Operation: "o", Code: "InternalFailure", RequestID: "request-1"},
			true, true,
		},
		"no answer":                {&smithy.OperationError{Err: errors.New("connection reset by peer")}, account.Answer{Operation: "o"}, false, false},
		"an error of our own":      {errors.New("no"), account.Answer{Operation: "o"}, false, false},
		"no error":                 {nil, account.Answer{Operation: "o"}, false, false},
		"trouble of AWS's gateway": {answered(503, "", ""), account.Answer{Operation: "o", RequestID: "request-1"}, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := account.AnswerOf("o", test.err)
			if diff := cmp.Diff(test.want, got); diff != "" || ok != test.ok {
				t.Errorf("ok %t, -want +got:\n%s", ok, diff)
			}
			if fault := account.ServerFault(test.err); fault != test.fault {
				t.Errorf("ServerFault = %t", fault)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	r := account.Refused{
		Code: "V2012", Reason: "Service Catalog refuses the order", Hint: "correct the row",
		Answer: account.Answer{Code: "ValidationException", Message: "word for word", RequestID: "request-1"},
	}
	if got := r.Error(); !strings.Contains(got, "Service Catalog refuses the order") || !strings.Contains(got, "ValidationException: word for word") {
		t.Errorf("it says %q", got)
	}
	want := &account.Failure{
		Code: "V2012", Class: account.ClassOperator, Message: "Service Catalog refuses the order", Hint: "correct the row",
		AWSCode: "ValidationException", AWSMessage: "word for word", AWSRequestID: "request-1",
	}
	if diff := cmp.Diff(want, r.Failure()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	r.Class, r.Answer = account.ClassTerminal, account.Answer{}
	if r.Failure().Class != account.ClassTerminal || r.Error() != r.Reason {
		t.Errorf("without an answer: %v, %+v", r, r.Failure())
	}
	var found account.Refused
	if !errors.As(fmt.Errorf("step: %w", r), &found) || found.Code != "V2012" {
		t.Error("it is lost when it is wrapped")
	}
	var wait account.Wait
	if errors.As(r, &wait) || !errors.As(fmt.Errorf("step: %w", account.Wait{Why: "for AWS"}), &wait) || wait.Error() != "wait: for AWS" {
		t.Errorf("verdicts are mixed up: %v", wait)
	}
}
